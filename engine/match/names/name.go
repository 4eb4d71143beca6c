package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/hedui/hedui/engine/match"
)

// Name is a written name, prepared for comparing with a Table. It is immutable
// and cheap to copy; the zero Name is an empty one.
type Name struct{ d *form }

// form is what a Name holds.
type form struct {
	table     *Table
	canonical string // match.NormalName
	lossless  string // one script, one dot, small letters
	folded    string // the key
	units     []unit // the characters without separators
	surname   int    // how many units are the surname, 0 when there is none to tell
	lost      int    // illegible characters
	dotted    bool
	han       bool // every legible unit is Han
	redecoded bool
	latin     string // for names of letters only: them, with v for ü
	plain     string // latin with u for v and yu after l and n
	words     []int  // ends of the words of latin, the last excluded
	plainCuts []int  // the same for plain
	run       [2]int // the one stretch of letters in a name of Han and letters
	runText   string
}

// unit is a character of a name.
type unit struct {
	r     rune // lossless
	fold  rune
	set   uint16 // readings
	shape uint8
	swap  uint8 // swap group, on the first unit only
	lost  bool
}

// maxKeys bounds the pinyin keys of a name.
const maxKeys = 64

// Name prepares a name as it was written. Any string will do.
func (t *Table) Name(written string) Name {
	d := &form{table: t, canonical: string(match.NormalName([]byte(written)))}
	text := d.canonical
	if repaired, ok := t.redecode(written); ok {
		d.redecoded = true
		text = string(match.NormalName([]byte(repaired)))
		written = repaired
	}
	if latin, plain, words := letters(written); latin != "" {
		d.latin, d.plain = latin, plain
		for _, w := range words {
			d.words = append(d.words, w[0])
			d.plainCuts = append(d.plainCuts, w[1])
		}
	}
	d.fill(text)
	return Name{d}
}

// fill makes lossless, units and what follows from them.
func (d *form) fill(text string) {
	t, lossless := d.table, make([]byte, 0, len(text))
	d.han = true
	for _, r := range text {
		switch {
		case illegible(r):
			d.lost++
			d.units = append(d.units, unit{r: utf8.RuneError, fold: utf8.RuneError, lost: true})
			lossless = utf8.AppendRune(lossless, utf8.RuneError)
			continue
		case separator(r):
			if dot(r) {
				r = '·'
			}
			d.dotted = d.dotted || r == '·'
			if d.latin == "" {
				lossless = utf8.AppendRune(lossless, r)
			}
			continue
		}
		c := t.at(unicode.ToLower(r))
		u := unit{r: c.lossless, fold: c.fold, set: c.readings, shape: t.shape[c.lossless]}
		if own := t.at(u.r).readings; own != 0 {
			u.set = own
		}
		d.han = d.han && unicode.Is(unicode.Han, r)
		lossless = utf8.AppendRune(lossless, u.r)
		d.units = append(d.units, u)
	}
	d.lossless = string(lossless)
	if len(d.units) == 0 {
		return
	}
	d.findSurname()
	first := &d.units[0]
	first.swap = t.swaps[first.r]
	if rep, ok := t.swapFolds[first.fold]; ok {
		first.fold = rep
	}
	for i := range max(d.surname, 1) {
		if set, ok := t.surname[d.units[i].r]; ok {
			d.units[i].set = set
		}
	}
	folded := make([]byte, 0, len(lossless))
	for _, u := range d.units {
		folded = utf8.AppendRune(folded, u.fold)
	}
	d.folded = string(folded)
	d.findRun()
}

func (d *form) findSurname() {
	if !d.han || d.dotted || d.units[0].lost {
		return
	}
	for _, n := range []int{4, 2} {
		if len(d.units) > n {
			var head strings.Builder
			for _, u := range d.units[:n] {
				head.WriteRune(u.r)
			}
			if d.table.compound[head.String()] {
				d.surname = n
				return
			}
		}
	}
	if len(d.units) <= 5 {
		d.surname = 1
	}
}

// findRun finds the letters in a name like 李yan, if they stand together.
func (d *form) findRun() {
	if d.latin != "" || d.han {
		return
	}
	from, to := 0, 0
	for i, u := range d.units {
		if u.r < 'a' || u.r > 'z' {
			if !unicode.Is(unicode.Han, u.r) {
				return
			}
			continue
		}
		if to == 0 {
			from = i
		} else if to != i {
			return
		}
		to = i + 1
	}
	if to == 0 || to-from == len(d.units) {
		return
	}
	text := make([]byte, 0, to-from)
	for _, u := range d.units[from:to] {
		text = append(text, byte(u.r))
	}
	d.run, d.runText = [2]int{from, to}, string(text)
}

