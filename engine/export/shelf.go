package export

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

// The names in a data directory.
const (
	shelfDir   = "exports"
	secretFile = "secret.key" // where the directory is not encrypted
	lockFile   = "lock"
	marksExt   = ".marks"
)

// Shelf keeps the marks of a data directory's exports, a file for each: exports/NUMBER.marks.
// On an encrypted directory the files are sealed, and the key of the marks comes from the
// ring. It is safe for use by several goroutines and processes.
type Shelf struct {
	dir    string
	disk   durable.Disk
	key    Key
	values *keyring.Values // nil where nothing is sealed
}

// OpenShelf opens the shelf of a data directory and makes it the first time. ring is nil
// where the directory is not encrypted.
func OpenShelf(data string, ring *keyring.Ring) (*Shelf, error) {
	s := &Shelf{dir: filepath.Join(data, shelfDir)}
	if err := s.disk.MkdirAll(s.dir); err != nil {
		return nil, err
	}
	var secret []byte
	if ring != nil {
		named, err := ring.Named(shelfDir)
		if err != nil {
			return nil, err
		}
		p, err := named.Pseudonyms("export marks")
		if err != nil {
			return nil, err
		}
		for _, half := range []string{"first", "second"} {
			b := p.Of([]byte(half))
			secret = append(secret, b[:]...)
		}
		values := named.Values()
		s.values = &values
	} else {
		var err error
		if secret, err = s.secret(); err != nil {
			return nil, err
		}
	}
	var err error
	s.key, err = NewKey(secret)
	return s, err
}

// secret reads the secret of a directory that is not encrypted, and makes it the first
// time.
func (s *Shelf) secret() (b []byte, err error) {
	lock, err := durable.WaitLock(filepath.Join(s.dir, lockFile))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	name := filepath.Join(s.dir, secretFile)
	b, err = os.ReadFile(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	b = make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return b, s.disk.WriteFile(name, b, 0o600)
}

// Key is what marks of this directory are made with.
func (s *Shelf) Key() Key { return s.key }

// Keep writes the marks of an export down. They are on the disk when it returns: only then
// may the list leave.
func (s *Shelf) Keep(m *Marks) error {
	if m.Number == "" || strings.Trim(m.Number, "0123456789abcdefghijklmnopqrstuvwxyz-") != "" {
		return errors.New("the number of an export is of letters, digits and hyphens")
	}
	b, err := m.Encode(s.key)
	if err != nil {
		return err
	}
	file := m.Number + marksExt
	if s.values != nil {
		if b, err = s.values.Seal(nil, b, []byte(file)); err != nil {
			return err
		}
	}
	name := filepath.Join(s.dir, file)
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("marks of export %s: %w", m.Number, fs.ErrExist))
	}
	return s.disk.WriteFile(name, b, 0o600)
}

// Marks reads the marks of one export.
func (s *Shelf) Marks(number string) (*Marks, error) {
	file := filepath.Base(number) + marksExt
	b, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		return nil, err
	}
	if s.values != nil {
		if b, err = s.values.Open(nil, b, []byte(file)); err != nil {
			return nil, fmt.Errorf("export %s: %w", number, ErrMarks)
		}
	}
	m, err := DecodeMarks(s.key, b)
	if err != nil {
		return nil, fmt.Errorf("export %s: %w", number, err)
	}
	if m.Number != number {
		return nil, fmt.Errorf("export %s: %w", number, ErrMarks)
	}
	return m, nil
}

// Numbers are those of all exports, in their order.
func (s *Shelf) Numbers() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if number, ok := strings.CutSuffix(e.Name(), marksExt); ok {
			out = append(out, number)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Identify compares a file with every export of the directory.
func (s *Shelf) Identify(ctx context.Context, f *File) (*Identified, error) {
	numbers, err := s.Numbers()
	if err != nil {
		return nil, err
	}
	return Identify(ctx, s.key, f, func() (*Marks, error) {
		if len(numbers) == 0 {
			return nil, nil //nolint:nilnil // the end
		}
		number := numbers[0]
		numbers = numbers[1:]
		return s.Marks(number)
	})
}
