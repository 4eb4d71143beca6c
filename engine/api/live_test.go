package api_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

var slowConns = flag.Int("api.slow", 300, "connections of the tests with slow clients")

// running is a server that takes connections.
type running struct {
	*stand

	addr, admin string
	stop, end   context.CancelFunc
	done        chan error // what Run returned
	once        sync.Once
	err         error
}

// wait waits for Run to return.
func (r *running) wait(t testing.TB) error {
	t.Helper()
	r.once.Do(func() {
		select {
		case r.err = <-r.done:
		case <-time.After(20 * time.Second):
			t.Fatal("the server does not stop")
		}
	})
	return r.err
}

func run(t testing.TB, l api.Listen, change ...func(*api.Options)) *running {
	t.Helper()
	r := &running{stand: open(t, change...), done: make(chan error, 1)}
	stop, cancelStop := context.WithCancel(context.Background())
	end, cancelEnd := context.WithCancel(context.Background())
	r.stop, r.end = cancelStop, cancelEnd
	opened := make(chan struct{})
	l.Opened = func(main, admin net.Addr) {
		r.addr = main.String()
		if admin != nil {
			r.admin = admin.String()
		}
		close(opened)
	}
	if l.Address == "" {
		l.Address = "127.0.0.1:0"
	}
	go func() { r.done <- r.Run(stop, end, l) }()
	select {
	case <-opened:
	case err := <-r.done:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancelStop()
		cancelEnd()
		_ = r.wait(t)
	})
	return r
}

// send writes to a connection and reads the status of the answer; 0 when it is closed
// without one.
func (r *running) send(t testing.TB, text string, wait time.Duration) int {
	t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(wait))
	_, _ = io.WriteString(conn, text)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func head(more string) string {
	return "POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t-verifier\r\nContent-Type: application/json\r\n" + more + "\r\n"
}

