package connectors

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Code says why a row was quarantined.
type Code uint8

// The quarantine codes. OK is no fault. ConflictingDuplicate is never given by a
// table: it takes all rows of a snapshot to see one.
const (
	OK Code = iota
	MissingField
	BadAmount
	NegativeAmount
	BadDate
	BadPeriod
	UnknownCode
	BadEncoding
	ColumnCount
	ConflictingDuplicate
	OutsideCoverage
)

// NumCodes is one more than the largest Code, for arrays indexed by code.
const NumCodes = 11

var codeNames = [NumCodes]string{
	"", "missing_field", "bad_amount", "negative_amount", "bad_date", "bad_period", "unknown_code", "bad_encoding",
	"column_count", "conflicting_duplicate", "outside_coverage",
}

func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return "code " + strconv.Itoa(int(c))
}

// Fault is a row that cannot be used and the first thing that is wrong with it.
type Fault struct {
	Row    int64  // data row of its table, from 1
	Line   int64  // physical line the row starts on, from 1; 0 where files have no lines
	Column string // as the file writes it; empty for ColumnCount
	Code   Code

	// Excerpt is the field, masked: a number, date or month of at most ten
	// characters is shown, of anything else only the first character.
	Excerpt string
}

// Error names the place and the code, never content.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString("row ")
	b.WriteString(strconv.FormatInt(f.Row, 10))
	if f.Line > 0 {
		b.WriteString(", line ")
		b.WriteString(strconv.FormatInt(f.Line, 10))
	}
	if f.Column != "" {
		b.WriteString(", column ")
		b.WriteString(f.Column)
	}
	b.WriteString(": ")
	b.WriteString(f.Code.String())
	return b.String()
}

const (
	maxShown = 10 // characters of a number that an excerpt shows
	maxStars = 12
)

// excerpt is the masked form of a field for the quarantine file.
func excerpt(text []byte, kind Kind) string {
	if len(text) == 0 {
		return ""
	}
	if kind >= KindAmount && kind != KindCode && len(text) <= maxShown && isNumeric(text) {
		return string(text)
	}
	r, n := utf8.DecodeRune(text)
	head := string(text[:n])
	if r == utf8.RuneError || r < ' ' || r == 0x7f {
		head = "?"
	}
	return head + strings.Repeat("*", min(maxStars, utf8.RuneCount(text[n:])))
}

// isNumeric reports whether the text is digits and the punctuation of numbers
// and dates, and nothing else.
func isNumeric(text []byte) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != ',' && c != '-' && c != '/' && c != '%' && c != ':' {
			return false
		}
	}
	return true
}
