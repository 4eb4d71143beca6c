package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// Listen says where a server is reached.
type Listen struct {
	// Address is host:port, or unix: and the path of a socket.
	Address string
	// Cert and Key are the files of a certificate and its key. Without them there is
	// no TLS, and HTTP/1.1 only.
	Cert, Key string
	// Clients is the file of the authorities whose certificates clients may show; "" asks
	// for none. A browser, which has none, is let in without.
	Clients string
	// Admin is where profiles are shown, host:port; "" for nowhere. It asks nobody who
	// they are, so it belongs on the machine itself.
	Admin string
	// Opened is called with the addresses when connections are taken, if set.
	Opened func(main, admin net.Addr)
}

// Run takes connections until stop is done, then takes no more and finishes what was
// begun, at most for as long as the limits say. When end is done it closes at once.
// It returns nil when everything that was begun was finished.
func (s *Server) Run(stop, end context.Context, l Listen) error {
	h := s.newHTTP()
	listener, err := listen(stop, l.Address)
	if err != nil {
		return err
	}
	capped := &capped{Listener: listener, most: s.options.Limits.Connections, fresh: map[net.Conn]uint64{}, open: s.metrics.conns}
	h.ConnState = capped.state
	serve := func() error { return h.Serve(capped) }
	if l.Cert != "" || l.Key != "" {
		cert, err := tls.LoadX509KeyPair(l.Cert, l.Key)
		if err != nil {
			return errors.Join(fmt.Errorf("the certificate can't be used: %w", err), listener.Close())
		}
		h.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
		if err := askForCertificate(h.TLSConfig, l.Clients); err != nil {
			return errors.Join(err, listener.Close())
		}
		serve = func() error { return h.ServeTLS(capped, "", "") }
	}
	var admin *http.Server
	var adminListener net.Listener
	if l.Admin != "" {
		if adminListener, err = listen(stop, l.Admin); err != nil {
			return errors.Join(err, listener.Close())
		}
		admin = &http.Server{Handler: Profiles(), ReadHeaderTimeout: s.options.Limits.HeaderTime, ErrorLog: h.ErrorLog}
	}

	failed := make(chan error, 2)
	var running sync.WaitGroup
	running.Go(func() { failed <- serve() })
	if admin != nil {
		running.Go(func() { failed <- admin.Serve(adminListener) })
	}
	if l.Opened != nil {
		var a net.Addr
		if adminListener != nil {
			a = adminListener.Addr()
		}
		l.Opened(listener.Addr(), a)
	}
	select {
	case err = <-failed: // before anybody asked it to stop
		err = errors.Join(err, h.Close())
	case <-end.Done():
		err = h.Close()
	case <-stop.Done():
		err = s.drain(end, h)
	}
	if admin != nil {
		err = errors.Join(err, admin.Close())
	}
	running.Wait()
	return err
}

// askForCertificate lets clients show a certificate of the authorities in a file. One that
// is none of theirs, or has expired, ends the connection.
func askForCertificate(c *tls.Config, file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("the authorities of clients can't be read: %w", err)
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(text) {
		return fmt.Errorf("%s holds no certificate of an authority", file)
	}
	c.ClientAuth = tls.VerifyClientCertIfGiven
	return nil
}

// newHTTP makes the server of net/http with every limit that it has.
func (s *Server) newHTTP() *http.Server {
	l := &s.options.Limits
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true) // over TLS only
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: l.HeaderTime,
		WriteTimeout:      l.HeaderTime + l.BodyTime + l.WorkTime + l.AnswerTime,
		IdleTimeout:       l.IdleTime,
		MaxHeaderBytes:    l.Header,
		Protocols:         protocols,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 64, MaxReceiveBufferPerConnection: 1 << 20, MaxReceiveBufferPerStream: 256 << 10},
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, &lines{conn: conn})
		},
		ErrorLog: log.New(complaints{s.log}, "", 0),
	}
}

// maxResets is how many requests may be taken back on one connection. A browser takes
// some back; whoever takes back so many only wants work to be begun for nothing.
const maxResets = 100

type connKey struct{}

// lines counts what was taken back on one connection.
type lines struct {
	conn   net.Conn
	resets atomic.Int32
}

// countReset notes a request that its client has taken back before it was answered.
func countReset(r *http.Request) {
	if r.ProtoMajor < 2 || r.Context().Err() == nil {
		return
	}
	if l, ok := r.Context().Value(connKey{}).(*lines); ok && l.resets.Add(1) == maxResets {
		_ = l.conn.Close() // the client is no client
	}
}

// drain finishes what was begun.
func (s *Server) drain(end context.Context, h *http.Server) error {
	s.stopping.Store(true)
	ctx, cancel := context.WithTimeout(end, s.options.Limits.StopTime)
	defer cancel()
	s.log.Info("stopping: what was begun is finished")
	if err := h.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("not everything that was begun could be finished: %w", err), h.Close())
	}
	return nil
}

// listen opens an address. The socket of a server that is no more is taken away; one
// that still answers is not.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	name, ok := strings.CutPrefix(address, "unix:")
	if !ok {
		return lc.Listen(ctx, "tcp", address)
	}
	if st, err := os.Lstat(name); err == nil && st.Mode()&os.ModeSocket != 0 {
		var d net.Dialer
		if conn, err := d.DialContext(ctx, "unix", name); err == nil {
			return nil, errors.Join(fmt.Errorf("%s: another server answers there", name), conn.Close())
		}
		if err := os.Remove(name); err != nil {
			return nil, err
		}
	}
	l, err := lc.Listen(ctx, "unix", name)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, 0o660); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// complaints are what net/http has to say of connections. What a client sent may be
// in it, so only its first words are kept.
type complaints struct{ log *slog.Logger }

func (c complaints) Write(text []byte) (int, error) {
	words := strings.Fields(scrub(string(text)))
	c.log.Warn("connection", slog.String("text", strings.Join(words[:min(5, len(words))], " ")))
	return len(text), nil
}

// Profiles shows profiles of the program, which hold no values.
func Profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	return mux
}

// capped takes so many connections and no more. When all are taken the oldest of
// those that have not yet sent a request is closed for the new one, so that whoever
// opens connections and says nothing shuts nobody out.
type capped struct {
	net.Listener

	most int
	open interface{ Set(float64) }

	mu    sync.Mutex
	count int
	seq   uint64
	fresh map[net.Conn]uint64 // connections without a request yet, by age
}

// Accept takes the next connection that there is room for.
func (c *capped) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c.admit() {
			return &counted{Conn: conn, of: c}, nil
		}
		_ = conn.Close() // it was told nothing and loses nothing
	}
}

func (c *capped) admit() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count >= c.most {
		var oldest net.Conn
		for f, age := range c.fresh {
			if oldest == nil || age < c.fresh[oldest] {
				oldest = f
			}
		}
		if oldest == nil {
			return false
		}
		delete(c.fresh, oldest)
		go oldest.Close()
	}
	c.count++
	c.open.Set(float64(c.count))
	return true
}

func (c *capped) left() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count--
	c.open.Set(float64(c.count))
}

// state follows a connection for as long as it has sent nothing.
func (c *capped) state(conn net.Conn, state http.ConnState) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.seq++
		c.fresh[conn] = c.seq
	case http.StateActive, http.StateClosed, http.StateHijacked:
		delete(c.fresh, conn)
	}
}

// counted says once that it was closed.
type counted struct {
	net.Conn

	of   *capped
	once sync.Once
}

// Close closes the connection.
func (c *counted) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.of.left)
	return err
}
