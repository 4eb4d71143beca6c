package report_test

import (
	"fmt"

	"github.com/hedui/hedui/engine/household"
)

// scene is a verdict with what was declared.
type scene struct {
	v *household.Verdict
	r *household.Request
}

func month(year, m int) household.Period {
	out, _ := household.NewMonth(year, m)
	return household.MonthPeriod(out)
}

// scenes are what a report has to be able to say.
func scenes() map[string]scene {
	return map[string]scene{
		"no_discrepancy": {verdict(), request()}, "review": review(), "suspected": crowd(), "unverifiable": gaps(), "refused": refused(),
		"disputed": disputed(), "links": linked(), "unverified_law": citing(), "no_request": noRequest(),
	}
}

func review() scene {
	v := verdict()
	v.Outcome = household.NeedsReview
	v.Findings = []household.Finding{
		{Code: "undeclared_income", Effect: household.NeedsReview, Grade: household.GradeA, Member: 1, Type: 1, HasAmount: true, Amount: 570000, Limit: 120000, Law: "社会救助暂行办法 第六十八条", Evidence: []household.Evidence{
			{Source: household.Tax, Provider: "tax", Snapshot: snapshotID, File: 1, Row: 17, Record: "T***17", Member: 1, Link: "A1", Period: month(2026, 3), HasAmount: true, Amount: 250000},
			{Source: household.Tax, Provider: "tax", Snapshot: snapshotID, File: 1, Row: 18, Record: "T***18", Member: 1, Link: "A1", Period: month(2026, 4), HasAmount: true, Amount: 320000},
		}},
		{Code: "vehicle_owned", Effect: household.NeedsReview, Grade: household.GradeB, Member: 1, Evidence: []household.Evidence{
			{Source: household.Vehicle, Provider: "vehicle", Snapshot: snapshotID, File: 2, Row: 4, Record: "L***34", Member: 1, Link: "A1"},
		}},
	}
	v.Income.Lines = append(v.Income.Lines, household.IncomeLine{Member: 2, Type: 4, Found: 60000, Counted: 60000})
	v.Income.Total += 60000
	v.Assets.Vehicles = 1
	state(v, household.Vehicle, household.Stale)
	return scene{v, request()}
}

// crowd is a household of twelve with long names and sixty records.
func crowd() scene {
	v, r := verdict(), request()
	r.Members = nil
	names := []household.Name{"阿卜杜热合曼·阿卜杜热依木", "𠮷野家", "䶮", "阿依古丽·买买提", "欧阳娜娜", "Günther Weiß-Ångström", "㛃", "𠅤明", "王五", "赵六", "钱七", "孙八"}
	for i, n := range names {
		r.Members = append(r.Members, household.Member{Name: n, IDNumber: household.IDNumber(fmt.Sprintf("34010419%02d0101%03dX", 60+i, i)), IDType: household.ResidentID, Relation: uint8(min(i+1, 6))})
	}
	v.Outcome = household.SuspectedIneligible
	v.Income.Members, v.Income.Lines, v.Income.Total = 12, nil, 0
	v.Income.Limit = 70000 * 12 * 12
	over := household.Finding{Code: "income_over_limit", Effect: household.SuspectedIneligible, Grade: household.GradeA, HasAmount: true, Limit: v.Income.Limit, Law: "社会救助暂行办法 第九条"}
	for i := range 60 {
		member := i%12 + 1
		amount := household.Fen(250000 + 1234*i)
		e := household.Evidence{Source: household.Tax, Provider: "安徽省税务局第三税务分局", Snapshot: snapshotID, File: 1, Row: int64(1000 + i), Record: fmt.Sprintf("T***%02d", i), Member: member, Link: "A1", Period: month(2026, i/12+3), HasAmount: true, Amount: amount}
		over.Evidence = append(over.Evidence, e)
		if i < 12 {
			v.Income.Lines = append(v.Income.Lines, household.IncomeLine{Member: member, Type: 1})
		}
		l := &v.Income.Lines[member-1]
		l.Found += amount
		l.Counted += amount
		v.Income.Total += amount
	}
	over.Amount = v.Income.Total
	v.Findings = []household.Finding{
		over,
		{Code: "financial_assets_over_limit", Effect: household.SuspectedIneligible, Grade: household.GradeA, HasAmount: true, Amount: 50000000, Limit: 33600000, Evidence: []household.Evidence{
			{Source: household.Bank, Provider: "icbc", Snapshot: snapshotID, File: 3, Row: 77, Record: "***7894", Member: 1, Link: "A1", HasAmount: true, Amount: 50000000},
		}},
		{Code: "several_homes", Effect: household.SuspectedIneligible, Grade: household.GradeA, Evidence: []household.Evidence{
			{Source: household.Property, Provider: "property", Snapshot: snapshotID, File: 1, Row: 5, Record: "3***16", Member: 1, Link: "A1"},
			{Source: household.Property, Provider: "property", Snapshot: snapshotID, File: 1, Row: 6, Record: "3***17", Member: 2, Link: "A2"},
		}},
		{Code: "undeclared_income", Effect: household.NeedsReview, Grade: household.GradeA, Member: 4, Type: 1, HasAmount: true, Amount: 1500000, Limit: 120000, Evidence: over.Evidence[3:4]},
		{Code: "undeclared_property", Effect: household.NeedsReview, Grade: household.GradeA, Member: 2, Evidence: []household.Evidence{
			{Source: household.Property, Provider: "property", Snapshot: snapshotID, File: 1, Row: 6, Record: "3***17", Member: 2, Link: "A2"},
		}},
	}
	v.Assets = household.AssetSheet{Financial: 50000000, FinancialLimit: 33600000, Residential: 2}
	return scene{v, r}
}

