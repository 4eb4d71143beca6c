package report

import (
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// title is what a code is called; a code without words stands for itself.
func (b *builder) title(code string) string {
	if b.in.Texts != nil {
		if t := b.in.Texts.Title(code, b.lang); t != "" {
			return clean(t)
		}
	}
	if t, _ := explain.RefusalTitle(code, b.lang); t != "" {
		return t
	}
	return clean(code)
}

func (b *builder) clear(code string) string {
	if b.in.Texts != nil {
		if t := b.in.Texts.Clear(code, b.lang); t != "" {
			return clean(t)
		}
	}
	_, t := explain.RefusalTitle(code, b.lang)
	return t
}

func (b *builder) findings() {
	for i := range b.v.Findings {
		b.doc.Findings = append(b.doc.Findings, b.finding(i))
	}
}

func (b *builder) finding(i int) Finding {
	f := &b.v.Findings[i]
	out := Finding{
		Number: i + 1, Code: clean(f.Code), Title: b.title(f.Code), EffectCode: f.Effect.String(), Effect: explain.OutcomeTitle(f.Effect, b.lang),
		Member: f.Member, Grade: b.grade(f), Item: clean(f.Item), Law: clean(f.Law), Clear: b.clear(f.Code),
	}
	if f.Type > 0 {
		out.Type = explain.LineTitle(f.Type, b.lang)
	}
	if t := b.in.Texts; t != nil {
		out.Text = clean(t.Text(f.Code, b.lang))
		if out.Law == "" {
			out.Law = clean(t.Law(f.Code))
		}
	}
	switch {
	case f.Totals: // nothing of it is of the law
		out.Amounts = explain.Say("totals", b.lang, b.amount(f.Limit).Text, b.amount(f.Amount).Text)
	case f.HasAmount:
		out.HasAmount, out.Amount, out.Limit = true, b.amount(f.Amount), full(f.Limit)
		out.Amounts = b.say("amounts limit", out.Amount.Text, out.Limit.Text)
	}
	if f.Unverified {
		out.Unverified = b.say("unverified")
	}
	if f.Code == "invalid_request" && b.r != nil && len(b.r.Invalid) > 0 {
		out.Fields = explain.Say("fields", b.lang, clean(strings.Join(b.r.Invalid, ", ")))
	}
	if len(f.Evidence) > 0 {
		for j := range b.v.Findings[:i] {
			if slices.Equal(b.v.Findings[j].Evidence, f.Evidence) {
				out.SameAs = j + 1
				return out
			}
		}
	}
	for j := range f.Evidence {
		out.Evidence = append(out.Evidence, b.evidence(&f.Evidence[j]))
	}
	return out
}

// grade says in words what the evidence is worth.
func (b *builder) grade(f *household.Finding) string {
	text := explain.GradeText(f, b.lang)
	switch f.Grade {
	case household.GradeA:
		return b.say("grade A", text)
	case household.GradeB:
		return b.say("grade B", text)
	}
	return text
}

func (b *builder) evidence(e *household.Evidence) Evidence {
	out := Evidence{
		Source: explain.SourceTitle(e.Source, b.lang), Provider: clean(e.Provider), Snapshot: e.Snapshot, File: e.File, Row: e.Row,
		Record: clean(e.Record), Member: e.Member, Link: e.Link, Period: e.Period.String(), Money: e.HasAmount,
	}
	if e.HasAmount {
		out.Amount = b.amount(e.Amount)
	}
	return out
}

func (b *builder) withheld() {
	for i := range b.v.Withheld {
		w := &b.v.Withheld[i]
		because := clean(w.Because)
		if w.Because == "disputed" || w.Because == "upheld" {
			because = b.say(w.Because)
		}
		b.doc.Withheld = append(b.doc.Withheld, Withheld{Evidence: b.evidence(&w.Evidence), Because: because})
	}
}
