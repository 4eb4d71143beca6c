package ledger

import (
	"slices"
	"strings"
)

// What is written here names a field and never its content.

func firstBad(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}

// isKey says what is wrong with a text that must be there.
func isKey(field, s string) string {
	if s == "" {
		return field + " is empty"
	}
	return isText(field, s)
}

func isText(field, s string) string {
	if !validText(s) {
		return field + " is too long or holds a zero byte"
	}
	return ""
}

// isNumber is isKey for what an id begins with.
func isNumber(field, s string) string {
	if strings.Contains(s, "/") {
		return field + " holds a slash"
	}
	return isKey(field, s)
}

// isName leaves room for what kind of name it is.
func isName(field, s string) string {
	if len(s) > maxID-len("subject:") {
		return field + " is too long"
	}
	return isKey(field, s)
}

func isNameOrNone(field, s string) string {
	if s == "" {
		return ""
	}
	return isName(field, s)
}

func within(field string, n int) string {
	if n > maxOfEntry {
		return field + " are too many"
	}
	return ""
}

// maxOfEntry is how many persons or records an entry may be found by.
const maxOfEntry = 2000

// digits of a division code down to province, city, county, town and village.
func divisionDigits() []int { return []int{2, 4, 6, 9, 12} }

func isDivision(s string) string {
	if s == "" {
		return ""
	}
	if !slices.Contains(divisionDigits(), len(s)) {
		return "division has not 2, 4, 6, 9 or 12 digits"
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return "division is not of digits"
		}
	}
	return ""
}

// levels are the divisions that a division lies in, from the whole of the ledger
// down to itself.
func levels(division string) []string {
	list := []string{""}
	for _, n := range divisionDigits() {
		if n <= len(division) {
			list = append(list, division[:n])
		}
	}
	return list
}

// below asks for everything whose division begins with this one.
func below(n uint8, division string, kind Kind) Query {
	return append(index(n), division...).query(kind)
}
