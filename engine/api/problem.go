package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hedui/hedui/engine/api/wire"
)

// Problem is the body of every answer that is a refusal (RFC 9457). It holds nothing
// that the request said: only a code, words from the table, and names of fields.
type Problem struct {
	Type    string       `json:"type" doc:"Always about:blank; branch on code" example:"about:blank"`
	Title   string       `json:"title" doc:"What is wrong, in the language that was asked for; Chinese when none was" example:"没有找到"`
	Status  int          `json:"status" example:"404"`
	Code    wire.Code    `json:"code" doc:"Stable name of the reason" example:"not_found"`
	TitleZh string       `json:"title_zh" doc:"The same in Chinese" example:"没有找到"`
	TitleEn string       `json:"title_en" doc:"The same in English" example:"Not found"`
	Request string       `json:"request" doc:"Number of the request, as in the logs" example:"5f0c9a37d2b14e68"`
	Fields  []wire.Field `json:"fields,omitempty" doc:"Which fields, by name and never by value"`

	after time.Duration
}

func (p *Problem) Error() string { return string(p.Code) }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem details.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders says when to try again.
func (p *Problem) GetHeaders() http.Header {
	if p.after <= 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(p.after.Seconds())))}}
}

// problemOf makes a problem of a refusal.
func problemOf(r *wire.Refusal, lang, request string) *Problem {
	e := wire.Lookup(r.Code)
	p := &Problem{
		Type: "about:blank", Title: e.Zh, Status: e.Status, Code: e.Code, TitleZh: e.Zh, TitleEn: e.En,
		Request: request, Fields: r.Fields, after: r.After,
	}
	if lang == "en" {
		p.Title = e.En
	}
	if p.after == 0 && (p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable) {
		p.after = time.Second
	}
	return p
}

// write sends it, past huma: for what is refused before a handler is reached.
func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	maps.Copy(h, p.GetHeaders())
	h.Set("Content-Type", p.ContentType(""))
	if p.Status == http.StatusUnauthorized {
		h.Set("Www-Authenticate", `Bearer realm="hedui"`)
	}
	w.WriteHeader(p.Status)
	body, err := json.Marshal(p)
	if err != nil {
		return // it is text and numbers
	}
	_, _ = w.Write(append(body, '\n')) // a client that has gone away gets no answer
}

// refusalOf finds out what a caller is told of an error. The second result is the
// error itself when the caller is told nothing of it.
func refusalOf(err error) (*wire.Refusal, error) {
	var r *wire.Refusal
	switch {
	case errors.As(err, &r):
		return r, nil
	case errors.Is(err, errBusy):
		return wire.Refuse(wire.Overloaded), nil
	case errors.Is(err, context.DeadlineExceeded):
		return wire.Refuse(wire.TookTooLong), err
	default:
		return wire.Refuse(wire.Internal), err
	}
}

// installErrors makes huma speak in Problems. Its hook is one for the process.
var installErrors = sync.OnceFunc(func() { //nolint:gochecknoglobals // huma has one hook for the process
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return humaProblem(ctx.Context(), status, errs)
	}
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return humaProblem(context.Background(), status, errs)
	}
})

// humaProblem drops everything that huma says of values and keeps the places.
func humaProblem(ctx context.Context, status int, errs []error) huma.StatusError {
	r := &wire.Refusal{Code: wire.Internal}
	switch status {
	case http.StatusBadRequest:
		r.Code = wire.BadJSON
	case http.StatusUnprocessableEntity:
		r.Code = wire.InvalidField
	case http.StatusRequestTimeout:
		r.Code = wire.SlowBody
	case http.StatusRequestEntityTooLarge:
		r.Code = wire.TooLarge
	case http.StatusUnsupportedMediaType:
		r.Code = wire.MediaType
	case 0: // asked for its type only
		return &Problem{}
	}
	c := callOf(ctx)
	for _, err := range errs {
		var d huma.ErrorDetailer
		if !errors.As(err, &d) || len(r.Fields) == 20 {
			continue
		}
		detail := d.ErrorDetail()
		r.Fields = append(r.Fields, wire.Field{Name: c.known(detail.Location), Rule: ruleOf(detail.Message)})
	}
	return problemOf(r, c.lang, c.id)
}

// rules are the names of what a field can break, by the words huma begins with.
var rules = [...]struct{ words, rule string }{
	{"expected required property", "required"},
	{"required ", "required"},
	{"unexpected property", "unknown"},
	{"unknown query parameter", "unknown"},
	{"expected value to be one of", "not_one_of"},
	{"expected length", "length"},
	{"expected array length", "length"},
	{"expected number >", "range"},
	{"expected number <", "range"},
	{"expected string to match", "pattern"},
	{"expected string to be RFC 3339", "date"},
	{"expected string", "type"},
	{"expected integer", "type"},
	{"expected number", "type"},
	{"expected boolean", "type"},
	{"expected array", "type"},
	{"expected object", "type"},
}

func ruleOf(message string) string {
	for _, r := range rules {
		if strings.HasPrefix(message, r.words) {
			return r.rule
		}
	}
	return "invalid"
}

// known keeps of a place what the route's own names say. A name that somebody sent
// could be anything.
func (c *call) known(place string) string {
	parts := strings.Split(place, ".")
	for i, part := range parts {
		name, index, _ := strings.Cut(part, "[")
		if c.route == nil || !c.route.names[name] {
			name = "?"
		}
		if digits := strings.TrimSuffix(index, "]"); index != "" && digits != "" && strings.Trim(digits, "0123456789") == "" && len(digits) < 6 {
			name += "[" + digits + "]"
		}
		parts[i] = name
	}
	return strings.Join(parts, ".")
}
