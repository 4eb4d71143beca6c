package connectors

import (
	"encoding/binary"

	"github.com/hedui/hedui/engine/household"
)

// The functions here read the one form in which nearly every value is written. They
// report false for every other text, good or bad, which the general functions read.

// digits8 reports whether eight bytes, of which '0' was taken by exclusive or, are
// digits.
func digits8(w uint64) bool { return (w|(w+6*ones))&(0xf0*ones) == 0 }

// number8 is the number of eight digits, the first in the lowest byte.
func number8(w uint64) int {
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	return int((w*10000 + w>>32) & 0xffffffff)
}

// plainYuan reads digits with at most two decimals as fen.
func plainYuan(s []byte) (int64, bool) {
	if len(s) == 0 || len(s) > 15 {
		return 0, false
	}
	var n int64
	i := 0
	for ; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			break
		}
		n = n*10 + int64(d)
	}
	if i == 0 || n > int64(household.MaxFen)/100 {
		return 0, false
	}
	switch {
	case i == len(s):
		n *= 100
	case s[i] != '.':
		return 0, false
	case i+2 == len(s) && s[i+1]-'0' <= 9:
		n = n*100 + int64(s[i+1]-'0')*10
	case i+3 == len(s) && s[i+1]-'0' <= 9 && s[i+2]-'0' <= 9:
		n = n*100 + int64(s[i+1]-'0')*10 + int64(s[i+2]-'0')
	default:
		return 0, false
	}
	return n, n <= int64(household.MaxFen)
}

// plainDate reads 2006-01-02.
func plainDate(s []byte) (household.Date, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	w := binary.LittleEndian.Uint64(s)
	w = (w&0xffffffff | w>>40&0xffff<<32 | uint64(s[8])<<48 | uint64(s[9])<<56) ^ '0'*ones
	if !digits8(w) {
		return 0, false
	}
	n := number8(w)
	return household.NewDate(n/10000, n/100%100, n%100)
}

// plainMonth reads 2006-01.
func plainMonth(s []byte) (household.Month, bool) {
	if len(s) != 7 || s[4] != '-' {
		return 0, false
	}
	w := uint64(binary.LittleEndian.Uint32(s)) | uint64(s[5])<<32 | uint64(s[6])<<40 | '0'<<48 | '0'<<56
	if w ^= '0' * ones; !digits8(w) {
		return 0, false
	}
	n := number8(w) / 100
	return household.NewMonth(n/100, n%100)
}

const codeSlots = 128

// codeTable finds the codes of a column by a few bytes of their text. It is never
// changed after it was made.
type codeTable struct {
	factor uint
	slots  [codeSlots]codeSlot
}

type codeSlot struct {
	text string // "" for an empty slot
	code uint8
}

// newCodeTable makes the table of as many of the codes as can be told apart. Which
// they are depends on nothing but the codes.
func newCodeTable(codes map[string]uint8) *codeTable {
	best, most := &codeTable{}, -1
	for factor := uint(1); factor < 32 && most < len(codes); factor++ {
		t, n := &codeTable{factor: factor}, 0
		for text, code := range codes {
			if text == "" {
				continue
			}
			slot := &t.slots[slotOf(factor, text)]
			if slot.text == "" {
				n++
			} else if slot.text < text {
				continue
			}
			*slot = codeSlot{text, code}
		}
		if n > most {
			best, most = t, n
		}
	}
	return best
}

// slotOf is where a text is kept that is not empty.
func slotOf[T string | []byte](factor uint, text T) uint {
	n := uint(len(text))
	return (n + factor*(uint(text[0])+3*uint(text[n-1])+7*uint(text[n/2]))) % codeSlots
}

// find is the code of a text, if it is in the table.
func (t *codeTable) find(text []byte) (code uint8, ok bool) {
	if t == nil || len(text) == 0 {
		return 0, false
	}
	s := &t.slots[slotOf(t.factor, text)]
	return s.code, s.text == string(text)
}
