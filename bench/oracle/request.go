package oracle

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// request is one line of a batch. Fields the reference pack ignores
// (attributes, obligors, expenses) are not read.
type request struct {
	HouseholdID   string         `json:"household_id"`
	Scheme        string         `json:"scheme"`
	Residence     string         `json:"residence"`
	Authorization *authorization `json:"authorization"`
	Members       []member       `json:"members"`
	Assets        struct {
		FinancialFen int64    `json:"financial_fen"`
		Vehicles     []string `json:"vehicles"`
		Properties   []string `json:"properties"`
	} `json:"declared_assets"`
}

type authorization struct {
	ValidFrom   string   `json:"valid_from"`
	ValidTo     string   `json:"valid_to"`
	SignedBy    []string `json:"signed_by"`
	Purpose     string   `json:"purpose"`
	DataClasses []string `json:"data_classes"` // nil: all five; empty: none
}

type member struct {
	Name      string `json:"name"`
	IDNumber  string `json:"id_number"`
	IDType    string `json:"id_type"`
	Relation  string `json:"relation"`
	BirthDate string `json:"birth_date"`
	Excluded  string `json:"excluded"`
	Declared  []struct {
		Type       string `json:"type"`
		MonthlyFen int64  `json:"monthly_fen"`
	} `json:"declared_income"`
}

var (
	lineTypes  = []string{"wage", "business", "property", "transfer"}
	residences = []string{"urban", "rural"}
	relations  = []string{"head", "spouse", "child", "parent", "sibling", "other"}
	exclusions = []string{"imprisoned", "missing", "clergy", "non_resident"}
)

// Monthly standard of the reference pack per person, in fen.
func (q *request) standard() int64 {
	if q.Residence == "urban" {
		return 700_00
	}
	return 600_00
}

// parseRequest fails for anything that is not a request at all.
func parseRequest(line []byte) (*request, error) {
	q := new(request)
	if err := json.Unmarshal(line, q); err != nil {
		return nil, err
	}
	if strings.TrimSpace(q.HouseholdID) == "" {
		return nil, errors.New("no household_id")
	}
	for i := range q.Members {
		if q.Members[i].IDType == "" {
			q.Members[i].IDType = "resident_id"
		}
	}
	return q, nil
}

// refusal is the first code that applies, empty when the request is in order.
func (q *request) refusal(on time.Time) string {
	a := q.Authorization
	if a == nil {
		return "authorization_missing"
	}
	from, errFrom := isoDay(a.ValidFrom)
	to, errTo := isoDay(a.ValidTo)
	switch {
	case errFrom == nil && on.Before(from), errTo == nil && on.After(to):
		return "authorization_expired"
	case a.Purpose != "" && a.Purpose != q.Scheme:
		return "authorization_purpose"
	case !q.signed(on):
		return "authorization_incomplete"
	case errFrom != nil, errTo != nil, !q.valid():
		return "invalid_request"
	}
	return ""
}

// signed says whether anybody signed and every counted adult did.
func (q *request) signed(on time.Time) bool {
	if !slices.ContainsFunc(q.Authorization.SignedBy, func(s string) bool { return normNumber(s) != "" }) {
		return false
	}
	for i := range q.Members {
		if m := &q.Members[i]; m.Excluded == "" && m.adult(on) && !m.in(q.Authorization.SignedBy) {
			return false
		}
	}
	return true
}

// in compares numbers normalised in the way of the member's own document.
func (m *member) in(signatures []string) bool {
	own, _ := readDocument(m.IDType, m.IDNumber)
	return own.number != "" && slices.ContainsFunc(signatures, func(s string) bool {
		signature, _ := readDocument(m.IDType, s)
		return signature.number == own.number
	})
}

// adult is true from the 18th birthday on, and when the age is unknown. A
// birthday of 29 February is reached on 1 March, which is what AddDate does.
func (m *member) adult(on time.Time) bool {
	doc, _ := readDocument(m.IDType, m.IDNumber)
	birth, known := doc.birth()
	if !known {
		var err error
		birth, err = isoDay(m.BirthDate)
		known = err == nil
	}
	return !known || !on.Before(birth.AddDate(18, 0, 0))
}

// valid is the last step of the refusals, without the authorisation's dates.
func (q *request) valid() bool {
	counted := 0
	seen := map[document]bool{}
	for i := range q.Members {
		m := &q.Members[i]
		doc, ok := readDocument(m.IDType, m.IDNumber)
		if doc.number != "" && seen[doc] {
			return false
		}
		seen[doc] = true
		if m.Excluded == "" {
			counted++
			if !ok || normName(m.Name) == "" {
				return false
			}
		} else if !slices.Contains(exclusions, m.Excluded) {
			return false
		}
		if _, err := isoDay(m.BirthDate); m.BirthDate != "" && err != nil {
			return false
		}
		if !idTypes[m.IDType] || !slices.Contains(relations, m.Relation) {
			return false
		}
		for _, d := range m.Declared {
			if !slices.Contains(lineTypes, d.Type) || d.MonthlyFen < 0 {
				return false
			}
		}
	}
	for _, class := range q.Authorization.DataClasses {
		if !slices.Contains(sourceNames, class) {
			return false
		}
	}
	return counted > 0 && q.Scheme != "" && slices.Contains(residences, q.Residence) && q.Assets.FinancialFen >= 0
}

// authorized says whether the source may be read.
func (q *request) authorized(source string) bool {
	return q.Authorization.DataClasses == nil || slices.Contains(q.Authorization.DataClasses, source)
}

func isoDay(s string) (time.Time, error) { return time.Parse("2006-01-02", s) }
