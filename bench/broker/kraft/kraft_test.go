package kraft_test

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/broker/kraft"
	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/stream/streamtest"
)

var (
	integration = flag.Bool("integration", false, "run what needs a real broker")
	external    = flag.Bool("external", false, "the broker of KAFKA_BROKERS can't be killed: leave out what kills it")
	kills       = flag.Int("broker.kills", 3, "how `many` times the broker is killed")
)

var started atomic.Int64

// Every test whose name begins with TestBroker needs a broker, TestBrokerOwn one that can
// be killed.
func TestMain(m *testing.M) {
	flag.Parse()
	leave := ""
	switch {
	case !*integration:
		leave = "^TestBroker"
	case *external:
		leave = "^TestBrokerOwn"
	}
	if leave != "" {
		if err := flag.Set("test.skip", leave); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	code := m.Run()
	if shared.node != nil && !shared.node.External {
		_ = shared.node.Kill()
		_ = os.RemoveAll(shared.node.Dir)
	}
	if *integration && code == 0 && started.Load() == 0 {
		fmt.Fprintln(os.Stderr, "FAIL: no broker was tried")
		code = 1
	}
	os.Exit(code)
}

// shared is the one node that all tests use; a start takes some seconds.
var shared struct {
	sync.Once
	node *kraft.Node
	err  error
}

func node(t *testing.T) *kraft.Node {
	t.Helper()
	shared.Do(func() {
		var dir string
		dir, shared.err = os.MkdirTemp("", "hedui-kafka-") //nolint:usetesting // it outlives the test that starts it
		if shared.err == nil {
			shared.node, shared.err = kraft.StartOrNamed(t.Context(), kraft.Options{Dir: dir})
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	started.Add(1)
	return shared.node
}

// The contract of engine/stream on Kafka itself.
func TestBrokerContract(t *testing.T) {
	target := node(t).Target()
	target.External = *external
	streamtest.Run(t, target)
}

// A broker that was killed is back, within the time a start has, with what it
// acknowledged.
func TestBrokerOwnKills(t *testing.T) {
	n := node(t)
	target := n.Target()
	b := target.Open(t, func(o *stream.Options) { o.Patience = time.Minute })
	topic := target.Topic(t, b, 1)
	var slowest, sum time.Duration
	for i := range *kills {
		if err := b.Produce(t.Context(), stream.Message{Topic: topic, Value: fmt.Append(nil, i)}); err != nil {
			t.Fatal(err)
		}
		if err := n.Kill(); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if err := n.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		took := time.Since(begun)
		slowest, sum = max(slowest, took), sum+took
		_, next, err := b.Bounds(t.Context(), topic, 0)
		if err != nil || next < int64(i+1) {
			t.Fatalf("after kill %d the partition ends at %d: %v", i+1, next, err)
		}
	}
	t.Logf("%d kills: back after %v on average, %v at most", *kills, sum/time.Duration(*kills), slowest)
}
