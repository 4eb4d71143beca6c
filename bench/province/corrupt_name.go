package province

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// speller writes names wrongly or otherwise. It is read-only once made.
type speller struct {
	reading     map[rune]string
	traditional map[rune]rune
	variant     map[rune]rune
}

func newSpeller() *speller {
	s := &speller{map[rune]string{}, map[rune]rune{}, map[rune]rune{}}
	for _, x := range readings {
		syllable, characters, _ := strings.Cut(x, " ")
		for _, c := range characters {
			s.reading[c] = syllable
		}
	}
	for _, c := range rareCharacters {
		r, _ := utf8.DecodeRuneInString(c.char)
		s.reading[r] = c.pinyin
	}
	pairs := func(m map[rune]rune, list []string) {
		for _, pair := range list {
			from, n := utf8.DecodeRuneInString(pair)
			m[from], _ = utf8.DecodeRuneInString(pair[n:])
		}
	}
	pairs(s.traditional, traditional[:])
	pairs(s.variant, variants[:])
	return s
}

// replaceRare writes a rare character as a system does that cannot hold it.
func replaceRare(name string, rare int, r *stream) string {
	c := &rareCharacters[rare]
	other := c.homophone
	switch r.n(5) {
	case 1:
		if c.traditional != "" {
			other = c.traditional
		}
	case 2:
		other = c.pinyin
		if r.n(2) == 0 {
			other = strings.ToLower(other)
		}
	case 3:
		other = "?"
	case 4:
		other = string(rune(0xE000 + r.n(0x700))) // private use
	}
	return strings.Replace(name, c.char, other, 1)
}

// otherDot writes a dotted name with another sign between its parts, or with none.
func otherDot(name string, r *stream) string {
	return strings.Replace(name, "·", [...]string{"•", "‧", "・", "･", "∙", "．", ".", "。", " ", "-", ""}[r.n(11)], 1)
}

// vary writes a name in traditional characters, or one character of it in another
// form. A name without other forms stays as it is.
func (s *speller) vary(name string, r *stream) string {
	start, all := r.n(8), r.n(2) == 0
	runes := []rune(name)
	if r.n(2) == 0 {
		for k := range runes {
			i := (start + k) % len(runes)
			if c, ok := s.variant[runes[i]]; ok {
				runes[i] = c
				return string(runes)
			}
		}
	}
	for k := range runes {
		i := (start + k) % len(runes)
		if c, ok := s.traditional[runes[i]]; ok {
			runes[i] = c
			if !all {
				break
			}
		}
	}
	return string(runes)
}

// pinyin writes a name in Latin letters, in one of the usual ways; surname is the
// number of its characters. What has no reading stays as it is.
func (s *speller) pinyin(name string, surname int, r *stream) string {
	var family, given strings.Builder
	i, dotted := 0, strings.Contains(name, "·")
	for _, c := range name {
		syllable, ok := s.reading[c]
		switch {
		case c == '·':
			syllable = " "
		case !ok:
			return name
		}
		if i < surname && !dotted {
			family.WriteString(syllable)
		} else {
			given.WriteString(syllable)
		}
		i++
	}
	form := r.n(4)
	f, g := family.String(), given.String()
	if form == 1 {
		f, g = capitalized(f), capitalized(g)
	}
	switch {
	case dotted:
		return g
	case form == 2:
		return g + " " + f
	case form == 3:
		return f + g
	}
	return f + " " + g
}

func capitalized(s string) string {
	if s == "" {
		return s
	}
	return s[:1] + strings.ToLower(s[1:])
}

// utf8AsGBK is what a program shows that takes UTF-8 for GBK. A byte that is left over
// becomes a question mark, as in systems that keep the result in GBK.
func utf8AsGBK(name string) string {
	out, err := simplifiedchinese.GBK.NewDecoder().String(name)
	if err != nil {
		return name
	}
	return strings.ReplaceAll(out, "\ufffd", "?")
}

// gbkAsLatin1 is what a program shows that takes GB18030 for Latin-1.
func gbkAsLatin1(name string) string {
	raw, err := simplifiedchinese.GB18030.NewEncoder().String(name)
	if err != nil {
		return name
	}
	out := make([]byte, 0, 2*len(raw))
	for i := range len(raw) {
		out = utf8.AppendRune(out, rune(raw[i]))
	}
	return string(out)
}
