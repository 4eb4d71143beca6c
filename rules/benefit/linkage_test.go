package benefit_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/benefit"
)

// china is the national rule from 2011 on, with 3.5 % as the place's choice between
// 3 and 4 % in the first years.
func china() *benefit.Linkage {
	span := func(from, to household.Date) benefit.Span { return benefit.Span{From: from, To: to} }
	monthly := []benefit.Condition{{Series: benefit.CPI, AtLeast: "cpi_trigger", Months: 1}, {Series: benefit.Food, AtLeast: "food_trigger", Months: 1}}
	return &benefit.Linkage{
		Triggers: []benefit.Trigger{
			{Span: span(20110101, 20160731), Law: "2011", Conditions: []benefit.Condition{
				{Series: benefit.CPI, AtLeast: "cpi_trigger", Months: 3}, {Series: benefit.Grain, AtLeast: "grain_trigger", Months: 3},
			}},
			{Span: span(20160801, 20211231), Law: "2016", Conditions: monthly},
			{Span: span(20220101, 20241231), Law: "发改价格〔2021〕1553号", Conditions: monthly},
			{Span: span(20250101, 20251231), Law: "-", Unresolved: "nobody knows"},
			{Span: span(20260101, 0), Law: "both", All: true, Conditions: monthly},
		},
		Formulas: []benefit.LinkFormula{{Name: benefit.FormulaSCPI, Standard: "standard", Law: "标准×SCPI"}},
		Groups: []benefit.Group{
			{Code: "dibao"},
			{Code: "tekun"},
			{Span: span(20220901, 20230331), Code: "unemployment_benefit"},
			{Span: span(20220901, 20230331), Code: "dibao_edge"},
		},
	}
}

// triggers are the dated values of the national rule; a place's own ones lie above.
func triggers(over values) func(household.Date) benefit.Values {
	return func(on household.Date) benefit.Values {
		v := values{"standard": {70000, 60000}, "cpi_trigger": both(35), "food_trigger": both(60), "grain_trigger": both(100)}
		if on >= 20220901 && on <= 20230331 {
			v["cpi_trigger"] = both(30)
		}
		maps.Copy(v, over)
		return v
	}
}

