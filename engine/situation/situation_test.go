package situation_test

import (
	"testing"

	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
)

func TestShippedPacks(t *testing.T) {
	for _, name := range rules.Shipped() {
		t.Run(name, func(t *testing.T) {
			r, err := situation.RunPack(name)
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Failed {
				t.Error(r.Failed[i].Error())
			}
			t.Logf("%d situations passed", r.Passed)
		})
	}
}
