package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/hedui/hedui/engine/api/wire"
)

// call is one request on its way.
type call struct {
	id     string
	lang   string
	route  *Route
	caller wire.Caller
	began  time.Time
	code   wire.Code // of the refusal; "" when it was answered
	about  string    // number of the household or authorisation, once the desk knew it
	cause  error     // what the caller isn't told
	leave  func()    // gives the place in the lane back, once
	file   []byte    // that was sent
}

type callKey struct{}

// callOf returns the call of a context; one of nobody when there is none.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// answer remembers what was answered.
type answer struct {
	http.ResponseWriter

	status int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// ServeHTTP answers every request: by a route of the table or with a Problem.
func (s *Server) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w := &answer{ResponseWriter: out}
	c := &call{id: newID(), lang: language(r.Header.Get("Accept-Language")), began: s.now()}
	c.caller.Request, c.caller.Address = c.id, r.RemoteAddr
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		c.caller.Address = host
	}
	h := w.Header()
	h.Set("X-Request-Id", c.id)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Language")
	defer s.done(c, w)
	defer countReset(r)

	// The mux would send a client that asks for an unclean address to the clean one,
	// and say the address back. No such address is one of this server.
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path || len(r.URL.Path) > 512 || r.Method == http.MethodConnect {
		s.refuse(w, r, c, wire.Refuse(wire.NotFound))
		return
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		code := wire.NotFound
		if allow := s.methods(r); len(allow) > 0 {
			code = wire.MethodNotAllowed
			h.Set("Allow", strings.Join(allow, ", "))
		}
		s.refuse(w, r, c, wire.Refuse(code))
		return
	}
	s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callKey{}, c)))
}

// methods are those that the address of a request knows.
func (s *Server) methods(r *http.Request) []string {
	var allow []string
	other := *r
	for _, m := range [...]string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		other.Method = m
		if _, pattern := s.mux.Handler(&other); pattern != "" {
			allow = append(allow, m)
		}
	}
	return allow
}

// serve is the way of one request to its handler: room in the lane, who asks, whether
// they may at all, what they sent, their turn.
func (s *Server) serve(route *Route, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.route = route
		gate := s.lanes.gates[route.Lane]
		// Under overload turning away must cost nothing, or nothing else gets done.
		if gate != nil && gate.full() {
			s.refuse(w, r, c, &wire.Refusal{Code: wire.Overloaded, After: s.lanes.after(route.Lane)})
			return
		}
		if err := s.admit(r, c); err != nil {
			s.refuse(w, r, c, err)
			return
		}
		took := s.options.Limits.WorkTime
		if route.Lane == Bulk {
			took = s.options.Limits.BulkTime
			s.patient(w)
		}
		ctx, cancel := context.WithTimeout(r.Context(), took)
		defer cancel()
		enter := func() error {
			if gate == nil || c.leave != nil {
				return nil
			}
			since, err := gate.enter(ctx)
			if err != nil {
				return &wire.Refusal{Code: wire.Overloaded, After: s.lanes.after(route.Lane)}
			}
			c.leave = sync.OnceFunc(func() { gate.leave(since) })
			return nil
		}
		defer func() {
			if c.leave != nil {
				c.leave()
			}
		}()
		if route.Lane == Bulk { // what it sends is held, so it waits before it sends
			if err := enter(); err != nil {
				s.refuse(w, r, c, err)
				return
			}
		}
		body, err := s.read(w, r, route)
		if err == nil {
			err = enter()
		}
		if err != nil {
			s.refuse(w, r, c, err)
			return
		}
		switch {
		case route.file:
			c.file = body
		case route.page == nil:
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		next(w, r.WithContext(ctx))
	}
}

// patient gives a connection the time that a file takes. Where the connection has no
// deadlines there is nothing to do.
func (s *Server) patient(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(s.now().Add(s.options.Limits.FileTime + s.options.Limits.BulkTime))
}

// takes is how large the body of a route may be, and how long it may take.
func (s *Server) takes(route *Route) (size int64, in time.Duration) {
	if route.Lane == Bulk {
		return s.options.Limits.File, s.options.Limits.FileTime
	}
	return s.options.Limits.Body, s.options.Limits.BodyTime
}

// read takes in the body of a request, within its size and its time, and judges its
// form. A request of an operation that has no body must not have one.
func (s *Server) read(w http.ResponseWriter, r *http.Request, route *Route) ([]byte, error) {
	l := &s.options.Limits
	if r.URL.RawQuery != "" {
		if strings.Count(r.URL.RawQuery, "&") >= l.Parameters {
			return nil, wire.Refuse(wire.UnknownParameter)
		}
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, wire.Refuse(wire.UnknownParameter)
		}
		for name, values := range query {
			if !route.query[name] || len(values) > 1 {
				return nil, wire.Refuse(wire.UnknownParameter)
			}
		}
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return nil, wire.Refuse(wire.ContentEncoding)
	}
	if route.page != nil {
		return nil, s.readForm(w, r, route)
	}
	most, in := s.takes(route)
	switch {
	case r.ContentLength > most:
		return nil, wire.Refuse(wire.TooLarge)
	case route.file: // what it is its bytes say
	case route.shape == nil && r.ContentLength != 0:
		return nil, wire.Refuse(wire.UnexpectedBody)
	case route.shape == nil:
		return nil, nil
	}
	if !route.file {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			return nil, wire.Refuse(wire.MediaType)
		}
	}
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(s.now().Add(in)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	// A deadline that passes while the request is answered would count as the client's
	// going away.
	defer control.SetReadDeadline(time.Time{}) //nolint:errcheck // it was set a moment ago
	body, err := readBody(http.MaxBytesReader(w, r.Body, most), r.ContentLength)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, wire.Refuse(wire.TooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, wire.Refuse(wire.SlowBody)
	case err != nil && route.file:
		return nil, wire.Refuse(wire.BadFile) // it broke off
	case err != nil:
		return nil, wire.Refuse(wire.BadJSON)
	case route.file:
		return body, nil
	}
	if refusal := scan(body, route.shape); refusal != nil {
		return nil, refusal
	}
	return body, nil
}

