package topic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/stream"
)

// End is the header of a message that ends a delivery. Its value says nothing.
const End = "end"

// Until says where a delivery ends.
type Until int

// The ways a delivery ends.
const (
	Now  Until = iota // with what was there when it was planned
	Idle              // when nothing came for a while
	Mark              // behind a mark in every partition
)

// Options say which messages are taken.
type Options struct {
	Broker stream.Broker
	Topic  string
	Until  Until
	// Pause is how long nothing must come: for Idle to end the delivery, for Mark to give
	// up waiting (0 never does).
	Pause time.Duration
	// After are the spans of the snapshot before. A partition without one begins with what
	// it has.
	After []snapshot.Span
}

// What there may be to say of a plan.
var (
	// ErrNothing is a topic in which nothing new came.
	ErrNothing = errors.New("nothing came since the last snapshot")
	// ErrNoMark is a partition whose mark did not come.
	ErrNoMark = errors.New("not every partition has the message with the header end")
)

// Plan returns the spans to take, in order of the partitions, the empty ones too.
func Plan(ctx context.Context, o Options) ([]snapshot.Span, error) {
	n, err := o.Broker.Partitions(ctx, o.Topic)
	if err != nil {
		return nil, err
	}
	id, err := o.Broker.TopicID(ctx, o.Topic)
	if err != nil {
		return nil, err
	}
	spans := make([]snapshot.Span, n)
	for p := range n {
		first, next, err := o.Broker.Bounds(ctx, o.Topic, p)
		if err != nil {
			return nil, err
		}
		s := snapshot.Span{Topic: o.Topic, ID: id, Partition: p, From: first, To: next}
		for _, a := range o.After {
			if a.Topic != o.Topic || a.Partition != p {
				continue
			}
			if s.From = a.To; a.ID != "" && id != "" && a.ID != id {
				return nil, fmt.Errorf("topic %s is another one than the last snapshot was made of: %w", o.Topic, stream.ErrBeyond)
			}
		}
		switch place := fmt.Sprintf("topic %s partition %d", o.Topic, p); {
		case s.From < first:
			return nil, fmt.Errorf("%s: offsets %d to %d were deleted before they were read: %w", place, s.From, first, stream.ErrGone)
		case s.From > next:
			return nil, fmt.Errorf("%s: the last snapshot ended at offset %d: %w", place, s.From, stream.ErrBeyond)
		}
		spans[p] = s
	}
	switch o.Until {
	case Idle:
		err = o.idle(ctx, spans)
	case Mark:
		err = o.marks(ctx, spans)
	}
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(spans, func(s snapshot.Span) bool { return s.To > s.From }) {
		return nil, fmt.Errorf("topic %s: %w", o.Topic, ErrNothing)
	}
	return spans, nil
}

// idle moves the ends of spans on until they stay where they are for Pause.
func (o Options) idle(ctx context.Context, spans []snapshot.Span) error {
	const looks = 10
	for still := 0; still < looks; still++ {
		select {
		case <-time.After(o.Pause / looks):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		for i := range spans {
			_, next, err := o.Broker.Bounds(ctx, o.Topic, spans[i].Partition)
			if err != nil {
				return err
			}
			if next != spans[i].To {
				spans[i].To, still = next, 0
			}
		}
	}
	return nil
}

// marks moves the end of each span behind its mark.
func (o Options) marks(ctx context.Context, spans []snapshot.Span) error {
	var came atomic.Int64 // messages that were seen
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if o.Pause > 0 {
		// Quiet is measured in whole pauses: between one and two of them.
		go func() {
			t := time.NewTicker(o.Pause)
			defer t.Stop()
			for before := int64(-1); ; {
				select {
				case <-ctx.Done():
					return
				case <-t.C:
					now := came.Load()
					if now == before {
						cancel(ErrNoMark)
						return
					}
					before = now
				}
			}
		}()
	}
	g, gctx := errgroup.WithContext(ctx)
	for i := range spans {
		g.Go(func() error {
			s := &spans[i]
			r, err := o.Broker.Read(gctx, s.Topic, s.Partition, s.From)
			if err != nil {
				return err
			}
			defer r.Close()
			for {
				m, err := r.Next(gctx)
				if err != nil {
					if cause := context.Cause(gctx); cause != nil {
						err = cause
					}
					return fmt.Errorf("topic %s partition %d offset %d: %w", s.Topic, s.Partition, r.Offset(), err)
				}
				came.Add(1)
				if isMark(m) {
					s.To = m.Offset + 1
					return nil
				}
			}
		})
	}
	return g.Wait()
}

func isMark(m stream.Message) bool {
	return slices.ContainsFunc(m.Headers, func(h stream.Header) bool { return h.Key == End })
}

// After returns the spans that the newest snapshot of a provider took of a topic. One of
// the day replaced, which a new snapshot takes the place of, is passed over; so are those
// that are held or were replaced.
func After(dir *snapshot.Dir, source household.Source, provider, topic string, replaced household.Date) ([]snapshot.Span, error) {
	entries, err := dir.List()
	if errors.Is(err, snapshot.ErrNoData) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b snapshot.Entry) int { return cmp.Compare(b.AsOf, a.AsOf) })
	for _, e := range entries {
		if e.Source != source || e.Provider != provider || e.State != snapshot.Active || e.AsOf == replaced {
			continue
		}
		s, err := dir.Open(e.ID)
		if err != nil {
			return nil, err
		}
		var spans []snapshot.Span
		for _, f := range s.Manifest().Files {
			if f.Stream != nil && f.Stream.Topic == topic {
				spans = append(spans, *f.Stream)
			}
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
		if spans != nil {
			return spans, nil
		}
	}
	return nil, nil
}
