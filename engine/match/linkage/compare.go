package linkage

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/match/names"
)

// pattern is the level of every field, four bits each.
type pattern uint64

func (p pattern) level(field int) int { return int(p >> (4 * field) & 15) }

// comparer is the levels of a model made ready for one Data. It is read only and
// shared by workers.
type comparer struct {
	d      *Data
	fields []fieldPlan
}

// fieldPlan is what a comparison of one field needs.
type fieldPlan struct {
	values []value
	names  []names.Name
	words  [][]string
	ops    []op // the levels between missing and else
	equal  int  // the level of equal values when it's the first after missing, else 0
}

// op is a level with its words looked up.
type op struct {
	code opCode
	max  int
	min  float64
	with int // the other field of a swap
	jaro [5]float64
}

type opCode uint8

const (
	opExact opCode = iota
	opEdits
	opSimilar
	opPrefix
	opTokens
	opWords
	opWithin
	opSwapped
	opDatePart
	opDayMonth
	opSubstitution
	opTransposition
	opRepair
	opNameLevel
)

// opCodes has every level but missing and else.
var opCodes = map[string]opCode{
	exact: opExact, edits: opEdits, similar: opSimilar, prefix: opPrefix, tokens: opTokens, sharedWords: opWords,
	within: opWithin, swapped: opSwapped, datePart: opDatePart, dayMonth: opDayMonth,
	substitution: opSubstitution, transposition: opTransposition, repair: opRepair, nameLevel: opNameLevel,
}

func newComparer(d *Data) *comparer {
	c := &comparer{d: d, fields: make([]fieldPlan, len(d.model.Fields))}
	for f := range c.fields {
		levels := d.model.Fields[f].Levels
		p := &c.fields[f]
		*p = fieldPlan{values: d.dictOf[f].values, names: d.dictOf[f].names}
		if levels[1].When == exact {
			p.equal = 1
		}
		for _, l := range levels[1 : len(levels)-1] {
			o := op{code: opCodes[l.When], max: l.Max.int(), min: l.Min}
			switch o.code {
			case opSimilar:
				o.jaro = leastJaro(l.Min)
			case opSwapped:
				o.with = d.model.field(l.With)
			case opWords:
				p.words = d.wordsOf(f)
			}
			p.ops = append(p.ops, o)
		}
	}
	return c
}

// leastJaro is three times the Jaro similarity that reaches a Jaro–Winkler
// similarity, by the length of the equal beginning. Three times, because Jaro's is a
// mean of three.
func leastJaro(least float64) (jaro [5]float64) {
	for head := range jaro {
		h := 0.1 * float64(head)
		jaro[head] = 3*(least-h)/(1-h) - 1e-9
	}
	return jaro
}

// compare is the level of every field of two records.
func (c *comparer) compare(a, b int32) pattern {
	x, y := c.d.record(a), c.d.record(b)
	var p pattern
	for f := range c.fields {
		i, j := x[f], y[f]
		switch {
		case i == 0 || j == 0:
		case i == j && c.fields[f].equal != 0:
			p |= pattern(c.fields[f].equal) << (4 * f)
		default:
			p |= pattern(c.level(f, x, y)) << (4 * f)
		}
	}
	return p
}

// unknown is a measure that no level has asked for yet.
const unknown = -1

// level is the first level of a field that holds for two present values. What
// several levels ask for is measured once.
func (c *comparer) level(f int, a, b []int32) int {
	p := &c.fields[f]
	i, j := a[f], b[f]
	x, y := &p.values[i], &p.values[j]
	apart, named := unknown, unknown
	for n := range p.ops {
		holds := false
		switch o := &p.ops[n]; o.code {
		case opExact:
			holds = i == j
		case opEdits:
			holds = withinEdits(x, y, o.max)
		case opSimilar:
			holds = isSimilar(x, y, o.min, &o.jaro)
		case opPrefix:
			k := firstRunes(x, o.max)
			holds = k != "" && k == firstRunes(y, o.max)
		case opTokens:
			holds = sameTokens(x.text, y.text)
		case opWords:
			holds = jaccard(p.words[i], p.words[j]) >= o.min
		case opWithin:
			holds = isWithin(x.text, y.text, o.max)
		case opSwapped:
			g := o.with
			v, w := a[g], b[g]
			holds = v != 0 && w != 0 &&
				(i == w && withinEdits(&p.values[v], y, 2) || v == j && withinEdits(x, &p.values[w], 2))
		case opDatePart:
			holds = differingParts(x.text, y.text) == 1
		case opDayMonth:
			holds = len(x.text) == 8 && len(y.text) == 8 && x.text[:4] == y.text[:4] && x.text[4:6] == y.text[6:] && x.text[6:] == y.text[4:6]
		case opSubstitution, opTransposition:
			if apart == unknown {
				apart = differing(x, y)
			}
			holds = apart == oneReplaced && o.code == opSubstitution || apart == twoSwapped && o.code == opTransposition
		case opRepair:
			if apart == unknown {
				apart = differing(x, y)
			}
			holds = (apart == oneReplaced || apart == twoSwapped) && validResident(x.text) != validResident(y.text)
		case opNameLevel:
			if named == unknown {
				named = int(names.Compare(p.names[i], p.names[j]))
			}
			holds = named <= o.max
		}
		if holds {
			return n + 1
		}
	}
	return len(p.ops) + 1
}

