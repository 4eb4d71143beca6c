package report

import (
	"io"
	"strings"
)

// XLSX writes a document as a workbook. Equal documents give equal bytes.
func XLSX(w io.Writer, d *Document) error {
	x := &sheets{workbook: newWorkbook(d.Head.Title+" "+d.Head.Number, stamp(d, HTMLOptions{})), d: d, v: &view{Document: d}}
	x.overview()
	x.compared()
	x.income()
	x.assets()
	x.findings()
	x.evidence()
	x.sources()
	x.notes()
	return x.write(w)
}

// sheets writes the sheets of one document.
type sheets struct {
	*workbook
	d *Document
	v *view
}

func (x *sheets) l(key string, args ...any) string { return Words(key, x.d.Lang, args...) }

func (x *sheets) who(n int) cell { return t(x.v.Who(n)) }

func (x *sheets) none() { x.line(x.l("none")) }

func (x *sheets) overview() {
	d, h := x.d, &x.d.Head
	x.open(x.l("summary"), 20, 34, 16, 20, 30, 26)
	x.title(h.Title)
	x.pair(x.l("number"), h.Number)
	x.pair(x.l("household"), strings.TrimSpace(h.Household+" "+h.Line))
	x.pair(x.l("scheme"), h.Scheme)
	x.pair(x.l("region"), h.Region)
	x.pair(x.l("residence"), h.Residence)
	x.pair(x.l("on"), h.On)
	x.pair(x.l("issued at"), h.IssuedAt)
	x.pair(x.l("valid until"), h.ValidUntil)
	x.pair(x.l("centre"), h.Centre)
	x.pair(x.l("recipient"), h.Recipient)
	x.pair(x.l("issuer"), h.Issuer)
	x.pair(x.l("verdict id"), h.VerdictID)
	x.title(x.l("outcome"))
	x.put(cell{kind: headCell, text: x.l("outcome")}, cell{kind: strongCell, text: d.Outcome.Title})
	x.line(d.Outcome.Meaning)
	x.line(d.Outcome.Absence)
	x.line(d.Caveat)
	x.line(d.Masked)
	x.title(x.l("members"))
	if len(d.Members) == 0 {
		x.none()
	} else {
		x.heads(x.l("no."), x.l("name"), x.l("relation"), x.l("document type"), x.l("document"), x.l("note"))
	}
	for _, m := range d.Members {
		x.put(count(int64(m.Number)), t(m.Name), t(m.Relation), t(m.DocumentAs), t(m.Document), t(m.Note))
	}
	if len(d.Authorizations) > 0 {
		x.title(x.l("authorizations"))
		x.heads(x.l("authorization"), x.l("in force"), x.l("purposes"), x.l("classes"))
	}
	for _, g := range d.Authorizations {
		x.put(t(g.Number), t(d.fromTo(g)), t(g.Purposes), t(g.Classes))
	}
	if f := d.Flip; f != nil {
		x.title(x.l("flip"))
		x.line(f.Lead)
		for _, line := range f.Lines {
			n := t("")
			if line.Finding > 0 {
				n = count(int64(line.Finding))
			}
			x.put(n, t(line.Title), t(line.Text), t(line.Clear))
		}
		x.line(f.Then)
	}
	if o := d.Objection; o != nil {
		x.title(x.l("objection"))
		x.line(o.Text)
	}
	x.title(x.l("code"))
	x.pair(x.l("code"), d.Code())
	x.pair(x.l("document digest"), d.DigestHex())
}

func (x *sheets) compared() {
	x.open(x.l("sheet compared"), 30, 20, 34, 20, 26)
	c := x.d.Compared
	if c == nil {
		x.none()
		return
	}
	x.title(x.l("income") + x.l("in yuan") + " " + c.Period)
	if len(c.Income) == 0 {
		x.line(x.empty(c.Caveat))
	} else {
		x.heads(x.l("member"), x.l("type"), x.l("declared"), x.l("found"), x.l("difference"))
	}
	for _, l := range c.Income {
		x.put(x.who(l.Member), t(l.What), a(l.Declared), a(l.Found), a(l.Difference))
	}
	x.title(x.l("assets"))
	x.heads(x.l("item"), "", x.l("declared"), x.l("found"), x.l("difference"))
	for _, l := range c.Assets {
		x.put(t(l.What), t(""), a(l.Declared), a(l.Found), a(l.Difference))
		for _, one := range l.Listed {
			x.put(t(""), t(""), t(one))
		}
	}
	x.line(c.Caveat)
}

// empty says that there is no income, or that nobody knows.
func (x *sheets) empty(caveat string) string {
	if caveat != "" {
		return x.l("nothing in data")
	}
	return x.l("nothing counted")
}

