package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// RestoreOptions of Restore.
type RestoreOptions struct {
	Into string // a directory that is empty or not there
	Disk durable.Disk
	// Ledger loads a ledger into the restored directory and returns the digest of its
	// content; required when the backup holds one.
	Ledger func(ctx context.Context, dir string, r io.Reader) (digest string, err error)
	// Verify proves the seals of what was restored; nil uses Seals. A directory that is
	// encrypted needs its keys for it.
	Verify   func(ctx context.Context, dir string) error
	Progress func(done, total int64) // bytes; may be nil
}

// ErrNotEmpty says that a directory to restore into holds something.
var ErrNotEmpty = errors.New("the directory is not empty: restore writes over nothing")

// Restore writes a backup into a directory and proves that it is what it was. A restore
// that failed or was killed leaves a file named RESTORING in it: such a directory is
// thrown away.
func (p *Pool) Restore(ctx context.Context, l *List, o RestoreOptions) error {
	if held, err := os.ReadDir(o.Into); err == nil && len(held) > 0 {
		return fmt.Errorf("%s: %w", o.Into, ErrNotEmpty)
	}
	if l.Ledger != nil && o.Ledger == nil {
		return errors.New("internal: nobody to load the ledger")
	}
	if free, known, err := durable.FreeBytes(existing(o.Into)); err == nil && known && free < l.bytes()+l.bytes()/10 {
		return fmt.Errorf("%s: %d bytes are free and %d are needed", o.Into, free, l.bytes()+l.bytes()/10)
	}
	if err := o.Disk.MkdirAll(o.Into); err != nil {
		return err
	}
	begun := filepath.Join(o.Into, "RESTORING")
	if err := o.Disk.WriteFile(begun, []byte(l.ID+"\n"), 0o600); err != nil {
		return err
	}
	var done int64
	for _, f := range l.Files {
		if err := p.copyOut(ctx, o, f); err != nil {
			return fmt.Errorf("%s, %s: %w", l.ID, f.Path, err)
		}
		if done += f.Size; o.Progress != nil {
			o.Progress(done, l.bytes())
		}
	}
	if l.Ledger != nil {
		if err := p.loadLedger(ctx, l, o); err != nil {
			return fmt.Errorf("%s, ledger: %w", l.ID, err)
		}
	}
	if err := o.Disk.SyncTree(o.Into); err != nil {
		return err
	}
	verify := o.Verify
	if verify == nil {
		verify = Seals
	}
	if err := verify(ctx, o.Into); err != nil {
		return fmt.Errorf("what was restored is not what it was: %w", err)
	}
	return o.Disk.RemoveAll(begun)
}

// existing is the nearest directory above a path that is there.
func existing(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir
		}
		dir = up
	}
}

func (p *Pool) copyOut(ctx context.Context, o RestoreOptions, f File) error {
	name := filepath.Join(o.Into, filepath.FromSlash(f.Path))
	if err := o.Disk.MkdirAll(filepath.Dir(name)); err != nil {
		return err
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(p.copyObject(ctx, out, f.SHA256, f.Size), out.Close())
}

func (p *Pool) loadLedger(ctx context.Context, l *List, o RestoreOptions) error {
	// Twice over the object: what is loaded must be known to be whole before.
	if err := p.copyObject(ctx, io.Discard, l.Ledger.SHA256, l.Ledger.Size); err != nil {
		return err
	}
	f, err := os.Open(p.object(l.Ledger.SHA256))
	if err != nil {
		return err
	}
	defer f.Close()
	digest, err := o.Ledger(ctx, o.Into, reading{ctx, f})
	if err != nil {
		return err
	}
	if digest != l.Ledger.Digest {
		return fmt.Errorf("its content has another digest than when it was saved: %w", ErrDamaged)
	}
	return nil
}

// Seals proves every seal of a data directory: snapshots, generations, the audit chain.
func Seals(ctx context.Context, data string) error {
	dir, err := snapshot.OpenDir(data)
	if err != nil {
		return err
	}
	if err := dir.Verify(ctx, nil); err != nil && !errors.Is(err, snapshot.ErrNoData) {
		return err
	}
	st, err := store.OpenDir(data)
	if err != nil {
		return err
	}
	ids, err := st.List()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := sweep(ctx, st, id); err != nil {
			return err
		}
	}
	r, err := audit.Verify(ctx, data, nil)
	if err != nil {
		return err
	}
	if !r.OK() {
		return fmt.Errorf("the audit log is broken at entry %d: %s", r.FirstBad, r.Reason)
	}
	return nil
}

func sweep(ctx context.Context, st store.Store, id string) (err error) {
	g, err := st.Open(id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	return g.Sweep(ctx, nil)
}
