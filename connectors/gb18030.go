package connectors

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The decoder of golang.org/x/text is the base. It follows the edition of 2000
// and answers U+FFFD, without an error, for 2,067 two-byte codes that occur in
// personal names: the three user-defined zones and the codes that later editions
// gave characters. gbTable fills them in, so that every well-formed two-byte code
// has a character, and appendGB18030 refuses what is not well formed.

const (
	gbLeads  = 0xfe - 0x81 + 1
	gbTrails = 0xfe - 0x40 // 0x40–0x7e and 0x80–0xfe
)

// gbRange maps the codes first … first+count−1 (in code order, 0x7f left out)
// to consecutive characters.
type gbRange struct {
	first uint16
	count int
	char  rune
}

// gbLater lists the codes outside the user-defined zones that the base decoder
// does not know: the characters of the 2022 edition where it has one, else the
// private-use character the standard reserves for the code.
var gbLater = []gbRange{
	{0xa2ab, 6, 0xe766},
	{0xa2e4, 1, 0xe76d},
	{0xa2ef, 2, 0xe76e},
	{0xa2fd, 2, 0xe770},
	{0xa4f4, 11, 0xe772},
	{0xa5f7, 8, 0xe77d},
	{0xa6b9, 8, 0xe785},
	{0xa6d9, 1, 0xfe10}, // 2022
	{0xa6da, 1, 0xfe12}, // 2022
	{0xa6db, 1, 0xfe11}, // 2022
	{0xa6dc, 4, 0xfe13}, // 2022
	{0xa6ec, 2, 0xfe17}, // 2022
	{0xa6f3, 1, 0xfe19}, // 2022
	{0xa6f6, 9, 0xe797},
	{0xa7c2, 15, 0xe7a0},
	{0xa7f2, 13, 0xe7af},
	{0xa896, 11, 0xe7bc},
	{0xa8bc, 1, 0x1e3f}, // 2005
	{0xa8c1, 4, 0xe7c9},
	{0xa8ea, 21, 0xe7cd},
	{0xa958, 1, 0xe7e2},
	{0xa95b, 1, 0xe7e3},
	{0xa95d, 3, 0xe7e4},
	{0xa997, 13, 0xe7f4},
	{0xa9f0, 15, 0xe801},
	{0xd7fa, 5, 0xe810},
	{0xfe51, 3, 0xe816},
	{0xfe59, 1, 0x9fb4}, // 2022
	{0xfe61, 1, 0x9fb5}, // 2022
	{0xfe66, 2, 0x9fb6}, // 2022
	{0xfe6c, 1, 0xe831},
	{0xfe6d, 1, 0x9fb8}, // 2022
	{0xfe76, 1, 0xe83b},
	{0xfe7e, 1, 0x9fb9}, // 2022
	{0xfe90, 1, 0x9fba}, // 2022
	{0xfe91, 1, 0xe855},
	{0xfea0, 1, 0x9fbb}, // 2022
}

// gbTable is the character of every two-byte code, by gbIndex. It is a constant
// that is computed when the first GB18030 file is met.
var gbTable = sync.OnceValue(func() *[gbLeads * gbTrails]rune { //nolint:gochecknoglobals // a constant, computed late
	table := new([gbLeads * gbTrails]rune)
	decoder := simplifiedchinese.GB18030.NewDecoder()
	for lead := 0x81; lead <= 0xfe; lead++ {
		for trail := 0x40; trail <= 0xfe; trail++ {
			if trail == 0x7f {
				continue
			}
			r := rune(utf8.RuneError)
			if out, err := decoder.Bytes([]byte{byte(lead), byte(trail)}); err == nil {
				if c, n := utf8.DecodeRune(out); n == len(out) {
					r = c
				}
			}
			if r == utf8.RuneError {
				r = gbUserDefined(lead, trail)
			}
			table[gbIndex(byte(lead), byte(trail))] = r
		}
	}
	for _, z := range gbLater {
		at := gbIndex(byte(z.first>>8), byte(z.first))
		for i := range z.count {
			table[at+i] = z.char + rune(i)
		}
	}
	return table
})

