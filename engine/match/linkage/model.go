package linkage

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Bits is a weight of evidence in thousandths of a bit. Ten bits of agreement
// multiply the odds of a match by 1,024.
type Bits int64

// String is the weight in bits with three decimals and its sign.
func (b Bits) String() string { return fmt.Sprintf("%+.3f", float64(b)/1000) }

// Probability is the posterior that belongs to a total of bits, from 0 to 1.
func (b Bits) Probability() float64 { return 1 / (1 + math.Exp2(-float64(b)/1000)) }

// toBits rounds log2(odds) to thousandths.
func toBits(odds float64) Bits { return Bits(math.Round(1000 * math.Log2(odds))) }

// Model says what is compared and what agreement is worth.
type Model struct {
	Name      string     `yaml:"name"`
	Version   int        `yaml:"version"`           // of the parameters; Train counts it up
	Prior     float64    `yaml:"prior,omitempty"`   // that a random pair is a match; 0 is not estimated yet
	Threshold float64    `yaml:"threshold"`         // in bits; 0 links what is more likely a match than not
	Related   float64    `yaml:"related,omitempty"` // that a random pair is two people who share a household; 0 is not estimated yet
	OneToOne  bool       `yaml:"one_to_one,omitempty"`
	MaxBlock  int        `yaml:"max_block,omitempty"` // records with one key; a larger block is passed over and counted
	Fields    []Field    `yaml:"fields"`
	Blocking  [][]string `yaml:"blocking"` // rules, united; the parts of one rule must all agree
	// Provenance is there when m was learned from decisions.
	Provenance *Provenance `yaml:"provenance,omitempty"`
}

// Field is one thing that both records say.
type Field struct {
	Name   string  `yaml:"name"`
	Left   string  `yaml:"left,omitempty"`   // column; the name when absent
	Right  string  `yaml:"right,omitempty"`  // column; as left when absent
	Kind   string  `yaml:"kind"`             // text, name, date, number, id, postcode, han_name or resident_id
	Order  string  `yaml:"order,omitempty"`  // of a date whose year stands last: dmy (also when absent) or mdy
	TF     bool    `yaml:"tf,omitempty"`     // weigh an exact agreement by how rare the value is
	Shared bool    `yaml:"shared,omitempty"` // people of one household agree on it
	Levels []Level `yaml:"levels"`
}

// Level is one degree of agreement.
type Level struct {
	When  string  `yaml:"when"` // see the constants below
	Label string  `yaml:"label,omitempty"`
	Max   Limit   `yaml:"max,omitempty"`  // edits or difference at most; length of a prefix; worst level of a name
	Min   float64 `yaml:"min,omitempty"`  // Jaro–Winkler, or share of words, at least
	With  string  `yaml:"with,omitempty"` // the other field of a swap
	M     float64 `yaml:"m,omitempty"`    // P(level | match); 0 is not estimated yet
	U     float64 `yaml:"u,omitempty"`    // P(level | no match)
	R     float64 `yaml:"r,omitempty"`    // P(level | two people of one household), for a shared field
}

// Limit is a whole number. For levels of a name it may be written N2 as well as 2.
type Limit int

// UnmarshalYAML reads 2 and N2. Anything else becomes -1, which Load refuses with
// its place.
func (l *Limit) UnmarshalYAML(text []byte) error {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(string(text)), "N"))
	if err != nil || n < 0 {
		n = -1
	}
	*l = Limit(n)
	return nil
}

func (l Limit) int() int { return int(l) }

func (m *Model) threshold() Bits { return Bits(math.Round(m.Threshold * 1000)) }

// Trained reports whether every weight is known.
func (m *Model) Trained() bool {
	for _, f := range m.Fields {
		for _, l := range f.Levels {
			if l.When != missing && (l.M == 0 || l.U == 0 || f.Shared && l.R == 0) {
				return false
			}
		}
	}
	return m.Prior > 0 && (m.Related > 0 || !m.households())
}

// households reports whether the model reckons with people of one household.
func (m *Model) households() bool {
	return slices.ContainsFunc(m.Fields, func(f Field) bool { return f.Shared })
}

// Text is the level in words.
func (l *Level) Text() string {
	if l.Label != "" {
		return l.Label
	}
	return l.When
}

// What a level asks for.
const (
	missing       = "missing"       // one of the two says nothing
	exact         = "exact"         // equal when normalised
	edits         = "edits"         // at most so many edits
	similar       = "similar"       // Jaro–Winkler at least
	prefix        = "prefix"        // equal beginning
	tokens        = "tokens"        // every word of the shorter is in the longer
	sharedWords   = "words"         // share of words in common at least
	within        = "within"        // numbers that differ by at most so much
	swapped       = "swapped"       // crosswise equal to another field
	datePart      = "date_part"     // one of year, month and day differs
	dayMonth      = "day_month"     // day and month swapped
	substitution  = "substitution"  // one character replaced
	transposition = "transposition" // two neighbours swapped
	repair        = "repair"        // one of those two, and just one number is valid
	nameLevel     = "name_level"    // level of two Chinese names at least as good
	otherwise     = "else"          // anything else
)
