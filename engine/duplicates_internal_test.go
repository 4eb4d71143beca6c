package engine

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/rules"
)

// sighting is one row of an asset.
type sighting struct {
	Kind     rowKind
	Member   int
	Grade    household.Grade
	Vehicle  profile.Vehicle
	Property profile.Property
	Bank     profile.Bank
}

// figures are what the rows of a household come to.
type figures struct {
	Counts              []rules.Value // by set and member, as Worker.counts
	Financial, Doubtful rules.Value
	Distinct            household.AssetSheet
	Doubled             []string // rows of possible duplicates
}

const members = 2

// counting counts sightings with a pack: what the verifier does between gathering
// and judging. between may change the worker on the way, to plant a bug.
func counting(p *rules.Law, seen []sighting, unite bool, between func(w *Worker)) figures {
	w := &Worker{v: &Verifier{pack: p.Pack}, law: p, plan: &Plan{members: make([]person, members)}, doubles: newDoubles()}
	w.counts = make([]rules.Value, (members+1)*len(p.Sets))
	prof := &profile.Profile{}
	w.entries = []entry{{profile: prof}}
	for i := range seen {
		s := &seen[i]
		r := row{kind: s.Kind, member: int32(s.Member), grade: s.Grade, origin: &profile.Origin{Row: int64(i)}}
		var attrs [rules.NumAttrs]uint8
		switch s.Kind {
		case rowVehicle:
			r.source, r.index, r.thing = household.Vehicle, int32(len(prof.Vehicle)), s.Vehicle.VIN
			if r.thing == "" {
				r.thing = s.Vehicle.Plate
			}
			prof.Vehicle = append(prof.Vehicle, s.Vehicle)
			attrs = [rules.NumAttrs]uint8{rules.AttrKind: s.Vehicle.Class, rules.AttrStatus: s.Vehicle.Status, rules.AttrDeclared: rules.DeclaredNo}
		case rowUnit:
			r.source, r.index, r.thing = household.Property, int32(len(prof.Property)), s.Property.Unit()
			prof.Property = append(prof.Property, s.Property)
			attrs = [rules.NumAttrs]uint8{rules.AttrKind: s.Property.Kind, rules.AttrStatus: s.Property.Status, rules.AttrDeclared: rules.DeclaredNo}
		case rowAccount:
			r.source, r.index, r.inst, r.thing = household.Bank, int32(len(prof.Bank)), s.Bank.Institution, s.Bank.AccountNo
			r.amount, r.aside = s.Bank.Share.Of(s.Bank.Balance), s.Bank.Purpose != 0
			prof.Bank = append(prof.Bank, s.Bank)
		}
		for k := range p.Sets {
			of := map[rules.Kind]rowKind{rules.KindVehicle: rowVehicle, rules.KindUnit: rowUnit}[p.Sets[k].Kind]
			if of == s.Kind && p.Sets[k].Where.Match(&attrs) {
				r.sets |= 1 << k
			}
		}
		w.unconfirmed = w.unconfirmed || s.Grade == household.GradeC
		w.rows = append(w.rows, r)
	}
	if unite {
		w.unite()
	}
	if between != nil {
		between(w)
	}
	w.addAccounts()
	if unite {
		w.pair()
	}
	w.countAssets()
	out := figures{Counts: w.counts, Financial: w.financial, Doubtful: w.duplicates}
	if unite {
		out.Distinct = w.ifDistinct()
	}
	for i := range w.rows {
		if w.rows[i].double {
			out.Doubled = append(out.Doubled, fmt.Sprintf("%+v", seen[i]))
		}
	}
	slices.Sort(out.Doubled)
	return out
}

// sightings draws rows about few assets, whose numbers are written in many ways.
func sightings() *rapid.Generator[[]sighting] {
	one := rapid.Custom(func(t *rapid.T) sighting {
		s := sighting{
			Kind: rapid.SampledFrom([]rowKind{rowVehicle, rowUnit, rowAccount}).Draw(t, "kind"), Member: rapid.IntRange(0, members-1).Draw(t, "member"),
			Grade: rapid.SampledFrom([]household.Grade{household.GradeA, household.GradeA, household.GradeB, household.GradeC}).Draw(t, "grade"),
		}
		text := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "text") }
		switch s.Kind {
		case rowVehicle:
			s.Vehicle = profile.Vehicle{
				VIN:   text("1M8GDM9AXKP042788", "1M8-GDM9AXKP042788", "1M8GDM9AXKPO42788", "LSVAU2A37N2183294", "", "012345"),
				Plate: text("皖A12345", "皖A-12345", "苏A12345", "皖A1234O", "未上牌"), Class: 1, Status: 1,
			}
		case rowUnit:
			s.Property = profile.Property{
				UnitCode:      text("340104001001GB00001F00010001", "340104-001001GB00001F00010001", "340104001001GB00001F00010002", "", "", "U1", "皖(2019)合肥市不动产权第1号"),
				CertificateNo: text("皖(2019)合肥市不动产权第1号", "皖(2019)合肥市不动产权第01号", "皖(2019)合肥不动产权第1号", "合房权证字第110号", ""),
				Kind:          rapid.SampledFrom([]uint8{1, 1, 2, 4}).Draw(t, "kind of unit"), Status: 1, Area: rapid.Int64Range(0, 2).Draw(t, "area"), RegisteredOn: 20190506,
			}
		case rowAccount:
			s.Bank = profile.Bank{
				Institution: text("甲银行", "甲银行", "乙银行", ""), AccountNo: text("6222021234567894", "6222-0212-34567894", "6222****7894", "6222029999997894", "6222****7895", "****7894"),
				Balance:   rapid.SampledFrom([]household.Fen{0, 1, 100, 1000}).Draw(t, "balance"),
				BalanceOn: rapid.SampledFrom([]household.Date{20260930, 20261031}).Draw(t, "on"),
				Share:     rapid.SampledFrom([]household.Share{{}, {Num: 1, Den: 2}, {Num: 3, Den: 5}}).Draw(t, "share"),
				Purpose:   rapid.SampledFrom([]uint8{0, 0, 0, 1}).Draw(t, "purpose"),
			}
		}
		return s
	})
	return rapid.SliceOfN(one, 0, 9)
}