// illegible reports characters that stand for one that was lost: the question
// mark, the replacement character, the empty box, the geta mark, and
// private-use characters, which mean something else in every system.
func illegible(r rune) bool {
	switch r {
	case '?', utf8.RuneError, 0x25a1, 0x3013:
		return true
	}
	return unicode.Is(unicode.Co, r)
}

func dot(r rune) bool { return r == '·' || r == '.' || r == '。' }

// separator reports characters between the parts of a name.
func separator(r rune) bool {
	switch r {
	case '-', '_', '\'', ',', '、', '’', '‘', '`', '/':
		return true
	}
	return dot(r) || r >= 0x2010 && r <= 0x2015
}

// letters reads a name of Latin letters only: the letters without tone marks and
// with v for ü; the same with one spelling of ü; and the ends of the words but
// the last in both. It gives nothing for any other name.
func letters(written string) (latin, plain string, words [][2]int) {
	var text []byte
	var ends []int
	for _, r := range norm.NFKD.String(written) {
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z':
			text = append(text, byte(r))
		case r == 0x308 && len(text) > 0 && text[len(text)-1] == 'u':
			text[len(text)-1] = 'v'
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		case r == '\'' || r == '’' || r == '`': // stands between syllables, not words
		case unicode.IsSpace(r) || separator(r) || r == 0x2022 || r == 0x2027 || r == 0x2219 || r == 0x22c5 || r == 0x30fb:
			if len(text) > 0 && (len(ends) == 0 || ends[len(ends)-1] < len(text)) {
				ends = append(ends, len(text))
			}
		default:
			return "", "", nil
		}
	}
	if len(ends) > 0 && ends[len(ends)-1] == len(text) {
		ends = ends[:len(ends)-1]
	}
	out := make([]byte, 0, len(text))
	for i, c := range text {
		for len(words) < len(ends) && ends[len(words)] == i {
			words = append(words, [2]int{i, len(out)})
		}
		switch {
		case c == 'v':
			c = 'u'
		case c == 'y' && i > 0 && (text[i-1] == 'l' || text[i-1] == 'n') && i+1 < len(text) && text[i+1] == 'u' && !slices.Contains(ends, i):
			continue
		}
		out = append(out, c)
	}
	return string(text), string(out), words
}

// Canonical is the name after lossless normalisation, as match.NormalName gives it.
func (n Name) Canonical() string {
	if n.d == nil {
		return ""
	}
	return n.d.canonical
}

// FoldedKey is the key under which all variants of a name are found: names that
// compare N1 to N3 have the same, unless a character is lost. It says nothing by
// itself: some names with the same key are different names.
func (n Name) FoldedKey() string {
	if n.d == nil {
		return ""
	}
	return n.d.folded
}

// Lost is the number of illegible characters. A name that has any is not found
// by its keys.
func (n Name) Lost() int {
	if n.d == nil {
		return 0
	}
	return n.d.lost
}

// PinyinKeys are the keys under which a name is found from its pinyin: the
// combinations of its characters' readings in both orders, or the letters of a
// name in pinyin, begun at each word. A character without a reading stands for
// itself. There are at most 64, sorted; complete is false when there would be
// more, so that some spelling may not be found. It allocates.
func (n Name) PinyinKeys() (keys []string, complete bool) {
	if n.d == nil || len(n.d.units) == 0 {
		return nil, true
	}
	d, complete := n.d, true
	if d.latin != "" {
		keys = append(keys, d.plain)
		for _, cut := range d.plainCuts {
			keys = append(keys, d.plain[cut:]+d.plain[:cut])
		}
	} else {
		combine := func(units []unit, partial []string) []string {
			for _, u := range units {
				heard := d.table.sets[u.set].folded
				if len(heard) == 0 {
					heard = []string{string(u.r)}
				}
				if len(partial)*len(heard) > maxKeys/2 {
					heard, complete = heard[:1], false
				}
				next := make([]string, 0, len(partial)*len(heard))
				for _, before := range partial {
					for _, syllable := range heard {
						next = append(next, before+syllable)
					}
				}
				partial = next
			}
			return partial
		}
		keys = combine(d.units, []string{""})
		if d.surname > 0 {
			swapped := combine(d.units[d.surname:], []string{""})
			keys = append(keys, combine(d.units[:d.surname], swapped)...)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) > maxKeys {
		keys, complete = keys[:maxKeys], false
	}
	return keys, complete
}
