package current_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hedui/hedui/engine/api/current"
)

// thing notices being used after it was closed, and being closed twice.
type thing struct{ closed atomic.Int32 }

func (g *thing) Close() error {
	if g.closed.Add(1) > 1 {
		return errors.New("closed twice")
	}
	return nil
}

func TestSwitchWhileUsed(t *testing.T) {
	var h current.Holder[*thing]
	if _, err := h.Use(); !errors.Is(err, current.ErrNone) {
		t.Fatalf("an empty holder gave %v", err)
	}
	const users, switches = 8, 500
	all := []*thing{{}}
	if err := h.Switch(all[0]); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var used atomic.Int64
	var wg sync.WaitGroup
	for range users {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				d, err := h.Use()
				if err != nil {
					t.Error(err)
					return
				}
				if d.Value.closed.Load() != 0 {
					t.Error("what is held was closed")
				}
				used.Add(1)
				if d.Value.closed.Load() != 0 {
					t.Error("what is held was closed")
				}
				if err := d.Release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for used.Load() == 0 {
	}
	for range switches {
		next := &thing{}
		all = append(all, next)
		if err := h.Switch(next); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	for i, g := range all {
		if n := g.closed.Load(); n != 1 {
			t.Errorf("value %d was closed %d times", i, n)
		}
	}
	if err := h.Switch(&thing{}); !errors.Is(err, current.ErrNone) {
		t.Errorf("a closed holder took a value: %v", err)
	}
	if _, err := h.Use(); !errors.Is(err, current.ErrNone) {
		t.Errorf("a closed holder gave %v", err)
	}
}

func TestReplacedIsOpenWhileHeld(t *testing.T) {
	var h current.Holder[*thing]
	first := &thing{}
	if err := h.Switch(first); err != nil {
		t.Fatal(err)
	}
	d, err := h.Use()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Switch(&thing{}); err != nil {
		t.Fatal(err)
	}
	if first.closed.Load() != 0 {
		t.Fatal("it was closed while held")
	}
	if err := d.Release(); err != nil {
		t.Fatal(err)
	}
	if first.closed.Load() != 1 {
		t.Fatal("it was not closed when the last let go")
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}
