package documents

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// AppendRepairs appends the packed keys (household.PersonKey.Num) of the
// resident numbers one typing error away from the 18 normalised characters: one
// digit substituted or two neighbours exchanged, the check character included.
// Only numbers with a right check character and a real birth date are given,
// ascending, each once, never the number itself. Some 180 keys are tried; with
// room for 32 in dst nothing is allocated. Anything else appends nothing.
//
// A repair is a key to search by. It is never a correction.
func AppendRepairs(dst []uint64, number []byte) []uint64 {
	if len(number) != 18 {
		return dst
	}
	var digit [17]int
	var weight [17]uint64
	num, p10 := uint64(0), uint64(1)
	for i := 16; i >= 0; i-- {
		if number[i] < '0' || number[i] > '9' {
			return dst
		}
		digit[i] = int(number[i] - '0')
		weight[i] = p10
		p10 *= 10
	}
	const checks = "10X98765432"
	want := slices.Index([]byte(checks), number[17])
	if want < 0 {
		return dst
	}
	// The weights of the standard, as residues modulo 11.
	mod := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, d := range digit {
		num += uint64(d) * weight[i]
		sum += d * mod[i]
	}
	start := len(dst)
	add := func(n uint64) {
		ymd := int(n / 1000 % 1_0000_0000)
		if _, ok := household.NewDate(ymd/10000, ymd/100%100, ymd%100); ok {
			dst = append(dst, n)
		}
	}
	if sum%11 != want {
		add(num) // only the check character was wrong
	}
	for i, d := range digit {
		for other := range 10 {
			if other != d && (sum+(other-d)*mod[i]+99)%11 == want {
				add(num - uint64(d)*weight[i] + uint64(other)*weight[i])
			}
		}
		if i == 16 {
			break
		}
		if e := digit[i+1]; e != d && (sum+(e-d)*(mod[i]-mod[i+1])+99)%11 == want {
			add(num - uint64(d)*weight[i] - uint64(e)*weight[i+1] + uint64(e)*weight[i] + uint64(d)*weight[i+1])
		}
	}
	// The last digit and the check character exchanged.
	if c := number[17]; c != 'X' && int(c-'0') != digit[16] {
		e := int(c - '0')
		if checks[(sum+(e-digit[16])*mod[16]+99)%11] == byte('0'+digit[16]) {
			add(num - uint64(digit[16]) + uint64(e))
		}
	}
	slices.Sort(dst[start:])
	return dst[:start+len(slices.Compact(dst[start:]))]
}

// Alias says that a person once had another number: an error corrected, a
// number shared by two people, an upgrade that differs from the rule.
type Alias struct {
	Former, Current household.PersonKey
	Source          string          // who says so
	From, To        household.Month // when the former number was in use; 0 is open
}
