package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/profile"
)

// toConfirm is the finding of the pack about links that have to be confirmed.
const toConfirm = "identity_to_confirm"

// rowID is where a record comes from.
type rowID struct {
	file int
	row  int64
}

// without is the world without its other records of some kinds.
func (w linkWorld) without(drop func(*otherRecord) bool) linkWorld {
	w.Other = slices.DeleteFunc(slices.Clone(w.Other), func(r otherRecord) bool { return drop(&r) })
	return w
}

// asOwn is the world in which the other records chosen are written exactly as the
// member is.
func (w linkWorld) asOwn(chosen func(*otherRecord) bool) linkWorld {
	out := w.without(chosen)
	out.Records = slices.Clone(w.Records)
	for i := range w.Other {
		if r := &w.Other[i]; chosen(r) {
			own := r.record
			own.Name = w.Members[r.Member].Name
			out.Records = append(out.Records, own)
		}
	}
	return out
}

// strongPart is a verdict without what is said of weak links.
func strongPart(v *household.Verdict) household.Verdict {
	s := *v
	s.Links, s.Outcome, s.Findings = nil, 0, nil
	for _, f := range v.Findings {
		if f.Code != toConfirm {
			s.Findings = append(s.Findings, f)
		}
	}
	return s
}

func hasToConfirm(v *household.Verdict) bool {
	return slices.ContainsFunc(v.Findings, func(f household.Finding) bool { return f.Code == toConfirm })
}

// linkLaw is a law of weaker links, "" or what breaks it.
type linkLaw struct {
	name    string
	holds   func(w linkWorld, verify linkAnswer) string
	planted map[string]func(verify linkAnswer) linkAnswer
}

// asIfOwn is an engine that takes some weak kinds for certain.
func asIfOwn(wrong func(*otherRecord) bool) func(linkAnswer) linkAnswer {
	return func(verify linkAnswer) linkAnswer {
		return func(w linkWorld) (*household.Verdict, []engine.Traced) { return verify(w.asOwn(wrong)) }
	}
}

func linkLaws() []linkLaw {
	return []linkLaw{
		{
			name: "records to confirm change no total, no count, no coverage and no finding of grade A or B",
			holds: func(w linkWorld, verify linkAnswer) string {
				with, _ := verify(w)
				alone, _ := verify(w.without((*otherRecord).weak))
				a, b := strongPart(alone), strongPart(with)
				if diff := cmp.Diff(a, b, cmpopts.EquateEmpty()); diff != "" {
					return "(-without +with)\n" + diff
				}
				want := alone.Outcome
				if hasToConfirm(with) && severity(want) < severity(household.NeedsReview) {
					want = household.NeedsReview
				}
				if with.Outcome != want {
					return fmt.Sprintf("%s with, %s without", with.Outcome, alone.Outcome)
				}
				return ""
			},
			planted: map[string]func(linkAnswer) linkAnswer{
				"a mistyped number is strong":            asIfOwn(func(r *otherRecord) bool { return r.Kind == mistyped }),
				"a masked number is strong":              asIfOwn(func(r *otherRecord) bool { return r.Kind == masked }),
				"name and birth date are strong":         asIfOwn(func(r *otherRecord) bool { return r.Kind == numberless }),
				"a newer balance replaces a certain one": asIfOwn(func(r *otherRecord) bool { return r.weak() && r.Source == household.Bank }),
				"wages to confirm explain months":        asIfOwn(func(r *otherRecord) bool { return r.weak() && r.Source == household.Tax && r.Data.Tax.IncomeType == 1 }),
				"what has to be confirmed makes an outcome milder": func(verify linkAnswer) linkAnswer {
					return func(w linkWorld) (*household.Verdict, []engine.Traced) {
						v, traced := verify(w)
						if hasToConfirm(v) {
							v.Outcome = household.NeedsReview
						}
						return v, traced
					}
				},
			},
		},
		{
			name: "if counting records to confirm would make a rule fire, they are shown",
			holds: func(w linkWorld, verify linkAnswer) string {
				with, traced := verify(w)
				open := map[rowID]bool{}
				for _, t := range traced {
					if t.Use == identity.Review {
						open[rowID{t.File, t.Row}] = true
					}
				}
				would, _ := verify(w.asOwn(func(r *otherRecord) bool { return open[rowID{r.File, r.Row}] }))
				for _, f := range would.Findings {
					// That an asset may be the same as one that is itself in doubt is no question
					// of its own: whose it is comes first.
					if f.Code == "identity_conflict" || f.Code == toConfirm || f.Code == "possible_duplicate_assets" {
						continue
					}
					if firm(with, &f) || hasToConfirm(with) {
						continue
					}
					return fmt.Sprintf("%s would come up and nobody is asked: %s\n%s", f.Code, with.Outcome, w.balances())
				}
				if hasToConfirm(with) && severity(with.Outcome) < severity(household.NeedsReview) {
					return "somebody has to confirm and the outcome is " + with.Outcome.String()
				}
				for _, f := range with.Findings {
					for _, e := range f.Evidence {
						if e.Source != household.Register && open[rowID{e.File, e.Row}] != (f.Code == toConfirm) {
							return fmt.Sprintf("%s cites row %d of file %d, which has to be confirmed: %t", f.Code, e.Row, e.File, open[rowID{e.File, e.Row}])
						}
					}
				}
				return ""
			},
			planted: map[string]func(linkAnswer) linkAnswer{
				"nothing is ever asked": func(verify linkAnswer) linkAnswer {
					return func(w linkWorld) (*household.Verdict, []engine.Traced) {
						v, traced := verify(w)
						if hasToConfirm(v) {
							s := strongPart(v)
							s.Outcome = household.NoDiscrepancy
							return &s, traced
						}
						return v, traced
					}
				},
				"an open question passes for no discrepancy": func(verify linkAnswer) linkAnswer {
					return func(w linkWorld) (*household.Verdict, []engine.Traced) {
						v, traced := verify(w)
						if len(v.Findings) == 1 && hasToConfirm(v) {
							v.Outcome = household.NoDiscrepancy
						}
						return v, traced
					}
				},
			},
		},
		{
			name: "every description that was looked at is counted",
			holds: func(w linkWorld, verify linkAnswer) string {
				v, traced := verify(w)
				got := v.Links.Strong + v.Links.Review + v.Links.Conflicts + v.Links.Hidden + v.Links.TurnedDown
				if want := w.descriptions(); got < want {
					return fmt.Sprintf("%d links counted of %d", got, want)
				}
				for _, t := range traced {
					if t.Use == identity.Review && v.Links.Review == 0 || t.Use == identity.Conflict && v.Links.Conflicts == 0 {
						return fmt.Sprintf("row %d of file %d is for %s, and none is counted", t.Row, t.File, t.Use)
					}
				}
				return ""
			},
			planted: map[string]func(linkAnswer) linkAnswer{
				"masked numbers are dropped": func(verify linkAnswer) linkAnswer {
					return func(w linkWorld) (*household.Verdict, []engine.Traced) {
						return verify(w.without(func(r *otherRecord) bool { return r.Kind == masked }))
					}
				},
				"conflicts are dropped": func(verify linkAnswer) linkAnswer {
					return func(w linkWorld) (*household.Verdict, []engine.Traced) {
						return verify(w.without(func(r *otherRecord) bool { return r.Kind == conflict }))
					}
				},
				"what is not shown is not counted either": func(verify linkAnswer) linkAnswer {
					return func(w linkWorld) (*household.Verdict, []engine.Traced) {
						v, traced := verify(w)
						v.Links.Hidden = 0
						return v, traced
					}
				},
			},
		},
		{
			name: "conflicts count for nobody",
			holds: func(w linkWorld, verify linkAnswer) string {
				isConflict := func(r *otherRecord) bool { return r.Kind == conflict }
				with, _ := verify(w)
				alone, _ := verify(w.without(isConflict))
				a, b := strongPart(alone), strongPart(with)
				drop := func(f household.Finding) bool { return f.Code == "identity_conflict" }
				a.Findings, b.Findings = slices.DeleteFunc(a.Findings, drop), slices.DeleteFunc(b.Findings, drop)
				// That a department has rows under the number is known all the same.
				a.Coverage, b.Coverage = [household.NumChecked]household.SourceCoverage{}, [household.NumChecked]household.SourceCoverage{}
				if diff := cmp.Diff(a, b, cmpopts.EquateEmpty()); diff != "" {
					return "(-without +with)\n" + diff
				}
				if with.Outcome == household.SuspectedIneligible && alone.Outcome != household.SuspectedIneligible {
					return "a conflict makes the household ineligible"
				}
				return ""
			},
			planted: map[string]func(linkAnswer) linkAnswer{
				"another name under the number is the member": asIfOwn(func(r *otherRecord) bool { return r.Kind == conflict }),
			},
		},
	}
}

