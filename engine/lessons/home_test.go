package lessons

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
)

// home is a household and what the departments hold of it, in a form that tests can
// change piece by piece.
type home struct {
	On        string
	Region    string
	Residence string
	Scheme    string
	Members   []person
	Financial household.Fen
	Plates    []string
	Units     []string
	Classes   []string // data classes; nil: all
	Purposes  []string // of the authorisation; nil: not said
	Obligors  []person
	Records   []record
}

type person struct {
	Name, Number, Relation, Born string
	Wage                         household.Fen // declared, by month
	More                         string        // further keys of the situation
}

type record struct {
	Source string
	Holder string // 2, or o1 of an obligor
	Period string // tax: a month or a year; insurance: a month
	Amount household.Fen
	More   string // further keys of the situation
}

// answer verifies a home; tests plant mistakes in it.
type answer func(h home) *household.Verdict

// quoted is a text in YAML.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func list(of []string) string {
	out := make([]string, len(of))
	for i, s := range of {
		out[i] = quoted(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// yaml is the home as a situation.
func (h *home) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "on: %s\nsituations:\n  - name: home\n    expect: {outcome: refused}\n    request:\n", h.On)
	for _, kv := range [][2]string{{"region", h.Region}, {"residence", h.Residence}, {"scheme", h.Scheme}} {
		if kv[1] != "" {
			fmt.Fprintf(&b, "      %s: %s\n", kv[0], quoted(kv[1]))
		}
	}
	var given []string
	if h.Classes != nil {
		given = append(given, "data_classes: "+list(h.Classes))
	}
	if h.Purposes != nil {
		given = append(given, "purposes: "+list(h.Purposes))
	}
	if given != nil {
		fmt.Fprintf(&b, "      authorization: {%s}\n", strings.Join(given, ", "))
	}
	people := func(key string, all []person) {
		if len(all) > 0 {
			fmt.Fprintf(&b, "      %s:\n", key)
		}
		for _, p := range all {
			keys := []string{}
			for _, kv := range [][2]string{{"name", p.Name}, {"id_number", p.Number}, {"relation", p.Relation}} {
				if kv[1] != "" {
					keys = append(keys, kv[0]+": "+quoted(kv[1]))
				}
			}
			if p.Born != "" {
				keys = append(keys, "born: "+p.Born)
			}
			if p.Wage > 0 {
				keys = append(keys, "declared: {wage: "+p.Wage.Yuan()+"}")
			}
			if p.More != "" {
				keys = append(keys, p.More)
			}
			fmt.Fprintf(&b, "        - {%s}\n", strings.Join(keys, ", "))
		}
	}
	people("members", h.Members)
	people("obligors", h.Obligors)
	fmt.Fprintf(&b, "      assets: {financial: %s, vehicles: %s, properties: %s}\n", h.Financial.Yuan(), list(h.Plates), list(h.Units))
	if len(h.Records) > 0 {
		b.WriteString("    records:\n")
	}
	for i := range h.Records {
		r := &h.Records[i]
		keys := []string{r.Source + ": " + r.Holder}
		if r.Period != "" {
			keys = append(keys, "periods: ["+quoted(r.Period)+"]")
		}
		switch r.Source {
		case "tax":
			keys = append(keys, "income: "+r.Amount.Yuan())
		case "bank":
			keys = append(keys, "balance: "+r.Amount.Yuan())
		case "insurance":
			keys = append(keys, "benefit: "+r.Amount.Yuan())
		}
		if r.More != "" {
			keys = append(keys, r.More)
		}
		fmt.Fprintf(&b, "      - {%s}\n", strings.Join(keys, ", "))
	}
	return b.String()
}

// by verifies homes by a pack.
func by(t testing.TB, p *rules.Pack) answer {
	return func(h home) *household.Verdict {
		text := h.yaml()
		f, err := situation.Parse("tests/home.yaml", []byte(text))
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		v, err := f.Situations[0].Verdict(p)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		return v
	}
}

