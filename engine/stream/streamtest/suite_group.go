package streamtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/stream"
)

func join(t *testing.T, b stream.Broker, topics ...string) stream.Membership {
	t.Helper()
	m, err := b.Join(t.Context(), topics...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func next(t *testing.T, m stream.Membership) stream.Generation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	g, err := m.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// until asks for generations until one has so many partitions.
func until(t *testing.T, m stream.Membership, n int) stream.Generation {
	t.Helper()
	for range 20 {
		g := next(t, m)
		if len(g.Partitions()) == n {
			return g
		}
		over(t, g)
		g.Release()
	}
	t.Fatalf("no generation with %d partitions", n)
	return nil
}

func over(t *testing.T, g stream.Generation) {
	t.Helper()
	select {
	case <-g.Lost():
	case <-time.After(30 * time.Second):
		t.Fatal("the generation is never over")
	}
}

// members: one has everything, two share it, and who stays has everything again.
func members(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 4)
	group := func(o *stream.Options) { o.Group = "group-" + topic }
	one := join(t, target.Open(t, group), topic)
	g1 := until(t, one, 4)
	if g1.Member() == "" || g1.ID() <= 0 {
		t.Errorf("generation %d of member %q", g1.ID(), g1.Member())
	}
	p0 := stream.TopicPartition{Topic: topic, Partition: 0}
	if err := g1.Commit(t.Context(), map[stream.TopicPartition]int64{p0: 7}); err != nil {
		t.Errorf("commit: %v", err)
	}
	if n := target.Committed(t, "group-"+topic, topic, 0); n != 7 {
		t.Errorf("%d was committed", n)
	}
	if err := g1.Commit(t.Context(), map[stream.TopicPartition]int64{{Topic: topic, Partition: 9}: 7}); !errors.Is(err, stream.ErrLost) {
		t.Errorf("commit of what is not this member's: %v", err)
	}

	two := join(t, target.Open(t, group), topic)
	over(t, g1)
	if err := g1.Commit(t.Context(), map[stream.TopicPartition]int64{p0: 8}); !errors.Is(err, stream.ErrLost) {
		t.Errorf("commit in a generation that is over: %v", err)
	}
	g1.Release()
	half := make(chan stream.Generation, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		for {
			g, err := two.Next(ctx)
			if err != nil {
				half <- nil
				return
			}
			if len(g.Partitions()) == 2 {
				half <- g
				return
			}
			<-g.Lost()
			g.Release()
		}
	}()
	h1 := until(t, one, 2)
	h2 := <-half
	if h2 == nil {
		t.Fatal("the second member has no generation")
	}
	if h1.ID() != h2.ID() || h1.ID() <= g1.ID() {
		t.Errorf("generations %d, then %d and %d", g1.ID(), h1.ID(), h2.ID())
	}
	both := slices.Concat(h1.Partitions(), h2.Partitions())
	slices.SortFunc(both, func(a, b stream.TopicPartition) int { return int(a.Partition - b.Partition) })
	if diff := cmp.Diff(g1.Partitions(), both); diff != "" {
		t.Errorf("shared: -want +got\n%s", diff)
	}
	if n := target.Committed(t, "group-"+topic, topic, 0); n != 7 {
		t.Errorf("%d is committed after the distribution", n)
	}
	two.Close()
	over(t, h1)
	h1.Release()
	if g := until(t, one, 4); g.ID() <= h1.ID() {
		t.Errorf("generation %d after %d", g.ID(), h1.ID())
	}
}

// lost: a member that does not release is not waited for beyond Drain.
func lost(t *testing.T, target Target) {
	b := target.Open(t)
	topic := target.Topic(t, b, 2)
	group := func(o *stream.Options) { o.Group, o.Drain = "group-"+topic, 500*time.Millisecond }
	one := join(t, target.Open(t, group), topic)
	g := until(t, one, 2)
	two := join(t, target.Open(t, group), topic)
	over(t, g)
	// g is never released.
	h := until(t, two, 1)
	if k := until(t, one, 1); k.ID() != h.ID() {
		t.Errorf("generations %d and %d", k.ID(), h.ID())
	}
}

func joinNothing(t *testing.T, target Target) {
	b := target.Open(t, func(o *stream.Options) { o.Group, o.Patience = "group", time.Second })
	if _, err := b.Join(t.Context(), "streamtest-missing"); !errors.Is(err, stream.ErrNoTopic) {
		t.Errorf("a topic that is not there: %v", err)
	}
	if _, err := b.Join(t.Context()); err == nil {
		t.Error("no topic at all")
	}
	if _, err := target.Open(t).Join(t.Context(), "x"); err == nil {
		t.Error("no group")
	}
}

// outage: a reader and a member go on when the broker is back, with nothing left out.
func outage(t *testing.T, target Target) {
	b := target.Open(t, func(o *stream.Options) { o.Patience = 60 * time.Second })
	topic := target.Topic(t, b, 1)
	gb := target.Open(t, func(o *stream.Options) { o.Group, o.Patience = "group-"+topic, 60*time.Second })
	m := join(t, gb, topic)
	g := until(t, m, 1)
	r := reader(t, b, topic, 0, 0)
	produce(t, b, numbered(topic, 0, 50)...)
	read(t, r, 50)
	done := make(chan error, 1)
	got := make(chan []string, 1)
	go func() {
		var vs []string
		for len(vs) < 50 {
			m, err := r.Next(context.Background())
			if err != nil {
				done <- err
				return
			}
			vs = append(vs, string(m.Value))
		}
		got <- vs
	}()
	target.Down(t)
	time.Sleep(500 * time.Millisecond)
	target.Up(t)
	produce(t, b, numbered(topic, 50, 50)...)
	select {
	case err := <-done:
		t.Fatal(err)
	case vs := <-got:
		want := values(numbered(topic, 50, 50))
		if diff := cmp.Diff(want, vs); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("the reader does not go on")
	}
	over(t, g)
	g.Release()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for {
		g, err := m.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(g.Partitions()) == 1 {
			break
		}
		<-g.Lost()
		g.Release()
	}
}

// produceOutage: what was acknowledged is there, at least once, and in order where
// nothing came twice.
func produceOutage(t *testing.T, target Target) {
	b := target.Open(t, func(o *stream.Options) { o.Patience = 60 * time.Second })
	topic := target.Topic(t, b, 1)
	stop := make(chan struct{})
	result := make(chan int, 1)
	go func() {
		acked := 0
		for {
			select {
			case <-stop:
				result <- acked
				return
			default:
			}
			if err := b.Produce(context.Background(), numbered(topic, acked, 10)...); err != nil {
				t.Error(err)
				result <- acked
				return
			}
			acked += 10
		}
	}()
	time.Sleep(200 * time.Millisecond)
	target.Down(t)
	time.Sleep(300 * time.Millisecond)
	target.Up(t)
	time.Sleep(500 * time.Millisecond)
	close(stop)
	acked := <-result
	if acked == 0 {
		t.Fatal("nothing was acknowledged")
	}
	_, end, err := b.Bounds(t.Context(), topic, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, m := range read(t, reader(t, b, topic, 0, 0), int(end)) {
		seen[string(m.Value)] = true
	}
	for i := range acked {
		if v := fmt.Sprintf("value %d", i); !seen[v] {
			t.Fatalf("%q was acknowledged and is not there", v)
		}
	}
	t.Logf("%d acknowledged, %d there", acked, end)
}

// secure: encrypted and with a password it works, with a wrong one it says so.
func secure(t *testing.T, target Target) {
	set := func(change func(*stream.Options)) func(*stream.Options) {
		return func(o *stream.Options) {
			o.Brokers, o.TLS, o.SASL = target.Secure.Brokers, target.Secure.TLS, target.Secure.SASL
			o.Patience = 5 * time.Second
			change(o)
		}
	}
	if len(target.Secure.Brokers) == 0 || target.Secure.SASL.Mechanism == "" {
		t.Fatal("this target has no encrypted listener with a password")
	}
	var topic string
	b := target.Open(t, set(func(o *stream.Options) { o.Group = "secure" }))
	topic = fmt.Sprintf("streamtest-secure-%d", time.Now().UnixNano())
	if err := b.Ensure(t.Context(), stream.Topic{Name: topic, Partitions: 1}); err != nil {
		t.Fatal(err)
	}
	produce(t, b, numbered(topic, 0, 3)...)
	read(t, reader(t, b, topic, 0, 0), 3)
	g := until(t, join(t, b, topic), 1)
	if err := g.Commit(t.Context(), map[stream.TopicPartition]int64{{Topic: topic}: 3}); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*stream.Options){
		"wrong password":    func(o *stream.Options) { o.SASL.Password = "wrong" },
		"no password":       func(o *stream.Options) { o.SASL = stream.SASL{} },
		"unknown authority": func(o *stream.Options) { o.TLS = stream.TLS{On: true} },
		"in the clear":      func(o *stream.Options) { o.TLS = stream.TLS{} },
	} {
		other := target.Open(t, set(change), func(o *stream.Options) { o.Patience = time.Second })
		_, err := other.Partitions(t.Context(), topic)
		if err == nil {
			t.Errorf("%s: it is let in", name)
		}
		if name == "wrong password" && (err == nil || !strings.Contains(err.Error(), "password")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
