package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/store"
)

// The names in a data directory.
const (
	snapshotsDir  = "snapshots"
	tmpDir        = "tmp"
	catalogueFile = "catalogue.json"
	lockFile      = "lock"

	hotFile        = "hot.blocks"
	coldFile       = "cold.blocks"
	quarantineFile = "quarantine.csv"
	manifestFile   = "manifest.json"
	sealFile       = "seal"
)

// Dir is a data directory: its snapshots and their catalogue. Reading needs no
// lock; what changes it needs the Lock.
type Dir struct {
	root string
	disk durable.Disk
	keys *keyring.Ring
}

// Options are for OpenDirWith. The zero value is what a program uses for a directory
// that is not encrypted.
type Options struct {
	// Disk does the durable steps.
	Disk durable.Disk
	// Keys are those of an encrypted directory, nil for one that is not. Without them an
	// encrypted one is listed, and not read or changed.
	Keys *keyring.Ring
}

// OpenDir opens a data directory for reading. It does not create anything: a
// directory into which nothing was ingested gives ErrNoData from List.
func OpenDir(root string) (*Dir, error) { return OpenDirWith(root, Options{}) }

// OpenDirWith is OpenDir with options.
func OpenDirWith(root string, o Options) (*Dir, error) {
	if root == "" {
		return nil, errors.New("no data directory was named")
	}
	return &Dir{root, o.Disk, o.Keys}, nil
}

// Root is the path of the directory.
func (d *Dir) Root() string { return d.root }

func (d *Dir) catalogue() string { return filepath.Join(d.root, catalogueFile) }

// Path is the directory of a snapshot.
func (d *Dir) Path(id string) string { return filepath.Join(d.root, snapshotsDir, id) }

// QuarantineFile is the path of the quarantine file of a snapshot. It is sealed where
// the directory is encrypted: OpenQuarantine reads it.
func (d *Dir) QuarantineFile(id string) string { return filepath.Join(d.Path(id), quarantineFile) }

// List returns the snapshots that are held, in the order they came in. ErrNoData
// is returned for a directory without a catalogue, a *DamageError for a damaged one.
func (d *Dir) List() ([]Entry, error) {
	b, err := os.ReadFile(d.catalogue())
	if errors.Is(err, fs.ErrNotExist) {
		if held, _ := os.ReadDir(filepath.Join(d.root, snapshotsDir)); len(held) > 0 {
			return nil, &DamageError{File: d.catalogue(), Err: errors.New("the catalogue of the snapshots is missing")}
		}
		return nil, fmt.Errorf("%s: %w", d.root, ErrNoData)
	}
	if err != nil {
		return nil, err
	}
	entries, err := parseCatalogue(b)
	if err != nil {
		return nil, &DamageError{File: d.catalogue(), Err: err}
	}
	return entries, nil
}

func (d *Dir) find(id string) (Entry, error) {
	entries, err := d.List()
	if err != nil {
		return Entry{}, err
	}
	for _, e := range entries {
		if e.ID == id {
			return e, nil
		}
	}
	return Entry{}, fmt.Errorf("snapshot %q: %w", id, ErrUnknown)
}

// Lock is the right to change a data directory. One process has it.
type Lock struct {
	dir  *Dir
	lock *durable.Lock
}

// Lock makes the directory if need be, takes its lock and clears what an
// interrupted command left behind. ErrBusy names the process that has it;
// keyring.ErrLocked is returned for an encrypted directory without its keys.
func (d *Dir) Lock() (*Lock, error) {
	if d.keys == nil && keyring.Encrypted(d.root) {
		return nil, fmt.Errorf("%s: %w", d.root, keyring.ErrLocked)
	}
	if err := d.disk.MkdirAll(d.root); err != nil {
		return nil, err
	}
	name := filepath.Join(d.root, lockFile)
	l, err := durable.TryLock(name)
	if errors.Is(err, durable.ErrLocked) {
		if pid, _ := os.ReadFile(name); len(pid) > 0 {
			return nil, fmt.Errorf("%w (process %s)", ErrBusy, strings.TrimSpace(string(pid)))
		}
		return nil, ErrBusy
	}
	if err != nil {
		return nil, err
	}
	if err := d.prepare(); err != nil {
		return nil, errors.Join(err, l.Unlock())
	}
	// Who has the lock is only told to people, so it need not survive anything.
	_ = os.WriteFile(name, strconv.AppendInt(nil, int64(os.Getpid()), 10), 0o600)
	return &Lock{d, l}, nil
}

// prepare creates what is missing and sweeps leftovers: everything in tmp, and
// snapshots that got their name but never their line in the catalogue, and keys of no
// snapshot.
func (d *Dir) prepare() error {
	entries, err := d.List()
	if errors.Is(err, ErrNoData) {
		b, encodeErr := encodeCatalogue(nil)
		if encodeErr != nil {
			return encodeErr
		}
		err = d.disk.WriteFile(d.catalogue(), b, 0o600)
	}
	if err != nil {
		return err
	}
	for _, name := range []string{tmpDir, snapshotsDir} {
		if err := d.disk.MkdirAll(filepath.Join(d.root, name)); err != nil {
			return err
		}
	}
	if err := d.clear(tmpDir, func(string) bool { return false }); err != nil {
		return err
	}
	held := func(name string) bool {
		return slices.ContainsFunc(entries, func(e Entry) bool { return e.ID == name })
	}
	if err := d.clear(snapshotsDir, held); err != nil {
		return err
	}
	return keyring.Sweep(d.disk, d.root, keyring.Snapshot, held)
}

