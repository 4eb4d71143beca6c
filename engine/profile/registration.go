package profile

import (
	"encoding/binary"
	"iter"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Registration is a row of the population register: that this person exists, and
// who they were before. Household is normalised.
type Registration struct {
	Origin
	DeceasedOn household.Date
	Household  string

	names   []byte // former names, each with its length before it
	numbers []byte // former keys, each a number and a text
}

// FormerNames yields the names the person had before, normalised.
func (r *Registration) FormerNames() iter.Seq[string] {
	return func(yield func(string) bool) {
		for c := NewCursor(r.names); len(c.Rest()) > 0; {
			if name := c.string(); c.bad || !yield(name) {
				return
			}
		}
	}
}

// FormerKeys yields the keys of the numbers the person had before, and of other
// documents the register knows of. A former number that fails its check has a key
// in the space of invalid documents.
func (r *Registration) FormerKeys() iter.Seq[household.PersonKey] {
	return func(yield func(household.PersonKey) bool) {
		for c := NewCursor(r.numbers); len(c.Rest()) > 0; {
			if key := c.key(); c.bad || !yield(key) {
				return
			}
		}
	}
}

// key reads a person key; its text is a view.
func (c *Cursor) key() household.PersonKey {
	return household.PersonKey{Num: c.Uvarint(), Text: c.string()}
}

// appendRegistration appends the content of a register row.
func appendRegistration(b []byte, r *household.RegisterRecord) []byte {
	b = binary.AppendUvarint(b, uint64(r.DeceasedOn))
	b = appendString(b, match.NormalNumber(r.HouseholdNo))
	var list []byte
	for part := range parts(r.FormerNames) {
		if name := match.NormalName([]byte(part)); len(name) > 0 {
			list = appendString(list, string(name))
		}
	}
	b = appendString(b, string(list))
	list = list[:0]
	for part := range parts(r.FormerNumbers) {
		if d := formerDocument(part); d.Given {
			list = binary.AppendUvarint(list, d.Key.Num)
			list = appendString(list, d.Key.Text)
		}
	}
	return appendString(b, string(list))
}

// parts are what a list of the register holds, between semicolons of any width.
func parts(list []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, part := range strings.FieldsFunc(string(list), func(r rune) bool { return r == ';' || r == '；' || r == '、' }) {
			if part = strings.TrimSpace(part); part != "" && !yield(part) {
				return
			}
		}
	}
}

// formerDocument reads a former number: a resident number, or type:number for
// another document. A type nobody knows is no document.
func formerDocument(text string) match.Document {
	name, number, typed := strings.Cut(strings.ReplaceAll(text, "：", ":"), ":")
	if !typed {
		return match.ParseDocument(household.ResidentID, []byte(text))
	}
	t, ok := household.DocumentTypes.Find(strings.TrimSpace(name))
	if !ok {
		return match.Document{}
	}
	return match.ParseDocument(household.DocumentType(t), []byte(number))
}

// registration reads what appendRegistration wrote.
func (c *Cursor) registration(o Origin) Registration {
	r := Registration{Origin: o, DeceasedOn: household.Date(c.Uvarint()), Household: c.string(), names: c.Bytes(), numbers: c.Bytes()}
	// The lists are read when they are asked for, so they are checked here.
	for l := NewCursor(r.names); len(l.Rest()) > 0 && !c.bad; {
		_ = l.string()
		c.bad = l.bad
	}
	for l := NewCursor(r.numbers); len(l.Rest()) > 0 && !c.bad; {
		_ = l.key()
		c.bad = l.bad
	}
	return r
}
