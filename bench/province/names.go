package province

import "unicode/utf8"

// ranked draws indexes of a list ordered from frequent to rare, the first ones
// much more often. It is a table of draws, so that one draw costs one look.
type ranked []uint16

// newRanked weighs rank i of n with 1/(i+flat): the smaller flat, the heavier the
// top.
func newRanked(n, flat int) ranked {
	const draws = 4096
	total := 0
	weight := func(i int) int { return 1_000_000 / (i + flat) }
	for i := range n {
		total += weight(i)
	}
	table := make(ranked, 0, draws)
	sum := 0
	for i := range n {
		sum += weight(i)
		for len(table) < draws*sum/total {
			table = append(table, uint16(i))
		}
	}
	return table
}

func (t ranked) draw(r *stream) int { return int(t[r.next()%uint64(len(t))]) }

// namer composes names. It is read-only after newNamer.
type namer struct {
	surname      ranked
	given        [2][4]ranked
	syllable     [2][4]ranked
	syllables    [2][4][]string
	surnames     []string
	dottedGiven  [2][]string
	dottedFather []string
	rare         []string
	rarePer1000  int // of the names that are composed

	common, single int // of ten people, have a whole name of givenNames, one syllable
}

func newNamer() *namer {
	n := &namer{
		surname: newRanked(len(surnames), 4), surnames: surnames, dottedGiven: dottedGiven, dottedFather: dottedFather,
		rare: rareSyllables, rarePer1000: 8, common: 3, single: 2,
	}
	for sex := range givenNames {
		for era := range givenNames[sex] {
			n.given[sex][era] = newRanked(len(givenNames[sex][era]), 3)
			for _, c := range givenSyllables[sex][era] {
				n.syllables[sex][era] = append(n.syllables[sex][era], string(c))
			}
			n.syllable[sex][era] = newRanked(len(n.syllables[sex][era]), 5)
		}
	}
	return n
}

func era(birth day) int {
	switch y := birth.year(); {
	case y < 1960:
		return 0
	case y < 1980:
		return 1
	case y < 2000:
		return 2
	}
	return 3
}

// append appends the person's name, the same one at every call.
func (n *namer) append(b []byte, seed uint64, p *person) []byte {
	if p.name != "" {
		return append(b, p.name...)
	}
	r := newStream(seed, topicName, uint64(p.named()))
	b, _ = n.compose(b, &r, p)
	return b
}

// compose draws a name of the person's sex, surname and era. It also returns the
// index of the rare character in it, −1 for none.
func (n *namer) compose(b []byte, r *stream, p *person) (name []byte, rare int) {
	e := era(p.birth)
	if p.dotted {
		b = append(b, n.dottedGiven[p.sex][r.n(len(n.dottedGiven[p.sex]))]...)
		b = append(b, "·"...)
		return append(b, n.dottedFather[r.n(len(n.dottedFather))]...), -1
	}
	b = append(b, n.surnames[p.surname]...)
	switch x := r.n(10); {
	case x < n.common: // a name many people have
		return append(b, givenNames[p.sex][e][n.given[p.sex][e].draw(r)]...), -1
	case x < n.common+n.single: // one syllable
	default:
		b = append(b, n.syllables[p.sex][e][n.syllable[p.sex][e].draw(r)]...)
	}
	if r.chance(n.rarePer1000) {
		rare = r.n(len(n.rare))
		return append(b, n.rare[rare]...), rare
	}
	return append(b, n.syllables[p.sex][e][n.syllable[p.sex][e].draw(r)]...), -1
}

// nameForm is how a department wrote a name.
type nameForm uint8

const (
	nameExact  nameForm = iota
	nameSpaced          // white space and a zero-width character inside
	nameDot             // another middle dot
	nameOther           // the name of somebody else
	nameNone            // not written
)

// appendForm appends a name in a department's form.
func (n *namer) appendForm(b []byte, seed uint64, p *person, form nameForm) []byte {
	start := len(b)
	switch form {
	case nameNone:
		return b
	case nameOther:
		// Surname and given name that occur in none of the tables.
		return append(b, "漆雕问樵"...)
	}
	b = n.append(b, seed, p)
	if form == nameExact {
		return b
	}
	name := string(b[start:])
	b = b[:start]
	for i, c := range name {
		if c == '·' && form == nameDot {
			c = [...]rune{'•', '‧', '・', '･', '∙', '．'}[int(p.number)%6]
		}
		b = utf8.AppendRune(b, c)
		if form == nameSpaced && i == 0 {
			b = append(b, "\u3000\u200b"...)
		}
	}
	return b
}
