package index

import (
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// Feed hands a builder the entries of a generation: the people of the register, and
// the rows that do not lie under the exact document of somebody who is known.
type Feed struct {
	builder     *Builder
	hasRegister bool
	scanner     profile.Scanner
}

// NewFeed feeds a builder. hasRegister says that the generation holds a register:
// without one, whether a valid number is somebody's is not known, and no row that
// has one is loose.
func NewFeed(b *Builder, hasRegister bool) *Feed { return &Feed{builder: b, hasRegister: hasRegister} }

// Add takes an entry of the generation, of both sections. registered says that the
// register has somebody under the key. It returns profile.ErrDamaged, or an error of
// the builder.
func (k *Feed) Add(key household.PersonKey, registered bool, entry []byte) error {
	resident := key.Num < household.OtherDocuments
	loose := !resident || k.hasRegister && !registered
	if !loose && !registered {
		return nil
	}
	if err := k.scanner.Scan(entry); err != nil {
		return err
	}
	for i := range k.scanner.Register {
		if err := k.builder.AddRegistered(k.registered(key, &k.scanner.Register[i])); err != nil {
			return err
		}
	}
	if !loose {
		return nil
	}
	l := Loose{Owner: key, Type: documentType(key)}
	// The later parts of a large unlinked entry have a number of their own behind the
	// text, see package ingest.
	if text, _, cut := strings.Cut(key.Text, "\x00"); cut && key.Num < household.NoDocument {
		l.Number = text
	}
	for _, o := range k.scanner.Owners {
		l.Name, l.Birth, l.Division = o.Name, o.Birth, o.Division
		if err := k.builder.AddLoose(l); err != nil {
			return err
		}
	}
	return nil
}

func (k *Feed) registered(key household.PersonKey, r *profile.Registration) Registered {
	out := Registered{Key: key, FormerNames: slices.Collect(r.FormerNames()), FormerKeys: slices.Collect(r.FormerKeys()), Household: r.Household}
	if r.Owner >= 0 {
		o := &k.scanner.Owners[r.Owner]
		out.Name, out.Birth, out.Sex, out.Division = o.Name, o.Birth, o.Sex, o.Division
	}
	return out
}

// documentType is the type of document that a key is of; 0 for none.
func documentType(key household.PersonKey) household.DocumentType {
	switch {
	case key.Num < household.OtherDocuments:
		return household.ResidentID
	case key.Num < household.InvalidDocuments:
		return household.DocumentType(key.Num - household.OtherDocuments)
	case key.Num < household.NoDocument:
		return household.DocumentType(key.Num - household.InvalidDocuments)
	}
	return 0
}
