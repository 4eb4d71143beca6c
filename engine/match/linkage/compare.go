package linkage

import (
	"math/bits"
	"slices"
	"strings"
)

// pattern is the level of every field, four bits each.
type pattern uint64

func (p pattern) level(field int) int { return int(p >> (4 * field) & 15) }

// compare is the level of every field of two records.
func (d *Data) compare(a, b *record) pattern {
	var p pattern
	for f := range d.model.Fields {
		levels := d.model.Fields[f].Levels
		level := len(levels) - 1
		for i := range levels[:level] {
			if d.holds(&levels[i], f, a, b) {
				level = i
				break
			}
		}
		p |= pattern(level) << (4 * f)
	}
	return p
}

func (d *Data) holds(l *Level, field int, a, b *record) bool {
	x, y := &a.values[field], &b.values[field]
	switch l.When {
	case missing:
		return x.id == 0 || y.id == 0
	case exact:
		return x.id == y.id
	case edits:
		return withinEdits(x, y, l.Max)
	case similar:
		return JaroWinkler(x.runes, y.runes) >= l.Min
	case prefix:
		return len(x.runes) >= l.Max && len(y.runes) >= l.Max && slices.Equal(x.runes[:l.Max], y.runes[:l.Max])
	case tokens:
		return sameTokens(x.text, y.text)
	case swapped:
		g := d.model.field(l.With)
		v, w := &a.values[g], &b.values[g]
		return v.id != 0 && w.id != 0 && (x.id == w.id && withinEdits(v, y, 2) || v.id == y.id && withinEdits(x, w, 2))
	case datePart:
		return differingParts(x.text, y.text) == 1
	case dayMonth:
		return len(x.text) == 8 && len(y.text) == 8 && x.text[:4] == y.text[:4] && x.text[4:6] == y.text[6:] && x.text[6:] == y.text[4:6]
	case substitution:
		return len(x.runes) == len(y.runes) && differing(x.runes, y.runes) == 1
	case transposition:
		return len(x.runes) == len(y.runes) && differing(x.runes, y.runes) == 2 && withinEdits(x, y, 1)
	}
	return l.When == otherwise
}

// withinEdits asks the masks first: one edit changes at most two classes.
func withinEdits(x, y *value, limit int) bool {
	return bits.OnesCount64(x.mask^y.mask) <= 2*limit && Edits(x.runes, y.runes, limit) <= limit
}

func differing(a, b []rune) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// differingParts counts year, month and day that differ; 3 when one is no date of
// eight digits.
func differingParts(a, b string) int {
	if len(a) != 8 || len(b) != 8 {
		return 3
	}
	n := 0
	for _, part := range [][2]int{{0, 4}, {4, 6}, {6, 8}} {
		if a[part[0]:part[1]] != b[part[0]:part[1]] {
			n++
		}
	}
	return n
}

// sameTokens reports that every word of the shorter text is in the longer one, and
// that there are two of them at least.
func sameTokens(a, b string) bool {
	if strings.Count(a, " ") > strings.Count(b, " ") {
		a, b = b, a
	}
	n := 0
	for word := range strings.SplitSeq(a, " ") {
		if !hasToken(b, word) {
			return false
		}
		n++
	}
	return n > 1
}

func hasToken(text, word string) bool {
	for w := range strings.SplitSeq(text, " ") {
		if w == word {
			return true
		}
	}
	return false
}
