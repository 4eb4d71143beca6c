package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

// The files of a generation that are ours. Everything else in its directory is
// Badger's.
const (
	fenceFile    = "fence"
	manifestFile = "manifest.json"
	sealFile     = "manifest.seal"
)

// smallFile is the size up to which all of a file is verified at open.
const smallFile = 64 << 10

func hex64(v uint64) string { return fmt.Sprintf("%016x", v) }

// sealFiles returns the seals of all files in a directory, by name. Those of the tables
// are known since they were written.
func sealFiles(dir string, tables []FileSeal) ([]FileSeal, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	known := map[string]FileSeal{}
	for _, s := range tables {
		known[s.Name] = s
	}
	var seals []FileSeal
	for _, e := range entries {
		if !e.Type().IsRegular() {
			return nil, fmt.Errorf("%s: not a file", filepath.Join(dir, e.Name()))
		}
		s, ok := known[e.Name()]
		if !ok {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			sum := hex64(xxhash.Sum64(b))
			s = FileSeal{Name: e.Name(), Size: int64(len(b)), Digest: sum, Tail: sum}
		}
		seals = append(seals, s)
	}
	return seals, nil
}

// digestFrom is the xxhash64 of a file from an offset to its end. done, when given,
// is told of every piece.
func digestFrom(ctx context.Context, f io.ReaderAt, from int64, done func(int64)) (uint64, error) {
	d := xxhash.New()
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := f.ReadAt(buf, from)
		_, _ = d.Write(buf[:n])
		from += int64(n)
		if done != nil && n > 0 {
			done(int64(n))
		}
		if errors.Is(err, io.EOF) {
			return d.Sum64(), nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// How much of the files verifyFiles reads.
const (
	tailsOfFiles = iota // what Badger reads at open
	wholeFiles
)

// verifyFiles compares the files of a generation with their seals. done, when given,
// is told of every piece read, from several goroutines.
func verifyFiles(ctx context.Context, dir string, m *Manifest, how int, done func(int64)) error {
	err := inParallel(len(m.Files), func(i int) error {
		s := &m.Files[i]
		err := s.verify(ctx, dir, how, done)
		if err != nil && ctx.Err() == nil {
			err = &DamageError{Generation: m.ID, File: filepath.Join(dir, s.Name), Block: -1, Err: err}
		}
		return err
	})
	if err != nil {
		return err
	}
	return noStrangers(dir, m)
}

func (s FileSeal) verify(ctx context.Context, dir string, how int, done func(int64)) error {
	f, err := os.Open(filepath.Join(dir, s.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the file is missing")
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != s.Size {
		return fmt.Errorf("the file has %d bytes, %d were sealed", info.Size(), s.Size)
	}
	from, want := s.TailFrom, s.Tail
	if how == wholeFiles {
		from, want = 0, s.Digest
	}
	sum, err := digestFrom(ctx, f, from, done)
	if err != nil {
		return err
	}
	if hex64(sum) != want {
		return errors.New("the bytes of the file are not the sealed ones")
	}
	return nil
}

// noStrangers refuses files that Badger would read, or remove, and that are not
// sealed.
func noStrangers(dir string, m *Manifest) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, s := range m.Files {
		known[s.Name] = true
	}
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".sst", ".mem", ".vlog":
			if !known[e.Name()] {
				return &DamageError{
					Generation: m.ID, File: filepath.Join(dir, e.Name()), Block: -1,
					Err: errors.New("the file does not belong to the generation"),
				}
			}
		}
	}
	return nil
}

// writeSealed writes fence, manifest and seal into the directory of a finished
// build and fills in the seals of its files; those of its tables are given. A key
// seals the fence, which is full of keys of people.
func writeSealed(disk durable.Disk, dir string, m *Manifest, fences []*fence, tables []FileSeal, key *keyring.Key) error {
	bounds := encodeFences(fences)
	var err error
	if key != nil {
		if bounds, err = key.AppendEnvelope(nil, bounds, fencePlace()); err != nil {
			return err
		}
	}
	if err := disk.WriteFile(filepath.Join(dir, fenceFile), bounds, 0o600); err != nil {
		return err
	}
	if m.Files, err = sealFiles(dir, tables); err != nil {
		return err
	}
	b, err := m.Encode()
	if err != nil {
		return err
	}
	if _, err := ParseManifest(b); err != nil {
		return fmt.Errorf("manifest just made: %w", err)
	}
	if err := disk.WriteFile(filepath.Join(dir, manifestFile), b, 0o600); err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	return disk.WriteFile(filepath.Join(dir, sealFile), []byte(hex.EncodeToString(sum[:])+"\n"), 0o600)
}

func fencePlace() keyring.Place { return keyring.Place{Kind: keyring.KindFence} }

// openFence returns the content of a fence file and the key it was sealed with, nil
// when it was not.
func openFence(b []byte, keys *keyring.Ring) ([]byte, *keyring.Key, error) {
	_, id, sealed := keyring.EnvelopeOf(b)
	switch {
	case !sealed && keys == nil:
		return b, nil, nil
	case !sealed:
		return nil, nil, keyring.ErrPlain
	}
	key, err := keys.Key(id)
	if err != nil {
		return nil, nil, err
	}
	b, err = key.OpenEnvelope(nil, b, fencePlace())
	return b, key, err
}

// readSealed reads manifest and fences of a generation and checks that they belong
// together and to the id. It returns the key of the generation too, nil when it is not
// sealed.
func readSealed(dir, id string, keys *keyring.Ring) (*Manifest, []*fence, *keyring.Key, error) {
	damage := func(name string, err error) error {
		return &DamageError{Generation: id, File: filepath.Join(dir, name), Block: -1, Err: err}
	}
	b, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return nil, nil, nil, damage(manifestFile, err)
	}
	seal, err := os.ReadFile(filepath.Join(dir, sealFile))
	if err != nil {
		return nil, nil, nil, damage(sealFile, err)
	}
	sum := sha256.Sum256(b)
	if string(seal) != hex.EncodeToString(sum[:])+"\n" {
		return nil, nil, nil, damage(manifestFile, errors.New("manifest and seal do not agree"))
	}
	m, err := ParseManifest(b)
	if errors.Is(err, ErrFormat) {
		return nil, nil, nil, fmt.Errorf("generation %s: %w", id, err)
	}
	if err != nil {
		return nil, nil, nil, damage(manifestFile, err)
	}
	if want, err := m.contentID(); err != nil || m.ID != want || m.ID != id {
		return nil, nil, nil, damage(manifestFile, errors.New("manifest of another generation"))
	}
	// Before anything of the fence is believed, it must be the sealed one.
	i := slices.IndexFunc(m.Files, func(f FileSeal) bool { return f.Name == fenceFile })
	if i < 0 {
		return nil, nil, nil, damage(manifestFile, errors.New("manifest without a fence"))
	}
	if err := m.Files[i].verify(context.Background(), dir, wholeFiles, nil); err != nil {
		return nil, nil, nil, damage(fenceFile, err)
	}
	if b, err = os.ReadFile(filepath.Join(dir, fenceFile)); err != nil {
		return nil, nil, nil, damage(fenceFile, err)
	}
	b, key, err := openFence(b, keys)
	switch {
	case errors.Is(err, keyring.ErrSealed) || errors.Is(err, keyring.ErrPlain):
		return nil, nil, nil, damage(fenceFile, err)
	case err != nil: // no damage, but no key
		return nil, nil, nil, fmt.Errorf("generation %s: %w", id, err)
	}
	fences, err := decodeFences(b)
	if errors.Is(err, ErrFormat) {
		return nil, nil, nil, fmt.Errorf("generation %s: %w", id, err)
	}
	if err != nil {
		return nil, nil, nil, damage(fenceFile, err)
	}
	if len(fences) != len(m.Sections) {
		return nil, nil, nil, damage(fenceFile, errors.New("fence of another generation"))
	}
	for i, f := range fences {
		if f.section() != m.Sections[i] {
			return nil, nil, nil, damage(fenceFile, errors.New("fence of another generation"))
		}
	}
	return m, fences, key, nil
}
