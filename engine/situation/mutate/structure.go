package mutate

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// needed are keys without which no pack of the language loads: to drop them would only
// show that the loader looks for them. In an overlay, which may leave out what it does
// not change, those of pack.yaml are not needed.
var needed = map[string][]string{
	"assets.yaml":      {"of", "sheet", "vehicles", "residential", "non_residential"},
	"attributes.yaml":  {"of"},
	"income.yaml":      {"source", "line", "amount", "income_type", "scheme", "role", "of", "floor"},
	"identity.yaml":    {"per", "fact", "count", "at_least", "more_than", "effect", "parameter", "policy", "to_confirm"},
	"pack.yaml":        append([]string{"schemes", "window", "months", "anchor", "stale_after_days"}, sourceNames()...),
	"parameters.yaml":  {"unit", "values", "urban", "rural", "value", "sizes"},
	"rules.yaml":       {"per", "fact", "count", "sum", "at_least", "more_than", "limit", "effect", "parameter"},
	"members.yaml":     {"include"},
	"adjustments.yaml": {"line"},
	"benefit.yaml":     {"method"},
	"linkage.yaml":     {"series"},
}

// droppable reports whether the pack may load without an entry.
func (m *maker) droppable(n *node, e *entry) bool {
	name := e.name
	switch {
	case name == "code" || name == "name" || isText(m.d, e.value), name == "to" && followed(n):
		return false
	case slices.Contains(needed[m.d.base], name) && (m.d.base != "pack.yaml" || !m.d.overlay):
		return false
	case n.parent == nil:
		// What a file names is used somewhere, unless there is another layer beneath.
		return len(n.entries) > 1 && (m.d.base != "parameters.yaml" || m.d.overlay || m.v.extends)
	}
	return true
}

// followed reports whether the next text of the same thing begins on the day after one
// ends: then it ends there whether it says so or not.
func followed(n *node) bool {
	to, ok := household.ParseDate([]byte(n.word("to")))
	if !ok || n.parent == nil || n.parent.kind != sequence {
		return false
	}
	for _, next := range n.parent.items[n.index+1:] {
		if next.word("code") == n.word("code") {
			from, ok := household.ParseDate([]byte(next.word("from")))
			return ok && from == dayAfter(to)
		}
	}
	return false
}

// turned are keys that say the opposite of each other, or more, of the same thing.
var turned = [][]string{{"at_least", "more_than"}, {"any_of", "all_of", "none_of"}}

// mapping drops what may be left out, puts keys in the place of others, and moves
// kinds of income.
func (m *maker) mapping(n *node) {
	m.move(n)
	for i := range n.entries {
		e := &n.entries[i]
		path := e.value.path()
		if m.droppable(n, e) {
			m.add(e.from, path+": dropped", m.d.dropEntry(n, i)...)
		}
		others := []string{}
		for _, group := range turned {
			if slices.Contains(group, e.name) && !slices.ContainsFunc(group, func(k string) bool { return k != e.name && n.get(k) != nil }) {
				others = group
			}
		}
		if n.key == "unless_coverage" {
			others = sourceNames()
		}
		for _, other := range others {
			if one := e.value.items; other == "all_of" && e.name == "any_of" && len(one) == 1 || other == "any_of" && e.name == "all_of" && len(one) == 1 {
				continue // of one thing both say the same
			}
			if n.get(other) == nil {
				m.add(e.from, path+" becomes "+other, edit{e.from, e.to, other})
			}
		}
	}
}

// inOrder are lists whose order is law: of findings, and of tables of which the first
// row that fits counts.
func inOrder(m *maker, s *node) bool {
	return s.key == "rules" && (m.d.base == "rules.yaml" || m.d.base == "identity.yaml") || s.key == "tiers" || s.key == "sizes"
}

// meet reports whether there is a day on which both items of a list are in force. When
// there is none, either order is the same law.
func meet(a, b *node) bool {
	ends := func(a, b *node) bool {
		to, okTo := household.ParseDate([]byte(a.word("to")))
		from, okFrom := household.ParseDate([]byte(b.word("from")))
		return okTo && okFrom && to < from
	}
	return !ends(a, b) && !ends(b, a)
}

// placed reports whether a rule of an overlay stands where the rule stood whose place it
// takes, wherever the overlay has it.
func (m *maker) placed(n *node) bool {
	return m.d.overlay && m.d.base == "rules.yaml" && slices.Contains(m.v.everywhere, n.word("code"))
}

// open reports whether a value is a rule whose limit is a parameter that nobody knows
// on any day or in any region. What such a rule says beyond its dates is without effect
// until there is a value.
func (m *maker) open(n *node) bool {
	if m.d.base != "rules.yaml" || n.parent == nil || n.parent.key != "rules" {
		return false
	}
	for _, key := range []string{"limit", "at_least", "more_than"} {
		name := n.get(key).word("parameter")
		if slices.Contains(m.v.unresolved, name) && !slices.Contains(m.v.valued, name) {
			return true
		}
	}
	return false
}

// dates changes the dates of a rule and nothing else.
func (m *maker) dates(n *node) {
	for i := range n.entries {
		if e := &n.entries[i]; e.name == "from" || e.name == "to" {
			m.add(e.from, e.value.path()+": dropped", m.d.dropEntry(n, i)...)
			m.walk(e.value)
		}
	}
}

// sequence drops items, adds words that the list lacks, turns selections around and
// exchanges neighbours.
func (m *maker) sequence(s *node) {
	for i, x := range s.items {
		what := s.path() + ": " + x.text + " dropped"
		if x.kind != scalar {
			what = x.path() + ": dropped"
		}
		if x.kind == scalar || x.kind == mapping {
			m.add(x.from, what, m.d.dropItem(s, i)...)
		}
		if i+1 < len(s.items) && inOrder(m, s) && meet(x, s.items[i+1]) && !m.placed(x) && !m.placed(s.items[i+1]) {
			m.add(x.from, x.path()+": exchanged with the next", m.d.exchange(x, s.items[i+1])...)
		}
	}
	for _, word := range m.v.additions(m.d, s) {
		m.add(s.from, s.path()+": "+unquoted(word)+" added", m.d.addItem(s, word)...)
	}
	m.borders(s)
	switch {
	case !s.flow:
	case s.key == "not" && len(s.parent.entries) == 1:
		m.add(s.parent.from, s.path()+": dropped, its values taken", edit{s.parent.from, s.parent.to, m.d.raw(s)})
	case s.parent.key == "where":
		m.add(s.from, s.path()+": turned around", edit{s.from, s.to, "{not: " + m.d.raw(s) + "}"})
	}
	if s.key == "schemes" {
		m.replace(s, "any")
	}
}
