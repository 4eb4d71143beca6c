package oracle

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// idTypes are the kinds of document; the kind is a part of a document's identity.
var idTypes = map[string]bool{
	"resident_id": true, "passport": true, "military": true,
	"hmt_permit": true, "foreign_permit": true, "uscc": true,
}

// document is a kind and a normalised number; number is empty when there is none.
type document struct{ kind, number string }

// readDocument normalises a number and says whether it passes the check of its
// kind. A valid 15 digit resident number comes back in its 18 digit form.
func readDocument(kind, raw string) (d document, valid bool) {
	d = document{kind, normNumber(raw)}
	switch {
	case !idTypes[kind] || d.number == "":
		return d, false
	case kind != "resident_id":
		return d, strings.IndexFunc(d.number, letterOrDigit) >= 0
	case len(d.number) == 15 && allDigits(d.number):
		long := d.number[:6] + "19" + d.number[6:]
		if !realDate(long[6:14]) {
			return d, false
		}
		d.number = long + checkCharacter(long)
		return d, true
	case len(d.number) == 18 && allDigits(d.number[:17]):
		return d, realDate(d.number[6:14]) && d.number[17:] == checkCharacter(d.number[:17])
	}
	return d, false
}

// birth is the birth date a valid resident number tells; ok is false for every
// other document.
func (d document) birth() (day time.Time, ok bool) {
	if _, valid := readDocument(d.kind, d.number); !valid || d.kind != "resident_id" {
		return time.Time{}, false
	}
	t, err := time.Parse("20060102", d.number[6:14])
	return t, err == nil
}

// checkCharacter is the ISO 7064 MOD 11-2 character of 17 digits.
func checkCharacter(digits17 string) string {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(digits17[i]-'0')
	}
	return string("10X98765432"[sum%11])
}

func realDate(yyyymmdd string) bool {
	_, err := time.Parse("20060102", yyyymmdd)
	return err == nil
}

// normNumber drops white space, folds full-width forms and raises the case.
func normNumber(s string) string {
	return strings.ToUpper(dropSpace(foldWidth(s)))
}

// normAsset is normNumber without middle dots: for plates, unit and account numbers.
func normAsset(s string) string {
	return normNumber(strings.Map(func(r rune) rune {
		if middleDot(r) {
			return -1
		}
		return r
	}, s))
}

// normName is NFKC without white space and zero-width characters, all middle
// dots alike. The dots are looked at before NFKC too, which would turn the
// full-width full stop into a plain one.
func normName(s string) string {
	s = norm.NFKC.String(strings.Map(oneDot, s))
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || zeroWidth(r) {
			return -1
		}
		return oneDot(r)
	}, s)
}

func oneDot(r rune) rune {
	if middleDot(r) {
		return '\u00b7'
	}
	return r
}

func middleDot(r rune) bool {
	switch r {
	case 0x00b7, 0x2022, 0x2027, 0x2219, 0x22c5, 0x30fb, 0xff0e, 0xff65:
		return true
	}
	return false
}

func zeroWidth(r rune) bool {
	switch r {
	case 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff:
		return true
	}
	return false
}

// foldWidth turns the full-width forms U+FF01..FF5E and U+3000 into ASCII.
func foldWidth(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xff01 + '!'
		case r == 0x3000:
			return ' '
		}
		return r
	}, s)
}

func dropSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
