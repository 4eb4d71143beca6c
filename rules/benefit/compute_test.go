package benefit_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/benefit"
)

// values are parameters that hold on any date; a name that ends in "?" was never
// verified.
type values map[string][2]int64

func (v values) Value(name string, residence uint8, _ int) (int64, bool, bool) {
	for _, verified := range []bool{true, false} {
		key := name
		if !verified {
			key += "?"
		}
		if n, ok := v[key]; ok {
			return n[residence-1], verified, true
		}
	}
	return 0, false, false
}

func both(n int64) [2]int64 { return [2]int64{n, n} }

func people(n int) []benefit.Member {
	out := make([]benefit.Member, n)
	for i := range out {
		out[i] = benefit.Member{Number: i + 1, Relation: 1, Age: 40, Sex: 1}
	}
	return out
}

func yuanUp() benefit.Round { return benefit.Round{Unit: 100, Direction: household.RoundUp} }

// plan has every part.
func plan() *benefit.Plan {
	old := benefit.Method{
		Span: benefit.Span{From: 20121212, To: 20210630}, Kind: benefit.Difference, Standard: "standard", Round: yuanUp(), Minimum: "minimum", Law: "民发〔2012〕220号",
	}
	tiers := benefit.Method{
		Span: benefit.Span{From: 20210701, To: 20251231}, Kind: benefit.Tiers, Standard: "standard", Law: "民发〔2021〕57号",
		Tiers: []benefit.Tier{{BelowPercent: 30, Amount: "tier_one"}, {BelowPercent: 60, Amount: "tier_two"}, {BelowPercent: 100, Amount: "tier_three"}},
	}
	return &benefit.Plan{
		Methods: []benefit.Method{old, tiers, {Span: benefit.Span{From: 20260101}, Unresolved: "the new text is not out", Law: "-"}},
		Single: []benefit.Single{
			{Span: benefit.Span{To: 20210630}, Kind: benefit.Fixed, Amount: "single", Law: "单人保"},
			{Span: benefit.Span{From: 20210701}, Kind: benefit.Difference, Standard: "standard", Round: yuanUp(), Law: "单人保"},
		},
		AddOns: []benefit.AddOn{
			{Code: "elderly", Who: benefit.Who{AgeFrom: 70}, PercentOf: "standard", Percent: "elderly_percent", Law: "分类施保"},
			{Code: "severe", Who: benefit.Who{AnyOf: []string{"severe_disability", "serious_illness"}}, Amount: "severe", Law: "分类施保"},
			{Code: "severe_too", Who: benefit.Who{AnyOf: []string{"serious_illness"}}, Amount: "severe", Law: "分类施保"},
			{Span: benefit.Span{To: 20150101}, Code: "minor", Who: benefit.Who{AgeUnder: 18}, Amount: "severe", Law: "分类施保"},
		},
		Tapering: []benefit.Tapering{{Months: 6, When: benefit.RiseEmployment, Law: "民发〔2022〕83号"}},
		Start:    benefit.MonthAfterDecision,
	}
}

func allValues() values {
	return values{
		"standard": {63200, 60000}, "minimum": both(5000), "single": {50000, 40000}, "elderly_percent": both(30), "severe?": {20000, 15000},
		"tier_one": both(60000), "tier_two": both(40000), "tier_three": both(20000),
	}
}

// row is a line of a sheet, short.
type row struct {
	Code    string
	Member  int
	Formula string
	Amount  household.Fen
}

func rows(s *benefit.Sheet) []row {
	var out []row
	for _, l := range s.Lines {
		out = append(out, row{l.Code, l.Member, l.Formula.String(), l.Amount})
	}
	return out
}

