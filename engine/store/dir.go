package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

// The names below the directory of a store.
const (
	generationsDir = "generations"
	currentFile    = "CURRENT"

	buildingPrefix = ".building-" // a generation being loaded
	droppedPrefix  = ".dropped-"  // a generation being removed
	buildLock      = ".build.lock"
	switchLock     = ".switch.lock"
)

// Dir is the Store on disk: a directory for each generation and the file CURRENT.
// Any number of processes may read; one at a time builds, and activating and
// dropping exclude each other.
type Dir struct {
	root    string
	disk    durable.Disk
	options DirOptions
}

// DirOptions are for OpenDirWith. The zero value is what a program uses.
type DirOptions struct {
	// Disk does the durable steps.
	Disk durable.Disk
	// Keys are those of an encrypted data directory, nil for one that is not. Without
	// them what is encrypted is listed and dropped, and not opened or added to.
	Keys *keyring.Ring
	// Free tells the free bytes of the file system of a directory, and whether they
	// are known; nil asks the system.
	Free func(dir string) (free int64, known bool, err error)

	tableSize  int64 // about the size of a table, 0 for the usual one; tests want several tables
	unverified func(raw []byte, err error) (block.Block, error)
}

func (o DirOptions) tableBytes() int64 {
	if o.tableSize > 0 {
		return o.tableSize
	}
	return tableSize
}

// OpenDir returns the store below a directory. Nothing is made before the first
// Begin, so an empty or missing directory is an empty store.
func OpenDir(dir string) (*Dir, error) { return OpenDirWith(dir, DirOptions{}) }

// OpenDirWith is OpenDir with options.
func OpenDirWith(dir string, o DirOptions) (*Dir, error) {
	if dir == "" {
		return nil, errors.New("a store needs a directory")
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory", dir)
	}
	if o.Free == nil {
		o.Free = durable.FreeBytes
	}
	return &Dir{root: dir, disk: o.Disk, options: o}, nil
}

func (d *Dir) generations() string     { return filepath.Join(d.root, generationsDir) }
func (d *Dir) path(id string) string   { return filepath.Join(d.generations(), id) }
func (d *Dir) currentPath() string     { return filepath.Join(d.root, currentFile) }
func (d *Dir) exists(id string) bool   { return isID(id) && isDir(d.path(id)) }
func (d *Dir) missing(id string) error { return fmt.Errorf("generation %q: %w", id, ErrNotFound) }
func isDir(name string) bool           { info, err := os.Stat(name); return err == nil && info.IsDir() }
func currentText(id string) string     { return "hedui-current 1 " + id + " " }
func withSum(text string) string       { return text + hex64(xxhash.Sum64String(text)) + "\n" }

// Open implements Store. While it opens nothing is dropped; where the lock cannot be
// had, on a read-only medium, nobody drops.
func (d *Dir) Open(id string) (Generation, error) {
	if !d.exists(id) {
		return nil, d.missing(id)
	}
	if lock, err := durable.WaitShared(filepath.Join(d.generations(), switchLock)); err == nil {
		defer func() { _ = lock.Unlock() }()
	}
	if !d.exists(id) {
		return nil, d.missing(id)
	}
	g, err := d.openID(id)
	if err != nil {
		return nil, err
	}
	return g, nil
}

func (d *Dir) openID(id string) (*generation, error) {
	dir := d.path(id)
	m, fences, key, err := readSealed(dir, id, d.options.Keys)
	if err != nil {
		return nil, err
	}
	return d.open(dir, m, fences, key)
}

// open opens the directory of a generation whose manifest and fences were verified; key
// is that of its blocks, nil when they are not sealed.
func (d *Dir) open(dir string, m *Manifest, fences []*fence, key *keyring.Key) (*generation, error) {
	if d.options.unverified == nil {
		if err := verifyFiles(context.Background(), dir, m, tailsOfFiles, nil); err != nil {
			return nil, err
		}
	}
	p, err := openTables(dir, m, fences, key)
	if err != nil {
		return nil, &DamageError{Generation: m.ID, File: dir, Block: -1, Err: err}
	}
	p.keys = d.options.Keys
	return &generation{manifest: m, fences: fences, pages: p, unverified: d.options.unverified}, nil
}

