package batch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// reformed is the reference pack with another standard, for town and country.
func reformed(t testing.TB, standard string) *rules.Pack {
	t.Helper()
	dir, err := rules.Open("reference")
	must(t, err)
	out := fstest.MapFS{}
	for _, name := range []string{"pack.yaml", "parameters.yaml", "income.yaml", "assets.yaml", "rules.yaml", "messages.yaml"} {
		text, err := fs.ReadFile(dir, name)
		must(t, err)
		text = bytes.ReplaceAll(text, []byte("urban: 700.00, rural: 600.00"), []byte("urban: "+standard+", rural: "+standard))
		out[name] = &fstest.MapFile{Data: text}
	}
	p, err := rules.LoadFS(out)
	must(t, err)
	return p
}

func (w world) by(t testing.TB, standard string) *engine.Verifier {
	t.Helper()
	v, err := engine.NewVerifier(w.gen.Manifest(), reformed(t, standard), 20261101)
	must(t, err)
	return v
}

// three schemes whose limits on balances lie at 12.00, 24.00 and 16,800.00 yuan, the
// most support first.
func (w world) three(t testing.TB) []batch.Scheme {
	t.Helper()
	return []batch.Scheme{{"dibao", w.by(t, "0.50"), 1}, {"dibao_edge", w.by(t, "1.00"), 2}, {"housing", w.v, 3}}
}

