package api_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

func TestValid(t *testing.T) {
	good := wire.NewUser{Account: "a.b", Person: "P1", Display: "某", Roles: []string{"verifier"}, Division: "34", Purposes: []string{}, Reason: "x"}
	if err := api.Valid(good); err != nil {
		t.Fatal(err)
	}
	bad := good
	bad.Account, bad.Division, bad.Roles, bad.Reason = "A B", "x", []string{}, ""
	var r *wire.Refusal
	if err := api.Valid(bad); !errors.As(err, &r) {
		t.Fatalf("%v", err)
	}
	got := map[string]string{}
	for _, f := range r.Fields {
		got[f.Name] = f.Rule
	}
	want := map[string]string{"account": "pattern", "division": "pattern", "reason": "length", "roles": "length"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := api.Valid(wire.Registration{Members: []wire.Signer{{Name: "某", IDNumber: "x", BirthDate: "soon"}}}); !errors.As(err, &r) {
		t.Errorf("%v", err)
	}
	for _, f := range r.Fields {
		t.Log(f)
	}
}
