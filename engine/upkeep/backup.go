package upkeep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

// Options of Backup.
type Options struct {
	Data string // the data directory
	Now  func() time.Time
	// Ledger writes all of the ledger as it is at one moment and returns the digest of
	// its content; nil when there is none.
	Ledger func(ctx context.Context, w io.Writer) (digest string, err error)
	// Begun is told the id before anything is read; its error ends the backup. It is
	// where the audit log learns of it. May be nil.
	Begun    func(id string) error
	Progress func(done, total int64) // bytes; may be nil
}

// attempts is how often a backup begins again when a snapshot or a generation is dropped
// while it is being copied. What an attempt has copied the next one knows, so that it is
// quicker than who drops.
const attempts = 20

// ErrNothing says that a directory holds nothing to back up.
var ErrNothing = errors.New("there is nothing to back up")

// Inside reports whether a path is a directory or lies below it.
func Inside(name, dir string) bool {
	name, err1 := filepath.Abs(name)
	dir, err2 := filepath.Abs(dir)
	rel, err3 := filepath.Rel(dir, name)
	return errors.Join(err1, err2, err3) == nil && filepath.IsLocal(rel)
}

// errGone says that a file went away between being listed and being read.
var errGone = errors.New("dropped while it was copied")

// Backup takes a backup while the centre works.
func (p *Pool) Backup(ctx context.Context, o Options) (*List, error) {
	if err := durable.Usable(o.Data); err != nil {
		return nil, err
	}
	if Inside(p.dir, o.Data) || Inside(o.Data, p.dir) {
		return nil, errors.New("the pool and the data directory lie in one another")
	}
	lock, err := durable.TryLock(p.path("lock"))
	if err != nil {
		return nil, fmt.Errorf("another backup is being taken: %w", err)
	}
	defer lock.Unlock()
	if err := p.clearTmp(); err != nil {
		return nil, err
	}
	at := o.Now().UTC().Truncate(time.Second)
	l := &List{Format: format, At: at, Encrypted: keyring.Encrypted(o.Data)}
	if l.ID, err = p.nextID(at); err != nil {
		return nil, err
	}
	if o.Begun != nil {
		if err := o.Begun(l.ID); err != nil {
			return nil, err
		}
	}
	if o.Ledger != nil { // first: what follows is not older than what it speaks of
		if l.Ledger, err = p.putLedger(ctx, o); err != nil {
			return nil, fmt.Errorf("the ledger: %w", err)
		}
	}
	known := p.known()
	for try := 1; ; try++ {
		l.Generation, l.Files = "", nil
		if err = p.copyAll(ctx, o, l, known); err == nil {
			break
		}
		if !errors.Is(err, errGone) || try == attempts {
			return nil, err
		}
	}
	if len(l.Files) == 0 && l.Ledger == nil {
		return nil, fmt.Errorf("%s: %w", o.Data, ErrNothing)
	}
	text, err := l.encode()
	if err != nil {
		return nil, err
	}
	return l, p.disk.WriteFile(p.path("backups", l.ID+".json"), text, 0o600)
}

func (p *Pool) clearTmp() error {
	held, err := os.ReadDir(p.path("tmp"))
	for _, e := range held {
		err = errors.Join(err, os.Remove(p.path("tmp", e.Name())))
	}
	return err
}

func (p *Pool) putLedger(ctx context.Context, o Options) (*Ledger, error) {
	r, w := io.Pipe()
	type written struct {
		digest string
		err    error
	}
	done := make(chan written, 1)
	go func() {
		digest, err := o.Ledger(ctx, w)
		_ = w.CloseWithError(err) // always nil
		done <- written{digest, err}
	}()
	sum, size, err := p.put(ctx, r)
	_ = r.CloseWithError(err) // always nil; the writer ends when nobody reads
	d := <-done
	if err = errors.Join(err, d.err); err != nil {
		return nil, err
	}
	return &Ledger{Size: size, SHA256: sum, Digest: d.digest}, nil
}

// known are the files of the newest backup, by path. What is sealed is recognised by its
// size and time and not read again.
func (p *Pool) known() map[string]File {
	out := map[string]File{}
	if l, err := p.Read(""); err == nil {
		for _, f := range l.Files {
			out[f.Path] = f
		}
	}
	return out
}

// copyAll copies everything but the ledger.
func (p *Pool) copyAll(ctx context.Context, o Options, l *List, known map[string]File) error {
	all, err := sources(o.Data)
	if err != nil {
		return err
	}
	if l.Generation, err = currentIn(all); err != nil {
		return err
	}
	var total, done int64
	for i := range all {
		total += all[i].Size
	}
	for i := range all {
		f, err := p.copyIn(ctx, o.Data, &all[i], known)
		if err != nil {
			return err
		}
		l.Files = append(l.Files, f)
		if all[i].sealed {
			known[f.Path] = f
		}
		if done += f.Size; o.Progress != nil {
			o.Progress(done, total)
		}
	}
	slices.SortFunc(l.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// copyIn makes an object of a file, or finds that it is one already.
func (p *Pool) copyIn(ctx context.Context, data string, s *source, known map[string]File) (File, error) {
	out := s.File
	if s.content != nil {
		var err error
		out.SHA256, out.Size, err = p.put(ctx, bytes.NewReader(s.content))
		return out, err
	}
	if k, ok := known[s.Path]; ok && s.sealed && k.Size == s.Size && k.Changed == s.Changed {
		if info, err := os.Stat(p.object(k.SHA256)); err == nil && info.Size() == k.Size {
			return k, nil
		}
	}
	f, err := os.Open(filepath.Join(data, filepath.FromSlash(s.Path)))
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, fmt.Errorf("%s: %w", s.Path, errGone)
	}
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	// A log has grown since: what was there when it was listed is what belongs together.
	sum, size, err := p.put(ctx, io.LimitReader(f, s.Size))
	if err == nil && size != s.Size {
		err = fmt.Errorf("%s: %w", s.Path, errGone)
	}
	out.SHA256 = sum
	return out, err
}
