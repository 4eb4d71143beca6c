package keyring

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/hedui/hedui/engine/durable"
)

// Ring is the keys of an encrypted data directory, opened with its key file. It is safe
// for use by several goroutines and processes. A key that was opened stays good,
// whatever becomes of keys.json and the key file, until the process ends.
type Ring struct {
	dir     string
	keyFile string
	disk    durable.Disk
	suite   Provider

	mu      sync.Mutex // guards what follows
	masters *masters
	keys    map[uint32]*Key
}

// Init makes a data directory an encrypted one and its key file, which must not be
// there. The directory must hold no data: what is there in the clear would stay in the
// clear on the disk even when it was written again.
func Init(disk durable.Disk, dir, keyFile, suite string) (err error) {
	provider, err := ProviderOf(suite)
	if err != nil {
		return err
	}
	if err := outside(dir, keyFile); err != nil {
		return err
	}
	for _, name := range []string{"snapshots", "generations", "catalogue.json"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil && !Encrypted(dir) {
			return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
		}
	}
	if err := disk.MkdirAll(dir); err != nil {
		return err
	}
	lock, err := durable.WaitLock(filepath.Join(dir, tableLock))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if Encrypted(dir) {
		return fmt.Errorf("%s: %w", dir, ErrExists)
	}
	if _, err := os.Lstat(keyFile); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s: %w", keyFile, fs.ErrExist))
	}
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	m := &masters{suite: provider, directory: hex.EncodeToString(id[:])}
	if err := m.add(1); err != nil {
		return err
	}
	b, err := m.encode()
	if err != nil {
		return err
	}
	// The key file first: a directory must never be encrypted without one.
	if err := disk.WriteFile(keyFile, b, 0o600); err != nil {
		return err
	}
	t := &table{suite: suite, directory: m.directory, next: 1}
	if b, err = t.encode(); err != nil {
		return err
	}
	return disk.WriteFile(filepath.Join(dir, tableFile), b, 0o600)
}

// Open opens the keys of a data directory. It returns nil for a directory that is not
// encrypted and no key file, ErrLocked or ErrNotEncrypted when only one of both is so,
// and ErrForeign or ErrLoose for a key file that does not do.
func Open(dir, keyFile string) (*Ring, error) { return OpenWith(durable.Disk{}, dir, keyFile) }

