package report_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/report"
	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
)

var planted = flag.Int("report.planted", 600, "households by which a wrong flip has to be noticed")

// home is a household whose amounts lie about the limits of the reference pack.
type home struct {
	Rural     bool
	Declared  []household.Fen // wages of a month, by member
	Financial household.Fen
	Income    []thing // tax records of one month
	Balances  []thing
	Vehicles  []thing
	Homes     []thing
	Blind     bool            // the vehicle department is not authorised
	Old       map[string]bool // sources that have an old provider besides, whatever it holds
}

// thing is a record of a member; old ones are of a snapshot too old to stand alone.
type thing struct {
	Member int
	Amount household.Fen
	Old    bool
}

var reference = sync.OnceValue(func() *rules.Pack {
	p, err := rules.Load("reference")
	if err != nil {
		panic(err)
	}
	return p
})

func (h home) verdict() *household.Verdict {
	var b strings.Builder
	b.WriteString("on: 2026-11-01\nsituations:\n  - name: home\n    expect: {outcome: refused}\n")
	both := `[{provider: new}, {provider: old, as_of: 2026-01-31}]`
	flows := `[{provider: new}, {provider: old, as_of: 2026-01-31, covers: 2025-01..2026-10}]`
	b.WriteString("    sources: {")
	for _, name := range []string{"tax", "bank", "vehicle", "property"} {
		switch {
		case h.Old[name] && name == "tax":
			fmt.Fprintf(&b, "%s: %s, ", name, flows)
		case h.Old[name]:
			fmt.Fprintf(&b, "%s: %s, ", name, both)
		}
	}
	b.WriteString("}\n    request:\n")
	residence := "urban"
	if h.Rural {
		residence = "rural"
	}
	fmt.Fprintf(&b, "      residence: %s\n", residence)
	if h.Blind {
		b.WriteString("      authorization: {data_classes: [tax, property, bank, insurance]}\n")
	}
	b.WriteString("      members:\n")
	for _, d := range h.Declared {
		fmt.Fprintf(&b, "        - {declared: {wage: %s}}\n", d.Yuan())
	}
	var units []string
	for i := range h.Homes {
		units = append(units, fmt.Sprintf("U%d", i+1))
	}
	fmt.Fprintf(&b, "      assets: {financial: %s, vehicles: [皖A00001, 皖A00002, 皖A00003], properties: [%s]}\n    records:\n", h.Financial.Yuan(), strings.Join(units, ", "))
	row := func(source string, x thing, more string) {
		snapshot := 1
		if x.Old {
			snapshot = 2
		}
		fmt.Fprintf(&b, "      - {%s: %d, snapshot: %d, %s}\n", source, x.Member+1, snapshot, more)
	}
	for _, x := range h.Income {
		row("tax", x, "periods: ['2026-03'], income: "+x.Amount.Yuan())
	}
	for i, x := range h.Balances {
		row("bank", x, fmt.Sprintf("account_no: A%d, balance: %s", i, x.Amount.Yuan()))
	}
	for i, x := range h.Vehicles {
		row("vehicle", x, fmt.Sprintf("vin: V%d, plate: 皖A0000%d, class: car, status: normal", i, i+1))
	}
	for i, x := range h.Homes {
		row("property", x, fmt.Sprintf("unit_code: U%d, kind: residential, status: current", i+1))
	}
	b.WriteString("      - {insurance: 1, periods: ['2026-03'], scheme: resident_medical, role: contributing}\n")
	f, err := situation.Parse("tests/home.yaml", []byte(b.String()))
	if err != nil {
		panic(fmt.Sprintf("%v in\n%s", err, b.String()))
	}
	v, err := f.Situations[0].Verdict(reference())
	if err != nil {
		panic(fmt.Sprintf("%v in\n%s", err, b.String()))
	}
	return v
}

