package authorization

import (
	"errors"
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// Errors of the changes of an authorisation.
var (
	// ErrWithdrawn: nothing changes after a withdrawal.
	ErrWithdrawn = errors.New("the authorisation is withdrawn")
	// ErrNoMember: nobody on it has this document.
	ErrNoMember = errors.New("nobody on the authorisation has this document")
	// ErrBadChange: what the change needs is missing or contradicts what is registered.
	ErrBadChange = errors.New("the change is incomplete or contradicts what is registered")
)

// Withdraw returns the authorisation as withdrawn. The first withdrawal stays.
func (a *Authorization) Withdraw(w Withdrawal) (*Authorization, error) {
	if w.At.IsZero() || !plain(w.By) || !plain(w.Reason) {
		return nil, ErrBadChange
	}
	return a.change(func(b *Authorization) error {
		b.Withdrawn = &w
		return nil
	})
}

// Leave returns the authorisation without a member from a day on: divorced, moved, died.
// The day may be moved forwards but not back: what was not covered stays uncovered.
func (a *Authorization) Leave(t household.DocumentType, number household.IDNumber, from household.Date, why string) (*Authorization, error) {
	return a.change(func(b *Authorization) error {
		m := b.member(keyOf(t, number))
		switch {
		case m == nil:
			return ErrNoMember
		case from == 0 || !plain(why) || m.Left != 0 && from > m.Left:
			return ErrBadChange
		}
		m.Left, m.LeftWhy = from, why
		return nil
	})
}

// Sign returns the authorisation with a member's own signature, such as of a child who
// has turned 18.
func (a *Authorization) Sign(t household.DocumentType, number household.IDNumber, s Signature) (*Authorization, error) {
	return a.change(func(b *Authorization) error {
		m := b.member(keyOf(t, number))
		switch {
		case m == nil:
			return ErrNoMember
		case !plain(s.Ref) || s.On == 0 || m.Signature != Signature{} || !adult(m.born(), s.On) || m.Incapable:
			return ErrBadChange
		}
		m.Signature = s
		return nil
	})
}

// change returns a changed copy with the next version. The original stays as it is.
func (a *Authorization) change(f func(*Authorization) error) (*Authorization, error) {
	if a.Withdrawn != nil {
		return nil, ErrWithdrawn
	}
	b := *a
	b.Members = slices.Clone(a.Members)
	b.Version++
	if err := f(&b); err != nil {
		return nil, err
	}
	return &b, nil
}

func (a *Authorization) member(key household.PersonKey) *Member {
	for i := range a.Members {
		if key.Linked() && a.Members[i].document().Key == key {
			return &a.Members[i]
		}
	}
	return nil
}
