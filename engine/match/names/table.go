package names

import (
	_ "embed" // the derived tables
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed data/variants.tsv
var embeddedVariants string

//go:embed data/readings.tsv
var embeddedReadings string

// Table is what is known of characters. It is immutable and may be shared.
type Table struct {
	pages     [(utf8.MaxRune + 1) / 256]*[256]char
	pairs     map[[2]rune]Kind // related lossless characters, the smaller first
	swaps     map[rune]uint8   // lossless surname character to its swap group
	swapFolds map[rune]rune    // fold of a swapped surname to the fold of its group
	surname   map[rune]uint16  // lossless character to its reading set as a surname
	known     map[rune]bool    // single-character surnames, lossless
	compound  map[string]bool
	shape     map[rune]uint8
	sets      []readingSet // 0 is the empty set
	old       [oldLast - oldFirst + 1]bool
	digest    uint64
}

// char is what the derived tables say of one character.
type char struct {
	lossless rune // the simplified partner of a one-to-one pair; 0 for itself
	fold     rune // the smallest character it is connected with; 0 for itself
	readings uint16
}

// readingSet is a set of syllables: sorted numbers, and every way to type them.
type readingSet struct {
	syllables []uint16
	typed     []string // with v, u and yu for ü
	folded    []string // with u for ü, one each
}

// Embedded is the table with the derived data that are part of the program.
// Decoding takes some milliseconds and megabytes; do it once and share it. The
// error is that of New, and tells of a damaged program.
func Embedded() (*Table, error) { return New(embeddedVariants, embeddedReadings) }

// New makes a table of the texts of a variant and a reading table as the program
// in gen writes them. Either may be empty: then only the project's own tables of
// surnames and shapes are known, and variants and most readings are not seen. The
// error names the line that can't be read.
func New(variants, readings string) (*Table, error) {
	b := builder{t: &Table{
		pairs: map[[2]rune]Kind{}, swaps: map[rune]uint8{}, swapFolds: map[rune]rune{}, surname: map[rune]uint16{},
		known: map[rune]bool{}, compound: map[string]bool{}, shape: map[rune]uint8{},
	}, parent: map[rune]rune{}, number: map[string]uint16{}, larger: map[[2]uint16]uint16{}}
	b.t.sets = []readingSet{{}}
	if err := b.variants(variants); err != nil {
		return nil, err
	}
	if err := b.readings(readings); err != nil {
		return nil, err
	}
	b.own()
	if err := b.t.oldSet(); err != nil {
		return nil, err
	}
	b.t.digest = digest(variants, readings)
	return b.t, nil
}

// at is what the table says of r, with lossless and fold filled in.
func (t *Table) at(r rune) char {
	c := char{}
	if r >= 0 && r <= utf8.MaxRune {
		if page := t.pages[r/256]; page != nil {
			c = page[r%256]
		}
	}
	if c.lossless == 0 {
		c.lossless = r
	}
	if c.fold == 0 {
		c.fold = c.lossless
	}
	return c
}

func (t *Table) slot(r rune) *char {
	if t.pages[r/256] == nil {
		t.pages[r/256] = new([256]char)
	}
	return &t.pages[r/256][r%256]
}

type builder struct {
	t         *Table
	parent    map[rune]rune // union-find over lossless characters
	syllables []string
	number    map[string]uint16
	larger    map[[2]uint16]uint16 // a set and a syllable to the set with it
}

var errLine = errors.New("not a line of the table")

// cells calls each with the cells of every line that is not a comment.
func cells(name, text string, count int, each func(cells []string) error) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		row := strings.Split(line, "\t")
		err := errLine
		if len(row) == count && utf8.ValidString(line) {
			err = each(row)
		}
		if err != nil {
			return fmt.Errorf("%s table line %d: %w", name, n, err)
		}
	}
	return nil
}

func single(text string) (rune, bool) {
	r, n := utf8.DecodeRuneInString(text)
	return r, n > 0 && n == len(text)
}

var kindNames = map[string]Kind{"simplified": Simplified, "many": ManyToOne, "z": ZVariant, "semantic": Semantic, "special": Special}