// firm reports whether a verdict has a finding about the same thing, which may be
// the weaker one of two.
func firm(v *household.Verdict, f *household.Finding) bool {
	weaker := map[string]string{"income_may_exceed_limit": "income_over_limit", "financial_assets_may_exceed_limit": "financial_assets_over_limit"}
	return slices.ContainsFunc(v.Findings, func(x household.Finding) bool {
		return (x.Code == f.Code || x.Code == weaker[f.Code] || weaker[x.Code] == f.Code) && x.Member == f.Member && x.Type == f.Type
	})
}

// descriptions counts how many descriptions of owners lie where they are found for
// the member they are meant for.
func (w *linkWorld) descriptions() int {
	type description struct {
		member int
		key    household.PersonKey
		owner  profile.Owner
	}
	all := map[description]bool{}
	for _, r := range w.Records {
		key, _ := place(w.Members[r.Member].Number, &profile.Owner{})
		all[description{r.Member, key, profile.Owner{Name: r.Name}}] = true
	}
	for i := range w.Other {
		r := &w.Other[i]
		number, o := w.owner(r)
		key, _ := place(number, &o)
		if r.Kind == formerOnce { // found only where a register knows it
			continue
		}
		all[description{r.Member, key, o}] = true
	}
	return len(all)
}

func TestWeakLinks(t *testing.T) {
	verify := linksBy(referenceLinks())
	for _, law := range linkLaws() {
		t.Run(law.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				if problem := law.holds(linkWorlds().Draw(t, "world"), verify); problem != "" {
					t.Fatal(problem)
				}
			})
		})
	}
}

// TestWeakLinksCanFail plants bugs for each law and sees them noticed.
func TestWeakLinksCanFail(t *testing.T) {
	verify := linksBy(referenceLinks())
	for _, law := range linkLaws() {
		for name, plant := range law.planted {
			t.Run(name, func(t *testing.T) {
				for seed := range 3000 {
					if law.holds(linkWorlds().Example(seed), plant(verify)) != "" {
						return
					}
				}
				t.Error("the planted bug was not noticed in 3,000 households")
			})
		}
	}
}
