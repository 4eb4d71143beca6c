package desk

import (
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// maxNumber is how long the number of a household or an authorisation may be to stand in
// the ledger.
const maxNumber = 128

// keyable reports whether a number that came with a request can stand in the ledger.
func keyable(s string) bool { return s != "" && len(s) <= maxNumber && strings.IndexByte(s, 0) < 0 }

// numeral reports whether a text can be the number of a household or an authorisation:
// letters, digits and a few signs, and no resident's number in it.
func numeral(s string) bool {
	if s == "" || len(s) > maxNumber {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.IndexByte("-_./:", c) >= 0:
		default:
			return false
		}
	}
	return !holdsResident(s)
}

// number is a number as the audit log takes it. It came with a request that nobody has
// judged yet, so it may be anything: what is no number, or could be that of a document or
// an account, is masked.
func number(s string) string {
	if s == "" || numeral(s) && longestRun(s) < 15 {
		return s
	}
	return "***"
}

// longestRun is the length of the longest run of digits.
func longestRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if run++; s[i] < '0' || s[i] > '9' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// holdsResident reports whether a text holds the number of a resident.
func holdsResident(s string) bool {
	for _, n := range [...]int{18, 15} {
		for i := 0; i+n <= len(s); i++ {
			if c := s[i]; c < '0' || c > '9' {
				continue
			}
			if match.ParseDocument(household.ResidentID, []byte(s[i:i+n])).Valid {
				return true
			}
		}
	}
	return false
}

// word is a code as the audit log takes it: what is none is left out.
func word(s string) string {
	if !household.IsSlug(s) || len(s) > 64 || longestRun(s) > 12 {
		return ""
	}
	return s
}
