package access_test

import (
	"testing"

	"github.com/hedui/hedui/engine/access"
)

func BenchmarkDecide(b *testing.B) {
	s := access.Subject{
		Account: "wang", Person: "P1", Roles: access.RolesOf(access.Verifier), Division: "340104",
		Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}
	o := access.Object{Division: "340104003", Purpose: "dibao"}
	b.ReportAllocs()
	for b.Loop() {
		if d := access.Decide(s, access.Check, o); !d.Allow {
			b.Fatal(d.Reason)
		}
	}
}