func (x *sheets) income() {
	x.open(x.l("sheet income"), 30, 20, 18, 18, 18, 40)
	s := x.d.Income
	if s == nil {
		x.none()
		return
	}
	x.title(x.l("income sheet") + " " + s.Period)
	if len(s.Lines) == 0 {
		x.line(x.empty(s.Caveat))
	}
	x.heads(x.l("member"), x.l("type"), x.l("declared"), x.l("found"), x.l("counted"), x.l("law"))
	for _, l := range s.Lines {
		x.put(x.who(l.Member), t(l.Type), a(l.Declared), a(l.Found), a(l.Counted), t(""))
	}
	for _, l := range s.Deductions {
		off := l.Amount
		off.Fen = -off.Fen
		off.Text = "−" + off.Text
		x.put(t(l.Whose), t(x.l("deduction")+x.l("colon")+l.Title), t(""), t(""), a(off), t(l.Law))
	}
	x.put(cell{kind: strongCell, text: x.l("total")}, t(""), t(""), t(""), a(s.Total), t(s.Sum))
	if s.HasLimit {
		x.put(t(x.l("limit")), t(""), t(""), t(""), a(s.Limit), t(s.LimitSum))
		x.put(t(x.l("comparison")), t(""), t(""), t(""), t(s.Comparison), t(""))
	}
	for _, m := range s.Monthly {
		x.line(m)
	}
	for _, list := range []struct {
		key string
		of  []LawAmount
	}{{"excluded", s.Excluded}, {"derived", s.Derived}} {
		if len(list.of) == 0 {
			continue
		}
		x.title(x.l(list.key))
		x.heads(x.l("member"), x.l("item"), "", "", x.l("amount"), x.l("law"))
		for _, l := range list.of {
			x.put(t(l.Whose), t(l.Title), t(""), t(""), a(l.Amount), t(l.Law))
		}
	}
	x.line(s.Caveat)
	x.timeline()
}

func (x *sheets) timeline() {
	tl := x.d.Timeline
	if tl == nil {
		return
	}
	x.title(x.l("timeline"))
	if len(tl.Months) == 0 {
		x.none()
		x.line(tl.Caveat)
		return
	}
	x.heads(x.l("member"), x.l("month"), x.l("source"), x.l("records"), x.l("amount"), x.l("note"))
	for _, m := range tl.Months {
		for _, e := range m.Entries {
			amount := t("–")
			if e.Money {
				amount = a(e.Amount)
			}
			x.put(x.who(e.Member), t(m.Month), t(e.Source), count(int64(e.Records)), amount, t(""))
		}
		if len(m.Uncovered) > 0 || len(m.Entries) == 0 {
			x.put(t("–"), t(m.Month), t("–"), count(0), t("–"), t(strings.Join(m.Uncovered, x.l("semicolon"))))
		}
	}
	x.line(tl.Caveat)
}

func (x *sheets) assets() {
	x.open(x.l("sheet assets"), 24, 20, 12, 20, 40, 24)
	s := x.d.Assets
	if s == nil {
		x.none()
		return
	}
	x.title(x.l("assets sheet"))
	x.heads(x.l("item"), x.l("counted"), "", x.l("limit"), x.l("law sum"), x.l("comparison"))
	limit := t("–")
	if s.HasLimit {
		limit = a(s.Limit)
	}
	x.put(t(x.l("financial")), a(s.Financial), t(x.l("yuan")), limit, t(s.LimitSum), t(s.Comparison))
	for _, l := range s.Counts {
		x.put(t(l.What), count(int64(l.Count)), t(l.Unit), t("–"), t(""), t(""))
	}
	x.line(s.Distinct)
	x.line(s.Caveat)
}

func (x *sheets) findings() {
	x.open(x.l("findings"), 7, 28, 14, 26, 16, 46, 16, 16, 26, 34, 40, 40)
	x.title(x.l("findings"))
	if len(x.d.Findings) == 0 {
		if x.d.Outcome.Absence != "" {
			x.line(x.l("none short"))
		} else {
			x.none()
		}
		return
	}
	x.heads(x.l("no."), x.l("finding"), x.l("effect"), x.l("member"), x.l("type"), x.l("meaning"), x.l("amount"), x.l("limit"),
		x.l("grade"), x.l("law"), x.l("clear"), x.l("note"))
	for _, f := range x.d.Findings {
		amount, limit := t("–"), t("–")
		if f.HasAmount {
			amount, limit = a(f.Amount), a(f.Limit)
		}
		var notes []string
		if !f.HasAmount && f.Amounts != "" {
			notes = append(notes, f.Amounts)
		}
		for _, s := range []string{f.Unverified, f.Item, f.Fields} {
			if s != "" {
				notes = append(notes, s)
			}
		}
		if f.SameAs > 0 {
			notes = append(notes, x.l("evidence")+x.l("colon")+x.l("same rows", f.SameAs))
		}
		x.put(count(int64(f.Number)), t(f.Title), t(f.Effect), x.who(f.Member), t(f.Type), t(f.Text), amount, limit,
			t(f.Grade), t(f.Law), t(f.Clear), t(strings.Join(notes, x.l("semicolon"))))
	}
}

