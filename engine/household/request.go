package household

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Request asks about one household on one day.
type Request struct {
	HouseholdID   string
	Region        string
	Scheme        string
	Residence     uint8 // Residences
	Authorization *Authorization
	Members       []Member
	Assets        DeclaredAssets

	AppliedOn      Date     // 0 when not given
	Single         bool     // one member applies apart from the rest (单人户)
	Receiving      []string // schemes the household receives already, when ReceivingGiven
	ReceivingGiven bool
	Obligors       []Obligor
	Expenses       []Expense

	// Invalid names the fields whose values are unknown, unreadable or negative,
	// without their content. A request with such a field is refused, but only
	// after its authorisation has been looked at.
	Invalid []string
	// InvalidOptional names such fields among those that only some packs read. They
	// make a request invalid only for a pack that reads them.
	InvalidOptional []string
}

// Authorization is the household's written consent as the sender claims it.
type Authorization struct {
	Number              string
	ValidFrom, ValidTo  Date // 0 when absent or unreadable
	SignedBy            []IDNumber
	Purpose             string           // "" means the scheme
	Classes             [NumSources]bool // data classes, when ClassesGiven
	ClassesGiven        bool
	Purposes            []string // schemes it may be used for, when PurposesGiven
	PurposesGiven       bool
	UnreadableValidFrom bool
	UnreadableValidTo   bool
}

// Allows reports whether the consent covers a source.
func (a *Authorization) Allows(s Source) bool { return !a.ClassesGiven || a.Classes[s] }

// UnknownExclusion is the reason of a member who is said to be excluded for a
// reason that is none. The request is invalid; the member is still not counted.
const UnknownExclusion uint8 = 255

// Member is one person of the household as declared.
type Member struct {
	Name      Name
	IDNumber  IDNumber
	IDType    DocumentType
	Relation  uint8 // Relations
	BirthDate Date
	Sex       uint8  // Sexes
	Country   string // that issued the document, as written
	Division  string // code of where they are registered, as written
	Excluded  uint8  // Exclusions, or UnknownExclusion; 0 for a counted member
	Income    [NumLineTypes]Fen
	Declared  [NumLineTypes]bool

	Attributes []Attribute
}

// DeclaredAssets are the assets the household declared.
type DeclaredAssets struct {
	Financial  Fen
	Vehicles   []Plate
	Properties []string
	Attributes []Attribute // each of the asset it names
}

// Errors of ParseRequest.
var (
	ErrNotJSON       = errors.New("the line is not a JSON object of a request")
	ErrNoHouseholdID = errors.New("the request has no household_id")
)

type wireRequest struct {
	HouseholdID   string  `json:"household_id"`
	Region        string  `json:"region"`
	Scheme        string  `json:"scheme"`
	Residence     *string `json:"residence"`
	Authorization *struct {
		Number      string          `json:"number"`
		ValidFrom   string          `json:"valid_from"`
		ValidTo     string          `json:"valid_to"`
		SignedBy    []string        `json:"signed_by"`
		Purpose     *string         `json:"purpose"`
		DataClasses *[]string       `json:"data_classes"`
		Purposes    json.RawMessage `json:"purposes"`
	} `json:"authorization"`
	Members []struct {
		Name      string  `json:"name"`
		IDNumber  string  `json:"id_number"`
		IDType    *string `json:"id_type"`
		Relation  *string `json:"relation"`
		BirthDate *string `json:"birth_date"`
		Sex       *string `json:"sex"`
		Country   string  `json:"country"`
		Division  string  `json:"division"`
		Excluded  *string `json:"excluded"`
		Income    []struct {
			Type    string `json:"type"`
			Monthly int64  `json:"monthly_fen"`
		} `json:"declared_income"`
		Attributes json.RawMessage `json:"attributes"`
	} `json:"members"`
	Assets struct {
		Financial  int64           `json:"financial_fen"`
		Vehicles   []string        `json:"vehicles"`
		Properties []string        `json:"properties"`
		Attributes json.RawMessage `json:"attributes"`
	} `json:"declared_assets"`
	wireMore
}