// law is a law of uniting: "" or what breaks it. count counts sightings.
type law struct {
	name    string
	holds   func(seen []sighting, order []int, count func([]sighting) figures) string
	planted func(w *Worker) // a bug that the law must notice
}

func laws(p *rules.Law) []law {
	certain := func(seen []sighting) []sighting {
		return slices.DeleteFunc(slices.Clone(seen), func(s sighting) bool { return s.Grade == household.GradeC })
	}
	return []law{
		{
			name: "the order of rows changes nothing",
			holds: func(seen []sighting, order []int, count func([]sighting) figures) string {
				other := make([]sighting, len(seen))
				for i, j := range order {
					other[i] = seen[j]
				}
				if a, b := fmt.Sprintf("%+v", count(seen)), fmt.Sprintf("%+v", count(other)); a != b {
					return a + "\n" + b
				}
				return ""
			},
			planted: func(w *Worker) { // takes the first row for another thing
				if len(w.rows) > 0 {
					w.rows[0].thing += "#"
				}
			},
		},
		{
			name: "nothing counts more than by the keys as written",
			holds: func(seen []sighting, _ []int, count func([]sighting) figures) string {
				got, plain := count(seen), counting(p, seen, false, nil)
				for i := range got.Counts {
					if a, b := got.Counts[i], plain.Counts[i]; a.Strong > b.Strong || a.All > b.All || a.Linked > b.Linked || a.Strong > a.All || a.All > a.Linked {
						return fmt.Sprintf("set %d: %v by written keys %v", i/(members+1), a, b)
					}
				}
				if f := got.Financial; f.Strong > f.All || f.All > f.Linked {
					return fmt.Sprintf("balances %v", f)
				}
				return ""
			},
			planted: func(w *Worker) { // makes every row a thing of its own
				for i := range w.rows {
					w.rows[i].thing = fmt.Sprint(i)
				}
			},
		},
		{
			name: "what has to be confirmed takes nothing from what is certain",
			holds: func(seen []sighting, _ []int, count func([]sighting) figures) string {
				with, without := count(seen), count(certain(seen))
				for i := range with.Counts {
					if a, b := with.Counts[i], without.Counts[i]; a.Strong != b.Strong || a.All != b.All || a.Linked < b.Linked {
						return fmt.Sprintf("set %d: %v, without %v", i/(members+1), a, b)
					}
				}
				if a, b := with.Financial, without.Financial; a.Strong != b.Strong || a.All != b.All || a.Linked < b.Linked {
					return fmt.Sprintf("balances %v, without %v", a, b)
				}
				return ""
			},
			planted: func(w *Worker) { // unites by every certificate of every row
				for i := range w.rows {
					for j := range w.rows {
						a, b := &w.rows[i], &w.rows[j]
						if a.kind == rowUnit && b.kind == rowUnit && a.grade == household.GradeC {
							b.thing = a.thing
						}
					}
				}
			},
		},
		{
			name: "both totals differ exactly when something may be a duplicate",
			holds: func(seen []sighting, _ []int, count func([]sighting) figures) string {
				got := count(seen)
				n := members + 1
				once := household.AssetSheet{
					Financial: household.Fen(got.Financial.All), Vehicles: int(got.Counts[p.Sheet.Vehicles*n].All),
					Residential: int(got.Counts[p.Sheet.Residential*n].All), NonResidential: int(got.Counts[p.Sheet.NonResidential*n].All),
				}
				d := got.Distinct
				if d.Financial < once.Financial || d.Vehicles < once.Vehicles || d.Residential < once.Residential || d.NonResidential < once.NonResidential {
					return fmt.Sprintf("%+v is less than %+v", d, once)
				}
				if d != once && got.Doubtful.All == 0 || (got.Doubtful.All > 0) != (len(got.Doubled) > 1) {
					return fmt.Sprintf("%+v and %+v with %v duplicates on %d rows", d, once, got.Doubtful, len(got.Doubled))
				}
				return ""
			},
			planted: func(w *Worker) { w.doubles.extra[w.law.Sheet.Residential]++ }, // takes what is distinct for two
		},
	}
}

func linksPack(t testing.TB) *rules.Law {
	t.Helper()
	p, err := rules.Load("reference_links")
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.On(20261101, "")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestUniting(t *testing.T) {
	p := linksPack(t)
	for _, l := range laws(p) {
		t.Run(l.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				seen := sightings().Draw(t, "rows")
				order := rapid.Permutation(indexes(len(seen))).Draw(t, "order")
				if problem := l.holds(seen, order, func(s []sighting) figures { return counting(p, s, true, nil) }); problem != "" {
					t.Fatal(problem)
				}
			})
		})
	}
}

// TestUnitingCanFail plants a bug for each law and sees it noticed.
func TestUnitingCanFail(t *testing.T) {
	p := linksPack(t)
	for _, l := range laws(p) {
		t.Run(l.name, func(t *testing.T) {
			count := func(s []sighting) figures { return counting(p, s, true, l.planted) }
			for seed := range 2000 {
				seen := sightings().Example(seed)
				order := indexes(len(seen))
				slices.Reverse(order)
				if l.holds(seen, order, count) != "" {
					return
				}
			}
			t.Error("the planted bug was not noticed in 2,000 households")
		})
	}
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
