package report_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/report"
)

// texts words everything with one text.
type texts string

func (x texts) Title(string, string) string         { return string(x) }
func (x texts) Text(string, string) string          { return string(x) }
func (x texts) Law(string) string                   { return string(x) }
func (x texts) Clear(string, string) string         { return string(x) }
func (x texts) Tier(string, string) string          { return string(x) }
func (x texts) Use(string, string) string           { return string(x) }
func (x texts) Field(string, string) string         { return string(x) }
func (x texts) Level(string, string, string) string { return string(x) }
func (x texts) Reason(string, string) string        { return string(x) }

// everywhere is an input with a text in every field that holds one.
func everywhere(text string) report.Input {
	s := citing()
	v, r := s.v, s.r
	v.Links = linked().v.Links
	v.Withheld = disputed().v.Withheld
	v.Withheld[0].Because = text
	v.HouseholdID, v.Region, v.Scheme, v.Line = text, text, text, 3
	v.Pack.Name, v.Pack.Version, v.Pack.Region = text, text, text
	for i := range v.Pack.Values {
		c := &v.Pack.Values[i]
		c.Name, c.File, c.Region, c.Law = text, text, text, text
	}
	v.Pack.Values[2].Unresolved = text
	for _, list := range [][]household.AmountOf{v.Income.Excluded, v.Income.Deductions, v.Income.Derived} {
		list[0].Code, list[0].Law = text, text
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		f.Code, f.Law, f.Item = text, text, text
		for j := range f.Evidence {
			e := &f.Evidence[j]
			e.Provider, e.Record, e.Link, e.Snapshot = text, text, text, text
		}
	}
	for i := range v.Coverage {
		for j := range v.Coverage[i].Providers {
			v.Coverage[i].Providers[j].Provider = text
			v.Coverage[i].Providers[j].Snapshot = text
		}
	}
	for i := range r.Members {
		r.Members[i].Name, r.Members[i].IDNumber = household.Name(text), household.IDNumber(text)
	}
	r.Region = text
	r.Assets.Vehicles, r.Assets.Properties = []household.Plate{household.Plate(text)}, []string{text}
	in := input(v, r, explain.Zh, all())
	in.Texts, in.LinkTexts = texts(text), texts(text)
	in.Number, in.VerdictID, in.Centre, in.Recipient, in.Issuer, in.Program = text, text, text, text, text, text
	in.Route.Where = text
	in.History[0].By, in.History[0].What, in.History[0].Reason = text, text, text
	in.Authorizations = []report.Authorization{{Number: text, Purposes: []string{text}, Classes: []string{text}}}
	return in
}

// markup are texts that become something else where somebody forgot to escape.
var markup = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`, `</title><script>alert(1)</script>`, `</style><script>alert(1)</script>`,
	`<!--`, `--><script>alert(1)</script>`, `{{.Number}}`, `${7*7}`, `&lt;script&gt;`, `javascript:alert(1)`, "`onmouseover=alert(1)", `<iframe src=//evil>`, `<a href="javascript:x">`,
	`" onfocus="alert(1)" autofocus="`, `]]><script>alert(1)</script>`, `<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`, `\u003cscript\u003e`, `<base href="//evil/">`,
	`<meta http-equiv=refresh content="0;url=//evil">`, `<link rel=stylesheet href=//evil>`, "<sc\x00ript>alert(1)</script>", `＜script＞alert(1)＜/script＞`, `<details open ontoggle=alert(1)>`,
}

func TestTextNeverBecomesMarkup(t *testing.T) {
	harmless := skeleton(t, "甲")
	for _, text := range markup {
		if got := skeleton(t, text); got != harmless {
			t.Errorf("%q changes the page", text)
		}
	}
	// The test can fail: a page that has one element more has another skeleton.
	if skeletonOf("<p>a</p>") == skeletonOf("<p>a</p><script></script>") {
		t.Error("a page with a script looks like one without")
	}
}

// skeleton is a page without its texts: the elements and their attributes.
func skeleton(t *testing.T, text string) string {
	t.Helper()
	page := pageOf(t, build(t, everywhere(text)), report.HTMLOptions{QR: "HD:1", Watermark: text})
	if strings.Contains(page, "ZgotmplZ") {
		t.Errorf("%q: a text in a place where none may be", text)
	}
	return skeletonOf(page)
}

func TestNothingHiddenIsInADocument(t *testing.T) {
	secrets := []string{headID, childID, "340104197902021111", headName, "张伟", "张大山", "皖A12345", "340104003001GB00012F00050016"}
	amounts := []string{"20,100.00", "16,900.00", "9,000.00", "2,200.00", "5,700.00", "3,800.00", "19,000.00", "49,000.00"}
	for name, s := range scenes() {
		for _, lang := range []string{explain.Zh, explain.En} {
			for how, m := range map[string]access.Masks{"partly": some(), "hidden": {}} {
				in := input(s.v, s.r, lang, m)
				in.History[0].Reason = "（" + headID + "）核实"
				if s.r != nil {
					in.History[0].Reason += "，与" + s.r.Members[0].Name.Reveal()
				}
				doc := build(t, in)
				var shown strings.Builder
				shown.WriteString(pageOf(t, doc, report.HTMLOptions{}))
				for _, sheet := range rows(t, xlsx(t, doc)) {
					for _, row := range sheet {
						shown.WriteString(strings.Join(row, "\n"))
					}
				}
				hide := slices.Concat(secrets, amounts)
				if s.r != nil {
					for i := range s.r.Members {
						hide = append(hide, s.r.Members[i].IDNumber.Reveal())
						if n := s.r.Members[i].Name.Reveal(); utf8.RuneCountInString(n) > 1 {
							hide = append(hide, n)
						}
					}
				}
				for _, secret := range hide {
					if strings.Contains(shown.String(), secret) {
						t.Errorf("%s/%s/%s shows %s", name, lang, how, secret)
					}
				}
				if how == "hidden" && strings.Contains(shown.String(), "万元") {
					t.Errorf("%s/%s shows a band", name, lang)
				}
			}
			full := pageOf(t, build(t, input(citing().v, citing().r, lang, all())), report.HTMLOptions{})
			for _, secret := range append(secrets, amounts[:6]...) {
				if !strings.Contains(full, secret) {
					t.Errorf("not shown although the masks show all: %s", secret)
				}
			}
		}
	}
}