// TestDividedOnce is the case in which a real system paid 3.00 for 2.00: it averaged
// the income first, rounded, and multiplied by the members again.
func TestDividedOnce(t *testing.T) {
	const standard, income, members, months = household.Fen(63200), household.Fen(189400), 3, 12
	p := &benefit.Plan{Methods: []benefit.Method{{Kind: benefit.Difference, Standard: "standard", Round: yuanUp()}}}
	in := benefit.Input{Residence: household.Urban, Members: people(members), Income: income * months, Months: months}
	s, err := benefit.Compute(p, 20200101, in, values{"standard": both(int64(standard))})
	if err != nil {
		t.Fatal(err)
	}
	want := []row{{"difference", 0, "(63200 × 3 × 12 − 2272800) ÷ 12", 200}}
	if diff := cmp.Diff(want, rows(s)); diff != "" || s.Total != 200 {
		t.Errorf("total %d\n%s", s.Total, diff)
	}

	// The other order, to show what it does.
	average, _ := household.MulDiv(int64(income), 1, members, household.RoundHalfUp)
	each := household.RoundTo(standard-household.Fen(average), 100, household.RoundUp)
	if wrong := each * members; wrong != 300 {
		t.Errorf("dividing first gives %d, so the example shows nothing", wrong)
	}
}

