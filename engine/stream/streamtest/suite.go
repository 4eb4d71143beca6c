package streamtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/stream"
)

// Target is a broker that is tried.
type Target struct {
	Brokers []string
	// Down makes it unreachable, Up reachable again. Messages that were acknowledged
	// must be there afterwards.
	Down, Up func(testing.TB)
	// Secure is how it is reached encrypted and with a password: brokers, TLS and SASL.
	Secure stream.Options
	// External is somebody else's broker: what would make it unreachable or needs Secure
	// is left out, and said.
	External bool
}

// Open opens the target with what a test changes.
func (target Target) Open(tb testing.TB, changes ...func(*stream.Options)) stream.Broker {
	tb.Helper()
	o := stream.Options{
		Brokers: target.Brokers, Session: 6 * time.Second, Heartbeat: 200 * time.Millisecond, Rebalance: 6 * time.Second,
		Drain: 2 * time.Second, Wait: 100 * time.Millisecond, Timeout: 5 * time.Second,
	}
	for _, change := range changes {
		change(&o)
	}
	b, err := stream.Open(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Error(err)
		}
	})
	return b
}

// topics are never used twice, so that the cases don't see each other.
var serial atomic.Int64 //nolint:gochecknoglobals // a counter, so that two suites of one process don't share a topic

// Topic creates a topic for one test.
func (target Target) Topic(tb testing.TB, b stream.Broker, partitions int32) string {
	tb.Helper()
	name := fmt.Sprintf("streamtest-%d-%d", time.Now().UnixNano(), serial.Add(1))
	if err := b.Ensure(tb.Context(), stream.Topic{Name: name, Partitions: partitions}); err != nil {
		tb.Fatal(err)
	}
	return name
}

// Run tries everything the contract promises.
func Run(t *testing.T, target Target) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		if err := goleak.Find(append(fakes, before)...); err != nil {
			t.Error(err)
		}
	})
	ran := 0
	for _, c := range []struct {
		name string
		try  func(*testing.T, Target)
		own  bool
	}{
		{"order", order, false},
		{"round trip", roundTrip, false},
		{"codecs", codecs, false},
		{"partition of a key", partitionOfKey, false},
		{"bounds", bounds, false},
		{"gone", gone, false},
		{"made anew", beyond, false},
		{"no topic", noTopic, false},
		{"too large to hand out", oversize, false},
		{"batch too large to hold", largeBatch, false},
		{"unpacked too large", bomb, false},
		{"transactions", transactions, false},
		{"too large to take", tooLarge, false},
		{"context ends", contextEnds, false},
		{"one member and two", members, false},
		{"lost generation", lost, false},
		{"group of no topic", joinNothing, false},
		{"reader outlives the broker", outage, true},
		{"producer outlives the broker", produceOutage, true},
		{"encrypted and with a password", secure, true},
	} {
		if c.own && target.External {
			t.Logf("not tried on somebody else's broker: %s", c.name)
			continue
		}
		ran++
		t.Run(c.name, func(t *testing.T) { c.try(t, target) })
	}
	if ran == 0 {
		t.Error("nothing ran")
	}
}

// What a fake broker in this process leaves running, and the other client.
var fakes = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*Cluster).run"),
	goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*broker).listen"),
	goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*group).manage"),
	goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*clientConn).read"),
	goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*clientConn).write"),
	goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"), // for the process of a real one
}

// read reads n messages of a partition.
func read(t *testing.T, r stream.Reader, n int) []stream.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var out []stream.Message
	for len(out) < n {
		m, err := r.Next(ctx)
		if err != nil {
			t.Fatalf("after %d of %d messages, at offset %d: %v", len(out), n, r.Offset(), err)
		}
		if len(out) > 0 && m.Offset <= out[len(out)-1].Offset {
			t.Fatalf("offset %d after %d", m.Offset, out[len(out)-1].Offset)
		}
		out = append(out, m)
	}
	return out
}

