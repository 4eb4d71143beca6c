package oracle

import "slices"

// findingOrder is the order of findings in a verdict.
var findingOrder = []string{
	"identity_conflict", "period_not_established", "one_off_receipt",
	"income_over_limit", "income_may_exceed_limit", "undeclared_income",
	"financial_assets_over_limit", "financial_assets_may_exceed_limit", "undeclared_financial_assets",
	"vehicle_owned", "undeclared_vehicle", "several_homes", "non_residential_property",
	"undeclared_property", "unexplained_employment",
}

// graded adds a finding that is suspected_ineligible on grade A records, which
// are then its only evidence, and needs_review when there are only B ones.
func (c *check) graded(code string, member int, evidence []held) {
	if strong := ofGrade(evidence, 'A'); len(strong) > 0 {
		c.add(Finding{Code: code, Effect: suspected, Grade: "A", Member: member, Evidence: refs(strong)})
	} else if len(evidence) > 0 {
		c.add(Finding{Code: code, Effect: needsReview, Grade: "B", Member: member, Evidence: refs(evidence)})
	}
}

// review adds a needs_review finding when there is evidence. It would stand on
// its grade A records alone when there are any.
func (c *check) review(code string, member int, evidence []held) {
	if len(evidence) > 0 {
		f := Finding{Code: code, Effect: needsReview, Member: member}
		c.add(f.on(evidence, len(ofGrade(evidence, 'A')) > 0))
	}
}

// on gives the finding its evidence and grade: A when all of the evidence is
// grade A, else B. When it would also fire on the grade A records alone, grade A
// is another reading.
func (f Finding) on(evidence []held, firesOnA bool) Finding {
	f.Evidence = refs(evidence)
	f.Grade = "A"
	if weak := ofGrade(evidence, 'B'); len(weak) > 0 {
		f.Grade = "B"
		if firesOnA {
			other := f
			other.Grade = "A"
			other.optional = append(slices.Clone(f.optional), refs(weak)...)
			f.alternatives = append(f.alternatives, other)
		}
	}
	return f
}

func (c *check) add(f Finding) { c.answer.Findings = append(c.answer.Findings, f) }

func ofGrade(records []held, grade byte) []held {
	return filter(records, func(h held) bool { return h.grade == grade })
}

func of(records []held, member int) []held {
	return filter(records, func(h held) bool { return h.member == member })
}

func filter(records []held, keep func(held) bool) []held {
	var kept []held
	for _, h := range records {
		if keep(h) {
			kept = append(kept, h)
		}
	}
	return kept
}

// refs are the distinct rows, sorted.
func refs(records []held) []string {
	var rows []string
	for _, h := range records {
		rows = append(rows, h.ref())
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}
