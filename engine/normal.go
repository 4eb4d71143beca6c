package engine

import (
	"unicode/utf8"
	"unsafe"

	"github.com/hedui/hedui/engine/match"
)

// The texts of a request are normalised for every household of a batch. Nearly all of
// them are in normal form already and stay what they are, without a copy.

// normalName is match.NormalName.
func normalName(s string) string {
	n := match.NormalName(bytesOf(s))
	if len(n) == 0 || unsafe.SliceData(n) == unsafe.StringData(s) {
		return s[:len(n)]
	}
	return string(n)
}

// numberText is match.NumberText.
func numberText(s string) string {
	if len(s) != 15 && plain(s) {
		return s
	}
	return match.NumberText(bytesOf(s))
}

// normalMark is match.NormalPlate, which is match.NormalUnit.
func normalMark(s string) string {
	if plain(s) || plainPlate(s) {
		return s
	}
	return match.NormalPlate(bytesOf(s))
}

// plain reports whether there is nothing in s but digits and capital letters, which no
// normalisation changes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c-'0' > 9 && c-'A' > 'Z'-'A' {
			return false
		}
	}
	return true
}

// plainPlate reports whether s is a plate as they are issued: the character of a
// province, which normalisation leaves alone like any of U+4E00 to U+9FFF, and capital
// letters and digits.
func plainPlate(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return r >= 0x4e00 && r <= 0x9fff && plain(s[n:])
}

// bytesOf is the bytes of s without a copy, for those who only read them.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
