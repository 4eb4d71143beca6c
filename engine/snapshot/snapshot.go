package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/profile"
)

// Snapshot reads one sealed snapshot. It is safe for use by several goroutines.
// What it returns was verified against the seal; anything else is a *DamageError.
type Snapshot struct {
	dir      string
	id       string
	manifest *Manifest
	digest   string       // of the manifest
	key      *keyring.Key // of the files, nil when they are not sealed
	hot      *pageFile
	cold     *pageFile
}

// Open opens a snapshot of the catalogue. The caller closes it. A sealed one needs the
// keys of the directory: else keyring.ErrLocked is returned, or keyring.ErrDestroyed
// when its key is no more.
func (d *Dir) Open(id string) (*Snapshot, error) {
	e, err := d.find(id)
	if err != nil {
		return nil, err
	}
	return d.openAt(d.Path(id), id, e.Manifest)
}

// openAt opens a directory; digest is what the manifest's must be, "" for any.
func (d *Dir) openAt(dir, id, digest string) (*Snapshot, error) {
	s := &Snapshot{dir: dir, id: id}
	m, err := readManifest(dir)
	if err != nil {
		return nil, s.damage(manifestFile, err)
	}
	s.manifest, s.digest = m.parsed, m.digest
	switch {
	case s.manifest.ID != id || s.manifest.ContentID() != id:
		err = errors.New("it belongs to another snapshot")
	case digest != "" && digest != m.digest:
		err = errors.New("it is not the one that the catalogue knows")
	}
	if err != nil {
		return nil, s.damage(manifestFile, err)
	}
	if s.key, err = d.keyOf(s.manifest); errors.Is(err, keyring.ErrPlain) {
		return nil, s.damage(manifestFile, err)
	} else if err != nil { // no damage, but no key
		return nil, fmt.Errorf("snapshot %s: %w", id, err)
	}
	if s.hot, err = openPageFile(filepath.Join(dir, hotFile), kindHot, s.key); err != nil {
		return nil, s.damage(hotFile, err)
	}
	if s.cold, err = openPageFile(filepath.Join(dir, coldFile), kindCold, s.key); err != nil {
		return nil, errors.Join(s.damage(coldFile, err), s.hot.close())
	}
	return s, nil
}

// keyOf opens the key of a snapshot's files, nil when they are not sealed.
func (d *Dir) keyOf(m *Manifest) (*keyring.Key, error) {
	switch {
	case m.Key != 0:
		return d.keys.Key(m.Key)
	case d.keys != nil:
		return nil, keyring.ErrPlain
	}
	return nil, nil
}

// OpenQuarantine opens the text of the quarantine file of a snapshot, which the caller
// closes.
func (d *Dir) OpenQuarantine(id string) (io.ReadCloser, error) {
	s, err := d.Open(id)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	f, err := os.Open(d.QuarantineFile(id))
	if err != nil || s.key == nil {
		return f, err
	}
	return &textReader{f: f, key: s.key}, nil
}

type readManifestResult struct {
	parsed *Manifest
	digest string
}

func readManifest(dir string) (readManifestResult, error) {
	var r readManifestResult
	b, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return r, err
	}
	seal, err := os.ReadFile(filepath.Join(dir, sealFile))
	if err != nil {
		return r, err
	}
	if string(seal) != sealText(b) {
		return r, errors.New("it is not what was sealed")
	}
	r.digest = ManifestDigest(b)
	r.parsed, err = ParseManifest(b)
	return r, err
}

// ManifestDigest is the digest by which the catalogue knows a manifest.
func ManifestDigest(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return hex.EncodeToString(sum[:])
}

func (s *Snapshot) damage(file string, err error) error {
	return &DamageError{s.id, filepath.Join(s.dir, file), err}
}

// Manifest is what the snapshot says of itself. It must not be changed.
func (s *Snapshot) Manifest() *Manifest { return s.manifest }

// Close gives the files back.
func (s *Snapshot) Close() error { return errors.Join(s.hot.close(), s.cold.close()) }

// Cold returns the text of a record that the check does not read: the columns of
// the row of the file, both counted from 1, under this person. ok is false when
// the snapshot proves that it holds no such text.
func (s *Snapshot) Cold(key household.PersonKey, file int, row int64) (columns []Text, ok bool, err error) {
	b, _, _, err := s.cold.page(s.cold.covering(key), nil, nil)
	if err != nil {
		return nil, false, s.damage(coldFile, err)
	}
	entry, ok := b.Find(key)
	if !ok {
		return nil, false, nil
	}
	if columns, ok, err = findCold(entry, file, row); err != nil {
		return nil, false, s.damage(coldFile, err)
	}
	return columns, ok, nil
}

// verify reads every byte of the snapshot and compares it with the seal.
func (s *Snapshot) verify(done func(n int64) error) error {
	for _, f := range []struct {
		name string
		seal FileSeal
	}{{hotFile, s.manifest.Hot}, {coldFile, s.manifest.Cold}, {quarantineFile, s.manifest.Quarantine}} {
		if err := verifyFile(filepath.Join(s.dir, f.name), f.seal, done); err != nil {
			return s.damage(f.name, err)
		}
	}
	var buf, raw []byte
	var err error
	for _, f := range []struct {
		name string
		file *pageFile
	}{{hotFile, s.hot}, {coldFile, s.cold}} {
		for i := range f.file.posts {
			if _, buf, raw, err = f.file.page(i, buf, raw); err != nil {
				return s.damage(f.name, err)
			}
			if err := done(0); err != nil {
				return err
			}
		}
	}
	return nil
}

