package mutate

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// texts are keys whose values are for people, or name the pack or a finding; nothing
// beneath them is changed. Whether a value was verified decides nothing either.
var texts = []string{
	"doc", "law", "title", "text", "clear", "document", "unresolved", "why", "version", "extends", "verified", "findings", "refusals",
}

// isText reports whether nothing beneath a key of a file is changed.
func isText(d *document, n *node) bool {
	if n.key == "name" && (d.base == "pack.yaml" || n.parent.get("standard") != nil) {
		return true
	}
	return slices.Contains(texts, n.key)
}

// names are the words of a code list.
func names(l household.CodeList) []string {
	var out []string
	for _, c := range l {
		if c.Name != "" {
			out = append(out, c.Name)
		}
	}
	return out
}

var (
	boolean    = []string{"true", "false"}
	effects    = []string{"needs_review", "suspected_ineligible"}
	taxColumns = []string{"income", "own_insurance", "tax"}
	insColumns = []string{"base", "benefit"}
)

func sourceNames() []string { return names(household.CheckedSources()) }

// fixed are the words that may stand under a key wherever it is.
var fixed = map[string][]string{
	"allowed":     {"below", "up_to"},
	"by":          {"residence", "size"},
	"direction":   {"down", "up", "half_up"},
	"effect":      effects,
	"if_unknown":  {"needs_review", "silent"},
	"identity":    names(household.InsuranceIdentities),
	"income_type": names(household.IncomeTypes),
	"line":        names(household.LineTypes),
	"method":      {"difference", "tiers", "fixed"},
	"reads":       {"tax", "vehicle", "property", "bank", "insurance", "attributes", "obligors", "expenses", "sex"},
	"reason":      names(household.Exclusions),
	"relation":    names(household.Relations),
	"role":        names(household.InsuranceRoles),
	"rounding":    {"down", "up", "half_up"},
	"scheme":      names(household.InsuranceSchemes),
	"series":      {"cpi", "food", "grain", "scpi"},
	"sex":         names(household.Sexes),
	"shown_as":    {"income_limit", "financial_limit"},
	"unit":        {"fen", "count", "percent", "permille", "area"},
	"use":         append(names(household.VehicleUses), "none"),
	"declared_in": names(household.LineTypes),
	"declared":    {`"no"`, `"yes"`}, // in quotes: YAML readers take the bare words for true and false
}

// words are the words that may stand where a scalar or the items of a list stand; nil
// where no list of words is known.
func words(d *document, n *node) []string {
	label := n.label()
	if n.under("unless_coverage") && slices.Contains(sourceNames(), label) {
		return names(household.RuleStates())
	}
	of := ""
	for m := n; m != nil && of == ""; m = m.parent {
		of = m.word("of")
	}
	switch label {
	case "per":
		if d.base == "parameters.yaml" {
			return []string{"month", "year"}
		}
		return []string{"household", "member", "line"}
	case "of", "less":
		return columns(d, n)
	case "source":
		return []string{"tax", "insurance"}
	case "class":
		return names(household.VehicleClasses)
	case "status":
		if of == "vehicle" {
			return names(household.VehicleStatuses)
		}
		return names(household.PropertyStatuses)
	case "kind":
		if of == "unit" {
			return names(household.PropertyKinds)
		}
		return names(household.AccountKinds)
	case "purpose":
		return append(names(household.BalancePurposes), "none")
	case "times":
		return []string{"window_months", "counted_members"}
	}
	return fixed[label]
}

// columns are the words under "of" and "less".
func columns(d *document, n *node) []string {
	switch d.base {
	case "income.yaml":
		at := n.labelled().parent // {of, less, floor}
		if at != nil && at.parent.word("source") == "insurance" {
			return insColumns
		}
		return taxColumns
	case "assets.yaml":
		return []string{"vehicle", "unit", "account"}
	case "attributes.yaml":
		return []string{"member", "vehicle", "unit", "account"}
	}
	return nil
}

// references are the other names of the same kind that could stand in place of a name
// of the pack, or of a fact; nil when the scalar is no such name.
func (v *vocabulary) references(n *node) []string {
	label := n.label()
	switch label {
	case "code":
		if n.under("remove") {
			return ofKind(v.codes, "")
		}
		return nil
	case "fact":
		facts := rules.Facts()
		for _, f := range facts {
			if f.Name != n.text {
				continue
			}
			var out []string
			for _, g := range facts {
				if g.Scope == f.Scope && g.Unit == f.Unit {
					out = append(out, g.Name)
				}
			}
			return out
		}
		return nil
	case "count", "sum", "vehicles", "residential", "non_residential":
		if _, ok := find(v.sets, n.text); !ok {
			return nil
		}
		if label == "count" { // of whatever: both are numbers of things
			return append(append(ofKind(v.sets, "vehicle"), ofKind(v.sets, "unit")...), ofKind(v.sets, "account")...)
		}
		kind, _ := find(v.sets, n.text)
		return ofKind(v.sets, kind)
	case "any_of", "all_of", "none_of":
		if kind, ok := find(v.attributes, n.text); ok {
			return ofKind(v.attributes, kind)
		}
		return nil
	case "expense", "type":
		if _, ok := find(v.expenses, n.text); ok {
			return ofKind(v.expenses, "")
		}
	}
	if kind, ok := find(v.parameters, n.text); ok {
		return ofKind(v.parameters, kind)
	}
	return nil
}

// additions are the words that a list lacks.
func (v *vocabulary) additions(d *document, s *node) []string {
	known := words(d, s)
	switch s.label() {
	case "times":
		known = append([]string{"2"}, known...)
		known = append(append(known, ofKind(v.parameters, "percent")...), ofKind(v.parameters, "permille")...)
	case "any_of", "all_of", "none_of":
		if len(s.items) > 0 {
			known = v.references(s.items[0])
		}
	}
	return slices.DeleteFunc(slices.Clone(known), func(w string) bool { return has(s, w) || takenIn(s, w) })
}

// takenIn reports whether a relation belongs to a household anyway: it stands in another
// class of the same text that asks for nothing else.
func takenIn(s *node, word string) bool {
	class := s.parent
	if s.key != "relation" || class.parent == nil || class.parent.key != "include" {
		return false
	}
	return slices.ContainsFunc(class.parent.items, func(other *node) bool {
		return other != class && len(other.entries) == 1 && other.get("relation") != nil && has(other.get("relation"), word)
	})
}

// has reports whether a list has a word, as it is written or by its value.
func has(s *node, word string) bool {
	return slices.ContainsFunc(s.items, func(i *node) bool { return i.text == unquoted(word) })
}

func unquoted(word string) string {
	if len(word) > 1 && word[0] == '"' {
		return word[1 : len(word)-1]
	}
	return word
}
