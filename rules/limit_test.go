package rules_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func TestLimit(t *testing.T) {
	percent, permille, count := rules.UnitPercent, rules.UnitPermille, rules.UnitCount
	cases := []struct {
		name    string
		op      rules.Op
		value   int64
		perYear bool
		factors []rules.Factor
		want    int64
	}{
		{"alone", rules.MoreThan, 7, false, nil, 7},
		{"times", rules.MoreThan, 7, false, []rules.Factor{{12, count}, {3, count}}, 252},
		{"per year, at least is rounded up", rules.AtLeast, 100, true, nil, 9},
		{"per year, more than is rounded down", rules.MoreThan, 100, true, nil, 8},
		{"divided once", rules.MoreThan, 100, true, []rules.Factor{{12, count}}, 100},
		{"percent and permille", rules.AtLeast, 1001, false, []rules.Factor{{150, percent}, {500, permille}}, 751},
		{"past int64", rules.AtLeast, math.MaxInt64, true, []rules.Factor{{2, count}}, math.MaxInt64},
		{"nothing times much", rules.AtLeast, math.MaxInt64, false, []rules.Factor{{2, count}, {0, count}}, 0},
		{"a divisor past int64", rules.AtLeast, 5, false, []rules.Factor{
			{1, permille}, {1, permille}, {1, permille}, {1, permille}, {1, permille}, {1, permille}, {1, permille},
		}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := rules.Limit(c.op, c.value, c.perYear, c.factors); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// TestLimitIsTheLaws compares Limit with what the law of a shipped pack gives.
func TestLimitIsTheLaws(t *testing.T) {
	p, err := rules.Load("dibao")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		on := household.Date(rapid.IntRange(2014, 2025).Draw(rt, "year")*10000 + 601)
		residence := uint8(rapid.IntRange(1, 2).Draw(rt, "residence"))
		counted := rapid.IntRange(1, 9).Draw(rt, "counted")
		l, err := p.On(on, "")
		if err != nil {
			rt.Fatal(err)
		}
		for i := range l.Rules {
			r := &l.Rules[i]
			name, times := r.Limit()
			if name == "" || r.Unresolved != "" {
				continue
			}
			v, _ := l.Provenance(name)
			var factors []rules.Factor
			for _, f := range times {
				switch f {
				case "window_months":
					factors = append(factors, rules.Factor{Value: int64(l.Windows[residence].Months), Unit: rules.UnitCount})
				case "counted_members":
					factors = append(factors, rules.Factor{Value: int64(counted), Unit: rules.UnitCount})
				default:
					w, ok := l.Provenance(f)
					if !ok {
						rt.Fatalf("%s: factor %s", r.Code, f)
					}
					factors = append(factors, rules.Factor{Value: w.For(residence, counted), Unit: w.Parameter.Unit})
				}
			}
			if got, want := rules.Limit(r.Op, v.For(residence, counted), v.Parameter.PerYear, factors), l.Of(i, residence, counted); got != want {
				rt.Errorf("%s on %s: %d, the law says %d", r.Code, on, got, want)
			}
		}
	})
}

// said answers conditions from a table; what is not in it is unknown.
type said map[string]any

func (s said) Var(v *rules.Var, _ int) (value any, known bool) {
	value, known = s[v.Name]
	return value, known
}

func TestRecompile(t *testing.T) {
	vars := []rules.Var{{Name: "household.income", Type: "int"}, {Name: "member.is.student", Type: "bool"}, {Name: "household.residence", Type: "string"}}
	const source = `household.income > 5 && (member.is.student || household.residence == "rural")`
	c, err := rules.Recompile(source, vars)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		facts said
		want  household.Tri
	}{
		{said{"household.income": int64(6), "member.is.student": true, "household.residence": "urban"}, household.Yes},
		{said{"household.income": int64(5), "member.is.student": true, "household.residence": "urban"}, household.No},
		{said{"household.income": int64(6), "household.residence": "rural"}, household.Yes},
		{said{"household.income": int64(6), "household.residence": "urban"}, household.Unknown},
		{said{"household.income": int64(5), "household.residence": "urban"}, household.No},
	}
	for _, x := range cases {
		if got, err := c.Eval(x.facts, 0); got != x.want || err != nil {
			t.Errorf("%v: %s %v, want %s", x.facts, got, err, x.want)
		}
	}
	for _, source := range []string{`household.adults > 5`, `household.income`, `household.income >`} {
		if _, err := rules.Recompile(source, vars); err == nil {
			t.Errorf("%s was compiled", source)
		}
	}
	if _, err := rules.Recompile(source, []rules.Var{{Name: "household.income", Type: "float"}}); err == nil {
		t.Error("a variable without a type was taken")
	}
}
