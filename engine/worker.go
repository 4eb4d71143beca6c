package engine

import (
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/rules"
)

// Worker verifies households one after the other and reuses its memory. It belongs
// to one goroutine.
type Worker struct {
	v        *Verifier
	warrants Warrants // nil when a request's own authorisation decides

	// Of Prepare.
	docs  []match.Document
	texts []string
	keys  []household.PersonKey

	// Of Verify, valid for one household.
	plan      *Plan
	view      *view
	law       *rules.Law
	span      *span
	profiles  []*profile.Profile
	entries   []entry
	rows      []row
	order     []int32       // rows sorted for counting
	seen      []uint8       // by provider
	agrees    []agreement   // by owner of the current entry
	ownerless agreement     // of its rows that say nothing of their owner
	proto     row           // what all rows of the current entry have in common
	cells     []cell        // income found, by member, type and month
	perLine   int           // cells of a line, see reset
	masks     []byte        // the masked numbers of the verdict
	exempted  []exemption   // of assets, see row.special
	lines     []line        // by member and type: the cells added up
	months    []uint8       // by member and window month
	counts    []rules.Value // by set: household, then each member
	members   []memberFacts
	state     [household.NumChecked]household.CoverageState

	financial rules.Value
	income    rules.Value

	// Of packs that read more than the members and the assets.
	people             []rules.Person // by member
	answers            []household.Tri
	excluded           []household.Fen // by member and exclusion of the law
	deductions         []household.AmountOf
	derived            []household.AmountOf
	imputed, supported int64
	ableObligors       int
	groundless         rules.Value
	limited            bool // some exemption holds for so many things at most
	applied            map[spanKey]*span

	sent   bool     // the other node has answered
	joined [][]byte // entries made of its answer and of what is held here, by member

	trace       func(Traced)
	recorder    *recorder   // nil when nothing is written down
	linker      *linker     // nil when the pack looks for no weaker links
	doubles     *doubles    // likewise
	unconfirmed bool        // some row's link has to be confirmed
	toConfirm   []flip      // the rules that would fire if it were
	residents   rules.Value // registered with a member and not listed
	duplicates  rules.Value // assets counted once that may be another
}

// entry is what lies under one key, of a member or of somebody who may be one.
type entry struct {
	profile *profile.Profile
	key     household.PersonKey
}

// agreement says how the owner that a row describes stands to the member.
type agreement struct {
	use  ownerUse
	link identity.Tier // 0 for the exact tiers
}

// ownerUse is what becomes of the records of an owner.
type ownerUse uint8

const (
	nameless  ownerUse = iota // known to be there
	otherName                 // a conflict
	sameName                  // counts
	toConfirm                 // counts only if a person says so
	nobody                    // not the member's at all
)

// line is the income of one member of one type over the window, which is its
// months added up.
type line struct {
	declared household.Fen
	found    rules.Value
	given    bool // declared, or some record counts
	touched  bool // its cells are of this household
}

// memberFacts are the numbers of records of a member that are looked at but not
// counted.
type memberFacts struct {
	conflicts, unplaced, oneOff, unexplained, atWork rules.Value
	deceased, apart                                  rules.Value // of the register
	outside                                          rules.Value // the law does not take them in
}

// Flags of a provider for one household.
const (
	seenRecord uint8 = 1 << iota
	seenMark
)

// Flags of a month of a member.
const (
	employedA uint8 = 1 << iota
	employedB
	employedC
	waged
	wagedA
)

// employed is the flag of a month with a contribution of this grade.
func employed(g household.Grade) uint8 {
	switch g {
	case household.GradeA:
		return employedA
	case household.GradeB:
		return employedB
	}
	return employedC
}

// Worker returns the memory for one goroutine.
func (v *Verifier) Worker() *Worker {
	w := &Worker{v: v, warrants: v.warrants, seen: make([]uint8, len(v.providers))}
	if v.links != nil {
		w.linker, w.doubles = newLinker(v.links), newDoubles()
	}
	return w
}

// errProfiles says that Verify was not given what the plan asks for.
var errProfiles = errors.New("internal: profiles do not belong to the plan")

// Verify answers a prepared request. profiles are those of Keys, in that order; an
// empty profile says that nothing is held, which the caller has proven. out is
// overwritten and its memory reused; its strings are borrowed from the request, the
// profiles and, until the next Verify, from the worker. It returns an error, and no verdict, for a profile that can't
// belong to the generation. It reads and writes nothing else.
func (w *Worker) Verify(p *Plan, profiles []*profile.Profile, out *household.Verdict) error {
	v := w.v
	if p.err != nil {
		return fmt.Errorf("the register of authorisations: %w", p.err)
	}
	resetVerdict(out)
	if w.linker != nil {
		w.linker.elsewhere = false
	}
	out.HouseholdID, out.Scheme, out.Region, out.On = p.Request.HouseholdID, p.Request.Scheme, p.region(), v.on
	if p.refusal != "" {
		out.Line = p.line
		out.Outcome = household.Refused
		addFinding(out, household.Finding{Code: p.refusal, Effect: household.Refused})
		if w.recorder != nil {
			w.recorder.refusal(out)
		}
		return nil
	}
	if len(profiles) != len(p.keys) {
		return errProfiles
	}
	w.plan, w.profiles, w.view, w.law, w.span = p, profiles, p.view, p.view.law, p.span
	w.reset()
	w.listPeople()
	if err := w.gatherAll(); err != nil {
		return err
	}
	w.addIncome()
	if err := w.adjust(); err != nil {
		return err
	}
	if w.doubles != nil {
		w.unite()
	}
	w.addAccounts()
	if w.doubles != nil {
		w.pair()
	}
	w.limitExemptions()
	w.countAssets()
	w.addEmployment()
	w.composition()
	w.coverage(out)
	w.withheldSheet(out)
	w.sheets(out)
	if w.recorder != nil {
		w.recorder.begin(w)
	}
	w.judge(out)
	out.Generation, out.Pack = v.generation, w.view.ref(p.Request.Residence, len(p.members))
	if w.linker != nil {
		out.Links = w.linker.report(w)
	}
	out.Outcome = w.outcome(out)
	if w.recorder != nil {
		w.recorder.frame(out)
	}
	return nil
}