func homes() *rapid.Generator[home] {
	return rapid.Custom(func(t *rapid.T) home {
		n := rapid.IntRange(1, 3).Draw(t, "members")
		h := home{Rural: rapid.Bool().Draw(t, "rural"), Blind: rapid.IntRange(0, 5).Draw(t, "blind") == 0}
		standard := household.Fen(70000)
		if h.Rural {
			standard = 60000
		}
		about := func(limit household.Fen) *rapid.Generator[household.Fen] {
			return rapid.Custom(func(t *rapid.T) household.Fen {
				part := household.Fen(rapid.IntRange(1, 3).Draw(t, "parts"))
				return max(0, limit/part+household.Fen(rapid.SampledFrom([]int64{-100000, -2, -1, 0, 1, 2, 99999, 500000}).Draw(t, "off")))
			})
		}
		for range n {
			h.Declared = append(h.Declared, household.Fen(rapid.SampledFrom([]int64{0, 0, 10000, 55000, 69999, 70000, 90000}).Draw(t, "declared")))
		}
		things := func(what string, most int, amounts *rapid.Generator[household.Fen]) []thing {
			return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) thing {
				x := thing{Member: rapid.IntRange(0, n-1).Draw(t, "member"), Old: rapid.IntRange(0, 2).Draw(t, "old") == 0}
				if amounts != nil {
					x.Amount = amounts.Draw(t, "amount")
				}
				return x
			}), 0, most).Draw(t, what)
		}
		h.Income = things("income", 4, about(standard*12*household.Fen(n)))
		h.Balances = things("balances", 3, about(standard*24*household.Fen(n)))
		h.Financial = household.Fen(rapid.SampledFrom([]int64{0, 200000, 1000000, 10000000}).Draw(t, "financial"))
		if rapid.IntRange(0, 3).Draw(t, "cars") == 0 {
			h.Vehicles = things("vehicles", 3, nil)
		}
		h.Homes = things("homes", 3, nil)
		h.Old = map[string]bool{}
		for name, list := range map[string][]thing{"tax": h.Income, "bank": h.Balances, "vehicle": h.Vehicles, "property": h.Homes} {
			h.Old[name] = slices.ContainsFunc(list, func(x thing) bool { return x.Old })
		}
		return h
	})
}

// less takes so much from the things of a member (−1 for every one), and of income not
// more than counts: below what was declared it counts for nothing. It reports what could
// not be taken.
func (h home) less(list []thing, member int, strong bool, k household.Fen, counts bool) household.Fen {
	for m := range h.Declared {
		if member >= 0 && m != member {
			continue
		}
		room := k
		if counts {
			var found household.Fen
			for _, x := range list {
				if x.Member == m && (!strong || !x.Old) {
					found += x.Amount
				}
			}
			room = max(0, min(k, found-12*h.Declared[m]))
		}
		for i := range list {
			x := &list[i]
			if x.Member != m || strong && x.Old {
				continue
			}
			take := min(room, x.Amount)
			x.Amount -= take
			room -= take
			k -= take
		}
	}
	return k
}

// changed is the household after the change that a flip states, taken off by so many
// fen; false for a change that the test can't make.
func (h home) changed(f *household.Finding, c report.Change, off household.Fen) (home, bool) {
	h.Income, h.Balances = slices.Clone(h.Income), slices.Clone(h.Balances)
	h.Vehicles, h.Homes = slices.Clone(h.Vehicles), slices.Clone(h.Homes)
	strong := f.Grade == household.GradeA && f.Effect == household.SuspectedIneligible
	k := c.Fen - off
	switch {
	case c.Kind == report.Less && strings.HasPrefix(f.Code, "income_"):
		return h, h.less(h.Income, -1, strong, k, true) == 0
	case c.Kind == report.Less && f.Code == "undeclared_income":
		return h, h.less(h.Income, f.Member-1, false, k, false) == 0
	case c.Kind == report.Less:
		return h, h.less(h.Balances, -1, strong, k, false) == 0
	case c.Kind == report.Fewer && f.Code == "vehicle_owned":
		h.Vehicles = slices.DeleteFunc(h.Vehicles, func(x thing) bool { return x.Member == f.Member-1 && (!strong || !x.Old) })
		return h, true
	case c.Kind == report.Fewer && f.Code == "several_homes":
		n := c.Count - int(off)
		h.Homes = slices.DeleteFunc(h.Homes, func(x thing) bool {
			if n > 0 && (!strong || !x.Old) {
				n--
				return true
			}
			return false
		})
		return h, n == 0
	}
	return h, false
}

