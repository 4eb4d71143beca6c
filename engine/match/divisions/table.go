package divisions

import (
	_ "embed"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// One line per code and name, ordered by code and first month:
// code TAB first month TAB last month or nothing TAB successor or nothing TAB name.
//
//go:embed table.txt
var table string

// The first and the last list the table was derived from.
const (
	TableFrom = household.Month(1980*12 + 11)
	TableTo   = household.Month(2019*12 + 3)
)

// Division is one name a code had for a time.
type Division struct {
	Code      string          // six digits
	Name      string          // as in the list
	From      household.Month // first list with this name
	To        household.Month // last list with it; 0 when it is in the last list of all
	Successor string          // six digits, empty when none follows from the lists
}

// Lookup returns what the code was on a date. Between two names of one code the
// earlier is taken, because lists come late. It reports false for a code that is
// in no list of that time; a date after TableTo is answered from the last list.
func Lookup(code string, on household.Date) (Division, bool) {
	if on == 0 {
		return Division{}, false
	}
	month := on.MonthOf()
	var found Division
	ok := false
	for d, rest := first(code); d.Code != ""; d, rest = next(code, rest) {
		if d.From > month {
			// The code goes on under this name, so the earlier one held until then.
			return found, found.Code != "" && (ok || found.Successor == code)
		}
		found, ok = d, d.To == 0 || month <= d.To
	}
	if !ok {
		return Division{}, false
	}
	return found, true
}

// History returns every name the code had, oldest first.
func History(code string) []Division {
	var out []Division
	for d, rest := first(code); d.Code != ""; d, rest = next(code, rest) {
		out = append(out, d)
	}
	return out
}

// Known reports whether the code, cut to six digits, was in any list.
func Known(code string) bool {
	d, _ := first(code)
	return d.Code != ""
}

// Ancestors returns the codes above a code of 6, 9 or 12 digits, nearest first,
// ending with the province. They need not be in the table. Nil for other texts.
func Ancestors(code string) []string {
	own := significant(code)
	var out []string
	for _, n := range [...]int{9, 6, 4, 2} {
		if len(own) > n {
			up := own[:n]
			if n < 6 {
				up += "000000"[n:]
			}
			out = append(out, up)
		}
	}
	return out
}

// Within reports whether the division of code (6, 9 or 12 digits) lies in scope
// (likewise) or is scope itself. A county that was renumbered or moved also lies
// where its successors lie; the reverse is never assumed. Malformed texts lie
// nowhere.
func Within(code, scope string) bool {
	own, in := significant(code), significant(scope)
	if own == "" || in == "" {
		return false
	}
	if strings.HasPrefix(own, in) {
		return true
	}
	if len(in) > 6 || len(own) < 6 {
		return false // what a township became is in no list
	}
	at := own[:6]
	// A chain is as long as the county has moved; the bound guards against a ring.
	for range 8 {
		var last Division
		for d, rest := first(at); d.Code != ""; d, rest = next(at, rest) {
			last = d
		}
		if last.To == 0 || last.Successor == "" || last.Successor == at {
			return false
		}
		at = last.Successor
		if strings.HasPrefix(at, in) {
			return true
		}
	}
	return false
}

// significant is a code without the zeros that stand for "all of it".
func significant(code string) string {
	switch len(code) {
	case 6, 9, 12:
	default:
		return ""
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return ""
		}
	}
	for _, n := range [...]int{9, 6, 4, 2} {
		if len(code) > n && strings.Trim(code[n:], "0") == "" {
			code = code[:n]
		}
	}
	if code == "00" {
		return ""
	}
	return code
}

// first finds the first line of a code by binary search over the text.
func first(code string) (Division, string) {
	if len(code) < 6 {
		return Division{}, ""
	}
	code = code[:6]
	lo, hi := 0, len(table)
	for lo < hi {
		mid := (lo + hi) / 2
		start := strings.LastIndexByte(table[lo:mid], '\n') + 1 + lo
		if table[start:start+6] < code {
			lo = start + strings.IndexByte(table[start:], '\n') + 1
		} else {
			hi = start
		}
	}
	return next(code, table[lo:])
}

// next reads one line when it is of the code.
func next(code, text string) (Division, string) {
	if len(code) < 6 || !strings.HasPrefix(text, code[:6]) {
		return Division{}, ""
	}
	line, rest, _ := strings.Cut(text, "\n")
	d := Division{Code: line[:6], From: month(line[7:13])}
	line = line[14:]
	if line[0] != '\t' {
		d.To = month(line[:6])
		line = line[6:]
	}
	line = line[1:]
	if line[0] != '\t' {
		d.Successor = line[:6]
		line = line[6:]
	}
	d.Name = line[1:]
	return d, rest
}

func month(s string) household.Month {
	n := 0
	for i := range 6 {
		n = n*10 + int(s[i]-'0')
	}
	return household.Month(n/100*12 + n%100 - 1)
}
