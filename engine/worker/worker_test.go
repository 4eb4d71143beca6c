package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/desktest"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/stream/streamtest"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var centre = desktest.Official("centre-340104", desktest.County, access.Centre)

// world is a centre, a broker in memory and a batch that is open.
type world struct {
	*desktest.Centre

	fake  *streamtest.FakeBroker
	batch *submission.Batch
	lines [][]byte
}

func newWorld(t *testing.T, households int) *world {
	t.Helper()
	w := &world{Centre: desktest.New(t, households), fake: streamtest.Fake(t)}
	for h := range households {
		if h%7 != 3 {
			w.Register(h)
		}
		w.lines = append(w.lines, desktest.Request(h))
	}
	b := w.broker("hedui-test")
	must(t, b.Ensure(t.Context(), stream.Topic{Name: worker.Requests, Partitions: 4}, stream.Topic{Name: worker.Verdicts, Partitions: 4}, stream.Topic{Name: worker.DeadLetter, Partitions: 1}))
	var err error
	w.batch, err = w.office(w.Ledger).Open(t.Context(), centre, submission.Order{Scheme: "dibao", Rows: int64(households)})
	must(t, err)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// broker is a client with short times.
func (w *world) broker(group string) stream.Broker {
	w.T.Helper()
	b, err := stream.Open(stream.Options{
		Brokers: w.fake.Addrs, Group: group, Session: 2 * time.Second, Heartbeat: 200 * time.Millisecond, Rebalance: 3 * time.Second, Drain: time.Second,
		Wait: 50 * time.Millisecond, Timeout: 2 * time.Second, Patience: 5 * time.Second,
	})
	must(w.T, err)
	w.T.Cleanup(func() { must(w.T, b.Close()) })
	return b
}

func (w *world) office(l ledger.Ledger) *submission.Office {
	w.T.Helper()
	o, err := submission.New(submission.Options{
		Desk: w.NewDesk(l), Ledger: l, Audit: w.Audit, Now: time.Now, Workers: 1,
		Standing: func(context.Context, string) (access.Subject, error) { return centre.Subject, nil },
	})
	must(w.T, err)
	w.T.Cleanup(func() { must(w.T, o.Close()) })
	return o
}

// work runs a worker until stop is called, which returns what ended it.
func (w *world) work(b stream.Broker, l ledger.Ledger, o worker.Options) (stop func() error) {
	w.T.Helper()
	o.Broker, o.Office = b, w.office(l)
	x, err := worker.New(o)
	must(w.T, err)
	ctx, cancel := context.WithCancel(w.T.Context())
	ended := make(chan error, 1)
	go func() { ended <- x.Run(ctx) }()
	return func() error { cancel(); return <-ended }
}

func (w *world) produce(batch string, lines ...[]byte) {
	w.T.Helper()
	w.produceKeyed(batch, 0, lines...)
}

// produceKeyed sends lines with the keys that the lines from one on have.
func (w *world) produceKeyed(batch string, from int, lines ...[]byte) {
	w.T.Helper()
	b := w.broker("producer")
	var list []stream.Message
	for i, line := range lines {
		list = append(list, stream.Message{Topic: worker.Requests, Key: fmt.Append(nil, from+i), Value: line, Headers: []stream.Header{{Key: "batch", Value: []byte(batch)}}})
	}
	must(w.T, b.Produce(w.T.Context(), list...))
}

// all reads everything that is in a topic.
func (w *world) all(topic string) (list []stream.Message) {
	w.T.Helper()
	b := w.broker("reader")
	n, err := b.Partitions(w.T.Context(), topic)
	must(w.T, err)
	for p := range n {
		first, next, err := b.Bounds(w.T.Context(), topic, p)
		must(w.T, err)
		if first == next {
			continue
		}
		r, err := b.Read(w.T.Context(), topic, p, first)
		must(w.T, err)
		for r.Offset() < next {
			m, err := r.Next(w.T.Context())
			must(w.T, err)
			list = append(list, m)
		}
		must(w.T, r.Close())
	}
	return list
}

// await waits until the batch is over.
func (w *world) await(within time.Duration) *submission.Batch {
	w.T.Helper()
	o := w.office(w.Ledger)
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		b, err := o.Get(w.T.Context(), centre, w.batch.ID)
		must(w.T, err)
		if b.State.Over() {
			return b
		}
		if time.Since(began) > within {
			w.T.Fatalf("after %s %d of %d rows are answered", within, b.Different(), b.Rows)
		}
	}
}

