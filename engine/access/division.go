package access

import "github.com/hedui/hedui/engine/match/divisions"

// Significant returns the digits of a division code that say something: 2 of a
// province, 4 of a city, 6 of a county, 9 of a township and 12 of a village. Zeros
// that only fill up go, so 340000 and 34 are one province. A text that is no code is
// "", which lies nowhere and holds nothing.
func Significant(code string) string {
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return ""
		}
	}
	switch len(code) {
	case 2, 4, 6, 9, 12:
	default:
		return ""
	}
	for _, up := range [...]int{9, 6, 4, 2} {
		if len(code) > up && zeros(code[up:]) {
			code = code[:up]
		}
	}
	if code == "00" {
		return ""
	}
	return code
}

func zeros(s string) bool {
	for i := range len(s) {
		if s[i] != '0' {
			return false
		}
	}
	return true
}

// Within reports whether a division is the scope or lies in it. Codes that are
// malformed or missing lie in nothing. A county that was merged or renumbered lies also
// where its successors lie, by the dated table, so that an authorisation registered under
// its old code does not fall out of everybody's reach.
func Within(code, scope string) bool {
	own, in := Significant(code), Significant(scope)
	if in == "" || own == "" {
		return false
	}
	if len(own) >= len(in) && own[:len(in)] == in {
		return true
	}
	return len(own) >= 6 && divisions.Within(own, (in + "0000")[:max(6, len(in))])
}

// County is the six digits of the county that a division lies in or is, filled up with
// zeros where it is above one; 000000 of a text that is no code.
func County(code string) string { return (Significant(code) + "000000")[:6] }
