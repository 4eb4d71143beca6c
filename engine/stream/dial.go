package stream

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
)

// dialer opens every connection of a Broker, so that none is opened in the clear that
// must not be, and all can be closed.
type dialer struct {
	net      net.Dialer
	tls      *tls.Config
	sasl     sasl.Mechanism
	insecure bool
	client   string

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

func newDialer(o Options) (*dialer, error) {
	d := &dialer{insecure: o.Insecure, client: o.Client, open: make(map[net.Conn]struct{})}
	var err error
	if d.tls, err = o.TLS.config(); err != nil {
		return nil, err
	}
	if d.sasl, err = o.SASL.mechanism(); err != nil {
		return nil, fmt.Errorf("sasl: %w", err)
	}
	return d, nil
}

// dial connects, and shakes hands when the connection is encrypted.
func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.net.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if d.tls == nil && !d.insecure && !loopback(conn.RemoteAddr()) {
		conn.Close()
		return nil, fmt.Errorf("broker %s: %w", address, ErrPlain)
	}
	if d.tls != nil {
		config := d.tls.Clone()
		if config.ServerName, _, err = net.SplitHostPort(address); err != nil {
			conn.Close()
			return nil, err
		}
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, fmt.Errorf("broker %s: tls: %w", address, err)
		}
		conn = secure
	}
	t := &tracked{Conn: conn, d: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		conn.Close()
		return nil, net.ErrClosed
	}
	d.open[t] = struct{}{}
	return t, nil
}

// authenticated returns a connection on which SASL, if there is any, is done and no
// answer is awaited: kafka-go does the handshake, the caller speaks on.
func (d *dialer) authenticated(ctx context.Context, address string) (net.Conn, error) {
	var raw net.Conn
	stop := func() bool { return true }
	k := d.kafka()
	k.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := d.dial(ctx, network, address)
		if err == nil {
			// The handshake of kafka-go heeds no context: closing the connection ends it.
			raw, stop = c, context.AfterFunc(ctx, func() { c.Close() })
		}
		return c, err
	}
	_, err := k.DialContext(ctx, "tcp", address)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		if raw != nil {
			raw.Close()
		}
		return nil, err
	}
	return raw, nil
}

func (d *dialer) kafka() *kafka.Dialer {
	return &kafka.Dialer{ClientID: d.client, DialFunc: d.dial, SASLMechanism: d.sasl}
}

// close closes every connection, also those that wait for an answer.
func (d *dialer) close() {
	d.mu.Lock()
	open := make([]net.Conn, 0, len(d.open))
	for c := range d.open {
		open = append(open, c)
	}
	d.closed = true
	d.mu.Unlock()
	for _, c := range open {
		c.Close()
	}
}

type tracked struct {
	net.Conn
	d *dialer
}

func (t *tracked) Close() error {
	t.d.mu.Lock()
	delete(t.d.open, t)
	t.d.mu.Unlock()
	return t.Conn.Close()
}

func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
