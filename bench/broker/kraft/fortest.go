package kraft

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/stream/streamtest"
)

// ForTest returns a broker for one test: a node that is stopped when the test is over, or
// the brokers that KAFKA_BROKERS names. A node that does not start fails the test.
func ForTest(tb testing.TB) *Node {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	n, err := StartOrNamed(ctx, Options{Dir: tb.TempDir()})
	if n != nil && !n.External {
		tb.Cleanup(func() { _ = n.Kill() })
	}
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// StartOrNamed is Start, unless KAFKA_BROKERS names brokers that run already.
func StartOrNamed(ctx context.Context, o Options) (*Node, error) {
	if addrs := os.Getenv("KAFKA_BROKERS"); addrs != "" {
		return &Node{Addr: addrs, External: true}, nil
	}
	return Start(ctx, o)
}

// Brokers are the addresses in the clear.
func (n *Node) Brokers() []string { return strings.Split(n.Addr, ",") }

// Target is the node as the contract of engine/stream takes it: Down is kill -9.
func (n *Node) Target() streamtest.Target {
	return streamtest.Target{
		Brokers: n.Brokers(), Secure: n.Options(),
		Down: func(tb testing.TB) {
			tb.Helper()
			if err := n.Kill(); err != nil {
				tb.Fatal(err)
			}
		},
		Up: func(tb testing.TB) {
			tb.Helper()
			if err := n.Restart(context.Background()); err != nil {
				tb.Fatal(err)
			}
		},
	}
}
