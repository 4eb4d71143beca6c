package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/engine/match"
)

// redecode undoes a wrong encoding: UTF-8 that was read as GB18030, or GB18030
// read as UTF-8. It is undone only when doing the damage again gives the same
// text, every character becomes Han (or a dot), and the result begins with a known
// surname while the text as it is does not.
func (t *Table) redecode(written string) (string, bool) {
	text := strings.TrimSpace(written)
	if text == "" || len(text) > 256 || ascii(text) || !utf8.ValidString(text) || t.plausible(text) {
		return "", false
	}
	if bytes, err := simplifiedchinese.GB18030.NewEncoder().String(text); err == nil && utf8.ValidString(bytes) && t.plausible(bytes) {
		if again, err := simplifiedchinese.GB18030.NewDecoder().String(bytes); err == nil && again == text {
			return bytes, true
		}
	}
	// Nearly every name in UTF-8 bytes is also some name in GB18030 (鐘伟 reads
	// 閻樹紵), so a text of Han characters is never taken for GB18030.
	if allHan(text) {
		return "", false
	}
	if repaired, err := simplifiedchinese.GB18030.NewDecoder().String(text); err == nil && t.plausible(repaired) {
		if again, err := simplifiedchinese.GB18030.NewEncoder().String(repaired); err == nil && again == text {
			return repaired, true
		}
	}
	return "", false
}

// Garbled reports whether one of two names is what the other comes to when a wrong
// encoding is read: UTF-8 as GBK, or GBK as Latin-1. A name of an odd number of
// characters loses its last byte on the first way. That is no repair, so it is no
// level of Compare: some damaged name may be somebody's real one, and only who knows
// that both stand under one number may call it an explanation.
func Garbled(a, b Name) bool {
	return a.d != nil && b.d != nil && (garbled(a.d, b.d) || garbled(b.d, a.d))
}

// garbled reports whether b is the damage of a. Unlike redecode it needs no trust in
// what b looks like: doing the damage to the other name either gives b or does not.
func garbled(a, b *form) bool {
	if !a.han || len(a.units) < 2 {
		return false
	}
	if text, err := simplifiedchinese.GBK.NewDecoder().String(a.canonical); err == nil {
		// What could not be read is a question mark, a replacement character or gone.
		if left := legible(string(match.NormalName([]byte(text)))); utf8.RuneCountInString(left) > 1 && left == legible(b.canonical) {
			return true
		}
	}
	bytes, err := simplifiedchinese.GBK.NewEncoder().String(a.canonical)
	if err != nil {
		return false
	}
	text, err := charmap.ISO8859_1.NewDecoder().String(bytes)
	return err == nil && string(match.NormalName([]byte(text))) == b.canonical
}

// legible is a name without its illegible characters.
func legible(name string) string {
	return strings.Map(func(r rune) rune {
		if illegible(r) {
			return -1
		}
		return r
	}, name)
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// plausible reports two or more Han characters that begin with a known surname.
func (t *Table) plausible(text string) bool {
	if utf8.RuneCountInString(text) < 2 || !allHan(text) {
		return false
	}
	first, n := utf8.DecodeRuneInString(text)
	if t.known[t.at(first).lossless] {
		return true
	}
	_, m := utf8.DecodeRuneInString(text[n:])
	return t.compound[t.losslessText(text[:n+m])]
}

// allHan reports a text of Han characters and dots.
func allHan(text string) bool {
	for _, r := range text {
		if r != '·' && !unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return true
}
