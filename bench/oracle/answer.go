package oracle

// Outcomes and effects, weakest first where they compare.
const (
	noDiscrepancy = "no_discrepancy"
	unverifiable  = "unverifiable"
	needsReview   = "needs_review"
	suspected     = "suspected_ineligible"
	refused       = "refused"
)

// Answer is this reading of one verdict. For a refused request only
// HouseholdID (empty when the line is no request), Outcome and one Finding are set.
type Answer struct {
	HouseholdID string
	Outcome     string
	Findings    []Finding
	Income      Income
	Assets      Assets
	Coverage    map[string]Coverage // by source, all five
}

// Finding is one finding. Amounts are set where the contract gives them a meaning:
// the income-limit, financial and undeclared_income findings.
type Finding struct {
	Code, Effect string
	Grade        string // A or B; empty in a refusal
	Member       int    // from 1; 0 for findings of the household
	Type         string // of undeclared_income
	AmountFen    *int64
	LimitFen     *int64
	Evidence     []string // source/provider/file/row, sorted

	// What the text leaves open, for Diff: evidence a verdict may name or leave
	// out, and other readings of the whole finding that it may give instead.
	optional     []string
	alternatives []Finding
}

// Income is the arithmetic of the income test.
type Income struct {
	From, To string // months of the window
	Members  int    // counted members
	Lines    []Line // where anything was declared or found; by member, then type
	TotalFen int64  // with grades A and B
	LimitFen int64
}

// Line is one member's income of one type over the window.
type Line struct {
	Member                            int
	Type                              string
	DeclaredFen, FoundFen, CountedFen int64
}

// Assets are the numbers of the asset tests, with grades A and B.
type Assets struct {
	FinancialFen, FinancialLimitFen int64
	// Vehicles are distinct vehicles of vehicle_owned; Residential and
	// NonResidential distinct current units.
	Vehicles, Residential, NonResidential int
}

// Coverage is the state of a source and, where it was read, of each provider.
type Coverage struct {
	State     string
	Providers map[string]string
}

// coverageStates, worst first.
var coverageStates = []string{"not_authorized", "missing", "partial", "incomplete", "stale", "none", "found"}

func refuse(household, code string) Answer {
	return Answer{
		HouseholdID: household, Outcome: refused,
		Findings: []Finding{{Code: code, Effect: refused}},
	}
}
