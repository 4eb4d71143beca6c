package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// ErrNoDigests is returned for a generation that was published without digests.
var ErrNoDigests = errors.New("the generation has no digests: publish again")

// Diff is of whom two generations do not hold the same, each list ascending.
type Diff struct {
	Added   []household.PersonKey // something is held that was not
	Removed []household.PersonKey // nothing is held any more
	Changed []household.PersonKey // something else is held
}

// Len is how many people differ.
func (d *Diff) Len() int { return len(d.Added) + len(d.Removed) + len(d.Changed) }

// Keys are all who differ, ascending.
func (d *Diff) Keys() []household.PersonKey {
	out := make([]household.PersonKey, 0, d.Len())
	out = append(append(append(out, d.Added...), d.Removed...), d.Changed...)
	slices.SortFunc(out, household.PersonKey.Compare)
	return out
}

// Compare finds of whom two generations do not hold the same. It returns ErrNoDigests,
// damage (store.IsDamaged, ErrDamaged), or what ctx says.
func Compare(ctx context.Context, before, after store.Generation) (*Diff, error) {
	a, err := section(before)
	if err != nil {
		return nil, err
	}
	b, err := section(after)
	if err != nil {
		return nil, err
	}
	d := &Diff{}
	if a == b {
		return d, nil // its seal covers every byte
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	x, y := list(ctx, g, before), list(ctx, g, after)
	g.Go(func() error { return d.compare(ctx, x, y) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return d, nil
}

// section is the seal of the digests of a generation.
func section(g store.Generation) (digest string, err error) {
	m := g.Manifest()
	s, ok := m.Section(Section)
	switch {
	case !ok:
		return "", fmt.Errorf("generation %s: %w", m.ID, ErrNoDigests)
	case s.Version != Version:
		return "", fmt.Errorf("generation %s has digests of version %d, this program reads version %d: %w", m.ID, s.Version, Version, ErrNoDigests)
	}
	return s.FenceDigest, nil
}

// people are those of one block, on their way to be compared.
type people struct {
	keys    []household.PersonKey
	digests []uint64
}

// stream hands out the people of a section in order.
type stream struct {
	full, free chan *people
	now        *people // nil before the first and after the last
	at         int
}

// list begins to read the digests of a generation.
func list(ctx context.Context, g *errgroup.Group, gen store.Generation) *stream {
	s := &stream{full: make(chan *people), free: make(chan *people, 3)}
	for range cap(s.free) {
		s.free <- &people{}
	}
	g.Go(func() error {
		if err := s.read(ctx, gen); err != nil {
			return fmt.Errorf("generation %s: %w", gen.Manifest().ID, err)
		}
		close(s.full) // only now: who waits must not take an error for the end
		return nil
	})
	return s
}

func (s *stream) read(ctx context.Context, gen store.Generation) error {
	var c cursor
	var last household.PersonKey
	return gen.Walk(ctx, Section, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
		var p *people
		select {
		case p = <-s.free:
		case <-ctx.Done():
			return household.PersonKey{}, false, ctx.Err()
		}
		p.keys, p.digests = p.keys[:0], p.digests[:0]
		for i := range b.Len() {
			if err := c.open(b.At(i)); err != nil {
				return household.PersonKey{}, false, err
			}
			for {
				if c.key.Compare(last) <= 0 {
					return household.PersonKey{}, false, damaged("its keys do not ascend")
				}
				last = c.key
				p.keys, p.digests = append(p.keys, c.key), append(p.digests, c.digest)
				if !c.left() {
					break
				}
				if err := c.next(); err != nil {
					return household.PersonKey{}, false, err
				}
			}
		}
		select {
		case s.full <- p:
		case <-ctx.Done():
			return household.PersonKey{}, false, ctx.Err()
		}
		return b.High(), !b.Last(), nil
	})
}

// ready makes the next person the one at hand; more is false after the last.
func (s *stream) ready(ctx context.Context) (more bool, err error) {
	for s.now == nil || s.at == len(s.now.keys) {
		if s.now != nil {
			s.free <- s.now
			s.now = nil
		}
		var ok bool
		select {
		case s.now, ok = <-s.full:
		case <-ctx.Done():
			return false, ctx.Err()
		}
		if !ok {
			s.now = nil
			return false, nil
		}
		s.at = 0
	}
	return true, nil
}

// compare walks both lists at once.
func (d *Diff) compare(ctx context.Context, a, b *stream) error {
	for {
		moreA, err := a.ready(ctx)
		if err != nil {
			return err
		}
		moreB, err := b.ready(ctx)
		if err != nil {
			return err
		}
		switch {
		case !moreA && !moreB:
			return nil
		case !moreB:
			d.Removed = append(d.Removed, a.now.keys[a.at:]...)
			a.at = len(a.now.keys)
		case !moreA:
			d.Added = append(d.Added, b.now.keys[b.at:]...)
			b.at = len(b.now.keys)
		default:
			d.both(a, b)
		}
	}
}

// both compares as far as both have people at hand.
func (d *Diff) both(a, b *stream) {
	x, y := a.now, b.now
	i, j := a.at, b.at
	for i < len(x.keys) && j < len(y.keys) {
		// Nearly always the same person, unchanged.
		switch c := x.keys[i].Compare(y.keys[j]); {
		case c == 0:
			if x.digests[i] != y.digests[j] {
				d.Changed = append(d.Changed, y.keys[j])
			}
			i++
			j++
		case c < 0:
			d.Removed = append(d.Removed, x.keys[i])
			i++
		default:
			d.Added = append(d.Added, y.keys[j])
			j++
		}
	}
	a.at, b.at = i, j
}
