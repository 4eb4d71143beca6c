package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/submission"
)

// How far ahead things are done.
const (
	readAhead = 256 // messages
	group     = 128 // messages that are answered together
	sendAhead = 4   // groups that are answered and not sent
)

// partition works off one partition. It begins again after what may pass: a broker or a
// ledger that was away for a while, or another worker that had the partition for a moment.
func (w *Worker) partition(ctx context.Context, p stream.TopicPartition, commits *committed) error {
	wait := firstWait
	for ctx.Err() == nil {
		began := time.Now()
		err := w.once(ctx, p, commits)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // what ends with the work is no fault
		case errors.Is(err, stream.ErrStalled), errors.Is(err, errStalled), errors.Is(err, stream.ErrDenied), errors.Is(err, stream.ErrNoTopic):
			return err
		}
		if _, lost := errors.AsType[*submission.LossError](err); lost {
			return err
		}
		w.o.Watch.Fault(p, err)
		w.o.Log.Warn("a partition begins again", slog.String("topic", p.Topic), slog.Int("partition", int(p.Partition)), slog.Any("error", err))
		if time.Since(began) > time.Minute {
			wait = firstWait
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, 10*time.Second)
	}
	return nil
}

const firstWait = 200 * time.Millisecond

// errStalled says that messages wait and none is answered.
var errStalled = errors.New("messages wait and none was answered for long; restart this process, and look at the ledger if that does not help")

// once claims the partition and works it off until something is wrong.
func (w *Worker) once(ctx context.Context, p stream.TopicPartition, commits *committed) error {
	id, err := w.o.Broker.TopicID(ctx, p.Topic)
	if err != nil {
		return err
	}
	first, next, err := w.o.Broker.Bounds(ctx, p.Topic, p.Partition)
	if err != nil {
		return err
	}
	s := w.o.Office.Stream(p.Topic, p.Partition)
	from, err := s.Claim(ctx, submission.Log{ID: id, First: first, Next: next, At: func(ctx context.Context, at int64) (submission.Message, bool, error) {
		return w.at(ctx, p, at)
	}}, w.o.AcceptLoss)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x := &working{w: w, p: p, s: s, id: id, sure: -1, messages: make(chan submission.Message, readAhead), toSend: make(chan submission.Sending, sendAhead), sent: make(chan submission.Sending, 2*sendAhead)}
	x.moved.Store(time.Now().UnixNano())
	x.committed = func(next int64) { commits.set(p, next) }
	var done sync.WaitGroup
	for _, do := range []func(context.Context) error{
		func(ctx context.Context) error { return x.read(ctx, from) }, x.answer, x.send, x.watch,
	} {
		done.Go(func() {
			if err := do(ctx); err != nil {
				cancel(err)
			}
		})
	}
	done.Wait()
	return context.Cause(ctx)
}

// at reads the message of an offset, false when there is none.
func (w *Worker) at(ctx context.Context, p stream.TopicPartition, at int64) (submission.Message, bool, error) {
	r, err := w.o.Broker.Read(ctx, p.Topic, p.Partition, at)
	if errors.Is(err, stream.ErrGone) || errors.Is(err, stream.ErrBeyond) {
		return submission.Message{}, false, nil
	}
	if err != nil {
		return submission.Message{}, false, err
	}
	defer func() { _ = r.Close() }() // it was only read
	m, err := r.Next(ctx)
	if err != nil {
		return submission.Message{}, false, err
	}
	return messageOf(&m), m.Offset == at, nil
}

func messageOf(m *stream.Message) submission.Message {
	return submission.Message{
		Offset: m.Offset, Batch: string(m.Header("batch")), Key: m.Key, Value: m.Value, Oversize: m.Oversize, Corrupt: m.Corrupt,
	}
}

// working is one partition on its way. Each of its channels has one that fills it and one
// that empties it; what is in them is all that is in memory.
type working struct {
	w *Worker
	p stream.TopicPartition
	s *submission.Stream

	messages chan submission.Message
	toSend   chan submission.Sending
	sent     chan submission.Sending

	id   string       // of the topic that was claimed
	have atomic.Int64 // the offset of the last message that was read
	sure int64        // up to which offset messages are known to be of that topic

	committed func(next int64)
	lag       atomic.Int64
	moved     atomic.Int64 // when something was answered or nothing waited, in nanoseconds
}

