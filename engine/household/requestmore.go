package household

import (
	"encoding/json"
	"slices"
)

// The parts of a request that only some rule packs read. None of them is required,
// and what is absent is not known: it is neither no nor nothing.

// The code lists of these parts. Values are not stored, but entries are only ever
// added at the end all the same.
var (
	Applications   = CodeList{{}, {"single_person", "单人户"}}
	AgreementKinds = CodeList{{}, {"judgment", "裁判文书"}, {"agreement", "协议"}}
)

// Obligor is somebody outside the household who owes members support.
type Obligor struct {
	Name                Name
	IDNumber            IDNumber
	IDType              DocumentType
	Supports            []int // members, from 1, each once; nil when not given
	Relation            uint8 // Relations, to those supported: child is their child
	BirthDate           Date
	Sex                 uint8 // Sexes
	Signed              bool  // says that they consented; their number must be in SignedBy too
	HouseholdMembers    int   // people of the obligor's own household; 0 when not given, at most MaxPeople
	ChildrenOfSupported int   // children of those supported; 0 when not given, at most MaxPeople
	SupportedParents    int   // parents the obligor supports; 0 when not given, at most MaxPeople
	MonthlyIncome       Fen   // of the obligor's household as declared, when IncomeGiven
	IncomeGiven         bool
	Agreement           *Agreement // nil without one
	Attributes          []Attribute
}

// Agreement fixes what an obligor pays.
type Agreement struct {
	Kind     uint8 // AgreementKinds
	Monthly  Fen   // a month, for all whom the obligor supports
	Document string
}

// Expense is what was spent in a month.
type Expense struct {
	Type     string // [a-z0-9_]; the types are the rule pack's business
	Member   int    // from 1; 0 for one of the household
	Month    Month  // 0 when not given
	Amount   Fen
	Document string // as written
}

// MaxPeople is the largest number of people in a count of a request.
const MaxPeople = 99

// wireMore are the keys of a request that more reads.
type wireMore struct {
	AppliedOn   json.RawMessage `json:"applied_on"`
	Application json.RawMessage `json:"application"`
	Receiving   json.RawMessage `json:"receiving"`
	Obligors    json.RawMessage `json:"obligors"`
	Expenses    json.RawMessage `json:"expenses"`
}

// rawRequest is what more reads of a request, as it stands in the line.
type rawRequest struct {
	wireMore
	purposes json.RawMessage
	members  []json.RawMessage // attributes, by member
	assets   json.RawMessage   // attributes
	given    bool              // there is anything
}

// keep takes a value down as it stands.
func (w *rawRequest) keep(s *scanner) json.RawMessage {
	w.given = true
	return s.skip(0)
}

// raw is what more reads of a request.
func (w *wireRequest) raw() *rawRequest {
	out := &rawRequest{wireMore: w.wireMore, assets: w.Assets.Attributes}
	if w.Authorization != nil {
		out.purposes = w.Authorization.Purposes
	}
	for i := range w.Members {
		out.members = append(out.members, w.Members[i].Attributes)
	}
	return out
}

type wireObligor struct {
	Name                string  `json:"name"`
	IDNumber            string  `json:"id_number"`
	IDType              *string `json:"id_type"`
	Supports            []int   `json:"supports"`
	Relation            *string `json:"relation"`
	BirthDate           string  `json:"birth_date"`
	Sex                 *string `json:"sex"`
	Signed              bool    `json:"signed"`
	HouseholdMembers    int     `json:"household_members"`
	ChildrenOfSupported int     `json:"children_of_supported"`
	SupportedParents    int     `json:"supported_parents"`
	MonthlyIncome       *int64  `json:"monthly_income_fen"`
	Agreement           *struct {
		Kind     *string `json:"kind"`
		Monthly  *int64  `json:"monthly_fen"`
		Document string  `json:"document"`
	} `json:"agreement"`
	Attributes json.RawMessage `json:"attributes"`
}

type wireExpense struct {
	Type     string `json:"type"`
	Member   int    `json:"member"`
	Month    string `json:"month"`
	Amount   int64  `json:"amount_fen"`
	Document string `json:"document"`
}

