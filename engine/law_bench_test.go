package engine_test

import (
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// earlier is the same world so many months before. Days stay, so they must exist.
func earlier(w world, months household.Month) world {
	back := func(d household.Date, lastDay bool) household.Date {
		m := d.MonthOf() - months
		day := d.Day()
		for ; ; day-- {
			if out, ok := household.NewDate(m.Year(), int(m)%12+1, day); ok && (lastDay || day == d.Day()) {
				return out
			}
		}
	}
	w.On = back(w.On, false)
	for i := range w.Snapshots {
		s := &w.Snapshots[i]
		s.AsOf = back(s.AsOf, true)
		s.Covers.From -= min(months, s.Covers.From)
		s.Covers.To -= min(months, s.Covers.To)
		var supplies []household.Months
		for _, r := range s.Supplies {
			supplies = append(supplies, household.Months{From: r.From - months, To: r.To - months})
		}
		s.Supplies = supplies
	}
	for i := range w.Records {
		d := &w.Records[i].Data
		switch w.Records[i].Source {
		case household.Tax:
			d.Tax.Period -= household.Period(months)
		case household.Bank:
			d.Bank.BalanceOn = back(d.Bank.BalanceOn, true)
		case household.Insurance:
			d.Insurance.Month -= months
		}
	}
	return w
}

// family says how the members of an ordinary household are related.
func family(w world) world {
	for i, r := range []string{"head", "spouse", "child"} {
		w.Members[i].Relation = r
	}
	return w
}

// lawCases are households of three with 70 records, by the packs they are judged by.
func lawCases(t testing.TB) map[string]struct {
	pack *rules.Pack
	w    world
} {
	t.Helper()
	dibao, err := rules.Load("dibao")
	if err != nil {
		t.Fatal(err)
	}
	since := household.Month(2026*12 + 10 - (2022*12 + 5)) // 2022-06
	adult := func(w world) world {
		w.Members[2].Relation = "spouse" // the law takes the third in without proof
		return w
	}
	return map[string]struct {
		pack *rules.Pack
		w    world
	}{
		"pack=reference/findings=0": {reference(), ordinary(10000)},
		"pack=reference/findings=1": {reference(), ordinary(110000)},
		"pack=dibao/findings=0":     {dibao, earlier(adult(family(ordinary(10000))), since)},
		"pack=dibao/findings=2":     {dibao, earlier(family(ordinary(110000)), since)},
	}
}

// BenchmarkRules judges facts that have been gathered: what the rules alone cost. The
// goals for a household without findings are 1 µs by reference and 5 µs by dibao.
func BenchmarkRules(b *testing.B) {
	for name, c := range lawCases(b) {
		b.Run(name, func(b *testing.B) {
			worker, plan, profiles := preparedBy(b, c.pack, c.w)
			var out household.Verdict
			if err := worker.Verify(plan, profiles, &out); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				worker.Judge(&out)
			}
			b.ReportMetric(float64(len(out.Findings)), "findings")
		})
	}
}

// BenchmarkVerifyByPack is the whole verdict, for comparison.
func BenchmarkVerifyByPack(b *testing.B) {
	for name, c := range lawCases(b) {
		b.Run(name, func(b *testing.B) {
			worker, plan, profiles := preparedBy(b, c.pack, c.w)
			var out household.Verdict
			b.ReportAllocs()
			for b.Loop() {
				if err := worker.Verify(plan, profiles, &out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(out.Findings)), "findings")
		})
	}
}

// TestRulesDoNotAllocate holds the native rules to nothing at all, with findings and
// without.
func TestRulesDoNotAllocate(t *testing.T) {
	for name, c := range lawCases(t) {
		t.Run(name, func(t *testing.T) {
			worker, plan, profiles := preparedBy(t, c.pack, c.w)
			var out household.Verdict
			verify := func() {
				if err := worker.Verify(plan, profiles, &out); err != nil {
					t.Fatal(err)
				}
			}
			verify()
			if n := testing.AllocsPerRun(100, func() { worker.Judge(&out) }); n != 0 {
				t.Errorf("%.0f allocations by the rules of a verdict %s with %d findings", n, out.Outcome, len(out.Findings))
			}
			if n := testing.AllocsPerRun(100, verify); n != 0 {
				t.Errorf("%.0f allocations by the whole verdict", n)
			}
		})
	}
}