// open is n requests whose consent covers all three, and that say what is received.
func open(n int) string {
	receiving := []string{`[]`, `["dibao"]`, `["dibao_edge","elsewhere"]`, `["dibao","housing"]`, ``}
	var b strings.Builder
	for i := range n {
		line := strings.Replace(request(i), `"authorization":{`, `"authorization":{"purposes":["dibao","dibao_edge","housing"],`, 1)
		if r := receiving[i%len(receiving)]; r != "" {
			line = strings.Replace(line, `"residence"`, `"receiving":`+r+`,"residence"`, 1)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// answers are the lines of a file of several schemes, taken apart.
type answers struct {
	Line      int64             `json:"line"`
	ID        string            `json:"household_id"`
	On        string            `json:"on"`
	Verdicts  []json.RawMessage `json:"verdicts"`
	Best      map[string]string `json:"best"`
	Attention string            `json:"attention"`
}

func parse(t testing.TB, text string) []answers {
	t.Helper()
	var out []answers
	for line := range strings.Lines(text) {
		var a answers
		must(t, json.Unmarshal([]byte(line), &a))
		out = append(out, a)
	}
	return out
}

// What a scheme says beside others is what it says alone, for every number of workers.
func TestSchemesSayWhatTheySayAlone(t *testing.T) {
	w := newWorld(t, 40)
	schemes := w.three(t)
	text := open(40) + "no JSON\n" + request(0) + "\n" + strings.Replace(request(1), "王秀英", "", 1) + "\n"
	var want string
	for _, workers := range []int{1, 4, 16} {
		for _, chunk := range []int{1, 7, 100} {
			r, got, err := run(t, w, text, func(o *batch.Options) { o.Verifier, o.Schemes, o.Workers, o.Chunk = nil, schemes, workers, chunk })
			must(t, err)
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("%d workers, chunks of %d: other bytes", workers, chunk)
			}
			if r.RowsIn != 43 || r.Verdicts != 43 || r.Several == nil || len(r.Several.Schemes) != 3 {
				t.Fatalf("%+v", r)
			}
		}
	}
	all := parse(t, want)
	for i, s := range schemes {
		asked := strings.ReplaceAll(text[:strings.Index(text, "no JSON")], `"scheme":"dibao"`, `"scheme":"`+s.Name+`"`)
		_, alone, err := run(t, w, asked, func(o *batch.Options) { o.Verifier = s.Verifier })
		must(t, err)
		for n, line := range strings.Split(strings.TrimSuffix(alone, "\n"), "\n") {
			if string(all[n].Verdicts[i]) != line {
				t.Fatalf("%s, line %d\nbeside %s\n alone %s", s.Name, n+1, all[n].Verdicts[i], line)
			}
		}
	}
	if a := all[40]; a.Line != 41 || a.ID != "" || a.Best != nil || len(a.Verdicts) != 3 {
		t.Errorf("what is no request: %+v", a)
	}
	// Without purposes the consent is for the request's own scheme.
	if a := all[41]; !strings.Contains(string(a.Verdicts[1]), "authorization_purpose") || a.Best["scheme"] != "dibao" {
		t.Errorf("consent for one scheme only: %+v", a)
	}
	if _, ok := ranked(all); !ok {
		t.Error("the world has no household for every outcome")
	}
}

// ranked counts who is helped most by what.
func ranked(all []answers) (map[string]int, bool) {
	n := map[string]int{}
	for _, a := range all {
		n[a.Best["scheme"]]++
	}
	return n, n["dibao"] > 0 && n["dibao_edge"] > 0 && n["housing"] > 0
}

// Packs in one process know nothing of each other.
func TestPacksDoNotLeak(t *testing.T) {
	w := newWorld(t, 40)
	alone := func() string {
		_, got, err := run(t, w, open(40), func(o *batch.Options) { o.Workers = 4 })
		must(t, err)
		return got
	}
	before := alone()
	schemes := w.three(t)
	for range 2 {
		if _, _, err := run(t, w, open(40), func(o *batch.Options) { o.Verifier, o.Schemes, o.Workers = nil, schemes, 4 }); err != nil {
			t.Fatal(err)
		}
		if after := alone(); after != before {
			t.Fatal("a pack answers otherwise after others have run")
		}
	}
}

func TestWeigh(t *testing.T) {
	const (
		n = household.NoDiscrepancy
		r = household.NeedsReview
		s = household.SuspectedIneligible
		u = household.Unverifiable
		x = household.Refused
	)
	one, two := "dibao", "dibao_edge"
	type outcomes [3]household.Outcome
	tests := map[string]struct {
		outcomes  outcomes
		ranks     [3]int
		receiving []string // nil: not said
		best      string
		certainty batch.Certainty
		attention batch.Attention
	}{
		"the first that qualifies":           {outcomes: outcomes{s, n, n}, best: two, certainty: batch.Qualifies},
		"certain before perhaps":             {outcomes: outcomes{r, n, n}, best: two, certainty: batch.Qualifies},
		"perhaps":                            {outcomes: outcomes{s, r, r}, best: two, certainty: batch.MayQualify},
		"none of these helps":                {outcomes: outcomes{s, u, x}},
		"rank before order":                  {outcomes: outcomes{n, n, n}, ranks: [3]int{2, 1, 3}, best: two, certainty: batch.Qualifies},
		"equal ranks in order":               {outcomes: outcomes{n, n, n}, ranks: [3]int{5, 5, 5}, best: one, certainty: batch.Qualifies},
		"receives nothing":                   {outcomes: outcomes{s, n, n}, receiving: []string{}, best: two, certainty: batch.Qualifies, attention: batch.EligibleNotReceiving},
		"receives less":                      {outcomes: outcomes{n, n, n}, receiving: []string{two}, best: one, certainty: batch.Qualifies, attention: batch.EligibleNotReceiving},
		"receives the best":                  {outcomes: outcomes{n, n, n}, receiving: []string{one, two}, best: one, certainty: batch.Qualifies},
		"receives better than the best":      {outcomes: outcomes{r, n, n}, receiving: []string{one}, best: two, certainty: batch.Qualifies},
		"receives as good as the best":       {outcomes: outcomes{n, n, n}, ranks: [3]int{1, 1, 2}, receiving: []string{two}, best: one, certainty: batch.Qualifies},
		"perhaps is no reason":               {outcomes: outcomes{r, s, s}, receiving: []string{}, best: one, certainty: batch.MayQualify},
		"receives and is suspected":          {outcomes: outcomes{s, n, n}, receiving: []string{one}, best: two, certainty: batch.Qualifies, attention: batch.ReceivingNotEligible},
		"suspected of what is not received":  {outcomes: outcomes{s, n, n}, receiving: []string{two}, best: two, certainty: batch.Qualifies},
		"entitled to more comes first":       {outcomes: outcomes{n, s, n}, receiving: []string{two}, best: one, certainty: batch.Qualifies, attention: batch.EligibleNotReceiving},
		"received, and nobody could check":   {outcomes: outcomes{u, u, u}, receiving: []string{one}},
		"received, and consent does not say": {outcomes: outcomes{x, x, x}, receiving: []string{one}},
		"receives what was not asked for":    {outcomes: outcomes{n, n, n}, receiving: []string{"elsewhere"}, best: one, certainty: batch.Qualifies, attention: batch.EligibleNotReceiving},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			schemes := []batch.Scheme{{Name: one, Rank: 1}, {Name: two, Rank: 2}, {Name: "housing", Rank: 3}}
			h := batch.Household{Receiving: tt.receiving, ReceivingGiven: tt.receiving != nil}
			for i, o := range tt.outcomes {
				if tt.ranks != [3]int{} {
					schemes[i].Rank = tt.ranks[i]
				}
				h.Verdicts = append(h.Verdicts, household.Verdict{HouseholdID: "1", On: 20261101, Outcome: o})
			}
			a := batch.Weigh(schemes, &h)
			got := []any{a.Best, a.Certainty, a.Attention}
			if diff := cmp.Diff([]any{tt.best, tt.certainty, tt.attention}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnswerJSON(t *testing.T) {
	a := batch.Answer{
		Verdicts: []household.Verdict{{HouseholdID: "甲\"<\n", Scheme: "dibao", On: 20261101, Outcome: household.Refused}},
		Best:     "dibao", Certainty: batch.MayQualify, Attention: batch.ReceivingNotEligible,
	}
	want := `{"household_id":"甲\"<\n","on":"2026-11-01","verdicts":[` + string(a.Verdicts[0].AppendJSON(nil)) +
		`],"best":{"scheme":"dibao","certainty":"may_qualify"},"attention":"receiving_not_eligible"}`
	if diff := cmp.Diff(want, string(a.AppendJSON(nil))); diff != "" {
		t.Error(diff)
	}
	if !json.Valid([]byte(want)) {
		t.Error("not JSON")
	}
}

// A batch by several schemes that was stopped goes on, with the same counts, and only
// with the same schemes in the same order and ranks.
func TestSeveralGoOnWhereTheyStopped(t *testing.T) {
	w := newWorld(t, 40)
	schemes := w.three(t)
	whole, want, err := run(t, w, open(40), func(o *batch.Options) { o.Verifier, o.Schemes = nil, schemes })
	must(t, err)
	dir := t.TempDir()
	in := filepath.Join(dir, "b")
	must(t, os.WriteFile(in, []byte(open(40)), 0o600))
	boom := errors.New("boom")
	o := batch.Options{Batch: in, Out: filepath.Join(dir, "o"), Generation: w.gen, Schemes: schemes, Audit: &log{fail: boom, failAt: 14}, Chunk: 7}
	if _, err := batch.Run(context.Background(), o); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	o.Audit = &log{}
	swapped := []batch.Scheme{schemes[1], schemes[0], schemes[2]}
	reranked := []batch.Scheme{schemes[0], {schemes[1].Name, schemes[1].Verifier, 3}, schemes[2]}
	others := []batch.Scheme{schemes[0], schemes[1], {schemes[2].Name, w.by(t, "650.00"), 3}}
	tests := map[string]func(o *batch.Options){
		"another order": func(o *batch.Options) { o.Schemes = swapped },
		"another rank":  func(o *batch.Options) { o.Schemes = reranked },
		"another pack":  func(o *batch.Options) { o.Schemes = others },
		"fewer schemes": func(o *batch.Options) { o.Schemes = schemes[:2] },
		"one pack":      func(o *batch.Options) { o.Schemes, o.Verifier = nil, w.v },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			o := o
			change(&o)
			if _, err := batch.Run(context.Background(), o); !errors.Is(err, batch.ErrOtherBatch) {
				t.Errorf("went on: %v", err)
			}
		})
	}
	r, err := batch.Run(context.Background(), o)
	must(t, err)
	got, err := os.ReadFile(o.Out)
	must(t, err)
	if string(got) != want || r.Resumed != 14 {
		t.Errorf("other bytes after going on, or went on after %d", r.Resumed)
	}
	if diff := cmp.Diff(whole.Several, r.Several); diff != "" {
		t.Error(diff)
	}
	if whole.Several.Attention["eligible_not_receiving"] == 0 || whole.Several.Attention["receiving_not_eligible"] == 0 {
		t.Errorf("the world needs no attention: %v", whole.Several.Attention)
	}
}

// looks keeps what the log was told.
type looks struct {
	log
	looks    []audit.Look
	outcomes []household.Outcome
}

func (l *looks) Begin(look audit.Look) (audit.Token, error) {
	l.looks = append(l.looks, look)
	return l.log.Begin(look)
}

func (l *looks) End(t audit.Token, o []household.Outcome) error {
	l.outcomes = append(l.outcomes, o...)
	return l.log.End(t, o)
}

// The people of a household are read once for all schemes, and not at all when every
// scheme refuses; the log names every pack and what it was asked for.
func TestHouseholdsAreReadOnce(t *testing.T) {
	w := newWorld(t, 20)
	schemes := w.three(t)
	walks := func(text string, schemes []batch.Scheme, a batch.Auditor) int64 {
		g := &reads{Generation: w.gen}
		_, _, err := run(t, w, text, func(o *batch.Options) { o.Verifier, o.Schemes, o.Generation, o.Audit = nil, schemes, g, a })
		must(t, err)
		return g.n.Load()
	}
	if one, three := walks(open(20), schemes[:1], &log{}), walks(open(20), schemes, &log{}); one != three || one == 0 {
		t.Errorf("%d walks for one scheme, %d for three", one, three)
	}
	a := &looks{}
	if n := walks(requests(20), schemes[1:], a); n != 0 {
		t.Errorf("nobody consents to these schemes, and %d walks", n)
	}
	for _, o := range a.outcomes {
		if o != household.Refused {
			t.Errorf("logged as %s", o)
		}
	}
	a = &looks{}
	if n := walks(requests(20), schemes, a); n == 0 {
		t.Error("they consent to one scheme")
	}
	if a.outcomes[0] != household.NoDiscrepancy {
		t.Errorf("one scheme answered, logged as %s", a.outcomes[0])
	}
	var want []string
	for _, s := range schemes {
		p := s.Verifier.Pack()
		want = append(want, fmt.Sprintf("%s: %s %s %s", s.Name, p.Name, p.Version, p.Digest))
	}
	if got := a.looks[0]; got.Rules != strings.Join(want, "; ") || got.Action != "verify" || got.On != 20261101 {
		t.Errorf("logged as %+v", got)
	}
}

func BenchmarkRunThreeSchemes(b *testing.B) {
	const n = 3000
	w := newWorld(b, n)
	schemes := w.three(b)
	dir := b.TempDir()
	in := filepath.Join(dir, "b")
	must(b, os.WriteFile(in, []byte(open(n)), 0o600))
	b.ReportAllocs()
	for b.Loop() {
		_, err := batch.Run(context.Background(), batch.Options{Batch: in, Out: filepath.Join(dir, "o"), Generation: w.gen, Schemes: schemes, Audit: &log{}})
		must(b, err)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "households/s")
}
