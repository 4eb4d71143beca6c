package authorization

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/household"
)

// SameRegistration reports whether two authorisations were registered with the same
// content. Who registered them and when does not matter, and neither does what happened
// since: that somebody left, signed for themselves at 18, or withdrew.
func SameRegistration(a, b *Authorization) bool {
	if len(a.Members) != len(b.Members) {
		return false
	}
	return bytes.Equal(Encode(a.asRegistered(b)), Encode(b.asRegistered(a)))
}

// asRegistered is the authorisation without what changes after it was registered. other
// has as many members.
func (a *Authorization) asRegistered(other *Authorization) *Authorization {
	b := *a
	b.RegisteredBy, b.RegisteredAt, b.Withdrawn, b.Version = "", time.Time{}, nil, 1
	b.Members = slices.Clone(a.Members)
	for i := range b.Members {
		m := &b.Members[i]
		m.Left, m.LeftWhy = 0, ""
		m.DocumentType, m.Born = cmp.Or(m.DocumentType, household.ResidentID), m.born() // said or not
		if m.Guardian != nil && other.Members[i].Signature == (Signature{}) {
			m.Signature = Signature{} // given at 18, beside the guardian's
		}
		if m.Guardian != nil {
			g := *m.Guardian
			g.DocumentType = cmp.Or(g.DocumentType, household.ResidentID)
			m.Guardian = &g
		}
	}
	return &b
}
