package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// builder makes one document.
type builder struct {
	in   Input
	v    *household.Verdict
	r    *household.Request
	lang string
	doc  *Document
}

// Build makes the report of a verdict. The same input always makes the same document. It
// returns an error when there is no verdict or no such language.
func Build(in Input) (*Document, error) {
	if in.Verdict == nil {
		return nil, errors.New("no verdict to report")
	}
	if in.Lang != explain.Zh && in.Lang != explain.En {
		return nil, fmt.Errorf("a report in %q: want %q or %q", in.Lang, explain.Zh, explain.En)
	}
	b := &builder{in: in, v: in.Verdict, r: in.Request, lang: in.Lang, doc: &Document{Lang: in.Lang}}
	b.head()
	b.outcome()
	b.members()
	b.authorizations()
	if b.v.Outcome != household.Refused {
		b.coverage()
		b.compared()
		b.income()
		b.assets()
		b.timeline()
	}
	b.findings()
	b.withheld()
	b.links()
	b.flip()
	b.route()
	b.history()
	b.basis()
	b.doc.Caveat = b.say("caveat")
	if slices.ContainsFunc(in.Masks[:], func(m access.Mask) bool { return m != access.Full }) {
		b.doc.Masked = b.say("masked")
	}
	return b.doc, nil
}

// say is a text of the catalogue.
func (b *builder) say(key string, args ...any) string { return Words(key, b.lang, args...) }

// text is a text in the document's language.
func (b *builder) text(t household.Text) string {
	if b.lang == explain.Zh {
		return t.Zh
	}
	return t.En
}

// list joins texts as the language does.
func (b *builder) list(texts []string) string {
	if b.lang == explain.Zh {
		return strings.Join(texts, "、")
	}
	return strings.Join(texts, ", ")
}

func (b *builder) head() {
	h := &b.doc.Head
	v := b.v
	*h = Head{
		Title: b.say("title"), Number: clean(b.in.Number), VerdictID: clean(b.in.VerdictID), Household: clean(v.HouseholdID),
		Scheme: clean(explain.SchemeTitle(v.Scheme, b.lang)), Region: clean(v.Region), On: v.On.String(),
		ValidUntil: b.in.ValidUntil.String(), Centre: clean(b.in.Centre), Recipient: clean(b.in.Recipient), Issuer: clean(b.in.Issuer),
	}
	if !b.in.IssuedAt.IsZero() {
		h.IssuedAt = b.in.IssuedAt.Format(moment)
	}
	if v.Line > 0 {
		h.Line = b.say("line", v.Line)
	}
	if b.r == nil {
		return
	}
	if h.Region == "" {
		h.Region = clean(b.r.Region)
	}
	switch b.r.Residence {
	case household.Urban:
		h.Residence = b.say("urban")
	case household.Rural:
		h.Residence = b.say("rural")
	}
}

// moment is how a time is written, in the zone that it comes in.
const moment = "2006-01-02 15:04"

func (b *builder) outcome() {
	o := b.v.Outcome
	b.doc.Outcome = Outcome{Code: o.String(), Title: explain.OutcomeTitle(o, b.lang), Meaning: explain.OutcomeMeaning(o, b.lang)}
}

func (b *builder) members() {
	if b.r == nil {
		return
	}
	for i := range b.r.Members {
		m := &b.r.Members[i]
		kind := household.DocumentTypes.At(uint8(m.IDType))
		out := Member{
			Number: i + 1, Name: b.name(m.Name), Relation: explain.RelationTitle(m.Relation, b.lang), Document: b.idNumber(m.IDNumber),
			DocumentAs: kind.Zh, Counted: m.Excluded == 0, Note: explain.Counted(m.Excluded, b.lang),
		}
		if b.lang != explain.Zh {
			out.DocumentAs = strings.ReplaceAll(kind.Name, "_", " ")
		}
		b.doc.Members = append(b.doc.Members, out)
	}
}

func (b *builder) authorizations() {
	for i := range b.in.Authorizations {
		a := &b.in.Authorizations[i]
		g := Grant{Number: clean(a.Number), Classes: b.say("all classes")}
		switch {
		case a.From != 0 && a.To != 0:
			g.From, g.To = a.From.String(), a.To.String()
		case a.From != 0:
			g.From = a.From.String()
		case a.To != 0:
			g.To = a.To.String()
		}
		var purposes, classes []string
		for _, p := range a.Purposes {
			purposes = append(purposes, clean(explain.SchemeTitle(p, b.lang)))
		}
		g.Purposes = b.list(purposes)
		if a.Classes != nil {
			for _, c := range a.Classes {
				title := c
				if s, ok := household.ParseSource(c); ok {
					title = explain.SourceTitle(s, b.lang)
				}
				classes = append(classes, clean(title))
			}
			g.Classes = b.list(classes)
		}
		b.doc.Authorizations = append(b.doc.Authorizations, g)
	}
}

func (b *builder) route() {
	where := clean(b.in.Route.Where)
	if where == "" {
		where = b.say("the centre")
	}
	o := &Objection{Where: where, Text: b.say("objection open", where)}
	if b.in.Route.Days > 0 {
		o.Days, o.Text = b.in.Route.Days, b.say("objection text", b.in.Route.Days, where)
	}
	b.doc.Objection = o
}

func (b *builder) history() {
	for i := range b.in.History {
		s := &b.in.History[i]
		b.doc.History = append(b.doc.History, StepText{At: s.At.Format(moment), By: clean(s.By), What: b.free(s.What), Reason: b.free(s.Reason)})
	}
}

func (b *builder) basis() {
	p := &b.v.Pack
	out := &b.doc.Basis
	*out = Basis{
		Program: clean(b.in.Program), Generation: b.v.Generation, Pack: clean(p.Name), Version: clean(p.Version), Digest: p.Digest, Region: clean(p.Region),
	}
	for i := range p.Values {
		v := &p.Values[i]
		c := CitedValue{Name: clean(v.Name), Value: "–", Where: b.say("value where", clean(v.File), v.Line), Law: clean(v.Law)}
		if v.Region != "" {
			c.Where = clean(v.Region) + " · " + c.Where
		}
		if v.Unresolved == "" {
			c.Value = explain.Value(v.Value, v.Unit)
			if v.Unit == "fen" {
				c.Value = explain.Yuan(household.Fen(v.Value))
			}
			if v.PerYear {
				c.Value += b.say("a year")
			}
		}
		if v.From.Year() > 1 {
			c.From = v.From.String()
		}
		switch {
		case v.Unresolved != "":
			c.Status = b.say("value unresolved", clean(v.Unresolved))
		case !v.Verified:
			c.Status = b.say("value unverified")
		}
		out.Values = append(out.Values, c)
	}
}