// How two values of equal length differ.
const (
	otherwiseApart = iota
	oneReplaced
	twoSwapped
)

// differing tells a replaced character and two neighbours swapped from the rest.
func differing(x, y *value) int {
	if x.runes != y.runes || bits.OnesCount64(x.mask^y.mask) > 2 {
		return otherwiseApart
	}
	if x.ascii && y.ascii {
		return differingIn([]byte(x.text), []byte(y.text))
	}
	return differingIn([]rune(x.text), []rune(y.text))
}

func differingIn[C character](a, b []C) int {
	n, at := 0, 0
	for i := range len(a) {
		if a[i] != b[i] {
			if n++; n > 2 {
				return otherwiseApart
			}
			if n == 1 {
				at = i
			}
		}
	}
	switch {
	case n == 1:
		return oneReplaced
	case n == 2 && a[at] != b[at] && a[at] == b[at+1] && a[at+1] == b[at]:
		return twoSwapped
	}
	return otherwiseApart
}

// withinEdits asks the masks first: one edit changes at most two classes.
func withinEdits(x, y *value, limit int) bool {
	if n := x.runes - y.runes; int(n) > limit || int(-n) > limit || bits.OnesCount64(x.mask^y.mask) > 2*limit {
		return false
	}
	if x.ascii && y.ascii {
		return editsWithin([]byte(x.text), []byte(y.text), limit)
	}
	return editsWithin([]rune(x.text), []rune(y.text), limit)
}

// isSimilar asks the masks first as well: a character of a class the other value
// does not have matches nothing, and a bound of the similarity follows from that.
// jaro is leastJaro(least).
func isSimilar(x, y *value, least float64, jaro *[5]float64) bool {
	common := min(x.runes-int32(bits.OnesCount64(x.mask&^y.mask)), y.runes-int32(bits.OnesCount64(y.mask&^x.mask)))
	if common <= 0 {
		return false
	}
	if x.runes <= maxRunes && y.runes <= maxRunes {
		head := 0
		for head < min(4, len(x.text), len(y.text)) && x.text[head] == y.text[head] {
			head++ // bytes: for other than ASCII no fewer than characters
		}
		n, m, k := float64(x.runes), float64(y.runes), float64(common)
		if k*(n+m)+n*m < jaro[head]*n*m {
			return false
		}
	}
	if x.ascii && y.ascii {
		return jaroWinkler([]byte(x.text), []byte(y.text)) >= least
	}
	return JaroWinkler([]rune(x.text), []rune(y.text)) >= least
}

// differingParts counts year, month and day that differ; 3 when one is no date of
// eight digits.
func differingParts(a, b string) int {
	if len(a) != 8 || len(b) != 8 {
		return 3
	}
	n := 0
	if a[:4] != b[:4] {
		n++
	}
	if a[4:6] != b[4:6] {
		n++
	}
	if a[6:] != b[6:] {
		n++
	}
	return n
}

// isWithin reports two numbers that differ by at most so much.
func isWithin(a, b string, most int) bool {
	x, err := strconv.ParseInt(a, 10, 62)
	if err != nil {
		return false
	}
	y, err := strconv.ParseInt(b, 10, 62)
	return err == nil && x-y <= int64(most) && y-x <= int64(most)
}

// validResident reports a resident number whose check character is right.
func validResident(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum := 0
	for i := range 17 {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		sum = (sum + int(s[i]-'0')) * 2 % 11
	}
	return s[17] == "10X98765432"[sum]
}

// jaccard is the share of the words of both texts that is in each.
func jaccard(a, b []string) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch strings.Compare(a[i], b[j]) {
		case 0:
			n, i, j = n+1, i+1, j+1
		case -1:
			i++
		default:
			j++
		}
	}
	return float64(n) / float64(len(a)+len(b)-n)
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
