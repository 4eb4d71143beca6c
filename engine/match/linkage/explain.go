package linkage

import (
	"fmt"
	"io"
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// Part is what one field adds to a score.
type Part struct {
	Field string `json:"field"`
	Level string `json:"level"`
	Bits  Bits   `json:"millibits"`
	TF    Bits   `json:"tf_millibits"` // for the rarity of the value
	Left  string `json:"left"`         // normalised; masked unless revealed
	Right string `json:"right"`
}

// Explanation is a score with its parts: Prior, the parts' Bits and TF, and Related
// sum to Total exactly.
type Explanation struct {
	Prior       Bits    `json:"prior_millibits"`
	Parts       []Part  `json:"parts"`
	Related     Bits    `json:"related_millibits"` // lost because two people of one household may agree like this
	Total       Bits    `json:"total_millibits"`
	Probability float64 `json:"probability"`
	Threshold   Bits    `json:"threshold_millibits"`
	Linked      bool    `json:"reaches_threshold"`
	Candidate   bool    `json:"candidate"` // some blocking rule brings the two together
}

// Explain says why two rows score what they do. Rows count from 0; with one table
// both are rows of it. It reports false when there is no such row.
func Explain(blocks *Blocks, m *Model, left, right int, reveal bool) (*Explanation, bool, error) {
	d := blocks.d
	w, err := d.weights(m)
	if err != nil {
		return nil, false, err
	}
	other := 0
	if d.two {
		other = 1
	}
	a, ok := d.find(0, left)
	b, ok2 := d.find(other, right)
	if !ok || !ok2 || a == b {
		return nil, false, nil
	}
	p := newComparer(d).compare(a, b)
	x, y := d.record(a), d.record(b)
	e := &Explanation{Prior: w.prior, Total: w.score(p, x), Threshold: m.threshold()}
	if w.relatives {
		e.Related = w.kinship(p, x)
	}
	for f := range m.Fields {
		level := &m.Fields[f].Levels[p.level(f)]
		part := Part{Field: m.Fields[f].Name, Level: level.Text(), Bits: w.level[f][p.level(f)]}
		if w.tf[f] != nil && w.exact[f] == p.level(f) {
			part.TF = Bits(w.tf[f][x[f]])
		}
		values := d.dictOf[f].values
		part.Left, part.Right = shown(values[x[f]].text, reveal), shown(values[y[f]].text, reveal)
		e.Parts = append(e.Parts, part)
	}
	e.Probability = e.Total.Probability()
	e.Linked = e.Total >= e.Threshold
	e.Candidate = blocks.together(a, b)
	return e, true, nil
}

// Candidates are the links of one row and the candidates that were turned down for
// it, each best first. The side is 0 for a row of the left table, 1 of the right
// one. It reports false when there is no such row.
func Candidates(b *Blocks, m *Model, side, row int, o Options) (*Result, bool, error) {
	d := b.d
	i, ok := d.find(side, row)
	if !ok {
		return nil, false, nil
	}
	o.watch = func(a, c int32) bool { return a == i || c == i }
	o.TurnedDown = 0
	r, err := Score(b, m, o)
	if err != nil {
		return nil, false, err
	}
	r.Links = slices.DeleteFunc(r.Links, func(l Link) bool {
		if d.two && side == 1 {
			return l.Right != row
		}
		return l.Left != row && (d.two || l.Right != row)
	})
	return r, true, nil
}

func shown(text string, reveal bool) string {
	if reveal {
		return text
	}
	return household.MaskMiddle(text, 1, 0)
}

// Write prints the explanation as a column of weights with their sum.
func (e *Explanation) Write(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%10s  before anything is compared\n", e.Prior)
	for _, p := range e.Parts {
		if err == nil {
			_, err = fmt.Fprintf(w, "%10s  %s: %s (%s | %s)\n", p.Bits, p.Field, p.Level, p.Left, p.Right)
		}
		if err == nil && p.TF != 0 {
			_, err = fmt.Fprintf(w, "%10s  %s: how common the value is\n", p.TF, p.Field)
		}
	}
	if err == nil && e.Related != 0 {
		_, err = fmt.Fprintf(w, "%10s  two people of one household may agree like this too\n", e.Related)
	}
	if err != nil {
		return err
	}
	verdict := "reaches"
	if !e.Linked {
		verdict = "turned down: below"
	}
	if !e.Candidate {
		verdict = "no blocking rule brings the two together; the score " + verdict
	}
	_, err = fmt.Fprintf(w, "%10s  in all, probability %.6f: %s the threshold of %s\n", e.Total, e.Probability, verdict, e.Threshold)
	return err
}
