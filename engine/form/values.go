package form

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// FromValues makes the line of a request of the fields of a page. They are named by
// Section.Key: household_id, m1_name, m2_wage, a1_code, o1_supports, e1_month. Numbers
// count from 1; one of which nothing is filled in is passed over, and those behind it
// move up, in what other fields say of them too. A field that may hold several may be sent
// several times. Problems name the key. Of the options only Registered is looked at.
func FromValues(v url.Values, o Options) (line []byte, problems []Problem) {
	d := draft{registered: o.Registered}
	// Where a member or an obligor of the page went, by its number there.
	var moved [numSections][]int
	for s := range numSections {
		schema := &schemas[s]
		last := lastNumber(v, s)
		moved[s] = make([]int, last+1)
		for n := 1; n <= last; n++ {
			r := row{key: s.Key(n, ""), cells: make([]string, len(schema.fields))}
			for i := range schema.fields {
				if f := &schema.fields[i]; s == Households || f.Name != "household_id" {
					r.cells[i] = strings.TrimSpace(strings.Join(v[r.key+f.Key], "\n"))
				}
			}
			if s != Households && r.empty("", schema) {
				continue
			}
			d.rows[s] = append(d.rows[s], r)
			moved[s][n] = len(d.rows[s])
		}
	}
	for s := Members; s < numSections; s++ {
		for i := range d.rows[s] {
			r := &d.rows[s][i]
			r.cells[0] = d.rows[Households][0].cells[0]
			for column, of := range map[string]Section{"member": Members, "obligor": Obligors, "supports": Members} {
				if at, ok := schemas[s].index[column]; ok && (s != Obligors || column == "supports") {
					r.cells[at] = renumber(r.cells[at], moved[of])
				}
			}
		}
	}
	return d.build()
}

// lastNumber is the highest number of a section for which the page has a field, one more
// than allowed at most.
func lastNumber(v url.Values, s Section) int {
	if s == Households {
		return 1
	}
	last := 0
	for key := range v {
		rest, ok := strings.CutPrefix(key, sections[s].prefix)
		if !ok {
			continue
		}
		digits, field, ok := strings.Cut(rest, "_")
		n, err := strconv.Atoi(digits)
		if !ok || err != nil || n < 1 || strconv.Itoa(n) != digits {
			continue
		}
		for i := range schemas[s].fields {
			if schemas[s].fields[i].Key == field {
				last = max(last, min(n, s.Most()+1))
			}
		}
	}
	return last
}

// renumber says where those went whom a field names by their numbers on the page.
func renumber(text string, moved []int) string {
	parts := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(";；,，、\n\r", c) })
	for i, p := range parts {
		p = strings.TrimSpace(p)
		if n, ok := whole(p); ok && n < len(moved) && moved[n] > 0 {
			p = strconv.Itoa(moved[n])
		} else if ok {
			p = "0" // nobody
		}
		parts[i] = p
	}
	return strings.Join(parts, ";")
}

// ToValues are the fields of a page that say what a request says: FromValues makes the same
// request of them.
func ToValues(r *household.Request) url.Values {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	several := func(key string, list []string, given bool) {
		switch {
		case len(list) > 0:
			v[key] = append([]string(nil), list...)
		case given:
			v.Set(key, None)
		}
	}
	set("household_id", r.HouseholdID)
	set("region", r.Region)
	set("scheme", r.Scheme)
	set("residence", household.Residences.At(r.Residence).Name)
	if a := r.Authorization; a != nil {
		set("authorization_number", a.Number)
		set("valid_from", a.ValidFrom.String())
		set("valid_to", a.ValidTo.String())
		for _, id := range a.SignedBy {
			v.Add("signed_by", id.Reveal())
		}
		set("purpose", a.Purpose)
		var classes []string
		for s := household.Tax; s < household.NumSources; s++ {
			if a.Classes[s] {
				classes = append(classes, s.String())
			}
		}
		several("data_classes", classes, a.ClassesGiven)
		several("purposes", a.Purposes, a.PurposesGiven)
	}
	set("applied_on", r.AppliedOn.String())
	if r.Single {
		set("application", household.Applications.At(1).Name)
	}
	several("receiving", r.Receiving, r.ReceivingGiven)
	if r.Assets.Financial != 0 {
		set("declared_financial", r.Assets.Financial.Yuan())
	}
	for _, p := range r.Assets.Vehicles {
		v.Add("declared_vehicles", p.Reveal())
	}
	several("declared_properties", r.Assets.Properties, false)
	said := attributesOf(r)
	for i := range r.Members {
		memberValues(&r.Members[i], func(key, value string) { set(Members.Key(i+1, key), value) })
	}
	for i := range r.Obligors {
		obligorValues(&r.Obligors[i], func(key, value string) { set(Obligors.Key(i+1, key), value) })
	}
	for i := range said {
		said[i].values(func(key, value string) { set(Attributes.Key(i+1, key), value) })
	}
	for i := range r.Expenses {
		e := &r.Expenses[i]
		put := func(key, value string) { set(Expenses.Key(i+1, key), value) }
		put("type", e.Type)
		put("member", number(e.Member))
		put("month", e.Month.String())
		put("amount", e.Amount.Yuan())
		put("document", e.Document)
	}
	return v
}

