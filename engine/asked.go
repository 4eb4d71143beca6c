package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// consents reports whether the consent covers a scheme. own is the scheme that the
// request itself asks for, which is what a consent is for that names no purpose.
func consents(a *household.Authorization, own, scheme string) bool {
	switch {
	case slices.Contains(a.Purposes, scheme):
		return true
	case a.Purpose != "":
		return a.Purpose == scheme
	}
	return len(a.Purposes) == 0 && own == scheme
}

// Receiving is the schemes that the household receives support of, and whether the
// request says so at all: an empty list that is given says that it receives none.
func (p *Plan) Receiving() (schemes []string, given bool) {
	return p.Request.Receiving, p.Request.ReceivingGiven
}
