package rules

import (
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// pack reads pack.yaml. A pack that extends another says there only what is different.
func (l *loader) pack(x node, y *layer) {
	own := []string{"name!", "version!", "title!", "extends"}
	extends := slices.Contains(l.from.keys, "extends")
	for _, key := range inheritable() {
		if !extends && slices.Contains([]string{"schemes", "window", "stale_after_days"}, key) {
			key += "!"
		}
		own = append(own, key)
	}
	f := x.fields(own...)
	p := l.p
	p.Name = f.get("name").slug()
	p.Version = f.get("version").text()
	p.Title = f.get("title").bilingual()
	l.scheme(f)
	l.common(f, y)
}

// inheritable are the keys of pack.yaml that a pack may leave to the one it extends.
func inheritable() []string {
	return []string{"schemes", "rank", "window", "stale_after_days", "expected_providers", "evidence", "cite_values", "purpose"}
}

// inheritedPack reads of a pack.yaml that lies beneath what no nearer one says: that of
// an extended pack, or of an overlay of such a pack.
func (l *loader) inheritedPack(x node, y *layer, said map[string]bool) {
	f := x.fields(append([]string{"name", "version", "title", "extends"}, inheritable()...)...)
	for key := range said {
		delete(f.values, key)
	}
	if y.region == "" {
		l.scheme(f)
	}
	l.common(f, y)
}

// scheme reads what does not depend on dates and regions.
func (l *loader) scheme(f fields) {
	p := l.p
	if s := f.get("schemes"); plainText(s) != "any" && !s.absent() {
		for _, i := range s.items() {
			p.Schemes = append(p.Schemes, i.slug())
		}
		if len(p.Schemes) == 0 {
			s.fail("no scheme", "any, or a list of schemes")
		}
	}
	if r := f.get("rank"); !r.absent() {
		p.Rank = r.number(1, 1000)
	}
	if c := f.get("cite_values"); !c.absent() {
		p.CiteValues = c.boolean()
	}
	l.purpose(f.get("purpose"))
}

// overlayPack reads the pack.yaml of an overlay.
func (l *loader) overlayPack(x node, y *layer) {
	f := x.fields("title", "window", "stale_after_days", "expected_providers", "evidence")
	if t := f.get("title"); !t.absent() {
		y.title = t.bilingual()
	}
	l.common(f, y)
}

// common reads what both have: one value for all time, or a list of dated ones.
func (l *loader) common(f fields, y *layer) {
	datedList(f.get("window"), &y.windows, []string{"months!", "anchor!", "law", "verified"}, func(w fields) windows {
		out := windows{anchor: AnchorCheck, law: w.get("law").text(), known: w.get("verified").boolean()}
		if w.has("law") != w.has("verified") {
			w.of.fail("a window with half a reference", "law and verified")
		}
		m := w.get("months")
		if plainText(m) != "" || m.absent() {
			n := m.number(1, 120)
			out.months = [3]int{n, n, n}
		} else {
			by := m.fields("urban!", "rural!")
			out.months[household.Urban] = by.get("urban").number(1, 120)
			out.months[household.Rural] = by.get("rural").number(1, 120)
			out.months[0] = out.months[household.Urban]
		}
		if a := w.get("anchor"); !a.absent() {
			if a.code(household.CodeList{{}, {Name: "month_before"}, {Name: "month_before_application"}}) == 2 {
				out.anchor = AnchorApplication
			}
		}
		return out
	})
	var wanted []string
	for _, n := range names(household.CheckedSources()) {
		wanted = append(wanted, n+"!")
	}
	datedList(f.get("stale_after_days"), &y.stale, wanted, func(days fields) (out [household.NumChecked]int) {
		for s := household.Tax; s < household.NumChecked; s++ {
			out[s] = days.get(s.String()).number(1, 36500)
		}
		return out
	})
	datedList(f.get("expected_providers"), &y.expected, names(household.CheckedSources()), func(by fields) (out [household.NumChecked][]string) {
		for s := household.Tax; s < household.NumChecked; s++ {
			for _, i := range by.get(s.String()).items() {
				if t := i.text(); t != "" && slices.Contains(out[s], t) {
					i.fail(strconv.Quote(t)+" is named twice", "each provider once")
				} else if t != "" {
					out[s] = append(out[s], t)
				}
			}
			slices.Sort(out[s])
		}
		return out
	})
	datedList(f.get("evidence"), &y.lapsed, []string{"vehicle_inspection_lapsed_months!"}, func(e fields) int {
		return e.get("vehicle_inspection_lapsed_months").number(1, 600)
	})
}

// datedList reads one mapping, or a list of them with from and to.
func datedList[T any](x node, into *[]dated[T], keys []string, read func(fields) T) {
	if x.absent() {
		return
	}
	items := []node{x}
	if plainList(x) {
		items = x.items()
		if len(items) == 0 {
			x.fail("an empty list", "at least one entry")
		}
	}
	for _, i := range items {
		f := i.fields(append([]string{"from", "to"}, keys...)...)
		appendDated(into, dated[T]{f.span(), read(f), i})
	}
}

// appendDated appends a piece, whose dates must go on where the last one's ended.
func appendDated[T any](list *[]dated[T], d dated[T]) {
	if n := len(*list); n > 0 {
		last := &(*list)[n-1]
		if !follows(&last.Span, d.Span, d.at) {
			return
		}
	}
	*list = append(*list, d)
}

// follows reports whether a span goes on where the last ended, and ends the last there
// when it had no end.
func follows(last *Span, next Span, at node) bool {
	switch {
	case next.From <= last.From:
		at.fail("dates overlap: the value before begins on "+last.From.String(), "values in the order of their dates")
		return false
	case last.To == 0:
		last.To = before(next.From)
	case next.From <= last.To:
		at.fail("dates overlap: the value before holds until "+last.To.String(), "a value from the day after")
		return false
	case before(next.From) != last.To:
		at.fail("dates have a gap after "+last.To.String(), "a value from the day after")
		return false
	}
	return true
}

// before is the day before a date.
func before(d household.Date) household.Date {
	if d.Day() > 1 {
		return d - 1
	}
	m := d.MonthOf() - 1
	for day := 31; ; day-- {
		if last, ok := household.NewDate(m.Year(), int(m)%12+1, day); ok {
			return last
		}
		if day == 1 {
			return 0
		}
	}
}

// attributes reads what requests may say of people and assets, and the types of
// expenses.
func (l *loader) attributes(x node) {
	f := x.fields("attributes", "expenses")
	read := func(list *[]Attribute, e entry, kind string, of AttributeOf, g fields) {
		a := Attribute{Code: e.name, Of: of, Title: g.get("title").bilingual(), Document: g.get("document").bilingual()}
		forbiddenTitle(g.get("title"), a.Title.Zh)
		for _, b := range slices.Concat(l.p.Attributes, l.p.Expenses) {
			if b.Code == a.Code && b.Of != a.Of {
				e.key.fail(strconv.Quote(a.Code)+" is already "+b.Of.thing(), "another code")
				return
			}
		}
		i := slices.IndexFunc(*list, func(b Attribute) bool { return b.Code == a.Code && b.Of == a.Of })
		switch {
		case i < 0:
			*list = append(*list, a)
		case l.own() && l.at[kind+e.name].n != nil:
			e.key.fail(strconv.Quote(e.name)+" is given twice", "another code")
		default: // in place of the inherited one
			(*list)[i] = a
		}
		l.name(kind+e.name, e.key)
	}
	for _, e := range f.get("attributes").entries() {
		g := e.fields("of!", "title!", "document!")
		if e.newName() {
			read(&l.p.Attributes, e, "attribute ", AttributeOf(g.get("of").code(attributeOwners())), g)
		}
	}
	for _, e := range f.get("expenses").entries() {
		g := e.fields("title!", "document!")
		if e.newName() {
			read(&l.p.Expenses, e, "expense ", 0, g)
		}
	}
}

// messages reads the words for findings and refusals. Those of a pack that is extended
// may be for findings that this pack does not have.
func (l *loader) messages(x node, inherited bool) {
	f := x.fields("findings", "refusals", "parameters", "sets")
	l.words(f.get("findings"), l.findingCodes(), "a finding of rules.yaml", inherited)
	l.words(f.get("refusals"), RefusalCodes(), "a refusal", inherited)
	l.terms(f.get("parameters"), "parameter", l.parameterNames(), inherited)
	l.terms(f.get("sets"), "set", setNames(l.p.layers), inherited)
}

// terms reads what people call parameters and sets. A pack may leave any of them out.
func (l *loader) terms(x node, what string, known []string, inherited bool) {
	for _, e := range x.entries() {
		switch {
		case slices.Contains(known, e.name):
			l.p.terms[what+" "+e.name] = e.bilingual()
		case !inherited:
			e.key.fail("words for "+strconv.Quote(e.name)+", which is no "+what, oneOf(known, e.name))
		}
	}
}

// checkWords reports codes without words.
func (l *loader) checkWords(fileName string, x node) {
	missing := func(codes []string, section string) {
		at := node{l: l, f: &file{name: fileName}}
		if !x.absent() {
			at = x
			if s := x.fields("findings", "refusals", "parameters", "sets").get(section); !s.absent() {
				at = s
			}
		}
		for _, c := range codes {
			if l.p.messages[c] == nil {
				at.fail("no words for "+strconv.Quote(c), "title, text and clear, each in zh and en")
			}
		}
	}
	missing(l.findingCodes(), "findings")
	missing(RefusalCodes(), "refusals")
}

// findingCodes are the codes of all findings that the pack can give, in any region and
// on any date.
func (l *loader) findingCodes() []string {
	seen := map[string]bool{}
	for _, y := range l.p.layers {
		for _, d := range y.rules {
			for _, c := range []string{d.rule.Code, d.rule.WeakCode, d.rule.DerivedCode} {
				if c != "" {
					seen[c] = true
				}
			}
			if d.open {
				seen[LawUnresolved] = true
			}
		}
		for _, e := range y.income {
			if e.treatment.Class == OpenQuestion {
				seen[LawUnresolved] = true
			}
		}
		for _, p := range y.parameters {
			for i := range p.Values {
				if p.Values[i].Unresolved != "" {
					seen[LawUnresolved] = true
				}
			}
		}
	}
	if id := l.p.Identity; id != nil {
		for _, d := range id.rules { // their words are in identity.yaml, too
			for _, c := range []string{d.rule.Code, d.rule.WeakCode, d.rule.DerivedCode} {
				if c != "" {
					seen[c] = true
				}
			}
		}
		seen[id.Code] = true
	}
	delete(seen, "")
	var out []string
	for c := range seen {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// LawUnresolved is the code of the finding that nobody knows what the law is.
const LawUnresolved = "law_unresolved"

// RefusalCodes are the codes of refusals, in the order in which they are looked
// for.
func RefusalCodes() []string {
	return []string{"authorization_missing", "authorization_expired", "authorization_purpose", "authorization_incomplete", "invalid_request"}
}

func (l *loader) words(x node, codes []string, what string, inherited bool) {
	for _, e := range x.entries() {
		if !slices.Contains(codes, e.name) {
			if !inherited {
				e.key.fail("words for "+strconv.Quote(e.name)+", which is not "+what, oneOf(codes, e.name))
			}
			continue
		}
		if l.layer.region != "" && l.p.messages[e.name] != nil {
			if inherited {
				continue // the pack that extends it has words of its own
			}
			e.key.fail("there are words for "+strconv.Quote(e.name)+" already, which hold in every region", "words for findings that only this region gives")
			continue
		}
		f := e.fields("title!", "text!", "clear!")
		l.p.messages[e.name] = &Message{Title: f.get("title").bilingual(), Text: f.get("text").bilingual(), Clear: f.get("clear").bilingual()}
	}
}
