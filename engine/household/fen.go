package household

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
)

// Fen is an amount of money in fen (1/100 yuan).
type Fen int64

// MaxFen is the largest amount a record or a declaration may hold: ten thousand
// billion yuan. Sums of a household's records stay far inside an int64.
const MaxFen Fen = 1_000_000_000_000_000

// Errors of ParseYuan.
var (
	ErrBadAmount      = errors.New("not an amount in yuan with at most two decimals")
	ErrNegativeAmount = errors.New("a negative amount")
)

// ParseYuan reads an amount in yuan: digits, optional thousands separators in
// groups of three, at most two decimals. Full-width digits, commas, points and
// signs are read as their ASCII forms. Text around the number, an exponent or a
// third decimal is ErrBadAmount, never a rounding; an amount below zero is
// ErrNegativeAmount; empty text is ErrBadAmount (the caller decides what an
// empty field means).
func ParseYuan(text []byte) (Fen, error) {
	var ascii [40]byte
	s, ok := foldAmount(text, ascii[:0])
	if !ok {
		return 0, ErrBadAmount
	}
	negative := false
	if len(s) > 0 && s[0] == '-' {
		negative, s = true, s[1:]
	}
	var yuan int64
	digits, group, grouped := 0, 0, false
	i := 0
	for ; i < len(s) && s[i] != '.'; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			yuan = yuan*10 + int64(c-'0')
			digits++
			group++
			if yuan > int64(MaxFen)/100 {
				return 0, ErrBadAmount
			}
		case c == ',' && group > 0 && group <= 3 && (!grouped || group == 3):
			grouped, group = true, 0
		default:
			return 0, ErrBadAmount
		}
	}
	if digits == 0 || grouped && group != 3 {
		return 0, ErrBadAmount
	}
	fen := yuan * 100
	if i < len(s) {
		decimals := s[i+1:]
		if len(decimals) == 0 || len(decimals) > 2 {
			return 0, ErrBadAmount
		}
		scale := int64(10)
		for _, c := range decimals {
			if c < '0' || c > '9' {
				return 0, ErrBadAmount
			}
			fen += int64(c-'0') * scale
			scale /= 10
		}
	}
	if negative && fen != 0 {
		return 0, ErrNegativeAmount
	}
	return Fen(fen), nil
}

// foldAmount copies text into buf with full-width characters folded to ASCII
// and surrounding spaces dropped. It reports false when the result cannot fit,
// in which case the text is no amount.
func foldAmount(text, buf []byte) ([]byte, bool) {
	for i := 0; i < len(text); {
		c := text[i]
		if c < 0x80 {
			if len(buf) == cap(buf) {
				return nil, false
			}
			buf = append(buf, c)
			i++
			continue
		}
		// U+FF01..U+FF5E are EF BC 81 .. EF BD 9E; U+3000 is the ideographic space.
		if i+2 >= len(text) || len(buf) == cap(buf) {
			return nil, false
		}
		r := rune(c&0x0f)<<12 | rune(text[i+1]&0x3f)<<6 | rune(text[i+2]&0x3f)
		switch {
		case c&0xf0 == 0xe0 && r >= 0xff01 && r <= 0xff5e:
			buf = append(buf, byte(r-0xff01+'!'))
		case c&0xf0 == 0xe0 && r == 0x3000:
			buf = append(buf, ' ')
		default:
			return nil, false
		}
		i += 3
	}
	for len(buf) > 0 && isSpace(buf[0]) {
		buf = buf[1:]
	}
	for len(buf) > 0 && isSpace(buf[len(buf)-1]) {
		buf = buf[:len(buf)-1]
	}
	return buf, true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// AppendYuan appends the amount in yuan with two decimals and no separators.
func (f Fen) AppendYuan(b []byte) []byte {
	n := int64(f)
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	return append(b, '.', byte('0'+n/10%10), byte('0'+n%10))
}

// Yuan is the amount in yuan with two decimals, as people write it.
func (f Fen) Yuan() string { return string(f.AppendYuan(nil)) }

// Share is a part of an asset as an exact fraction in lowest terms. The zero
// value means "not given" and counts as the whole.
type Share struct{ Num, Den uint32 }

// Whole is a share of 100 %.
var Whole = Share{1, 1} //nolint:gochecknoglobals // a constant of struct type

// ErrBadShare is returned for text that is not a percentage from 0 to 100 with
// at most six decimals, nor a fraction n/d with 0 ≤ n ≤ d.
var ErrBadShare = errors.New("not a share: want a percentage from 0 to 100, or n/d")

// ParseShare reads a share: "50", "33.33", "50%" (percent) or "1/2".
// A share below zero is ErrNegativeAmount.
func ParseShare(text []byte) (Share, error) {
	var ascii [40]byte
	s, ok := foldAmount(text, ascii[:0])
	if !ok || len(s) == 0 {
		return Share{}, ErrBadShare
	}
	for i, c := range s {
		if c == '/' {
			n, okN := parseSmall(s[:i])
			d, okD := parseSmall(s[i+1:])
			if !okN || !okD || d == 0 || n > d {
				return Share{}, ErrBadShare
			}
			return NewShare(uint64(n), uint64(d)), nil
		}
	}
	if s[len(s)-1] == '%' {
		s = s[:len(s)-1]
	}
	negative := false
	if len(s) > 0 && s[0] == '-' {
		negative, s = true, s[1:]
	}
	whole, frac, den := s, []byte(nil), uint64(100)
	for i, c := range s {
		if c == '.' {
			whole, frac = s[:i], s[i+1:]
			if len(frac) == 0 || len(frac) > 6 {
				return Share{}, ErrBadShare
			}
			break
		}
	}
	n, ok := parseSmall(whole)
	if !ok {
		return Share{}, ErrBadShare
	}
	num := uint64(n)
	for _, c := range frac {
		if c < '0' || c > '9' {
			return Share{}, ErrBadShare
		}
		num, den = num*10+uint64(c-'0'), den*10
	}
	if negative && num != 0 {
		return Share{}, ErrNegativeAmount
	}
	if num > den {
		return Share{}, ErrBadShare
	}
	return NewShare(num, den), nil
}

// NewShare is num/den in lowest terms. den must not be 0 and the reduced terms
// must fit 32 bits.
func NewShare(num, den uint64) Share {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return Share{uint32(num / a), uint32(den / a)}
}

func parseSmall(s []byte) (uint32, bool) {
	if len(s) == 0 || len(s) > 9 {
		return 0, false
	}
	n := uint32(0)
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint32(c-'0')
	}
	return n, true
}

// Below reports whether the share is less than so many percent.
func (s Share) Below(percent int64) bool {
	return s.Den != 0 && int64(s.Num)*100 < percent*int64(s.Den)
}

// Of is the share of an amount, rounded down to the fen. The amount must not be
// negative.
func (s Share) Of(f Fen) Fen {
	if s.Den == 0 || s.Num == s.Den {
		return f
	}
	hi, lo := bits.Mul64(uint64(f), uint64(s.Num))
	q, _ := bits.Div64(hi, lo, uint64(s.Den))
	return Fen(q)
}

// Add is a + b for a b that is not negative. A sum past int64 stays at its largest value,
// which is above every limit.
func Add(a, b int64) int64 {
	if s := a + b; s >= a {
		return s
	}
	return math.MaxInt64
}
