package rules_test

import (
	"testing"

	"github.com/hedui/hedui/rules"
)

func TestShippedPacksLoad(t *testing.T) {
	if len(rules.Shipped()) == 0 {
		t.Fatal("no shipped packs")
	}
	for _, name := range rules.Shipped() {
		p, err := rules.Load(name)
		if err != nil {
			t.Fatalf("%s:\n%v", name, err)
		}
		l, err := p.On(20261101, "")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Name != name || len(p.Digest) != 32 {
			t.Errorf("%s: name %q, digest %q", name, p.Name, p.Digest)
		}
		// What eases hardships of its own, such as schooling, may ask for no income.
		if shows := l.IncomeLimit >= 0 && l.FinancialLimit >= 0; !shows && (name == "reference" || name == "reference_links" || name == "dibao") {
			t.Errorf("%s: no limits to show", name)
		}
	}
}
