package household

// Verdict is the answer to one request. It is a function of the request, one
// generation, one rule pack and the date of the check, and of nothing else.
type Verdict struct {
	HouseholdID string
	Line        int64 // line of the batch, only when the line is no request
	Scheme      string
	Region      string // of the request; not part of the JSON
	On          Date
	Outcome     Outcome
	Findings    []Finding

	// The rest is absent from a refusal: nothing was looked up.
	Income     IncomeSheet
	Assets     AssetSheet
	Coverage   [NumChecked]SourceCoverage
	Withheld   []Withheld // records that did not count because somebody objected to them
	Links      *LinkSheet // nil when the pack looks for no weaker links
	Generation string
	Pack       PackRef
}

// Finding is one thing a person must look at, with what it rests on.
type Finding struct {
	Code   string
	Effect Outcome
	Grade  Grade
	Member int      // from 1; 0 when the finding is the household's
	Type   LineType // of an income line; 0 otherwise

	HasAmount     bool // Amount and Limit are set
	Amount, Limit Fen
	// Totals says that nothing is held against a limit: Amount is the total if
	// assets that may be one are two, Limit the total as counted. Not part of the JSON.
	Totals bool
	// Unverified says that the limit rests on a value that nobody has verified against
	// the law.
	Unverified bool
	// Item names what the finding is about when its code does not: the exclusion or the
	// rule whose law nobody knows.
	Item string

	Law      string
	Evidence []Evidence
}

// Evidence locates one record of one department.
type Evidence struct {
	Source   Source
	Provider string
	Snapshot string
	Node     string // that sent the record; "" when this one holds it
	File     int    // ordinal of the file in its snapshot, from 1
	Row      int64  // data row of the file, from 1
	Record   string // the record's own number, masked
	Member   int
	Link     string    // identity tier: A1 to C2; X1, X2 for a conflict
	Key      PersonKey // under which the record lies; not part of the JSON

	Period    Period // of a flow; 0 otherwise
	HasAmount bool
	Amount    Fen // what the record contributes
}

// Withheld is a record that counted for nothing, and why: "disputed" while an objection is
// open, "upheld" when it was found to be wrong and is not corrected yet.
type Withheld struct {
	Evidence
	Because string
}

// IncomeSheet is the calculation of income.
type IncomeSheet struct {
	Window  Months
	Members int // counted members
	Lines   []IncomeLine
	Total   Fen
	Limit   Fen

	// What packs with exclusions and adjustments say besides. Excluded is what the law
	// leaves out, Deductions what was taken off Total, Derived what was assumed or
	// computed and is not in Total.
	Excluded   []AmountOf
	Deductions []AmountOf
	Derived    []AmountOf
}

// AmountOf is an amount by the code of what the law says of it.
type AmountOf struct {
	Code    string
	Member  int // from 1; 0 when it is the household's
	Obligor int // from 1, of support; 0 otherwise
	Amount  Fen
	Law     string
}

// IncomeLine is the income of one member of one type over the window.
type IncomeLine struct {
	Member                   int
	Type                     LineType
	Declared, Found, Counted Fen
}

// AssetSheet is the calculation of assets, with evidence of grades A and B.
type AssetSheet struct {
	Financial, FinancialLimit             Fen
	Vehicles, Residential, NonResidential int
}

// SourceCoverage says how far a source could answer for this household.
type SourceCoverage struct {
	State     CoverageState
	Providers []ProviderCoverage
}

// ProviderCoverage is the state of one provider of a source.
type ProviderCoverage struct {
	Provider string
	AsOf     Date
	Snapshot string
	Node     string // that answered for it, or is asked; "" when this one holds it
	State    CoverageState
}

// Judged is the state that rules are judged by: one that was pending is missing, and one
// that the upper node answered is the worst that it said of its providers.
func (c *SourceCoverage) Judged() CoverageState {
	switch c.State {
	case Pending:
		return Missing
	case Upstream:
		worst := Found
		for i := range c.Providers {
			if s := c.Providers[i].State; s.Worse(worst) {
				worst = s
			}
		}
		return worst
	}
	return c.State
}

// PackRef names the rule pack a verdict was made with.
type PackRef struct {
	Name, Version, Digest string
	Region                string // of the overlay that was applied; "" for none
	// Values are the values of the law that the verdict rests on, of packs that cite them.
	Values []CitedValue
}

// CitedValue is a value of the law and where it stands.
type CitedValue struct {
	Name       string
	Unit       string
	PerYear    bool  // money for a year, not for a month
	Value      int64 // fen, a count, percent, permille or cm²
	From       Date
	File       string
	Line       int
	Region     string // of the overlay; "" for the pack itself
	Law        string
	Verified   bool
	Unresolved string // why nobody knows it; "" for a value
}