func reader(t *testing.T, b stream.Broker, topic string, partition int32, from int64) stream.Reader {
	t.Helper()
	r, err := b.Read(t.Context(), topic, partition, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func produce(t *testing.T, b stream.Broker, messages ...stream.Message) {
	t.Helper()
	if err := b.Produce(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
}

func numbered(topic string, from, n int) []stream.Message {
	out := make([]stream.Message, n)
	for i := range out {
		out[i] = stream.Message{Topic: topic, Key: fmt.Appendf(nil, "key %d", (from+i)%17), Value: fmt.Appendf(nil, "value %d", from+i)}
	}
	return out
}

func values(ms []stream.Message) []string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = string(m.Value)
	}
	return out
}

// order: within a partition what was produced comes back in its order, without a gap.
func order(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 3)
	const all = 2000
	want := make(map[int32][]string)
	for from := 0; from < all; from += 500 {
		ms := numbered(topic, from, 500)
		produce(t, b, ms...)
		for _, m := range ms {
			p := stream.PartitionOf(m.Key, 3)
			want[p] = append(want[p], string(m.Value))
		}
	}
	total := 0
	for p := range int32(3) {
		if len(want[p]) == 0 {
			t.Fatalf("partition %d has no key", p)
		}
		got := read(t, reader(t, b, topic, p, 0), len(want[p]))
		for i, m := range got {
			if m.Offset != int64(i) || m.Topic != topic || m.Partition != p {
				t.Fatalf("message %d is %s", i, m.Place())
			}
		}
		if diff := cmp.Diff(want[p], values(got)); diff != "" {
			t.Errorf("partition %d: -want +got\n%s", p, diff)
		}
		total += len(got)
	}
	if total != all {
		t.Errorf("%d of %d", total, all)
	}
}

// roundTrip: keys, values and headers come back as they were, nothing and empty told apart.
func roundTrip(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 1)
	at := time.Date(2026, 11, 1, 8, 30, 0, 123e6, time.UTC)
	want := []stream.Message{
		{Key: []byte("k"), Value: []byte("v"), Time: at, Headers: []stream.Header{{Key: "a", Value: []byte("1")}, {Key: "a", Value: []byte("2")}, {Key: "空", Value: []byte{0, 255}}}},
		{Key: nil, Value: nil, Time: at},
		{Key: []byte{}, Value: []byte{}, Time: at},
		{Key: []byte("键"), Value: []byte("值 \x00\xff"), Time: at, Headers: []stream.Header{{Key: "empty", Value: []byte{}}}},
	}
	for i := range want {
		want[i].Topic, want[i].Offset = topic, int64(i)
		produce(t, b, want[i])
	}
	got := read(t, reader(t, b, topic, 0, 0), len(want))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if h := got[0].Header("a"); string(h) != "2" {
		t.Errorf("header a is %q", h)
	}
	// From the middle of what is there.
	if from := read(t, reader(t, b, topic, 0, 2), 2); from[0].Offset != 2 {
		t.Errorf("from 2: %s", from[0].Place())
	}
}

// bounds: where a partition begins and ends.
func bounds(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 2)
	check := func(first, next int64) {
		t.Helper()
		f, n, err := b.Bounds(t.Context(), topic, 0)
		if err != nil || f != first || n != next {
			t.Errorf("bounds %d..%d, %v; want %d..%d", f, n, err, first, next)
		}
	}
	check(0, 0)
	if n, err := b.Partitions(t.Context(), topic); n != 2 || err != nil {
		t.Errorf("%d partitions, %v", n, err)
	}
	if _, err := b.Read(t.Context(), topic, 0, 1); !errors.Is(err, stream.ErrBeyond) {
		t.Errorf("read behind the end of an empty partition: %v", err)
	}
	key := keyOf(0, 2)
	for i := range 10 {
		produce(t, b, stream.Message{Topic: topic, Key: key, Value: fmt.Append(nil, i)})
	}
	check(0, 10)
	r := reader(t, b, topic, 0, 4)
	if got := read(t, r, 3); got[0].Offset != 4 || r.Offset() != 7 || r.Lag() != 3 {
		t.Errorf("first %d, next %d, lag %d", got[0].Offset, r.Offset(), r.Lag())
	}
	// Ensuring again changes nothing.
	if err := b.Ensure(t.Context(), stream.Topic{Name: topic, Partitions: 5}); err != nil {
		t.Error(err)
	}
	if n, err := b.Partitions(t.Context(), topic); n != 2 || err != nil {
		t.Errorf("%d partitions, %v", n, err)
	}
	check(0, 10)
}

func keyOf(partition, of int32) []byte {
	for i := 0; ; i++ {
		if key := fmt.Appendf(nil, "k%d", i); stream.PartitionOf(key, of) == partition {
			return key
		}
	}
}

