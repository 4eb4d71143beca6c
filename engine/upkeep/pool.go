package upkeep

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/durable"
)

const (
	poolMark = "hedui-backup 1\n"
	markFile = "hedui-backup"
	format   = 1
)

// The errors of a pool.
var (
	ErrNoPool   = errors.New("not a pool of backups")
	ErrNoBackup = errors.New("no such backup")
	ErrDamaged  = errors.New("the backup is damaged")
)

// Pool is a directory of backups. One process writes into it at a time.
type Pool struct {
	dir  string
	disk durable.Disk
}

// List is one backup: what its files were. Its JSON is canonical, and ends in its own
// digest.
type List struct {
	Format     int       `json:"format"`
	ID         string    `json:"id"`
	At         time.Time `json:"at"`
	Generation string    `json:"generation,omitempty"` // the current one
	Encrypted  bool      `json:"encrypted,omitempty"`  // its keys are somewhere else
	Files      []File    `json:"files"`                // by path
	Ledger     *Ledger   `json:"ledger,omitempty"`
	SHA256     string    `json:"sha256"` // of this JSON with an empty text here
}

// File is one file of a backup.
type File struct {
	Path    string `json:"path"` // below the data directory, with slashes
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	Changed int64  `json:"changed"` // nanoseconds since 1970, to know it again
}

// Ledger is the ledger in a backup.
type Ledger struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Digest string `json:"digest"` // of its content, as the ledger itself computes it
}

// OpenPool opens a pool, and makes one of a directory that is empty or not there.
func OpenPool(dir string, disk durable.Disk) (*Pool, error) {
	p := &Pool{dir, disk}
	mark, err := os.ReadFile(p.path(markFile))
	if err == nil {
		if string(mark) != poolMark {
			return nil, fmt.Errorf("%s: %w that this program can read", dir, ErrNoPool)
		}
		return p, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if held, err := os.ReadDir(dir); err == nil && len(held) > 0 {
		return nil, fmt.Errorf("%s: %w, and not empty", dir, ErrNoPool)
	}
	for _, sub := range []string{"", "objects", "backups", "tmp"} {
		if err := disk.MkdirAll(p.path(sub)); err != nil {
			return nil, err
		}
	}
	return p, disk.WriteFile(p.path(markFile), []byte(poolMark), 0o600)
}

// FindPool opens a pool that is there.
func FindPool(dir string, disk durable.Disk) (*Pool, error) {
	if _, err := os.Stat(filepath.Join(dir, markFile)); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoPool)
	}
	return OpenPool(dir, disk)
}

func (p *Pool) path(parts ...string) string {
	return filepath.Join(append([]string{p.dir}, parts...)...)
}

func (p *Pool) object(sum string) string { return p.path("objects", sum[:2], sum[2:]) }

// idForm is the form of an id: a number that goes up, and when the backup was taken.
var idForm = regexp.MustCompile(`^[0-9]{6}-[0-9]{8}T[0-9]{6}Z$`)

// nextID is the id of a backup that is taken at a time.
func (p *Pool) nextID(at time.Time) (string, error) {
	ids, err := p.IDs()
	n := 0
	if err == nil && len(ids) > 0 {
		n, err = strconv.Atoi(ids[len(ids)-1][:6])
	}
	return fmt.Sprintf("%06d-%s", n+1, at.Format("20060102T150405Z")), err
}

// IDs are the backups of the pool, the oldest first.
func (p *Pool) IDs() ([]string, error) {
	held, err := os.ReadDir(p.path("backups"))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range held {
		if id, ok := strings.CutSuffix(e.Name(), ".json"); ok && idForm.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Read reads the list of a backup; "" is the newest.
func (p *Pool) Read(id string) (*List, error) {
	if id == "" {
		ids, err := p.IDs()
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, fmt.Errorf("%s holds none: %w", p.dir, ErrNoBackup)
		}
		id = ids[len(ids)-1]
	}
	if !idForm.MatchString(id) {
		return nil, fmt.Errorf("%q: %w", id, ErrNoBackup)
	}
	text, err := os.ReadFile(p.path("backups", id+".json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", id, ErrNoBackup)
	}
	if err != nil {
		return nil, err
	}
	return parseList(id, text)
}

// parseList reads a list and proves that it is what was written.
func parseList(id string, text []byte) (*List, error) {
	l := &List{}
	if json.Unmarshal(text, l) != nil {
		return nil, fmt.Errorf("%s: its list can't be read: %w", id, ErrDamaged)
	}
	if l.Format != format {
		return nil, fmt.Errorf("%s is of format %d, this program reads %d", id, l.Format, format)
	}
	again, err := l.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, text) || l.ID != id {
		return nil, fmt.Errorf("%s: its list is not as it was written: %w", id, ErrDamaged)
	}
	for i, f := range l.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || len(f.SHA256) != 2*sha256.Size || f.Size < 0 || i > 0 && f.Path <= l.Files[i-1].Path {
			return nil, fmt.Errorf("%s: an impossible file in its list: %w", id, ErrDamaged)
		}
	}
	return l, nil
}