func has(v *household.Verdict, f *household.Finding) bool {
	return slices.ContainsFunc(v.Findings, func(x household.Finding) bool {
		return x.Code == f.Code && x.Member == f.Member && x.Type == f.Type && x.Effect == f.Effect
	})
}

// stated are what was checked of the flips of many households, so that a test that
// checks nothing fails.
type stated struct{ less, fewer, declared, outcomes, room int }

// holds is "" when what a flip says of a household is so.
func holds(h home, flip func(*household.Verdict) report.Flips, n *stated) string {
	v := h.verdict()
	f := flip(v)
	if f.Outcome != v.Outcome {
		return "another outcome"
	}
	for _, r := range f.Room {
		n.room++
		if problem := h.room(r); problem != "" {
			return problem
		}
	}
	for _, c := range f.Lines {
		x := &v.Findings[c.Finding]
		if c.Kind == report.LessDeclared {
			n.declared++
			if none := h; true {
				none.Income = nil
				if w := none.verdict(); !strings.HasPrefix(x.Code, "income_") || w.Income.Total < w.Income.Limit {
					return "what was declared does not reach the limit"
				}
			}
			continue
		}
		cleared, ok := h.changed(x, c, 0)
		if !ok {
			if c.Kind == report.Less && c.Fen > 0 {
				return fmt.Sprintf("%s can't be lowered by %d", x.Code, c.Fen)
			}
			continue
		}
		if has(cleared.verdict(), x) {
			return fmt.Sprintf("%s is still there after the change of %d", x.Code, c.Fen)
		}
		if c.Kind == report.Fewer {
			n.fewer++
			if x.Code != "several_homes" {
				continue
			}
			if nearly, ok := h.changed(x, c, 1); !ok || !has(nearly.verdict(), x) {
				return fmt.Sprintf("several_homes is gone with fewer than %d less", c.Count)
			}
			continue
		}
		n.less++
		if nearly, ok := h.changed(x, c, 1); !ok || !has(nearly.verdict(), x) {
			return fmt.Sprintf("%s is gone after one fen less than %d", x.Code, c.Fen)
		}
	}
	if len(f.Lines) == 0 {
		return ""
	}
	return h.outcome(v, f, n)
}

// room: so much more changes nothing, a fen more does. Balances that were not declared
// have a limit of their own.
func (h home) room(r report.Room) string {
	for off, want := range map[household.Fen]bool{0: false, 1: true} {
		more := h
		code := r.Code
		if code == "income_over_limit" {
			if len(h.Income) > 0 {
				return ""
			}
			most := 12 * h.Declared[0]
			more.Income = []thing{{Amount: most + r.Fen + off}}
		} else {
			more.Financial = 1 << 40
			more.Balances = append(slices.Clone(h.Balances), thing{Amount: r.Fen + off})
		}
		w := more.verdict()
		got := slices.ContainsFunc(w.Findings, func(f household.Finding) bool {
			return f.Code == code || f.Code == strings.Replace(code, "over", "may_exceed", 1)
		})
		if got != want {
			return fmt.Sprintf("%s with %d of %d more: finding %v", code, off, r.Fen, got)
		}
	}
	return ""
}

