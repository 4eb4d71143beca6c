package linkage

import (
	"fmt"
	"math"
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
	Version   int        `yaml:"version"`         // of the parameters; Train counts it up
	Prior     float64    `yaml:"prior,omitempty"` // that a random pair is a match; 0 is not estimated yet
	Threshold float64    `yaml:"threshold"`       // in bits; 0 links what is more likely a match than not
	OneToOne  bool       `yaml:"one_to_one,omitempty"`
	MaxBlock  int        `yaml:"max_block,omitempty"` // records with one key; a larger block is passed over and counted
	Fields    []Field    `yaml:"fields"`
	Blocking  [][]string `yaml:"blocking"` // rules, united; the parts of one rule must all agree
}

// Field is one thing that both records say.
type Field struct {
	Name   string  `yaml:"name"`
	Left   string  `yaml:"left,omitempty"`  // column; the name when absent
	Right  string  `yaml:"right,omitempty"` // column; as left when absent
	Kind   string  `yaml:"kind"`            // text, name, date, number, id or postcode
	TF     bool    `yaml:"tf,omitempty"`    // weigh an exact agreement by how rare the value is
	Levels []Level `yaml:"levels"`
}

// Level is one degree of agreement.
type Level struct {
	When  string  `yaml:"when"` // missing, exact, edits, similar, prefix, tokens, swapped, date_part, day_month, substitution, transposition or else
	Label string  `yaml:"label,omitempty"`
	Max   int     `yaml:"max,omitempty"`  // edits at most; length of a prefix
	Min   float64 `yaml:"min,omitempty"`  // Jaro–Winkler at least
	With  string  `yaml:"with,omitempty"` // the other field of a swap
	M     float64 `yaml:"m,omitempty"`    // P(level | match); 0 is not estimated yet
	U     float64 `yaml:"u,omitempty"`    // P(level | no match)
}

func (m *Model) threshold() Bits { return Bits(math.Round(m.Threshold * 1000)) }

// Trained reports whether every weight is known.
func (m *Model) Trained() bool {
	for _, f := range m.Fields {
		for _, l := range f.Levels {
			if l.When != missing && (l.M == 0 || l.U == 0) {
				return false
			}
		}
	}
	return m.Prior > 0
}

// text is the level in words.
func (l *Level) text() string {
	if l.Label != "" {
		return l.Label
	}
	return l.When
}

const (
	missing       = "missing"
	exact         = "exact"
	edits         = "edits"
	similar       = "similar"
	prefix        = "prefix"
	tokens        = "tokens"
	swapped       = "swapped"
	datePart      = "date_part"
	dayMonth      = "day_month"
	substitution  = "substitution"
	transposition = "transposition"
	otherwise     = "else"
)
