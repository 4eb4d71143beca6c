package submission

import (
	"context"
	"fmt"

	"github.com/hedui/hedui/engine/ledger"
)

// Unsent are the answers of the partition that are in the ledger and not said to be sent:
// of a worker that ended between the two. They are given in their order.
func (s *Stream) Unsent(ctx context.Context, give func(Sending) error) error {
	var parts []*ledger.Part
	q := ledger.PartsBeing(partOutbox, s.topic, s.partition)
	q.Bare = true
	err := ledger.All(ctx, s.o.o.Ledger, q, func(p *ledger.Part) error {
		parts = append(parts, p)
		return nil
	})
	if err != nil {
		return ledgerError(err)
	}
	for _, p := range parts {
		out, err := s.unsent(ctx, p.Key())
		if err != nil {
			return err
		}
		if err := give(out); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stream) unsent(ctx context.Context, id string) (out Sending, err error) {
	p, err := ledger.Get[ledger.Part](ctx, s.o.o.Ledger, id)
	if err != nil {
		return out, ledgerError(err)
	}
	items, err := decodeItems(p)
	if err != nil {
		return out, err
	}
	out.part = p
	for i := range items {
		x := &items[i]
		verdict := x.line
		if !x.Dead && len(verdict) == 0 {
			a, err := s.o.o.Desk.RowAnswered(ctx, x.Request)
			if err != nil {
				return out, err
			}
			if a == nil {
				return out, fmt.Errorf("part %s: the ledger does not have what offset %d was answered", id, x.Number)
			}
			verdict = a.Line
		}
		out.Messages = append(out.Messages, s.outgoing(x, verdict, p))
	}
	return out, nil
}

// Settle takes down that answers were sent. It is in the ledger with the next ones, or
// after Flush: answers whose worker ends before that are sent a second time.
func (s *Stream) Settle(x Sending) { s.sent = append(s.sent, x.part) }

// Flush writes down what was settled.
func (s *Stream) Flush(ctx context.Context) error {
	if len(s.sent) == 0 {
		return nil
	}
	fence := &ledger.Fence{Topic: s.topic, Partition: s.partition, Epoch: s.epoch, From: s.at, To: s.at, Mark: s.mark(s.last)}
	if err := s.o.o.Ledger.Commit(ctx, ledger.Change{Ops: s.settling(), Fence: fence}); err != nil {
		return ledgerError(err)
	}
	s.sent = s.sent[:0]
	return nil
}

// settling are the Ops that say that parts were sent. What was set aside is in its topic
// now, and not kept here.
func (s *Stream) settling() (ops []ledger.Op) {
	for _, p := range s.sent {
		next := *p
		next.State = partDone
		if next.Counts.Dead > 0 {
			if items, err := decodeItems(p); err == nil {
				for i := range items {
					if items[i].Dead {
						items[i].line, items[i].Key = nil, nil
					}
				}
				next.Body = encodeItems(items)
			}
		}
		ops = append(ops, ledger.PutOver(&next))
	}
	return ops
}