func index(t *testing.T, rows ...string) *benefit.Index {
	t.Helper()
	x, err := benefit.ParseIndex([]byte("month,cpi,food,grain,scpi\n" + strings.Join(rows, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestLinkageTriggers(t *testing.T) {
	local := func(cpi, food int64) values { return values{"cpi_trigger": both(cpi), "food_trigger": both(food)} }
	tests := map[string]struct {
		month string
		over  values
		rows  []string
		due   household.Tri
		by    string // series, trigger and rates of what holds
		law   string
	}{
		"2011: three months at the trigger": {
			month: "2011-06", rows: []string{"2011-04,3.5,9.0,2.0,", "2011-05,3.5,9.0,2.0,", "2011-06,3.5,9.0,2.0,5.0"},
			due: household.Yes, by: "cpi 3.5: 3.5 3.5 3.5", law: "2011",
		},
		"2011: one of the three a tenth below": {
			month: "2011-06", rows: []string{"2011-04,3.4,9.0,2.0,", "2011-05,3.5,9.0,2.0,", "2011-06,9.0,9.0,2.0,5.0"}, due: household.No, law: "2011",
		},
		"2011: food is no trigger, grain is": {
			month: "2011-06", rows: []string{"2011-04,1.0,20.0,10.0,", "2011-05,1.0,20.0,10.1,", "2011-06,1.0,20.0,12.0,5.0"},
			due: household.Yes, by: "grain 10.0: 12.0 10.1 10.0", law: "2011",
		},
		"2011: grain for two months only": {
			month: "2011-06", rows: []string{"2011-04,1.0,20.0,9.9,", "2011-05,1.0,20.0,10.1,", "2011-06,1.0,20.0,12.0,5.0"}, due: household.No, law: "2011",
		},
		"2011: a place that chose 4 %": {
			month: "2011-06", over: values{"cpi_trigger": both(40)},
			rows: []string{"2011-04,3.9,9.0,2.0,", "2011-05,3.9,9.0,2.0,", "2011-06,3.9,9.0,2.0,5.0"}, due: household.No, law: "2011",
		},
		"2011: a month before is not in the file": {
			month: "2011-06", rows: []string{"2011-05,3.5,9.0,2.0,", "2011-06,3.5,9.0,2.0,5.0"}, due: household.Unknown, law: "2011",
		},
		"2011: below is below, whatever is missing": {
			month: "2011-06", rows: []string{"2011-06,1.0,9.0,2.0,5.0"}, due: household.No, law: "2011",
		},
		"the last month of three":       {month: "2016-07", rows: []string{"2016-05,1.0,1.0,1.0,", "2016-06,1.0,1.0,1.0,", "2016-07,3.5,9.0,1.0,5.0"}, due: household.No, law: "2011"},
		"2016-08: one month, CPI":       {month: "2016-08", rows: []string{"2016-08,3.5,1.0,,2.0"}, due: household.Yes, by: "cpi 3.5: 3.5", law: "2016"},
		"2016-08: a tenth below":        {month: "2016-08", rows: []string{"2016-08,3.4,5.9,,2.0"}, due: household.No, law: "2016"},
		"2016-08: food":                 {month: "2016-08", rows: []string{"2016-08,1.0,6.0,,2.0"}, due: household.Yes, by: "food 6.0: 6.0", law: "2016"},
		"2016-08: both":                 {month: "2016-08", rows: []string{"2016-08,3.6,6.1,,2.0"}, due: household.Yes, by: "cpi 3.5: 3.6; food 6.0: 6.1", law: "2016"},
		"one holds, the other missing":  {month: "2016-08", rows: []string{"2016-08,3.5,,,2.0"}, due: household.Yes, by: "cpi 3.5: 3.5", law: "2016"},
		"one below, the other missing":  {month: "2016-08", rows: []string{"2016-08,3.4,,,2.0"}, due: household.Unknown, law: "2016"},
		"2021 confirms the triggers":    {month: "2021-12", rows: []string{"2021-12,3.4,6.0,,2.0"}, due: household.Yes, by: "food 6.0: 6.0", law: "2016"},
		"2022-08: 3.0 is not enough":    {month: "2022-08", rows: []string{"2022-08,3.4,5.9,,2.0"}, due: household.No, law: "发改价格〔2021〕1553号"},
		"2022-09: 3.0":                  {month: "2022-09", rows: []string{"2022-09,3.0,5.9,,2.0"}, due: household.Yes, by: "cpi 3.0: 3.0", law: "发改价格〔2021〕1553号"},
		"2022-09: a tenth below":        {month: "2022-09", rows: []string{"2022-09,2.9,5.9,,2.0"}, due: household.No, law: "发改价格〔2021〕1553号"},
		"2023-03: the last month":       {month: "2023-03", rows: []string{"2023-03,3.0,5.9,,2.0"}, due: household.Yes, by: "cpi 3.0: 3.0", law: "发改价格〔2021〕1553号"},
		"2023-04: back to 3.5":          {month: "2023-04", rows: []string{"2023-04,3.4,5.9,,2.0"}, due: household.No, law: "发改价格〔2021〕1553号"},
		"2023-04: at 3.5":               {month: "2023-04", rows: []string{"2023-04,3.5,5.9,,2.0"}, due: household.Yes, by: "cpi 3.5: 3.5", law: "发改价格〔2021〕1553号"},
		"Wuhan: CPI 3.0":                {month: "2019-05", over: local(30, 55), rows: []string{"2019-05,3.0,1.0,,2.0"}, due: household.Yes, by: "cpi 3.0: 3.0", law: "2016"},
		"Wuhan: food 5.5":               {month: "2019-05", over: local(30, 55), rows: []string{"2019-05,2.9,5.5,,2.0"}, due: household.Yes, by: "food 5.5: 5.5", law: "2016"},
		"Wuhan: a tenth below":          {month: "2019-05", over: local(30, 55), rows: []string{"2019-05,2.9,5.4,,2.0"}, due: household.No, law: "2016"},
		"Yangzhou: CPI 3 %":             {month: "2019-05", over: values{"cpi_trigger": both(30)}, rows: []string{"2019-05,3.0,5.9,,2.0"}, due: household.Yes, by: "cpi 3.0: 3.0", law: "2016"},
		"Yangzhou: food stays national": {month: "2019-05", over: values{"cpi_trigger": both(30)}, rows: []string{"2019-05,2.9,5.9,,2.0"}, due: household.No, law: "2016"},
		"unresolved":                    {month: "2025-06", rows: []string{"2025-06,9.0,9.0,,2.0"}, due: household.Unknown, law: "-"},
		"all of: both":                  {month: "2026-06", rows: []string{"2026-06,3.5,6.0,,2.0"}, due: household.Yes, by: "cpi 3.5: 3.5; food 6.0: 6.0", law: "both"},
		"all of: one":                   {month: "2026-06", rows: []string{"2026-06,3.5,5.9,,2.0"}, due: household.No, law: "both"},
		"all of: one below, one gone":   {month: "2026-06", rows: []string{"2026-06,3.4,,,2.0"}, due: household.No, law: "both"},
		"all of: one gone":              {month: "2026-06", rows: []string{"2026-06,3.5,,,2.0"}, due: household.Unknown, law: "both"},
		"nothing published":             {month: "2026-06", rows: []string{"2026-05,3.5,6.0,,2.0"}, due: household.Unknown, law: "both"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, _ := household.ParseMonth([]byte(tt.month))
			got, err := china().Month(m, index(t, tt.rows...), triggers(tt.over))
			if err != nil {
				t.Fatal(err)
			}
			var by []string
			for _, r := range got.By {
				text := fmt.Sprintf("%s %s:", r.Series, r.Threshold.Percent())
				for _, n := range r.Rates {
					text += " " + n.Percent()
				}
				by = append(by, text)
			}
			if got.Due != tt.due || strings.Join(by, "; ") != tt.by || got.Law != tt.law {
				t.Errorf("got %s by %q under %s, want %s by %q under %s", got.Due, strings.Join(by, "; "), got.Law, tt.due, tt.by, tt.law)
			}
			if missing := got.Due == household.Unknown && got.Why == ""; missing != (len(got.Missing) > 0) {
				t.Errorf("missing rates %v", got.Missing)
			}
		})
	}
}

func TestLinkageAmount(t *testing.T) {
	month := household.Month(2022*12 + 8)
	codes := func(groups []benefit.Group) (out []string) {
		for _, g := range groups {
			out = append(out, g.Code)
		}
		return out
	}
	tests := map[string]struct {
		month  household.Month
		scpi   string
		over   values
		round  benefit.Round
		amount [3]household.Fen
		none   bool
		groups []string
	}{
		"700.00 and 600.00 × 2.8 %":         {month: month, scpi: "2.8", amount: [3]household.Fen{0, 1960, 1680}, groups: []string{"dibao", "tekun", "unemployment_benefit", "dibao_edge"}},
		"the month before has fewer groups": {month: month - 1, scpi: "2.8", amount: [3]household.Fen{0, 1960, 1680}, groups: []string{"dibao", "tekun"}},
		"a fraction of a fen is the household's": {
			month: month - 1, scpi: "2.8", over: values{"standard": {63210, 60001}}, amount: [3]household.Fen{0, 1770, 1681}, groups: []string{"dibao", "tekun"}, // 1769.88 and 1680.028
		},
		"to the jiao, nearest": {
			month: month - 1, scpi: "2.8", over: values{"standard": {63210, 60001}}, round: benefit.Round{Unit: 10, Direction: household.RoundHalfUp},
			amount: [3]household.Fen{0, 1770, 1680}, groups: []string{"dibao", "tekun"},
		},
		"falling prices of the poor's basket": {month: month - 1, scpi: "-0.3", amount: [3]household.Fen{}, groups: []string{"dibao", "tekun"}},
		"no rate, no amount":                  {month: month - 1, scpi: "", none: true, groups: []string{"dibao", "tekun"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := china()
			l.Formulas[0].Round = tt.round
			got, err := l.Month(tt.month, index(t, tt.month.String()+",9.9,1.0,,"+tt.scpi), triggers(tt.over))
			if err != nil || got.Due != household.Yes {
				t.Fatalf("%s, %v", got.Due, err)
			}
			if got.Amount != tt.amount || got.HasAmount == tt.none {
				t.Errorf("amount %v, has %t; want %v", got.Amount, got.HasAmount, tt.amount)
			}
			if diff := cmp.Diff(tt.groups, codes(got.Groups)); diff != "" {
				t.Error(diff)
			}
			if tt.none && !cmp.Equal(got.Missing, []benefit.MissingRate{{Series: benefit.SCPI, Month: tt.month}}) {
				t.Errorf("missing %v", got.Missing)
			}
		})
	}
}

func TestLinkageErrors(t *testing.T) {
	x := index(t, "2010-12,9.0,9.0,,9.0", "2020-01,9.0,9.0,,9.0")
	without := func(name string) func(household.Date) benefit.Values {
		return func(on household.Date) benefit.Values {
			v := triggers(nil)(on).(values)
			delete(v, name)
			return v
		}
	}
	tests := map[string]struct {
		month  household.Month
		values func(household.Date) benefit.Values
		change func(*benefit.Linkage)
		want   string
	}{
		"before the rule": {2010*12 + 11, triggers(nil), nil, "no trigger is in force on 2010-12-01"},
		"no trigger":      {2020 * 12, without("cpi_trigger"), nil, "no value of cpi_trigger on 2020-01-01"},
		"no formula":      {2020 * 12, triggers(nil), func(l *benefit.Linkage) { l.Formulas[0].From = 20300101 }, "no formula is in force on 2020-01-01"},
		"a huge standard": {2020 * 12, triggers(values{"standard": both(1 << 60)}), nil, benefit.ErrTooLarge.Error()},
		"no month":        {0, triggers(nil), nil, "month is none"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := china()
			if tt.change != nil {
				tt.change(l)
			}
			if _, err := l.Month(tt.month, x, tt.values); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// A subsidy of which nobody knows the amount is due all the same.
func TestLinkageWithoutAStandard(t *testing.T) {
	x := index(t, "2020-01,9.0,9.0,,9.0")
	r, err := china().Month(2020*12, x, func(on household.Date) benefit.Values {
		v := triggers(nil)(on).(values)
		delete(v, "standard")
		return v
	})
	if err != nil || r.Due != household.Yes || !r.StandardUnknown || r.HasAmount {
		t.Errorf("due %s, standard unknown %v, amount %v, error %v", r.Due, r.StandardUnknown, r.HasAmount, err)
	}
}

func TestParseIndex(t *testing.T) {
	x, err := benefit.ParseIndex([]byte("\ufeff月份,食品价格,居民消费价格\r\n202209, 8.8 ,2.8\r\n\r\n2022-10,-0.3,\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	september, october := household.Month(2022*12+8), household.Month(2022*12+9)
	for _, tt := range []struct {
		s    benefit.Series
		m    household.Month
		want benefit.Rate
		ok   bool
	}{
		{benefit.CPI, september, 28, true},
		{benefit.Food, september, 88, true},
		{benefit.SCPI, september, 0, false},
		{benefit.CPI, october, 0, false},
		{benefit.Food, october, -3, true},
		{benefit.Food, october + 1, 0, false},
		{99, october, 0, false},
	} {
		if got, ok := x.Rate(tt.s, tt.m); got != tt.want || ok != tt.ok {
			t.Errorf("%s of %s: %d %t", tt.s, tt.m, got, ok)
		}
	}
	if diff := cmp.Diff([]household.Month{september, october}, x.Months()); diff != "" {
		t.Error(diff)
	}
}

func TestParseIndexFaults(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string // line:column: problem
	}{
		"empty":              {"", []string{"1:1: an empty file"}},
		"no month":           {"cpi,food\n1.0,2.0\n", []string{"1:1: no column month"}},
		"an unknown column":  {"month,ppi\n2022-09,1.0\n", []string{`1:7: unknown column "ppi"`}},
		"a column twice":     {"month,cpi,居民消费价格\n", []string{`1:11: a second column "居民消费价格"`}},
		"every bad row":      {"month,cpi\n2022-13,1.0\n2022-09,x\n2022-09,1.0,2.0\n", []string{`2:1: "2022-13" is not a month`, `3:9: "x" is not a rate`, "4:1: 3 cells"}},
		"a month twice":      {"month,cpi\n2022-09,1.0\n202209,1.1\n", []string{"3:1: month 2022-09 a second time"}},
		"two decimals":       {"month,cpi\n2022-09,2.85\n", []string{`2:9: "2.85" is not a rate`}},
		"a percent sign":     {"month,cpi\n2022-09,2.8%\n", []string{`2:9: "2.8%" is not a rate`}},
		"only a point":       {"month,cpi\n2022-09,.5\n", []string{`2:9: ".5" is not a rate`}},
		"a plus":             {"month,cpi\n2022-09,+2.8\n", []string{`2:9: "+2.8" is not a rate`}},
		"an index":           {"month,cpi\n2022-09,102.8\n", []string{`2:9: "102.8" is not a rate of prices`}},
		"an open quote":      {"month,cpi\n\"2022-09,1.0\n", []string{"2:14: extraneous"}},
		"a month left empty": {"month,cpi\n,1.0\n", []string{`2:1: "" is not a month`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x, err := benefit.ParseIndex([]byte(tt.text))
			var faults benefit.IndexErrors
			if !errors.As(err, &faults) || x != nil {
				t.Fatalf("read as %v with error %v", x, err)
			}
			if len(faults) != len(tt.want) {
				t.Fatalf("faults:\n%v\nwant %q", faults, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(faults[i].Error(), want) {
					t.Errorf("got %s, want %s", faults[i], want)
				}
			}
		})
	}
}

func FuzzParseIndex(f *testing.F) {
	f.Add([]byte("month,cpi,food,scpi\n2022-09,2.8,8.8,3.1\n"))
	f.Add([]byte("月份,cpi\n202209,-0.3\n2022-10,\n"))
	f.Add([]byte("month\n\"\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		x, err := benefit.ParseIndex(content)
		if (x == nil) == (err == nil) {
			t.Fatalf("%v and %v", x, err)
		}
		if err != nil {
			return
		}
		for _, m := range x.Months() {
			if m == 0 {
				t.Fatal("a row without a month")
			}
			for s := benefit.CPI; s <= benefit.SCPI; s++ {
				if r, ok := x.Rate(s, m); r < -500 || r > 500 || !ok && r != 0 {
					t.Fatalf("%s of %s: %d %t", s, m, r, ok)
				}
			}
		}
	})
}
