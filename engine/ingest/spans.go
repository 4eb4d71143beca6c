package ingest

import (
	"context"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
)

const (
	// spanTarget is about the size of a span, in bytes of items. What comes of the
	// spans that were assembled before their turn is held in memory.
	spanTarget = 4 << 20
	// parcelTarget is the size from which a parcel is handed over.
	parcelTarget = 512 << 10
	// parcelsAhead is how many parcels of one span wait for their turn: those of a
	// span of the usual size.
	parcelsAhead = 16
	// maxAssemblers is the most goroutines that assemble. One writes what they make.
	maxAssemblers = 4
)

// span is a part of the order of items: from one place to before another. All rows
// of a person lie in one span.
type span struct{ from, to place }

// spansOf cuts what the runs hold into spans of about a size. Nothing but the
// division of labour depends on where they are cut.
func spansOf(runs []*run, target int64) []span {
	var posts []post
	for _, r := range runs {
		posts = append(posts, r.posts...)
	}
	slices.SortFunc(posts, func(a, b post) int {
		switch {
		case a.at.less(b.at):
			return -1
		case b.at.less(a.at):
			return 1
		}
		return 0
	})
	spans := []span{{to: place{highest, highest}}}
	size := int64(0)
	for i := range posts {
		if last := &spans[len(spans)-1]; size >= target && last.from.less(posts[i].at) {
			last.to = posts[i].at
			spans = append(spans, span{posts[i].at, place{highest, highest}})
			size = 0
		}
		size += int64(posts[i].size)
	}
	return spans
}

// parcel is some people on their way from an assembler to the writer.
type parcel struct {
	people     []person
	hot, cold  []byte
	quarantine []byte // lines
	items      int64  // that were looked at for it
}

// person says where in a parcel the entries of a person end.
type person struct {
	key       household.PersonKey
	hot, cold int
}

func (p *parcel) size() int { return len(p.hot) + len(p.cold) + len(p.quarantine) }

func (p *parcel) reset() {
	clear(p.people)
	p.people, p.hot, p.cold, p.quarantine, p.items = p.people[:0], p.hot[:0], p.cold[:0], p.quarantine[:0], 0
}

// assembly is how several assemblers work on spans beside each other while what
// they make is written in order.
type assembly struct {
	runs    []*run
	spans   []span
	parcels []chan *parcel // of each span, closed at its end
	slots   chan struct{}  // spans that are begun and not written
	next    atomic.Int64
	free    chan *parcel
	out     *snapshot.Writer
	begun   bool // an entry was written
}

func newAssembly(runs []*run, out *snapshot.Writer, assemblers int) *assembly {
	y := &assembly{
		runs: runs, spans: spansOf(runs, spanTarget), slots: make(chan struct{}, assemblers+2), free: make(chan *parcel, parcelsAhead), out: out,
	}
	for range y.spans {
		y.parcels = append(y.parcels, make(chan *parcel, parcelsAhead))
	}
	return y
}

// run assembles every span and tells after each parcel how many items it was made of.
func (y *assembly) run(ctx context.Context, assemblers []*assembler, done func(items int64)) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, a := range assemblers {
		g.Go(func() error { return y.assemble(ctx, a) })
	}
	g.Go(func() error {
		for _, parcels := range y.parcels {
			if err := y.write(ctx, parcels, done); err != nil {
				return err
			}
			<-y.slots
		}
		return nil
	})
	return g.Wait()
}

// assemble takes one span after another. They are begun in order, so the writer's
// next one is always among those begun.
func (y *assembly) assemble(ctx context.Context, a *assembler) error {
	for {
		select {
		case y.slots <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		i := int(y.next.Add(1)) - 1
		if i >= len(y.spans) {
			return nil
		}
		m, err := newMerger(y.runs, y.spans[i].from, y.spans[i].to)
		if err != nil {
			return err
		}
		a.parcel = y.parcel()
		a.hand = func(p *parcel) error {
			select {
			case y.parcels[i] <- p:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		a.empty = y.parcel
		if err := a.run(m); err != nil {
			return err
		}
		if err := a.hand(a.parcel); err != nil {
			return err
		}
		close(y.parcels[i])
	}
}

func (y *assembly) parcel() *parcel {
	select {
	case p := <-y.free:
		return p
	default:
		return &parcel{}
	}
}

// write writes the parcels of one span.
func (y *assembly) write(ctx context.Context, parcels chan *parcel, done func(items int64)) error {
	for {
		var p *parcel
		var ok bool
		select {
		case p, ok = <-parcels:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if !ok {
			return nil
		}
		if err := y.add(p); err != nil {
			return err
		}
		done(p.items)
		p.reset()
		select {
		case y.free <- p:
		default:
		}
	}
}

func (y *assembly) add(p *parcel) error {
	if len(p.quarantine) > 0 {
		if _, err := y.out.Quarantine().Write(p.quarantine); err != nil {
			return err
		}
	}
	hot, cold := 0, 0
	for i := range p.people {
		x := &p.people[i]
		entry := p.hot[hot:x.hot]
		if !y.begun {
			y.begun = true
			// The first entry of a snapshot is that of a builder that was never reset.
			var b profile.Builder
			if err := b.Merge(entry, 0, nil); err != nil {
				return err
			}
			entry = b.Append(nil)
		}
		if err := y.out.Add(x.key, entry, p.cold[cold:x.cold]); err != nil {
			return err
		}
		hot, cold = x.hot, x.cold
	}
	return nil
}
