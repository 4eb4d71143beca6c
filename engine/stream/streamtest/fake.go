package streamtest

import (
	"crypto/tls"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// FakeBroker is a broker in this process.
type FakeBroker struct {
	// Addrs are its addresses.
	Addrs []string
	// Cluster is the fake beneath, for what is not offered here.
	Cluster *kfake.Cluster

	line line
}

// FakeOptions change a fake.
type FakeOptions struct {
	// Brokers is how many there are; 0 is one.
	Brokers int
	// TLS is how they identify themselves; nil is in the clear.
	TLS *tls.Config
	// Mechanism, User and Password are who is let in, such as SCRAM-SHA-512; "" is
	// everybody.
	Mechanism, User, Password string
}

// Fake starts a fake broker, which is gone when the test is over.
func Fake(tb testing.TB, options ...FakeOptions) *FakeBroker {
	tb.Helper()
	var o FakeOptions
	if len(options) > 0 {
		o = options[0]
	}
	f := &FakeBroker{}
	f.line.conns = make(map[*wire]struct{})
	f.line.changed = sync.NewCond(&f.line.mu)
	opts := []kfake.Opt{
		kfake.NumBrokers(max(o.Brokers, 1)), kfake.GroupMinSessionTimeout(100 * time.Millisecond),
		kfake.ListenFn(func(network, address string) (net.Listener, error) {
			l, err := net.Listen(network, address) //nolint:noctx // the fake's own listener
			if err != nil {
				return nil, err
			}
			l = &listener{Listener: l, line: &f.line}
			if o.TLS != nil {
				l = tls.NewListener(l, o.TLS)
			}
			return l, nil
		}),
	}
	if o.Mechanism != "" {
		opts = append(opts, kfake.EnableSASL(), kfake.Superuser(o.Mechanism, o.User, o.Password))
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		f.Up()
		f.Thaw()
		c.Close()
	})
	f.Cluster, f.Addrs = c, c.ListenAddrs()
	return f
}

// Cut breaks every connection; new ones are taken.
func (f *FakeBroker) Cut() { f.line.cut() }

// Down breaks every connection and refuses new ones until Up.
func (f *FakeBroker) Down() {
	f.line.set(func(l *line) { l.down = true })
	f.line.cut()
}

// Up takes connections again.
func (f *FakeBroker) Up() { f.line.set(func(l *line) { l.down = false }) }

// Freeze lets nothing through until Thaw; connections stay.
func (f *FakeBroker) Freeze() { f.line.set(func(l *line) { l.frozen = true }) }

// Thaw lets everything through again.
func (f *FakeBroker) Thaw() { f.line.set(func(l *line) { l.frozen = false }) }

// Delay holds each answer back for so long.
func (f *FakeBroker) Delay(d time.Duration) { f.line.set(func(l *line) { l.delay = d }) }

// FailProduce refuses the next n requests to produce to a topic ("" is any) because too
// few replicas are in sync, before anything is written.
func (f *FakeBroker) FailProduce(topic string, n int) {
	f.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.NotEnoughReplicas, Count: n})
}

// ForgetProduce writes what the next n requests to produce to a topic bring, and answers
// that it may not have been written.
func (f *FakeBroker) ForgetProduce(topic string, n int) {
	f.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.NotEnoughReplicasAfterAppend, Count: n})
}

// line is the state all connections of a fake share.
type line struct {
	mu           sync.Mutex
	changed      *sync.Cond
	conns        map[*wire]struct{}
	down, frozen bool
	delay        time.Duration
}

func (l *line) set(change func(*line)) {
	l.mu.Lock()
	change(l)
	l.mu.Unlock()
	l.changed.Broadcast()
}

func (l *line) cut() {
	l.mu.Lock()
	conns := l.conns
	l.conns = make(map[*wire]struct{})
	l.mu.Unlock()
	for c := range conns {
		_ = c.Close()
	}
}

type listener struct {
	net.Listener
	line *line
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		w := &wire{Conn: c, line: l.line}
		l.line.mu.Lock()
		down := l.line.down
		if !down {
			l.line.conns[w] = struct{}{}
		}
		l.line.mu.Unlock()
		if !down {
			return w, nil
		}
		c.Close()
	}
}

// wire is one connection, seen from the broker.
type wire struct {
	net.Conn
	line   *line
	closed bool
}

func (w *wire) Write(b []byte) (int, error) {
	w.line.mu.Lock()
	for w.line.frozen && !w.closed {
		w.line.changed.Wait()
	}
	delay := w.line.delay
	w.line.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	return w.Conn.Write(b)
}

func (w *wire) Close() error {
	w.line.mu.Lock()
	w.closed = true
	delete(w.line.conns, w)
	w.line.mu.Unlock()
	w.line.changed.Broadcast()
	return w.Conn.Close()
}
