package oracle

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type edits = []func(map[string]any)

const (
	oldFlow = "2026-05-04" // 181 days before 2026-11-01
	covers  = "2025-01..2026-10"
)

// insured is n months of contributions as an employee, from 2026-01 on.
func insured(who string, n int) []string {
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("I%d,%s,employee_pension,contributing,2026-%02d,employee,", i, who, i+1))
	}
	return rows
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name    string
		in      files
		edits   edits
		want    []string
		outcome string
	}{
		{"nothing", files{}, nil, nil, noDiscrepancy},

		{
			"declaration alone at the limit",
			files{},
			edits{memberField(1, "declared_income", declare("wage", 140000))},
			[]string{"income_over_limit suspected_ineligible A 0"},
			suspected,
		},
		{"declaration below the limit", files{}, edits{memberField(1, "declared_income", declare("wage", 139999))}, nil, noDiscrepancy},
		{
			"declared twice in one type",
			files{},
			edits{memberField(1, "declared_income", append(declare("wage", 70000), declare("wage", 70000)...))},
			[]string{"income_over_limit suspected_ineligible A 0"},
			suspected,
		},
		{
			"rural limit",
			files{},
			edits{put("residence", "rural"), memberField(1, "declared_income", declare("wage", 120000))},
			[]string{"income_over_limit suspected_ineligible A 0"},
			suspected,
		},
		{
			"with B one fen below the limit",
			files{"tax": {"1,{A},2026-01,wage,12500,,"}, "tax/old/" + oldFlow + "/" + covers: {"2,{A},2026-02,wage,699.99,,"}},
			edits{memberField(1, "declared_income", declare("wage", 100000)), memberField(2, "declared_income", declare("transfer", 30000))},
			nil, unverifiable,
		},
		{
			"with B at the limit",
			files{"tax": {"1,{A},2026-01,wage,12500,,"}, "tax/old/" + oldFlow + "/" + covers: {"2,{A},2026-02,wage,700,,"}},
			edits{memberField(1, "declared_income", declare("wage", 100000)), memberField(2, "declared_income", declare("transfer", 30000))},
			[]string{"income_may_exceed_limit needs_review B 0"},
			needsReview,
		},
		{"undeclared at the limit", files{"tax": {"1,{A},2026-01,wage,1200,,"}}, nil, nil, noDiscrepancy},
		{
			"undeclared above the limit",
			files{"tax": {"1,{A},2026-01,wage,1200.01,,", "2,{B},2026-01,royalty,1200.01,,"}},
			nil,
			[]string{"undeclared_income needs_review A 1 wage", "undeclared_income needs_review A 2 property"},
			needsReview,
		},
		{
			"undeclared with B only",
			files{"insurance/old/" + oldFlow + "/" + covers: {"1,{A},unemployment,receiving,2026-01,,1300"}},
			nil,
			[]string{"undeclared_income needs_review B 1 transfer"},
			needsReview,
		},
		{
			"benefits that count and those that do not",
			files{"insurance": {
				"1,{A},employee_pension,receiving,2026-01,,500", "2,{A},injury,receiving,2026-01,,700.01",
				"3,{B},resident_pension,receiving,2026-01,,9000", "4,{B},employee_medical,receiving,2026-01,,9000",
				"5,{B},unemployment,contributing,2026-01,,9000", "6,{B},unemployment,receiving,2025-10,,9000",
			}},
			nil,
			[]string{"undeclared_income needs_review A 1 transfer"},
			needsReview,
		},

		{
			"bare years",
			files{"tax": {"1,{A},2025,wage,1,,", "2,{B},2026,interest,1,,1"}},
			nil,
			[]string{"period_not_established needs_review A 1"},
			needsReview,
		},
		{
			"one-off, month and bare year",
			files{"tax": {"1,{A},2026-01,incidental,1,,", "2,{B},2026,property_sale,1,,", "3,{A},2025-10,incidental,1,,"}},
			nil,
			[]string{"one_off_receipt needs_review A 1", "one_off_receipt needs_review A 2"},
			needsReview,
		},

		{
			"identity conflicts",
			files{"vehicle": {"V,{b},X,P,car,scrapped,"}, "tax": {"1,{a},X,2020-01,wage,1,,", "2,{a},,2026-01,wage,9999,,"}},
			nil,
			[]string{"identity_conflict needs_review B 2"},
			needsReview,
		},

		{"financial at the limit", files{"bank": {"B,1,{A},demand,33600,2026-10-31,,"}}, edits{assets("financial_fen", 3360000)}, nil, noDiscrepancy},
		{
			"financial above the limit",
			files{"bank": {"B,1,{A},demand,33600.01,2026-10-31,,"}},
			edits{assets("financial_fen", 3360000)},
			[]string{"financial_assets_over_limit suspected_ineligible A 0"},
			suspected,
		},
		{
			"financial above with B",
			files{"bank": {"B,1,{A},demand,33600,2026-10-31,,"}, "bank/old/" + oldFlow: {"B,2,{A},demand,0.01,2026-01-31,,"}},
			edits{assets("financial_fen", 3360000)},
			[]string{"financial_assets_may_exceed_limit needs_review B 0"},
			needsReview,
		},
		{"undeclared assets at the limit", files{"bank": {"B,1,{A},demand,2000,2026-10-31,,"}}, nil, nil, noDiscrepancy},
		{
			"undeclared assets above",
			files{"bank": {"B,1,{A},demand,2000.01,2026-10-31,,"}},
			nil,
			[]string{"undeclared_financial_assets needs_review A 0"},
			needsReview,
		},

		{
			"vehicles that count",
			files{"vehicle": {"1,{A},P1,car,normal,", "2,{B},P2,other,normal,2026-11-01"}},
			edits{assets("vehicles", []string{"p1", "P 2"})},
			[]string{"vehicle_owned suspected_ineligible A 1", "vehicle_owned suspected_ineligible A 2"},
			suspected,
		},
		{
			"vehicles that do not",
			files{"vehicle": {
				"1,{A},P1,car,scrapped,", "2,{A},P2,car,transferred,", "3,{A},P3,car,stolen,", "4,{A},P4,car,normal,2026-11-02",
				"5,{A},P5,tricycle,normal,", "6,{A},P5,disability,normal,", "7,{A},P5,farm,normal,", "8,{A},P5,motorcycle,normal,",
			}},
			edits{assets("vehicles", []string{"P5"})},
			nil, noDiscrepancy,
		},
		{
			"old vehicle",
			files{"vehicle/old/" + oldFlow: {"1,{A},P1,car,normal,"}},
			edits{assets("vehicles", []string{"P1"})},
			[]string{"vehicle_owned needs_review B 1"},
			needsReview,
		},
		{"undeclared motorcycle", files{"vehicle": {"1,{A},P1,motorcycle,normal,"}}, nil, []string{"undeclared_vehicle needs_review A 1"}, needsReview},

		{
			"one home of two members",
			files{"property": {"U1,,{A},residential,current,50,", "U1,,{B},residential,current,50,"}},
			edits{assets("properties", []string{"U1"})},
			nil, noDiscrepancy,
		},
		{
			"two homes",
			files{"property": {"U1,,{A},residential,current,50,", ",C1,{B},homestead,current,50,"}},
			edits{assets("properties", []string{"U1", "C1"})},
			[]string{"several_homes suspected_ineligible A 0"},
			suspected,
		},
		{
			"second home of grade B",
			files{"property": {"U1,,{A},residential,current,50,"}, "property/old/" + oldFlow: {"U2,,{B},homestead,current,50,"}},
			edits{assets("properties", []string{"U1", "U2"})},
			[]string{"several_homes needs_review B 0"},
			needsReview,
		},
		{
			"a unit takes its best grade",
			files{
				"property":                {"U1,,{A},residential,current,50,", "U2,,{A},residential,current,50,"},
				"property/old/" + oldFlow: {"U2,,{B},residential,current,50,"},
			},
			edits{assets("properties", []string{"U1", "U2"})},
			[]string{"several_homes suspected_ineligible A 0"},
			suspected,
		},
		{"no homes", files{"property": {
			"U1,,{A},parking,current,,", "U2,,{A},other,current,,", "U3,,{A},residential,demolished,,", "U4,,{A},residential,transferred,,",
			"U5,,{A},residential,current,,2026-11-02", "U6,,{A},residential,current,,2026-11-01",
		}}, edits{assets("properties", []string{"U1", "U2", "U6"})}, nil, noDiscrepancy},
		{
			"business units",
			files{"property": {"U1,,{A},commercial,current,,", "U2,,{B},office,current,,", "U3,,{B},industrial,current,,"}},
			edits{assets("properties", []string{"U1", "U2", "U3"})},
			[]string{"non_residential_property suspected_ineligible A 1", "non_residential_property suspected_ineligible A 2"},
			suspected,
		},
		{
			"undeclared parking",
			files{"property": {"U1,C1,{A},parking,current,,", "U2,C2,{A},parking,current,,"}},
			edits{assets("properties", []string{"c1"})},
			[]string{"undeclared_property needs_review A 1"},
			needsReview,
		},

		{"employed for two months", files{"insurance": insured("{A}", 2)}, nil, nil, noDiscrepancy},
		{"employed for three months", files{"insurance": insured("{A}", 3)}, nil, []string{"unexplained_employment needs_review A 1"}, needsReview},
		{"a month explained", files{"insurance": insured("{A}", 3), "tax": {"1,{A},2026-02,wage,0,,"}}, nil, nil, noDiscrepancy},
		{
			"labour explains nothing",
			files{"insurance": insured("{A}", 3), "tax": {"1,{A},2026-02,labour,1,,"}},
			nil,
			[]string{"unexplained_employment needs_review A 1"},
			needsReview,
		},
		{
			"another name explains nothing",
			files{"insurance": insured("{A}", 3), "tax": {"1,{a},X,2026-02,wage,1,,"}},
			nil,
			[]string{"identity_conflict needs_review B 1", "unexplained_employment needs_review A 1"},
			needsReview,
		},
		{"tax missing", files{"insurance": insured("{A}", 3), "tax": {noSnapshot}}, nil, nil, unverifiable},
		{"tax partial", files{"insurance": insured("{A}", 3), "tax//2026-10-31/2025-01..2026-09": nil}, nil, nil, unverifiable},
		{
			"tax stale",
			files{"insurance": insured("{A}", 3), "tax//" + oldFlow + "/" + covers: nil},
			nil,
			[]string{"unexplained_employment needs_review A 1"},
			needsReview,
		},
		{"tax not authorised", files{"insurance": insured("{A}", 3)}, edits{authority("data_classes", []string{"insurance"})}, nil, unverifiable},

		{"the order", files{
			"tax":       {"1,{B},2026-01,wage,99999,,", "2,{A},2026-01,wage,99999,,", "3,{B},2026,wage,1,,", "4,{A},2026-01,incidental,1,,", "5,{b},X,2026-01,wage,1,,"},
			"bank":      {"B,1,{A},demand,99999,2026-10-31,,"},
			"vehicle":   {"1,{B},P,car,normal,", "2,{A},Q,car,normal,"},
			"property":  {"U,,{A},residential,current,,", "V,,{A},residential,current,,", "W,,{A},office,current,,"},
			"insurance": insured("{A}", 4),
		}, nil, []string{
			"identity_conflict needs_review B 2", "period_not_established needs_review A 2", "one_off_receipt needs_review A 1",
			"income_over_limit suspected_ineligible A 0", "undeclared_income needs_review A 1 wage", "undeclared_income needs_review A 2 wage",
			"financial_assets_over_limit suspected_ineligible A 0", "undeclared_financial_assets needs_review A 0",
			"vehicle_owned suspected_ineligible A 1", "vehicle_owned suspected_ineligible A 2",
			"undeclared_vehicle needs_review A 1", "undeclared_vehicle needs_review A 2",
			"several_homes suspected_ineligible A 0", "non_residential_property suspected_ineligible A 1",
			"undeclared_property needs_review A 1", "unexplained_employment needs_review A 1",
		}, suspected},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, c.in, c.edits...)
			if diff := cmp.Diff(c.want, short(a), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if a.Outcome != c.outcome {
				t.Errorf("outcome %s, want %s", a.Outcome, c.outcome)
			}
		})
	}
}