// encode is the canonical JSON of a list, with its digest.
func (l *List) encode() ([]byte, error) {
	c := *l
	c.SHA256 = ""
	text, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	c.SHA256 = hex.EncodeToString(sum[:])
	if text, err = json.MarshalIndent(c, "", " "); err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// Bytes is the size of everything a backup refers to.
func (l *List) Bytes() int64 {
	var n int64
	for _, f := range l.Files {
		n += f.Size
	}
	if l.Ledger != nil {
		n += l.Ledger.Size
	}
	return n
}

// put makes an object of what is read, and returns its digest and size. Content that is
// there already is not written again.
func (p *Pool) put(ctx context.Context, r io.Reader) (sum string, size int64, err error) {
	tmp, err := os.CreateTemp(p.path("tmp"), "object-*")
	if err != nil {
		return "", 0, err
	}
	defer os.Remove(tmp.Name())
	h := sha256.New()
	size, err = io.CopyBuffer(io.MultiWriter(tmp, h), reading{ctx, r}, make([]byte, 1<<20))
	if err = errors.Join(err, tmp.Close()); err != nil {
		return "", 0, err
	}
	sum = hex.EncodeToString(h.Sum(nil))
	if info, err := os.Stat(p.object(sum)); err == nil && info.Size() == size {
		return sum, size, nil
	}
	if err := p.disk.SyncFile(tmp.Name()); err != nil {
		return "", 0, err
	}
	if err := p.disk.MkdirAll(filepath.Dir(p.object(sum))); err != nil {
		return "", 0, err
	}
	return sum, size, p.disk.Rename(tmp.Name(), p.object(sum))
}

// copyObject writes an object and proves that it is whole.
func (p *Pool) copyObject(ctx context.Context, w io.Writer, sum string, size int64) error {
	f, err := os.Open(p.object(sum))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(w, h), reading{ctx, f}, make([]byte, 1<<20))
	if err != nil {
		return err
	}
	if n != size || hex.EncodeToString(h.Sum(nil)) != sum {
		return fmt.Errorf("object %s is not what it was: %w", sum, ErrDamaged)
	}
	return nil
}

// Verify reads everything a backup refers to.
func (p *Pool) Verify(ctx context.Context, l *List, progress func(done, total int64)) error {
	var done int64
	check := func(what, sum string, size int64) error {
		if err := p.copyObject(ctx, io.Discard, sum, size); err != nil {
			return fmt.Errorf("%s, %s: %w", l.ID, what, err)
		}
		done += size
		if progress != nil {
			progress(done, l.Bytes())
		}
		return nil
	}
	var damage []error
	for _, f := range l.Files {
		damage = append(damage, check(f.Path, f.SHA256, f.Size))
	}
	if l.Ledger != nil {
		damage = append(damage, check("ledger", l.Ledger.SHA256, l.Ledger.Size))
	}
	return errors.Join(damage...)
}

// Prune removes all but the newest backups, and every object that none of the others
// refers to. It returns the ids it removed and the bytes it freed.
func (p *Pool) Prune(keep int) (removed []string, freed int64, err error) {
	if keep < 1 {
		return nil, 0, errors.New("at least one backup is kept")
	}
	ids, err := p.IDs()
	if err != nil {
		return nil, 0, err
	}
	used := map[string]bool{}
	kept := ids[max(0, len(ids)-keep):]
	for _, id := range kept {
		l, err := p.Read(id)
		if err != nil {
			return nil, 0, err // nothing is removed beside a backup nobody can read
		}
		for _, f := range l.Files {
			used[f.SHA256] = true
		}
		if l.Ledger != nil {
			used[l.Ledger.SHA256] = true
		}
	}
	for _, id := range ids[:len(ids)-len(kept)] {
		if err := p.disk.RemoveAll(p.path("backups", id+".json")); err != nil {
			return removed, 0, err
		}
		removed = append(removed, id)
	}
	freed, err = p.sweep(used)
	return removed, freed, err
}

func (p *Pool) sweep(used map[string]bool) (freed int64, err error) {
	err = filepath.WalkDir(p.path("objects"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if used[filepath.Base(filepath.Dir(path))+d.Name()] {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		freed += info.Size()
		return os.Remove(path)
	})
	return freed, err
}

// reading ends when its context does.
type reading struct {
	ctx context.Context //nolint:containedctx // an io.Reader has no other way to be told
	r   io.Reader
}

func (r reading) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}
