package household

import (
	"math"
	"math/bits"
)

// Rounding says what becomes of the part of a quotient that is less than one.
type Rounding uint8

// The roundings. They follow the number line, not the size of the number: down of
// −1.5 is −2, up is −1, and half up is −1.
const (
	RoundDown   Rounding = iota + 1 // to the next whole number below
	RoundUp                         // to the next whole number above
	RoundHalfUp                     // to the nearest; a half goes up
)

// Roundings are the names of the roundings.
var Roundings = CodeList{{}, {"down", "舍去"}, {"up", "进位"}, {"half_up", "四舍五入"}}

func (r Rounding) String() string { return Roundings.At(uint8(r)).Name }

// MulDiv is a × num ÷ den, exact until the one division at the end. This file is the
// only place where an amount of money is divided by months, people or percent: a
// quotient that is rounded and multiplied again pays too much or too little, so
// callers multiply everything first and divide once, here. It returns false when den
// is not above 0, the rounding is none, or the result is past int64; the product
// itself may be as large as 128 bits.
func MulDiv(a, num, den int64, r Rounding) (int64, bool) {
	if den <= 0 || r < RoundDown || r > RoundHalfUp {
		return 0, false
	}
	negative := (a < 0) != (num < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(num))
	if hi >= uint64(den) {
		return 0, false
	}
	q, rest := bits.Div64(hi, lo, uint64(den))
	if q > 1<<63 {
		return 0, false
	}
	// Below 0 the magnitude grows where the number falls.
	away := false
	switch r {
	case RoundDown:
		away = negative
	case RoundUp:
		away = !negative
	case RoundHalfUp:
		half := uint64(den) - rest // rest ≥ half of den when rest ≥ den − rest
		away = rest > half || rest == half && !negative
	}
	if away && rest > 0 {
		q++
	}
	switch {
	case negative && q <= 1<<63:
		return -int64(q), true
	case !negative && q <= math.MaxInt64:
		return int64(q), true
	}
	return 0, false
}

// magnitude is the distance from 0, also of the smallest int64, which has no
// positive counterpart there.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// RoundTo is the amount in whole units, as in whole yuan with a unit of 100 fen. A
// unit below 2 fen changes nothing. Amounts and units up to MaxFen never overflow; a
// result past int64 is the last multiple that it holds.
func RoundTo(f, unit Fen, r Rounding) Fen {
	if unit < 2 {
		return f
	}
	q, ok := MulDiv(int64(f), 1, int64(unit), r)
	if !ok {
		return f // no rounding was named
	}
	most := math.MaxInt64 / int64(unit)
	return Fen(min(max(q, -most), most)) * unit
}
