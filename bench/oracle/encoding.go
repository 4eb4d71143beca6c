package oracle

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// decode turns a file's bytes into UTF-8. A byte order mark says UTF-8; without
// one the lines with bytes above 127 vote: UTF-8 when more than half of them
// are valid UTF-8, GB18030 otherwise. Bad bytes become U+FFFD in both.
func decode(raw []byte) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		return bytes.ToValidUTF8(rest, []byte("\ufffd")), nil
	}
	voters, valid := 0, 0
	for line := range bytes.Lines(raw) {
		if bytes.IndexFunc(line, func(r rune) bool { return r > 127 }) < 0 {
			continue
		}
		voters++
		if utf8.Valid(line) {
			valid++
		}
	}
	if voters == 0 || 2*valid > voters {
		return bytes.ToValidUTF8(raw, []byte("\ufffd")), nil
	}
	return decodeGB18030(raw)
}

// decodeGB18030 knows the user-defined two-byte zones and the 2022 code points
// beside what the library decodes: both occur in personal names.
func decodeGB18030(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	decoder := simplifiedchinese.GB18030.NewDecoder()
	start := 0
	flush := func(end int) error {
		plain, err := decoder.Bytes(raw[start:end])
		if err != nil {
			return fmt.Errorf("decode GB18030: %w", err)
		}
		out.Write(plain)
		return nil
	}
	for i := 0; i < len(raw); {
		switch size := gbSize(raw[i:]); {
		case size == 2 && privateRune(raw[i], raw[i+1]) != 0:
			if err := flush(i); err != nil {
				return nil, err
			}
			out.WriteRune(privateRune(raw[i], raw[i+1]))
			i += 2
			start = i
		default:
			i += size
		}
	}
	if err := flush(len(raw)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// gbSize is the length of the character at the front of b.
func gbSize(b []byte) int {
	lead := func(c byte) bool { return c >= 0x81 && c <= 0xfe }
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	switch {
	case len(b) >= 4 && lead(b[0]) && digit(b[1]) && lead(b[2]) && digit(b[3]):
		return 4
	case len(b) >= 2 && lead(b[0]) && b[1] >= 0x40 && b[1] != 0x7f && b[1] != 0xff:
		return 2
	}
	return 1
}

// privateRune is the character of a two-byte code in the three user-defined
// zones (U+E000..E765, row by row) or of the 24 codes that got real characters
// after the table of the library; 0 for every other code.
func privateRune(a, b byte) rune {
	switch {
	case a >= 0xaa && a <= 0xaf && b >= 0xa1:
		return 0xe000 + rune(a-0xaa)*94 + rune(b-0xa1)
	case a >= 0xf8 && b >= 0xa1:
		return 0xe234 + rune(a-0xf8)*94 + rune(b-0xa1)
	case a >= 0xa1 && a <= 0xa7 && b >= 0x40 && b <= 0xa0:
		column := rune(b - 0x40)
		if b > 0x7f {
			column--
		}
		return 0xe4c6 + rune(a-0xa1)*96 + column
	case a == 0xa6 || a == 0xfe:
		return laterRunes[uint16(a)<<8|uint16(b)]
	}
	return 0
}

// laterRunes are the codes that GB18030-2005 and -2022 moved out of the private area.
var laterRunes = map[uint16]rune{
	0xa6d9: 0xfe10, 0xa6da: 0xfe12, 0xa6db: 0xfe11, 0xa6dc: 0xfe13, 0xa6dd: 0xfe14,
	0xa6de: 0xfe15, 0xa6df: 0xfe16, 0xa6ec: 0xfe17, 0xa6ed: 0xfe18, 0xa6f3: 0xfe19,
	0xfe51: 0x20087, 0xfe52: 0x20089, 0xfe53: 0x200cc, 0xfe59: 0x9fb4, 0xfe61: 0x9fb5,
	0xfe66: 0x9fb6, 0xfe67: 0x9fb7, 0xfe6c: 0x215d7, 0xfe6d: 0x9fb8, 0xfe76: 0x2298f,
	0xfe7e: 0x9fb9, 0xfe90: 0x9fba, 0xfe91: 0x241fe, 0xfea0: 0x9fbb,
}
