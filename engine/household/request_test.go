package household_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
)

const goodRequest = `{"household_id":"340104-000123","region":"340104","scheme":"dibao","residence":"urban",
 "authorization":{"number":"SQ1","valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["x"],"purpose":"dibao","data_classes":["tax","bank"]},
 "members":[{"name":"王秀英","id_number":"11010519491231002X","relation":"head","declared_income":[{"type":"wage","monthly_fen":120000},{"type":"wage","monthly_fen":1}]}],
 "declared_assets":{"financial_fen":800000,"vehicles":["皖A12345"],"properties":["u"]},"expenses":[{"new":"key"}]}`

func TestParseRequest(t *testing.T) {
	r, err := household.ParseRequest([]byte(goodRequest))
	if err != nil || len(r.Invalid) != 0 {
		t.Fatalf("a good request: %v %v", err, r.Invalid)
	}
	a := r.Authorization
	if r.Residence != household.Urban || a.ValidTo != 20261231 || !a.Allows(household.Bank) || a.Allows(household.Vehicle) ||
		r.Members[0].Income[1] != 120001 || r.Members[0].IDType != household.ResidentID || r.Assets.Financial != 800000 {
		t.Errorf("read wrongly: %+v", r)
	}
}

func TestParseRequestFaults(t *testing.T) {
	tests := map[string]struct {
		old, with string
		invalid   string // field, or the error's text
		err       error
	}{
		"not JSON":             {`{"household_id"`, `{household_id`, "", household.ErrNotJSON},
		"fraction of a fen":    {`120000`, `120000.5`, "", household.ErrNotJSON},
		"amount as text":       {`120000`, `"120000"`, "", household.ErrNotJSON},
		"no id":                {`"340104-000123"`, `""`, "", household.ErrNoHouseholdID},
		"negative income":      {`120000`, `-1`, "members.declared_income.monthly_fen", nil},
		"huge income":          {`120000`, `1000000000000001`, "members.declared_income.monthly_fen", nil},
		"negative assets":      {`800000`, `-1`, "declared_assets.financial_fen", nil},
		"unknown type":         {`"wage","monthly_fen":120000`, `"gift","monthly_fen":1`, "members.declared_income.type", nil},
		"Chinese is no code":   {`"wage","monthly_fen":120000`, `"工资性收入","monthly_fen":1`, "members.declared_income.type", nil},
		"unknown relation":     {`"head"`, `"boss"`, "members.relation", nil},
		"unknown residence":    {`"urban"`, `"moon"`, "residence", nil},
		"unknown class":        {`"tax","bank"`, `"tax","phone"`, "authorization.data_classes", nil},
		"date that is no date": {`2026-12-31`, `2026-02-30`, "authorization.valid_to", nil},
		"date in another form": {`2026-12-31`, `20261231`, "authorization.valid_to", nil},
		"no scheme":            {`"scheme":"dibao",`, ``, "scheme", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			line := strings.Replace(goodRequest, tt.old, tt.with, 1)
			if line == goodRequest {
				t.Fatal("the case changes nothing")
			}
			r, err := household.ParseRequest([]byte(line))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if tt.invalid != "" {
				if diff := cmp.Diff([]string{tt.invalid}, r.Invalid); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestVerdictJSON(t *testing.T) {
	v := household.Verdict{
		HouseholdID: "a\"b\\\x01\u2028中\xff", Scheme: "dibao", On: 20261101, Outcome: household.NeedsReview, Generation: "g",
		Findings: []household.Finding{{
			Code: "undeclared_income", Effect: household.NeedsReview, Grade: household.GradeB, Member: 2, Type: 1, HasAmount: true, Amount: 5, Limit: 4,
			Evidence: []household.Evidence{{Source: household.Tax, Provider: "tax", Snapshot: "s", File: 1, Row: 17, Record: "T***17", Member: 2, Link: "A1", Period: household.YearPeriod(2025), HasAmount: true, Amount: 9}},
		}},
		Income: household.IncomeSheet{Lines: []household.IncomeLine{{Member: 2, Type: 4}}},
		Pack:   household.PackRef{Name: "reference", Version: "1", Digest: "d"},
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		v.Coverage[s].State = household.Found
	}
	v.Coverage[household.Bank].Providers = []household.ProviderCoverage{{Provider: "b", AsOf: 20261031, Snapshot: "s", State: household.Stale}}
	b := v.AppendJSON(nil)
	var back map[string]any
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, b)
	}
	if bytes.ContainsAny(b, "\n\r") {
		t.Error("a line break inside a line")
	}
	refusal := household.Verdict{Line: 3, On: 20261101, Outcome: household.Refused, Findings: []household.Finding{{Code: "invalid_request", Effect: household.Refused}}}
	const want = `{"line":3,"on":"2026-11-01","outcome":"refused","findings":[{"code":"invalid_request","effect":"refused"}]}`
	if got := string(refusal.AppendJSON(nil)); got != want {
		t.Errorf("refusal\n got %s\nwant %s", got, want)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(goodRequest))
	f.Add([]byte(fullRequest))
	f.Add([]byte(`{"household_id":"x","members":[{"declared_income":null}]}`))
	f.Add([]byte(`{"household_id":"x","obligors":[{"supports":[1],"agreement":{}}],"expenses":[{"member":-1}],"receiving":["Ä"]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := household.ParseRequest(line)
		if err != nil {
			return
		}
		if r.HouseholdID == "" {
			t.Fatal("accepted without an id")
		}
		// A place is made of the names of keys, never of what stands under them.
		for _, field := range r.Invalid {
			if strings.Trim(field, "abcdefghijklmnopqrstuvwxyz_.") != "" {
				t.Fatalf("%q is no place", field)
			}
		}
		// What is kept is in its range, also of a request that is refused.
		amounts, members, grades := []household.Fen{r.Assets.Financial}, []int{0}, []int{0}
		of := func(list []household.Attribute) {
			for i := range list {
				amounts, grades = append(amounts, list[i].Amount), append(grades, list[i].Grade)
			}
		}
		of(r.Assets.Attributes)
		for i := range r.Members {
			of(r.Members[i].Attributes)
		}
		for i := range r.Obligors {
			o := &r.Obligors[i]
			of(o.Attributes)
			amounts, members = append(amounts, o.MonthlyIncome), append(members, o.Supports...)
			if o.Agreement != nil {
				amounts = append(amounts, o.Agreement.Monthly)
			}
			if slices.Contains(o.Supports, 0) || min(o.HouseholdMembers, o.ChildrenOfSupported, o.SupportedParents) < 0 ||
				max(o.HouseholdMembers, o.ChildrenOfSupported, o.SupportedParents) > household.MaxPeople {
				t.Fatalf("obligor of %v: %d %d %d", o.Supports, o.HouseholdMembers, o.ChildrenOfSupported, o.SupportedParents)
			}
		}
		for i := range r.Expenses {
			amounts, members = append(amounts, r.Expenses[i].Amount), append(members, r.Expenses[i].Member)
		}
		if slices.Min(amounts) < 0 || slices.Max(amounts) > household.MaxFen || slices.Min(members) < 0 || slices.Max(members) > len(r.Members) ||
			slices.Min(grades) < 0 || slices.Max(grades) > household.MaxAttributeGrade {
			t.Fatalf("out of range: %v %v %v", amounts, members, grades)
		}
	})
}
