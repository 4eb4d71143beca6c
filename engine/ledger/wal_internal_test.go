//go:build linux

package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/hedui/hedui/engine/durable"
)

// logs is a directory of logs, and what was synced of it.
type logs struct {
	t      *testing.T
	dir    string
	synced []string
}

func (l *logs) add(id int) {
	l.t.Helper()
	f, err := os.Create(filepath.Join(l.dir, fmt.Sprintf("%05d.mem", id)))
	if err != nil {
		l.t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(4 << 20); err != nil {
		l.t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("written"), 0); err != nil {
		l.t.Fatal(err)
	}
}

func (l *logs) disk() durable.Disk {
	return durable.Disk{Before: func(s durable.Step) error {
		l.synced = append(l.synced, s.Op+" "+filepath.Base(s.Path))
		return nil
	}}
}

// Every log that a transaction may be in is synced before it is acknowledged, also when
// the memory table was followed by another, or by several of which some are gone.
func TestEveryLogIsSynced(t *testing.T) {
	l := &logs{t: t, dir: t.TempDir()}
	dir := filepath.Base(l.dir)
	l.add(1)
	l.add(2)
	w, err := openWAL(l.dir, l.disk())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for _, step := range []struct {
		do   func()
		want []string
	}{
		{func() {}, []string{"sync 00002.mem"}},
		{func() { l.add(3) }, []string{"sync 00002.mem", "sync 00003.mem", "syncdir " + dir, "sync 00003.mem"}},
		{func() {}, []string{"sync 00003.mem"}},
		{func() {
			l.add(5)
			l.add(6)
			_ = os.Remove(w.name(3))
		}, []string{"sync 00003.mem", "sync 00005.mem", "sync 00006.mem", "syncdir " + dir, "sync 00006.mem"}},
	} {
		l.synced = nil
		step.do()
		if err := w.sync(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(l.synced, step.want) {
			t.Errorf("synced %v, want %v", l.synced, step.want)
		}
	}
}

// What is written ahead is zeros behind what is written, and never more than the file.
func TestWritingAhead(t *testing.T) {
	l := &logs{t: t, dir: t.TempDir()}
	l.add(1)
	w, err := openWAL(l.dir, durable.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	var before syscall.Stat_t
	for n := range 100 {
		if err := w.sync(); err != nil {
			t.Fatal(err)
		}
		w.spend(64 << 10)
		if n == 0 && w.room <= 0 {
			t.Error("nothing was written ahead")
		}
	}
	if err := syscall.Fstat(int(w.f.Fd()), &before); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(w.name(1))
	if err != nil {
		t.Fatal(err)
	}
	if len(text) != 4<<20 || before.Blocks*512 < 4<<20 {
		t.Errorf("%d bytes, %d on the disk", len(text), before.Blocks*512)
	}
	if string(text[:7]) != "written" || slices.ContainsFunc(text[7:], func(b byte) bool { return b != 0 }) {
		t.Error("what was written is another")
	}
}
