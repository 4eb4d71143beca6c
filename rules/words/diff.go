package words

import (
	"slices"

	"github.com/hedui/hedui/rules"
)

// Kind says what is different.
type Kind string

// The kinds of changes. Reference says that only the legal reference, or whether
// somebody has verified it, is another.
const (
	Added     Kind = "added"
	Removed   Kind = "removed"
	Changed   Kind = "changed"
	Reference Kind = "reference"
	Moved     Kind = "moved" // rules, in the order of findings
)

// Text is the kind in words.
func (k Kind) Text() rules.Text { return kinds[k] }

var kinds = map[Kind]rules.Text{
	Added: {Zh: "增", En: "added"}, Removed: {Zh: "删", En: "removed"}, Changed: {Zh: "改", En: "changed"},
	Reference: {Zh: "依据", En: "reference"}, Moved: {Zh: "次序", En: "order"},
}

// Change is something that two laws say differently.
type Change struct {
	Kind     Kind
	Section  Section
	Key      string
	Title    rules.Text
	Parts    []PartChange
	Old, New *Piece // nil when the law has none
	// Removal is what a region says that does without the rule; nil for nothing.
	Removal *rules.Removal
}

// PartChange is a part that is different. Old or New is empty for a part that one of the
// laws does not have.
type PartChange struct {
	Key            string
	Name           rules.Text
	Per            rules.Text // when it is the same in both
	Old, New       rules.Text
	OldLaw, NewLaw string
}

// Diff tells what is different between two laws, in the order of the sections and of the
// new law, what is gone after what is left. It is empty when both judge alike on the same
// grounds.
func Diff(from, to *rules.Law) []Change {
	was, is := Describe(from), Describe(to)
	var out []Change
	for _, s := range Sections() {
		if s == Order {
			out = append(out, order(from, to)...)
			continue
		}
		for i := range is {
			if n := &is[i]; n.Section == s {
				out = append(out, compare(find(was, n), n)...)
			}
		}
		for i := range was {
			if o := &was[i]; o.Section == s && find(is, o) == nil {
				out = append(out, gone(o, to))
			}
		}
	}
	return out
}

func find(in []Piece, p *Piece) *Piece {
	for i := range in {
		if in[i].Section == p.Section && in[i].Key == p.Key {
			return &in[i]
		}
	}
	return nil
}

func gone(o *Piece, to *rules.Law) Change {
	c := Change{Kind: Removed, Section: o.Section, Key: o.Key, Title: o.Title, Old: o}
	for i := range o.Parts {
		c.Parts = append(c.Parts, partChange(&o.Parts[i], nil))
	}
	if i := slices.IndexFunc(to.Removed, func(r rules.Removal) bool { return r.Code == o.Key }); i >= 0 && o.Section == Rules {
		c.Removal = &to.Removed[i]
	}
	return c
}

func compare(o, n *Piece) []Change {
	c := Change{Kind: Added, Section: n.Section, Key: n.Key, Title: n.Title, Old: o, New: n}
	if o == nil {
		for i := range n.Parts {
			c.Parts = append(c.Parts, partChange(nil, &n.Parts[i]))
		}
		return []Change{c}
	}
	for i := range n.Parts {
		a, b := part(o, n.Parts[i].Key), &n.Parts[i]
		if a == nil || a.Says != b.Says || a.Per != b.Per || a.Law != b.Law {
			c.Parts = append(c.Parts, partChange(a, b))
		}
	}
	for i := range o.Parts {
		if part(n, o.Parts[i].Key) == nil {
			c.Parts = append(c.Parts, partChange(&o.Parts[i], nil))
		}
	}
	switch {
	case len(c.Parts) > 0:
		c.Kind = Changed
	case o.Law != n.Law || o.Unverified != n.Unverified:
		c.Kind = Reference
	default:
		return nil
	}
	return []Change{c}
}

func part(p *Piece, key string) *Part {
	for i := range p.Parts {
		if p.Parts[i].Key == key {
			return &p.Parts[i]
		}
	}
	return nil
}

func partChange(a, b *Part) PartChange {
	var c PartChange
	for i, p := range []*Part{a, b} {
		if p == nil {
			continue
		}
		c.Key, c.Name, c.Per = p.Key, p.Name, p.Per
		if i == 0 {
			c.Old, c.OldLaw = p.Says, p.Law
		} else {
			c.New, c.NewLaw = p.Says, p.Law
		}
	}
	if a != nil && b != nil && a.Per != b.Per {
		c.Per = rules.Text{}
		c.Old, c.New = inFull(a), inFull(b)
	}
	return c
}

// inFull is what a part says with for what it is.
func inFull(p *Part) rules.Text {
	if p.Per.Zh == "" {
		return p.Says
	}
	return t(p.Per.Zh+" "+p.Says.Zh, p.Says.En+" "+p.Per.En)
}

// order tells whether the rules that both laws have are given in another order.
func order(from, to *rules.Law) []Change {
	has := func(l *rules.Law, code string) bool {
		return slices.ContainsFunc(l.Rules, func(r rules.Rule) bool { return r.Code == code })
	}
	shared := func(l, other *rules.Law) (codes []string, titles []rules.Text) {
		for i := range l.Rules {
			if r := &l.Rules[i]; has(other, r.Code) {
				codes, titles = append(codes, r.Code), append(titles, Rule(l, r).Title)
			}
		}
		return codes, titles
	}
	was, old := shared(from, to)
	is, now := shared(to, from)
	if slices.Equal(was, is) {
		return nil
	}
	return []Change{{
		Kind: Moved, Section: Order, Key: "order", Title: Order.Text(),
		Parts: []PartChange{{Key: "order", Old: list(old), New: list(now)}},
	}}
}
