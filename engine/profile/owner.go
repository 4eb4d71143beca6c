package profile

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Owner is how a row describes the person it belongs to, besides the document that
// the row lies under. The zero Owner says nothing. Name, Division and Country are
// normalised.
type Owner struct {
	Name     string
	Birth    household.Date
	Sex      uint8 // household.Sexes
	Division string
	Country  string
}

// Flags of what an owner's bytes hold after the name.
const (
	ownerBirth = 1 << iota
	ownerSex
	ownerDivision
	ownerCountry
	ownerFlags // one more than all of them
)

// maxPlace is the longest division or country that is compared, in bytes. A longer
// text is no code and stays in the cold text alone.
const maxPlace = 32

// OwnerOf is the owner that a row describes.
func OwnerOf(r *household.Record, name []byte) Owner {
	o := Owner{Name: view(name), Birth: r.BirthDate, Sex: r.Sex}
	if len(r.Division) > 0 {
		o.Division = place(r.Division)
	}
	if len(r.Country) > 0 {
		o.Country = place(r.Country)
	}
	return o
}

// place is a division or country, normalised. It is a view of one that needs no
// change, which lasts as long as the row.
func place(written []byte) string {
	if len(written) <= maxPlace && match.IsNormal(written) {
		return view(written)
	}
	if s := match.NormalNumber(written); len(s) <= maxPlace && utf8.ValidString(s) {
		return s
	}
	return ""
}

// AppendOwner appends an owner in the layout of an entry.
func AppendOwner(b []byte, o Owner) []byte {
	b = appendString(b, o.Name)
	at := len(b)
	b = append(b, 0)
	if o.Birth != 0 {
		b[at] |= ownerBirth
		b = binary.AppendUvarint(b, uint64(o.Birth))
	}
	if o.Sex != 0 {
		b[at] |= ownerSex
		b = append(b, o.Sex)
	}
	if o.Division != "" {
		b[at] |= ownerDivision
		b = appendString(b, o.Division)
	}
	if o.Country != "" {
		b[at] |= ownerCountry
		b = appendString(b, o.Country)
	}
	return b
}

// owner reads an owner; its texts are views.
func (c *Cursor) owner() Owner {
	o := Owner{Name: c.string()}
	flags := c.Byte()
	if flags >= ownerFlags {
		c.bad = true
	}
	if flags&ownerBirth != 0 {
		o.Birth = household.Date(c.Uvarint())
		c.bad = c.bad || o.Birth == 0
	}
	if flags&ownerSex != 0 {
		o.Sex = c.Byte()
		c.bad = c.bad || o.Sex == 0 || int(o.Sex) >= len(household.Sexes)
	}
	if flags&ownerDivision != 0 {
		o.Division = c.string()
		c.bad = c.bad || o.Division == ""
	}
	if flags&ownerCountry != 0 {
		o.Country = c.string()
		c.bad = c.bad || o.Country == ""
	}
	return o
}

// noOwner are the bytes of an owner of whom a row says nothing; a record with these
// has no owner in the entry's list.
const noOwner = "\x00\x00"