// adopt gives a finished build its name, and its key that name. When a whole generation
// of that name is there, that one stays and the build is left to be discarded; a damaged
// one is replaced.
func (d *Dir) adopt(building string, m *Manifest, key *keyring.Key) (*Manifest, error) {
	lock, err := d.lockSwitch()
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Unlock() }()
	if d.exists(m.ID) {
		held, _, _, err := readSealed(d.path(m.ID), m.ID, d.options.Keys)
		if err == nil {
			err = verifyFiles(context.Background(), d.path(m.ID), held, wholeFiles, nil)
		}
		if err == nil {
			return held, nil
		}
		if err := d.putAside(m.ID); err != nil {
			return nil, err
		}
	}
	if err := d.options.Keys.Bind(key.ID(), m.ID); err != nil {
		return nil, err
	}
	if err := d.disk.Rename(building, d.path(m.ID)); err != nil {
		return nil, err
	}
	return m, nil
}

// putAside takes a generation's name away, after which nobody opens it any more, and
// destroys its key. Its directory goes at once, or at the next Begin.
func (d *Dir) putAside(id string) error {
	aside, err := os.MkdirTemp(d.generations(), droppedPrefix)
	if err != nil {
		return err
	}
	if err := d.disk.Rename(d.path(id), filepath.Join(aside, id)); err != nil {
		return err
	}
	if _, err := keyring.Destroy(d.disk, d.root, keyring.Generation, id); err != nil {
		return err
	}
	return d.disk.RemoveAll(aside)
}

func (d *Dir) lockSwitch() (*durable.Lock, error) {
	return durable.WaitLock(filepath.Join(d.generations(), switchLock))
}

// Activate implements Store.
func (d *Dir) Activate(id string) error {
	if !d.exists(id) {
		return d.missing(id)
	}
	lock, err := d.lockSwitch()
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }()
	if !d.exists(id) {
		return d.missing(id)
	}
	if _, _, _, err := readSealed(d.path(id), id, d.options.Keys); err != nil {
		return err
	}
	return d.disk.WriteFile(d.currentPath(), []byte(withSum(currentText(id))), 0o600)
}

// Current implements Store.
func (d *Dir) Current() (string, error) {
	b, err := os.ReadFile(d.currentPath())
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoCurrent
	}
	if err != nil {
		return "", err
	}
	if f := strings.Fields(string(b)); len(f) == 4 && isID(f[2]) && string(b) == withSum(currentText(f[2])) {
		return f[2], nil
	}
	return "", &DamageError{File: d.currentPath(), Block: -1, Err: errors.New("the file does not name a generation; activate one again")}
}

// List implements Store.
func (d *Dir) List() ([]string, error) {
	entries, err := os.ReadDir(d.generations()) // sorted by name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && isID(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

// Drop implements Store.
func (d *Dir) Drop(id string) error {
	if !d.exists(id) {
		return d.missing(id)
	}
	lock, err := d.lockSwitch()
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }()
	// Without knowing which one is current nothing is dropped.
	current, err := d.Current()
	if err != nil && !errors.Is(err, ErrNoCurrent) {
		return err
	}
	if current == id {
		return fmt.Errorf("generation %s: %w", id, ErrCurrent)
	}
	if !d.exists(id) {
		return d.missing(id)
	}
	return d.putAside(id)
}

// sweepRemains removes what killed builds and drops left, keys too. The caller holds the
// build lock, so nobody is building.
func (d *Dir) sweepRemains() error {
	lock, err := d.lockSwitch()
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }()
	entries, err := os.ReadDir(d.generations())
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), buildingPrefix) || strings.HasPrefix(e.Name(), droppedPrefix) {
			if err := os.RemoveAll(filepath.Join(d.generations(), e.Name())); err != nil {
				return err
			}
		}
	}
	return keyring.Sweep(d.disk, d.root, keyring.Generation, d.exists)
}

func (d *Dir) checkSpace(need int64) error {
	free, known, err := d.options.Free(d.generations())
	if err != nil {
		return fmt.Errorf("free space of %s: %w", d.generations(), err)
	}
	if known && free < need {
		return &SpaceError{Dir: d.generations(), Need: need, Free: free}
	}
	return nil
}
