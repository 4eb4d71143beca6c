package access_test

import (
	"testing"

	"github.com/hedui/hedui/engine/access"
)

// TestPolicyIsWhole proves that every operation has exactly its row.
func TestPolicyIsWhole(t *testing.T) {
	names := map[string]bool{}
	for i := range access.Policy {
		r := &access.Policy[i]
		if int(r.Operation) != i+1 {
			t.Errorf("row %d is of operation %d: the rows are in the order of the constants", i, r.Operation)
		}
		if r.Name == "" || r.Zh == "" || r.En == "" || names[r.Name] {
			t.Errorf("row %d (%q): a name of its own and a word in both languages", i, r.Name)
		}
		names[r.Name] = true
		if got, ok := access.ParseOperation(r.Name); !ok || got != r.Operation || got.String() != r.Name {
			t.Errorf("%s is read back as %v", r.Name, got)
		}
		if !r.Public && r.Roles|r.Own == 0 {
			t.Errorf("%s: nobody may", r.Name)
		}
		if r.Roles&r.Own != 0 {
			t.Errorf("%s: %s both of everything and of their own", r.Name, r.Roles&r.Own)
		}
		if r.Second&^r.Roles != 0 {
			t.Errorf("%s: %s may be the second and not begin", r.Name, r.Second&^r.Roles)
		}
		if (r.FourEyes != access.Never) != (r.Second != 0) {
			t.Errorf("%s: four eyes and the roles of the second go together", r.Name)
		}
	}
	if next := access.Operation(len(access.Policy) + 1); next.String() != "" || access.MetricsRead != access.Operation(len(access.Policy)) {
		t.Errorf("the table has %d rows and the last operation is %d", len(access.Policy), access.MetricsRead)
	}
}
