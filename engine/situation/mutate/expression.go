package mutate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// isExpression reports whether a value is a condition in CEL.
func isExpression(d *document, n *node) bool {
	return n.key == "condition" || n.key == "when" && (d.base == "rules.yaml" || d.base == "identity.yaml")
}

// lexeme is a token of an expression with its bytes in the file.
type lexeme struct {
	text     string
	from, to int
}

var lexemes = regexp.MustCompile(`"[^"]*"|'[^']*'|[A-Za-z_][A-Za-z0-9_.]*|[0-9]+|<=|>=|==|!=|&&|\|\||[<>!()]`)

// scan reads the tokens of an expression. Of the text around it only the quotes are
// left out.
func scan(d *document, n *node) []lexeme {
	from, to := n.from, n.to
	if n.style == single || n.style == double {
		from, to = from+1, to-1
	}
	if c := d.content[from]; n.style == folded && (c == '|' || c == '>') {
		from = min(d.lineEnd(from), to) // an empty block ends on its first line
	}
	var out []lexeme
	for _, at := range lexemes.FindAllIndex(d.content[from:to], -1) {
		out = append(out, lexeme{string(d.content[from+at[0] : from+at[1]]), from + at[0], from + at[1]})
	}
	return out
}

// swapped are the operators of expressions and what may stand in their place.
var swapped = map[string][]string{
	"<": {"<=", ">"}, "<=": {"<", ">"}, ">": {">=", "<"}, ">=": {">", "<"},
	"==": {"!="}, "!=": {"=="}, "&&": {"||"}, "||": {"&&"},
}

// alike are variables of expressions that mean things of one kind.
var alike = [][]string{
	{
		"household.income", "household.declared_income", "household.financial_assets", "household.undeclared_financial_assets",
		"household.imputed", "household.support", "household.deductions",
	},
	{"household.members", "household.adults", "household.obligors", "household.obligors_able"},
	{"true", "false"},
}

// prefixes are the beginnings of variables that end in a name of the pack.
var prefixes = map[string]func(v *vocabulary) []named{
	"household.any.": func(v *vocabulary) []named { return v.attributes },
	"member.is.":     func(v *vocabulary) []named { return v.attributes },
	"member.grade.":  func(v *vocabulary) []named { return v.attributes },
	"member.amount.": func(v *vocabulary) []named { return v.attributes },

	"household.count.": func(v *vocabulary) []named { return v.sets },
	"household.sum.":   func(v *vocabulary) []named { return v.sets },

	"household.expenses.": func(v *vocabulary) []named { return v.expenses },
	"parameter.":          func(v *vocabulary) []named { return v.parameters },
}

// constants are the texts that expressions compare with.
var constants = []household.CodeList{household.Residences, household.Sexes, household.Relations}

// instead are the tokens that may stand in place of one.
func (m *maker) instead(text string) []string {
	if ops := swapped[text]; ops != nil {
		return ops
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return []string{strconv.FormatInt(i+1, 10), strconv.FormatInt(i-1, 10)}
	}
	if text[0] == '"' || text[0] == '\'' {
		for _, l := range constants {
			if known := names(l); slices.Contains(known, text[1:len(text)-1]) {
				for i := range known {
					known[i] = text[:1] + known[i] + text[:1]
				}
				return known
			}
		}
		return nil
	}
	for _, group := range alike {
		if slices.Contains(group, text) {
			return group
		}
	}
	if dot := strings.LastIndexByte(text, '.'); dot > 0 && prefixes[text[:dot+1]] != nil {
		list := prefixes[text[:dot+1]](m.v)
		if kind, ok := find(list, text[dot+1:]); ok {
			known := ofKind(list, kind)
			for i := range known {
				known[i] = text[:dot+1] + known[i]
			}
			return known
		}
	}
	return nil
}

// expression changes each operator, number and variable of a condition, drops what it
// joins, and turns the whole and each negation around. The grammar is not needed for
// it: what does not parse is refused when the pack is loaded.
func (m *maker) expression(n *node) {
	all := scan(m.d, n)
	if len(all) == 0 {
		return
	}
	for i, x := range all {
		// The number of the word tells apart what is written twice.
		what := n.path() + ": word " + strconv.Itoa(i+1) + ", " + x.text
		if x.text == "!" {
			m.add(x.from, what+" dropped", edit{x.from, x.to, ""})
		}
		for _, by := range m.instead(x.text) {
			m.add(x.from, what+" becomes "+by, edit{x.from, x.to, by})
		}
	}
	m.operands(n, all)
	first, last := all[0].from, all[len(all)-1].to
	by := edit{first, last, "!(" + string(m.d.content[first:last]) + ")"}
	if n.style == plain || n.style == folded && first == n.from {
		// A bare text that begins with ! would be a tag.
		by = edit{n.from, n.to, "'!(" + strings.ReplaceAll(m.d.raw(n), "'", "''") + ")'"}
	}
	m.add(n.from, n.path()+": turned around", by)
}

// operands drops each part of a condition that joins several by the same operator
// outside brackets.
func (m *maker) operands(n *node, all []lexeme) {
	var joints []int
	depth := 0
	for i, x := range all {
		switch x.text {
		case "(":
			depth++
		case ")":
			depth--
		case "&&", "||":
			if depth == 0 {
				joints = append(joints, i)
			}
		}
	}
	for _, j := range joints {
		if all[j].text != all[joints[0]].text {
			return
		}
	}
	for k := 0; len(joints) > 0 && k <= len(joints); k++ {
		from, to := all[0].from, all[len(all)-1].to
		switch k {
		case 0:
			to = all[joints[0]+1].from
		default:
			from = all[joints[k-1]].from
			if k < len(joints) {
				to = all[joints[k]].from
			}
		}
		if k > 0 && k == len(joints) {
			// The space before the operator goes too.
			from = all[joints[k-1]-1].to
		}
		m.add(from, n.path()+": part "+strconv.Itoa(k+1)+" dropped", edit{from, to, ""})
	}
}