func (b *builder) variants(text string) error {
	type pair struct {
		kind Kind
		x, y rune
	}
	var others []pair
	err := cells("variant", text, 3, func(row []string) error {
		kind, ok := kindNames[row[0]]
		x, okX := single(row[1])
		y, okY := single(row[2])
		if !ok || !okX || !okY {
			return errLine
		}
		if kind == Simplified {
			b.t.slot(x).lossless = y
		} else {
			others = append(others, pair{kind, x, y})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range others {
		kind := p.kind
		x, y := b.t.at(p.x).lossless, b.t.at(p.y).lossless
		key := ordered(x, y)
		if old, ok := b.t.pairs[key]; x == y || ok && old <= kind {
			continue
		}
		b.t.pairs[key] = kind
		if kind != Special {
			x, y = b.find(x), b.find(y)
			b.parent[max(x, y)] = min(x, y)
		}
	}
	for r := range b.parent {
		b.t.slot(r).fold = b.find(r)
	}
	// A traditional character folds as its partner does.
	for hi, page := range b.t.pages {
		for lo := 0; page != nil && lo < 256; lo++ {
			if c := &page[lo]; c.lossless != 0 && c.lossless != rune(hi*256+lo) {
				c.fold = b.t.at(c.lossless).fold
			}
		}
	}
	return nil
}

func (b *builder) find(r rune) rune {
	for {
		up, ok := b.parent[r]
		if !ok || up == r {
			return r
		}
		r = up
	}
}

func ordered(x, y rune) [2]rune { return [2]rune{min(x, y), max(x, y)} }

func (b *builder) readings(text string) error {
	return cells("reading", text, 2, func(row []string) error {
		for _, c := range []byte(row[0]) {
			if c < 'a' || c > 'z' {
				return errLine
			}
		}
		n := b.syllable(row[0])
		for _, r := range row[1] {
			c := b.t.slot(r)
			c.readings = b.with(c.readings, n)
		}
		return nil
	})
}

func (b *builder) syllable(text string) uint16 {
	n, ok := b.number[text]
	if !ok {
		n = uint16(len(b.syllables))
		b.number[text] = n
		b.syllables = append(b.syllables, text)
	}
	return n
}

// with is the number of a set with one more syllable.
func (b *builder) with(set, syllable uint16) uint16 {
	if n, ok := b.larger[[2]uint16{set, syllable}]; ok {
		return n
	}
	at, ok := slices.BinarySearch(b.t.sets[set].syllables, syllable)
	n := set
	if !ok {
		n = uint16(len(b.t.sets))
		b.t.sets = append(b.t.sets, readingSet{syllables: slices.Insert(slices.Clone(b.t.sets[set].syllables), at, syllable)})
	}
	b.larger[[2]uint16{set, syllable}] = n
	return n
}

// spellings fills in how the syllables of every set are typed.
func (b *builder) spellings() {
	for i := range b.t.sets {
		set := &b.t.sets[i]
		for _, n := range set.syllables {
			text := b.syllables[n]
			set.typed = append(set.typed, text)
			folded := strings.ReplaceAll(text, "v", "u")
			if folded != text {
				set.typed = append(set.typed, folded, strings.ReplaceAll(text, "v", "yu"))
			}
			set.folded = append(set.folded, folded)
		}
		slices.Sort(set.typed)
		slices.Sort(set.folded)
		set.typed, set.folded = slices.Compact(set.typed), slices.Compact(set.folded)
	}
}

// own adds the project's tables to the derived ones.
func (b *builder) own() {
	t := b.t
	for _, entry := range surnameReadings {
		r, _ := single(entry[0])
		r = t.at(r).lossless
		set := t.at(r).readings
		for text := range strings.FieldsSeq(entry[1]) {
			set = b.with(set, b.syllable(text))
		}
		t.surname[r] = set
	}
	b.spellings()
	for i, group := range surnameSwaps {
		rep := rune(utf8.MaxRune)
		for _, r := range group {
			t.swaps[t.at(r).lossless] = uint8(i + 1)
			rep = min(rep, t.at(r).fold)
		}
		for _, r := range group {
			t.swapFolds[t.at(r).fold] = rep
		}
	}
	for _, surname := range compounds {
		t.compound[t.losslessText(surname)] = true
	}
	for _, r := range surnames {
		t.known[t.at(r).lossless] = true
	}
	for i, group := range shapes {
		for _, r := range group {
			t.shape[t.at(r).lossless] = uint8(i + 1)
		}
	}
}

func (t *Table) losslessText(text string) string {
	return strings.Map(func(r rune) rune { return t.at(r).lossless }, text)
}
