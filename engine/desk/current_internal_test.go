package desk

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a store of generations that count how often they are closed.
type shelf struct {
	store.Store
	mu      sync.Mutex
	current string
	opened  []*volume
}

func (s *shelf) Current() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == "" {
		return "", store.ErrNoCurrent
	}
	return s.current, nil
}

func (s *shelf) turn(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = id
}

func (s *shelf) Open(id string) (store.Generation, error) {
	v := &volume{id: id}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = append(s.opened, v)
	return v, nil
}

type volume struct {
	store.Generation
	id     string
	closed atomic.Int32
}

func (v *volume) Manifest() *store.Manifest { return &store.Manifest{ID: v.id} }

func (v *volume) Close() error {
	v.closed.Add(1)
	return nil
}

func (v *volume) View(string, household.PersonKey, func(block.Block) error) error {
	if v.closed.Load() > 0 {
		return errors.New("read after it was closed")
	}
	return nil
}

func newTestCurrent(s *shelf) *current {
	return newCurrent(s, func(g store.Generation) *generation { return newGeneration(g, 4, "") })
}

// A generation is open as long as somebody reads it, whatever is switched meanwhile, and
// every one is closed exactly once.
func TestReadersKeepTheirGeneration(t *testing.T) {
	s := &shelf{current: "a"}
	c := newTestCurrent(s)
	var readers sync.WaitGroup
	var failed atomic.Int32
	for range 8 {
		readers.Go(func() {
			for range 2000 {
				g, err := c.acquire()
				if err != nil || g.View("", household.PersonKey{}, nil) != nil {
					failed.Add(1)
				}
				if err == nil && c.release(g) != nil {
					failed.Add(1)
				}
			}
		})
	}
	readers.Go(func() {
		for i := range 200 {
			s.turn([]string{"a", "b", "c"}[i%3])
			if _, err := c.refresh(); err != nil {
				failed.Add(1)
			}
			old, err := c.acquireID([]string{"a", "b", "c"}[(i+1)%3])
			if err != nil || old.View("", household.PersonKey{}, nil) != nil || c.release(old) != nil {
				failed.Add(1)
			}
		}
	})
	readers.Wait()
	if err := c.close(); err != nil || failed.Load() > 0 {
		t.Fatalf("%v, %d reads failed", err, failed.Load())
	}
	if len(s.opened) < 100 {
		t.Fatalf("only %d generations were opened: nothing was switched", len(s.opened))
	}
	for _, v := range s.opened {
		if n := v.closed.Load(); n != 1 {
			t.Errorf("generation %s was closed %d times", v.id, n)
		}
	}
	if _, err := c.acquire(); !errors.Is(err, errClosed) {
		t.Errorf("a closed desk says %v", err)
	}
}

func TestRefresh(t *testing.T) {
	s := &shelf{}
	d := &Desk{current: newTestCurrent(s)}
	if _, err := d.current.acquire(); !errors.Is(err, store.ErrNoCurrent) {
		t.Errorf("before anything is published: %v", err)
	}
	for _, tt := range []struct {
		id      string
		changed bool
	}{{"a", true}, {"a", false}, {"b", true}} {
		s.turn(tt.id)
		changed, err := d.Refresh(context.Background())
		if err != nil || changed != tt.changed || d.Generation() != tt.id {
			t.Errorf("%s: changed %v, %v, now %q", tt.id, changed, err, d.Generation())
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
