package authorization

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/hedui/hedui/engine/household"
)

// ErrFormat is returned for bytes that are no stored authorisation. It says nothing of
// what they hold.
var ErrFormat = errors.New("not a stored authorisation")

// storedFormat is the first byte of the stored form. History:
//
//	1  as below
//
// A batch reads an authorisation for every household, so the form is laid by hand: JSON
// took longer than the check. Numbers are varints, a text is its length and its bytes, a
// date is yyyymmdd, an instant is seconds and nanoseconds.
//
//	format
//	number, household, division
//	number of members, each:
//	  document type, document, name, born, relation, flags (1 incapable, 2 guardian)
//	  signature: place, day
//	  of a guardian: document type, document, name, signature
//	  left, why
//	number of purposes, each a text
//	data classes, a bit for each source
//	from, to, scan digest, registered by, registered at
//	1 and at, by, reason of a withdrawal, or 0
//	version
const storedFormat = 1

const (
	flagIncapable = 1 << iota
	flagGuardian
)

// Encode returns the stored form. It holds documents and names in full: it is for the
// ledger, encrypted, and for nothing else.
func Encode(a *Authorization) []byte {
	w := writer{make([]byte, 0, 512)}
	w.number(storedFormat)
	w.text(a.Number)
	w.text(a.Household)
	w.text(a.Division)
	w.number(uint64(len(a.Members)))
	for i := range a.Members {
		w.member(&a.Members[i])
	}
	w.number(uint64(len(a.Purposes)))
	for _, p := range a.Purposes {
		w.text(p)
	}
	var classes uint64
	for i, given := range a.Classes {
		if given {
			classes |= 1 << i
		}
	}
	w.number(classes)
	w.number(uint64(a.From))
	w.number(uint64(a.To))
	w.text(a.ScanDigest)
	w.text(a.RegisteredBy)
	w.instant(a.RegisteredAt)
	if x := a.Withdrawn; x == nil {
		w.number(0)
	} else {
		w.number(1)
		w.instant(x.At)
		w.text(x.By)
		w.text(x.Reason)
	}
	w.number(uint64(a.Version))
	return w.b
}

type writer struct{ b []byte }

func (w *writer) number(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) instant(t time.Time) {
	w.b = binary.AppendVarint(w.b, t.Unix())
	w.number(uint64(t.Nanosecond()))
}

func (w *writer) signature(s Signature) {
	w.text(s.Ref)
	w.number(uint64(s.On))
}

func (w *writer) member(m *Member) {
	w.number(uint64(m.DocumentType))
	w.text(m.Document.Reveal())
	w.text(m.Name.Reveal())
	w.number(uint64(m.Born))
	w.number(uint64(m.Relation))
	var flags uint64
	if m.Incapable {
		flags |= flagIncapable
	}
	if m.Guardian != nil {
		flags |= flagGuardian
	}
	w.number(flags)
	w.signature(m.Signature)
	if g := m.Guardian; g != nil {
		w.number(uint64(g.DocumentType))
		w.text(g.Document.Reveal())
		w.text(g.Name.Reveal())
		w.signature(g.Signature)
	}
	w.number(uint64(m.Left))
	w.text(m.LeftWhy)
}

// Decode reads the stored form. Whatever is unknown, missing or left over is ErrFormat:
// an authorisation that is half understood would permit something else.
func Decode(b []byte) (*Authorization, error) {
	r := reader{s: string(b)} // texts are parts of it
	if r.number(storedFormat) != storedFormat {
		return nil, ErrFormat
	}
	a := &Authorization{Number: r.text(), Household: r.text(), Division: r.text()}
	if n := r.number(maxMembers); n > 0 {
		a.Members = make([]Member, n)
		for i := range a.Members {
			r.member(&a.Members[i])
		}
	}
	if n := r.number(maxMembers); n > 0 {
		a.Purposes = make([]string, n)
		for i := range a.Purposes {
			a.Purposes[i] = r.text()
		}
	}
	classes := r.number(1<<household.NumSources - 1)
	for i := range a.Classes {
		a.Classes[i] = classes>>i&1 != 0
	}
	a.From, a.To = r.date(), r.date()
	a.ScanDigest, a.RegisteredBy, a.RegisteredAt = r.text(), r.text(), r.instant()
	if r.number(1) == 1 {
		a.Withdrawn = &Withdrawal{At: r.instant(), By: r.text(), Reason: r.text()}
	}
	a.Version = int64(r.number(1 << 62))
	if r.bad || r.s != "" {
		return nil, ErrFormat
	}
	return a, nil
}

// reader takes values off the front of a text. After the first that is none, all are zero.
type reader struct {
	s   string
	bad bool
}

// number reads a number that is at most as large as given.
func (r *reader) number(most uint64) uint64 {
	var n uint64
	for i := 0; i < len(r.s) && i < binary.MaxVarintLen64; i++ {
		c := r.s[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c >= 0x80 {
			continue
		}
		if n > most || c == 0 && i > 0 || i == binary.MaxVarintLen64-1 { // too large, or longer than it needs to be
			break
		}
		r.s = r.s[i+1:]
		return n
	}
	r.s, r.bad = "", true
	return 0
}

func (r *reader) text() string {
	n := r.number(uint64(len(r.s)))
	if n > uint64(len(r.s)) {
		r.s, r.bad = "", true
		return ""
	}
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *reader) date() household.Date {
	n := int(r.number(9999_12_31))
	if n == 0 {
		return 0
	}
	d, ok := household.NewDate(n/10000, n/100%100, n%100)
	r.bad = r.bad || !ok
	return d
}

func (r *reader) instant() time.Time {
	z := r.number(1<<64 - 1) // zigzag, as binary.AppendVarint writes it
	seconds := int64(z>>1) ^ -int64(z&1)
	return time.Unix(seconds, int64(r.number(999_999_999))).UTC()
}

func (r *reader) documentType() household.DocumentType {
	return household.DocumentType(r.number(uint64(len(household.DocumentTypes) - 1)))
}

func (r *reader) signature() Signature { return Signature{r.text(), r.date()} }

func (r *reader) member(m *Member) {
	m.DocumentType = r.documentType()
	m.Document, m.Name = household.IDNumber(r.text()), household.Name(r.text())
	m.Born = r.date()
	m.Relation = uint8(r.number(uint64(len(household.Relations) - 1)))
	flags := r.number(flagIncapable | flagGuardian)
	m.Incapable = flags&flagIncapable != 0
	m.Signature = r.signature()
	if flags&flagGuardian != 0 {
		m.Guardian = &Guardian{
			DocumentType: r.documentType(), Document: household.IDNumber(r.text()), Name: household.Name(r.text()), Signature: r.signature(),
		}
	}
	m.Left, m.LeftWhy = r.date(), r.text()
}