func memberValues(m *household.Member, put func(key, value string)) {
	put("name", m.Name.Reveal())
	put("id_number", m.IDNumber.Reveal())
	put("id_type", documentName(m.IDType))
	put("relation", household.Relations.At(m.Relation).Name)
	put("birth_date", m.BirthDate.String())
	put("country", m.Country)
	put("division", m.Division)
	put("sex", household.Sexes.At(m.Sex).Name)
	put("excluded", household.Exclusions.At(m.Excluded).Name)
	for t := range m.Income {
		if m.Declared[t] {
			put(household.LineTypes.At(uint8(t)).Name, m.Income[t].Yuan())
		}
	}
}

func obligorValues(o *household.Obligor, put func(key, value string)) {
	put("name", o.Name.Reveal())
	put("id_number", o.IDNumber.Reveal())
	put("id_type", documentName(o.IDType))
	put("relation", household.Relations.At(o.Relation).Name)
	put("birth_date", o.BirthDate.String())
	put("sex", household.Sexes.At(o.Sex).Name)
	var supports []string
	for _, n := range o.Supports {
		supports = append(supports, strconv.Itoa(n))
	}
	put("supports", strings.Join(supports, ";"))
	if o.Signed {
		put("signed", "yes")
	}
	put("household_members", number(o.HouseholdMembers))
	put("children_of_supported", number(o.ChildrenOfSupported))
	put("supported_parents", number(o.SupportedParents))
	if o.IncomeGiven {
		put("monthly_income", o.MonthlyIncome.Yuan())
	}
	if a := o.Agreement; a != nil {
		put("agreement_kind", household.AgreementKinds.At(a.Kind).Name)
		put("agreement_monthly", a.Monthly.Yuan())
		put("agreement_document", a.Document)
	}
}

// said is an attribute with whom it is said of; both 0 for an asset.
type said struct {
	*household.Attribute

	member, obligor int
}

func attributesOf(r *household.Request) (out []said) {
	for i := range r.Members {
		for j := range r.Members[i].Attributes {
			out = append(out, said{&r.Members[i].Attributes[j], i + 1, 0})
		}
	}
	for i := range r.Obligors {
		for j := range r.Obligors[i].Attributes {
			out = append(out, said{&r.Obligors[i].Attributes[j], 0, i + 1})
		}
	}
	for j := range r.Assets.Attributes {
		out = append(out, said{&r.Assets.Attributes[j], 0, 0})
	}
	return out
}

func (a said) values(put func(key, value string)) {
	put("member", number(a.member))
	put("obligor", number(a.obligor))
	put("asset", a.Asset.Reveal())
	put("code", a.Code)
	if a.Denied {
		put("holds", "no")
	}
	put("grade", number(a.Grade))
	if a.Amount != 0 {
		put("amount", a.Amount.Yuan())
	}
	put("from", a.From.String())
	put("to", a.To.String())
	put("document", a.Document)
}

// number is a number that is not given when it is 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// documentName is the kind of a document, which is not said of the usual one.
func documentName(t household.DocumentType) string {
	if t == household.ResidentID {
		return ""
	}
	return t.String()
}