// A suspected finding stands on grade A records only, and lists only those.
func TestSuspectedEvidenceIsGradeA(t *testing.T) {
	a := ask(t, files{
		"property":                {"U1,,{A},residential,current,,", "U2,,{B},residential,current,,", "U3,,{A},office,current,,"},
		"property/old/" + oldFlow: {"U2,,{A},residential,current,,", "U4,,{A},office,current,,"},
		"vehicle":                 {"1,{A},P,car,normal,"},
		"vehicle/old/" + oldFlow:  {"2,{A},Q,car,normal,"},
	})
	got := map[string][]string{}
	for _, f := range a.Findings {
		if f.Effect == suspected {
			got[f.Code] = f.Evidence
		}
	}
	want := map[string][]string{
		"vehicle_owned":            {"vehicle/vehicle/1/1"},
		"several_homes":            {"property/property/1/1", "property/property/1/2"},
		"non_residential_property": {"property/property/1/3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFinancialSum(t *testing.T) {
	for _, c := range []struct {
		name string
		in   files
		want int64
	}{
		{"newest balance", files{"bank": {"B,1,{A},demand,9,2026-09-30,,", "B,1,{A},demand,5,2026-10-31,,"}}, 500},
		{"not after the day", files{"bank": {"B,1,{A},demand,9,2026-11-02,,", "B,1,{A},demand,5,2026-11-01,,"}}, 500},
		{"purpose after newest", files{"bank": {"B,1,{A},demand,9,2026-09-30,,", "B,1,{A},demand,5,2026-10-31,,relief"}}, 0},
		{"older purpose does not matter", files{"bank": {"B,1,{A},demand,9,2026-09-30,,relief", "B,1,{A},demand,5,2026-10-31,,"}}, 500},
		{"each part rounded down", files{"bank": {"B,1,{A},demand,0.01,2026-10-31,50,", "B,1,{B},demand,0.01,2026-10-31,50,", "B,2,{B},demand,1,2026-10-31,1/3,"}}, 33},
		{"shares of 150 %", files{"bank": {"B,1,{A},demand,10,2026-10-31,,", "B,1,{B},demand,8,2026-10-31,50,"}}, 1000},
		{"shares of 150 %, below the larger balance", files{"bank": {"B,1,{A},demand,2,2026-10-31,,", "B,1,{B},demand,8,2026-10-31,50,"}}, 600},
		{"another institution is another account", files{"bank": {"B,1,{A},demand,10,2026-10-31,,", "C,1,{B},demand,8,2026-10-31,,"}}, 1800},
		{"two providers, one account", files{"bank/x": {"B,1,{A},demand,9,2026-09-30,,"}, "bank/y": {"B,1,{A},demand,5,2026-10-31,,"}}, 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ask(t, c.in).Assets.FinancialFen; got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

// On 2026-01-15 the window is exactly the year 2025.
func TestWindowIsAYear(t *testing.T) {
	request := couple()
	reg := load(t, files{"tax": {"1,{A},2025,wage,700,,", "2,{A},2025,incidental,1,,", "3,{A},2026,wage,1,,"}})
	a := Verify(reg, line(t, request), november.AddDate(0, -10, 14))
	if diff := cmp.Diff([]string{"one_off_receipt needs_review A 1"}, short(a)); diff != "" {
		t.Error(diff)
	}
	if a.Income.From != "2025-01" || a.Income.To != "2025-12" || a.Income.TotalFen != 70000 {
		t.Errorf("income %+v", a.Income)
	}
}
