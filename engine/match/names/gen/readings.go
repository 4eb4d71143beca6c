package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// readings reads the dictionary of go-pinyin, a Go map literal with one line for
// each character: 0x4E07: "wàn,mò". Private-use characters are left out: what
// they stand for depends on the font.
func (in *inputs) readings(dir string) map[string][]rune {
	bySyllable := map[string][]rune{}
	in.lines(dir, "pinyin_dict.go", func(line string) error {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "0x") {
			return nil
		}
		key, value, ok := strings.Cut(line, ": ")
		if !ok {
			return fmt.Errorf("no reading: %q", line)
		}
		code, err := strconv.ParseInt(key, 0, 32)
		if err != nil {
			return err
		}
		list, err := strconv.Unquote(strings.TrimSuffix(value, ","))
		if err != nil {
			return err
		}
		if unicode.Is(unicode.Co, rune(code)) {
			return nil
		}
		for reading := range strings.SplitSeq(list, ",") {
			syllable, ok := plain(reading)
			if ok && !slices.Contains(bySyllable[syllable], rune(code)) {
				bySyllable[syllable] = append(bySyllable[syllable], rune(code))
			}
		}
		return nil
	})
	for _, characters := range bySyllable {
		slices.Sort(characters)
	}
	return bySyllable
}

// plain is a reading without its tone, with v for ü. A reading that is no
// syllable of letters (ḿ, hm̀ with a mark of its own are) is refused.
func plain(reading string) (string, bool) {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ReplaceAll(norm.NFC.String(strings.TrimSpace(reading)), "ɡ", "g")) {
		switch {
		case r == 0x308: // the dots of ü; the letter before them is u
			text := b.String()
			if !strings.HasSuffix(text, "u") {
				continue // ê̈ and the like
			}
			b.Reset()
			b.WriteString(strings.TrimSuffix(text, "u") + "v")
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}
