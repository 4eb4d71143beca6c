package words

import (
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func t(zh, en string) rules.Text { return rules.Text{Zh: zh, En: en} }

func number(n int64) string { return strconv.FormatInt(n, 10) }

// grouped is a number with its thousands set apart, as amounts are printed in documents.
func grouped(s string) string {
	whole, rest, found := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	var b strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if found {
		b.WriteString("." + rest)
	}
	return sign + b.String()
}

// Quantity is a number of a unit in words: money in yuan, areas in m².
func Quantity(n int64, u rules.Unit) rules.Text {
	switch u {
	case rules.UnitFen:
		s := grouped(household.Fen(n).Yuan())
		return t(s+" 元", s+" yuan")
	case rules.UnitPercent:
		s := number(n) + "%"
		return t(s, s)
	case rules.UnitPermille:
		s := number(n) + "‰"
		return t(s, s)
	case rules.UnitArea:
		s := grouped(household.Fen(n/100).Yuan()) + " m²"
		return t(strings.TrimSuffix(s, "m²")+"平方米", s)
	}
	return t(number(n), number(n))
}

func money(n int64) rules.Text { return Quantity(n, rules.UnitFen) }

// join puts texts together.
func join(parts []rules.Text, zh, en string) rules.Text {
	var a, b []string
	for _, p := range parts {
		a, b = append(a, p.Zh), append(b, p.En)
	}
	return t(strings.Join(a, zh), strings.Join(b, en))
}

// list puts the items of a list together.
func list(parts []rules.Text) rules.Text { return join(parts, "、", ", ") }

// clauses puts the parts of a sentence together.
func clauses(parts ...rules.Text) rules.Text {
	var some []rules.Text
	for _, p := range parts {
		if p.Zh != "" {
			some = append(some, p)
		}
	}
	return join(some, "，", ", ")
}

// same are words that are the same in both languages.
func same(words ...string) []rules.Text {
	var out []rules.Text
	for _, w := range words {
		out = append(out, t(w, w))
	}
	return out
}

// ofList is a value of a code list.
func ofList(l household.CodeList, v uint8) rules.Text {
	c := l.At(v)
	if v == 0 || c.Name == "" {
		return t("未说明", "not given")
	}
	zh := c.Zh
	if zh == "" {
		zh = c.Name
	}
	return t(zh, strings.ReplaceAll(c.Name, "_", " "))
}

// ofMask are the values of a code list that a mask has.
func ofMask(l household.CodeList, m rules.Mask) []rules.Text {
	var out []rules.Text
	for v := 1; v < len(l); v++ {
		if m.Has(uint8(v)) {
			out = append(out, ofList(l, uint8(v)))
		}
	}
	return out
}

func residence(r uint8) rules.Text { return ofList(household.Residences, r) }

// Outcome is what follows from a finding.
func Outcome(o household.Outcome) rules.Text { return ofList(household.Outcomes, uint8(o)) }

// Parameter is what people call a parameter; its name when the pack has no words.
func Parameter(p *rules.Pack, name string) rules.Text {
	if name == "window_months" {
		return t("核算月数", "months of the window")
	}
	return titled(p.ParameterTitle(name), name)
}

func set(p *rules.Pack, name string) rules.Text { return titled(p.SetTitle(name), name) }

// titled is a title; the name when there is none.
func titled(title rules.Text, name string) rules.Text {
	if title.Zh == "" {
		return t(name, name)
	}
	return title
}

// Span is when something is in force.
func Span(s rules.Span) rules.Text {
	always := s.From.Year() <= 1
	switch {
	case always && s.To == 0:
		return t("一直有效", "always in force")
	case always:
		return t("到 "+s.To.String()+" 止", "until "+s.To.String())
	case s.To == 0:
		return t(s.From.String()+" 起", "from "+s.From.String())
	}
	return t(s.From.String()+" 至 "+s.To.String(), s.From.String()+" to "+s.To.String())
}
