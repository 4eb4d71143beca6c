package situation_test

import (
	"flag"
	"io/fs"
	"testing"

	"github.com/hedui/hedui/engine/situation/mutate"
	"github.com/hedui/hedui/rules"
)

var all = flag.Bool("mutate.all", false, "change every file of every shipped pack, which takes many minutes")

// whole says whether every file of a pack is changed in every run of the tests. Of the
// others it is the rules; the rest takes -mutate.all.
func whole(pack string) bool { return pack == "reference" }

// TestEveryChangeOfAPackBreaksASituation changes every operator, bound, date, list and
// order of the shipped packs, one at a time. A change must keep the pack from loading or
// break a situation, but for those that tests/mutants.yaml proves equivalent.
func TestEveryChangeOfAPackBreaksASituation(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of packs")
	}
	for _, name := range rules.Shipped() {
		t.Run(name, func(t *testing.T) {
			dir, err := rules.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			options := mutate.Options{}
			if !*all && !whole(name) {
				// A pack without rules of its own has few files, which are all changed.
				if _, err := fs.Stat(dir, "rules.yaml"); err == nil {
					options.Files = []string{"rules.yaml"}
				}
			}
			r, err := mutate.Run(t.Context(), dir, options)
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Survived {
				t.Errorf("no situation notices: %s", &r.Survived[i])
			}
			t.Logf("%d changes: %d packs did not load, %d broke a situation, %d survived, %d are equivalent: %d ‰",
				r.All(), r.Refused, r.Killed, len(r.Survived), len(r.Equivalent), r.Permille())
			if r.Killed < 20 || r.Refused < 10 {
				t.Errorf("too few changes: %d loaded, %d did not", r.Killed, r.Refused)
			}
		})
	}
}