// verdictsOnce fails unless every row has one verdict, in the ledger and in the topic, and
// the topic says none with other bytes.
func (w *world) verdictsOnce() {
	w.T.Helper()
	sent := map[string][]byte{}
	for _, m := range w.all(worker.Verdicts) {
		id := string(m.Header("id"))
		if before, again := sent[id]; again && !bytes.Equal(before, m.Value) {
			w.T.Errorf("%s is in the topic with other bytes", id)
		}
		sent[id] = m.Value
	}
	for i, line := range w.lines {
		id := desk.RowRequest(w.batch.ID, "dibao", line)
		a, err := w.Desk.RowAnswered(w.T.Context(), id)
		must(w.T, err)
		if a == nil || !bytes.Equal(a.Line, sent[id]) {
			w.T.Errorf("row %d: in the ledger %v, in the topic %v", i, a != nil, sent[id] != nil)
		}
	}
	if len(sent) != len(w.lines) {
		w.T.Errorf("%d verdicts in the topic for %d rows", len(sent), len(w.lines))
	}
}

func TestWorkerAnswers(t *testing.T) {
	w := newWorld(t, 500)
	stop := w.work(w.broker("g"), w.Ledger, worker.Options{})
	w.produce(w.batch.ID, w.lines...)
	w.produce("no such batch", w.lines[0])
	w.produce(w.batch.ID, []byte("no request"))
	w.await(20 * time.Second)
	time.Sleep(300 * time.Millisecond) // what is sent behind the last row
	must(t, stop())
	w.verdictsOnce()
	reasons := map[string]int{}
	for _, m := range w.all(worker.DeadLetter) {
		reasons[string(m.Header("reason"))]++
	}
	if reasons["unknown_batch"] != 1 || reasons["not_a_request"]+reasons["batch_over"] != 1 {
		t.Errorf("set aside: %v", reasons)
	}
}

// Workers come and go, connections break, answers to what was written are lost, and the
// ledger is away for a while: every row is answered once.
func TestWorkerFaults(t *testing.T) {
	w := newWorld(t, 1500)
	l := &away{Ledger: w.Ledger}
	w.produce(w.batch.ID, w.lines...)
	w.produce(w.batch.ID, w.lines[:300]...)
	steady := w.work(w.broker("g"), l, worker.Options{})
	for n := range 6 {
		stop := w.work(w.broker("g"), w.Ledger, worker.Options{})
		switch n % 3 {
		case 0:
			w.fake.Cut()
		case 1:
			w.fake.ForgetProduce("", 2)
			w.fake.Cut()
		case 2:
			l.set(true)
		}
		time.Sleep(150 * time.Millisecond)
		l.set(false)
		must(t, stop())
	}
	w.await(60 * time.Second)
	time.Sleep(500 * time.Millisecond)
	must(t, steady())
	w.verdictsOnce()
}

// away is a ledger that nobody answers for, at times.
type away struct {
	ledger.Ledger

	mu   sync.Mutex
	gone bool
}

func (l *away) set(gone bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = gone
}

func (l *away) Commit(ctx context.Context, c ledger.Change) error {
	l.mu.Lock()
	gone := l.gone
	l.mu.Unlock()
	if gone {
		return ledger.ErrUnreachable
	}
	return l.Ledger.Commit(ctx, c)
}

// A topic of verdicts that takes a tenth of what could be answered holds the work up; it
// does not fill the memory.
func TestWorkerSlowSink(t *testing.T) {
	w := newWorld(t, 1200)
	slow := &slow{Broker: w.broker("g"), each: 3 * time.Millisecond}
	var far farthest
	w.produce(w.batch.ID, w.lines...)
	stop := w.work(slow, w.Ledger, worker.Options{Watch: &far})
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		if slow.count() >= len(w.lines) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	must(t, stop())
	// Four partitions, each with what is answered together, waits to be sent and is sent.
	if ahead := far.ahead(); ahead == 0 || ahead > 4*7*128 {
		t.Errorf("%d messages were answered and not sent", ahead)
	}
	w.verdictsOnce()
}

