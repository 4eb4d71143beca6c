package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedui/hedui/engine/ledger"
)

// cut is a ledger whose process dies after so many commits.
type cut struct {
	ledger.Ledger

	left atomic.Int64
}

func (c *cut) Commit(ctx context.Context, change ledger.Change) error {
	if c.left.Add(-1) < 0 {
		return errBoom
	}
	return c.Ledger.Commit(ctx, change)
}

// A batch that ended anywhere and is run again leaves what it leaves when it is run once.
func TestBatchEndsAnywhere(t *testing.T) {
	const people = 40
	var lines strings.Builder
	for h := range people {
		fmt.Fprintf(&lines, "%s\n", request(h, h))
	}
	fill := func(w *world) {
		for h := range people {
			if h%9 != 0 {
				w.register(h, h)
			}
		}
	}
	whole := newWorld(t, people)
	fill(whole)
	_, err := whole.batch(centre, lines.String())
	must(t, err)
	want, err := whole.ledger.Digest(t.Context())
	must(t, err)
	ended := 0
	for n := range int64(9) {
		w := newWorld(t, people)
		fill(w)
		full := w.ledger.Ledger
		c := &cut{Ledger: full}
		c.left.Store(n)
		w.ledger.Ledger = c
		if _, err := w.batch(centre, lines.String()); errors.Is(err, errBoom) {
			ended++
		} else if err != nil {
			t.Fatal(err)
		}
		w.ledger.Ledger = full
		_, err := w.batch(centre, lines.String())
		must(t, err)
		if got, err := w.ledger.Digest(t.Context()); err != nil || got != want {
			t.Errorf("ended after %d commits and run again it is another ledger: %v", n, err)
		}
	}
	if ended < 3 {
		t.Errorf("only %d batches ended on the way", ended)
	}
}