func gaps() scene {
	v := verdict()
	v.Outcome = household.Unverifiable
	v.Income.Lines, v.Income.Total = nil, 0
	state(v, household.Tax, household.Partial)
	state(v, household.Vehicle, household.Missing)
	state(v, household.Property, household.NotAuthorized)
	state(v, household.Bank, household.Stale)
	state(v, household.Insurance, household.Incomplete)
	v.Coverage[household.Vehicle].Providers, v.Coverage[household.Property].Providers = nil, nil
	return scene{v, request()}
}

func refused() scene {
	v := &household.Verdict{
		HouseholdID: "340104-000124", Scheme: "dibao", On: 20261101, Outcome: household.Refused,
		Findings: []household.Finding{{Code: "authorization_expired", Effect: household.Refused}},
	}
	return scene{v, request()}
}

func noRequest() scene {
	v := &household.Verdict{Line: 7, On: 20261101, Outcome: household.Refused, Findings: []household.Finding{{Code: "invalid_request", Effect: household.Refused}}}
	return scene{v, nil}
}

func disputed() scene {
	s := review()
	s.v.Withheld = []household.Withheld{
		{Evidence: household.Evidence{Source: household.Insurance, Provider: "insurance", Snapshot: snapshotID, File: 1, Row: 9, Record: "S***09", Member: 2, Link: "A1", Period: month(2026, 1), HasAmount: true, Amount: 88000}, Because: "disputed"},
		{Evidence: household.Evidence{Source: household.Bank, Provider: "icbc", Snapshot: snapshotID, File: 1, Row: 10, Record: "***7894", Member: 1, Link: "A1", HasAmount: true, Amount: 1234500}, Because: "upheld"},
	}
	return s
}

func linked() scene {
	v := verdict()
	v.Outcome = household.NeedsReview
	v.Findings = []household.Finding{{Code: "links_to_confirm", Effect: household.NeedsReview, Grade: household.GradeC, Member: 2, Evidence: []household.Evidence{
		{Source: household.Bank, Provider: "bank", Snapshot: snapshotID, File: 1, Row: 3, Record: "***3421", Member: 2, Link: "C1", HasAmount: true, Amount: 4000000},
	}}}
	v.Links = &household.LinkSheet{
		Strong: 14, Review: 1, Conflicts: 1, Hidden: 2, TurnedDown: 3, TooCommon: 1, Income: 1440000, Financial: 4900000,
		Distinct: household.AssetSheet{Financial: 1900000, Residential: 2},
		Notes: []household.LinkNote{
			{Member: 2, Tier: "C1", Use: "review", Total: 14800, Parts: []household.LinkPart{{Field: "name", Level: "exact", Bits: 9200}, {Field: "birth_date", Level: "exact", Bits: 5600}}, Reasons: []string{"no_document"}},
			{Member: 2, Tier: "", Use: "nothing", Total: -3200, Reasons: []string{"sex_differs"}},
			{Member: 2, Tier: "", Use: "nothing", Total: -1200, Reasons: []string{"sex_differs"}},
		},
	}
	return scene{v, request()}
}

func citing() scene {
	s := review()
	v := s.v
	v.Outcome = household.SuspectedIneligible
	v.Findings = append([]household.Finding{
		{Code: "income_over_limit", Effect: household.SuspectedIneligible, Grade: household.GradeA, HasAmount: true, Amount: 1690000, Limit: 1680000, Unverified: true, Law: "社会救助暂行办法 第九条", Evidence: v.Findings[0].Evidence},
		{Code: "law_unresolved", Effect: household.Unverifiable, Item: "home_area_over_limit", Law: "安徽省最低生活保障办法（面积标准尚未查明）"},
	}, v.Findings...)
	v.Income.Lines[0] = household.IncomeLine{Member: 1, Type: 1, Declared: 1440000, Found: 2010000, Counted: 2010000}
	v.Income.Total = 1690000
	v.Income.Deductions = []household.AmountOf{{Code: "earned_income_deduction", Member: 1, Amount: 380000, Law: "最低生活保障审核确认办法 第十四条"}}
	v.Income.Excluded = []household.AmountOf{{Code: "basic_pension", Member: 2, Amount: 220000, Law: "最低生活保障审核确认办法 第十五条"}}
	v.Income.Derived = []household.AmountOf{{Code: "support", Obligor: 1, Amount: 300000, Law: "赡养费按公式推算（示例）"}}
	v.Pack.Region = "340100"
	v.Pack.Values = []household.CitedValue{
		{Name: "standard", Unit: "fen", PerYear: true, Value: 957720, From: 20250101, File: "parameters.yaml", Line: 21, Law: "2024 年末全国平均标准（待复核）"},
		{Name: "homes_allowed", Unit: "count", Value: 1, From: 10101, File: "parameters.yaml", Line: 52, Law: "各地规定；一套为通行做法", Verified: true},
		{Name: "home_area", Unit: "area", From: 20250101, File: "parameters.yaml", Line: 61, Region: "340100", Law: "合肥市规定", Unresolved: "尚未公布"},
	}
	return s
}
