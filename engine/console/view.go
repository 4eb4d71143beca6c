package console

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

//go:embed templates
var templateFiles embed.FS

// view is what a template sees: what all pages have, and Data of its own.
type view struct {
	visit *visit
	Data  any
}

// T is a word of the catalogue.
func (v *view) T(key string, args ...any) string { return v.visit.say(key, args...) }

// Code is what a code is called, by the word kind.code; a code without a word stands for
// itself.
func (v *view) Code(kind, code string) string {
	if _, known := v.visit.console.words[kind+"."+code]; known {
		return v.visit.say(kind + "." + code)
	}
	return code
}

// Operation is what an operation of the policy is called.
func (v *view) Operation(name string) string {
	op, _ := access.ParseOperation(name)
	rule, ok := op.Rule()
	switch {
	case !ok:
		return v.Code("event", name) // not wanted of anybody: it happened
	case v.English():
		return rule.En
	}
	return rule.Zh
}

// Result is what came of an entry of the audit log: a word of the log, or an outcome.
func (v *view) Result(code string) string {
	if out := v.Code("audit.result", code); out != code {
		return out
	}
	return v.Code("outcome", code)
}

// Join writes several things one after the other.
func (v *view) Join(list []string) string { return strings.Join(list, v.T("list")) }

// Lang is the language of the page, as HTML calls it.
func (v *view) Lang() string {
	if v.visit.lang == english {
		return "en"
	}
	return "zh-CN"
}

// English reports whether the page is in English.
func (v *view) English() bool { return v.visit.lang == english }

// Account is whose page it is; "" when nobody has signed in.
func (v *view) Account() string { return v.visit.call.Account }

// Division is where they work.
func (v *view) Division() string { return v.visit.call.Division }

// Roles are their names.
func (v *view) Roles() string {
	var out []string
	for _, r := range access.AllRoles() {
		if v.visit.call.Roles.Has(r) {
			out = append(out, v.T("role."+r.String()))
		}
	}
	return strings.Join(out, v.T("list"))
}

// Centre is the name of the centre.
func (v *view) Centre() string { return v.visit.console.o.Centre }

// PDF reports whether reports can be printed as PDF.
func (v *view) PDF() bool { return v.visit.console.o.PDF }

// Span is a row of months as people write it.
func (v *view) Span(months string) string {
	from, to, many := strings.Cut(months, "..")
	if !many {
		return months
	}
	return v.T("span", from, to)
}

// Here is the address of the page, to come back to it. A refusal says nothing back of what
// was asked for.
func (v *view) Here() string {
	if v.visit.r.Method != "GET" || v.visit.turnedAway {
		return prefix + "/home"
	}
	return inside(v.visit.r.URL.RequestURI())
}

// Notice is what is said above the page.
func (v *view) Notice() *notice { return v.visit.notice }

// May reports whether some role of the caller may do an operation of this name.
func (v *view) May(name string) (bool, error) {
	op, ok := access.ParseOperation(name)
	if !ok {
		return false, fmt.Errorf("there is no operation %s", name)
	}
	return v.visit.may(op), nil
}

// Asset is the address of a file that pages are made of.
func (v *view) Asset(name string) (string, error) { return v.visit.console.asset(name) }

// When is a moment as people write it: day and minute, where the centre is.
func (v *view) When(text string) string {
	if text == "" {
		return ""
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return t.In(v.visit.console.o.Location).Format(moment)
}

// At is a moment of the ledger as people write it.
func (v *view) At(i interface{ Time() time.Time }) string {
	return i.Time().In(v.visit.console.o.Location).Format(moment)
}

// Typed is what a field said of the form that was sent to this action, the end of its
// address, when its page is shown again.
func (v *view) Typed(action, name string) string {
	if r := v.visit.r; r.Method == http.MethodPost && path.Base(r.URL.Path) == action {
		return r.PostForm.Get(name)
	}
	return ""
}

// Document is the number of a document, masked as everywhere else.
func (*view) Document(number household.IDNumber) string {
	var m access.Masks
	m[access.FieldIDNumber] = access.Partly
	return m.IDNumber(number)
}

// Yuan is an amount in yuan with separators of thousands.
func (v *view) Yuan(f household.Fen) string { return explain.Yuan(f) }

// Nav is the menu: what the caller may open.
func (v *view) Nav() []navGroup { return v.visit.nav() }

// Short is the beginning of an id, enough to tell it from its neighbours.
func (v *view) Short(id string) string {
	const keep = 8
	if len(id) <= keep+1 {
		return id
	}
	return id[:keep] + "…"
}

// loadTemplates reads layout.html and parts.html, and every other file as a page of its
// own, named by its path without its end.
func (c *Console) loadTemplates() error {
	base, err := template.New("base").Funcs(template.FuncMap{
		"list": func(v ...any) []any { return v },
		"dict": dict,
		"add":  func(a, b int) int { return a + b },
		// A number of somebody's making may have any character but a slash and a space.
		"segment": url.PathEscape,
	}).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return err
	}
	c.templates = map[string]*template.Template{}
	return fs.WalkDir(templateFiles, "templates", func(p string, e fs.DirEntry, err error) error {
		name := strings.TrimSuffix(strings.TrimPrefix(p, "templates/"), ".html")
		if err != nil || e.IsDir() || name == "layout" || name == "parts" || path.Ext(p) != ".html" {
			return err
		}
		t, err := base.Clone()
		if err == nil {
			c.templates[name], err = t.ParseFS(templateFiles, p)
		}
		return err
	})
}

// dict makes a map of names and values, for a part that needs more than one.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("a dict of %d things", len(pairs))
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}