func TestCompute(t *testing.T) {
	old := func(members int, monthly household.Fen) benefit.Input {
		return benefit.Input{Residence: household.Urban, Members: people(members), Income: monthly * 12, Months: 12}
	}
	with := func(in benefit.Input, change func(*benefit.Input)) benefit.Input { change(&in); return in }
	const before, after = 20200601, 20240601
	tests := map[string]struct {
		on         household.Date
		in         benefit.Input
		want       []row
		reason     benefit.Reason
		confirm    []benefit.Confirm
		unverified bool
	}{
		"difference": {on: before, in: old(2, 30000), want: []row{{"difference", 0, "(63200 × 2 × 12 − 360000) ÷ 12", 96400}}},
		"rounded up to the yuan": {
			on: before, in: with(old(2, 30000), func(in *benefit.Input) { in.Income++ }),
			want: []row{{"difference", 0, "(63200 × 2 × 12 − 360001) ÷ 12", 96400}},
		},
		"one fen missing gives one yuan, and that the minimum": {
			on: before, in: with(old(1, 63200), func(in *benefit.Input) { in.Income-- }),
			want: []row{{"difference", 0, "(63200 × 1 × 12 − 758399) ÷ 12", 100}, {"minimum", 0, "5000 − 100", 4900}},
		},
		"at the minimum": {on: before, in: old(1, 58200), want: []row{{"difference", 0, "(63200 × 1 × 12 − 698400) ÷ 12", 5000}}},
		"at the standard: nothing, and no minimum": {
			on: before, in: old(1, 63200), reason: benefit.ReasonNotBelow,
			want: []row{{"difference", 0, "max(0, 63200 × 1 × 12 − 758400)", 0}},
		},
		"above the standard": {
			on: before, in: old(2, 200000), reason: benefit.ReasonNotBelow,
			want: []row{{"difference", 0, "max(0, 63200 × 2 × 12 − 2400000)", 0}},
		},
		"a window of three months": {
			on: before, in: benefit.Input{Residence: household.Rural, Members: people(1), Income: 100, Months: 3},
			want: []row{{"difference", 0, "(60000 × 1 × 3 − 100) ÷ 3", 60000}},
		},
		"last day of the difference": {on: 20210630, in: old(1, 0), want: []row{{"difference", 0, "(63200 × 1 × 12 − 0) ÷ 12", 63200}}},
		"first day of the tiers":     {on: 20210701, in: old(2, 0), want: []row{{"tier", 0, "60000 × 2", 120000}}},
		"just below the first tier": {
			on: after, in: with(old(2, 37920), func(in *benefit.Input) { in.Income-- }), // 2 × 30 % of 632.00
			want: []row{{"tier", 0, "60000 × 2", 120000}},
		},
		"at the first tier":   {on: after, in: old(2, 37920), want: []row{{"tier", 0, "40000 × 2", 80000}}},
		"just below the last": {on: after, in: old(1, 63199), want: []row{{"tier", 0, "20000 × 1", 20000}}},
		"above the tiers": {
			on: after, in: old(1, 63200), reason: benefit.ReasonAboveTiers,
			want: []row{{"tier", 0, "0", 0}},
		},
		"single person, fixed": {
			on: before, in: with(old(3, 500000), func(in *benefit.Input) { in.Single = 2 }),
			want: []row{{"single_person", 2, "50000", 50000}},
		},
		"single person, difference of the one alone": {
			on: after, in: with(old(3, 500000), func(in *benefit.Input) { in.Single, in.Members[1].Income = 2, 120001 }),
			want: []row{{"single_person", 2, "(63200 × 1 × 12 − 120001) ÷ 12", 53200}},
		},
		"single person gets no other's add-on": {
			on: before, in: with(old(2, 0), func(in *benefit.Input) { in.Single, in.Members[1].Age = 1, 80 }),
			want: []row{{"single_person", 1, "50000", 50000}},
		},
		"add-on of a percentage": {
			on: before, in: with(old(1, 0), func(in *benefit.Input) { in.Members[0].Age = 70 }),
			want: []row{{"difference", 0, "(63200 × 1 × 12 − 0) ÷ 12", 63200}, {"elderly", 1, "63200 × 30 ÷ 100", 18960}},
		},
		"two reasons, the larger": {
			on: before, unverified: true,
			in: with(old(1, 0), func(in *benefit.Input) {
				in.Members[0].Age, in.Members[0].Attributes = 70, map[string]household.Tri{"severe_disability": household.Yes, "serious_illness": household.Yes}
			}),
			want: []row{{"difference", 0, "(63200 × 1 × 12 − 0) ÷ 12", 63200}, {"severe", 1, "20000", 20000}},
		},
		"unknown is listed and never added": {
			on: before,
			in: with(old(1, 0), func(in *benefit.Input) {
				in.Members[0].Attributes = map[string]household.Tri{"serious_illness": household.No}
			}),
			want: []row{{"difference", 0, "(63200 × 1 × 12 − 0) ÷ 12", 63200}},
			confirm: []benefit.Confirm{
				{Code: "severe", Member: 1, Unknown: []string{"severe_disability"}, Adds: 20000, Law: "分类施保"},
			},
		},
		"unknown adds what is above the known": {
			on: before,
			in: with(old(1, 0), func(in *benefit.Input) {
				in.Members[0].Age, in.Members[0].Attributes = 70, map[string]household.Tri{"severe_disability": household.No}
			}),
			want: []row{{"difference", 0, "(63200 × 1 × 12 − 0) ÷ 12", 63200}, {"elderly", 1, "63200 × 30 ÷ 100", 18960}},
			confirm: []benefit.Confirm{
				{Code: "severe", Member: 1, Unknown: []string{"serious_illness"}, Adds: 1040, Law: "分类施保"},
				{Code: "severe_too", Member: 1, Unknown: []string{"serious_illness"}, Adds: 1040, Law: "分类施保"},
			},
		},
		"unknown age": {
			on: before, in: with(old(1, 0), func(in *benefit.Input) {
				in.Members[0].Age, in.Members[0].Attributes = -1, map[string]household.Tri{"severe_disability": household.No, "serious_illness": household.No}
			}),
			want:    []row{{"difference", 0, "(63200 × 1 × 12 − 0) ÷ 12", 63200}},
			confirm: []benefit.Confirm{{Code: "elderly", Member: 1, Unknown: []string{"age"}, Adds: 18960, Law: "分类施保"}},
		},
		"an add-on out of force": {
			on: before, in: with(old(1, 0), func(in *benefit.Input) { in.Members[0].Age = 5 }),
			want: []row{{"difference", 0, "(63200 × 1 × 12 − 0) ÷ 12", 63200}},
		},
		"no add-on without entitlement": {
			on: before, in: with(old(1, 70000), func(in *benefit.Input) { in.Members[0].Age = 90 }), reason: benefit.ReasonNotBelow,
			want: []row{{"difference", 0, "max(0, 63200 × 1 × 12 − 840000)", 0}},
		},
		"tapering": {
			on:   before,
			in:   with(old(1, 70000), func(in *benefit.Input) { in.PaidBefore, in.Rise, in.Tapered = 33300, benefit.RiseEmployment, 5 }),
			want: []row{{"difference", 0, "max(0, 63200 × 1 × 12 − 840000)", 0}, {"tapering", 0, "33300", 33300}},
		},
		"tapering is over": {
			on:     before,
			in:     with(old(1, 70000), func(in *benefit.Input) { in.PaidBefore, in.Rise, in.Tapered = 33300, benefit.RiseEmployment, 6 }),
			reason: benefit.ReasonNotBelow,
			want:   []row{{"difference", 0, "max(0, 63200 × 1 × 12 − 840000)", 0}},
		},
		"another rise does not taper": {
			on: before, in: with(old(1, 70000), func(in *benefit.Input) { in.PaidBefore, in.Rise = 33300, benefit.RiseOther }), reason: benefit.ReasonNotBelow,
			want: []row{{"difference", 0, "max(0, 63200 × 1 × 12 − 840000)", 0}},
		},
		"an unknown rise is asked for": {
			on: before, in: with(old(1, 70000), func(in *benefit.Input) { in.PaidBefore = 33300 }), reason: benefit.ReasonNotBelow,
			want:    []row{{"difference", 0, "max(0, 63200 × 1 × 12 − 840000)", 0}},
			confirm: []benefit.Confirm{{Code: "tapering", Unknown: []string{"reason_of_rise"}, Adds: 33300, Law: "民发〔2022〕83号"}},
		},
		"below the standard nothing tapers": {
			on: before, in: with(old(1, 0), func(in *benefit.Input) { in.PaidBefore, in.Rise = 99900, benefit.RiseEmployment }),
			want: []row{{"difference", 0, "(63200 × 1 × 12 − 0) ÷ 12", 63200}},
		},
	}
	sure := map[string]household.Tri{"severe_disability": household.No, "serious_illness": household.No}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for i := range tt.in.Members {
				if m := &tt.in.Members[i]; m.Attributes == nil {
					m.Attributes = sure
				}
			}
			s, err := benefit.Compute(plan(), tt.on, tt.in, allValues())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, rows(s)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.confirm, s.Confirm); diff != "" {
				t.Errorf("to confirm (-want +got):\n%s", diff)
			}
			if s.Reason != tt.reason || s.Verified == tt.unverified || s.Start != tt.on.MonthOf()+1 {
				t.Errorf("reason %q, verified %t, from %s", s.Reason, s.Verified, s.Start)
			}
		})
	}
}

