package explain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

func (x *writer) findings() {
	x.heading(x.say("findings"))
	if len(x.v.Findings) == 0 {
		x.line(2, x.say("no findings"))
	}
	for i := range x.v.Findings {
		x.finding(i+1, &x.v.Findings[i])
	}
}

func (x *writer) finding(n int, f *household.Finding) {
	title := []string{x.title(f.Code)}
	if f.Member > 0 {
		title = append(title, x.say("row member", f.Member))
	}
	if f.Type > 0 {
		title = append(title, at(lineTitles[:], int(f.Type), x.lang))
	}
	title = append(title, at(outcomeTitles[:], int(f.Effect), x.lang))
	x.line(2, strconv.Itoa(n)+". "+strings.Join(title, " · ")+" ("+f.Code+")")
	if x.in.Texts != nil {
		if t := x.in.Texts.Text(f.Code, x.lang); t != "" {
			x.line(5, t)
		}
	}
	switch {
	case f.Totals:
		x.line(5, x.say("totals", yuan(f.Limit), yuan(f.Amount)))
	case f.HasAmount:
		x.line(5, x.say("amount", yuan(f.Amount), yuan(f.Limit)))
	}
	switch g := f.Grade.String(); {
	case f.Grade == household.GradeC && unconfirmed(f):
		x.line(5, x.say("grade unconfirmed", g))
	case f.Grade == household.GradeC:
		x.line(5, x.say("grade derived", g))
	case g != "":
		x.line(5, x.say("grade", g))
	}
	if f.Item != "" {
		x.line(5, x.say("item", f.Item))
	}
	if f.Unverified {
		x.line(5, x.say("unverified"))
	}
	law := f.Law
	if law == "" && x.in.Texts != nil {
		law = x.in.Texts.Law(f.Code)
	}
	if law != "" {
		x.line(5, x.say("law")+": "+law)
	}
	x.rows(n, f)
	if c := x.clear(f.Code); c != "" {
		x.line(5, x.say("clear")+": "+c)
	}
}

// unconfirmed reports whether a finding of grade C rests on records whose link a person
// has to confirm. Those of exact tiers are the member's, whatever makes it grade C.
func unconfirmed(f *household.Finding) bool {
	for i := range f.Evidence {
		if l := f.Evidence[i].Link; l == "" || l[0] == 'A' {
			return false
		}
	}
	return len(f.Evidence) > 0
}

// rows lists the records of a finding, or says that an earlier finding listed them.
func (x *writer) rows(n int, f *household.Finding) {
	if len(f.Evidence) == 0 {
		return
	}
	for i := range x.v.Findings[:n-1] {
		if slices.Equal(x.v.Findings[i].Evidence, f.Evidence) {
			x.line(5, x.say("evidence")+": "+x.say("same rows", i+1))
			return
		}
	}
	x.line(5, x.say("evidence")+":")
	for _, e := range f.Evidence {
		x.evidence(e)
	}
}

func (x *writer) evidence(e household.Evidence) {
	parts := []string{x.say("row", at(sourceTitles[:], int(e.Source), x.lang), e.Row, e.File, short(e.Snapshot))}
	if e.Record != "" { // a row of the register has no number of its own
		parts = append(parts, x.say("row record", e.Record))
	}
	parts = append(parts, x.say("row provider", e.Provider))
	if e.Node != "" {
		parts = append(parts, x.say("row node", e.Node))
	}
	if e.Member > 0 {
		parts = append(parts, x.say("row member", e.Member))
	}
	if e.Link != "" {
		parts = append(parts, x.say("row link", e.Link))
	}
	if e.Period != 0 {
		parts = append(parts, e.Period.String())
	}
	if e.HasAmount {
		parts = append(parts, x.say("yuan", yuan(e.Amount)))
	}
	x.line(7, strings.Join(parts, ", "))
	if x.in.Cold == nil {
		return
	}
	for _, p := range x.in.Cold(e) {
		x.line(9, x.mask(p.Key)+": "+x.mask(p.Value))
	}
}

// mask hides the members' names and numbers in a text that came from a record.
func (x *writer) mask(s string) string {
	if x.in.Reveal || x.in.Request == nil {
		return s
	}
	for i := range x.in.Request.Members {
		m := &x.in.Request.Members[i]
		if n := m.IDNumber.Reveal(); n != "" {
			s = strings.ReplaceAll(s, n, m.IDNumber.String())
		}
		if n := m.Name.Reveal(); n != "" {
			s = strings.ReplaceAll(s, n, m.Name.String())
		}
	}
	return s
}

func (x *writer) coverage() {
	x.heading(x.say("sources"))
	for s := household.Tax; s < household.NumChecked; s++ {
		c := &x.v.Coverage[s]
		text := stateUnknown.in(x.lang)
		if c.State >= household.NotAuthorized && c.State < household.NumCoverageStates {
			text = at(stateTitles[:], int(c.State), x.lang) + " — " + at(stateMeanings[:], int(c.State), x.lang)
		}
		if x.awaits(s) {
			text += x.say("semicolon") + x.say("source awaits")
		}
		x.line(2, at(sourceTitles[:], int(s), x.lang)+": "+text)
		for _, p := range c.Providers {
			state := at(stateTitles[:], int(p.State), x.lang)
			if p.State == household.None && c.State != household.None {
				state = noneHere.in(x.lang)
			}
			asOf := p.AsOf.String()
			if asOf == "" {
				asOf = x.say("unknown date")
			}
			name := p.Provider
			if p.Node != "" {
				name = x.say("provider of node", p.Provider, p.Node)
			}
			x.line(4, x.say("provider", name, asOf, short(p.Snapshot), state))
		}
	}
}
