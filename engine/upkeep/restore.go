package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

// RestoreOptions of Restore.
type RestoreOptions struct {
	Into string // a directory that is empty or not there
	Disk durable.Disk
	// KeyTable is a copy of keys.json; required when the directory was encrypted. No
	// backup holds it.
	KeyTable string
	KeyFile  string // with the master keys, of an encrypted directory
	// Ledger loads a ledger into the restored directory and returns the digest of its
	// content; required when the backup holds one.
	Ledger   func(ctx context.Context, dir string, r io.Reader) (digest string, err error)
	Progress func(done, total int64) // bytes; may be nil
}

// Restored says what was put back, proven to be what was saved.
type Restored struct {
	Proof
	Ledger string // digest of its content, "" when there is none
}

// The errors of Restore.
var (
	// ErrNotEmpty says that a directory to restore into holds something.
	ErrNotEmpty = errors.New("the directory is not empty: restore writes over nothing")
	// ErrNoKeys says that an encrypted directory is to be restored without its keys.
	ErrNoKeys = errors.New("the backup is of an encrypted directory and holds no keys")
)

// Restore writes a backup into a directory and proves that it is what it was. Everything
// is put below the name RESTORING first and moved to its place when it is proven: a
// directory with that name in it, left by a restore that failed or was killed, is refused
// by whatever opens data directories, and is thrown away.
func (p *Pool) Restore(ctx context.Context, l *List, o RestoreOptions) (*Restored, error) {
	if held, err := os.ReadDir(o.Into); err == nil && len(held) > 0 {
		return nil, fmt.Errorf("%s: %w", o.Into, ErrNotEmpty)
	}
	switch {
	case l.Ledger != nil && o.Ledger == nil:
		return nil, errors.New("internal: nobody to load the ledger")
	case l.Encrypted && (o.KeyTable == "" || o.KeyFile == ""):
		return nil, ErrNoKeys
	}
	if free, known, err := durable.FreeBytes(existing(o.Into)); err == nil && known && free < l.Bytes()+l.Bytes()/10 {
		return nil, fmt.Errorf("%s: %d bytes are free and %d are needed", o.Into, free, l.Bytes()+l.Bytes()/10)
	}
	work := filepath.Join(o.Into, durable.Restoring)
	if err := o.Disk.MkdirAll(work); err != nil {
		return nil, err
	}
	out, err := p.restoreBelow(ctx, l, o, work)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.ID, err)
	}
	if err := o.Disk.SyncTree(work); err != nil {
		return nil, err
	}
	return out, moveUp(o.Disk, work, o.Into)
}

func (p *Pool) restoreBelow(ctx context.Context, l *List, o RestoreOptions, work string) (*Restored, error) {
	if l.Encrypted {
		table, err := os.ReadFile(o.KeyTable)
		if err != nil {
			return nil, err
		}
		if err := o.Disk.WriteFile(filepath.Join(work, keyTable), table, 0o600); err != nil {
			return nil, err
		}
	}
	// Before anything is written that nobody could read.
	keys, err := keyring.Open(work, o.KeyFile)
	if err != nil {
		return nil, err
	}
	var done int64
	for _, f := range l.Files {
		if err := p.copyOut(ctx, work, o.Disk, f); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		if done += f.Size; o.Progress != nil {
			o.Progress(done, l.Bytes())
		}
	}
	out := &Restored{}
	if l.Ledger != nil {
		if err := p.loadLedger(ctx, l, o, work); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		out.Ledger = l.Ledger.Digest
	}
	proof, err := Prove(ctx, work, keys)
	if err != nil {
		return nil, fmt.Errorf("what was restored is not what it was: %w", err)
	}
	if out.Proof = *proof; out.Generation != l.Generation {
		return nil, fmt.Errorf("the current generation is not the one that was saved: %w", ErrDamaged)
	}
	return out, nil
}

// moveUp gives what was restored its place. The name it was below goes last.
func moveUp(disk durable.Disk, work, into string) error {
	held, err := os.ReadDir(work)
	if err != nil {
		return err
	}
	for _, e := range held {
		if err := disk.Rename(filepath.Join(work, e.Name()), filepath.Join(into, e.Name())); err != nil {
			return err
		}
	}
	return disk.RemoveAll(work)
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

func (p *Pool) copyOut(ctx context.Context, work string, disk durable.Disk, f File) error {
	name := filepath.Join(work, filepath.FromSlash(f.Path))
	if err := disk.MkdirAll(filepath.Dir(name)); err != nil {
		return err
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(p.copyObject(ctx, out, f.SHA256, f.Size), out.Close())
}

func (p *Pool) loadLedger(ctx context.Context, l *List, o RestoreOptions, work string) error {
	// Twice over the object: what is loaded must be known to be whole before.
	if err := p.copyObject(ctx, io.Discard, l.Ledger.SHA256, l.Ledger.Size); err != nil {
		return err
	}
	f, err := os.Open(p.object(l.Ledger.SHA256))
	if err != nil {
		return err
	}
	defer f.Close()
	digest, err := o.Ledger(ctx, work, reading{ctx, f})
	if err != nil {
		return err
	}
	if digest != l.Ledger.Digest {
		return fmt.Errorf("its content has another digest than when it was saved: %w", ErrDamaged)
	}
	return nil
}
