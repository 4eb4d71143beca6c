package keyring

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hedui/hedui/engine/durable"
)

// keyFileFormat is the version of key files. History: 1, first.
const keyFileFormat = 1

// masters is what a key file holds. It belongs to one data directory, so that nobody
// retires a master key that wraps a key elsewhere.
type masters struct {
	suite     Provider
	directory string
	keys      []master // by ascending version
}

type master struct {
	version uint32
	secret  []byte
}

type keyFileJSON struct {
	Format    int          `json:"hedui_key_file"`
	Suite     string       `json:"suite"`
	Directory string       `json:"directory"`
	Keys      []masterJSON `json:"master_keys"`
	Checksum  string       `json:"sha256"`
}

type masterJSON struct {
	Version uint32 `json:"version"`
	Key     string `json:"key"`
}

// sealJSON encodes a value whose checksum is that of its encoding with an empty one.
func sealJSON(v any, checksum *string) ([]byte, error) {
	encode := func() ([]byte, error) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		err := e.Encode(v)
		return b.Bytes(), err
	}
	*checksum = ""
	b, err := encode()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	*checksum = hex.EncodeToString(sum[:])
	return encode()
}

func (m *masters) encode() ([]byte, error) {
	w := keyFileJSON{Format: keyFileFormat, Suite: m.suite.Name(), Directory: m.directory, Keys: []masterJSON{}}
	for _, k := range m.keys {
		w.Keys = append(w.Keys, masterJSON{k.version, hex.EncodeToString(k.secret)})
	}
	return sealJSON(&w, &w.Checksum)
}

// parseMasters reads a key file. It accepts only what encode writes. No error holds a
// part of it.
func parseMasters(b []byte) (*masters, error) {
	var w keyFileJSON
	if err := json.Unmarshal(b, &w); err != nil || w.Format == 0 {
		return nil, fmt.Errorf("%w: it is no key file", ErrDamaged)
	}
	if w.Format != keyFileFormat {
		return nil, fmt.Errorf("key file of format %d, this program reads format %d", w.Format, keyFileFormat)
	}
	suite, err := ProviderOf(w.Suite)
	if err != nil {
		return nil, err
	}
	m := &masters{suite: suite, directory: w.Directory}
	for _, k := range w.Keys {
		secret, err := hex.DecodeString(k.Key)
		if err != nil || len(secret) != suite.KeySize() || k.Version == 0 || len(m.keys) > 0 && m.newest().version >= k.Version {
			return nil, fmt.Errorf("%w: impossible master key", ErrDamaged)
		}
		m.keys = append(m.keys, master{k.Version, secret})
	}
	again, err := m.encode()
	if err != nil {
		return nil, err
	}
	if len(m.keys) == 0 || !bytes.Equal(again, b) {
		return nil, fmt.Errorf("%w: the key file is not what was written", ErrDamaged)
	}
	return m, nil
}

func (m *masters) newest() *master { return &m.keys[len(m.keys)-1] }

func (m *masters) version(v uint32) *master {
	for i := range m.keys {
		if m.keys[i].version == v {
			return &m.keys[i]
		}
	}
	return nil
}

// add makes the next master key.
func (m *masters) add(version uint32) error {
	secret := make([]byte, m.suite.KeySize())
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	m.keys = append(m.keys, master{version, secret})
	return nil
}

// readMasters reads a key file that only its owner may read.
func readMasters(name string) (*masters, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a file", name)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %04o: %w", name, mode, ErrLoose)
	}
	var m *masters
	err = again(func() error {
		b, err := os.ReadFile(name)
		if err == nil {
			m, err = parseMasters(b)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", name, err)
	}
	return m, nil
}

// again reads once more what looked damaged: an old file that was just replaced is
// overwritten, and who had it open then must look at the new one.
func again(read func() error) (err error) {
	for range 3 {
		if err = read(); !errors.Is(err, ErrDamaged) {
			return err
		}
	}
	return err
}

// replaceFile replaces a file durably and then overwrites the old one with zeros, as
// far as the file system writes in place: what a new file leaves out is to be gone.
func replaceFile(disk durable.Disk, name string, data []byte) error {
	old, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := disk.WriteFile(name, data, 0o600); err != nil {
		if old != nil {
			_ = old.Close()
		}
		return err
	}
	if old == nil {
		return nil
	}
	info, err := old.Stat()
	if err == nil {
		_, err = old.WriteAt(make([]byte, info.Size()), 0)
	}
	if err == nil && !disk.NoSync {
		err = old.Sync()
	}
	return errors.Join(err, old.Close())
}

// outside refuses a key file that lies in the directory it is to protect.
func outside(dir, keyFile string) error {
	whole := func(name string) (string, error) {
		name, err := filepath.Abs(name)
		if err != nil {
			return "", err
		}
		if real, err := filepath.EvalSymlinks(name); err == nil {
			return real, nil
		}
		// It may be still to be made.
		parent, err := filepath.EvalSymlinks(filepath.Dir(name))
		if err != nil {
			return name, nil //nolint:nilerr // nor is its parent there: then the text decides
		}
		return filepath.Join(parent, filepath.Base(name)), nil
	}
	d, err := whole(dir)
	if err != nil {
		return err
	}
	f, err := whole(keyFile)
	if err != nil {
		return err
	}
	if f == d || strings.HasPrefix(f, d+string(filepath.Separator)) {
		return fmt.Errorf("%s: %w", keyFile, ErrInside)
	}
	return nil
}
