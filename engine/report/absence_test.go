package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/report"
	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
)

// everyForm is what people can read of a document, in all forms.
func everyForm(t *testing.T, doc *report.Document) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(pageOf(t, doc, report.HTMLOptions{}))
	for _, list := range rows(t, xlsx(t, doc)) {
		for _, row := range list {
			b.WriteString(strings.Join(row, "\n"))
		}
	}
	return b.String()
}

func TestNothingFoundIsOnlySaidOfNone(t *testing.T) {
	said := map[string]string{explain.Zh: "查无记录", explain.En: "nothing found"}
	caveat := map[string]string{explain.Zh: "不能据此认为", explain.En: "absence is not established"}
	for st := household.CoverageState(0); st <= household.Found+1; st++ {
		for lang, words := range said {
			v := verdict()
			for s := household.Tax; s < household.NumChecked; s++ {
				state(v, s, st)
			}
			doc := build(t, input(v, request(), lang, all()))
			got := everyForm(t, doc)
			if strings.Contains(got, words) != (st == household.None) {
				t.Errorf("%v/%s: %q said or left out wrongly", st, lang, words)
			}
			full := st == household.None || st == household.Found
			if strings.Contains(got, caveat[lang]) == full || doc.Coverage.Complete != full || (doc.Outcome.Absence == "") != full {
				t.Errorf("%v/%s: the caveat is said or left out wrongly", st, lang)
			}
		}
	}
}

// TestOneSource puts one source at a time into each state: "nothing found" must stand in
// the row of a source that is none, and in no other.
func TestOneSource(t *testing.T) {
	for s := household.Tax; s < household.NumChecked; s++ {
		for st := household.NotAuthorized; st <= household.Found; st++ {
			v := verdict()
			for other := household.Tax; other < household.NumChecked; other++ {
				state(v, other, household.Found)
			}
			state(v, s, st)
			doc := build(t, input(v, request(), explain.Zh, all()))
			for _, source := range doc.Coverage.Sources {
				raw, err := json.Marshal(source)
				if err != nil {
					t.Fatal(err)
				}
				if want := source.StateCode == "none"; strings.Contains(string(raw), "查无记录") != want {
					t.Errorf("%s is %s: %s", source.Code, source.StateCode, raw)
				}
			}
			if strings.Contains(everyForm(t, doc), "查无记录") != (st == household.None) {
				t.Errorf("%s is %s and the report says otherwise", s, st)
			}
		}
	}
}

// words are those of a shipped pack.
type words struct{ pack *rules.Pack }

func (w words) of(code, lang string, pick func(*rules.Message) rules.Text) string {
	m := w.pack.Message(code)
	switch {
	case m == nil:
		return ""
	case lang == explain.Zh:
		return pick(m).Zh
	}
	return pick(m).En
}

func (w words) Title(code, lang string) string {
	return w.of(code, lang, func(m *rules.Message) rules.Text { return m.Title })
}

func (w words) Text(code, lang string) string {
	return w.of(code, lang, func(m *rules.Message) rules.Text { return m.Text })
}

func (w words) Clear(code, lang string) string {
	return w.of(code, lang, func(m *rules.Message) rules.Text { return m.Clear })
}
func (w words) Law(code string) string { return w.pack.LawOf(code) }

var every = flag.Int("report.every", 5, "make the report of every so many of the packs' situations")

// TestEveryVerdictOfEveryPackHasAReport makes the report of every situation of every
// shipped pack.
func TestEveryVerdictOfEveryPackHasAReport(t *testing.T) {
	n := 0
	for _, name := range rules.Shipped() {
		dir, err := rules.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := rules.LoadFS(dir)
		if err != nil {
			t.Fatal(err)
		}
		list, err := situation.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			if !list[i].Judges() || i%*every != 0 {
				continue
			}
			v, err := list[i].Verdict(p)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, list[i].Name, err)
			}
			n++
			in := input(v, nil, explain.Zh, all())
			in.Texts, in.LinkTexts = words{p}, identity.Words{}
			doc := build(t, in)
			page := pageOf(t, doc, report.HTMLOptions{})
			none := false
			for s := household.Tax; s < household.NumChecked; s++ {
				none = none || v.Coverage[s].State == household.None
			}
			if strings.Contains(page, "查无记录") != none {
				t.Errorf("%s: %s: nothing found is said or left out wrongly", name, list[i].Name)
			}
			for j := range doc.Findings {
				if f := &doc.Findings[j]; f.Title == f.Code || f.Clear == "" {
					t.Errorf("%s: %s: %s has no words", name, list[i].Name, f.Code)
				}
			}
			f := report.Flip(v)
			if v.Outcome != household.Refused && len(v.Findings) > 0 && (len(f.Lines) == 0 || f.Then == v.Outcome || f.Then == 0) {
				t.Errorf("%s: %s: %s, and after all changes %s", name, list[i].Name, v.Outcome, f.Then)
			}
			for _, c := range f.Lines {
				if c.Kind == report.Less && c.Fen <= 0 {
					t.Errorf("%s: %s: %s would have to be lower by %d", name, list[i].Name, v.Findings[c.Finding].Code, c.Fen)
				}
			}
			roundTrip(t, doc)
		}
	}
	if n < 500 / *every {
		t.Errorf("only %d verdicts", n)
	}
	t.Logf("%d verdicts", n)
}

// roundTrip reads a document from its JSON form.
func roundTrip(t *testing.T, doc *report.Document) {
	t.Helper()
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var again report.Document
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*doc, again); diff != "" || again.Digest() != doc.Digest() {
		t.Errorf("another document after its JSON form: %s", diff)
	}
}