// ParseRequest reads one request from a line of JSON. It returns ErrNotJSON or
// ErrNoHouseholdID for a line that is no request; with ErrNotJSON the
// HouseholdID is still set when it could be read. Unknown keys are ignored;
// unknown values are listed in Invalid, those of keys that only some packs read in
// InvalidOptional. Errors never hold content.
func ParseRequest(line []byte) (*Request, error) {
	var w wireRequest
	if err := json.Unmarshal(line, &w); err != nil {
		var only struct {
			HouseholdID string `json:"household_id"`
		}
		// The line may be an object with one field of the wrong type: say whose.
		if json.Unmarshal(line, &only) == nil && only.HouseholdID != "" {
			return &Request{HouseholdID: only.HouseholdID}, ErrNotJSON
		}
		return &Request{}, ErrNotJSON
	}
	if w.HouseholdID == "" {
		return &Request{}, ErrNoHouseholdID
	}
	r := &Request{HouseholdID: w.HouseholdID, Region: w.Region, Scheme: w.Scheme}
	if !utf8.Valid(line) {
		r.invalid("encoding")
	}
	if w.Scheme == "" {
		r.invalid("scheme")
	}
	r.Residence = r.code(Residences, w.Residence, "residence")
	if w.Residence == nil {
		r.invalid("residence")
	}
	if a := w.Authorization; a != nil {
		r.Authorization = &Authorization{Number: a.Number}
		auth := r.Authorization
		auth.ValidFrom, auth.UnreadableValidFrom = r.date(a.ValidFrom, "authorization.valid_from")
		auth.ValidTo, auth.UnreadableValidTo = r.date(a.ValidTo, "authorization.valid_to")
		for _, s := range a.SignedBy {
			auth.SignedBy = append(auth.SignedBy, IDNumber(s))
		}
		if a.Purpose != nil {
			auth.Purpose = *a.Purpose
		}
		if a.DataClasses != nil {
			auth.ClassesGiven = true
			for _, c := range *a.DataClasses {
				if v, ok := Sources.Named(c); ok {
					auth.Classes[v] = true
				} else {
					r.invalid("authorization.data_classes")
				}
			}
		}
	}
	if len(w.Members) > 0 {
		r.Members = make([]Member, 0, len(w.Members)) // they are large; growing copies them
	}
	for i := range w.Members {
		m := &w.Members[i]
		out := Member{Name: Name(m.Name), IDNumber: IDNumber(m.IDNumber), IDType: ResidentID, Country: m.Country, Division: m.Division}
		if m.IDType != nil {
			out.IDType = DocumentType(r.code(DocumentTypes, m.IDType, "members.id_type"))
		}
		out.Relation = r.code(Relations, m.Relation, "members.relation")
		out.Sex = r.code(Sexes, m.Sex, "members.sex")
		out.Excluded = r.code(Exclusions, m.Excluded, "members.excluded")
		if out.Excluded == 0 && m.Excluded != nil && *m.Excluded != "" {
			out.Excluded = UnknownExclusion
		}
		if m.BirthDate != nil && *m.BirthDate != "" {
			out.BirthDate, _ = r.date(*m.BirthDate, "members.birth_date")
		}
		for _, in := range m.Income {
			t, ok := LineTypes.Named(in.Type)
			if !ok {
				r.invalid("members.declared_income.type")
				continue
			}
			if !r.amount(in.Monthly, "members.declared_income.monthly_fen") {
				continue
			}
			out.Income[t] += Fen(in.Monthly)
			out.Declared[t] = true
			r.amount(int64(out.Income[t]), "members.declared_income.monthly_fen")
		}
		r.Members = append(r.Members, out)
	}
	if r.amount(w.Assets.Financial, "declared_assets.financial_fen") {
		r.Assets.Financial = Fen(w.Assets.Financial)
	}
	for _, v := range w.Assets.Vehicles {
		r.Assets.Vehicles = append(r.Assets.Vehicles, Plate(v))
	}
	r.Assets.Properties = w.Assets.Properties
	r.more(w.raw())
	return r, nil
}

func (r *Request) invalid(field string) { r.Invalid = append(r.Invalid, field) }

func (r *Request) amount(fen int64, field string) bool {
	if !isAmount(fen) {
		r.invalid(field)
		return false
	}
	return true
}

func isAmount(fen int64) bool { return fen >= 0 && fen <= int64(MaxFen) }

func (r *Request) date(text, field string) (d Date, unreadable bool) {
	d, ok := isoDate(text)
	if !ok {
		r.invalid(field)
	}
	return d, !ok
}

// isoDate reads a date in the one form that JSON has.
func isoDate(text string) (Date, bool) {
	d, ok := ParseDate([]byte(text))
	if !ok || len(text) != 10 || text[4] != '-' {
		return 0, false
	}
	return d, true
}

// code reads a value that may be absent (nil or empty, which is 0).
func (r *Request) code(l CodeList, text *string, field string) uint8 {
	if text == nil || *text == "" {
		return 0
	}
	v, ok := l.Named(*text)
	if !ok {
		r.invalid(field)
		return 0
	}
	return v
}