// gbUserDefined is the private-use character of a code in a user-defined zone,
// or U+FFFD outside them.
func gbUserDefined(lead, trail int) rune {
	switch {
	case lead >= 0xaa && lead <= 0xaf && trail >= 0xa1:
		return rune(0xe000 + (lead-0xaa)*94 + trail - 0xa1)
	case lead >= 0xf8 && trail >= 0xa1:
		return rune(0xe234 + (lead-0xf8)*94 + trail - 0xa1)
	case lead >= 0xa1 && lead <= 0xa7 && trail <= 0xa0:
		if trail > 0x7f {
			trail--
		}
		return rune(0xe4c6 + (lead-0xa1)*96 + trail - 0x40)
	}
	return utf8.RuneError
}

// gbIndex is the place of a well-formed two-byte code in gbTable.
func gbIndex(lead, trail byte) int {
	i := int(lead-0x81)*gbTrails + int(trail-0x40)
	if trail > 0x7f {
		i--
	}
	return i
}

// appendGB18030 appends src as UTF-8. It reports false, with nothing promised
// about the result, for bytes that are no GB18030: a broken or unassigned
// sequence, a lone 0x80 or 0xff, or an encoded U+FFFD, which is the trace of a
// character that was lost before.
func appendGB18030(dst, src []byte) ([]byte, bool) {
	table := gbTable()
	for i := 0; i < len(src); {
		c := src[i]
		if c < utf8.RuneSelf {
			dst = append(dst, c)
			i++
			continue
		}
		if c == 0x80 || c == 0xff || i+1 >= len(src) {
			return dst, false
		}
		d := src[i+1]
		if d >= 0x40 {
			if d == 0x7f || d == 0xff {
				return dst, false
			}
			dst = utf8.AppendRune(dst, table[gbIndex(c, d)])
			i += 2
			continue
		}
		r, ok := gbFourBytes(src[i:])
		if !ok {
			return dst, false
		}
		dst = utf8.AppendRune(dst, r)
		i += 4
	}
	return dst, true
}

// appendPlainGB appends src as UTF-8 if that is plain in the sense of isPlain. It
// reports false, with dst as it was, for all other text, good or bad.
func appendPlainGB(dst, src []byte) ([]byte, bool) {
	table, out := gbTable(), dst
	for i := 0; i < len(src); {
		c := src[i]
		if c >= ' ' && c < 0x7f {
			out = append(out, c)
			i++
			continue
		}
		if c <= 0x80 || c == 0xff || i+1 >= len(src) {
			return dst, false
		}
		d := src[i+1]
		if d < 0x40 || d == 0x7f || d == 0xff {
			return dst, false
		}
		r := table[gbIndex(c, d)]
		if r < 0x4000 || r > 0x9fff {
			return dst, false
		}
		out = append(out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0xbf, 0x80|byte(r)&0x3f)
		i += 2
	}
	return out, true
}

// gbFourBytes decodes the four-byte code at the start of src.
func gbFourBytes(src []byte) (rune, bool) {
	if len(src) < 4 || src[1] < '0' || src[1] > '9' || src[2] < 0x81 || src[2] > 0xfe || src[3] < '0' || src[3] > '9' {
		return 0, false
	}
	if src[0] >= 0x90 {
		n := ((rune(src[0]-0x90)*10+rune(src[1]-'0'))*126+rune(src[2]-0x81))*10 + rune(src[3]-'0')
		return n + 0x10000, n+0x10000 <= utf8.MaxRune
	}
	// The ranges below U+10000 are the base decoder's, which has them right. These
	// codes are rare, so that its cost does not count.
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(src[:4])
	if err != nil {
		return 0, false
	}
	r, n := utf8.DecodeRune(out)
	return r, n == len(out) && r != utf8.RuneError
}

// gbWidth is the length of the well-formed code at the start of src, or 1 where
// there is none. A byte below 0x80 can be part of a code, so delimiters that may
// be such a byte are found by walking over whole codes.
func gbWidth(src []byte) int {
	if src[0] <= 0x80 || src[0] == 0xff || len(src) < 2 {
		return 1
	}
	if d := src[1]; d >= 0x40 {
		if d == 0x7f || d == 0xff {
			return 1
		}
		return 2
	}
	if len(src) >= 4 && src[1] >= '0' && src[1] <= '9' && src[2] >= 0x81 && src[2] < 0xff && src[3] >= '0' && src[3] <= '9' {
		return 4
	}
	return 1
}
