package wire

import (
	"strings"
	"time"
)

// Refusal is an error that a caller gets to see: a code, and of which fields. A
// desk returns it as *Refusal, wrapped or not; every other error is answered as
// Internal and its text goes nowhere but into the log.
type Refusal struct {
	Code Code
	// Fields are the fields that the refusal speaks of, by their names in the
	// request ("members[0].signed_at"), never by their values.
	Fields []Field
	// After is when it makes sense to try again; 0 when that is not known.
	After time.Duration
}

// Field says of one field what is wrong with it.
type Field struct {
	Name string `json:"name" doc:"Where it stands in the request" example:"members[0].signed_on"`
	Rule string `json:"rule" doc:"What it breaks" example:"required"`
}

// Refuse is a refusal with a code and, if any, the fields it speaks of. Each is
// "name" or "name:rule".
func Refuse(c Code, fields ...string) *Refusal {
	r := &Refusal{Code: c}
	for _, f := range fields {
		name, rule, _ := strings.Cut(f, ":")
		r.Fields = append(r.Fields, Field{Name: name, Rule: rule})
	}
	return r
}

func (r *Refusal) Error() string { return "refused: " + string(r.Code) }
