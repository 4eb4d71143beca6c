package proof

import (
	"slices"
	"strings"
	"testing"
)

// A leader plants a case that is known to be false; it looks like any other to whoever
// reviews it, and the leader sees who confirmed it.
func TestPlantedCase(t *testing.T) {
	w := newWorld(t, 20)
	c := w.crew()
	real := newFamily(1, "340104", "dibao")
	w.want(201, c.intake, "POST", "/api/v1/authorizations", real.registration())
	w.check(c.verifier, real)

	planting := func() map[string]any {
		return map[string]any{
			"household": "340104-000999", "authorization": "SQ340104-000999", "division": "340104", "scheme": "dibao", "on": "2026-11-01",
			"outcome": "suspected_ineligible", "reason": "质量抽查",
			"records": []any{map[string]any{
				"source": "bank", "row": 17, "amount_fen": 8_800_000, "limit_fen": 3_000_000, "rule": "financial_assets_over_limit", "law": "第五条",
				"fields": []any{
					map[string]any{"name": "name", "value": "赵明"},
					map[string]any{"name": "account_no", "value": "6222000000007777"},
					map[string]any{"name": "balance", "amount_fen": 8_800_000},
				},
			}},
		}
	}
	const path = "/api/v1/reviewers/planted-cases"
	w.refused("forbidden", c.approver, "POST", path, planting())
	for field, wrong := range map[string]any{"reason": " ", "on": "2026-02-30", "outcome": "no_discrepancy", "records": []any{}, "household": real.number} {
		p := planting()
		p[field] = wrong
		if a := w.ask(c.leader, "POST", path, p); a.status < 400 || a.status >= 500 {
			t.Errorf("%s: status %d: %s", field, a.status, a.body)
		}
	}
	f := &family{number: "340104-000999", paper: "SQ340104-000999", division: "340104", scheme: "dibao"}
	f.caseID = w.want(200, c.leader, "POST", path, planting()).text("case")

	// Nothing but the numbers and the amounts tells it from a real one.
	shape := func(of *family) []string {
		var seen map[string]any
		w.want(200, c.reviewer, "GET", "/api/v1/cases/"+of.caseID, nil).read(&seen)
		var keys []string
		for k := range seen {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		return keys
	}
	if a, b := shape(f), shape(real); !slices.Equal(a, b) {
		t.Errorf("a planted case has %v, a real one %v", a, b)
	}
	if queue := string(w.want(200, c.reviewer, "GET", "/api/v1/cases", nil).body); !strings.Contains(queue, f.caseID) || strings.Contains(queue, "seed") || strings.Contains(queue, "plant") {
		t.Errorf("the queue %s", queue)
	}
	at := func(step string) string { return "/api/v1/cases/" + f.caseID + "/" + step }
	w.want(200, c.verifier, "POST", at("propose"), step("余额超标"))
	w.want(200, c.reviewer, "POST", at("take-up"), step(""))
	f.verdict = w.caseOf(c.reviewer, f).Verdict
	w.openAll(c.reviewer, f)
	w.openAll(c.approver, f)
	w.want(200, c.approver, "POST", at("confirm"), step("属实"))
	w.refused("forbidden", c.reviewer, "GET", "/api/v1/reviewers", nil)
	var meter struct {
		Reviewers []struct{ Found, Agreed struct{ Count, Of int } }
	}
	w.want(200, c.leader, "GET", "/api/v1/reviewers?division=340104", nil).read(&meter)
	if len(meter.Reviewers) != 1 || meter.Reviewers[0].Found.Of != 1 || meter.Reviewers[0].Found.Count != 0 || meter.Reviewers[0].Agreed.Of != 0 {
		t.Errorf("who confirmed a planted case: %+v", meter)
	}
}
