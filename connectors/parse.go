package connectors

import (
	"bytes"
	"errors"

	"github.com/hedui/hedui/engine/household"
)

// Decimals of the units of money: how many decimals a whole fen leaves.
const (
	unitFen  = 0
	unitYuan = 2
	unitWan  = 6 // ten thousand yuan
)

// areaDecimals is the number of decimals of a square metre that a cm² leaves.
const areaDecimals = 4

// maxArea is the largest area in cm²: a million square kilometres.
const maxArea = 1_000_000_000_000 * 10_000

// parseAmount reads an amount of a unit.
func parseAmount(text []byte, unit int) (int64, Code) {
	n, code := parseDecimal(text, unit)
	if code == OK && n > int64(household.MaxFen) {
		return 0, BadAmount
	}
	return n, code
}

// parseDecimal reads a decimal number as a whole number of 10^−decimals. It
// takes what household.ParseYuan takes, for any number of decimals: digits,
// thousands separators in groups of three, full-width forms. A decimal that does
// not fit is BadAmount, never a rounding.
func parseDecimal(text []byte, decimals int) (int64, Code) {
	var ascii [64]byte
	s := text
	if !isASCII(text) {
		if len(text) > 3*len(ascii) {
			return 0, BadAmount
		}
		s = trim(foldWidth(ascii[:0], text))
	}
	negative := false
	if len(s) > 0 && s[0] == '-' {
		negative, s = true, s[1:]
	}
	const most = 1 << 56
	var n int64
	digits, group, grouped := 0, 0, false
	i := 0
	for ; i < len(s) && s[i] != '.'; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
			digits++
			group++
			if n > most {
				return 0, BadAmount
			}
		case c == ',' && group > 0 && group <= 3 && (!grouped || group == 3):
			grouped, group = true, 0
		default:
			return 0, BadAmount
		}
	}
	if digits == 0 || grouped && group != 3 {
		return 0, BadAmount
	}
	left := decimals
	if i < len(s) {
		frac := s[i+1:]
		if len(frac) == 0 || len(frac) > decimals {
			return 0, BadAmount
		}
		for _, c := range frac {
			if c < '0' || c > '9' || n > most {
				return 0, BadAmount
			}
			n = n*10 + int64(c-'0')
			left--
		}
	}
	for ; left > 0; left-- {
		if n > most {
			return 0, BadAmount
		}
		n *= 10
	}
	if negative && n != 0 {
		return 0, NegativeAmount
	}
	return n, OK
}

// parseArea reads square metres as cm².
func parseArea(text []byte) (int64, Code) {
	n, code := parseDecimal(text, areaDecimals)
	if code == OK && n > maxArea {
		return 0, BadAmount
	}
	return n, code
}

func parseShare(text []byte) (household.Share, Code) {
	s, err := household.ParseShare(text)
	switch {
	case err == nil:
		return s, OK
	case errors.Is(err, household.ErrNegativeAmount):
		return s, NegativeAmount
	}
	return s, BadAmount
}

// dateForm is a form of dates beyond the standard ones that a mapping can ask for.
type dateForm uint8

const (
	formDotted     dateForm = iota // 2006.1.2
	formChinese                    // 2006年1月2日
	formTimestamp                  // 2006-01-02 15:04:05, whose time is dropped
	formDayFirst                   // 02/01/2006
	formMonthFirst                 // 01/02/2006
)

// parseDate reads a date in the standard forms or one of those asked for.
func parseDate(text []byte, forms []dateForm) (household.Date, Code) {
	if d, ok := household.ParseDate(text); ok {
		return d, OK
	}
	for _, f := range forms {
		if d, ok := f.parse(text); ok {
			return d, OK
		}
	}
	return 0, BadDate
}

func (f dateForm) parse(s []byte) (household.Date, bool) {
	switch f {
	case formDotted:
		return dateParts(s, ".", ".", "", 0, 1, 2)
	case formChinese:
		return dateParts(s, "年", "月", "日", 0, 1, 2)
	case formDayFirst:
		return dateParts(s, "/", "/", "", 2, 1, 0)
	case formMonthFirst:
		return dateParts(s, "/", "/", "", 2, 0, 1)
	case formTimestamp:
		// 2006-01-02 15:04, with T or a space and anything of a clock behind it.
		if len(s) < 16 || s[10] != ' ' && s[10] != 'T' {
			return 0, false
		}
		for _, c := range s[11:] {
			if (c < '0' || c > '9') && c != ':' && c != '.' && c != 'Z' && c != '+' && c != '-' {
				return 0, false
			}
		}
		return household.ParseDate(s[:10])
	}
	return 0, false
}

// dateParts reads three numbers with the given text behind each; year, month and
// day say which of them is which.
func dateParts(s []byte, first, second, third string, year, month, day int) (household.Date, bool) {
	var n [3]int
	for i, after := range [3]string{first, second, third} {
		digits := 0
		for len(s) > 0 && s[0] >= '0' && s[0] <= '9' && digits < 4 {
			n[i] = n[i]*10 + int(s[0]-'0')
			digits++
			s = s[1:]
		}
		if digits == 0 || i == year && digits != 4 || i != year && digits > 2 || !bytes.HasPrefix(s, []byte(after)) {
			return 0, false
		}
		s = s[len(after):]
	}
	if len(s) > 0 {
		return 0, false
	}
	return household.NewDate(n[year], n[month], n[day])
}
