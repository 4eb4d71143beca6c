package match

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NormalName is a name after lossless normalisation: NFKC, white space and
// invisible characters dropped, and the several dots that separate the parts of
// a name (U+00B7 2022 2027 2219 22C5 30FB FF0E FF65) written as U+00B7. It
// returns name itself when nothing changes, else a new slice.
func NormalName(name []byte) []byte {
	if plainHan(name) {
		return name
	}
	out := make([]byte, 0, len(name)+4)
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRune(name[i:])
		i += n
		switch {
		case nameDot(r):
			out = append(out, "\u00b7"...)
		case unicode.IsSpace(r) || invisible(r):
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	for !norm.NFKC.IsNormal(out) {
		// Compatibility forms may unfold to spaces, which go too; what they
		// stood between may then compose.
		out = dropBlanks(norm.NFKC.Bytes(out))
	}
	return out
}

// dropBlanks removes white space and invisible characters in place.
func dropBlanks(s []byte) []byte {
	out := s[:0]
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		if !unicode.IsSpace(r) && !invisible(r) {
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	return out
}

// plainHan reports whether every character is in U+4E00–U+9FBF, which no step of
// the normalisation changes. Nearly every name is.
func plainHan(s []byte) bool {
	for i := 0; i < len(s); i += 3 {
		if i+2 >= len(s) || s[i] < 0xe4 || s[i] > 0xe9 || s[i] == 0xe4 && s[i+1] < 0xb8 || s[i] == 0xe9 && s[i+1] > 0xbe ||
			s[i+1]&0xc0 != 0x80 || s[i+2]&0xc0 != 0x80 {
			return false
		}
	}
	return true
}

func nameDot(r rune) bool {
	switch r {
	case 0xb7, 0x2022, 0x2027, 0x2219, 0x22c5, 0x30fb, 0xff0e, 0xff65:
		return true
	}
	return false
}

// NormalPlate is a number plate after lossless normalisation: width, case, white
// space, invisible characters, and the dots between its parts dropped.
func NormalPlate(plate []byte) string { return normalMark(plate) }

// NormalUnit is a property unit code or certificate number after the same
// normalisation as a plate.
func NormalUnit(unit []byte) string { return normalMark(unit) }

// NormalAccount is an account number, a VIN or an institution's name after the
// same normalisation as a document number.
func NormalAccount(account []byte) string { return NormalNumber(account) }

func normalMark(s []byte) string {
	out := make([]byte, 0, len(s))
	n := normalPrefix(s)
	out = append(out, s[:n]...)
	for i := n; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		i += n
		if nameDot(r) {
			continue
		}
		r = foldWidth(r)
		if unicode.IsSpace(r) || invisible(r) {
			continue
		}
		out = utf8.AppendRune(out, unicode.ToUpper(r))
	}
	return string(out)
}
