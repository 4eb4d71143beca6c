package situation

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// Report says how the situations of a pack came out.
type Report struct {
	Passed  int
	Failed  []Failure
	Results []Result // of every situation, in order
}

// Result is one situation and whether it passed.
type Result struct {
	File, Name string
	Passed     bool
}

// Failure is a situation that came out otherwise.
type Failure struct {
	File, Name string
	Problems   []string // what was expected and what came
}

// Error gives the situation and what was wrong with it.
func (f *Failure) Error() string {
	return f.File + ": " + f.Name + "\n  " + strings.Join(f.Problems, "\n  ")
}

// RunPack loads a pack by name or folder and runs its situations. The error is that
// of loading; failed situations are in the report.
func RunPack(nameOrDir string) (*Report, error) {
	dir, err := rules.Open(nameOrDir)
	if err != nil {
		return nil, err
	}
	return RunFS(dir)
}

// RunFS loads the pack in a folder and runs its situations.
func RunFS(dir fs.FS) (*Report, error) {
	p, err := rules.LoadFS(dir)
	if err != nil {
		return nil, err
	}
	all, err := Read(dir)
	if err != nil {
		return nil, err
	}
	return Run(p, all), nil
}

// Run runs situations against a pack.
func Run(p *rules.Pack, all []Situation) *Report {
	r := &Report{}
	for i := range all {
		s := &all[i]
		problems := s.run(p)
		r.Results = append(r.Results, Result{s.fileName, s.Name, len(problems) == 0})
		if len(problems) == 0 {
			r.Passed++
		} else {
			r.Failed = append(r.Failed, Failure{s.fileName, s.Name, problems})
		}
	}
	return r
}

// Verdict is what comes out of a situation.
func (s *Situation) Verdict(p *rules.Pack) (*household.Verdict, error) { return s.verdict(p, nil) }

// Trace is what comes out of a situation, with what it rests on.
func (s *Situation) Trace(p *rules.Pack) (*household.Verdict, *trace.Trace, error) {
	t := &trace.Trace{}
	v, err := s.verdict(p, t)
	return v, t, err
}

// verdict judges the situation; t is nil when nothing is written down.
func (s *Situation) verdict(p *rules.Pack, t *trace.Trace) (*household.Verdict, error) {
	if s.On == 0 {
		return nil, errors.New("no date of the check")
	}
	w, err := s.build(p)
	if err != nil {
		return nil, err
	}
	if p.Identity != nil {
		return s.look(p, w, t)
	}
	v, err := engine.NewVerifier(w.manifest, p, household.Date(s.On))
	if err != nil {
		return nil, err
	}
	worker := v.Worker()
	worker.Record(t)
	var plan engine.Plan
	worker.Prepare(w.line, 1, &plan)
	profiles := make([]*profile.Profile, len(plan.Keys()))
	for i, key := range plan.Keys() {
		profiles[i] = &profile.Profile{}
		if b := w.people[key]; b != nil {
			if err := profile.Decode(b.Append(nil), profiles[i]); err != nil {
				return nil, err
			}
		}
	}
	out := &household.Verdict{}
	return out, worker.Verify(&plan, profiles, out)
}

// noLaw is the outcome of a situation on a day, or in a region, on which the pack
// judges nobody.
const noLaw = "no_law"

func (s *Situation) run(p *rules.Pack) []string {
	if s.Prices != nil {
		return s.subsidy(p)
	}
	v, err := s.Verdict(p)
	c := &comparison{}
	e := &s.Expect
	if _, silent := errors.AsType[*rules.UnresolvedError](err); silent && e.Outcome == noLaw {
		return nil
	}
	if err != nil {
		return []string{err.Error()}
	}
	c.text("outcome", e.Outcome, v.Outcome.String())
	c.findings(e.Findings, v.Findings)
	c.lines(e.Lines, v.Income.Lines)
	c.amount("total", e.Total, v.Income.Total)
	c.amount("limit", e.Limit, v.Income.Limit)
	c.count("members", e.Members, v.Income.Members)
	if e.From != "" {
		c.text("from", e.From, v.Income.Window.From.String())
	}
	if e.To != "" {
		c.text("to", e.To, v.Income.Window.To.String())
	}
	c.amount("financial", e.Financial, v.Assets.Financial)
	c.amount("financial_limit", e.FinLimit, v.Assets.FinancialLimit)
	c.count("vehicles", e.Vehicles, v.Assets.Vehicles)
	c.count("residential", e.Homes, v.Assets.Residential)
	c.count("non_residential", e.NonRes, v.Assets.NonResidential)
	if e.Line != nil && *e.Line != v.Line {
		c.problem("line", strconv.FormatInt(*e.Line, 10), strconv.FormatInt(v.Line, 10))
	}
	c.links(e.Links, v.Links)
	if v.Links != nil {
		c.amount("financial_if_distinct", e.Distinct, v.Links.Distinct.Financial)
	} else if e.Distinct != nil {
		c.problem("financial_if_distinct", household.Fen(*e.Distinct).Yuan(), "none")
	}
	c.coverage(e.Coverage, &v.Coverage)
	c.derived(e, v)
	if e.Benefit != nil {
		if err := s.amount(p, v, c); err != nil {
			c.problem("benefit", "an amount", err.Error())
		}
	}
	return c.problems
}

