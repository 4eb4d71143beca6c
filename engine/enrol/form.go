package enrol

import (
	"fmt"
	"strings"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
)

// Row is one authorisation of a list.
type Row struct {
	Line          int64 // of the list, from 1: the first one that it stands on
	Authorization authorization.Authorization
	// Faults are the fields that can't be read, each with what to do: "valid_from: a date
	// as in 2026-01-31". An authorisation with a fault is refused.
	Faults []string
}

// Source hands out authorisations one after the other.
type Source interface {
	// Next returns the next one; io.EOF after the last. Any other error ends the list.
	Next() (*Row, error)
}

// form is an authorisation as a file has it: all text. Its fields are named as in
// POST /api/v1/authorizations, with more of each member.
type form struct {
	Number     string       `json:"number"`
	Household  string       `json:"household"`
	Division   string       `json:"division"`
	Members    []memberForm `json:"members"`
	Purposes   []string     `json:"purposes"`
	Classes    []string     `json:"data_classes"`
	From       string       `json:"valid_from"`
	To         string       `json:"valid_to"`
	ScanDigest string       `json:"scan_digest"`
}

// memberForm is one person on it.
type memberForm struct {
	Name      string `json:"name"`
	IDType    string `json:"id_type"`
	IDNumber  string `json:"id_number"`
	BirthDate string `json:"birth_date"`
	Relation  string `json:"relation"`
	Incapable bool   `json:"incapable"`
	Signature string `json:"signature"` // where on the paper
	SignedOn  string `json:"signed_on"`
	// Guardian is the member, counted from 1, who signed for this one.
	Guardian int `json:"guardian"`
	// GuardianPerson is who signed for this one and is no member.
	GuardianPerson *personForm `json:"guardian_person"`
}

type personForm struct {
	Name     string `json:"name"`
	IDType   string `json:"id_type"`
	IDNumber string `json:"id_number"`
}

// onPaper is where a signature is when the list does not say.
const onPaper = "paper"

// reader reads the fields of a form and remembers those that can't be read.
type reader struct{ faults []string }

func (r *reader) fault(field, do string) { r.faults = append(r.faults, field+": "+do) }

func (r *reader) date(field, s string) household.Date {
	if s == "" {
		return 0
	}
	d, ok := household.ParseDate([]byte(s))
	if !ok {
		r.fault(field, "a date as in 2026-01-31")
	}
	return d
}

// code reads a value of a list, by its name or in Chinese.
func (r *reader) code(field string, l household.CodeList, s string) uint8 {
	if s == "" {
		return 0
	}
	v, ok := l.Find(s)
	if !ok {
		r.fault(field, "one of the known values")
	}
	return v
}

// read turns a form into an authorisation. Whether it can be registered is judged later.
func (f *form) read(line int64) *Row {
	var r reader
	a := authorization.Authorization{
		Number: f.Number, Household: f.Household, Division: f.Division, Purposes: f.Purposes,
		From: r.date("valid_from", f.From), To: r.date("valid_to", f.To), ScanDigest: f.ScanDigest,
	}
	for i, class := range f.Classes {
		s, ok := household.ParseSource(class)
		if !ok || s >= household.NumSources {
			r.fault(fmt.Sprintf("data_classes[%d]", i+1), "one of the known classes")
			continue
		}
		a.Classes[s] = true
	}
	for i := range f.Members {
		a.Members = append(a.Members, f.member(&r, i))
	}
	return &Row{Line: line, Authorization: a, Faults: r.faults}
}

func (f *form) member(r *reader, i int) authorization.Member {
	s, at := &f.Members[i], fmt.Sprintf("members[%d].", i+1)
	m := authorization.Member{
		DocumentType: household.DocumentType(r.code(at+"id_type", household.DocumentTypes, s.IDType)),
		Document:     household.IDNumber(s.IDNumber), Name: household.Name(s.Name), Born: r.date(at+"birth_date", s.BirthDate),
		Relation: r.code(at+"relation", household.Relations, s.Relation), Incapable: s.Incapable,
	}
	signature := authorization.Signature{Ref: strings.TrimSpace(s.Signature), On: r.date(at+"signed_on", s.SignedOn)}
	if signature.Ref == "" && signature.On != 0 {
		signature.Ref = onPaper
	}
	switch {
	case s.GuardianPerson != nil:
		g := s.GuardianPerson
		m.Guardian = &authorization.Guardian{
			DocumentType: household.DocumentType(r.code(at+"guardian_person.id_type", household.DocumentTypes, g.IDType)),
			Document:     household.IDNumber(g.IDNumber), Name: household.Name(g.Name), Signature: signature,
		}
		if s.Guardian != 0 {
			r.fault(at+"guardian", "a member or another person, not both")
		}
	case s.Guardian == 0:
		m.Signature = signature
	case s.Guardian < 0 || s.Guardian > len(f.Members) || s.Guardian == i+1:
		r.fault(at+"guardian", "the number of another member, from 1")
	default:
		g := &f.Members[s.Guardian-1]
		t, _ := household.DocumentTypes.Find(g.IDType) // a bad one is a fault of that member
		m.Guardian = &authorization.Guardian{
			DocumentType: household.DocumentType(t), Document: household.IDNumber(g.IDNumber), Name: household.Name(g.Name), Signature: signature,
		}
	}
	return m
}
