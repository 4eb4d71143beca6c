package words

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// SizeLimit is the limit of a rule for a household of some size: the first amount, or the
// first number, with which the rule fires.
type SizeLimit struct {
	Size         int // counted members
	Urban, Rural int64
}

// Limits are the limits of a rule for households of one to sizes members. They are nil
// when the rule has none, or nobody knows it.
func Limits(l *rules.Law, rule, sizes int) []SizeLimit {
	r := &l.Rules[rule]
	if name, _ := r.Limit(); name == "" || r.Unresolved != "" {
		return nil
	}
	var out []SizeLimit
	for n := 1; n <= sizes; n++ {
		out = append(out, SizeLimit{n, first(l, rule, household.Urban, n), first(l, rule, household.Rural, n)})
	}
	return out
}

// first is the first number that the rule fires at.
func first(l *rules.Law, rule int, residence uint8, size int) int64 {
	n := l.Of(rule, residence, size)
	if l.Rules[rule].Op == rules.MoreThan {
		n++
	}
	return n
}
