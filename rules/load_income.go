package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// incomeEntry is one line of income.yaml: some kinds of records and what they are.
type incomeEntry struct {
	Span
	months    household.Months // in which the money was received; To is MaxInt32 without end
	role      uint8            // 0: tax
	codes     Mask
	treatment Treatment
	exclusion Exclusion
	at, list  node
	root      node // of the file
}

// endless is after all months.
const endless household.Month = math.MaxInt32

func (l *loader) income(x node) {
	if l.layer.region != "" {
		f := x.fields("excluded", "unresolved")
		l.incomeList(f.get("excluded"), x, Excluded)
		l.incomeList(f.get("unresolved"), x, OpenQuestion)
		return
	}
	f := x.fields("lines!", "one_off", "excluded", "unresolved", "not_income", "employment!")
	l.incomeList(f.get("lines"), x, Counted)
	l.incomeList(f.get("one_off"), x, OneOff)
	l.incomeList(f.get("excluded"), x, Excluded)
	l.incomeList(f.get("unresolved"), x, OpenQuestion)
	l.incomeList(f.get("not_income"), x, NotIncome)
	datedList(f.get("employment"), &l.layer.employment, []string{"contribution!", "explained_by!"}, func(e fields) Employment {
		c := e.get("contribution").fields("scheme!", "role!", "identity!")
		l.reads("insurance", e.of)
		return Employment{
			Schemes: c.get("scheme").codes(household.InsuranceSchemes), Roles: c.get("role").codes(household.InsuranceRoles),
			Identities:  c.get("identity").codes(household.InsuranceIdentities),
			ExplainedBy: e.get("explained_by").fields("income_type!").get("income_type").codes(household.IncomeTypes),
		}
	})
}

func (l *loader) incomeList(x, root node, class IncomeClass) {
	for _, i := range x.items() {
		l.treatment(i, root, class)
	}
}

func (l *loader) treatment(x, root node, class IncomeClass) {
	keys := []string{"from", "to", "months", "schemes", "source!", "income_type", "role", "scheme"}
	switch class {
	case Counted:
		keys = append(keys, "line!", "amount!")
	case OneOff:
		keys = append(keys, "amount!")
	case Excluded:
		keys = append(keys, "code", "amount", "law")
	case OpenQuestion:
		keys = append(keys, "code!", "amount!", "reason!", "law!")
	}
	f := x.fields(keys...)
	e := incomeEntry{Span: f.span(), months: receivedIn(f.get("months")), at: x, root: root}
	e.treatment = Treatment{Class: class, Line: household.LineType(f.get("line").code(household.LineTypes)), Exclusion: -1}
	e.exclusion = Exclusion{Code: f.get("code").slug(), Law: f.get("law").text(), Unresolved: f.get("reason").text()}
	if class == Excluded && f.has("code") {
		f.require("amount")
		f.require("law")
	}
	source := f.get("source").code(household.CodeList{{}, {Name: "tax"}, {Name: "insurance"}})
	var codes household.CodeList
	switch source {
	case 1:
		f.forbid("tax has no such column", "role", "scheme")
		e.list, codes = f.require("income_type"), household.IncomeTypes
		e.treatment.Amount = amount(f.get("amount"), []string{"income", "own_insurance", "tax"})
		l.reads("tax", x)
	case 2:
		f.forbid("insurance has no such column", "income_type")
		e.role = f.require("role").code(household.InsuranceRoles)
		e.list, codes = f.require("scheme"), household.InsuranceSchemes
		e.treatment.Amount = amount(f.get("amount"), []string{"base", "benefit"})
		if class == OneOff {
			f.get("source").fail("one-off receipts are read from tax only", "tax")
		}
		l.reads("insurance", x)
	default:
		return
	}
	if e.codes = e.list.codes(codes); e.list.absent() || !l.forScheme(f.get("schemes")) {
		return
	}
	l.layer.income = append(l.layer.income, e)
}

// forScheme reports whether an entry that names schemes is for one of the pack's.
func (l *loader) forScheme(x node) bool {
	if x.absent() {
		return true
	}
	is := false
	items := x.items()
	filled(x, len(items))
	for _, i := range items {
		s := i.slug()
		if s != "" && !slices.Contains(knownSchemes(), s) {
			i.fail("unknown scheme "+strconv.Quote(s), oneOf(knownSchemes(), s))
		}
		is = is || l.p.Accepts(s)
	}
	return is
}

// receivedIn reads a range of months, open to either side: 2021-01..2025-12, 2026-01..
func receivedIn(x node) household.Months {
	out := household.Months{From: 1, To: endless}
	s := x.text()
	if s == "" {
		return out
	}
	from, to, ok := strings.Cut(s, "..")
	read := func(text string, into *household.Month) {
		if text == "" {
			return
		}
		m, good := household.ParseMonth([]byte(text))
		ok = ok && good && len(text) == 7
		*into = m
	}
	read(from, &out.From)
	read(to, &out.To)
	if !ok || from+to == "" || out.From > out.To {
		x.fail(strconv.Quote(s)+" is not a range of months", "2021-01..2025-12, 2026-01.. or ..2025-12")
	}
	return out
}

func (f fields) forbid(problem string, names ...string) {
	for _, n := range names {
		if e, ok := f.values[n]; ok {
			e.key.fail(strconv.Quote(n)+": "+problem, "")
		}
	}
}

func (f fields) require(name string) node {
	if !f.has(name) && !f.of.absent() {
		f.of.fail("missing key "+strconv.Quote(name), "")
	}
	return f.get(name)
}

func amount(x node, columns []string) Amount {
	f := x.fields("of!", "less", "floor!")
	var list household.CodeList
	for _, c := range append([]string{""}, columns...) {
		list = append(list, household.Code{Name: c})
	}
	a := Amount{Floor: f.get("floor").yuan()}
	if of := f.get("of").code(list); of > 0 {
		a.Of = of - 1
	}
	f.get("less").codes(list) // each once
	for _, i := range f.get("less").items() {
		v, _ := list.Find(plainText(i))
		if v == 0 {
			continue
		}
		if v-1 == a.Of {
			i.fail("an amount less itself is always 0", "another column")
		}
		a.Less = append(a.Less, v-1)
	}
	return a
}
