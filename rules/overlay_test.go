package rules_test

import (
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// local is an overlay of Shanghai with a limit and an attribute that no other region has.
func local() []edit {
	return []edit{
		{"overlays/310000/parameters.yaml", "", "cash_limit:\n  doc: x\n  unit: fen\n  by: size\n  values:\n    - {from: 0001-01-01, sizes: [{up_to: 2, value: 33000.00}, {value: 30000.00}], allowed: up_to, law: x, verified: true}\n"},
		{"overlays/310000/attributes.yaml", "", "attributes:\n  converted:\n    of: unit\n    title: {zh: 居改非, en: converted}\n    document: {zh: 证明, en: proof}\n"},
		{"overlays/310000/assets.yaml", "", "sets:\n  non_residential:\n    of: unit\n    where: {status: [current], kind: [office]}\n    exempt: [{any_of: [converted], law: x}]\n"},
		{"overlays/310000/rules.yaml", "", "rules:\n  - code: financial_assets_over_limit\n    per: household\n    fact: household.financial_assets\n    limit: {parameter: cash_limit, times: [counted_members]}\n    effect: needs_review\n    shown_as: financial_limit\n    law: x\n"},
		{"pack.yaml", "schemes: any\n", "schemes: any\npurpose: {reads: [tax, vehicle, property, bank, insurance, attributes]}\n"},
	}
}

func TestOverlayHasParametersAndAttributesOfItsOwn(t *testing.T) {
	p, err := rules.LoadFS(changed(t, local()...))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		region  string
		members int
		limit   household.Fen
	}{
		{"310101", 2, 66_000_00},
		{"310101", 3, 90_000_00},
		{"320101", 3, 24 * 700_00 * 3},
		{"", 3, 24 * 700_00 * 3},
	} {
		law, err := p.On(20261101, c.region)
		if err != nil {
			t.Fatal(err)
		}
		if got := household.Fen(law.Of(law.FinancialLimit, household.Urban, c.members)); got != c.limit {
			t.Errorf("%q, %d members: limit %s, want %s", c.region, c.members, got.Yuan(), c.limit.Yuan())
		}
		if _, _, ok := law.Value("cash_limit", household.Urban, 1); ok != (c.region == "310101") {
			t.Errorf("%q: cash_limit known %t", c.region, ok)
		}
	}
}

func TestOverlayErrors(t *testing.T) {
	const neighbour = "rules:\n  - code: financial_assets_over_limit\n    per: household\n    fact: household.financial_assets\n    limit: {parameter: cash_limit}\n    effect: needs_review\n    law: x\n"
	const when = "rules:\n  - code: several_homes\n    per: household\n    count: homes\n    more_than: {parameter: homes_allowed}\n    when: 'household.income > parameter.cash_limit'\n    effect: needs_review\n    law: x\n"
	for _, c := range []struct {
		name string
		edit edit
		want string
	}{
		{"misspelt parameter", edit{"overlays/320000/parameters.yaml", "", "standart:\n  values:\n    - {from: 2020-01-01, urban: 1.00, rural: 1.00, law: x, verified: true}\n"}, `no parameter "standart"`},
		{"no doc", edit{"overlays/310000/parameters.yaml", "  doc: x\n", ""}, `missing key "doc"`},
		{"parameter of a neighbour", edit{"overlays/320000/rules.yaml", "", neighbour}, `unknown parameter "cash_limit"`},
		{"parameter of a neighbour in a condition", edit{"overlays/320000/rules.yaml", "", when}, `unknown parameter "cash_limit"`},
		{"parameter of a city in its province", edit{"rules.yaml", "{parameter: homes_allowed}", "{parameter: cash_limit}"}, `unknown parameter "cash_limit"`},
		{"attribute that nothing reads", edit{"overlays/310000/assets.yaml", "    exempt: [{any_of: [converted], law: x}]\n", ""}, "attribute converted is never used"},
		{"words that hold elsewhere", edit{"overlays/310000/messages.yaml", "", "findings:\n  several_homes:\n    title: {zh: 一, en: a}\n    text: {zh: 一, en: a}\n    clear: {zh: 一, en: a}\n"}, `words for "several_homes" already`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rules.LoadFS(changed(t, append(local(), c.edit)...))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// A rule of which nobody knows the law has no limit, and the sheets show none.
func TestLimitOfAnUnresolvedRule(t *testing.T) {
	p, err := rules.LoadFS(changedPack(t, "reference", edit{
		"rules.yaml", "    shown_as: income_limit\n", "    shown_as: income_limit\n    unresolved: 未定\n",
	}, edit{"messages.yaml", "findings:\n", "findings:\n  law_unresolved:\n    title: {zh: 未定, en: open}\n    text: {zh: 未定, en: open}\n    clear: {zh: 未定, en: open}\n"}))
	if err != nil {
		t.Fatal(err)
	}
	law, err := p.On(20261101, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := law.Of(law.IncomeLimit, household.Urban, 3); got != 0 {
		t.Errorf("limit %d, want 0", got)
	}
}