func verifyFile(name string, seal FileSeal, done func(n int64) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	h, want := sha256.New(), seal.SHA256
	if seal.Stored != nil {
		h, want = hash.Hash(xxhash.New()), seal.Stored.XXH64 // its sum is big endian, as the text
	}
	buf := make([]byte, 256<<10)
	size := int64(0)
	for {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		size += int64(n)
		if stop := done(int64(n)); stop != nil {
			return stop
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if size != seal.onDisk() || hex.EncodeToString(h.Sum(nil)) != want {
		return errors.New("it is not what was sealed")
	}
	return nil
}

// Verify re-checks the seals and digests of every snapshot in the catalogue and
// every page of their files. It goes on after damage and returns all of it joined.
// progress, which may be nil, is told the bytes read and their total.
func (d *Dir) Verify(ctx context.Context, progress func(done, total int64)) error {
	entries, err := d.List()
	if err != nil {
		return err
	}
	var damage []error
	var done, total int64
	whole := entries[:0:0]
	for _, e := range entries {
		s, err := d.Open(e.ID)
		if err != nil {
			damage = append(damage, err)
			continue
		}
		total += s.bytes()
		whole = append(whole, e)
		damage = append(damage, s.Close())
	}
	for _, e := range whole {
		s, err := d.Open(e.ID)
		if err != nil {
			damage = append(damage, err)
			continue
		}
		err = s.verify(func(n int64) error {
			done += n
			if progress != nil && n > 0 {
				progress(done, total)
			}
			return ctx.Err()
		})
		damage = append(damage, err, s.Close())
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(damage...)
}

func (s *Snapshot) bytes() int64 {
	return s.manifest.Hot.onDisk() + s.manifest.Cold.onDisk() + s.manifest.Quarantine.onDisk()
}

// Writer writes the files of one snapshot into a directory. It belongs to one
// goroutine.
type Writer struct {
	dir        string
	key        *keyring.Key
	hot, cold  *pageWriter
	quarantine *textFile
}

// NewWriter starts a snapshot in a directory, which it makes. A key, of Lock.Key, seals
// its files.
func NewWriter(dir string, key *keyring.Key) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	w := &Writer{dir: dir, key: key}
	var err error
	if w.hot, err = newPageWriter(filepath.Join(dir, hotFile), kindHot, profile.Version, key); err != nil {
		return nil, err
	}
	if w.cold, err = newPageWriter(filepath.Join(dir, coldFile), kindCold, pageFormat, key); err == nil {
		var f *sealedFile
		if f, err = createSealed(filepath.Join(dir, quarantineFile), key); err == nil {
			w.quarantine = &textFile{sealedFile: f}
		}
	}
	if err != nil {
		w.Abort()
		return nil, err
	}
	_, err = io.WriteString(w.quarantine, "file,row,line,column,code,excerpt\n")
	return w, err
}

// Quarantine is where the lines of the quarantine file go, after its header.
func (w *Writer) Quarantine() io.Writer { return w.quarantine }

// Add appends a person: the hot entry and the cold one, either of which may be
// empty. Keys ascend strictly.
func (w *Writer) Add(key household.PersonKey, hot, cold []byte) error {
	if len(hot) > 0 {
		if err := w.hot.add(key, hot); err != nil {
			return fmt.Errorf("%s: %w", hotFile, err)
		}
	}
	if len(cold) > 0 {
		if err := w.cold.add(key, cold); err != nil {
			return fmt.Errorf("%s: %w", coldFile, err)
		}
	}
	return nil
}

// Seal finishes the files, fills in their seals and the id of the manifest, and
// writes it. It returns the digest by which the catalogue knows the manifest.
func (w *Writer) Seal(m *Manifest) (digest string, err error) {
	if m.Hot, err = w.hot.finish(); err != nil {
		return "", fmt.Errorf("%s: %w", hotFile, err)
	}
	if m.Cold, err = w.cold.finish(); err != nil {
		return "", fmt.Errorf("%s: %w", coldFile, err)
	}
	if m.Quarantine, err = w.quarantine.finish(); err != nil {
		return "", fmt.Errorf("%s: %w", quarantineFile, err)
	}
	w.quarantine = nil
	m.Key = w.key.ID()
	m.ID = m.ContentID()
	b, err := m.Encode()
	if err != nil {
		return "", err
	}
	if _, err := ParseManifest(b); err != nil {
		return "", fmt.Errorf("manifest just made: %w", err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, manifestFile), b, 0o600); err != nil {
		return "", err
	}
	return ManifestDigest(b), os.WriteFile(filepath.Join(w.dir, sealFile), []byte(sealText(b)), 0o600)
}

// Abort ends the writer without a seal. After Seal it does nothing.
func (w *Writer) Abort() {
	if w.hot != nil {
		w.hot.stop()
	}
	if w.cold != nil {
		w.cold.stop()
	}
	if w.quarantine != nil {
		_ = w.quarantine.f.Close()
	}
}
