package desk

import (
	"errors"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
)

// Code says why something was refused. Other systems may branch on it.
type Code string

// The codes of refusals, beside those of the policy (access.Reason), of authorisations
// and of the states of a case.
const (
	NotFound          Code = "not_found"           // or not to be known of
	Forbidden         Code = "forbidden"           // the policy says why in Reason
	SecondPerson      Code = "second_person"       // another person must do it
	ReasonNeeded      Code = "reason_needed"       // a text must say why
	TooMany           Code = "too_many_requests"   // more often than the policy allows
	InvalidField      Code = "invalid_field"       // see Fields
	Exists            Code = "exists"              // there is one with this number
	Changed           Code = "changed"             // by somebody else meanwhile: look again
	StateRefuses      Code = "state_refuses"       // see Reason
	EvidenceNotOpened Code = "evidence_not_opened" // by the one who wants to confirm
	TooLarge          Code = "too_large"
	NotHeld           Code = "generation_gone" // what it was read from is no longer kept
)

// Refusal is what a caller is told instead of an answer. Its text holds a code and names
// of fields, never content.
type Refusal struct {
	Code   Code
	Reason string   // finer than the code: of the policy or of a state; may be empty
	Fields []string // that are wrong, each with what is wrong: "members[0].signed_at: …"
	After  time.Duration
}

func (r *Refusal) Error() string {
	text := "refused: " + string(r.Code)
	if r.Reason != "" {
		text += " (" + r.Reason + ")"
	}
	if len(r.Fields) > 0 {
		text += ": " + strings.Join(r.Fields, "; ")
	}
	return text
}

func refuse(c Code, reason string) *Refusal { return &Refusal{Code: c, Reason: reason} }

// denied is the refusal of a decision that does not allow.
func denied(d access.Decision) *Refusal {
	switch {
	case d.Hide:
		return refuse(NotFound, "")
	case d.Reason == access.ReasonSamePerson:
		return refuse(SecondPerson, string(d.Reason))
	}
	return refuse(Forbidden, string(d.Reason))
}

// Refused returns the refusal that an error is, and whether it is one.
func Refused(err error) (*Refusal, bool) { return errors.AsType[*Refusal](err) }
