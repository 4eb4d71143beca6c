package oracle

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Quarantine codes, as the contract names them.
const (
	missingField         = "missing_field"
	badAmount            = "bad_amount"
	negativeAmount       = "negative_amount"
	badDate              = "bad_date"
	badPeriod            = "bad_period"
	unknownCode          = "unknown_code"
	badEncoding          = "bad_encoding"
	columnCount          = "column_count"
	conflictingDuplicate = "conflicting_duplicate"
	outsideCoverage      = "outside_coverage"
)

// parseYuan reads yuan with at most two decimals into fen. Thousands commas
// must stand before groups of three. The code is empty when it can be read.
func parseYuan(s string) (fen int64, code string) {
	negative, whole, fraction, ok := splitDecimal(s)
	if !ok || len(fraction) > 2 || len(whole) > 15 {
		return 0, badAmount
	}
	fen, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	switch {
	case err != nil:
		return 0, badAmount
	case negative && fen > 0:
		return 0, negativeAmount
	}
	return fen, ""
}

// parseArea reads square metres into plain decimal text without idle zeros, so
// that equal areas are equal text.
func parseArea(s string) (area, code string) {
	negative, whole, fraction, ok := splitDecimal(s)
	if !ok {
		return "", badAmount
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if negative && whole+fraction != "" {
		return "", negativeAmount
	}
	return whole + "." + fraction, ""
}

// splitDecimal cuts [-]digits[.digits], thousands commas taken out of the whole part.
func splitDecimal(s string) (negative bool, whole, fraction string, ok bool) {
	s = strings.TrimSpace(foldWidth(s))
	s, negative = strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(s, ".")
	if groups := strings.Split(whole, ","); len(groups) > 1 {
		for i, g := range groups {
			if i == 0 && (g == "" || len(g) > 3) || i > 0 && len(g) != 3 {
				return false, "", "", false
			}
		}
		whole = strings.Join(groups, "")
	}
	ok = allDigits(whole) && (!point || allDigits(fraction))
	return negative, whole, fraction, ok
}

// parseShare reads percent (`50`, `33.33`, `50%`) or a fraction (`1/2`) into a
// reduced fraction `n/d` between 0 and 1.
func parseShare(s string) (share, code string) {
	s = strings.TrimSpace(foldWidth(s))
	r := new(big.Rat)
	if n, d, fraction := strings.Cut(s, "/"); fraction {
		n, d = strings.TrimSpace(n), strings.TrimSpace(d)
		if !allDigits(n) || !allDigits(d) || strings.Trim(d, "0") == "" {
			return "", badAmount
		}
		r.SetString(n + "/" + d)
	} else {
		negative, whole, part, ok := splitDecimal(strings.TrimSpace(strings.TrimSuffix(s, "%")))
		if !ok {
			return "", badAmount
		}
		r.SetString(whole + "." + part + "0")
		if negative && r.Sign() > 0 {
			return "", negativeAmount
		}
		r.Quo(r, big.NewRat(100, 1))
	}
	if r.Cmp(big.NewRat(1, 1)) > 0 {
		return "", badAmount
	}
	return r.String(), ""
}

// sharePart is amount × share, rounded down to the fen.
func sharePart(amount int64, share *big.Rat) int64 {
	product := new(big.Int).Mul(big.NewInt(amount), share.Num())
	return product.Quo(product, share.Denom()).Int64()
}

// parseDay reads the three written forms of a date; the text is its ISO form.
func parseDay(s string) (iso, code string) {
	s = strings.TrimSpace(foldWidth(s))
	for _, layout := range []string{"2006-01-02", "20060102", "2006/1/2"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("2006-01-02"), ""
		}
	}
	return "", badDate
}

// month counts months: year × 12 + (month of the year − 1).
type month int

func monthOf(t time.Time) month { return month(t.Year()*12 + int(t.Month()) - 1) }

func (m month) year() int { return int(m) / 12 }

func (m month) String() string { return fmt.Sprintf("%04d-%02d", m.year(), int(m)%12+1) }

// parseMonth reads `2006-01` or `200601`.
func parseMonth(s string) (m month, code string) {
	s = strings.TrimSpace(foldWidth(s))
	for _, layout := range []string{"2006-01", "200601"} {
		if t, err := time.Parse(layout, s); err == nil {
			return monthOf(t), ""
		}
	}
	return 0, badPeriod
}

// months is a closed range of months.
type months struct{ from, to month }

func (r months) holds(m month) bool { return r.from <= m && m <= r.to }

// touches says whether a month of the year lies in the range.
func (r months) touches(year int) bool { return r.from.year() <= year && year <= r.to.year() }

// isYear says whether the range is exactly that calendar year.
func (r months) isYear(year int) bool {
	return r.from == month(year*12) && r.to == month(year*12+11)
}

// lastOf is the last month of the year inside a range that touches it.
func (r months) lastOf(year int) month { return min(r.to, month(year*12+11)) }

func parseCovers(s string) (months, error) {
	from, to, ok := strings.Cut(s, "..")
	a, codeA := parseMonth(from)
	b, codeB := parseMonth(to)
	if !ok || codeA != "" || codeB != "" || b < a {
		return months{}, fmt.Errorf("months %q: want FROM..TO such as 2025-01..2026-10", s)
	}
	return months{a, b}, nil
}
