package linkage_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/match/linkage"
)

// bent is a trained model whose m are wrong, and what they are truly worth.
type bent struct {
	blocks *linkage.Blocks
	model  *linkage.Model
	entity []int
	truth  [][]float64 // m by field and level, of true candidates
	links  []linkage.Link
}

func newBent(t *testing.T) *bent {
	t.Helper()
	rows, entity := register(21, 4000)
	b, m := train(t, load(t, people), rows, 2)
	x := &bent{blocks: b, entity: entity}
	low := *m
	low.Threshold = -200
	all, err := linkage.Score(b, &low, linkage.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	x.links = all.Links
	for _, f := range m.Fields {
		x.truth = append(x.truth, make([]float64, len(f.Levels)))
	}
	for _, l := range all.Links {
		if entity[l.Left] != entity[l.Right] {
			continue
		}
		e, _, err := linkage.Explain(b, m, l.Left, l.Right, false)
		if err != nil {
			t.Fatal(err)
		}
		for f, p := range e.Parts {
			for i, level := range m.Fields[f].Levels {
				if level.Text() == p.Level && i > 0 {
					x.truth[f][i]++
				}
			}
		}
	}
	for f := range x.truth {
		sum := 0.0
		for _, n := range x.truth[f] {
			sum += n
		}
		for i := range x.truth[f] {
			x.truth[f][i] /= sum
			if l := &m.Fields[f].Levels[i]; i > 0 {
				l.M = (l.M + 0.5/float64(len(x.truth[f])-1)) / 1.5
			}
		}
	}
	x.model = m
	return x
}

// off is how far the m of a model are from the truth.
func (x *bent) off(m *linkage.Model) float64 {
	sum := 0.0
	for f := range x.truth {
		for i := 1; i < len(x.truth[f]); i++ {
			sum += math.Abs(m.Fields[f].Levels[i].M - x.truth[f][i])
		}
	}
	return sum
}

func (x *bent) decide(l linkage.Link, reviewer string, weight float64) linkage.Decision {
	d := linkage.Decision{Left: l.Left, Right: l.Right, Verdict: linkage.NonMatch, Reviewer: reviewer, Weight: weight}
	if x.entity[l.Left] == x.entity[l.Right] {
		d.Verdict = linkage.Match
	}
	return d
}

// Reviewers of a drawn sample move m towards the truth, and nothing else.
func TestReviewMovesTowardsTruth(t *testing.T) {
	x := newBent(t)
	sampled, strata, err := linkage.Sample(x.blocks, x.model, linkage.SampleOptions{PerBand: 200, OneIn: 4, Seed: 1}, linkage.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var decisions []linkage.Decision
	for _, s := range sampled {
		decisions = append(decisions, x.decide(s.Link, "a", s.Weight))
	}
	m, err := linkage.Review(x.blocks, x.model, decisions, linkage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before, after := x.off(x.model), x.off(m)
	t.Logf("%.3f before, %.3f after, worth %.1f of %d", before, after, m.Provenance.Effective, m.Provenance.Matches)
	if after > 0.75*before {
		t.Errorf("%.3f off before, %.3f after; %+v", before, after, strata)
	}
	if m.Version != x.model.Version+1 || m.Provenance.ParentVersion != x.model.Version || m.Prior != x.model.Prior {
		t.Errorf("%+v", m.Provenance)
	}
	for f := range m.Fields {
		sum := 0.0
		for i, l := range m.Fields[f].Levels {
			sum += l.M
			if l.U != x.model.Fields[f].Levels[i].U {
				t.Error("u has changed")
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("m of %s sums to %v", m.Fields[f].Name, sum)
		}
	}
	text, err := m.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, load(t, string(text))); diff != "" {
		t.Error(diff)
	}
}

// A sample of nearly all strong links and few others, taken as it comes, says that
// matches agree on everything. Weighted by strata it does not.
func TestReviewOfBiasedSample(t *testing.T) {
	x := newBent(t)
	// The strata are about the threshold: put it in the middle of the matches.
	low := *x.model
	low.Threshold = -200
	scored, err := linkage.Score(x.blocks, &low, linkage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	middle := scored.Links[1000].Score
	x.model.Threshold = float64(middle) / 1000
	strong, weak := scored.Links[:1000], scored.Links[1000:]
	r := rand.New(rand.NewPCG(3, 3))
	r.Shuffle(len(weak), func(i, j int) { weak[i], weak[j] = weak[j], weak[i] })
	var weighted, plain []linkage.Decision
	for _, l := range slices.Concat(strong, weak[:len(weak)/5]) {
		weighted = append(weighted, x.decide(l, "a", 0))
		plain = append(plain, x.decide(l, "a", 1))
	}
	m, err := linkage.Review(x.blocks, x.model, weighted, linkage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	naive, err := linkage.Review(x.blocks, x.model, plain, linkage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.3f before, %.3f weighted, %.3f as it comes", x.off(x.model), x.off(m), x.off(naive))
	if x.off(m) >= x.off(naive) || x.off(m) >= x.off(x.model) {
		t.Errorf("%.3f before, %.3f weighted, %.3f as it comes", x.off(x.model), x.off(m), x.off(naive))
	}
}

func TestReviewChecksDecisions(t *testing.T) {
	rows, _ := register(22, 200)
	b, m := train(t, load(t, people), rows, 1)
	d := func(line, left, right int, v linkage.Verdict, who string) linkage.Decision {
		return linkage.Decision{Line: line, Left: left, Right: right, Verdict: v, Reviewer: who}
	}
	_, err := linkage.Review(b, m, []linkage.Decision{
		d(2, 0, 1, linkage.Match, "a"),
		d(3, 1, 0, linkage.NonMatch, "a"),
		d(4, 0, 9999, linkage.Match, "a"),
		d(5, 3, 3, linkage.Match, "a"),
		d(6, 0, 1, linkage.Match, "a"),
	}, linkage.Options{})
	want := "line 3: the same reviewer said something else of this pair in line 2\nline 4: not two rows that exist and differ\n" +
		"line 5: not two rows that exist and differ\nline 6: the same decision stands in line 2"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if _, err := linkage.Review(b, m, []linkage.Decision{d(2, 0, 1, linkage.Unsure, "a")}, linkage.Options{}); !errors.Is(err, linkage.ErrNoMatches) {
		t.Errorf("%v", err)
	}

	// Cohen's kappa of 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no is 0.4.
	var two []linkage.Decision
	for i, n := range []int{20, 5, 10, 15} {
		for range n {
			pair := len(two) / 2
			for k, who := range []string{"a", "b"} {
				v := linkage.Match
				if i>>(1-k)&1 == 1 {
					v = linkage.NonMatch
				}
				two = append(two, d(0, pair, 100+pair, v, who))
			}
		}
	}
	got, err := linkage.Review(b, m, two, linkage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.Provenance; p.Kappa == nil || *p.Kappa != 0.4 || p.Twice != 50 || p.Matches != 20 || p.NonMatches != 15 || p.Unsettled != 15 {
		t.Errorf("%+v", p)
	}
}

// Three reviewers, whoever stands first: the majority counts, and two who always
// agree have a kappa of 1 while the third has none with either.
func TestThreeReviewers(t *testing.T) {
	rows, _ := register(22, 200)
	b, m := train(t, load(t, people), rows, 1)
	var decisions []linkage.Decision
	for pair := range 40 {
		for _, who := range []string{"c", "a", "b"} {
			v := linkage.Verdict(pair % 2)
			if who == "c" {
				v = linkage.Verdict(pair / 2 % 2)
			}
			decisions = append(decisions, linkage.Decision{Left: pair, Right: 100 + pair, Verdict: v, Reviewer: who})
		}
	}
	got, err := linkage.Review(b, m, decisions, linkage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.Provenance; p.Kappa == nil || *p.Kappa != 0.3333 || p.Matches != 20 || p.NonMatches != 20 || p.Twice != 40 {
		t.Errorf("%+v", p)
	}
}

// What is drawn, turned down and listed depends on neither order nor workers.
func TestSampleAndTurnedDownAreStable(t *testing.T) {
	rows, _ := register(23, 600)
	_, m := train(t, load(t, people), rows, 1)
	name := func(rows [][]string, l linkage.Link) string {
		x, y := strings.Join(rows[l.Left], "|"), strings.Join(rows[l.Right], "|")
		return min(x, y) + " " + max(x, y) + l.Score.String()
	}
	run := func(rows [][]string, workers int) (out []string) {
		b := block(t, m, rows, nil, workers)
		o := linkage.Options{Workers: workers, TurnedDown: 2}
		sampled, strata, err := linkage.Sample(b, m, linkage.SampleOptions{PerBand: 3, OneIn: 10, Seed: 5}, o)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(strata))
		for _, s := range sampled {
			out = append(out, name(rows, s.Link)+s.Stratum)
		}
		res, err := linkage.Score(b, m, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range res.TurnedDown {
			out = append(out, name(rows, x.Link)+x.Reason)
		}
		return out
	}
	want := run(rows, 1)
	for _, workers := range []int{1, 4, 16} {
		mixed := slices.Clone(rows)
		rand.New(rand.NewPCG(uint64(workers), 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if diff := cmp.Diff(want, run(mixed, workers)); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
}

// The candidates of a row are those that Explain calls candidates, whichever way
// they went.
func TestCandidatesOfARow(t *testing.T) {
	rows, _ := register(24, 150)
	left, right := rows[:100], slices.Concat(rows[:100], rows[:60])
	m := load(t, strings.Replace(people, "threshold: 0\n", "threshold: 0\none_to_one: true\n", 1))
	b := block(t, m, left, right, 1)
	m, err := linkage.Train(b, linkage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, ok, err := linkage.Candidates(b, m, 0, 7, linkage.Options{Workers: 4})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	better, want := 0, 0
	for _, x := range r.TurnedDown {
		if x.Left != 7 {
			t.Errorf("a candidate of row %d", x.Left)
		}
		if x.Reason == linkage.BetterExists {
			better++
		}
	}
	for row := range right {
		e, _, err := linkage.Explain(b, m, 7, row, false)
		if err != nil {
			t.Fatal(err)
		}
		if e.Candidate {
			want++
		}
	}
	if len(r.Links) != 1 || better == 0 || len(r.Links)+len(r.TurnedDown) != want {
		t.Errorf("%d links, %d turned down, %d for a better one; %d candidates", len(r.Links), len(r.TurnedDown), better, want)
	}
	if _, ok, _ := linkage.Candidates(b, m, 1, 999, linkage.Options{}); ok {
		t.Error("a row that isn't there")
	}
}
