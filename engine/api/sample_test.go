package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/api"
)

// doc is the document of the interface, as a client reads it.
type doc struct {
	t          testing.TB
	OpenAPI    string                          `json:"openapi"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Operation   string           `json:"x-operation"`
	Roles       []string         `json:"x-roles"`
	Lane        string           `json:"x-lane"`
	Summary     string           `json:"summary"`
	Zh          string           `json:"x-summary-zh"`
	En          string           `json:"x-summary-en"`
	Security    []map[string]any `json:"security"`
	Parameters  []parameter      `json:"parameters"`
	RequestBody *struct {
		Content map[string]struct {
			Schema *schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]struct {
			Schema *schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type parameter struct {
	Name    string  `json:"name"`
	In      string  `json:"in"`
	Schema  *schema `json:"schema"`
	Example any     `json:"example"`
}

type schema struct {
	Ref        string             `json:"$ref"`
	Type       any                `json:"type"`
	Format     string             `json:"format"`
	Enum       []any              `json:"enum"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Examples   []any              `json:"examples"`
	Additional any                `json:"additionalProperties"`
}

func readDoc(t testing.TB, s *api.Server) *doc {
	t.Helper()
	d := &doc{t: t}
	if err := json.Unmarshal(s.Document(), d); err != nil {
		t.Fatal(err)
	}
	return d
}

// follow goes to what a reference names.
func (d *doc) follow(s *schema) *schema {
	for s.Ref != "" {
		name, _ := strings.CutPrefix(s.Ref, "#/components/schemas/")
		s = d.Components.Schemas[name]
		if s == nil {
			d.t.Fatalf("the document has no schema %q", name)
		}
	}
	return s
}

func (s *schema) is(kind string) bool {
	switch t := s.Type.(type) {
	case string:
		return t == kind
	case []any:
		return len(t) > 0 && t[0] == kind
	}
	return false
}

// sample makes a value of a schema from its examples.
func (d *doc) sample(s *schema) any {
	s = d.follow(s)
	switch {
	case s.is("object"):
		out := map[string]any{}
		for name, p := range s.Properties {
			out[name] = d.sample(p)
		}
		return out
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.is("array"):
		return []any{d.sample(s.Items)}
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.is("integer"), s.is("number"):
		return 1
	case s.is("boolean"):
		return true
	case s.Format == "date":
		return "2026-01-01"
	default:
		return "x"
	}
}

// body is a request body of a route, or "" when it has none.
func (d *doc) body(r api.Route) any {
	o := d.operation(r)
	if o == nil || o.RequestBody == nil {
		return nil
	}
	if file, ok := o.RequestBody.Content["application/x-ndjson"]; ok && file.Schema != nil {
		return nil // whatever it holds, the desk reads it
	}
	return d.sample(o.RequestBody.Content["application/json"].Schema)
}

func (d *doc) operation(r api.Route) *operation {
	if o, ok := d.Paths[r.Path][strings.ToLower(r.Method)]; ok {
		return &o
	}
	return nil
}

// path fills in the parameters of an address.
func (d *doc) path(r api.Route, with string) string {
	out := r.Path
	for _, name := range []string{"number", "id", "account", "evidence", "household"} {
		value := with
		if value == "" {
			value = map[string]string{"number": "340104-000123", "id": "c-1", "account": "verifier01", "evidence": "1", "household": "340104-000123"}[name]
		}
		out = strings.ReplaceAll(out, "{"+name+"}", value)
	}
	return out
}

func text(t testing.TB, v any) string {
	t.Helper()
	if v == nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
