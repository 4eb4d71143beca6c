package oracle

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// asVerdict writes an answer in the form of an engine's verdict.
func asVerdict(t *testing.T, a Answer) map[string]any {
	t.Helper()
	var findings []any
	for _, f := range a.Findings {
		one := map[string]any{"code": f.Code, "effect": f.Effect}
		if f.Grade != "" {
			one["grade"] = f.Grade
		}
		if f.Member > 0 {
			one["member"] = f.Member
		}
		if f.Type != "" {
			one["type"] = f.Type
		}
		if f.AmountFen != nil {
			one["amount_fen"], one["limit_fen"] = *f.AmountFen, *f.LimitFen
		}
		var evidence []any
		for _, e := range f.Evidence {
			parts := strings.Split(e, "/")
			evidence = append(evidence, map[string]any{
				"source": parts[0], "provider": parts[1], "file": json.Number(parts[2]), "row": json.Number(parts[3]),
			})
		}
		one["evidence"] = evidence
		findings = append(findings, one)
	}
	v := map[string]any{"household_id": a.HouseholdID, "outcome": a.Outcome, "findings": findings}
	if a.Outcome == refused {
		return v
	}
	var lines []any
	for _, l := range a.Income.Lines {
		lines = append(lines, map[string]any{
			"member": l.Member, "type": l.Type, "declared_fen": l.DeclaredFen, "found_fen": l.FoundFen, "counted_fen": l.CountedFen,
		})
	}
	v["income"] = map[string]any{
		"from": a.Income.From, "to": a.Income.To, "members": a.Income.Members, "lines": lines,
		"total_fen": a.Income.TotalFen, "limit_fen": a.Income.LimitFen,
	}
	v["assets"] = map[string]any{"financial_fen": a.Assets.FinancialFen, "financial_limit_fen": a.Assets.FinancialLimitFen}
	coverage := map[string]any{}
	for source, c := range a.Coverage {
		var providers []any
		for name, state := range c.Providers {
			providers = append(providers, map[string]any{"provider": name, "state": state})
		}
		coverage[source] = map[string]any{"state": c.State, "providers": providers}
	}
	v["coverage"] = coverage
	return v
}

// rich has findings of many kinds, with mixed grades.
func rich(t *testing.T) Answer {
	return ask(t, files{
		"tax":                               {"1,{A},2026-01,wage,20000,,", "2,{A},2026-02,wage,0,,", "3,{B},2026-01,business,1300,,", "4,{B},2026-01,interest,1300,,"},
		"tax/old/" + oldFlow + "/" + covers: {"1,{A},2026-03,wage,500,,"},
		"vehicle":                           {"1,{A},P,car,normal,", "2,{B},Q,car,normal,"},
		"bank":                              {"B,1,{a},X,demand,1,2026-10-31,,"},
	})
}

