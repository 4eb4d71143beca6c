package mutate

import (
	"path"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// places are where the pieces of one law stand. A value of the country that an overlay
// has its own for, and a rule that one replaces, are not among them.
type places map[rules.Place]bool

// add keeps the line of a place only, which is what both readers of a file agree on.
func (p places) add(at rules.Place) { p[rules.Place{File: at.File, Line: at.Line}] = true }

// lawsOf are the laws by which verdicts were given.
func lawsOf(p *rules.Pack, verdicts []*household.Verdict) ([]places, error) {
	type key struct {
		on     household.Date
		region string
	}
	known := map[key]places{}
	out := make([]places, len(verdicts))
	for i, v := range verdicts {
		k := key{v.On, p.Nearest(v.Region)}
		if known[k] == nil {
			known[k] = places{}
			l, err := p.On(v.On, v.Region)
			if err != nil {
				return nil, err
			}
			known[k].of(l)
		}
		out[i] = known[k]
	}
	return out, nil
}

func (p places) of(l *rules.Law) {
	for i := range l.Values {
		p.add(l.Values[i].Place)
	}
	for i := range l.Rules {
		p.add(l.Rules[i].Place())
	}
	for i := range l.Sets {
		p.add(l.Sets[i].Place)
	}
	if l.Membership != nil {
		p.add(l.Membership.Place)
	}
	for _, x := range l.Deductions {
		p.add(x.Place)
	}
	for _, x := range l.Imputation {
		p.add(x.Place)
	}
	for _, x := range l.Support {
		p.add(x.Place)
	}
}

// hasPlace reports whether a law says where a text stands, when it rests on it.
func hasPlace(d *document, n *node) bool {
	if n.parent == nil {
		return false
	}
	switch d.base {
	case "parameters.yaml":
		return n.parent.key == "values" && n.get("inherit") == nil
	case "rules.yaml", identityFile:
		return n.parent.key == "rules"
	case "members.yaml":
		return n.parent.key == "members"
	case "adjustments.yaml":
		return n.parent.key == "deductions" || n.parent.key == "imputation" || n.parent.key == "support"
	case "assets.yaml":
		return n.parent.key == "sets" && n.get("of") != nil || n.parent.parent != nil && n.parent.parent.key == "sets" && n.get("of") != nil
	}
	return false
}

// any reports whether something holds for a verdict, by its index.
func (c *cover) any(holds func(i int) bool) bool {
	for i := range c.verdicts {
		if holds(i) {
			return true
		}
	}
	return false
}

// inForce reports whether a verdict was given while a text was in force: in its region
// and within its dates and, of what a nearer text can take the place of, by that text.
func (c *cover) inForce(d *document, n *node, i int) bool {
	if !inForce(d, n, c.verdicts[i]) {
		return false
	}
	if !hasPlace(d, n) {
		return true
	}
	line, _ := d.place(n.from)
	return c.laws[i][rules.Place{File: d.name, Line: line}]
}

// receivedIn reads a range of months, open to either side.
func receivedIn(s string) (household.Months, bool) {
	from, to, ok := strings.Cut(s, "..")
	out := household.Months{From: 1, To: 1 << 30}
	if from != "" {
		m, good := household.ParseMonth([]byte(from))
		out.From, ok = m, ok && good
	}
	if to != "" {
		m, good := household.ParseMonth([]byte(to))
		out.To, ok = m, ok && good
	}
	return out, ok
}

// inRegion reports whether a file is in force where a household lives. How the layers
// of a pack are chosen is said here only.
func inRegion(d *document, v *household.Verdict) bool {
	if !d.overlay {
		return true
	}
	code, _, _ := strings.Cut(strings.TrimPrefix(path.Dir(d.name), "overlays/"), "-")
	for len(code) > 2 && strings.HasSuffix(code, "00") {
		code = code[:len(code)-2]
	}
	return strings.HasPrefix(v.Region, code)
}

// inForce reports whether a text is in force for a verdict: in its region, on the day
// of its check, and for the months it looks at.
func inForce(d *document, n *node, v *household.Verdict) bool {
	if !inRegion(d, v) {
		return false
	}
	for ; n != nil; n = n.parent {
		if from, ok := household.ParseDate([]byte(n.word("from"))); ok && v.On < from {
			return false
		}
		if to, ok := household.ParseDate([]byte(until(n))); ok && v.On > to {
			return false
		}
		if months, ok := receivedIn(n.word("months")); ok && (v.Income.Window.From > months.To || v.Income.Window.To < months.From) {
			return false
		}
	}
	return true
}

// until is the last day of a text, also of a value that holds until the next begins.
func until(n *node) string {
	if to := n.word("to"); to != "" || n.parent == nil || n.parent.key != "values" || n.index+1 >= len(n.parent.items) {
		return to
	}
	next, ok := household.ParseDate([]byte(n.parent.items[n.index+1].word("from")))
	if !ok {
		return ""
	}
	return dayBefore(next).String()
}