// files are the files of a shipped pack.
func files(t testing.TB, name string) fstest.MapFS {
	t.Helper()
	dir, err := rules.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	err = fs.WalkDir(dir, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(dir, p)
		out[p] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func load(t testing.TB, dir fs.FS) *rules.Pack {
	t.Helper()
	p, err := rules.LoadFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shipped loads a shipped pack.
func shipped(t testing.TB, name string) *rules.Pack { return load(t, files(t, name)) }

// lessonRegion is a place that no pack knows, with the law of lessonOverlay.
const lessonRegion = "990101"

// lessonOverlay is a region of dibao whose law is simple and strict, so that a mistake
// would show in the strongest outcome: 700 and 600 yuan a month, no vehicle.
func lessonOverlay() fstest.MapFS {
	const dir = "overlays/" + lessonRegion + "-lesson/"
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		dir + "parameters.yaml": file("standard:\n  per: month\n  by: residence\n  values:\n    - {from: 2012-12-12, urban: 700.00, rural: 600.00, allowed: below, law: 课例, verified: true}\n"),
		dir + "assets.yaml":     file("sets:\n  lesson_vehicles:\n    of: vehicle\n    where: {status: [normal]}\n"),
		dir + "rules.yaml": file("rules:\n  - code: lesson_vehicle\n    per: member\n    count: lesson_vehicles\n    limit: {parameter: none_allowed}\n" +
			"    effect: suspected_ineligible\n    with_grade_b: {effect: needs_review}\n    law: 课例\n"),
		dir + "messages.yaml": file("findings:\n  lesson_vehicle:\n    title: {zh: 名下有车, en: vehicle}\n    text: {zh: 需核实。, en: To be checked.}\n    clear: {zh: 提供证明。, en: Proof.}\n"),
	}
}

// subject is a pack, and a home of a person with no income and nothing else that it
// finds in order.
type subject struct {
	name string
	pack *rules.Pack
	home home
}

// subjects are the packs whose law on income and vehicles these tests know.
func subjects(t testing.TB) []subject {
	t.Helper()
	dibao := files(t, "dibao")
	maps.Copy(dibao, lessonOverlay())
	poor := home{On: "2026-10-15", Residence: "urban", Members: []person{{Name: "王秀英", Relation: "head"}}}
	here := poor
	here.Region = lessonRegion
	return []subject{
		{"reference", shipped(t, "reference"), poor},
		{"reference_links", shipped(t, "reference_links"), poor},
		{"dibao", load(t, dibao), here},
	}
}

// with is the home with more records.
func (h home) with(r ...record) home {
	h.Records = append(slices.Clone(h.Records), r...)
	return h
}

// found is what the sources show for all lines.
func found(v *household.Verdict) (n household.Fen) {
	for _, l := range v.Income.Lines {
		n += l.Found
	}
	return n
}

// codes are the codes of the findings.
func codes(v *household.Verdict) []string {
	out := []string{}
	for i := range v.Findings {
		out = append(out, v.Findings[i].Code)
	}
	return out
}

// core is what a verdict says, without what only names its inputs: the generation and
// how names were compared.
func core(v *household.Verdict) string {
	c := *v
	c.Generation, c.Links = "", nil
	c.Pack.Digest = ""
	return string(c.AppendJSON(nil))
}

// law is a requirement: "" or how a home breaks it.
type law func(verify answer) string

// keeps sees that the engine keeps a law and that engines with the mistake do not.
func keeps(t *testing.T, s subject, holds law, planted map[string]func(answer) answer) {
	t.Helper()
	verify := by(t, s.pack)
	if problem := holds(verify); problem != "" {
		t.Errorf("%s: %s", s.name, problem)
	}
	if len(planted) == 0 {
		t.Error("nothing is planted")
	}
	for name, plant := range planted {
		if holds(plant(verify)) == "" {
			t.Errorf("%s: nobody notices the mistake %q", s.name, name)
		}
	}
}

// Every subject's home is in order, so what a test adds is what it finds.
func TestHomesAreInOrder(t *testing.T) {
	for _, s := range subjects(t) {
		if v := by(t, s.pack)(s.home); v.Outcome != household.NoDiscrepancy || len(v.Findings) > 0 {
			t.Errorf("%s: %s %v", s.name, v.Outcome, codes(v))
		}
	}
}
