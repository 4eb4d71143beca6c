package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// TestFindHousehold tells whether the search goes to the page of a number, and shows what
// was typed again where it is none.
func TestFindHousehold(t *testing.T) {
	c, err := New(Options{Desk: struct{ Desk }{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	call := api.PageCall{Caller: wire.Caller{Subject: access.Subject{
		Account: "hedui01", Person: "p-01", Division: "340104", Purposes: []string{"dibao"}, Classes: access.AllClasses(),
		Roles: access.RolesOf(access.Verifier),
	}}}
	for typed, want := range map[string]struct {
		to    string // where it goes
		shown string // what stands in the field again
	}{
		" 340104-000123 ":   {to: "/console/households/340104-000123"},
		"":                  {shown: `data-search>`},
		`"><b> x`:           {shown: `data-search value="&#34;&gt;&lt;b&gt; x" aria-invalid="true">`},
		`"><b>x`:            {to: "/console/households/%22%3E%3Cb%3Ex"},
		"../verdicts":       {shown: `data-search value="../verdicts" aria-invalid="true">`},
		"家庭 一":              {shown: `data-search value="家庭 一" aria-invalid="true">`},
		"340104-000123/../": {shown: `data-search value="340104-000123/../" aria-invalid="true">`},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, prefix+"/households?number="+url.QueryEscape(typed), nil)
		w := httptest.NewRecorder()
		if err := c.serve(findHousehold)(r.Context(), w, r, call); err != nil {
			t.Errorf("%q: %v", typed, err)
			continue
		}
		body := w.Body.String()
		switch {
		case want.to != "":
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want.to {
				t.Errorf("%q: %d to %q, want %q", typed, w.Code, w.Header().Get("Location"), want.to)
			}
		case w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, want.shown) || !strings.Contains(body, `role="alert"`):
			t.Errorf("%q: %d, and the page has no %q", typed, w.Code, want.shown)
		}
	}
}
