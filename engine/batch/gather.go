package batch

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// wanted is one member whose entry is to be read, and where it goes.
type wanted struct {
	key  household.PersonKey
	slot int
}

func (a wanted) compare(b wanted) int {
	if c := a.key.Compare(b.key); c != 0 {
		return c
	}
	return a.slot - b.slot
}

// arena keeps copies of entries. Its memory is reused by the next chunk.
type arena struct {
	pages [][]byte
	page  int
}

const arenaPage = 4 << 20

func (a *arena) reset() {
	a.page = 0
	for i := range a.pages {
		a.pages[i] = a.pages[i][:0]
	}
}

func (a *arena) keep(b []byte) []byte {
	for {
		if a.page == len(a.pages) {
			a.pages = append(a.pages, make([]byte, 0, max(arenaPage, len(b))))
		}
		p := a.pages[a.page]
		if cap(p)-len(p) >= len(b) {
			n := len(p)
			p = append(p, b...)
			a.pages[a.page] = p
			return p[n:len(p):len(p)]
		}
		a.page++
	}
}

// errNotCovered says that a walk ended before every key had been answered, which
// a sealed generation cannot do.
var errNotCovered = errors.New("the blocks of the generation do not cover every key")

// gather reads the entries of all wanted members, which are sorted by key: split in
// ranges, one walk over the blocks for each range. entries[slot] is nil afterwards for a
// member of whom nothing is held, which the verified block covering the key has
// proven.
func gather(ctx context.Context, gen store.Generation, want []wanted, entries [][]byte, arenas []arena) error {
	g, ctx := errgroup.WithContext(ctx)
	for w := range arenas {
		part := want[len(want)*w/len(arenas) : len(want)*(w+1)/len(arenas)]
		if len(part) == 0 {
			continue
		}
		g.Go(func() error { return walk(ctx, gen, part, entries, &arenas[w]) })
	}
	return g.Wait()
}

func walk(ctx context.Context, gen store.Generation, want []wanted, entries [][]byte, a *arena) error {
	a.reset()
	i := 0
	err := gen.Walk(ctx, store.SectionPeople, want[0].key, func(b block.Block) (household.PersonKey, bool, error) {
		for i < len(want) && b.Covers(want[i].key) {
			entries[want[i].slot] = nil
			if payload, ok := b.Find(want[i].key); ok {
				entries[want[i].slot] = a.keep(payload)
			}
			i++
		}
		if i == len(want) {
			return household.PersonKey{}, false, nil
		}
		return want[i].key, true, nil
	})
	if err == nil && i != len(want) {
		err = errNotCovered
	}
	return err
}
