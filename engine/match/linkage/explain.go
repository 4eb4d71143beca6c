package linkage

import (
	"fmt"
	"io"

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

// Explanation is a score with its parts: Prior and the parts' Bits and TF sum to
// Total exactly.
type Explanation struct {
	Prior       Bits    `json:"prior_millibits"`
	Parts       []Part  `json:"parts"`
	Total       Bits    `json:"total_millibits"`
	Probability float64 `json:"probability"`
	Threshold   Bits    `json:"threshold_millibits"`
	Linked      bool    `json:"reaches_threshold"`
	Candidate   bool    `json:"candidate"` // some blocking rule brings the two together
}

// Explain says why two rows score what they do. Rows count from 0; with one table
// both are rows of it. It reports false when there is no such row.
func Explain(d *Data, m *Model, left, right int, reveal bool) (*Explanation, bool, error) {
	w, err := d.weights(m)
	if err != nil {
		return nil, false, err
	}
	var a, b *record
	for i := range d.records {
		r := &d.records[i]
		if r.side == 0 && r.row == left {
			a = r
		}
		if r.row == right && (r.side == 1) == d.two {
			b = r
		}
	}
	if a == nil || b == nil || a == b {
		return nil, false, nil
	}
	p := d.compare(a, b)
	e := &Explanation{Prior: w.prior, Total: w.score(m, p, a), Threshold: m.threshold()}
	for f := range m.Fields {
		level := &m.Fields[f].Levels[p.level(f)]
		part := Part{Field: m.Fields[f].Name, Level: level.text(), Bits: w.level[f][p.level(f)]}
		if w.tf[f] != nil && level.When == exact {
			part.TF = w.tf[f][a.values[f].id]
		}
		part.Left, part.Right = shown(a.values[f].text, reveal), shown(b.values[f].text, reveal)
		e.Parts = append(e.Parts, part)
	}
	e.Probability = e.Total.Probability()
	e.Linked = e.Total >= e.Threshold
	for _, rule := range m.Blocking {
		parts := make([]keyPart, len(rule))
		for i, text := range rule {
			if parts[i], err = parseKey(m, text); err != nil {
				return nil, false, err
			}
		}
		x, ok := blockKey(parts, a)
		y, ok2 := blockKey(parts, b)
		e.Candidate = e.Candidate || ok && ok2 && x == y
	}
	return e, true, nil
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
