package situation_test

import (
	"testing"

	"github.com/hedui/hedui/engine/situation/mutate"
	"github.com/hedui/hedui/rules"
)

// TestEveryChangeOfTheReferencePackBreaksASituation changes every operator, limit,
// effect, list and order of the pack, one at a time. A change must either keep the
// pack from loading or break a situation.
func TestEveryChangeOfTheReferencePackBreaksASituation(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of packs")
	}
	dir, err := rules.Open("reference")
	if err != nil {
		t.Fatal(err)
	}
	r, err := mutate.Run(t.Context(), dir, mutate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Survived {
		t.Errorf("no situation notices: %s", &r.Survived[i])
	}
	t.Logf("%d changes: %d packs did not load, %d broke a situation", r.All(), r.Refused, r.Killed)
	if r.Killed < 350 || r.Refused < 300 {
		t.Errorf("too few changes: %d loaded, %d did not", r.Killed, r.Refused)
	}
}
