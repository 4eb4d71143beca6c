package recheck_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/recheck"
)

func verdict() *household.Verdict {
	evidence := func(row int64, amount household.Fen) household.Evidence {
		return household.Evidence{Source: household.Bank, Provider: "甲", Snapshot: "s", File: 1, Row: row, Record: "***1234", Member: 1, Link: "A1", HasAmount: true, Amount: amount}
	}
	v := &household.Verdict{
		HouseholdID: "H1", Scheme: "dibao", On: 20261101, Outcome: household.NeedsReview, Generation: "g",
		Findings: []household.Finding{{
			Code: "assets_over_limit", Effect: household.NeedsReview, Grade: household.GradeB, HasAmount: true, Amount: 500, Limit: 400, Law: "第一条",
			Evidence: []household.Evidence{evidence(7, 300), evidence(9, 200)},
		}},
		Income: household.IncomeSheet{Window: household.Months{From: 24000, To: 24011}, Members: 1, Total: 12, Limit: 24, Lines: []household.IncomeLine{{Member: 1, Type: 1, Declared: 1, Found: 2, Counted: 2}}},
		Assets: household.AssetSheet{Financial: 500, FinancialLimit: 400, Vehicles: 1},
		Pack:   household.PackRef{Name: "reference", Version: "1", Digest: "d", Values: []household.CitedValue{{Name: "standard", Unit: "fen", Value: 60000, File: "a.yaml", Line: 3, Law: "第二条"}}},
		Links:  &household.LinkSheet{Strong: 1, Notes: []household.LinkNote{{Member: 1, Tier: "A2", Use: "strong", Total: 9}}},
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		v.Coverage[s] = household.SourceCoverage{State: household.None, Providers: []household.ProviderCoverage{{Provider: "x", AsOf: 20261031, Snapshot: "s", State: household.None}}}
	}
	return v
}

// The substance is what the verdict says, and nothing of where it was found.
func TestSubstance(t *testing.T) {
	same := map[string]func(v *household.Verdict){
		"generation":        func(v *household.Verdict) { v.Generation = "other" },
		"date":              func(v *household.Verdict) { v.On++ },
		"window":            func(v *household.Verdict) { v.Income.Window.From++ },
		"household":         func(v *household.Verdict) { v.HouseholdID = "H2" },
		"version":           func(v *household.Verdict) { v.Pack.Version = "2" },
		"digest":            func(v *household.Verdict) { v.Pack.Digest = "e" },
		"place of a value":  func(v *household.Verdict) { v.Pack.Values[0].File, v.Pack.Values[0].Line = "b.yaml", 4 },
		"snapshot":          func(v *household.Verdict) { v.Findings[0].Evidence[0].Snapshot = "t" },
		"file":              func(v *household.Verdict) { v.Findings[0].Evidence[0].File = 2 },
		"row":               func(v *household.Verdict) { v.Findings[0].Evidence[0].Row = 2 },
		"order of evidence": func(v *household.Verdict) { slices.Reverse(v.Findings[0].Evidence) },
		"as-of date":        func(v *household.Verdict) { v.Coverage[household.Bank].Providers[0].AsOf++ },
		"covering snapshot": func(v *household.Verdict) { v.Coverage[household.Bank].Providers[0].Snapshot = "t" },
	}
	other := map[string]func(v *household.Verdict){
		"outcome":             func(v *household.Verdict) { v.Outcome = household.SuspectedIneligible },
		"scheme":              func(v *household.Verdict) { v.Scheme = "housing" },
		"no finding":          func(v *household.Verdict) { v.Findings = nil },
		"code":                func(v *household.Verdict) { v.Findings[0].Code = "x" },
		"effect":              func(v *household.Verdict) { v.Findings[0].Effect = household.SuspectedIneligible },
		"grade":               func(v *household.Verdict) { v.Findings[0].Grade = household.GradeA },
		"member":              func(v *household.Verdict) { v.Findings[0].Member = 1 },
		"type":                func(v *household.Verdict) { v.Findings[0].Type = 1 },
		"amount":              func(v *household.Verdict) { v.Findings[0].Amount++ },
		"limit":               func(v *household.Verdict) { v.Findings[0].Limit++ },
		"item":                func(v *household.Verdict) { v.Findings[0].Item = "x" },
		"unverified":          func(v *household.Verdict) { v.Findings[0].Unverified = true },
		"law":                 func(v *household.Verdict) { v.Findings[0].Law = "第三条" },
		"evidence less":       func(v *household.Verdict) { v.Findings[0].Evidence = v.Findings[0].Evidence[:1] },
		"evidence twice":      func(v *household.Verdict) { v.Findings[0].Evidence[1] = v.Findings[0].Evidence[0] },
		"amount of evidence":  func(v *household.Verdict) { v.Findings[0].Evidence[0].Amount++ },
		"record":              func(v *household.Verdict) { v.Findings[0].Evidence[0].Record = "***1235" },
		"provider":            func(v *household.Verdict) { v.Findings[0].Evidence[0].Provider = "乙" },
		"source":              func(v *household.Verdict) { v.Findings[0].Evidence[0].Source = household.Tax },
		"link":                func(v *household.Verdict) { v.Findings[0].Evidence[0].Link = "A2" },
		"whose evidence":      func(v *household.Verdict) { v.Findings[0].Evidence[0].Member = 2 },
		"period":              func(v *household.Verdict) { v.Findings[0].Evidence[0].Period = household.MonthPeriod(24010) },
		"income":              func(v *household.Verdict) { v.Income.Total++ },
		"income limit":        func(v *household.Verdict) { v.Income.Limit++ },
		"members":             func(v *household.Verdict) { v.Income.Members++ },
		"income line":         func(v *household.Verdict) { v.Income.Lines[0].Found++ },
		"excluded":            func(v *household.Verdict) { v.Income.Excluded = []household.AmountOf{{Code: "x", Amount: 1}} },
		"assets":              func(v *household.Verdict) { v.Assets.Vehicles++ },
		"state":               func(v *household.Verdict) { v.Coverage[household.Tax].State = household.Stale },
		"state of a provider": func(v *household.Verdict) { v.Coverage[household.Tax].Providers[0].State = household.Found },
		"name of a provider":  func(v *household.Verdict) { v.Coverage[household.Tax].Providers[0].Provider = "y" },
		"value":               func(v *household.Verdict) { v.Pack.Values[0].Value++ },
		"law of a value":      func(v *household.Verdict) { v.Pack.Values[0].Law = "第九条" },
		"region of the law":   func(v *household.Verdict) { v.Pack.Region = "3401" },
		"links":               func(v *household.Verdict) { v.Links.Review++ },
		"no links":            func(v *household.Verdict) { v.Links = nil },
		"note":                func(v *household.Verdict) { v.Links.Notes[0].Tier = "A4" },
	}
	var d recheck.Digester
	want := d.Substance(verdict())
	for name, edit := range same {
		v := verdict()
		edit(v)
		before := v.AppendJSON(nil)
		if d.Substance(v) != want {
			t.Errorf("%s changes the substance", name)
		}
		if diff := cmp.Diff(before, v.AppendJSON(nil)); diff != "" {
			t.Errorf("%s: the verdict was changed: %s", name, diff)
		}
	}
	seen := map[recheck.Substance]string{want: "nothing"}
	for name, edit := range other {
		v := verdict()
		edit(v)
		s := d.Substance(v)
		if was, ok := seen[s]; ok {
			t.Errorf("%s leaves the substance that %s has", name, was)
		}
		seen[s] = name
	}
}