// gone: what retention took away is said, by a reader that is opened and one that was.
func gone(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 1)
	produce(t, b, numbered(topic, 0, 20)...)
	target.Trim(t, topic, 0, 12)
	if _, err := b.Read(t.Context(), topic, 0, 11); !errors.Is(err, stream.ErrGone) {
		t.Errorf("read before the beginning: %v", err)
	}
	if got := read(t, reader(t, b, topic, 0, 12), 8); got[0].Offset != 12 {
		t.Errorf("begins at %s", got[0].Place())
	}
	r := reader(t, b, topic, 0, 20)
	produce(t, b, numbered(topic, 20, 10)...)
	target.Trim(t, topic, 0, 25)
	if _, err := r.Next(t.Context()); !errors.Is(err, stream.ErrGone) {
		t.Errorf("a reader that was overtaken: %v", err)
	}
	if _, err := r.Next(t.Context()); !errors.Is(err, stream.ErrGone) {
		t.Errorf("and again: %v", err)
	}
}

// beyond: a topic that was made anew is told from one that has nothing new.
func beyond(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 1)
	produce(t, b, numbered(topic, 0, 10)...)
	r := reader(t, b, topic, 0, 0)
	read(t, r, 10)
	target.Drop(t, topic)
	if err := b.Ensure(t.Context(), stream.Topic{Name: topic, Partitions: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(t.Context()); !errors.Is(err, stream.ErrBeyond) {
		t.Errorf("a reader of what was there: %v", err)
	}
	anew(t, target, b)
	waitFor(t, func() bool {
		_, err := b.Read(t.Context(), topic, 0, 10)
		return errors.Is(err, stream.ErrBeyond)
	})
	produce(t, b, numbered(topic, 100, 1)...)
	if got := read(t, reader(t, b, topic, 0, 0), 1); string(got[0].Value) != "value 100" {
		t.Errorf("%q", got[0].Value)
	}
}

// anew: also when as many messages are there again before anybody looks.
func anew(t *testing.T, target Target, b stream.Broker) {
	topic := target.Topic(t, b, 1)
	id, err := b.TopicID(t.Context(), topic)
	if err != nil || id == "" {
		t.Fatalf("id %q, %v", id, err)
	}
	produce(t, b, numbered(topic, 0, 10)...)
	r := reader(t, b, topic, 0, 0)
	read(t, r, 10)
	target.Drop(t, topic)
	if err := b.Ensure(t.Context(), stream.Topic{Name: topic, Partitions: 1}); err != nil {
		t.Fatal(err)
	}
	produce(t, b, numbered(topic, 100, 20)...)
	time.Sleep(1100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if m, err := r.Next(ctx); !errors.Is(err, stream.ErrBeyond) {
		t.Errorf("a reader of what was there, with as much there again: %s, %v", m.Place(), err)
	}
	if other, err := b.TopicID(t.Context(), topic); err != nil || other == id || other == "" {
		t.Errorf("id %q, before %q, %v", other, id, err)
	}
}

func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	for range 200 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("it never came about")
}

func noTopic(t *testing.T, target Target) {
	b := target.Open(t, func(o *stream.Options) { o.Patience = time.Second })
	const missing = "streamtest-missing"
	if _, err := b.Partitions(t.Context(), missing); !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("partitions: %v", err)
	}
	if _, err := b.TopicID(t.Context(), missing); !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("id: %v", err)
	}
	if _, err := b.Read(t.Context(), missing, 0, 0); !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("read: %v", err)
	}
	err := b.Produce(t.Context(), stream.Message{Topic: missing, Value: []byte("x")})
	if !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("produce: %v", err)
	}
	topic := target.Topic(t, b, 1)
	if _, err := b.Read(t.Context(), topic, 7, 0); !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("read a partition that is not there: %v", err)
	}
	// Nothing of it created the topic.
	if _, err := b.Partitions(t.Context(), missing); !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("partitions, afterwards: %v", err)
	}
	r := reader(t, b, topic, 0, 0)
	target.Drop(t, topic)
	if _, err := r.Next(t.Context()); !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("a reader of a topic that was deleted: %v", err)
	}
}

// contextEnds: whoever waits is let go at once, and can go on.
func contextEnds(t *testing.T, target Target) {
	b := target.Open(t, func(o *stream.Options) { o.Wait = 4 * time.Second })
	topic := target.Topic(t, b, 1)
	r := reader(t, b, topic, 0, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := r.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("let go after %v", took)
	}
	produce(t, b, numbered(topic, 0, 3)...)
	if got := read(t, r, 3); !slices.Equal(values(got), []string{"value 0", "value 1", "value 2"}) {
		t.Errorf("%q", values(got))
	}
	r.Close()
	if _, err := r.Next(t.Context()); err == nil {
		t.Error("a closed reader reads")
	}
}