func TestComputeErrors(t *testing.T) {
	good := benefit.Input{Residence: household.Urban, Members: people(1), Months: 12}
	tests := map[string]struct {
		on     household.Date
		change func(*benefit.Input, values)
		want   string
	}{
		"before the law":    {20100101, nil, "no method is in force on 2010-01-01"},
		"unresolved":        {20260101, nil, "no method is in force on 2026-01-01: the new text is not out"},
		"no value":          {20200101, func(_ *benefit.Input, v values) { delete(v, "standard") }, "no value of standard on 2020-01-01"},
		"no minimum":        {20200101, func(in *benefit.Input, v values) { delete(v, "minimum"); in.Income = 600000 }, "no value of minimum on 2020-01-01"},
		"no tier":           {20240101, func(_ *benefit.Input, v values) { delete(v, "tier_one") }, "no value of tier_one on 2024-01-01"},
		"no add-on":         {20200101, func(_ *benefit.Input, v values) { delete(v, "severe?") }, "no value of severe on 2020-01-01"},
		"no percentage":     {20200101, func(in *benefit.Input, v values) { delete(v, "elderly_percent"); in.Members[0].Age = 70 }, "no value of elderly_percent on 2020-01-01"},
		"no residence":      {20200101, func(in *benefit.Input, _ values) { in.Residence = 0 }, "residence is neither urban nor rural"},
		"nobody":            {20200101, func(in *benefit.Input, _ values) { in.Members = nil }, "members names nobody"},
		"no months":         {20200101, func(in *benefit.Input, _ values) { in.Months = 0 }, "months is 0, want 1 to 120"},
		"income below 0":    {20200101, func(in *benefit.Input, _ values) { in.Income = -1 }, "income is below 0 or too large"},
		"someone else":      {20200101, func(in *benefit.Input, _ values) { in.Single = 9 }, "single names member 9, who is not counted"},
		"a huge standard":   {20200101, func(_ *benefit.Input, v values) { v["standard"] = both(1 << 62) }, benefit.ErrTooLarge.Error()},
		"a negative value":  {20200101, func(_ *benefit.Input, v values) { v["standard"] = both(-1) }, benefit.ErrTooLarge.Error()},
		"a huge tier":       {20240101, func(_ *benefit.Input, v values) { v["tier_one"] = both(int64(household.MaxFen) + 1) }, benefit.ErrTooLarge.Error()},
		"a negative taper":  {20200101, func(in *benefit.Input, _ values) { in.Tapered = -1 }, "tapered is below 0"},
		"a negative before": {20200101, func(in *benefit.Input, _ values) { in.PaidBefore = -1 }, "paid_before is below 0 or too large"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in, v := good, allValues()
			in.Members = people(1)
			if tt.change != nil {
				tt.change(&in, v)
			}
			s, err := benefit.Compute(plan(), tt.on, in, v)
			if err == nil || err.Error() != tt.want || s != nil {
				t.Errorf("got %v and %v, want %s", s, err, tt.want)
			}
		})
	}
	var law *benefit.NoLawError
	if _, err := benefit.Compute(plan(), 20100101, good, allValues()); !errors.As(err, &law) || law.What != "method" {
		t.Errorf("not typed: %v", err)
	}
}