// readBody reads all of a body. One whose length was said takes that much memory and no
// more, as far as it comes.
func readBody(r io.Reader, length int64) ([]byte, error) {
	const usual = 64 << 10
	if length <= usual {
		return io.ReadAll(r)
	}
	body := make([]byte, 0, usual)
	for {
		if len(body) == cap(body) {
			bigger := make([]byte, len(body), min(2*int64(cap(body)), max(length+1, int64(cap(body))+usual)))
			copy(bigger, body)
			body = bigger
		}
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if errors.Is(err, io.EOF) {
			return body, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// refuse answers with a Problem before a handler was reached.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, c *call, err error) {
	p := s.problem(r.Context(), c, err)
	switch p.Code {
	case wire.TooLarge, wire.UnexpectedBody, wire.SlowBody, wire.ContentEncoding, wire.MediaType:
		// What is still to come of the body is not waited for.
		w.Header().Set("Connection", "close")
	}
	if s.paged(r, c) {
		maps.Copy(w.Header(), p.GetHeaders())
		drop(r)
		s.options.Pages.Refused(w, r, c.caller, p)
		return
	}
	p.write(w)
}

// problem makes of an error what its caller is told.
func (s *Server) problem(ctx context.Context, c *call, err error) *Problem {
	refusal, cause := refusalOf(err)
	c.code, c.cause = refusal.Code, cause
	p := problemOf(refusal, c.lang, c.id)
	if p.Code == wire.NotFound && c.route != nil {
		s.hide(ctx, c)
	}
	return p
}

// hide waits for the next whole grain of time.
func (s *Server) hide(ctx context.Context, c *call) {
	if c.leave != nil {
		c.leave() // nobody waits for one who waits
	}
	grain := s.options.Limits.HideTime
	late := time.NewTimer(grain - s.now().Sub(c.began)%grain)
	defer late.Stop()
	select {
	case <-late.C:
	case <-ctx.Done():
	}
}

// done writes down what became of a request: in the log and in the metrics. Nothing
// of what was sent is in either.
func (s *Server) done(c *call, w *answer) {
	p := recover()
	if p == http.ErrAbortHandler { //nolint:errorlint // panics carry the value itself
		defer panic(p) // an answer that broke off must look like one
		if c.code == "" {
			c.code = wire.Internal
		}
	} else if p != nil {
		c.cause = fmt.Errorf("a panic of type %T", p)
		c.code = wire.Internal
		s.log.Error("a request failed with a panic", slog.String("request", c.id),
			slog.String("type", fmt.Sprintf("%T", p)), slog.String("stack", frames(debug.Stack())))
		if w.status == 0 {
			problemOf(wire.Refuse(wire.Internal), c.lang, c.id).write(w)
		}
	}
	took := s.now().Sub(c.began)
	operation := "none"
	if c.route != nil {
		operation = c.route.Operation.String()
	}
	code := string(c.code)
	if code == "" {
		code = "ok"
		if w.status >= http.StatusBadRequest {
			code = "invalid_request"
		}
	}
	s.metrics.done(operation, code, took)
	attrs := []slog.Attr{
		slog.String("request", c.id), slog.String("operation", operation), slog.String("account", c.caller.Account),
		slog.Int("status", w.status), slog.String("code", code), slog.Duration("took", took),
	}
	if c.about != "" && w.status < http.StatusMultipleChoices && isNumber(c.about) {
		attrs = append(attrs, slog.String("number", c.about))
	}
	level := slog.LevelInfo
	if c.cause != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", scrub(c.cause.Error())))
	}
	s.log.LogAttrs(context.Background(), level, "request", attrs...)
}

// frames keeps of a stack the functions and the places, not the arguments.
func frames(stack []byte) string {
	var keep []string
	for line := range strings.Lines(string(stack)) {
		line = strings.TrimRight(line, "\n")
		if at := strings.LastIndexByte(line, '('); at > 0 && !strings.HasPrefix(line, "\t") {
			line = line[:at]
		}
		if len(keep) < 60 {
			keep = append(keep, strings.TrimSpace(line))
		}
	}
	return strings.Join(keep, " | ")
}

// isNumber reports whether a text is fit to be logged as the number of a household
// or an authorisation: such numbers are short and hold no run of digits that could be
// a person's.
func isNumber(s string) bool {
	if len(s) > 64 {
		return false
	}
	run := 0
	for i := range len(s) {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9':
			if run++; run >= 11 {
				return false
			}
		case ch >= 'A' && ch <= 'Z', ch >= 'a' && ch <= 'z', ch == '-', ch == '_', ch == '.':
			run = 0
		default:
			return false
		}
	}
	return true
}

// scrub hides long runs of digits. Errors hold none by the rules of the house; this is
// for the one that does all the same.
func scrub(s string) string { return digits.ReplaceAllString(s, "…") }

var digits = regexp.MustCompile(`[0-9]{8,}[0-9Xx]?`)

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// language picks the language of an answer: English when it is asked for before
// Chinese, Chinese otherwise.
func language(accept string) string {
	for part := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag = strings.ToLower(tag)
		switch {
		case tag == "zh" || strings.HasPrefix(tag, "zh-"):
			return "zh"
		case tag == "en" || strings.HasPrefix(tag, "en-"):
			return "en"
		}
	}
	return "zh"
}
