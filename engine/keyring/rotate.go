package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Info is one data key, without the key.
type Info struct {
	ID      uint32
	Purpose string
	Of      string
	Master  uint32 // version of the master key that wraps it
}

// List returns the suite of a data directory and its data keys. It needs no key file.
func List(dir string) (suite string, keys []Info, err error) {
	t, err := readTable(dir)
	if err != nil {
		return "", nil, err
	}
	for _, e := range t.entries {
		keys = append(keys, Info{e.id, e.purpose, e.of, e.master})
	}
	return t.suite, keys, nil
}

// Masters are the versions of the master keys in the key file, ascending.
func (r *Ring) Masters() ([]uint32, error) {
	m, err := readMasters(r.keyFile)
	if err != nil {
		return nil, err
	}
	var v []uint32
	for _, k := range m.keys {
		v = append(v, k.version)
	}
	return v, nil
}

// Rotate adds a master key and wraps every data key with it. Who has the directory open
// goes on reading: the data keys stay what they are. It returns the version of the new
// master key and how many data keys were wrapped. Interrupted, it is begun again.
func (r *Ring) Rotate() (version uint32, wrapped int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err = r.change(func(t *table) (bool, error) {
		version = r.masters.newest().version + 1
		if err := r.masters.add(version); err != nil {
			return false, err
		}
		b, err := r.masters.encode()
		if err != nil {
			return false, err
		}
		// First the key file: no data key may be wrapped by what is not durable.
		if err := r.disk.WriteFile(r.keyFile, b, 0o600); err != nil {
			return false, err
		}
		for i := range t.entries {
			e := &t.entries[i]
			secret, err := e.unwrap(r.masters, t.directory)
			if err != nil {
				return false, err
			}
			if err := e.wrap(r.masters, t.directory, secret); err != nil {
				return false, err
			}
		}
		wrapped = len(t.entries)
		return true, nil
	})
	return version, wrapped, err
}

// Retire removes the master keys that wrap nothing from the key file, but the newest,
// and returns their versions. Copies of keys.json that were wrapped by them open no
// more, neither here nor in a backup.
func (r *Ring) Retire() (gone []uint32, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err = r.change(func(t *table) (bool, error) {
		newest := r.masters.newest().version
		r.masters.keys = slices.DeleteFunc(r.masters.keys, func(m master) bool {
			wraps := t.find(func(e *entry) bool { return e.master == m.version }) != nil
			if m.version == newest || wraps {
				return false
			}
			gone = append(gone, m.version)
			return true
		})
		if len(gone) == 0 {
			return false, nil
		}
		b, err := r.masters.encode()
		if err != nil {
			return false, err
		}
		return false, replaceFile(r.disk, r.keyFile, b)
	})
	return gone, err
}

// Check opens every data key and returns how many there are.
func (r *Ring) Check() (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err = r.read(func(t *table) error {
		for i := range t.entries {
			if _, err := r.secret(t, &t.entries[i]); err != nil {
				return err
			}
		}
		n = len(t.entries)
		return nil
	})
	return n, err
}

// Export writes a copy of the key file, after Check, to a file that must not be there.
func (r *Ring) Export(to string) error {
	if err := outside(r.dir, to); err != nil {
		return err
	}
	if _, err := r.Check(); err != nil {
		return err
	}
	m, err := readMasters(r.keyFile)
	if err != nil {
		return err
	}
	b, err := m.encode()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s: %w", to, fs.ErrExist))
	}
	return r.disk.WriteFile(to, b, 0o600)
}