// TestDifferenceLaws holds what must be so for every household.
func TestDifferenceLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		standard := rapid.Int64Range(1, 500000).Draw(t, "standard")
		members, months := rapid.IntRange(1, 12).Draw(t, "members"), rapid.IntRange(1, 12).Draw(t, "months")
		income := rapid.Int64Range(0, 500000*12*12).Draw(t, "income")
		unit := rapid.SampledFrom([]household.Fen{1, 10, 100}).Draw(t, "unit")
		p := &benefit.Plan{Methods: []benefit.Method{{Kind: benefit.Difference, Standard: "standard", Round: benefit.Round{Unit: unit, Direction: household.RoundUp}}}}
		pay := func(income int64) household.Fen {
			in := benefit.Input{Residence: household.Rural, Members: people(members), Income: household.Fen(income), Months: months}
			s, err := benefit.Compute(p, 20200101, in, values{"standard": both(standard)})
			if err != nil {
				t.Fatal(err)
			}
			var sum household.Fen
			for _, l := range s.Lines {
				sum += l.Amount
			}
			if sum != s.Total {
				t.Fatalf("lines add up to %d, the total is %d", sum, s.Total)
			}
			return s.Total
		}
		got := pay(income)
		need := standard*int64(members*months) - income
		switch {
		case need <= 0 && got != 0:
			t.Fatalf("paid %d to a household that lacks nothing", got)
		case need > 0 && int64(got)*int64(months) < need:
			t.Fatalf("paid %d a month, which leaves a gap", got)
		case need > 0 && int64(got-unit)*int64(months) >= need:
			t.Fatalf("paid %d a month, a whole unit too much", got)
		}
		if more := pay(income + 1); more > got {
			t.Fatalf("one fen more income pays %d for %d", more, got)
		}
	})
}
