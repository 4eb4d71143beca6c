package report

import (
	"strings"

	"github.com/hedui/hedui/engine/explain"
)

// turnedDown is the use of a link to somebody else's record.
const turnedDown = "nothing"

// maxNotes is the most links that a verdict explains.
const maxNotes = 64

// links says how records that do not lie plainly under a member's document were linked,
// and why records that look like a member's were left.
func (b *builder) links() {
	s := b.v.Links
	if s == nil {
		return
	}
	out := &Links{Meaning: explain.Say("links meaning", b.lang), Counts: explain.Say("links count", b.lang, s.Strong, s.Review, s.Conflicts, s.TurnedDown, s.Hidden)}
	if s.TooCommon > 0 {
		out.TooCommon = explain.Say("links too common", b.lang, s.TooCommon)
	}
	if s.Review > 0 {
		out.Totals = explain.Say("links totals", b.lang, b.amount(s.Income).Text, b.amount(s.Financial).Text)
	}
	type left struct {
		member  int
		reasons string
		n       int
		best    int64
	}
	var groups []left
	for i := range s.Notes {
		n := &s.Notes[i]
		reasons := b.reasons(n.Reasons)
		if n.Use == turnedDown {
			at := -1
			for j := range groups {
				if groups[j].member == n.Member && groups[j].reasons == reasons {
					at = j
				}
			}
			if at < 0 {
				at, groups = len(groups), append(groups, left{n.Member, reasons, 0, n.Total})
			}
			groups[at].n++
			groups[at].best = max(groups[at].best, n.Total)
			continue
		}
		note := LinkNote{
			Member: n.Member, Tier: clean(n.Tier), Meaning: b.word(n.Tier, explain.LinkTexts.Tier), Use: b.word(n.Use, explain.LinkTexts.Use),
			Total: explain.Bits(n.Total), Why: reasons,
		}
		for _, p := range n.Parts {
			level := p.Level
			if b.in.LinkTexts != nil {
				if t := b.in.LinkTexts.Level(p.Field, p.Level, b.lang); t != "" {
					level = t
				}
			}
			note.Parts = append(note.Parts, LinkPart{Bits: explain.Bits(p.Bits), Text: b.word(p.Field, explain.LinkTexts.Field) + ": " + clean(level)})
		}
		out.Notes = append(out.Notes, note)
	}
	if len(out.Notes) > 0 {
		out.Bits = explain.Say("links bits", b.lang)
	}
	for _, g := range groups {
		out.TurnedDown = append(out.TurnedDown, explain.Say("links left line", b.lang, g.member, g.n, g.reasons, explain.Bits(g.best)))
	}
	if len(s.Notes) >= maxNotes {
		out.More = explain.Say("links more", b.lang, maxNotes)
	}
	b.doc.Links = out
}

func (b *builder) reasons(codes []string) string {
	var list []string
	for _, code := range codes {
		list = append(list, b.word(code, explain.LinkTexts.Reason))
	}
	return strings.Join(list, explain.Say("semicolon", b.lang))
}

// word is the text of a code; a code without words stands for itself.
func (b *builder) word(code string, of func(t explain.LinkTexts, code, lang string) string) string {
	if b.in.LinkTexts != nil {
		if t := of(b.in.LinkTexts, code, b.lang); t != "" {
			return clean(t)
		}
	}
	return clean(code)
}