// gatherAll sorts the records of all members.
func (w *Worker) gatherAll() error {
	if w.v.pack.Identity == nil {
		for i, prof := range w.profiles[:len(w.plan.members)] {
			if err := w.gather(i, prof); err != nil {
				return err
			}
		}
		return nil
	}
	if w.linker == nil {
		return errNotLinked
	}
	mine := w.profiles[:len(w.plan.members)]
	w.linker.start(len(mine), w.plan.keys, w.plan.allowed[household.Register])
	for i, prof := range mine {
		if err := w.own(i, prof); err != nil {
			return err
		}
		if err := errors.Join(w.marks(prof), w.records(i, w.plan.keys[i], prof)); err != nil {
			return err
		}
	}
	for i := range mine {
		if err := w.search(i); err != nil {
			return err
		}
	}
	return errors.Join(w.settle(), w.registerFacts(mine))
}

// reset empties the household's memory.
func (w *Worker) reset() {
	n := len(w.plan.members)
	w.entries, w.rows, w.order = w.entries[:0], w.rows[:0], w.order[:0]
	clear(w.seen)
	w.lines = zeroed(w.lines, n*household.NumLineTypes)
	// One cell for each month of the window, and one for bare years that are the window:
	// what has no month is never spread over months.
	w.perLine = w.span.window.Len() + 1
	if cells := n * household.NumLineTypes * w.perLine; cap(w.cells) < cells {
		w.cells = make([]cell, cells)
	} else {
		w.cells = w.cells[:cells] // a line is cleared when it is touched
	}
	w.masks = w.masks[:0]
	w.exempted = w.exempted[:0]
	w.months = zeroed(w.months, n*w.span.window.Len())
	w.counts = zeroed(w.counts, (n+1)*len(w.law.Sets))
	w.members = zeroed(w.members, n)
	w.excluded = zeroed(w.excluded, n*len(w.law.Exclusions))
	w.deductions, w.derived = w.deductions[:0], w.derived[:0]
	w.imputed, w.supported, w.ableObligors, w.groundless, w.limited = 0, 0, 0, rules.Value{}, false
	w.residents, w.duplicates, w.toConfirm = rules.Value{}, rules.Value{}, w.toConfirm[:0]
	w.financial, w.income, w.unconfirmed, w.ownerless = rules.Value{}, rules.Value{}, false, agreement{}
}

// cell is the income of a line in one month, by grades as in a rules.Value.
type cell struct{ Strong, All, Linked int64 }

func (c *cell) add(amount int64, g household.Grade) {
	c.Linked = household.Add(c.Linked, amount)
	if g != household.GradeC {
		c.All = household.Add(c.All, amount)
	}
	if g == household.GradeA {
		c.Strong = household.Add(c.Strong, amount)
	}
}

// zeroed returns n zero values in the memory of s when it is large enough.
func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// resetVerdict empties a verdict and keeps the memory of its lists.
func resetVerdict(out *household.Verdict) {
	kept := household.Verdict{Findings: out.Findings[:0], Withheld: out.Withheld[:0]}
	in := &out.Income
	kept.Income.Lines, kept.Income.Excluded, kept.Income.Deductions, kept.Income.Derived = in.Lines[:0], in.Excluded[:0], in.Deductions[:0], in.Derived[:0]
	for s := range kept.Coverage {
		kept.Coverage[s].Providers = out.Coverage[s].Providers[:0]
	}
	*out = kept
}

// addFinding appends a finding, keeping the memory of the evidence that was there.
func addFinding(out *household.Verdict, f household.Finding) *household.Finding {
	if n := len(out.Findings); n < cap(out.Findings) {
		out.Findings = out.Findings[:n+1]
		f.Evidence = out.Findings[n].Evidence[:0]
		out.Findings[n] = f
	} else {
		out.Findings = append(out.Findings, f)
	}
	return &out.Findings[len(out.Findings)-1]
}

// outcome is the strongest effect of the findings; without findings it depends on
// whether every source could answer.
func (w *Worker) outcome(out *household.Verdict) household.Outcome {
	strongest := household.Outcome(0)
	for i := range out.Findings {
		if e := out.Findings[i].Effect; e.Weight() > strongest.Weight() {
			strongest = e
		}
	}
	if strongest != 0 {
		return strongest
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		if w.state[s] < household.None {
			return household.Unverifiable
		}
	}
	return household.NoDiscrepancy
}

// addGraded adds an amount of a grade to a value.
func addGraded(v *rules.Value, amount int64, g household.Grade) {
	v.Linked = household.Add(v.Linked, amount)
	if g != household.GradeC {
		v.All = household.Add(v.All, amount)
	}
	if g == household.GradeA {
		v.Strong = household.Add(v.Strong, amount)
	}
}
