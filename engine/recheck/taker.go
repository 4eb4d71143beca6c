package recheck

import (
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Taker takes down what verdicts say and by what they were judged. It belongs to one
// goroutine.
type Taker struct {
	verifier            *engine.Verifier
	generation, program string
	index               uint64
	views               views
	digester            Digester
	regions             map[string]string
}

// NewTaker is for the verdicts of a verifier, which was made for the generation of the
// manifest and linked. program is what judges.
func NewTaker(v *engine.Verifier, m *store.Manifest, program string) *Taker {
	return &Taker{verifier: v, generation: m.ID, program: program, index: v.IndexDigest(m), views: newViews(v)}
}

// Take takes a verdict down, in memory of its own. plan is what it was made from, and
// elsewhere says that entries were read that the plan does not name. The caller fills in
// household and request.
func (t *Taker) Take(plan *engine.Plan, elsewhere bool, v *household.Verdict) Last {
	l := Last{
		Generation: t.generation, Program: t.program, Pack: t.verifier.Pack().Digest, On: t.verifier.On(),
		Basis: plan.Basis(), Index: t.index, Elsewhere: elsewhere,
		Substance: t.digester.Substance(v), Outcome: v.Outcome, Findings: brief(v),
	}
	l.Basis.Region = t.region(l.Basis.Region)
	l.View = t.views.of(l.Basis)
	for _, k := range plan.Keys() {
		k.Text = strings.Clone(k.Text) // of the line
		l.Keys = append(l.Keys, k)
	}
	for c := range v.Coverage {
		l.States[c] = v.Coverage[c].State
	}
	return l
}

// maxRegions bounds the names of regions that are kept: anybody may write anything.
const maxRegions = 10000

// region is a name that is no part of a request's memory.
func (t *Taker) region(name string) string {
	kept, ok := t.regions[name]
	if !ok {
		if t.regions == nil || len(t.regions) == maxRegions {
			t.regions = map[string]string{}
		}
		kept = strings.Clone(name)
		t.regions[kept] = kept
	}
	return kept
}
