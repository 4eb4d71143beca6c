package report

import (
	"strings"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// flip words what would change the outcome.
func (b *builder) flip() {
	f := Flip(b.v)
	out := &FlipText{}
	for _, l := range f.Lines {
		x := &b.v.Findings[l.Finding]
		out.Lines = append(out.Lines, FlipLine{Finding: l.Finding + 1, Title: b.title(x.Code), Text: b.change(l), Clear: b.clear(x.Code)})
	}
	for _, r := range f.Room {
		title := b.say("income")
		if isFinancialLimit(r.Code) {
			title = b.say("financial")
		}
		text := b.say("flip room masked")
		if b.shows() {
			text = b.say("flip room", explain.Yuan(r.Fen))
		}
		out.Lines = append(out.Lines, FlipLine{Title: title, Text: text})
	}
	switch {
	case f.Outcome == household.Refused:
		out.Lead = b.say("flip refused")
	case len(f.Lines) == 1:
		out.Lead = b.say("flip one")
	case len(f.Lines) > 1:
		out.Lead = b.say("flip all", len(f.Lines))
	case f.Outcome == household.Unverifiable:
		out.Lead, out.Lines = b.say("flip unverifiable"), nil
	case len(f.Room) > 0:
		out.Lead = b.say("flip in order")
	default:
		out.Lead = b.say("flip no room")
	}
	if f.Outcome != household.Refused && len(f.Lines) > 0 {
		then := []string{b.say("flip then", explain.OutcomeTitle(f.Then, b.lang))}
		if f.Weaker {
			then = append(then, b.say("flip then weaker"))
		}
		if f.Then == household.Unverifiable && f.Short {
			then = append(then, b.say("flip then short"))
		}
		out.Then = strings.Join(then, b.space())
	}
	b.doc.Flip = out
}

// space is what stands between two sentences.
func (b *builder) space() string {
	if b.lang == explain.Zh {
		return ""
	}
	return " "
}

func (b *builder) change(l Change) string {
	switch {
	case l.Kind == Less && b.shows():
		return b.say("flip less", explain.Yuan(l.Fen))
	case l.Kind == Less:
		return b.say("flip less masked")
	case l.Kind == LessDeclared && b.shows():
		return b.say("flip declared", explain.Yuan(l.Fen))
	case l.Kind == LessDeclared:
		return b.say("flip declared masked")
	case l.Kind == Fewer && l.Count > 0:
		return b.say("flip fewer", l.Count)
	}
	return b.say("flip settle")
}