func (x *sheets) evidence() {
	x.open(x.l("sheet evidence"), 7, 14, 26, 26, 12, 16, 16, 10, 8, 10, 36, 30)
	x.title(x.l("evidence"))
	x.heads(x.l("no."), x.l("source"), x.l("provider"), x.l("member"), x.l("period"), x.l("amount"), x.l("record"), x.l("link"),
		x.l("file"), x.l("row"), x.l("snapshot"), x.l("note"))
	row := func(n cell, e *Evidence, note string) {
		amount := t("–")
		if e.Money {
			amount = a(e.Amount)
		}
		x.put(n, t(e.Source), t(e.Provider), x.who(e.Member), t(e.Period), amount, t(e.Record), t(e.Link),
			count(int64(e.File)), count(e.Row), t(e.Snapshot), t(note))
	}
	for i := range x.d.Findings {
		f := &x.d.Findings[i]
		for j := range f.Evidence {
			row(count(int64(f.Number)), &f.Evidence[j], "")
		}
	}
	for i := range x.d.Withheld {
		row(t("–"), &x.d.Withheld[i].Evidence, x.d.Withheld[i].Because)
	}
}

func (x *sheets) sources() {
	x.open(x.l("sources"), 14, 14, 44, 24, 14, 18, 36)
	c := x.d.Coverage
	if c == nil {
		x.none()
		return
	}
	x.title(x.l("coverage"))
	x.line(c.Text)
	x.heads(x.l("source"), x.l("state"), x.l("meaning"), x.l("provider"), x.l("as of"), x.l("provider state"), x.l("snapshot"))
	for _, s := range c.Sources {
		meaning := s.Meaning
		if s.Awaits != "" {
			meaning += x.l("semicolon") + s.Awaits
		}
		if len(s.Providers) == 0 {
			x.put(t(s.Title), t(s.State), t(meaning), t("–"), t("–"), t("–"), t("–"))
		}
		for _, p := range s.Providers {
			x.put(t(s.Title), t(s.State), t(meaning), t(p.Name), t(p.AsOf), t(p.State), t(p.Snapshot))
		}
	}
}

func (x *sheets) notes() {
	d := x.d
	x.open(x.l("notes"), 26, 26, 18, 26, 44, 34)
	x.title(x.l("notes"))
	x.line(d.Caveat)
	x.line(d.Masked)
	if len(d.History) > 0 {
		x.title(x.l("history"))
		x.heads(x.l("time"), x.l("what"), x.l("by"), x.l("reason"))
	}
	for _, s := range d.History {
		x.put(t(s.At), t(s.What), t(s.By), t(s.Reason))
	}
	x.title(x.l("basis"))
	b := &d.Basis
	x.pair(x.l("pack"), strings.TrimSpace(b.Pack+" "+b.Version))
	x.pair(x.l("overlay"), b.Region)
	x.pair(x.l("digest"), b.Digest)
	x.pair(x.l("generation"), b.Generation)
	x.pair(x.l("program"), b.Program)
	if len(b.Values) > 0 {
		x.title(x.l("values"))
		x.heads(x.l("item"), x.l("value"), x.l("in force"), x.l("status"), x.l("law"), x.l("place"))
	}
	for _, v := range b.Values {
		from, status := "–", x.l("verified")
		if v.From != "" {
			from = x.l("from", v.From)
		}
		if v.Status != "" {
			status = v.Status
		}
		x.put(t(v.Name), t(v.Value), t(from), t(status), t(v.Law), t(v.Where))
	}
	x.links()
}

func (x *sheets) links() {
	l := x.d.Links
	if l == nil {
		return
	}
	x.title(x.l("links"))
	x.line(l.Meaning + l.Counts)
	x.line(l.TooCommon)
	x.line(l.Totals)
	x.line(l.Bits)
	for _, n := range l.Notes {
		x.put(cell{kind: headCell, text: x.v.Who(n.Member)}, t(n.Tier+" "+n.Meaning), t(n.Total), t(n.Use), t(n.Why))
		for _, p := range n.Parts {
			x.put(t(""), t(""), t(p.Bits), t(p.Text))
		}
	}
	for _, s := range l.TurnedDown {
		x.line(x.l("turned down") + x.l("colon") + s)
	}
	x.line(l.More)
}
