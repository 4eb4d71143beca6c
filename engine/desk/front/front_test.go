package front

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
)

// Every refusal of the desk has words at the counter.
func TestRefusalsAreTold(t *testing.T) {
	all := []desk.Code{
		desk.NotFound, desk.Forbidden, desk.SecondPerson, desk.ReasonNeeded, desk.TooMany, desk.InvalidField, desk.Exists,
		desk.Changed, desk.StateRefuses, desk.EvidenceNotOpened, desk.TooLarge, desk.NotHeld,
	}
	for _, code := range all {
		err := told(&desk.Refusal{Code: code, Fields: []string{"members[0].name: give the name"}, After: time.Second})
		r, ok := errors.AsType[*wire.Refusal](err)
		if !ok || !slices.ContainsFunc(wire.Codes, func(e wire.Entry) bool { return e.Code == r.Code }) {
			t.Errorf("%s is told as %v", code, err)
			continue
		}
		if diff := cmp.Diff([]wire.Field{{Name: "members[0].name", Rule: "give the name"}}, r.Fields); diff != "" || r.After != time.Second {
			t.Error(diff)
		}
	}
	if r, ok := errors.AsType[*wire.Refusal](told(&desk.AuditError{Err: errors.New("full")})); !ok || r.Code != wire.AuditUnavailable {
		t.Error("an audit log that can't be written is not told")
	}
	if _, ok := errors.AsType[*wire.Refusal](told(errors.New("disk"))); ok || told(nil) != nil {
		t.Error("what is the centre's own is told")
	}
}

// What is registered through the counter is what is answered, masked only when it is
// written.
func TestRegistrationGoesThroughWhole(t *testing.T) {
	r := wire.Registration{
		Number: "SQ1", Household: "340104-1", Division: "340104", Purposes: []string{"dibao"}, DataClasses: []string{"tax", "bank"},
		From: "2026-01-01", To: "2026-12-31", ScanDigest: "00",
		Members: []wire.Signer{
			{Name: "王秀英", IDType: "resident_id", IDNumber: "1", SignedOn: "2026-01-01"},
			{Name: "王小明", IDType: "resident_id", IDNumber: "2", BirthDate: "2020-02-29", SignedOn: "2026-01-02", Guardian: 1},
		},
	}
	a, err := registration(&r)
	if err != nil {
		t.Fatal(err)
	}
	if g := a.Members[1].Guardian; g == nil || g.Document != "1" || g.Signature.On != 20260102 || a.Members[1].Signature.On != 0 {
		t.Errorf("guardian %+v", g)
	}
	d, err := desk.New(testOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	f := &Front{Desk: d}
	if diff := cmp.Diff(r, f.shownAuthorization(a).Registration); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct {
		change func(*wire.Registration)
		field  string
	}{
		{func(r *wire.Registration) { r.From = "soon" }, "valid_from"},
		{func(r *wire.Registration) { r.To = "2026-02-30" }, "valid_to"},
		{func(r *wire.Registration) { r.DataClasses = []string{"thoughts"} }, "data_classes[0]"},
		{func(r *wire.Registration) { r.Members = []wire.Signer{{Guardian: 1}} }, "members[0].guardian"},
		{func(r *wire.Registration) { r.Members = []wire.Signer{{Guardian: 9}} }, "members[0].guardian"},
		{func(r *wire.Registration) { r.Members = []wire.Signer{{IDType: "library_card"}} }, "members[0].id_type"},
		{func(r *wire.Registration) { r.Members = []wire.Signer{{SignedOn: "yes"}} }, "members[0].signed_on"},
	} {
		bad := r
		tt.change(&bad)
		_, err := registration(&bad)
		if x, ok := errors.AsType[*wire.Refusal](err); !ok || len(x.Fields) != 1 || x.Fields[0].Name != tt.field {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
}
