package match

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/household"
)

// Form says how a document was recorded.
type Form uint8

const (
	// FormExact is a resident number of 18 characters as it is issued.
	FormExact Form = iota
	// FormNormalised is a resident number that needed lossless normalisation:
	// the old 15-digit form, full-width digits, a small x, spaces.
	FormNormalised
	// FormOther is a document other than the resident identity card.
	FormOther
)

// Link is the identity tier of a record with this form and an equal name.
func (f Form) Link() string {
	switch f {
	case FormExact:
		return "A1"
	case FormNormalised:
		return "A2"
	}
	return "A3"
}

// Document is an identity document after normalisation.
type Document struct {
	Type  household.DocumentType
	Key   household.PersonKey // exact for a valid document; in the invalid space otherwise
	Given bool                // there was a number at all
	Valid bool
	Form  Form
	Birth household.Date // told by the number itself, 0 when it does not tell
	Sex   uint8          // household.Sexes, 0 when the number does not tell
}

// maxNumber is the longest document number taken for one, in bytes.
const maxNumber = 64

// ParseDocument normalises a document number and checks it. A type of 0 is a
// resident identity card. A resident number is valid with 18 characters, a real
// birth date and the right check character, or with 15 digits and a real 19xx
// date; its division code is never looked at, because codes are abolished and
// numbers are not. Any other document is valid when it holds a letter or a digit
// and is at most 64 bytes long.
func ParseDocument(t household.DocumentType, number []byte) Document {
	if t == 0 {
		t = household.ResidentID
	}
	d := Document{Type: t}
	if t == household.ResidentID && residentExact(number, &d) {
		return d
	}
	text := NormalNumber(number)
	if text == "" {
		return d
	}
	d.Given = true
	if t == household.ResidentID {
		if num, birth, sex, ok := parseResident(text); ok {
			d.Valid, d.Form, d.Birth, d.Sex = true, FormNormalised, birth, sex
			d.Key = household.PersonKey{Num: num}
			return d
		}
	} else if len(text) <= maxNumber && hasLetterOrDigit(text) {
		d.Valid, d.Form = true, FormOther
		d.Key = household.PersonKey{Num: household.OtherDocuments + uint64(t), Text: text}
		if t == household.HMTPermit && len(text) == 18 {
			if _, birth, sex, ok := parseResident(text); ok {
				d.Birth, d.Sex = birth, sex
			}
		}
		return d
	}
	d.Key = household.PersonKey{Num: household.InvalidDocuments + uint64(t), Text: text}
	return d
}

// residentExact handles the number that needs no normalisation, which is nearly
// every number, without allocation.
func residentExact(number []byte, d *Document) bool {
	if len(number) != 18 {
		return false
	}
	num, birth, sex, ok := resident18(number)
	if !ok {
		return false
	}
	d.Given, d.Valid, d.Form, d.Birth, d.Sex = true, true, FormExact, birth, sex
	d.Key = household.PersonKey{Num: num}
	return true
}

// parseResident reads a normalised resident number of 18 or 15 characters.
func parseResident(text string) (num uint64, birth household.Date, sex uint8, ok bool) {
	switch len(text) {
	case 18:
		return resident18([]byte(text))
	case 15:
		var b [18]byte
		copy(b[:6], text[:6])
		b[6], b[7] = '1', '9'
		copy(b[8:17], text[6:])
		for _, c := range b[:17] {
			if c < '0' || c > '9' {
				return 0, 0, 0, false
			}
		}
		b[17] = checkCharacter(b[:17])
		return resident18(b[:])
	}
	return 0, 0, 0, false
}

// resident18 checks 18 ASCII characters: 17 digits, a real birth date and the
// check character of GB 11643 (MOD 11-2 of ISO 7064).
func resident18(b []byte) (num uint64, birth household.Date, sex uint8, ok bool) {
	b = b[:18]
	head, tail, last := binary.LittleEndian.Uint64(b)^zeros, binary.LittleEndian.Uint64(b[8:])^zeros, b[16]-'0'
	if !digits8(head) || !digits8(tail) || last > 9 {
		return 0, 0, 0, false
	}
	// The weights of the digits are powers of 2 modulo 11.
	sum := weigh8(head, 7, 9, 10, 5, 8, 4, 2, 1) + weigh8(tail, 6, 3, 7, 9, 10, 5, 8, 4) + 2*uint64(last)
	if b[17] != checkCharacters[sum%11] {
		return 0, 0, 0, false
	}
	num = (number8(head)*1_0000_0000+number8(tail))*10 + uint64(last)
	ymd := int(num / 1000 % 1_0000_0000)
	birth, ok = household.NewDate(ymd/10000, ymd/100%100, ymd%100)
	if !ok {
		return 0, 0, 0, false
	}
	return num, birth, 2 - uint8(num%2), true
}