// more reads the parts that only some packs read; the members are known by then. What
// is wrong with them is no fault of the request for the other packs, not even a value
// of the wrong kind of JSON.
func (r *Request) more(w *rawRequest) {
	before := len(r.Invalid)
	if r.Authorization != nil && optional(r, w.purposes, "authorization.purposes", &r.Authorization.Purposes) {
		r.Authorization.PurposesGiven = r.Authorization.Purposes != nil
		r.slugs(r.Authorization.Purposes, "authorization.purposes")
	}
	for i := range w.members {
		r.Members[i].Attributes = r.attributes(w.members[i], "members.attributes", false)
	}
	r.Assets.Attributes = r.attributes(w.assets, "declared_assets.attributes", true)
	var text string
	if optional(r, w.AppliedOn, "applied_on", &text) && text != "" {
		r.AppliedOn, _ = r.date(text, "applied_on")
	}
	// An absent value is a household like any other.
	var application *string
	if optional(r, w.Application, "application", &application) {
		r.Single = r.code(Applications, application, "application") == singlePerson
	}
	if optional(r, w.Receiving, "receiving", &r.Receiving) {
		r.ReceivingGiven = r.Receiving != nil
		r.slugs(r.Receiving, "receiving")
	}
	var obligors []wireObligor
	if optional(r, w.Obligors, "obligors", &obligors) {
		for i := range obligors {
			r.Obligors = append(r.Obligors, r.obligor(&obligors[i]))
		}
	}
	var expenses []wireExpense
	if optional(r, w.Expenses, "expenses", &expenses) {
		for i := range expenses {
			// Unknown keys are ignored, and so is an entry that has no other.
			if e := &expenses[i]; *e != (wireExpense{}) {
				r.Expenses = append(r.Expenses, r.expense(e))
			}
		}
	}
	if len(r.Invalid) > before {
		r.InvalidOptional = slices.Clone(r.Invalid[before:])
		r.Invalid = slices.Clip(r.Invalid[:before])
	}
}

// optional reads a part that may be absent. It reports whether there was one that could
// be read.
func optional[T any](r *Request, raw json.RawMessage, field string, into *T) bool {
	if len(raw) == 0 {
		return false
	}
	if err := json.Unmarshal(raw, into); err != nil {
		var none T
		*into = none
		r.invalid(field)
		return false
	}
	return true
}

const singlePerson uint8 = 1 // of Applications

// Judgment is the kind of an agreement that a court made.
const Judgment uint8 = 1

func (r *Request) obligor(w *wireObligor) Obligor {
	o := Obligor{Name: Name(w.Name), IDNumber: IDNumber(w.IDNumber), IDType: ResidentID, Supports: w.Supports, Signed: w.Signed}
	if w.IDType != nil {
		o.IDType = DocumentType(r.code(DocumentTypes, w.IDType, "obligors.id_type"))
	}
	o.Relation = r.code(Relations, w.Relation, "obligors.relation")
	o.Sex = r.code(Sexes, w.Sex, "obligors.sex")
	if w.BirthDate != "" {
		o.BirthDate, _ = r.date(w.BirthDate, "obligors.birth_date")
	}
	for i, n := range o.Supports {
		// Named twice, a member would be supported twice.
		if n < 1 || n > len(r.Members) || slices.Contains(o.Supports[:i], n) {
			r.invalid("obligors.supports")
			o.Supports = nil
			break
		}
	}
	o.HouseholdMembers = r.people(w.HouseholdMembers, "obligors.household_members")
	o.ChildrenOfSupported = r.people(w.ChildrenOfSupported, "obligors.children_of_supported")
	o.SupportedParents = r.people(w.SupportedParents, "obligors.supported_parents")
	if w.MonthlyIncome != nil && r.amount(*w.MonthlyIncome, "obligors.monthly_income_fen") {
		o.MonthlyIncome, o.IncomeGiven = Fen(*w.MonthlyIncome), true
	}
	if a := w.Agreement; a != nil {
		o.Agreement = &Agreement{Kind: r.code(AgreementKinds, a.Kind, "obligors.agreement.kind"), Document: a.Document}
		if a.Kind == nil || *a.Kind == "" {
			r.invalid("obligors.agreement.kind")
		}
		// An agreement without a sum is not one over nothing.
		if a.Monthly == nil {
			r.invalid("obligors.agreement.monthly_fen")
		} else if r.amount(*a.Monthly, "obligors.agreement.monthly_fen") {
			o.Agreement.Monthly = Fen(*a.Monthly)
		}
	}
	o.Attributes = r.attributes(w.Attributes, "obligors.attributes", false)
	return o
}

func (r *Request) expense(w *wireExpense) Expense {
	e := Expense{Type: w.Type, Document: w.Document}
	if !IsSlug(w.Type) {
		r.invalid("expenses.type")
	}
	if w.Member < 0 || w.Member > len(r.Members) {
		r.invalid("expenses.member")
	} else {
		e.Member = w.Member
	}
	// JSON months have one form only. Without one nobody knows when it was spent, and it
	// counts nowhere.
	var ok bool
	if e.Month, ok = ParseMonth([]byte(w.Month)); w.Month == "" {
		e.Month = 0
	} else if !ok || len(w.Month) != len("2006-01") || w.Month[4] != '-' {
		r.invalid("expenses.month")
		e.Month = 0
	}
	if r.amount(w.Amount, "expenses.amount_fen") {
		e.Amount = Fen(w.Amount)
	}
	return e
}

// people reads a number of people, 0 when not given.
func (r *Request) people(n int, field string) int {
	if n < 0 || n > MaxPeople {
		r.invalid(field)
		return 0
	}
	return n
}

func (r *Request) slugs(list []string, field string) {
	for _, s := range list {
		if !IsSlug(s) {
			r.invalid(field)
		}
	}
}