func (d *Dir) clear(dir string, keep func(name string) bool) error {
	dir = filepath.Join(d.root, dir)
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if !keep(n.Name()) {
			if err := d.disk.RemoveAll(filepath.Join(dir, n.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Tmp is the directory for work in progress. Everything in it is gone when the
// lock is given back or taken the next time.
func (l *Lock) Tmp() string { return filepath.Join(l.dir.root, tmpDir) }

// Unlock clears the work in progress and gives the lock back.
func (l *Lock) Unlock() error {
	err := l.dir.clear(tmpDir, func(string) bool { return false })
	_ = os.Truncate(filepath.Join(l.dir.root, lockFile), 0)
	return errors.Join(err, l.lock.Unlock())
}

// Key makes the key of a snapshot that is about to be written, nil where the directory is
// not encrypted. That of one which is not adopted is destroyed when the lock is taken the
// next time.
func (l *Lock) Key() (*keyring.Key, error) { return l.dir.keys.Create(keyring.Snapshot) }

// Temporary makes a key for the files below Tmp, nil where the directory is not
// encrypted.
func (l *Lock) Temporary() (*keyring.Key, error) { return l.dir.keys.Temporary() }

// NeedSpace returns a *SpaceError unless the disk has this many bytes free.
func (l *Lock) NeedSpace(need int64) error {
	free, known, err := durable.FreeBytes(l.dir.root)
	if err == nil && known && free < need {
		return &SpaceError{l.dir.root, need, free}
	}
	return err
}

// SetCatalogue replaces the catalogue. When it returns nil the change is durable.
func (l *Lock) SetCatalogue(entries []Entry) error {
	b, err := encodeCatalogue(entries)
	if err != nil {
		return err
	}
	return l.dir.disk.WriteFile(l.dir.catalogue(), b, 0o600)
}

// Adopt moves a sealed snapshot from the work in progress to its place and returns
// the digest of the manifest that is there then. It is not in the catalogue yet.
// When the same snapshot is there whole, that one stays: its manifest may name the
// files otherwise.
func (l *Lock) Adopt(staging string, m *Manifest, digest string) (string, error) {
	place := l.dir.Path(m.ID)
	if _, err := os.Stat(place); err == nil {
		if held, err := l.intact(place, m.ID); err == nil {
			return held, nil
		}
		if err := l.dir.disk.Rename(place, filepath.Join(l.Tmp(), "damaged-"+m.ID)); err != nil {
			return "", err
		}
		if _, err := keyring.Destroy(l.dir.disk, l.dir.root, keyring.Snapshot, m.ID); err != nil {
			return "", err
		}
	}
	if err := l.dir.disk.SyncTree(staging); err != nil {
		return "", err
	}
	if err := l.dir.keys.Bind(m.Key, m.ID); err != nil {
		return "", err
	}
	return digest, l.dir.disk.Rename(staging, place)
}

// intact returns the digest of the manifest of a snapshot every byte of which is
// as it was sealed.
func (l *Lock) intact(place, id string) (digest string, err error) {
	s, err := l.dir.openAt(place, id, "")
	if err != nil {
		return "", err
	}
	err = s.verify(func(int64) error { return nil })
	return s.digest, errors.Join(err, s.Close())
}

// Drop removes a snapshot for good, and its key before its files. It returns ErrUnknown, or ErrPinned while a
// generation was made of it, or ErrBusy.
func (d *Dir) Drop(id string) (err error) {
	if _, err := d.find(id); err != nil {
		return err
	}
	l, err := d.Lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Unlock()) }()
	pins, err := d.Pins()
	if err != nil {
		return err
	}
	if g := pins[id]; g != "" {
		return fmt.Errorf("generation %s: %w", g, ErrPinned)
	}
	entries, err := d.List()
	if err != nil {
		return err
	}
	if err := l.SetCatalogue(slices.DeleteFunc(entries, func(e Entry) bool { return e.ID == id })); err != nil {
		return err
	}
	if _, err := keyring.Destroy(d.disk, d.root, keyring.Snapshot, id); err != nil {
		return err
	}
	return d.disk.RemoveAll(d.Path(id))
}

// Pins maps every snapshot that a generation was made of to one such generation.
// A generation that cannot be read is an error: what it pins is not known.
func (d *Dir) Pins() (map[string]string, error) {
	s, err := store.OpenDirWith(d.root, store.DirOptions{Disk: d.disk, Keys: d.keys})
	if err != nil {
		return nil, err
	}
	ids, err := s.List()
	if err != nil {
		return nil, err
	}
	pins := map[string]string{}
	for _, id := range ids {
		g, err := s.Open(id)
		if err != nil {
			return nil, err
		}
		for _, ref := range g.Manifest().Snapshots {
			pins[ref.ID] = id
		}
		if err := g.Close(); err != nil {
			return nil, err
		}
	}
	return pins, nil
}
