package report

import (
	"slices"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

func (b *builder) coverage() {
	c := &Coverage{Text: b.say("complete"), Complete: true}
	var wanting []string
	for s := household.Tax; s < household.NumChecked; s++ {
		of := &b.v.Coverage[s]
		title := explain.SourceTitle(s, b.lang)
		out := Source{
			Code: s.String(), Title: title, StateCode: of.State.String(), State: explain.StateTitle(of.State, b.lang), Meaning: explain.StateMeaning(of.State, b.lang),
		}
		if out.State == "" {
			out.State = "–"
		}
		if explain.Awaits(b.v, s) {
			out.Awaits = explain.Say("source awaits", b.lang)
		}
		for i := range of.Providers {
			p := &of.Providers[i]
			asOf := p.AsOf.String()
			if asOf == "" {
				asOf = b.say("unknown date")
			}
			out.Providers = append(out.Providers, Provider{Name: clean(b.provider(p)), AsOf: asOf, Snapshot: p.Snapshot, State: explain.ProviderState(of.State, p.State, b.lang)})
		}
		if !of.State.Answered() {
			wanting = append(wanting, title)
		}
		c.Sources = append(c.Sources, out)
	}
	if len(wanting) > 0 {
		c.Complete, c.Text = false, b.say("incomplete", b.list(wanting))
		b.doc.Outcome.Absence = c.Text
	}
	b.doc.Coverage = c
}

// provider names a provider, and the node that answered for it where that is another.
func (b *builder) provider(p *household.ProviderCoverage) string {
	if p.Node == "" {
		return p.Provider
	}
	return explain.Say("provider of node", b.lang, p.Provider, p.Node)
}

// caveat says that a sheet rests on sources that could not answer in full.
func (b *builder) caveat(sources ...household.Source) string {
	if slices.ContainsFunc(sources, func(s household.Source) bool { return !b.v.Coverage[s].State.Answered() }) {
		return explain.Say("sheet caveat", b.lang)
	}
	return ""
}
