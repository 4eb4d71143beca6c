package engine_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// property is a law of the verifier: "" or what breaks it. A second random value
// says how the world is changed.
type property struct {
	name  string
	holds func(w world, change changes, verify answer) string
	// planted is a bug that the property must notice.
	planted func(verify answer) answer
}

// changes are what a property does to a world.
type changes struct {
	Seed   uint64
	Extra  *record // a record of something new
	Source household.Source
}

func drawChanges(t *rapid.T, w *world) changes {
	c := changes{Seed: rapid.Uint64().Draw(t, "seed"), Source: household.Source(rapid.IntRange(1, 5).Draw(t, "source"))}
	if len(w.Snapshots) > 0 {
		r := drawRecord(t, w)
		r.Name = w.Members[r.Member].Name
		switch r.Source {
		case household.Vehicle:
			r.Data.Vehicle.VIN, r.Data.Vehicle.Plate = []byte("VNEW"), []byte("皖A99999")
		case household.Property:
			r.Data.Property.UnitCode, r.Data.Property.CertificateNo = []byte("UNEW"), []byte("CNEW")
		case household.Bank:
			r.Data.Bank.AccountNo = []byte("999")
		case household.Tax:
			// A wage explains a month of employment.
			if r.Data.Tax.IncomeType == 1 {
				r.Data.Tax.IncomeType = 2
			}
		}
		r.File, r.Row = 1, 1000
		c.Extra = &r
	}
	return c
}

