package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// Page is a route of a console: it answers with a page for people, and what it takes is
// a form. It stands in the route table like any other route, under its row of the policy.
type Page struct {
	Operation access.Operation
	Method    string // GET or POST
	Path      string // pattern of net/http, such as /console/cases/{id}
	Lane      Lane
	Zh, En    string // what it does
	Query     []string
	// Form says which fields a form may have; nil is a page that takes none.
	Form func(name string) bool
	// Body is how long a form may be; 0 is what the limits say. A form with files is
	// kept in memory.
	Body int64
	// Serve answers. An error is answered by Pages.Refused, unless something was
	// written. The form has been read: PostForm, and MultipartForm when it has files.
	Serve func(ctx context.Context, w http.ResponseWriter, r *http.Request, p PageCall) error
}

// PageCall is what a page is told of a request.
type PageCall struct {
	wire.Caller

	// Cookie is the cookie of a session for a token, or for none the one that takes it
	// away.
	Cookie func(token wire.Secret) http.Cookie

	cursors cursors
}

// After is where the page before ended, by the cursor that its address has. query is the
// filter of the list, with everything but the page set.
func (p PageCall) After(query any, cursor string) (string, error) {
	return p.cursors.open(listed(p.Caller, query), cursor)
}

// Next is the cursor of the next page of the same list; "" at its end.
func (p PageCall) Next(query any, at string) string {
	return p.cursors.seal(listed(p.Caller, query), at)
}

// Pages are the pages of a console.
type Pages interface {
	Pages() []Page
	// Refused answers what was refused. It is also asked about addresses below Prefix
	// that are no page; then nobody is known.
	Refused(w http.ResponseWriter, r *http.Request, c wire.Caller, p *Problem)
	// Prefix is where the pages stand, without a slash at its end.
	Prefix() string
}

// maxFields is how many fields a form may have: a household of 64 members has some
// hundreds.
const maxFields = 4096

func (s *Server) addPages(t *table) {
	if s.options.Pages == nil {
		return
	}
	for _, p := range s.options.Pages.Pages() {
		r := &Route{Operation: p.Operation, Method: p.Method, Path: p.Path, Lane: p.Lane, Zh: p.Zh, En: p.En, page: &p, query: map[string]bool{}}
		for _, name := range p.Query {
			r.query[name] = true
		}
		if p.Method != http.MethodGet && p.Form == nil {
			t.errs = append(t.errs, errors.New(p.Path+": a page that changes something takes a form"))
		}
		t.add(r, func() { t.HandleFunc(p.Method+" "+p.Path, s.page(p)) })
	}
}

func (s *Server) page(p Page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		err := p.Serve(r.Context(), w, r, PageCall{Caller: c.caller, Cookie: s.sessionCookie, cursors: s.cursors})
		if err == nil {
			return
		}
		if a, ok := w.(*answer); ok && a.status != 0 {
			refusal, cause := refusalOf(err)
			c.code, c.cause = refusal.Code, cause
			if p.Lane == Bulk { // a file that breaks off must not look whole
				panic(http.ErrAbortHandler)
			}
			return
		}
		s.refuse(w, r, c, err)
	}
}

// paged reports whether a request is one for a page, and so are its refusals.
func (s *Server) paged(r *http.Request, c *call) bool {
	if s.options.Pages == nil {
		return false
	}
	if c.route != nil {
		return c.route.page != nil
	}
	prefix := s.options.Pages.Prefix()
	return r.URL.Path == prefix || strings.HasPrefix(r.URL.Path, prefix+"/")
}

// readForm takes in a form, within its size and its time. Text is UTF-8 without control
// characters that no field has.
func (s *Server) readForm(w http.ResponseWriter, r *http.Request, route *Route) error {
	p := route.page
	if p.Form == nil {
		if r.ContentLength != 0 {
			return wire.Refuse(wire.UnexpectedBody)
		}
		return nil
	}
	most, in := s.takes(route)
	if p.Body > 0 {
		most = p.Body
	}
	if r.ContentLength > most {
		return wire.Refuse(wire.TooLarge)
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data" {
		return wire.Refuse(wire.MediaType)
	}
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(s.now().Add(in)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	defer control.SetReadDeadline(time.Time{}) //nolint:errcheck // it was set a moment ago
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(most) // all of it in memory, nothing in a file
	} else {
		err = r.ParseForm()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return wire.Refuse(wire.TooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return wire.Refuse(wire.SlowBody)
	case err != nil:
		return wire.Refuse(wire.InvalidField)
	}
	r.Body = http.NoBody
	if r.MultipartForm != nil {
		for name := range r.MultipartForm.File {
			if !p.Form(name) {
				return wire.Refuse(wire.UnknownParameter)
			}
		}
	}
	return fields(r.PostForm, p.Form)
}

func fields(form url.Values, known func(string) bool) error {
	n := 0
	for name, values := range form {
		if !known(name) {
			return wire.Refuse(wire.UnknownParameter)
		}
		for _, v := range values {
			if n++; n > maxFields {
				return wire.Refuse(wire.UnknownParameter)
			}
			if !utf8.ValidString(v) || strings.ContainsFunc(v, forbidden) {
				return wire.Refuse(wire.InvalidField, name+":text")
			}
		}
	}
	return nil
}

// forbidden reports whether a character stands in no text that somebody types.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
}

// drop reads what a client still sends of what was refused, a little of it, so that a
// browser gets to read the answer.
func drop(r *http.Request) {
	_, _ = io.CopyN(io.Discard, r.Body, 256<<10)
}