// OpenWith is Open with the disk operations of a test.
func OpenWith(disk durable.Disk, dir, keyFile string) (*Ring, error) {
	switch encrypted := Encrypted(dir); {
	case !encrypted && keyFile == "":
		return nil, nil
	case !encrypted:
		return nil, fmt.Errorf("%s: %w", dir, ErrNotEncrypted)
	case keyFile == "":
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	if err := outside(dir, keyFile); err != nil {
		return nil, err
	}
	r := &Ring{dir: dir, keyFile: keyFile, disk: disk, keys: map[uint32]*Key{}}
	t, err := readTable(dir)
	if err != nil {
		return nil, err
	}
	if err := r.load(t); err != nil {
		return nil, err
	}
	r.suite = r.masters.suite
	return r, nil
}

// load reads the key file. The caller holds the lock, or is alone.
func (r *Ring) load(t *table) error {
	m, err := readMasters(r.keyFile)
	if err != nil {
		return err
	}
	if m.directory != t.directory || m.suite.Name() != t.suite {
		return fmt.Errorf("%s: %w", r.keyFile, ErrForeign)
	}
	r.masters = m
	return nil
}

// change changes keys.json with the newest key file at hand.
func (r *Ring) change(change func(*table) (bool, error)) error {
	return changeTable(r.disk, r.dir, func(t *table) (bool, error) {
		if err := r.load(t); err != nil {
			return false, err
		}
		return change(t)
	})
}

// Create makes a data key for a snapshot or generation that is about to be written. It
// is durable when it returns. A nil ring makes a nil key.
func (r *Ring) Create(purpose string) (*Key, error) {
	if r == nil {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.create(purpose, "")
}

// create makes a data key, or opens the one that somebody else has made meanwhile under
// the same name. The caller holds the lock.
func (r *Ring) create(purpose, of string) (k *Key, err error) {
	err = r.change(func(t *table) (bool, error) {
		if e := t.named(purpose, of); of != "" && e != nil {
			k, err = r.opened(t, e)
			return false, err
		}
		secret := make([]byte, r.suite.KeySize())
		if _, err := rand.Read(secret); err != nil {
			return false, err
		}
		e, err := t.add(r.masters, purpose, of, secret, nil)
		if err != nil {
			return false, err
		}
		k, err = newKey(e.id, r.suite, secret)
		return err == nil, err
	})
	if err != nil {
		return nil, fmt.Errorf("make a data key: %w", err)
	}
	r.keys[k.id] = k
	return k, nil
}

// Drop destroys a data key that nothing was kept of. A nil key needs none.
func (r *Ring) Drop(k *Key) error {
	if r == nil || k == nil {
		return nil
	}
	_, err := destroy(r.disk, r.dir, func(e *entry) bool { return e.id == k.id })
	return err
}

// Bind says which snapshot or generation a key is for, durably, before that gets its
// name: by it Destroy and Sweep know the key. The number 0 is no key.
func (r *Ring) Bind(id uint32, of string) error {
	if r == nil || id == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.change(func(t *table) (bool, error) {
		e := t.key(id)
		if e == nil {
			return false, fmt.Errorf("data key %d: %w", id, ErrDestroyed)
		}
		e.of = of
		return true, nil
	})
}

// Key opens a data key, or returns ErrDestroyed. A nil ring returns ErrLocked.
func (r *Ring) Key(id uint32) (*Key, error) {
	if r == nil {
		return nil, ErrLocked
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.keys[id]; k != nil {
		return k, nil
	}
	var k *Key
	err := r.read(func(t *table) (err error) {
		e := t.key(id)
		if e == nil {
			return fmt.Errorf("data key %d: %w", id, ErrDestroyed)
		}
		k, err = r.opened(t, e)
		return err
	})
	return k, err
}

// read looks into keys.json. When a master key is missing, it was retired since the list
// was read, most likely: then the list is read again.
func (r *Ring) read(look func(*table) error) (err error) {
	for range 3 {
		var t *table
		if t, err = readTable(r.dir); err == nil {
			err = look(t)
		}
		if !errors.Is(err, ErrNoMaster) {
			return err
		}
	}
	return err
}

// opened unwraps a key. The caller holds the lock.
func (r *Ring) opened(t *table, e *entry) (*Key, error) {
	secret, err := r.secret(t, e)
	if err != nil {
		return nil, err
	}
	k, err := newKey(e.id, r.suite, secret)
	if err == nil {
		r.keys[e.id] = k
	}
	return k, err
}

// secret unwraps a key. The key file is read again when the master key is not known: it
// may have been rotated since.
func (r *Ring) secret(t *table, e *entry) ([]byte, error) {
	if r.masters.version(e.master) == nil {
		if err := r.load(t); err != nil {
			return nil, err
		}
	}
	return e.unwrap(r.masters, t.directory)
}

// Named opens the data key of a purpose that has one for all the directory, such as
// Ledger and Pseudonymy, and makes it the first time.
func (r *Ring) Named(purpose string) (*Key, error) {
	if r == nil {
		return nil, ErrLocked
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var k *Key
	err := r.read(func(t *table) (err error) {
		e := t.named(purpose, purpose)
		if e == nil {
			return nil
		}
		if k = r.keys[e.id]; k == nil {
			k, err = r.opened(t, e)
		}
		return err
	})
	if k != nil || err != nil {
		return k, err
	}
	return r.create(purpose, purpose)
}

// Temporary makes a key for files that do not outlive the process. A nil ring makes a
// nil key.
func (r *Ring) Temporary() (*Key, error) {
	if r == nil {
		return nil, nil
	}
	return NewTemporary(r.suite)
}

// Signer opens the signing key of a name and makes it the first time.
func (r *Ring) Signer(name string) (*Signer, error) {
	if r == nil {
		return nil, ErrLocked
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.signer(name)
	if s != nil || err != nil {
		return s, err
	}
	err = r.change(func(t *table) (bool, error) {
		if t.named(signing, name) != nil { // somebody was faster
			return false, nil
		}
		private, public, err := r.suite.NewSigningKey()
		if err == nil {
			_, err = t.add(r.masters, signing, name, private, public)
		}
		return err == nil, err
	})
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	return r.signer(name)
}

// signer returns nil when there is none of this name.
func (r *Ring) signer(name string) (s *Signer, err error) {
	err = r.read(func(t *table) error {
		e := t.named(signing, name)
		if e == nil {
			return nil
		}
		private, err := r.secret(t, e)
		s = &Signer{suite: r.suite, id: e.id, private: private, public: e.public}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("signer %s: %w", name, err)
	}
	return s, nil
}

// Provider is the suite of the directory.
func (r *Ring) Provider() Provider { return r.suite }