// shuffle permutes n things; equal seeds give equal permutations.
func shuffle(n int, seed uint64) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
		seed = seed*6364136223846793005 + 1442695040888963407
		j := int(seed>>33) % (i + 1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// core is what must not depend on any order: member is how a member is called.
func core(v *household.Verdict, member func(int) string) string {
	var lines []string
	for _, f := range v.Findings {
		lines = append(lines, fmt.Sprint("finding ", f.Code, f.Effect, f.Grade, member(f.Member), f.Type, f.HasAmount, f.Amount, f.Limit, len(f.Evidence)))
	}
	for _, l := range v.Income.Lines {
		lines = append(lines, fmt.Sprint("line ", member(l.Member), l.Type, l.Declared, l.Found, l.Counted))
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		lines = append(lines, fmt.Sprint("coverage ", s, v.Coverage[s]))
	}
	slices.Sort(lines)
	return fmt.Sprint(v.Outcome, v.Income.Total, v.Income.Limit, v.Income.Members, v.Assets, "\n") + strings.Join(lines, "\n")
}

// severity orders outcomes from mild to severe.
func severity(o household.Outcome) int {
	return map[household.Outcome]int{household.NoDiscrepancy: 0, household.Unverifiable: 1, household.NeedsReview: 2, household.SuspectedIneligible: 3}[o]
}

func byNumber(w world) func(int) string {
	return func(i int) string {
		if i == 0 {
			return ""
		}
		return w.Members[i-1].Number
	}
}

func properties() []property {
	return []property{
		{
			name: "the order of rows and files changes nothing",
			holds: func(w world, c changes, verify answer) string {
				other := w
				other.Records = nil
				for i, j := range shuffle(len(w.Records), c.Seed) {
					r := w.Records[j]
					r.File, r.Row = 1+i%2, int64(i/2+1)
					other.Records = append(other.Records, r)
				}
				return cmp.Diff(core(verify(w), byNumber(w)), core(verify(other), byNumber(w)))
			},
			planted: func(verify answer) answer { // looks at the first records only
				return func(w world) *household.Verdict {
					w.Records = w.Records[:min(2, len(w.Records))]
					return verify(w)
				}
			},
		},
		{
			name: "the order of members changes nothing",
			holds: func(w world, c changes, verify answer) string {
				other := w
				other.Members, other.Records, other.Marks = nil, nil, nil
				order := shuffle(len(w.Members), c.Seed)
				for _, j := range order {
					other.Members = append(other.Members, w.Members[j])
				}
				for _, r := range w.Records {
					r.Member = slices.Index(order, r.Member)
					other.Records = append(other.Records, r)
				}
				for _, m := range w.Marks {
					m.Member = slices.Index(order, m.Member)
					other.Marks = append(other.Marks, m)
				}
				return cmp.Diff(core(verify(w), byNumber(w)), core(verify(other), byNumber(other)))
			},
			planted: func(verify answer) answer { // forgets the last member's records
				return func(w world) *household.Verdict {
					w.Records = slices.DeleteFunc(slices.Clone(w.Records), func(r record) bool { return r.Member > 0 && r.Member == len(w.Members)-1 })
					return verify(w)
				}
			},
		},
		{
			name: "an undeclared asset or income never makes the outcome milder",
			holds: func(w world, c changes, verify answer) string {
				if c.Extra == nil {
					return ""
				}
				more := w
				more.Records = append(slices.Clone(w.Records), *c.Extra)
				before, after := verify(w), verify(more)
				if severity(after.Outcome) < severity(before.Outcome) {
					return fmt.Sprintf("%s became %s", before.Outcome, after.Outcome)
				}
				return ""
			},
			planted: func(verify answer) answer { // the newest record replaces all others of its source
				return func(w world) *household.Verdict {
					if n := len(w.Records); n > 0 && w.Records[n-1].Row == 1000 {
						w.Records = slices.DeleteFunc(slices.Clone(w.Records), func(r record) bool {
							return r.Source == w.Records[n-1].Source && r.Row != 1000
						})
					}
					return verify(w)
				}
			},
		},
		{
			name: "a missing source never gives no_discrepancy",
			holds: func(w world, c changes, verify answer) string {
				w.Snapshots = slices.Clone(w.Snapshots)
				kept := map[int]int{}
				left := w
				left.Snapshots, left.Records, left.Marks = nil, nil, nil
				for i, s := range w.Snapshots {
					if s.Source != c.Source {
						kept[i] = len(left.Snapshots)
						left.Snapshots = append(left.Snapshots, s)
					}
				}
				for _, r := range w.Records {
					if i, ok := kept[r.Snapshot]; ok {
						r.Snapshot = i
						left.Records = append(left.Records, r)
					}
				}
				v := verify(left)
				if s := v.Coverage[c.Source].State; v.Outcome == household.NoDiscrepancy || s != household.Missing && s != household.NotAuthorized {
					return fmt.Sprintf("%s with %s", v.Outcome, s)
				}
				return ""
			},
			planted: func(verify answer) answer { // takes a missing source for an empty one
				return func(w world) *household.Verdict {
					v := verify(w)
					if v.Outcome == household.Unverifiable {
						v.Outcome = household.NoDiscrepancy
					}
					return v
				}
			},
		},
		{
			name:  "suspected_ineligible rests on grade A, and every amount on its records",
			holds: func(w world, _ changes, verify answer) string { return arithmetic(w, verify(w)) },
			planted: func(verify answer) answer { // loses a row of evidence
				return func(w world) *household.Verdict {
					v := verify(w)
					for i := range v.Findings {
						if e := v.Findings[i].Evidence; len(e) > 0 {
							v.Findings[i].Evidence = e[:len(e)-1]
						}
					}
					return v
				}
			},
		},
		{
			name: "a verdict depends on its inputs only",
			holds: func(w world, _ changes, verify answer) string {
				a, b := verify(w).AppendJSON(nil), verify(w).AppendJSON(nil)
				return cmp.Diff(string(a), string(b))
			},
			planted: func(verify answer) answer { // counts its calls
				n := int64(0)
				return func(w world) *household.Verdict {
					v := verify(w)
					n++
					v.Income.Total += household.Fen(n)
					return v
				}
			},
		},
	}
}

// arithmetic checks that every number of a verdict follows from the others.
func arithmetic(w world, v *household.Verdict) string {
	total := household.Fen(0)
	declared := map[[2]int]household.Fen{}
	for _, l := range v.Income.Lines {
		if l.Counted != max(l.Declared, l.Found) {
			return "a line does not count the larger of declared and found"
		}
		total += l.Counted
		declared[[2]int{l.Member, int(l.Type)}] = l.Declared
	}
	if total != v.Income.Total {
		return "the lines do not add up to the total"
	}
	alone := household.Fen(0) // what the declaration alone counts
	for _, d := range declared {
		alone += d
	}
	for _, f := range v.Findings {
		sum := household.Fen(0)
		for _, e := range f.Evidence {
			sum += e.Amount
			i := slices.IndexFunc(w.Snapshots, func(s2 store.SnapshotRef) bool {
				return s2.Source == e.Source && s2.Provider == e.Provider && strings.HasSuffix(e.Snapshot, s2.AsOf.String())
			})
			if i < 0 {
				return "evidence of an unknown snapshot"
			}
			if f.Effect == household.SuspectedIneligible && w.On.Days()-w.Snapshots[i].AsOf.Days() > 180 {
				return f.Code + " rests on grade B"
			}
		}
		if f.Effect == household.SuspectedIneligible && len(f.Evidence) == 0 && (f.Code != "income_over_limit" || alone < f.Limit) {
			return f.Code + " without evidence"
		}
		switch f.Code {
		case "undeclared_income":
			if sum != f.Amount+declared[[2]int{f.Member, int(f.Type)}] {
				return f.Code + ": the evidence does not add up"
			}
		case "financial_assets_over_limit", "financial_assets_may_exceed_limit":
			if sum != f.Amount {
				return f.Code + ": the evidence does not add up"
			}
		case "undeclared_financial_assets":
			if sum != f.Amount+household.Fen(w.Financial) {
				return f.Code + ": the evidence does not add up"
			}
		case "income_over_limit", "income_may_exceed_limit":
		default:
			if len(f.Evidence) == 0 {
				return f.Code + " without evidence"
			}
		}
	}
	return ""
}

// TestMain asks for more households than rapid's default unless told otherwise.
func TestMain(m *testing.M) {
	checks := flag.Lookup("rapid.checks")
	flag.Parse()
	if checks.Value.String() == checks.DefValue && !testing.Short() {
		if err := checks.Value.Set("1500"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func TestProperties(t *testing.T) {
	verify := verifyBy(reference())
	for _, p := range properties() {
		t.Run(p.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := worlds().Draw(t, "world")
				if problem := p.holds(w, drawChanges(t, &w), verify); problem != "" {
					t.Fatal(problem)
				}
			})
		})
	}
}

// TestPropertiesCanFail plants a bug for each property and sees it noticed.
func TestPropertiesCanFail(t *testing.T) {
	verify := verifyBy(reference())
	cases := rapid.Custom(func(t *rapid.T) func(p property, v answer) string {
		w := worlds().Draw(t, "world")
		c := drawChanges(t, &w)
		return func(p property, v answer) string { return p.holds(w, c, v) }
	})
	for _, p := range properties() {
		t.Run(p.name, func(t *testing.T) {
			for seed := range 2000 {
				if cases.Example(seed)(p, p.planted(verify)) != "" {
					return
				}
			}
			t.Error("the planted bug was not noticed in 2,000 households")
		})
	}
}

// TestWorkerKeepsNothing verifies households with one worker, in turn, and each
// with a worker of its own.
func TestWorkerKeepsNothing(t *testing.T) {
	p := reference()
	rapid.Check(t, func(t *rapid.T) {
		first := worlds().Draw(t, "first")
		second := worlds().Draw(t, "second")
		second.Snapshots = first.Snapshots
		second.Records = slices.DeleteFunc(second.Records, func(r record) bool {
			return r.Snapshot >= len(second.Snapshots) || second.Snapshots[r.Snapshot].Source != r.Source
		})
		second.Marks = slices.DeleteFunc(second.Marks, func(m mark) bool { return m.Snapshot >= len(second.Snapshots) })
		v, err := engine.NewVerifier(first.manifest(), p, first.On)
		if err != nil {
			t.Fatal(err)
		}
		used := v.Worker()
		for _, w := range []world{first, second, first} {
			a, err := w.verifyWith(used, "x")
			if err != nil {
				t.Fatal(err)
			}
			b, err := w.verifyWith(v.Worker(), "x")
			if err != nil {
				t.Fatal(err)
			}
			if x, y := a.AppendJSON(nil), b.AppendJSON(nil); !bytes.Equal(x, y) {
				t.Fatalf("used worker:\n%s\nnew worker:\n%s", x, y)
			}
		}
	})
}
