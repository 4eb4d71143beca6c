package mutate

import (
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// move takes one kind of record out of an entry of income.yaml and treats it
// otherwise: as income of another line, as one-off, or as no income. Dropping it from
// its list would only show that the loader wants every kind named.
func (m *maker) move(n *node) {
	if m.d.base != "income.yaml" || n.parent == nil || n.parent.kind != sequence || n.parent.parent != m.d.root || n.get("source") == nil {
		return
	}
	section, list, kinds := n.parent.key, n.get("income_type"), "income_type"
	tax := list != nil
	if !tax {
		list, kinds = n.get("scheme"), "scheme"
	}
	if list == nil || list.kind != sequence {
		return
	}
	for i, item := range list.items {
		without := m.d.dropItem(list, i)
		switch {
		case len(list.items) > 1:
		case len(n.parent.items) > 1:
			without = m.d.dropItem(n.parent, n.index)
		default: // a section without entries does not load
			i := slices.IndexFunc(m.d.root.entries, func(e entry) bool { return e.name == section })
			without = m.d.dropEntry(m.d.root, i)
		}
		put := func(section, line string) {
			if into := m.insert(section, m.treatment(n, kinds, item, section, line)); len(without) > 0 && len(into) > 0 {
				what := list.path() + ": " + item.text + " becomes " + section
				if line != "" {
					what += " " + line
				}
				m.add(item.from, what, append(slices.Clone(without), into...)...)
			}
		}
		for _, line := range names(household.LineTypes) {
			if n.word("line") != line {
				put("lines", line)
			}
		}
		// Excluded is income that the law leaves out, which comes to the same.
		if section == "lines" || section == "one_off" {
			put("not_income", "")
		}
		if section == "lines" && tax {
			put("one_off", "")
		}
	}
}

// treatment is an entry of a section for one kind of record, with what else the entry
// it was in says.
func (m *maker) treatment(n *node, kinds string, item *node, section, line string) string {
	var parts []string
	for _, e := range n.entries {
		switch e.name {
		case kinds:
			parts = append(parts, kinds+": ["+item.text+"]")
		case "line", "amount":
		default:
			parts = append(parts, e.name+": "+m.d.raw(e.value))
		}
	}
	if section == "lines" {
		parts = append(parts, "line: "+line)
	}
	if section == "lines" || section == "one_off" {
		amount := "{of: income, less: [own_insurance, tax], floor: 0}"
		switch a := n.get("amount"); {
		case a != nil:
			amount = m.d.raw(a)
		case kinds == "scheme":
			amount = "{of: benefit, floor: 0}"
		}
		parts = append(parts, "amount: "+amount)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// insert puts an entry before the first of a section, which is made where it is
// missing.
func (m *maker) insert(section, entry string) []edit {
	s := m.d.root.get(section)
	switch {
	case s == nil:
		end := len(m.d.content)
		return []edit{{end, end, "\n" + section + ":\n  - " + entry + "\n"}}
	case s.kind != sequence || s.flow || len(s.items) == 0:
		return nil
	}
	at := m.d.lineStart(s.items[0].from)
	lead := string(m.d.content[at:s.items[0].from])
	return []edit{{at, at, lead + entry + "\n"}}
}