// slow is a broker that takes its time for every message.
type slow struct {
	stream.Broker

	each time.Duration
	mu   sync.Mutex
	sent int
}

func (s *slow) Produce(ctx context.Context, m ...stream.Message) error {
	time.Sleep(time.Duration(len(m)) * s.each)
	err := s.Broker.Produce(ctx, m...)
	if err == nil {
		s.mu.Lock()
		s.sent += len(m)
		s.mu.Unlock()
	}
	return err
}

func (s *slow) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// farthest is how far answering ever was ahead of sending.
type farthest struct {
	mu             sync.Mutex
	answered, most int
}

func (f *farthest) add(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answered += n
	f.most = max(f.most, f.answered)
}

func (f *farthest) ahead() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.most
}

func (f *farthest) Lag(stream.TopicPartition, int64) {}
func (f *farthest) Answered(_ stream.TopicPartition, n int, _ time.Duration) {
	f.add(n)
}

func (f *farthest) Sent(_ stream.TopicPartition, verdicts, dead int, _ time.Duration) {
	f.add(-verdicts - dead)
}
func (f *farthest) Fault(stream.TopicPartition, error) {}

// A topic that is made anew while a worker is not asking for messages, and filled beyond
// where it stands, is read from its beginning: nothing that is in it is left out.
func TestWorkerTopicAnew(t *testing.T) {
	w := newWorld(t, 900)
	w.produce(w.batch.ID, w.lines[:600]...)
	b := &halting{Broker: w.broker("g"), after: 40, halted: make(chan struct{}, 100), on: make(chan struct{})}
	stop := w.work(b, w.Ledger, worker.Options{})
	for range 4 { // partitions
		<-b.halted
	}
	streamtest.Target{Brokers: w.fake.Addrs}.Drop(t, worker.Requests)
	must(t, w.broker("again").Ensure(t.Context(), stream.Topic{Name: worker.Requests, Partitions: 4}))
	w.produceKeyed(w.batch.ID, 600, w.lines[600:]...)
	w.produceKeyed(w.batch.ID, 0, w.lines[:600]...)
	close(b.on)
	w.await(30 * time.Second)
	time.Sleep(300 * time.Millisecond)
	must(t, stop())
	w.verdictsOnce()
}

// halting is a broker whose readers halt after some messages, until they are told to go on.
type halting struct {
	stream.Broker

	after  int
	halted chan struct{}
	on     chan struct{}
}

func (h *halting) Read(ctx context.Context, topic string, partition int32, from int64) (stream.Reader, error) {
	r, err := h.Broker.Read(ctx, topic, partition, from)
	return &haltingReader{r, h, 0}, err
}

type haltingReader struct {
	stream.Reader

	h *halting
	n int
}

func (r *haltingReader) Next(ctx context.Context) (stream.Message, error) {
	if r.n++; r.n > r.h.after {
		select {
		case r.h.halted <- struct{}{}:
		default:
		}
		select {
		case <-r.h.on:
		case <-ctx.Done():
		}
	}
	return r.Reader.Next(ctx)
}

// A ledger that does not answer, with messages waiting, ends the worker.
func TestWorkerStalled(t *testing.T) {
	w := newWorld(t, 50)
	l := &stuck{Ledger: w.Ledger}
	w.produce(w.batch.ID, w.lines...)
	b := w.broker("g")
	x, err := worker.New(worker.Options{Broker: b, Office: w.office(l), Stall: 400 * time.Millisecond})
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := x.Run(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it ended with %v", err)
	}
}

// stuck is a ledger whose changes with puts wait for ever.
type stuck struct{ ledger.Ledger }

func (l *stuck) Commit(ctx context.Context, c ledger.Change) error {
	if len(c.Ops) == 0 {
		return l.Ledger.Commit(ctx, c)
	}
	<-ctx.Done()
	return ctx.Err()
}