// read reads messages ahead.
func (x *working) read(ctx context.Context, from int64) error {
	r, err := x.w.o.Broker.Read(ctx, x.p.Topic, x.p.Partition, from)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	for {
		m, err := r.Next(ctx)
		if err != nil {
			return err
		}
		x.lag.Store(r.Lag() + int64(len(x.messages)) + 1)
		x.have.Store(m.Offset)
		select {
		case x.messages <- messageOf(&m):
		case <-ctx.Done():
			return nil
		}
	}
}

// answer answers what was read, and hands the answers over to be sent.
func (x *working) answer(ctx context.Context) error {
	err := x.s.Unsent(ctx, func(out submission.Sending) error {
		x.settle()
		return x.hand(ctx, out)
	})
	if err != nil {
		return err
	}
	idle := time.NewTimer(idleAfter)
	defer idle.Stop()
	for {
		idle.Reset(idleAfter)
		var list []submission.Message
		select {
		case m := <-x.messages:
			list = append(list, m)
		case out := <-x.sent:
			x.s.Settle(out)
			continue
		case <-idle.C:
			x.moved.Store(time.Now().UnixNano())
			x.lag.Store(0)
			if err := x.s.Idle(ctx); err != nil {
				return err
			}
			continue
		case <-ctx.Done():
			return nil
		}
		for more := true; more && len(list) < group; {
			select {
			case m := <-x.messages:
				list = append(list, m)
			default:
				more = false
			}
		}
		x.settle()
		if err := x.same(ctx, list[len(list)-1].Offset); err != nil {
			return err
		}
		began := time.Now()
		out, err := x.s.Answer(ctx, list)
		if err != nil {
			return err
		}
		x.moved.Store(time.Now().UnixNano())
		x.committed(list[len(list)-1].Offset + 1)
		x.w.o.Watch.Answered(x.p, len(list), time.Since(began))
		x.w.o.Watch.Lag(x.p, max(x.lag.Load()-int64(len(list)), int64(len(x.messages))))
		for _, o := range out {
			if err := x.hand(ctx, o); err != nil {
				return err
			}
		}
	}
}

// same fails when the messages up to an offset may be of another topic than was claimed, made
// anew under its name: the messages before them were then never seen. What was read is of the
// claimed topic when that is still there afterwards.
func (x *working) same(ctx context.Context, upTo int64) error {
	if upTo <= x.sure {
		return nil
	}
	have := x.have.Load()
	id, err := x.w.o.Broker.TopicID(ctx, x.p.Topic)
	if err != nil {
		return err
	}
	if id != x.id {
		return errAnew
	}
	x.sure = have
	return nil
}

// errAnew says that the topic is another one than was claimed.
var errAnew = errors.New("the topic was made anew")

// idleAfter is how long nothing waits before what was sent is said to be.
const idleAfter = 250 * time.Millisecond

// settle takes down what was sent meanwhile.
func (x *working) settle() {
	for {
		select {
		case out := <-x.sent:
			x.s.Settle(out)
		default:
			return
		}
	}
}

// hand hands answers over to be sent, and waits when too many are.
func (x *working) hand(ctx context.Context, out submission.Sending) error {
	for {
		select {
		case x.toSend <- out:
			return nil
		case sent := <-x.sent:
			x.s.Settle(sent)
		case <-ctx.Done():
			return nil
		}
	}
}

// send sends answers in the order in which they were given.
func (x *working) send(ctx context.Context) error {
	for {
		var out submission.Sending
		select {
		case out = <-x.toSend:
		case <-ctx.Done():
			return nil
		}
		began, dead := time.Now(), 0
		messages := make([]stream.Message, len(out.Messages))
		for i, m := range out.Messages {
			t := stream.Message{Topic: x.w.o.Topics.Verdicts, Key: m.Key, Value: m.Value}
			if m.Dead {
				t.Topic = x.w.o.Topics.DeadLetter
				dead++
			}
			for _, h := range m.Headers {
				t.Headers = append(t.Headers, stream.Header{Key: h.Name, Value: []byte(h.Value)})
			}
			messages[i] = t
		}
		if err := x.w.o.Broker.Produce(ctx, messages...); err != nil {
			return err
		}
		x.moved.Store(time.Now().UnixNano()) // a slow topic is no stall
		x.w.o.Watch.Sent(x.p, len(messages)-dead, dead, time.Since(began))
		select {
		case x.sent <- out:
		case <-ctx.Done():
			return nil
		}
	}
}

// watch ends the work when messages wait and nothing moves.
func (x *working) watch(ctx context.Context) error {
	every := time.NewTicker(x.w.o.Stall / 4)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
			if x.lag.Load() > 0 && time.Since(time.Unix(0, x.moved.Load())) > x.w.o.Stall {
				return errStalled
			}
		}
	}
}
