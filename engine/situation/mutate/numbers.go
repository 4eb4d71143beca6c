package mutate

import (
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// number changes a number by one, an amount by one fen, an area by a hundredth of a
// square metre, a date by a day and a range of months by a month at either end.
func (m *maker) number(n *node) {
	if n.style != plain {
		return
	}
	for _, by := range m.neighbours(n) {
		m.replace(n, by)
	}
}

// beginning is how packs write that a text has always been in force. No check is
// that old, so a day more or less is no other law.
const beginning = "0001-01-01"

// neighbours are the values next to a number, a date or a range; none when it is
// neither.
func (m *maker) neighbours(n *node) []string {
	if n.text == beginning {
		return nil
	}
	if d, ok := household.ParseDate([]byte(n.text)); ok && len(n.text) == len(beginning) {
		return []string{dayAfter(d).String(), dayBefore(d).String()}
	}
	if r, ok := household.ParseMonths(n.text); ok {
		var out []string
		for _, x := range []household.Months{{From: r.From + 1, To: r.To}, {From: r.From - 1, To: r.To}, {From: r.From, To: r.To + 1}, {From: r.From, To: r.To - 1}} {
			out = append(out, x.From.String()+".."+x.To.String())
		}
		return out
	}
	if m.inHundredths(n) {
		if f, err := household.ParseYuan([]byte(n.text)); err == nil {
			return []string{(f + 1).Yuan(), (f - 1).Yuan()}
		}
		return nil
	}
	whole, part, _ := strings.Cut(n.text, ".")
	i, err := strconv.Atoi(whole + part)
	if err != nil || len(part) > 6 {
		return nil
	}
	return []string{withPoint(i+1, len(part)), withPoint(i-1, len(part))}
}

// withPoint writes a number with decimals.
func withPoint(n, decimals int) string {
	if decimals == 0 {
		return strconv.Itoa(n)
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.Itoa(n)
	if len(s) <= decimals {
		s = strings.Repeat("0", decimals+1-len(s)) + s
	}
	return sign + s[:len(s)-decimals] + "." + s[len(s)-decimals:]
}

// inHundredths reports whether a number is an amount in yuan or an area.
func (m *maker) inHundredths(n *node) bool {
	switch n.key {
	case "floor":
		return true
	case "unit": // to which a benefit is rounded
		return n.parent.key == "round"
	case "urban", "rural", "value":
		top := n
		for top.parent != nil && top.parent.parent != nil {
			top = top.parent
		}
		unit, _ := find(m.v.parameters, top.key)
		return unit == "fen" || unit == "area"
	}
	return false
}

func dayAfter(d household.Date) household.Date {
	year, month := d.Year(), monthOf(d)
	if next, ok := household.NewDate(year, month, d.Day()+1); ok {
		return next
	}
	return date(year+month/12, month%12+1, 1)
}

func dayBefore(d household.Date) household.Date {
	year, month := d.Year(), monthOf(d)
	if d.Day() > 1 {
		return date(year, month, d.Day()-1)
	}
	if month == 1 {
		return date(year-1, 12, 31)
	}
	for day := 31; ; day-- {
		if last, ok := household.NewDate(year, month-1, day); ok {
			return last
		}
	}
}

func monthOf(d household.Date) int { return int(d.MonthOf())%12 + 1 }

func date(year, month, day int) household.Date {
	d, _ := household.NewDate(year, month, day)
	return d
}

// borders moves the day on which one item of a list ends and the next one begins, both
// together: each alone only shows that the loader sees the gap.
func (m *maker) borders(s *node) {
	for i := 0; i+1 < len(s.items); i++ {
		if to, from := s.items[i].get("to"), s.items[i+1].get("from"); to != nil && from != nil {
			a, okA := household.ParseDate([]byte(to.text))
			b, okB := household.ParseDate([]byte(from.text))
			if okA && okB && dayAfter(a) == b {
				m.border(to, from, dayAfter(a).String(), dayAfter(b).String())
				m.border(to, from, dayBefore(a).String(), dayBefore(b).String())
			}
		}
		// Income of the months before a reform and of those after it.
		if x, y := s.items[i].get("months"), s.items[i+1].get("months"); x != nil && y != nil {
			a, okA := household.ParseMonths(x.text)
			b, okB := household.ParseMonths(y.text)
			if okA && okB && a.To+1 == b.From {
				for _, by := range []household.Month{1, -1} {
					m.border(x, y, a.From.String()+".."+(a.To+by).String(), (b.From+by).String()+".."+b.To.String())
				}
			}
		}
	}
}

func (m *maker) border(a, b *node, newA, newB string) {
	m.add(a.from, a.path()+" and the next: "+a.text+" | "+b.text+" becomes "+newA+" | "+newB, edit{a.from, a.to, newA}, edit{b.from, b.to, newB})
}
