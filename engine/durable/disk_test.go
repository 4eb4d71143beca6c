package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/durable"
)

func record(root string, steps *[]string) durable.Disk {
	return durable.Disk{Before: func(s durable.Step) error {
		rel, _ := filepath.Rel(root, s.Path)
		*steps = append(*steps, s.Op+" "+rel)
		return nil
	}}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(d durable.Disk, root string) error
		want string
	}{
		{"write", func(d durable.Disk, root string) error {
			return d.WriteFile(filepath.Join(root, "a"), []byte("x"), 0o600)
		}, "write a.tmp, sync a.tmp, rename a, syncdir ."},
		{"rename in a directory", func(d durable.Disk, root string) error {
			return d.Rename(filepath.Join(root, "f"), filepath.Join(root, "g"))
		}, "rename g, syncdir ."},
		{"rename between directories", func(d durable.Disk, root string) error {
			return d.Rename(filepath.Join(root, "f"), filepath.Join(root, "d", "g"))
		}, "rename d/g, syncdir d, syncdir ."},
		{
			"tree", func(d durable.Disk, root string) error { return d.SyncTree(root) },
			"sync d/e, syncdir d, sync f, syncdir .",
		},
		{
			"mkdir", func(d durable.Disk, root string) error { return d.MkdirAll(filepath.Join(root, "d", "x", "y")) },
			"mkdir d/x, syncdir d, mkdir d/x/y, syncdir d/x",
		},
		{
			"remove", func(d durable.Disk, root string) error { return d.RemoveAll(filepath.Join(root, "d")) },
			"remove d, syncdir .",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for _, f := range []string{"f", "d/e"} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(root, f)), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(root, f), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var steps []string
			if err := c.do(record(root, &steps), root); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, strings.Join(steps, ", ")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWriteFileKeepsTheOldOneOnEveryFault(t *testing.T) {
	fault := errors.New("fault")
	for k := range 4 {
		name := filepath.Join(t.TempDir(), "a")
		if err := (durable.Disk{}).WriteFile(name, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		n := 0
		d := durable.Disk{Before: func(durable.Step) error {
			if n++; n == k+1 {
				return fault
			}
			return nil
		}}
		if err := d.WriteFile(name, []byte("new"), 0o600); !errors.Is(err, fault) {
			t.Fatalf("step %d: %v", k, err)
		}
		got, err := os.ReadFile(name)
		if want := "old"; err != nil || k < 3 && string(got) != want {
			t.Errorf("fault at step %d leaves %q, %v", k, got, err)
		}
	}
}

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	l, err := durable.TryLock(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := durable.TryLock(name); !errors.Is(err, durable.ErrLocked) {
		t.Errorf("second lock: %v", err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	l, err = durable.WaitLock(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	var shared [2]*durable.Lock
	for i := range shared {
		if shared[i], err = durable.WaitShared(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range shared {
		if _, err := durable.TryLock(name); !errors.Is(err, durable.ErrLocked) {
			t.Errorf("lock beside a shared one: %v", err)
		}
		if err := l.Unlock(); err != nil {
			t.Fatal(err)
		}
	}
	if l, err = durable.TryLock(name); err != nil {
		t.Fatal(err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
}

func TestFreeBytes(t *testing.T) {
	free, known, err := durable.FreeBytes(t.TempDir())
	if err != nil || known && free <= 0 {
		t.Errorf("%d free, %v", free, err)
	}
}