func TestDiff(t *testing.T) {
	type object = map[string]any
	finding := func(v object, code string) object {
		for _, f := range v["findings"].([]any) {
			if f.(object)["code"] == code {
				return f.(object)
			}
		}
		t.Fatalf("no finding %s", code)
		return nil
	}
	for _, c := range []struct {
		name   string
		change func(object)
		want   string // part of the difference; empty: none
	}{
		{"the same", func(object) {}, ""},
		{"household", func(v object) { v["household_id"] = "H-2" }, "household_id"},
		{"outcome", func(v object) { v["outcome"] = noDiscrepancy }, "outcome"},
		{"a finding missing", func(v object) { v["findings"] = v["findings"].([]any)[1:] }, "identity_conflict/1/: not in the verdict"},
		{"a finding too many", func(v object) {
			v["findings"] = append(v["findings"].([]any), object{"code": "several_homes"})
		}, "several_homes/0/: only in the verdict"},
		{"a finding twice", func(v object) {
			v["findings"] = append(v["findings"].([]any), v["findings"].([]any)[0])
		}, "twice"},
		{"order", func(v object) {
			f := v["findings"].([]any)
			f[0], f[1] = f[1], f[0]
		}, "order of findings"},
		{"order of one member's lines is open", func(v object) {
			f := v["findings"].([]any)
			i := slices.IndexFunc(f, func(x any) bool { return x.(object)["type"] == "business" })
			f[i], f[i+1] = f[i+1], f[i]
		}, ""},
		{"effect", func(v object) { finding(v, "vehicle_owned")["effect"] = needsReview }, "effect"},
		{"grade", func(v object) { finding(v, "vehicle_owned")["grade"] = "B" }, "grade"},
		{"grade of an identity conflict is open", func(v object) { finding(v, "identity_conflict")["grade"] = "A" }, ""},
		{"mixed grades, A alone would fire", func(v object) { finding(v, "undeclared_income")["grade"] = "A" }, ""},
		{"member", func(v object) { finding(v, "vehicle_owned")["member"] = 7 }, "vehicle_owned/1/: not in the verdict"},
		{"type", func(v object) { finding(v, "undeclared_income")["type"] = "transfer" }, "undeclared_income/1/wage: not"},
		{"amount", func(v object) { finding(v, "undeclared_income")["amount_fen"] = 1 }, "amount_fen"},
		{"amount with B is another reading", func(v object) { finding(v, "income_over_limit")["amount_fen"] = 2310000 }, ""},
		{"any other amount is not", func(v object) { finding(v, "income_over_limit")["amount_fen"] = 2310001 }, "amount_fen"},
		{"limit absent", func(v object) { delete(finding(v, "undeclared_income"), "limit_fen") }, "limit_fen"},
		{"evidence missing", func(v object) { finding(v, "vehicle_owned")["evidence"] = nil }, "vehicle/vehicle/1/1: not"},
		{"evidence too many", func(v object) {
			f := finding(v, "income_over_limit")
			f["evidence"] = append(f["evidence"].([]any), object{"source": "tax", "provider": "old", "file": 1, "row": 1})
		}, "tax/old/1/1: only"},
		{"evidence of nothing is optional", func(v object) {
			f := finding(v, "income_over_limit")
			f["evidence"] = append(f["evidence"].([]any), object{"source": "tax", "provider": "tax", "file": 1, "row": 2})
		}, ""},
		{"line", func(v object) { v["income"].(object)["lines"].([]any)[0].(object)["found_fen"] = 1 }, "income line 1/wage found_fen"},
		{"line missing", func(v object) {
			v["income"].(object)["lines"] = v["income"].(object)["lines"].([]any)[1:]
		}, "income line 1/wage"},
		{"line of zeros", func(v object) {
			v["income"].(object)["lines"] = append(v["income"].(object)["lines"].([]any), object{"member": 1, "type": "transfer"})
		}, ""},
		{"line too many", func(v object) {
			v["income"].(object)["lines"] = append(v["income"].(object)["lines"].([]any), object{"member": 1, "type": "transfer", "found_fen": 1})
		}, "only in the verdict"},
		{"total", func(v object) { v["income"].(object)["total_fen"] = 1 }, "income.total_fen"},
		{"limit", func(v object) { v["income"].(object)["limit_fen"] = 1 }, "income.limit_fen"},
		{"assets", func(v object) { v["assets"].(object)["financial_fen"] = 1 }, "assets.financial_fen"},
		{"coverage", func(v object) { v["coverage"].(object)["tax"].(object)["state"] = "found" }, "coverage.tax"},
		{"provider", func(v object) { v["coverage"].(object)["tax"].(object)["providers"] = nil }, "coverage.tax.old"},
		{"no coverage", func(v object) { delete(v, "coverage") }, "missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := rich(t)
			v := asVerdict(t, a)
			c.change(v)
			raw, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(Diff(a, raw), "\n")
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestDiffRefusal(t *testing.T) {
	a := refuse("H", "authorization_expired")
	if d := Diff(a, []byte(`{"household_id":"H","outcome":"refused","findings":[{"code":"authorization_expired","effect":"refused"}]}`)); len(d) != 0 {
		t.Error(d)
	}
	for _, verdict := range []string{
		`{"household_id":"H","outcome":"refused","findings":[{"code":"authorization_missing","effect":"refused"}]}`,
		`{"household_id":"H","outcome":"needs_review","findings":[{"code":"authorization_expired","effect":"refused"}]}`,
		`{"household_id":"H","outcome":"refused","findings":[]}`,
		`no json`,
	} {
		if d := Diff(a, []byte(verdict)); len(d) == 0 {
			t.Errorf("%s: no difference", verdict)
		}
	}
}
