package identity

import (
	"fmt"
	"io"
)

// Language is that of an explanation.
type Language uint8

// The languages.
const (
	Chinese Language = iota
	English
)

// in picks the words.
func (t text) in(lang Language) string {
	if lang == English {
		return t.en
	}
	return t.zh
}

// Write prints the link as a column of weights with their sum, and its reasons. It
// prints no number, name or date.
func (l *Link) Write(w io.Writer, lang Language) error {
	words := [...]string{"合计", "原等级"}
	if lang == English {
		words = [...]string{"in all", "was"}
	}
	tier := l.Tier.String()
	if l.Was != None {
		tier += " (" + words[1] + " " + l.Was.String() + ")"
	}
	if _, err := fmt.Fprintf(w, "%s  %s\n", tier, useTexts[min(l.Use, useCount-1)].in(lang)); err != nil {
		return err
	}
	for _, p := range l.Parts() {
		if _, err := fmt.Fprintf(w, "%10s  %s: %s\n", p.Bits, fieldTexts[p.Field].in(lang), levelTexts[p.Level].in(lang)); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w, "%10s  %s\n", l.Total, words[0]); err != nil {
		return err
	}
	for r := range l.Reasons.All() {
		if _, err := fmt.Fprintf(w, "- %s\n", r.text().in(lang)); err != nil {
			return err
		}
	}
	return nil
}
