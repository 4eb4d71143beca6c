package household_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/household"
)

func TestAttributeOn(t *testing.T) {
	const before, first, last, after = household.Date(20250831), household.Date(20250901), household.Date(20290630), household.Date(20290701)
	proven := household.Attribute{Code: "student", Proven: true, From: first, To: last}
	unbounded := household.Attribute{Code: "student", Proven: true}
	denied := household.Attribute{Code: "student", Proven: true, Denied: true}
	deniedThen := household.Attribute{Code: "student", Proven: true, Denied: true, From: first, To: last}
	said := household.Attribute{Code: "student", From: first, To: last}
	saidNot := household.Attribute{Code: "student", Denied: true}
	other := household.Attribute{Code: "disability", Proven: true}
	tests := []struct {
		name string
		list []household.Attribute
		on   household.Date
		want household.Tri
	}{
		{"nothing said", nil, first, household.Unknown},
		{"another code", []household.Attribute{other}, first, household.Unknown},
		{"the day before", []household.Attribute{proven}, before, household.No},
		{"the first day", []household.Attribute{proven}, first, household.Yes},
		{"the last day", []household.Attribute{proven}, last, household.Yes},
		{"the day after", []household.Attribute{proven}, after, household.No},
		{"without bounds", []household.Attribute{unbounded}, after, household.Yes},
		{"without a document", []household.Attribute{said}, first, household.Unknown},
		{"without a document, outside", []household.Attribute{said}, after, household.Unknown},
		{"denied", []household.Attribute{denied}, first, household.No},
		{"denied has no bounds", []household.Attribute{deniedThen}, after, household.No},
		{"denied without a document", []household.Attribute{saidNot}, first, household.Unknown},
		{"yes over no", []household.Attribute{denied, unbounded}, first, household.Yes},
		{"yes over no, the other order", []household.Attribute{unbounded, denied}, first, household.Yes},
		{"no over unknown", []household.Attribute{said, denied}, first, household.No},
		{"no over unknown, the other order", []household.Attribute{denied, said}, first, household.No},
		{"one that ran out and one that did not", []household.Attribute{proven, other, unbounded}, after, household.Yes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := household.AttributeOn(tt.list, "student", tt.on); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

// A plate that an attribute names is personal, and so is the obligor.
func TestOptionalPartsMaskThemselves(t *testing.T) {
	r, err := household.ParseRequest([]byte(fullRequest))
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{fmt.Sprintf("%v", r), fmt.Sprintf("%+v %+v", r.Obligors, r.Assets), fmt.Sprintf("%#v", r.Assets), string(asJSON)} {
		for _, secret := range []string{"皖A12345", "340104197001010031", "王大伟"} {
			if strings.Contains(printed, secret) {
				t.Errorf("%s is printed in %s", secret, printed)
			}
		}
	}
}
