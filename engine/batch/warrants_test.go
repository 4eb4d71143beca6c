package batch_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/batch"
)

// once is a register that grants every request the first time, and refuses it whenever it
// is asked again: as if everything were withdrawn in between.
type once struct {
	mu    sync.Mutex
	asked map[string]int
}

func (o *once) Warrant(q engine.Asked) (engine.Warrant, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := q.Request.HouseholdID + " " + q.Scheme
	if o.asked[key]++; o.asked[key] > 1 {
		return engine.Warrant{Refusal: "authorization_withdrawn"}, nil
	}
	w := engine.Warrant{}
	for s := range w.Classes {
		w.Classes[s] = true
	}
	return w, nil
}

// What is read of a household and what is judged of it rest on one answer of the register,
// though a line is prepared twice.
func TestRegisterIsAskedOnce(t *testing.T) {
	const n = 300
	w := newWorld(t, n)
	register := &once{asked: map[string]int{}}
	w.v.Warrant(register)
	_, text, err := run(t, w, requests(n), func(o *batch.Options) { o.Chunk = 64 })
	must(t, err)
	if len(register.asked) != n {
		t.Fatalf("the register was asked for %d of %d", len(register.asked), n)
	}
	for household, times := range register.asked {
		if times != 1 {
			t.Errorf("%s: the register was asked %d times", household, times)
		}
	}
	if strings.Contains(text, "authorization_withdrawn") {
		t.Error("a household was judged by a later answer than it was read by")
	}
}

// unreadable is a register that can't be read.
type unreadable struct{}

var errUnreadable = errors.New("no register")

func (unreadable) Warrant(engine.Asked) (engine.Warrant, error) {
	return engine.Warrant{}, errUnreadable
}

// A register that can't be read ends the batch: nobody is refused for it.
func TestRegisterThatFails(t *testing.T) {
	w := newWorld(t, 3)
	w.v.Warrant(unreadable{})
	if _, _, err := run(t, w, requests(3), nil); !errors.Is(err, errUnreadable) {
		t.Errorf("got %v", err)
	}
}
