package linkage

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/match"
)

// The kinds of a field.
const (
	kindText     = "text"
	kindName     = "name"
	kindDate     = "date"
	kindNumber   = "number"
	kindID       = "id"
	kindPostcode = "postcode"
	kindHanName  = "han_name"
	kindResident = "resident_id"
)

// kinds is a list for those who write models, in the order of the page about them.
func kinds() []string {
	return []string{kindText, kindName, kindDate, kindNumber, kindID, kindPostcode, kindHanName, kindResident}
}

// appendNormal appends a text in the form in which its field is compared. Most
// texts are ASCII and cost no allocation.
func appendNormal(dst []byte, f *Field, text string) []byte {
	if f.Kind == kindDate {
		return appendDate(dst, f.Order, text)
	}
	if !isASCII(text) {
		return append(dst, normal(f.Kind, text)...)
	}
	from := len(dst)
	switch f.Kind {
	case kindName, kindHanName:
		for i := range len(text) {
			if c := text[i]; !space(c) {
				dst = append(dst, lower(c))
			}
		}
	case kindText:
		for i := range len(text) {
			switch c := text[i]; {
			case !space(c):
				dst = append(dst, lower(c))
			case len(dst) > from && dst[len(dst)-1] != ' ':
				dst = append(dst, ' ')
			}
		}
		if len(dst) > from && dst[len(dst)-1] == ' ' {
			dst = dst[:len(dst)-1]
		}
	case kindResident:
		dst = append(dst, match.NumberText([]byte(text))...)
	default:
		for i := range len(text) {
			if c := text[i]; !space(c) {
				dst = append(dst, upper(c))
			}
		}
	}
	return dst
}

// normal is appendNormal for what isn't ASCII.
func normal(kind, text string) string {
	switch kind {
	case kindName, kindHanName:
		return strings.ToLower(string(match.NormalName([]byte(text))))
	case kindID, kindPostcode, kindNumber:
		return match.NormalNumber([]byte(text))
	case kindResident:
		return match.NumberText([]byte(text))
	}
	return strings.ToLower(strings.Join(strings.Fields(text), " "))
}

// appendDate writes a date as eight digits when year, month and day stand apart or
// are eight digits already; of anything else it keeps the digits. What follows a
// whole date (a time) is left out. The order (dmy, or mdy) says what a year at the
// end means.
func appendDate(dst []byte, order, text string) []byte {
	var part [3][]rune
	n, inside := 0, false
	var all []byte
	for _, r := range text {
		if r >= '０' && r <= '９' {
			r += '0' - '０'
		}
		if r < '0' || r > '9' {
			if unicode.IsSpace(r) && !inside {
				continue
			}
			inside = false
			continue
		}
		all = append(all, byte(r))
		if !inside {
			n++
			inside = true
		}
		if n <= 3 {
			part[n-1] = append(part[n-1], r)
		}
	}
	y, m, d := part[0], part[1], part[2]
	if n >= 3 && len(y) <= 2 && len(d) == 4 {
		y, d = d, y
		if order == orderMDY {
			m, d = d, m
		}
	}
	switch {
	case n >= 3 && len(y) == 4 && len(m) <= 2 && len(d) <= 2:
		dst = append(dst, string(y)...)
		for _, p := range [][]rune{m, d} {
			if len(p) == 1 {
				dst = append(dst, '0')
			}
			dst = append(dst, string(p)...)
		}
		return dst
	case n > 1 && len(part[0]) == 8:
		return append(dst, all[:8]...)
	}
	return append(dst, all...)
}

// The ways to write a date whose year stands last.
const (
	orderDMY = "dmy"
	orderMDY = "mdy"
)

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// words are the different words of a text, sorted: runs of letters and digits.
func words(text string) []string {
	out := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.Sort(out)
	return slices.Compact(out)
}
