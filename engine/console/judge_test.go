package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/hedui/hedui/engine/api"
)

// element is one element of a page with what its tag says.
type element struct {
	*html.Node

	attributes map[string]string
}

func elementOf(n *html.Node) element {
	e := element{n, map[string]string{}}
	for _, a := range n.Attr {
		e.attributes[a.Key] = a.Val
	}
	return e
}

// elements are those of a page, in their order.
func elements(t testing.TB, body string) []element {
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return nil
	}
	var out []element
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, elementOf(n))
		}
	}
	return out
}

// text is what people read of an element.
func (e element) text() string {
	var b strings.Builder
	for n := range e.Descendants() {
		if n.Type == html.TextNode && !slices.Contains([]string{"script", "style"}, n.Parent.Data) {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// name is what an element is called for whoever does not see it.
func (e element) name() string {
	if n := e.attributes["aria-label"]; n != "" {
		return n
	}
	return e.text()
}

// inside is the nearest element of this name that an element stands in, or nil.
func (e element) inside(names ...string) *html.Node {
	for n := range e.Ancestors() {
		if slices.Contains(names, n.Data) {
			return n
		}
	}
	return nil
}

// control reports whether people fill the element in.
func (e element) control() bool {
	return e.Data == "select" || e.Data == "textarea" || e.Data == "input" && e.attributes["type"] != "hidden"
}

var (
	// unsaid is what a template leaves where a word or a value is missing.
	unsaid = regexp.MustCompile(`\[[a-z][a-z. _-]*\]|%!|<no value>|<nil>|ZgotmplZ`)
	// banned are words that accuse, or decide what others decide.
	banned = regexp.MustCompile(`(?i)骗保|取消(?:[^批]|$)|拒绝|造假|fraud|cheat|revoke`)
)

// judge says what is wrong with a page.
func (s *stand) judge(what, lang, body string) {
	s.t.Helper()
	for _, fault := range s.faults(lang, body) {
		s.t.Errorf("%s: %s", what, fault)
	}
}

func (s *stand) faults(lang, body string) []string {
	var out []string
	say := func(parts ...string) { out = append(out, strings.Join(parts, " ")) }
	all := elements(s.t, body)
	ids, labelled := map[string]bool{}, map[string]bool{}
	for _, e := range all {
		if id, ok := e.attributes["id"]; ok {
			if ids[id] || id == "" {
				say("id", id, "twice")
			}
			ids[id] = true
		}
		if e.Data == "label" {
			labelled[e.attributes["for"]] = true
			if e.text() == "" {
				say("an empty label for", e.attributes["for"])
			}
		}
	}
	level, headings := 0, 0
	links := map[string]string{}
	for _, e := range all {
		a := e.attributes
		for name, value := range a {
			switch {
			case strings.HasPrefix(name, "on"), name == "style":
				say("the attribute", name, "on", e.Data)
			case name == "aria-describedby", name == "aria-labelledby", name == "for":
				for id := range strings.FieldsSeq(value) {
					if !ids[id] {
						say("nothing is called", id)
					}
				}
			}
		}
		switch e.Data {
		case "x-hostile", "iframe", "style", "object", "base":
			say("an element", e.Data)
		case "script":
			if !strings.HasPrefix(a["src"], "/console/assets/") || e.FirstChild != nil {
				say("a script that is not ours")
			}
		case "html":
			if want := map[string]string{"zh": "zh-CN", "en": "en"}[lang]; a["lang"] != want {
				say("the language is", a["lang"])
			}
		case "title":
			if e.text() == "" {
				say("no title")
			}
		case "h1", "h2", "h3", "h4":
			n := int(e.Data[1] - '0')
			if n == 1 {
				headings++
			}
			if n > level+1 {
				say("a heading", e.Data, e.text(), "after one of a higher level")
			}
			if level = n; e.text() == "" {
				say("an empty", e.Data)
			}
		case "th":
			if a["scope"] == "" {
				say("a th without scope")
			}
		case "a":
			say(s.link(a["href"])...)
			if e.name() == "" {
				say("a link without words to", a["href"])
			}
			if to, known := links[e.name()]; known && to != a["href"] && e.inside("main") != nil && !strings.Contains(e.name(), hostile) {
				say("two links are called", e.name())
			}
			if e.inside("main") != nil {
				links[e.name()] = a["href"]
			}
		case "button":
			if e.name() == "" {
				say("a button without words")
			}
		case "form":
			say(s.form(e)...)
		}
		if e.control() {
			if !labelled[a["id"]] && a["aria-label"] == "" && e.inside("label") == nil {
				say("no label for", a["name"])
			}
			if (a["type"] == "radio" || a["type"] == "checkbox" && e.inside("table") == nil) && e.inside("fieldset", "label") == nil {
				say("no group for", a["name"])
			}
		}
	}
	if headings != 1 {
		say("not one h1")
	}
	for _, e := range all {
		if e.Data == "body" {
			if m := unsaid.FindString(e.text()); m != "" {
				say("it says", m)
			}
			// What the desk says is others' words; these pages have none of them.
			if m := banned.FindString(e.text()); m != "" {
				say("it says", m)
			}
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// route is the page at an address; nil for none.
func (s *stand) route(method, to string) *api.Page {
	u, err := url.Parse(to)
	if err != nil || u.Path == "" {
		return nil
	}
	_, pattern := s.mux.Handler(&http.Request{Method: method, URL: u, Host: "x"})
	i := slices.IndexFunc(s.pages, func(p api.Page) bool { return p.Method+" "+p.Path == pattern })
	if i < 0 {
		return nil
	}
	return &s.pages[i]
}

// link says what is wrong with the address of a link.
func (s *stand) link(to string) []string {
	u, err := url.Parse(to)
	switch {
	case err != nil || u.Host != "" || u.Scheme != "":
		return []string{"a link to", to}
	case u.Path == "" && u.Fragment != "", strings.HasPrefix(u.Path, "/api/"):
		return nil
	}
	p := s.route(http.MethodGet, to)
	if p == nil {
		return []string{"a link to", to, "where no page is"}
	}
	for name := range u.Query() {
		if !slices.Contains(p.Query, name) {
			return []string{"a link with the parameter", name, "that", p.Path, "does not take"}
		}
	}
	return nil
}

// form says what is wrong with a form.
func (s *stand) form(e element) []string {
	method := strings.ToUpper(e.attributes["method"])
	p := s.route(method, e.attributes["action"])
	if p == nil {
		return []string{"a form to", method, e.attributes["action"], "where no page is"}
	}
	for n := range e.Descendants() {
		if n.Type != html.ElementNode || !slices.Contains([]string{"input", "select", "textarea", "button"}, n.Data) {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "name" && (method == http.MethodPost && !p.Form(a.Val) || method == http.MethodGet && !slices.Contains(p.Query, a.Val)) {
				return []string{"a form with the field", a.Val, "that", p.Path, "does not take"}
			}
		}
	}
	return nil
}

// sentForm is a form as somebody sends it who has filled in everything.
type sentForm struct {
	action string
	values url.Values
	typed  map[string]string // what was typed or chosen, without secrets
	plain  bool              // some button sends it without a word of its own
	files  []string          // fields with files
}

// forms are those of a page that change something, filled in. Those of the frame are not.
func (s *stand) forms(path, body string) []sentForm {
	var out []sentForm
	for _, e := range elements(s.t, body) {
		if e.Data != "form" || strings.ToLower(e.attributes["method"]) != "post" {
			continue
		}
		if e.attributes["action"] == "" {
			s.t.Errorf("%s: a form to nowhere", path)
			continue
		}
		f := sentForm{action: e.attributes["action"], values: url.Values{}, typed: map[string]string{}}
		for n := range e.Descendants() { // what Enter does, unless it has a name of its own
			if n.Type == html.ElementNode && n.Data == "button" && elementOf(n).attributes["name"] == "" && elementOf(n).attributes["type"] != "button" {
				f.plain = true
			}
		}
		for n := range e.Descendants() {
			if n.Type == html.ElementNode {
				f.fill(n)
			}
		}
		out = append(out, f)
	}
	return out
}

// samples are what stands in fields that not everything may stand in, by their name or its
// end; "" leaves a field empty.
var samples = map[string]string{
	"region": "340104", "division": "340104", "scan_digest": strings.Repeat("a", 64), "valid_to": "2027-11-20", "paste": "", "receiving": "无",
	"m1_id_number": "340104198001010012", "m2_id_number": "340104198102030020", "id_type": "resident_id", "birth_date": "", "guardian": "",
	"country": "", "sex": "", "excluded": "", "application": "", "m1_relation": "head", "m2_relation": "spouse",
	"declared_financial": "1000", "declared_vehicles": "", "declared_properties": "", "wage": "800", "business": "0", "property": "0", "transfer": "0",
}

// sample is what stands in a field, if not everything may.
func sample(name string) (string, bool) {
	for ; name != ""; _, name, _ = strings.Cut(name, "_") {
		if v, known := samples[name]; known {
			return v, true
		}
	}
	return "", false
}

// fill fills in one field.
func (f *sentForm) fill(n *html.Node) {
	e := elementOf(n)
	a := e.attributes
	name := a["name"]
	_, checked := a["checked"]
	if name == "" || e.Data == "button" && (f.plain || f.values.Has(name)) {
		return
	}
	if v, known := sample(name); known && e.Data != "button" && a["type"] != "hidden" {
		if f.values.Set(name, v); v != "" {
			f.typed[name] = v
		}
		return
	}
	switch {
	case a["type"] == "file":
		f.files = append(f.files, name)
	case e.Data == "button", a["type"] == "hidden":
		f.values.Set(name, a["value"])
	case e.Data == "textarea":
		f.values.Set(name, typed)
		f.typed[name] = typed
	case e.Data == "select":
		for o := range n.Descendants() {
			if o.Type != html.ElementNode || o.Data != "option" {
				continue
			}
			for _, oa := range o.Attr {
				if oa.Key == "value" && oa.Val != "" {
					f.values.Set(name, oa.Val) // the last one there is
					f.typed[name] = oa.Val
				}
			}
		}
	case a["type"] == "checkbox":
		f.values.Add(name, a["value"])
	case a["type"] == "radio":
		f.values.Set(name, a["value"])
		f.typed[name] = a["value"]
	case e.Data != "input":
	case a["type"] == "password", a["autocomplete"] == "one-time-code", name == "code":
		f.values.Set(name, "Geheim-1234567")
	default:
		v := a["value"]
		switch {
		case a["type"] == "date":
			v = "2026-11-20"
		case a["type"] == "number":
			v = "9"
		case v == "" && name == "division":
			v = "340104"
		case v == "":
			v = "other-07"
		}
		f.values.Set(name, v)
		if !checked {
			f.typed[name] = v
		}
	}
}

// lost are the fields of which the same form, shown again, does not say what was typed.
func (f *sentForm) lost(shown []element) []string {
	kept := map[string]bool{}
	for _, e := range shown {
		a := e.attributes
		if e.Data != "form" || a["action"] != f.action {
			continue
		}
		for n := range e.Descendants() {
			if n.Type == html.ElementNode {
				field := elementOf(n)
				if name := field.attributes["name"]; f.typed[name] != "" && field.says(f.typed[name]) {
					kept[name] = true
				}
			}
		}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(f.typed)) {
		if !kept[name] {
			out = append(out, name)
		}
	}
	return out
}

// says reports whether a field is filled in so.
func (e element) says(value string) bool {
	_, checked := e.attributes["checked"]
	switch {
	case e.Data == "textarea":
		return e.FirstChild != nil && strings.TrimSpace(e.FirstChild.Data) == value
	case e.Data == "select":
		for o := range e.Descendants() {
			if o.Type == html.ElementNode {
				a := elementOf(o).attributes
				if _, selected := a["selected"]; a["value"] == value && selected {
					return true
				}
			}
		}
		return false
	case e.attributes["type"] == "radio":
		return checked && e.attributes["value"] == value
	}
	return e.attributes["value"] == value
}

// alert is what a page says in its notice.
func alert(body string) string {
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return ""
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "role" && a.Val == "alert" {
				return element{Node: n}.text()
			}
		}
	}
	return ""
}

// TestJudge tells whether whatever is looked for on a page is found where it is wrong.
func TestJudge(t *testing.T) {
	s := open(t, &fake{})
	page := func(body string) string {
		return `<!DOCTYPE html><html lang="zh-CN"><head><title>x</title></head><body><main><h1>x</h1>` + body + `</main></body></html>`
	}
	if got := s.faults("zh", page(`<p>x</p><form method="get" action="/console/cases"><label for="a">x</label><input id="a" name="state"><button>x</button></form>`)); len(got) > 0 {
		t.Errorf("a good page: %s", got)
	}
	for body, want := range map[string]string{
		`<p id="a"></p><p id="a"></p>`:                         "id a twice",
		`<label for="a"></label><input id="a" aria-label="x">`: "an empty label",
		`<p onclick="x">`:                                      "the attribute onclick",
		`<p style="x">`:                                        "the attribute style",
		`<input aria-label="x" aria-describedby="b">`:          "nothing is called b",
		hostile:                                   "an element x-hostile",
		`<script>x</script>`:                      "a script that is not ours",
		`<script src="https://x/x.js"></script>`:  "a script that is not ours",
		`<h3>x</h3>`:                              "a heading h3",
		`<h2></h2>`:                               "an empty h2",
		`<h1>x</h1>`:                              "not one h1",
		`<table><tr><th>x</th></tr></table>`:      "a th without scope",
		`<a href="/console/home"></a>`:            "a link without words",
		`<a href="/console/nowhere">x</a>`:        "where no page is",
		`<a href="https://x/">x</a>`:              "a link to",
		`<a href="/console/cases?colour=1">x</a>`: "that /console/cases does not take",
		`<a href="/console/cases/1">x</a><a href="/console/cases/2">x</a>`: "two links are called x",
		`<button></button>`: "a button without words",
		`<form method="post" action="/console/cases"></form>`:                                              "where no page is",
		`<form method="post" action="/console/cases/1/confirm"><input type="hidden" name="colour"></form>`: "a form with the field colour",
		`<form method="get" action="/console/cases"><input type="hidden" name="colour"></form>`:            "a form with the field colour",
		`<input name="a">`:           "no label for a",
		`<p>[cases.title]</p>`:       "it says [cases.title]",
		`<p>%!d(string=x)</p>`:       "it says %!",
		`<p>拒绝</p>`:                  "it says 拒绝",
		`<p>the right to Revoke</p>`: "it says Revoke",
	} {
		if got := s.faults("zh", page(body)); !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s: found %q, want %q", body, got, want)
		}
	}
	if got := s.faults("en", page("")); len(got) != 1 {
		t.Errorf("a page in another language: %q", got)
	}
}