func TestHostileRequests(t *testing.T) {
	r := run(t, api.Listen{}, func(o *api.Options) {
		o.Limits.BodyTime, o.Limits.HeaderTime = 150*time.Millisecond, 300*time.Millisecond
	})
	const limit = 5 * time.Second
	for _, c := range []struct {
		name, text string
		status     int // 0 when it is closed without an answer
	}{
		{"a body of 1 GB", head("Content-Length: 1073741824\r\n") + "{", 413},
		{"a body of 1 GB that waits to be asked for", head("Content-Length: 1073741824\r\nExpect: 100-continue\r\n"), 413},
		{"a body without end", head("Transfer-Encoding: chunked\r\n") + strings.Repeat("8000\r\n"+strings.Repeat(" ", 0x8000)+"\r\n", 40), 413},
		{"a body that does not come", head("Content-Length: 100\r\n") + "{", 408},
		{"a header of 1 MB", head("X-Large: " + strings.Repeat("x", 1<<20) + "\r\n"), 431},
		{"headers that do not end", "GET /healthz HTTP/1.1\r\nHost: x\r\nX", 0},
		{"ten thousand parameters", "GET /api/v1/cases?" + strings.Repeat("a&", 10000) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t-verifier\r\n\r\n", 400},
		{"a packed body", head("Content-Encoding: gzip\r\nContent-Length: 20\r\n"), 415},
		{"two lengths", head("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
		{"a length and chunks", head("Content-Length: 5\r\nTransfer-Encoding: smuggled\r\n"), 501},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			status := r.send(t, c.text, limit)
			if took := time.Since(began); took > limit/2 {
				t.Errorf("it took %v", took)
			}
			if status != c.status && (c.status != 0 || status != 408 && status != 400) {
				t.Errorf("status %d, want %d", status, c.status)
			}
		})
	}
	if len(r.desk.calls) > 0 {
		t.Errorf("the desk was asked %v", r.desk.calls)
	}
}

// asked asks n times, one after the other, and returns the latencies in order.
func asked(t testing.TB, n int, client *http.Client, base string) []time.Duration {
	t.Helper()
	var all []time.Duration
	for range n {
		req, err := http.NewRequest(http.MethodPost, base+"/api/v1/checks", strings.NewReader(request))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer t-verifier")
		req.Header.Set("Content-Type", "application/json")
		began := time.Now()
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("a healthy client got %d", resp.StatusCode)
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return all
}

// unhurt fails when a healthy client's latency has more than doubled: the median, and
// with -api.slow=2000 and more, for a machine that does nothing else, the one in a
// hundred. Below some milliseconds the machine's own noise decides, not the server.
func unhurt(t testing.TB, before, under []time.Duration) {
	t.Helper()
	parts, noise := []int{50}, 100*time.Millisecond
	if *slowConns >= 2000 {
		parts, noise = append(parts, 99), 5*time.Millisecond
	}
	for _, p := range []int{50, 99} {
		b, u := before[len(before)*p/100], under[len(under)*p/100]
		t.Logf("p%d %v before, %v under attack", p, b, u)
		if slices.Contains(parts, p) && u > max(2*b, noise) {
			t.Errorf("a healthy client's p%d went from %v to %v", p, b, u)
		}
	}
}

// TestSlowClientsShutNobodyOut opens many more connections than there is room for and
// sends headers a byte at a time.
func TestSlowClientsShutNobodyOut(t *testing.T) {
	r := run(t, api.Listen{}, func(o *api.Options) { o.Limits.Connections = *slowConns / 3 })
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	before := asked(t, 200, client, "http://"+r.addr)
	client.CloseIdleConnections() // it must get a new one when all are taken

	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range *slowConns {
		wg.Go(func() {
			for {
				conn, err := net.Dial("tcp", r.addr)
				if err != nil {
					return
				}
				_, _ = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n")
				for {
					select {
					case <-stop:
						_ = conn.Close()
						return
					case <-time.After(time.Duration(50+i%50) * time.Millisecond):
					}
					if _, err := io.WriteString(conn, "X"); err != nil {
						break
					}
				}
				_ = conn.Close()
				select {
				case <-stop:
					return
				case <-time.After(500 * time.Millisecond):
				}
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	under := asked(t, 200, client, "http://"+r.addr)
	close(stop)
	wg.Wait()
	unhurt(t, before, under)
}

func TestStopFinishesWhatWasBegun(t *testing.T) {
	r := run(t, api.Listen{})
	begun, finish := make(chan struct{}), make(chan struct{})
	r.desk.check = func(context.Context, wire.Caller, wire.Check) (wire.Checked, error) {
		close(begun)
		<-finish
		return wire.Checked{ID: "v-1", Verdict: []byte("{}")}, nil
	}
	answer := make(chan int, 1)
	go func() {
		answer <- r.send(t, head("Content-Length: "+strconv.Itoa(len(request))+"\r\n")+request, 10*time.Second)
	}()
	<-begun
	r.stop()
	for { // until it takes no more
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			break
		}
		_ = conn.Close()
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-r.done:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if w := r.ask("", "GET", "/readyz", ""); w.Code != 503 || !strings.Contains(w.Body.String(), "stopping") {
		t.Errorf("while stopping it says %d %s", w.Code, w.Body)
	}
	close(finish)
	if status := <-answer; status != 200 {
		t.Errorf("what was begun was answered with %d", status)
	}
	if err := r.wait(t); err != nil {
		t.Errorf("it stopped with %v", err)
	}
}

func TestEndEndsAtOnce(t *testing.T) {
	r := run(t, api.Listen{})
	begun := make(chan struct{})
	r.desk.check = func(ctx context.Context, _ wire.Caller, _ wire.Check) (wire.Checked, error) {
		close(begun)
		<-ctx.Done()
		return wire.Checked{}, ctx.Err()
	}
	answer := make(chan int, 1)
	go func() {
		answer <- r.send(t, head("Content-Length: "+strconv.Itoa(len(request))+"\r\n")+request, 10*time.Second)
	}()
	<-begun
	r.stop()
	time.Sleep(10 * time.Millisecond)
	began := time.Now()
	r.end()
	if err := r.wait(t); err == nil {
		t.Error("it says that everything was finished")
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	if status := <-answer; status == 200 {
		t.Error("what was cut off was answered as done")
	}
}

func TestSocket(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s")
	stale, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = stale.Close()

	run(t, api.Listen{Address: "unix:" + name})
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", name)
	}}}
	defer client.CloseIdleConnections()
	asked(t, 3, client, "http://socket")
	if err := open(t).Run(t.Context(), t.Context(), api.Listen{Address: "unix:" + name}); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("a second server on the same socket: %v", err)
	}
}

func TestProfilesAreElsewhere(t *testing.T) {
	r := run(t, api.Listen{Admin: "127.0.0.1:0"})
	for addr, want := range map[string]int{r.addr: 404, r.admin: 200} {
		resp, err := http.Get("http://" + addr + "/debug/pprof/")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s answers %d, want %d", addr, resp.StatusCode, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// certificate writes a certificate and its key.
func certificate(t testing.TB) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestTLS(t *testing.T) {
	cert, key := certificate(t)
	r := run(t, api.Listen{Cert: cert, Key: key})
	anyCert := &tls.Config{InsecureSkipVerify: true}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: anyCert.Clone(), ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	resp, err := client.Get("https://" + r.addr + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.ProtoMajor != 2 {
		t.Errorf("it speaks %s", resp.Proto)
	}
	old := anyCert.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if conn, err := tls.Dial("tcp", r.addr, old); err == nil {
		_ = conn.Close()
		t.Error("it takes TLS 1.1")
	}
}

// TestRapidReset begins streams and takes them back, as fast as it can.
func TestRapidReset(t *testing.T) {
	cert, key := certificate(t)
	r := run(t, api.Listen{Cert: cert, Key: key})
	anyCert := &tls.Config{InsecureSkipVerify: true}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: anyCert.Clone(), ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	before := asked(t, 200, client, "https://"+r.addr)

	stop := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	resets, closed := 0, 0
	wg.Go(func() {
		for {
			n, over := resetUntilClosed(r.addr, stop)
			mu.Lock()
			resets += n
			if over {
				closed++
			}
			mu.Unlock()
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	under := asked(t, 200, client, "https://"+r.addr)
	for limit := time.Now().Add(15 * time.Second); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		mu.Lock()
		enough := resets >= 1000 && closed > 0
		mu.Unlock()
		if enough {
			break
		}
	}
	close(stop)
	wg.Wait()
	if resets < 1000 || closed == 0 {
		t.Errorf("%d streams were taken back, %d connections closed for it", resets, closed)
	}
	t.Logf("%d streams taken back, %d connections closed for it", resets, closed)
	unhurt(t, before, under)
}

func resetUntilClosed(addr string, stop <-chan struct{}) (n int, closed bool) {
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		return 0, false
	}
	defer conn.Close()
	go io.Copy(io.Discard, conn)
	_ = conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(conn, http2.ClientPreface)
	f := http2.NewFramer(conn, nil)
	_ = f.WriteSettings()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for id := uint32(1); id < 1<<20; id += 2 {
		select {
		case <-stop:
			return n, false
		default:
		}
		block.Reset()
		for _, h := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "x"}, {":path", "/healthz"}} {
			_ = enc.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]})
		}
		if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}) != nil ||
			f.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
			return n, true
		}
		n++
	}
	return n, false
}
