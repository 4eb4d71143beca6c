package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// prefix is where the API stands.
const prefix = "/api/v1"

// Route is one row of the route table.
type Route struct {
	Operation access.Operation
	Method    string
	Path      string
	Lane      Lane
	Zh, En    string // what it does

	page  *Page           // of a console; nil for all others
	shape *shape          // of the body; nil when it has none
	raw   bool            // the body goes on as it came; the desk judges its values
	file  bool            // the body is a file, of any form
	query map[string]bool // names of parameters
	names map[string]bool // every name that an answer may say
}

// table collects the routes and is the only thing that puts a handler on the mux.
type table struct {
	server *Server
	mux    *http.ServeMux
	api    huma.API
	routes []*Route
	adding *Route // whose handler is being put on the mux
	errs   []error
}

// say is what an operation does, in both languages.
type say struct{ zh, en string }

// HandleFunc makes the table the mux that huma writes to. A handler of no route is a
// mistake in the program.
func (t *table) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	if t.adding == nil {
		t.errs = append(t.errs, fmt.Errorf("%s has a handler outside of the route table", pattern))
		return
	}
	t.mux.HandleFunc(pattern, t.server.serve(t.adding, h))
}

// ServeHTTP is asked for by huma and not used.
func (t *table) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.mux.ServeHTTP(w, r) }

var _ humago.Mux = (*table)(nil)

// add checks a route and notes it. What put gives to the mux belongs to it.
func (t *table) add(r *Route, put func()) {
	rule, ok := r.Operation.Rule()
	switch {
	case !ok:
		t.errs = append(t.errs, fmt.Errorf("%s %s: the policy has no operation %d", r.Method, r.Path, r.Operation))
		return
	case r.Zh == "" || r.En == "" || rule.Zh == "" || rule.En == "":
		t.errs = append(t.errs, fmt.Errorf("%s %s: it must be said in both languages what it does", r.Method, r.Path))
		return
	}
	t.routes = append(t.routes, r)
	t.adding = r
	put()
	t.adding = nil
}

// plain adds a route whose answer is no JSON of this API. query are the parameters that
// its address may have.
func (t *table) plain(op access.Operation, method, path string, s say, lane Lane, h http.HandlerFunc, query ...string) {
	r := &Route{Operation: op, Method: method, Path: path, Lane: lane, Zh: s.zh, En: s.en}
	if len(query) > 0 {
		r.query = map[string]bool{}
		for _, name := range query {
			r.query[name] = true
		}
	}
	t.add(r, func() { t.HandleFunc(method+" "+path, h) })
}

// route adds an operation of the API: which row of the policy it stands under, where
// it is found, what it does, in which lane, and the plain function that does it.
func route[In, Out any](t *table, op access.Operation, method, path string, s say, lane Lane,
	handle func(context.Context, wire.Caller, *In) (*Out, error), more ...func(*huma.Operation, huma.Registry),
) {
	r := &Route{Operation: op, Method: method, Path: prefix + path, Lane: lane, Zh: s.zh, En: s.en}
	r.read(reflect.TypeFor[In]())
	o := huma.Operation{
		OperationID: operationID(method, path),
		Method:      method, Path: r.Path, Summary: s.zh + " / " + s.en,
		Tags:             []string{strings.SplitN(strings.TrimPrefix(path, "/"), "/", 2)[0]},
		MaxBodyBytes:     -1, // the body has been read by then, within its limits
		BodyReadTimeout:  -1,
		SkipValidateBody: r.raw,
		Errors:           []int{400, 401, 403, 404, 408, 409, 413, 415, 429, 503, 504},
		Extensions:       map[string]any{},
	}
	if rule, ok := op.Rule(); ok {
		o.Extensions["x-operation"] = rule.Name
		o.Extensions["x-roles"] = roleNames(rule)
		o.Extensions["x-lane"] = lane.String()
		o.Extensions["x-summary-zh"], o.Extensions["x-summary-en"] = s.zh, s.en
		if !rule.Public {
			o.Security = []map[string][]string{{"token": {}}, {"session": {}}}
		}
	}
	for _, m := range more {
		m(&o, t.api.OpenAPI().Components.Schemas)
	}
	t.add(r, func() {
		huma.Register(t.api, o, func(ctx context.Context, in *In) (*Out, error) {
			c := callOf(ctx)
			out, err := handle(ctx, c.caller, in)
			if err != nil {
				return nil, t.server.problem(ctx, c, err)
			}
			return out, nil
		})
	})
}

func operationID(method, path string) string {
	return strings.ToLower(method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(path)
}

func roleNames(rule *access.Rule) []string {
	if rule.Public {
		return []string{"public"}
	}
	names := []string{}
	for _, r := range access.AllRoles() {
		switch {
		case rule.Roles.Has(r), rule.FourEyes != access.Never && rule.Second.Has(r):
			names = append(names, r.String())
		case rule.Own.Has(r):
			names = append(names, r.String()+" (own)")
		}
	}
	return names
}

// read notes the names that a request of this type may use.
func (r *Route) read(in reflect.Type) {
	r.query, r.names = map[string]bool{}, map[string]bool{}
	for _, place := range [...]string{"path", "query", "header", "body"} {
		r.names[place] = true
	}
	for _, f := range reflect.VisibleFields(in) {
		for _, place := range [...]string{"path", "query", "header"} {
			if name, _, _ := strings.Cut(f.Tag.Get(place), ","); name != "" {
				r.names[name] = true
				if place == "query" {
					r.query[name] = true
				}
			}
		}
		switch f.Name {
		case "File":
			r.file = f.Type == reflect.TypeFor[File]()
		case "Body":
			r.shape = shapeOf(f.Type)
		case "RawBody":
			r.shape = shapeOf(reflect.TypeFor[wire.CheckRequest]())
			r.raw = true
		}
	}
	if r.shape != nil {
		r.shape.walk(r.names)
	}
}

func (s *shape) walk(names map[string]bool) {
	for name := range s.fields {
		names[name] = true
	}
	for _, kid := range s.kids {
		kid.walk(names)
	}
	if s.elem != nil {
		s.elem.walk(names)
	}
}

// finish returns the routes in the order of their addresses, or what is wrong with
// the table.
func (t *table) finish() ([]*Route, error) {
	slices.SortFunc(t.routes, func(a, b *Route) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return t.routes, errors.Join(t.errs...)
}
