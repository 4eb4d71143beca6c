package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A Step is one operation that changes or syncs the disk.
type Step struct {
	Op   string // mkdir, write, rename, sync, syncdir or remove
	Path string // what it is done to; of a rename the new name
}

// Disk does durable file operations. The zero value syncs and is what a program
// uses. It is safe for use by several goroutines.
type Disk struct {
	// NoSync leaves out every sync. Only the self-check of a power-cut test sets
	// it: such a test must be seen to fail.
	NoSync bool
	// Before is called before every step, also those that NoSync leaves out; its
	// error is returned instead of doing the step. Tests only; nil does nothing.
	Before func(Step) error
}

func (d Disk) before(op, path string) error {
	if d.Before == nil {
		return nil
	}
	return d.Before(Step{op, path})
}

// WriteFile replaces a file by new content: old or new after a crash, never a mix.
// The content goes to a temporary name beside it, is synced, renamed, and the
// directory is synced. A crash may leave the temporary file, named name + ".tmp".
func (d Disk) WriteFile(name string, data []byte, perm fs.FileMode) error {
	tmp := name + ".tmp"
	if err := d.before("write", tmp); err != nil {
		return err
	}
	if err := os.WriteFile(tmp, data, perm); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := d.SyncFile(tmp); err != nil {
		return err
	}
	return d.Rename(tmp, name)
}

// Rename renames a file or directory and syncs the directories it left and entered.
// What is renamed must have been synced before.
func (d Disk) Rename(from, to string) error {
	if err := d.before("rename", to); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := d.SyncDir(filepath.Dir(to)); err != nil {
		return err
	}
	if filepath.Dir(from) == filepath.Dir(to) {
		return nil
	}
	return d.SyncDir(filepath.Dir(from))
}

// SyncFile makes the content of a file durable, not its name.
func (d Disk) SyncFile(name string) error { return d.sync("sync", name) }

// WriteAt writes into an open file. It makes nothing durable.
func (d Disk) WriteAt(f *os.File, b []byte, off int64) error {
	if err := d.before("write", f.Name()); err != nil {
		return err
	}
	_, err := f.WriteAt(b, off)
	return err
}

// SyncOpen makes the content of an open file durable, not its name.
func (d Disk) SyncOpen(f *os.File) error {
	if err := d.before("sync", f.Name()); err != nil || d.NoSync {
		return err
	}
	return dataSync(f)
}

// SyncDir makes the names in a directory durable.
func (d Disk) SyncDir(name string) error { return d.sync("syncdir", name) }

func (d Disk) sync(op, name string) error {
	if err := d.before(op, name); err != nil {
		return err
	}
	if d.NoSync {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}

// SyncTree syncs every file and directory below root and root itself, but not the
// name of root in its parent.
func (d Disk) SyncTree(root string) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := filepath.Join(root, e.Name())
		if e.IsDir() {
			err = d.SyncTree(name)
		} else {
			err = d.SyncFile(name)
		}
		if err != nil {
			return err
		}
	}
	return d.SyncDir(root)
}

// MkdirAll makes a directory and its missing parents, private to the user, and
// makes their names durable.
func (d Disk) MkdirAll(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(name)
	if parent != name {
		if err := d.MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := d.before("mkdir", name); err != nil {
		return err
	}
	if err := os.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.SyncDir(parent)
}

// RemoveAll removes a file or a tree and makes the removal durable. It is not an
// error when there is nothing.
func (d Disk) RemoveAll(name string) error {
	if err := d.before("remove", name); err != nil {
		return err
	}
	if err := os.RemoveAll(name); err != nil {
		return err
	}
	return d.SyncDir(filepath.Dir(name))
}
