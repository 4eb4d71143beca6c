package rules_test

import (
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// asked answers by name and takes down what it was asked; what it has no answer to
// nobody knows.
type asked struct {
	answers map[string]any
	names   map[string]bool
}

func (a *asked) Var(v *rules.Var, _ int) (any, bool) {
	a.names[v.Name] = true
	is, known := a.answers[v.Name]
	return is, known
}

// A condition of single-person applications asks nothing else of other households.
func TestAConditionEndsAtAPlainNo(t *testing.T) {
	p, err := rules.Load("dibao")
	if err != nil {
		t.Fatal(err)
	}
	law, err := p.On(20220615, "")
	if err != nil {
		t.Fatal(err)
	}
	var c *rules.Condition
	for i := range law.Rules {
		if law.Rules[i].Code == "single_person_class" {
			c = law.Rules[i].When
		}
	}
	if c == nil {
		t.Fatal("dibao has no such rule")
	}
	tests := map[string]struct {
		answers map[string]any
		want    household.Tri
		alone   bool // nothing but the gate is asked
	}{
		"no":                    {map[string]any{"household.single_person": false}, household.No, true},
		"nobody knows the gate": {map[string]any{"member.is.clergy": false, "member.is.edge_household": false}, household.Unknown, false},
		"yes, in no class":      {map[string]any{"household.single_person": true, "member.is.clergy": false, "member.is.edge_household": false}, household.Yes, false},
		"yes, in one":           {map[string]any{"household.single_person": true, "member.is.clergy": true}, household.No, false},
		"yes, the class open":   {map[string]any{"household.single_person": true, "member.is.clergy": false}, household.Unknown, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := &asked{tt.answers, map[string]bool{}}
			is, err := c.Eval(a, 0)
			if err != nil || is != tt.want {
				t.Errorf("%v %v, want %v", is, err, tt.want)
			}
			if alone := len(a.names) == 1; alone != tt.alone {
				t.Errorf("asked for %v", a.names)
			}
		})
	}
}