// checkCharacter computes the check character of 17 digits.
func checkCharacter(b []byte) byte {
	// Horner's form of the weighted sum.
	p := 0
	for _, c := range b {
		p = (p + int(c-'0')) * 2 % 11
	}
	return checkCharacters[p]
}

const checkCharacters = "10X98765432"

// Eight digits are looked at as one word, the first in its lowest byte.
const (
	ones  = 0x0101010101010101
	zeros = '0' * ones
)

// digits8 reports whether all bytes are 0 to 9.
func digits8(w uint64) bool { return (w|(w+6*ones))&(0xf0*ones) == 0 }

// number8 is the number of eight digits.
func number8(w uint64) uint64 {
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	return (w*10000 + w>>32) & 0xffffffff
}

// weigh8 is the sum of eight digits, each times its weight, of which a is the first's.
// The product of the digits at even places and their weights in reverse has it in
// its highest 16 bits.
func weigh8(w, a, b, c, d, e, f, g, h uint64) uint64 {
	even, odd := w&0x00ff00ff00ff00ff, w>>8&0x00ff00ff00ff00ff
	return (even*(a<<48|c<<32|e<<16|g))>>48 + (odd*(b<<48|d<<32|f<<16|h))>>48
}

// NormalNumber is a document number after lossless normalisation: full-width
// characters become ASCII, letters upper case, white space and invisible
// characters go.
func NormalNumber(number []byte) string {
	out := make([]byte, 0, len(number))
	n := normalPrefix(number)
	out = append(out, number[:n]...)
	for i := n; i < len(number); {
		r, n := utf8.DecodeRune(number[i:])
		i += n
		r = foldWidth(r)
		if unicode.IsSpace(r) || invisible(r) {
			continue
		}
		out = utf8.AppendRune(out, unicode.ToUpper(r))
	}
	return string(out)
}

// IsNormal reports whether a text is of characters that NormalNumber, NormalPlate,
// NormalUnit and NormalAccount leave as they are: ASCII without white space and
// small letters, and U+4E00–U+9FBF. Nearly every number is. Other texts may be
// their own normal form too.
func IsNormal(s []byte) bool { return normalPrefix(s) == len(s) }

// normalPrefix is the number of bytes at the beginning of s that are of such
// characters.
func normalPrefix(s []byte) int {
	i := 0
	for ; len(s)-i >= 8; i += 8 {
		// The high bit of each byte says that it is at least 0x21, 'a' and '{'.
		w := binary.LittleEndian.Uint64(s[i:])
		visible, small, beyond := w+0x5f*ones, w+0x1f*ones, w+0x05*ones
		if (w|^visible|small&^beyond)&(0x80*ones) != 0 {
			break
		}
	}
	for i < len(s) {
		switch c := s[i]; {
		case c > ' ' && c < 'a', c > 'z' && c < utf8.RuneSelf:
			i++
		case c >= 0xe4 && c <= 0xe9 && i+2 < len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 &&
			(c != 0xe4 || s[i+1] >= 0xb8) && (c != 0xe9 || s[i+1] <= 0xbe):
			i += 3
		default:
			return i
		}
	}
	return i
}

// NumberText is the form in which two document numbers of unknown type are
// compared: normalised, and an old 15-digit resident number as 18 characters.
func NumberText(number []byte) string {
	text := NormalNumber(number)
	if len(text) == 15 {
		if num, _, _, ok := parseResident(text); ok {
			return ResidentText(num)
		}
	}
	return text
}

// ResidentText is the 18-character number of a resident's key.
func ResidentText(num uint64) string {
	var b [18]byte
	for i := 16; i >= 0; i-- {
		b[i] = byte('0' + num%10)
		num /= 10
	}
	b[17] = checkCharacter(b[:17])
	return string(b[:])
}

func hasLetterOrDigit(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return true
		}
	}
	return false
}

// foldWidth maps a full-width form to its ASCII character.
func foldWidth(r rune) rune {
	if r >= 0xff01 && r <= 0xff5e {
		return r - 0xff01 + '!'
	}
	return r
}

// invisible reports characters of no width: format characters and variation
// selectors.
func invisible(r rune) bool {
	return r >= 0xad && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r))
}
