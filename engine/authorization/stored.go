package authorization

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/hedui/hedui/engine/household"
)

// ErrFormat is returned for bytes that are no stored authorisation. It says nothing of
// what they hold.
var ErrFormat = errors.New("not a stored authorisation")

// storedFormat is the version of the stored form. History:
//
//	1  JSON as below
const storedFormat = 1

// The stored form. Types that mask themselves would lose what they hold, so it is of plain
// strings.
type storedAuthorization struct {
	Format       int               `json:"format"`
	Number       string            `json:"number"`
	Household    string            `json:"household"`
	Division     string            `json:"division"`
	Members      []storedMember    `json:"members"`
	Purposes     []string          `json:"purposes"`
	Classes      []string          `json:"data_classes"`
	From         string            `json:"from,omitempty"`
	To           string            `json:"to,omitempty"`
	ScanDigest   string            `json:"scan_digest"`
	RegisteredBy string            `json:"registered_by"`
	RegisteredAt time.Time         `json:"registered_at"`
	Withdrawn    *storedWithdrawal `json:"withdrawn,omitempty"`
	Version      int64             `json:"version"`
}

type storedMember struct {
	DocumentType string           `json:"id_type,omitempty"`
	Document     string           `json:"id_number"`
	Name         string           `json:"name"`
	Born         string           `json:"birth_date,omitempty"`
	Relation     string           `json:"relation,omitempty"`
	Incapable    bool             `json:"incapable,omitempty"`
	Signature    *storedSignature `json:"signature,omitempty"`
	Guardian     *storedGuardian  `json:"guardian,omitempty"`
	Left         string           `json:"left,omitempty"`
	LeftWhy      string           `json:"left_why,omitempty"`
}

type storedGuardian struct {
	DocumentType string           `json:"id_type,omitempty"`
	Document     string           `json:"id_number"`
	Name         string           `json:"name"`
	Signature    *storedSignature `json:"signature,omitempty"`
}

type storedSignature struct {
	Ref string `json:"ref,omitempty"`
	On  string `json:"on,omitempty"`
}

type storedWithdrawal struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Encode returns the stored form. It holds documents and names in full: it is for the
// ledger, encrypted, and for nothing else.
func Encode(a *Authorization) ([]byte, error) {
	s := storedAuthorization{
		Format: storedFormat, Number: a.Number, Household: a.Household, Division: a.Division, Purposes: a.Purposes,
		From: a.From.String(), To: a.To.String(), ScanDigest: a.ScanDigest,
		RegisteredBy: a.RegisteredBy, RegisteredAt: a.RegisteredAt.UTC(), Version: a.Version,
	}
	for i, given := range a.Classes {
		if given {
			s.Classes = append(s.Classes, household.Source(i).String())
		}
	}
	if w := a.Withdrawn; w != nil {
		s.Withdrawn = &storedWithdrawal{w.At.UTC(), w.By, w.Reason}
	}
	for i := range a.Members {
		m := &a.Members[i]
		out := storedMember{
			DocumentType: m.DocumentType.String(), Document: m.Document.Reveal(), Name: m.Name.Reveal(), Born: m.Born.String(),
			Relation: household.Relations.At(m.Relation).Name, Incapable: m.Incapable, Signature: m.Signature.stored(),
			Left: m.Left.String(), LeftWhy: m.LeftWhy,
		}
		if g := m.Guardian; g != nil {
			out.Guardian = &storedGuardian{g.DocumentType.String(), g.Document.Reveal(), g.Name.Reveal(), g.Signature.stored()}
		}
		s.Members = append(s.Members, out)
	}
	return json.Marshal(&s)
}

func (s Signature) stored() *storedSignature {
	if s == (Signature{}) {
		return nil
	}
	return &storedSignature{s.Ref, s.On.String()}
}

// Decode reads the stored form. Whatever is unknown, missing or left over is ErrFormat:
// an authorisation that is half understood would permit something else.
func Decode(b []byte) (*Authorization, error) {
	var s storedAuthorization
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	// The text of JSON's errors quotes values, so none of it is passed on.
	if d.Decode(&s) != nil || s.Format != storedFormat {
		return nil, ErrFormat
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrFormat
	}
	r := reader{ok: true}
	a := &Authorization{
		Number: s.Number, Household: s.Household, Division: s.Division, Purposes: s.Purposes,
		From: r.date(s.From), To: r.date(s.To), ScanDigest: s.ScanDigest,
		RegisteredBy: s.RegisteredBy, RegisteredAt: s.RegisteredAt, Version: s.Version,
	}
	for _, name := range s.Classes {
		a.Classes[r.code(household.Sources, name)] = true
	}
	if w := s.Withdrawn; w != nil {
		a.Withdrawn = &Withdrawal{w.At, w.By, w.Reason}
	}
	for i := range s.Members {
		m := &s.Members[i]
		out := Member{
			DocumentType: r.documentType(m.DocumentType), Document: household.IDNumber(m.Document), Name: household.Name(m.Name),
			Born: r.date(m.Born), Incapable: m.Incapable, Signature: r.signature(m.Signature), Left: r.date(m.Left), LeftWhy: m.LeftWhy,
		}
		if m.Relation != "" {
			out.Relation = r.code(household.Relations, m.Relation)
		}
		if g := m.Guardian; g != nil {
			out.Guardian = &Guardian{
				DocumentType: r.documentType(g.DocumentType), Document: household.IDNumber(g.Document), Name: household.Name(g.Name),
				Signature: r.signature(g.Signature),
			}
		}
		a.Members = append(a.Members, out)
	}
	if !r.ok {
		return nil, ErrFormat
	}
	return a, nil
}

// reader reads values until one is none.
type reader struct{ ok bool }

func (r *reader) date(s string) household.Date {
	if s == "" {
		return 0
	}
	d, ok := household.ParseDate([]byte(s))
	r.ok = r.ok && ok && d.String() == s
	return d
}

func (r *reader) code(l household.CodeList, name string) uint8 {
	v, ok := l.Named(name)
	r.ok = r.ok && ok
	return v
}

func (r *reader) documentType(name string) household.DocumentType {
	if name == "" {
		return 0
	}
	return household.DocumentType(r.code(household.DocumentTypes, name))
}

func (r *reader) signature(s *storedSignature) Signature {
	if s == nil {
		return Signature{}
	}
	return Signature{s.Ref, r.date(s.On)}
}