// outcome makes every change that is stated and compares what comes out, when nothing
// else was touched by them.
func (h home) outcome(v *household.Verdict, f report.Flips, n *stated) string {
	all := h
	for _, c := range f.Lines {
		x := &v.Findings[c.Finding]
		// What an earlier change cleared already is not changed twice.
		w := all.verdict()
		i := slices.IndexFunc(w.Findings, func(y household.Finding) bool {
			return y.Code == x.Code && y.Member == x.Member && y.Type == x.Type && y.Effect == x.Effect
		})
		if i < 0 {
			continue
		}
		now := report.Flip(w)
		at := slices.IndexFunc(now.Lines, func(c report.Change) bool { return c.Finding == i })
		if at < 0 {
			return "the strongest effect changed on the way"
		}
		var ok bool
		if all, ok = all.changed(&w.Findings[i], now.Lines[at], 0); !ok {
			return ""
		}
	}
	w := all.verdict()
	var others, left []string
	for i := range v.Findings {
		if x := &v.Findings[i]; !slices.ContainsFunc(f.Lines, func(c report.Change) bool { return c.Finding == i }) {
			others = append(others, fmt.Sprint(x.Code, x.Member, x.Type))
		}
	}
	weaker := map[string]bool{}
	for _, c := range f.Lines {
		x := &v.Findings[c.Finding]
		weaker[fmt.Sprint(strings.Replace(x.Code, "over", "may_exceed", 1), x.Member, x.Type)] = true
	}
	for i := range w.Findings {
		x := fmt.Sprint(w.Findings[i].Code, w.Findings[i].Member, w.Findings[i].Type)
		if !weaker[x] {
			left = append(left, x)
		}
		delete(weaker, x)
	}
	if slices.ContainsFunc(w.Findings, func(x household.Finding) bool { return x.Effect == v.Outcome }) && v.Outcome == household.SuspectedIneligible {
		return "the outcome did not change: " + fmt.Sprint(w.Findings)
	}
	if slices.Equal(others, left) {
		n.outcomes++
		if w.Outcome != f.Then {
			return fmt.Sprintf("%s was said, %s came: %v", f.Then, w.Outcome, w.Findings)
		}
	}
	return ""
}

func flips(v *household.Verdict) report.Flips { return report.Flip(v) }

func TestFlipIsTheSmallestChange(t *testing.T) {
	var n stated
	rapid.Check(t, func(t *rapid.T) {
		h := homes().Draw(t, "home")
		if problem := holds(h, flips, &n); problem != "" {
			t.Fatal(problem)
		}
	})
	if n.less < 20 || n.fewer < 5 || n.declared < 2 || n.outcomes < 10 || n.room < 3 {
		t.Errorf("too little was stated: %+v", n)
	}
	t.Logf("%+v", n)
}

// TestAWrongFlipIsNoticed plants what somebody may get wrong and sees that the property
// finds it.
func TestAWrongFlipIsNoticed(t *testing.T) {
	for name, wrong := range map[string]func(*report.Flips){
		"a fen too little": func(f *report.Flips) { each(f, func(c *report.Change) { c.Fen-- }) },
		"a fen too much":   func(f *report.Flips) { each(f, func(c *report.Change) { c.Fen++ }) },
		"another outcome": func(f *report.Flips) {
			if f.Then == household.Unverifiable {
				f.Then = household.NoDiscrepancy
			}
		},
		"weaker evidence forgotten": func(f *report.Flips) {
			if f.Weaker {
				f.Then = household.NoDiscrepancy
			}
		},
		"a room too wide": func(f *report.Flips) {
			for i := range f.Room {
				f.Room[i].Fen++
			}
		},
		"not seen that the declaration reaches the limit": func(f *report.Flips) {
			each(f, func(*report.Change) {})
			for i := range f.Lines {
				if f.Lines[i].Kind == report.LessDeclared {
					f.Lines[i].Kind = report.Less
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n stated
			for seed := range *planted {
				h := homes().Example(seed)
				if holds(h, func(v *household.Verdict) report.Flips {
					f := flips(v)
					wrong(&f)
					return f
				}, &n) != "" {
					return
				}
			}
			t.Errorf("not noticed in %d households: %+v", *planted, n)
		})
	}
}

func each(f *report.Flips, do func(*report.Change)) {
	for i := range f.Lines {
		if f.Lines[i].Kind == report.Less {
			do(&f.Lines[i])
		}
	}
}
