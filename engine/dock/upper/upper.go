package upper

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
)

// Options of a node that is asked.
type Options struct {
	URL     string // https, without a path
	Node    string // its name, as verdicts say it
	TLS     *tls.Config
	Token   func() (string, error) // read for every question, so that it can be exchanged
	Key     dock.PublicKey
	Sources [household.NumChecked]bool
	Wait    time.Duration // of somebody at the counter; 0 is two seconds
	Now     func() time.Time
}

// Node is a node that is asked over HTTPS.
type Node struct {
	o    Options
	http *http.Client

	mu    sync.Mutex
	known *engine.Upstream
	quiet time.Time     // until when nobody at a counter waits for it
	pause time.Duration // after the last failure
}

var _ dock.Upper = (*Node)(nil)

// The limits of an exchange.
const (
	usualWait  = 2 * time.Second
	patient    = 30 * time.Second
	firstPause = time.Second
	maxPause   = 30 * time.Second
	maxAnswer  = 16 << 20
)

// New returns a node. It asks nothing yet.
func New(o Options) (*Node, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" && u.Path != "/":
		return nil, errors.New("the upper node has an https address without a path")
	case o.TLS == nil || len(o.TLS.Certificates) == 0:
		return nil, errors.New("the upper node asks for a certificate")
	case o.Token == nil || o.Key == nil || o.Now == nil:
		return nil, errors.New("the upper node needs a token, the key it signs with, and a clock")
	case o.Sources == [household.NumChecked]bool{}:
		return nil, errors.New("say which sources the upper node is asked for")
	}
	o.URL = strings.TrimSuffix(o.URL, "/")
	if o.Node == "" {
		o.Node = u.Hostname()
	}
	if o.Wait <= 0 {
		o.Wait = usualWait
	}
	transport := &http.Transport{
		TLSClientConfig: o.TLS, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
		TLSHandshakeTimeout: 10 * time.Second, DisableCompression: true,
	}
	return &Node{
		o: o, known: &engine.Upstream{Node: o.Node, Sources: o.Sources},
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// Close lets the connections go.
func (n *Node) Close() { n.http.CloseIdleConnections() }

// Known implements dock.Upper.
func (n *Node) Known() *engine.Upstream {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known
}

// Refresh implements dock.Upper.
func (n *Node) Refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	nonce := newNonce()
	sealed, err := n.exchange(ctx, http.MethodGet, "/api/v1/dock/catalogue?nonce="+nonce, nil)
	if err == nil {
		err = n.learn(sealed, nonce)
	}
	n.note(err)
	return err
}

func (n *Node) learn(sealed *dock.Sealed, nonce string) error {
	c, err := dock.OpenCatalogue(sealed, n.o.Key, nonce, n.o.Now())
	if err != nil {
		return err
	}
	next, err := c.Upstream(n.o.Node, n.o.Sources)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.known.Same(next) {
		n.known = next
	}
	return nil
}

// Ask implements dock.Upper.
func (n *Node) Ask(ctx context.Context, q *dock.Question, patience bool) ([][]byte, error) {
	wait := patient
	if !patience {
		wait = n.o.Wait
		if n.resting() {
			return nil, &dock.Failure{Code: dock.Unreachable}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	q.Nonce, q.Node = newNonce(), n.o.Node
	body, err := json.Marshal(wireQuestion(*q))
	if err != nil {
		return nil, err
	}
	sealed, err := n.exchange(ctx, http.MethodPost, "/api/v1/dock/evidence", body)
	n.note(err)
	if err != nil {
		return nil, err
	}
	return dock.OpenAnswer(sealed, n.o.Key, q, n.o.Now())
}

// wireQuestion is a question as the interface takes it.
type wireQuestion struct {
	Nonce         string   `json:"nonce"`
	Node          string   `json:"node"`
	Generation    string   `json:"generation"`
	Household     string   `json:"household"`
	Authorization string   `json:"authorization"`
	Division      string   `json:"division"`
	Scheme        string   `json:"scheme"`
	On            string   `json:"on"`
	Sources       []string `json:"sources"`
	Persons       [][]byte `json:"persons"`
	Paper         []byte   `json:"paper,omitempty"`
}

// resting reports whether it has failed a moment ago.
func (n *Node) resting() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.o.Now().Before(n.quiet)
}

// note takes down whether the node can be reached. A refusal shows that it can.
func (n *Node) note(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f, failed := errors.AsType[*dock.Failure](err)
	if !failed || f.Code != dock.Unreachable && f.Code != dock.Slow {
		n.quiet, n.pause = time.Time{}, 0
		return
	}
	n.pause = min(max(firstPause, 2*n.pause), maxPause)
	n.quiet = n.o.Now().Add(n.pause)
}

// exchange asks and reads what was answered. The error is a *dock.Failure.
func (n *Node) exchange(ctx context.Context, method, path string, body []byte) (*dock.Sealed, error) {
	token, err := n.o.Token()
	if err != nil {
		return nil, &dock.Failure{Code: dock.Refused, Detail: "no_token", Err: err}
	}
	r, err := http.NewRequestWithContext(ctx, method, n.o.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, &dock.Failure{Code: dock.Unreachable}
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := n.http.Do(r)
	if err != nil {
		return nil, broken(ctx, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, broken(ctx, err)
	case len(text) > maxAnswer:
		return nil, &dock.Failure{Code: dock.Form}
	case answer.StatusCode == http.StatusAccepted:
		return nil, &dock.Failure{Code: dock.Later}
	case answer.StatusCode != http.StatusOK:
		return nil, refused(answer.StatusCode, text)
	}
	var out struct {
		Body      []byte `json:"body"`
		Key       string `json:"key"`
		Signature string `json:"signature"`
	}
	if json.Unmarshal(text, &out) != nil {
		return nil, &dock.Failure{Code: dock.Form}
	}
	return &dock.Sealed{Body: out.Body, Key: out.Key, Signature: out.Signature}, nil
}

// broken says why no answer came. The text of a connection's error holds addresses only.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &dock.Failure{Code: dock.Slow}
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // without the address that was asked for
	}
	return &dock.Failure{Code: dock.Unreachable, Err: err}
}

// refused reads the code of a refusal.
func refused(status int, text []byte) error {
	var p struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(text, &p) != nil || !household.IsSlug(p.Code) || len(p.Code) > 64 {
		p.Code = "status_" + strconv.Itoa(status)
	}
	switch {
	case p.Code == "changed":
		return &dock.Failure{Code: dock.Outdated}
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		return &dock.Failure{Code: dock.Later, Detail: p.Code}
	}
	return &dock.Failure{Code: dock.Refused, Detail: p.Code}
}

func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
