package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/hedui/hedui/engine/durable"
)

// syncsItself says that the ledger syncs Badger's log and Badger does not. Badger syncs
// two files for every transaction, of which one is never written to here, and lets its
// log grow into a file without blocks, so that every sync also waits for the file
// system's journal, and for whatever else the machine writes.
const syncsItself = true

// wal is the log of Badger's newest memory table: the file that a transaction is in when
// Badger has committed it. It belongs to the committer, which writes nothing while it
// uses it.
type wal struct {
	dir  string
	disk durable.Disk
	f    *os.File
	id   int
	room int64 // bytes that surely have blocks on the disk behind what is written
}

const (
	fillBytes = 512 << 10 // written ahead at once
	fillLeft  = 128 << 10 // when so much is left
)

// openWAL opens the log of an open database.
func openWAL(dir string, disk durable.Disk) (*wal, error) {
	w := &wal{dir: dir, disk: disk, id: -1}
	if err := w.follow(); err != nil {
		return nil, fmt.Errorf("open the log of the ledger: %w", err)
	}
	if w.f == nil {
		return nil, damaged("%s: no log of a memory table", dir)
	}
	return w, nil
}

func (w *wal) name(id int) string { return filepath.Join(w.dir, fmt.Sprintf("%05d.mem", id)) }

// sync makes everything that was committed durable.
func (w *wal) sync() error {
	_, gone := os.Lstat(w.name(w.id))
	_, last := os.Lstat(w.name(w.id + 1))
	if gone != nil || !errors.Is(last, fs.ErrNotExist) {
		// The memory table was full and another follows, with a log of its own.
		if err := errors.Join(w.disk.SyncOpen(w.f), w.follow(), w.disk.SyncDir(w.dir)); err != nil {
			return err
		}
	}
	return w.disk.SyncOpen(w.f)
}

// follow goes on to the newest log, and syncs those before it. One that is gone lies in
// a table, which Badger has synced.
func (w *wal) follow() error {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return err
	}
	for _, e := range entries { // in the order of their names, so that the newest is the last
		text, ok := strings.CutSuffix(e.Name(), ".mem")
		id, err := strconv.Atoi(text)
		if !ok || err != nil || id <= w.id {
			continue
		}
		f, err := os.OpenFile(w.name(id), os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := w.disk.SyncOpen(f); err != nil {
			return errors.Join(err, f.Close())
		}
		err = w.close() // it is synced
		w.f, w.id, w.room = f, id, 0
		if err != nil {
			return err
		}
	}
	return nil
}

// spend says that so much was written at most, and gives the file blocks ahead when they
// run out: zeros, which is what a reader of the log finds behind its end anyway. It is
// called after a sync and before the next transaction, so that nobody writes meanwhile.
// What can't be had is done without.
func (w *wal) spend(bytes int64) {
	if w.room -= bytes; w.room > fillLeft {
		return
	}
	w.room = 0
	info, err := w.f.Stat()
	if err != nil {
		return
	}
	const seekHole = 4 // SEEK_HOLE
	hole, err := syscall.Seek(int(w.f.Fd()), 0, seekHole)
	if err != nil || hole <= 0 || hole >= info.Size() {
		return
	}
	n := min(fillBytes, info.Size()-hole)
	if _, err := io.CopyN(io.NewOffsetWriter(w.f, hole), zeros{}, n); err != nil {
		return
	}
	durable.StartWriting(w.f)
	w.room = n
}

func (w *wal) close() error {
	if w == nil || w.f == nil {
		return nil
	}
	return w.f.Close()
}

// zeros are without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
