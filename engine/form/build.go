package form

import (
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// draft is all that a form says of one household.
type draft struct {
	rows [numSections][]row // exactly one of the first section

	registered bool   // the authorisation is: the form need not say what stands on it
	scheme     string // of the batch; empty when the form says it
}

// build makes the line of a request, or says what is wrong with any row of it.
func (d *draft) build() (line []byte, problems []Problem) {
	top := reader{&d.rows[Households][0], Households, &problems}
	for s := Members; s < numSections; s++ {
		if len(d.rows[s]) > s.Most() {
			reader{&d.rows[s][s.Most()], s, &problems}.fail("", TooMany)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	if cell := &top.cells[schemas[Households].index["scheme"]]; *cell == "" {
		*cell = d.scheme
	}
	w := top.household()
	if d.scheme != "" && w.Scheme != "" && w.Scheme != d.scheme {
		top.fail("scheme", OtherScheme)
	}
	if d.registered {
		problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Code == MissingField && isOfPaper(p.Column) })
	}
	people := map[household.PersonKey]bool{}
	for i := range d.rows[Members] {
		r := reader{&d.rows[Members][i], Members, &problems}
		m := r.member()
		w.Members = append(w.Members, m)
		t, _ := household.DocumentTypes.Named(m.IDType)
		if who := match.ParseDocument(household.DocumentType(t), []byte(m.IDNumber)); who.Valid {
			if people[who.Key] {
				r.fail("id_number", TwiceNamed)
			}
			people[who.Key] = true
		}
	}
	if len(w.Members) == 0 {
		top.fail("", NoMembers)
	}
	for i := range d.rows[Obligors] {
		w.Obligors = append(w.Obligors, reader{&d.rows[Obligors][i], Obligors, &problems}.obligor(len(w.Members)))
	}
	for i := range d.rows[Attributes] {
		reader{&d.rows[Attributes][i], Attributes, &problems}.attribute(w)
	}
	for i := range d.rows[Expenses] {
		w.Expenses = append(w.Expenses, reader{&d.rows[Expenses][i], Expenses, &problems}.expense(len(w.Members)))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	line, err := w.line()
	if err != nil {
		top.fail("", NotARequest)
		return nil, problems
	}
	// The last word has whoever reads the line: nothing passes that they would not take.
	r, err := household.ParseRequest(line)
	if err != nil || len(d.faults(r.Invalid))+len(r.InvalidOptional) > 0 {
		top.fail("", NotARequest)
		return nil, problems
	}
	return line, nil
}

// faults are the fields that are wrong and matter: of a registered authorisation nobody
// asks the form what stands on it.
func (d *draft) faults(invalid []string) []string {
	if !d.registered {
		return invalid
	}
	return slices.DeleteFunc(slices.Clone(invalid), func(field string) bool {
		return slices.ContainsFunc(ofPaper[:], func(of string) bool { return strings.HasSuffix(field, of) })
	})
}

func (r reader) household() *wireRequest {
	w := &wireRequest{
		HouseholdID: r.number("household_id"), Region: r.number("region"), Scheme: r.open("scheme"), Residence: r.choice("residence"),
		AppliedOn: r.date("applied_on"), Application: r.choice("application"), Receiving: r.codes("receiving"),
	}
	w.Authorization = wireAuthorized{
		Number: r.text("authorization_number"), ValidFrom: r.date("valid_from"), ValidTo: r.date("valid_to"), SignedBy: r.list("signed_by"),
		Purpose: r.open("purpose"), DataClasses: r.codes("data_classes"), Purposes: r.codes("purposes"),
	}
	if a := w.Authorization; a.ValidFrom != "" && a.ValidTo != "" && a.ValidTo < a.ValidFrom {
		r.fail("valid_to", DatesReversed)
	}
	w.Assets = wireAssets{Financial: r.sum("declared_financial"), Vehicles: r.list("declared_vehicles"), Properties: r.list("declared_properties")}
	return w
}

func (r reader) member() wireMember {
	m := wireMember{
		Name: r.text("name"), IDType: r.choice("id_type"), Relation: r.choice("relation"), BirthDate: r.date("birth_date"), Country: r.text("country"),
		Division: r.number("division"), Sex: r.choice("sex"), Excluded: r.choice("excluded"),
	}
	m.IDNumber = r.document(m.IDType, m.Excluded != "")
	for _, t := range household.LineTypes[1:] {
		if fen := r.amount("declared_" + t.Name); fen != nil {
			m.Income = append(m.Income, wireIncome{t.Name, *fen})
		}
	}
	return m
}

// document is the number of a document, which is checked as far as the number tells. Of
// somebody who does not count it may be missing.
func (r reader) document(kind string, optional bool) string {
	read := r.text
	if optional {
		read = r.raw
	}
	number := read("id_number")
	t, _ := household.DocumentTypes.Named(kind)
	switch {
	case isScientific(number):
		r.fail("id_number", LostValue)
	case number != "" && !match.ParseDocument(household.DocumentType(t), []byte(number)).Valid:
		r.fail("id_number", BadDocument)
	}
	return number
}

func (r reader) obligor(members int) wireObligor {
	o := wireObligor{
		Name: r.text("name"), IDType: r.choice("id_type"), Relation: r.choice("relation"), BirthDate: r.date("birth_date"), Sex: r.choice("sex"),
		Supports: r.numbers("supports", members), HouseholdMembers: r.count("household_members"),
		ChildrenOfSupported: r.count("children_of_supported"), SupportedParents: r.count("supported_parents"), MonthlyIncome: r.amount("monthly_income"),
	}
	o.IDNumber = r.document(o.IDType, false)
	if signed := r.yes("signed"); signed != nil {
		o.Signed = *signed
	}
	a := wireAgreement{Kind: r.choice("agreement_kind"), Document: r.text("agreement_document")}
	monthly := r.amount("agreement_monthly")
	if a == (wireAgreement{}) && monthly == nil {
		return o
	}
	// An agreement without a sum is not one over nothing.
	if monthly == nil {
		r.missing("agreement_monthly")
	} else {
		a.Monthly = *monthly
	}
	if a.Kind == "" {
		r.missing("agreement_kind")
	}
	o.Agreement = &a
	return o
}

// missing says that a cell has to be filled in, unless what stands there is wrong already.
func (r reader) missing(name string) {
	if r.cells[schemas[r.section].index[name]] == "" {
		r.fail(name, MissingField)
	}
}

func (r reader) attribute(w *wireRequest) {
	a := wireAttribute{
		Asset: r.text("asset"), Code: r.slug("code"), Holds: r.yes("holds"), Grade: r.count("grade"), Amount: r.sum("amount"),
		From: r.date("from"), To: r.date("to"), Document: r.text("document"),
	}
	if a.From != "" && a.To != "" && a.To < a.From {
		r.fail("to", DatesReversed)
	}
	before := len(*r.problems)
	m, o := r.count("member"), r.count("obligor")
	if len(*r.problems) > before {
		return
	}
	given := 0
	for _, is := range []bool{m > 0, o > 0, a.Asset != ""} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		r.fail("member", WhoseAttribute)
	case a.Asset != "":
		w.Assets.Attributes = append(w.Assets.Attributes, a)
	case m > len(w.Members):
		r.fail("member", NoSuchMember)
	case m > 0:
		w.Members[m-1].Attributes = append(w.Members[m-1].Attributes, a)
	case o > len(w.Obligors):
		r.fail("obligor", NoSuchObligor)
	default:
		w.Obligors[o-1].Attributes = append(w.Obligors[o-1].Attributes, a)
	}
}

func (r reader) expense(members int) wireExpense {
	e := wireExpense{Type: r.slug("type"), Member: r.count("member"), Month: r.month("month"), Amount: r.sum("amount"), Document: r.text("document")}
	if e.Member > members {
		r.fail("member", NoSuchMember)
	}
	return e
}

// exampleMark begins the numbers of the households that the template shows.
const exampleMark = "示例"

func isExample(household string) bool {
	return strings.HasPrefix(strings.TrimSpace(household), exampleMark)
}