// comparison collects what differs.
type comparison struct{ problems []string }

func (c *comparison) problem(what, want, got string) {
	c.problems = append(c.problems, what+": expected "+want+", got "+got)
}

func (c *comparison) text(what, want, got string) {
	if want != got {
		c.problem(what, want, got)
	}
}

func (c *comparison) amount(what string, want *yuan, got household.Fen) {
	if want != nil && household.Fen(*want) != got {
		c.problem(what, household.Fen(*want).Yuan(), got.Yuan())
	}
}

func (c *comparison) count(what string, want *int, got int) {
	if want != nil && *want != got {
		c.problem(what, strconv.Itoa(*want), strconv.Itoa(got))
	}
}

func (c *comparison) links(want map[string]int, got *household.LinkSheet) {
	if got == nil {
		got = &household.LinkSheet{}
	}
	given := map[string]int{
		"strong": got.Strong, "review": got.Review, "conflicts": got.Conflicts, "hidden": got.Hidden, "turned_down": got.TurnedDown,
		"vehicles_if_distinct": got.Distinct.Vehicles, "residential_if_distinct": got.Distinct.Residential, "non_residential_if_distinct": got.Distinct.NonResidential,
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		n, ok := given[name]
		if !ok {
			c.problem("links", "one of "+strings.Join(slices.Sorted(maps.Keys(given)), ", "), name)
			continue
		}
		c.count("links "+name, new(want[name]), n)
	}
}

func (c *comparison) findings(want []finding, got []household.Finding) {
	var expected, given []string
	for i := range want {
		expected = append(expected, want[i].Code)
	}
	for i := range got {
		given = append(given, got[i].Code)
	}
	if strings.Join(expected, " ") != strings.Join(given, " ") {
		c.problem("findings", "["+strings.Join(expected, " ")+"]", "["+strings.Join(given, " ")+"]")
		return
	}
	for i := range want {
		w, g := &want[i], &got[i]
		what := fmt.Sprintf("finding %d %s: ", i+1, w.Code)
		if w.Effect != "" {
			c.text(what+"effect", w.Effect, g.Effect.String())
		}
		if w.Grade != nil {
			c.text(what+"grade", *w.Grade, g.Grade.String())
		}
		c.text(what+"member", strconv.Itoa(w.Member), strconv.Itoa(g.Member))
		c.text(what+"type", w.Type, g.Type.String())
		if w.Amount != nil && !g.HasAmount {
			c.problem(what+"amount", household.Fen(*w.Amount).Yuan(), "none")
		}
		c.amount(what+"amount", w.Amount, g.Amount)
		c.amount(what+"limit", w.Limit, g.Limit)
		c.count(what+"evidence", w.Evidence, len(g.Evidence))
		if w.Links != "" {
			var links []string
			for _, e := range g.Evidence {
				links = append(links, e.Link)
			}
			c.text(what+"links", w.Links, strings.Join(links, " "))
		}
		if w.Item != "" {
			c.text(what+"item", w.Item, g.Item)
		}
		if !strings.Contains(g.Law, w.Law) {
			c.problem(what+"law", "one with "+w.Law, g.Law)
		}
	}
}

func (c *comparison) lines(want []incomeLine, got []household.IncomeLine) {
	if want == nil {
		return
	}
	show := func(member int, t string, declared, found, counted household.Fen) string {
		return fmt.Sprintf("%d %s %s %s %s", member, t, declared.Yuan(), found.Yuan(), counted.Yuan())
	}
	var expected, given []string
	for _, l := range want {
		expected = append(expected, show(l.Member, l.Type, household.Fen(l.Declared), household.Fen(l.Found), household.Fen(l.Counted)))
	}
	for _, l := range got {
		given = append(given, show(l.Member, l.Type.String(), l.Declared, l.Found, l.Counted))
	}
	c.text("lines", strings.Join(expected, "; "), strings.Join(given, "; "))
}

func (c *comparison) coverage(want map[string]string, got *[household.NumChecked]household.SourceCoverage) {
	for s := household.Tax; s < household.NumChecked; s++ {
		expected, ok := want[s.String()]
		if !ok {
			continue
		}
		given := got[s].State.String()
		if strings.Contains(expected, ":") {
			var parts []string
			for _, p := range got[s].Providers {
				parts = append(parts, p.Provider+" "+p.State.String())
			}
			given += ": " + strings.Join(parts, ", ")
		}
		c.text("coverage of "+s.String(), expected, given)
	}
	for name := range want {
		if _, ok := household.ParseSource(name); !ok {
			c.problem("coverage", "a source", name)
		}
	}
}
