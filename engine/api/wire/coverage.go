package wire

// Coverage is what the departments have delivered and what is wanting.
type Coverage struct {
	Generation string           `json:"generation,omitempty" doc:"That answers now; absent when nothing was published" example:"bca1be3af2679f6d3bd3754da5026d54"`
	On         string           `json:"on" format:"date" doc:"Day of the answer" example:"2026-11-01"`
	Sources    []CoverageSource `json:"sources" doc:"Every source that households are checked against"`
}

// CoverageSource is one source.
type CoverageSource struct {
	Source     string     `json:"source" example:"bank"`
	Missing    bool       `json:"missing" doc:"Whether nothing of it is published: every household is 无法核对 for it" example:"false"`
	StaleDays  int        `json:"stale_after_days,omitempty" doc:"After how many days a delivery is too old, by the strictest rules in use" example:"92"`
	Wanting    []string   `json:"wanting,omitempty" doc:"Providers that the rules expect and that have not delivered" example:"[\"bank_rural\"]"`
	Months     string     `json:"months,omitempty" doc:"Months that the rules look back over, of a source that tells of months" example:"2025-11..2026-10"`
	Uncovered  []string   `json:"uncovered,omitempty" doc:"Those of them that nobody has delivered" example:"[\"2026-10\"]"`
	Upstream   string     `json:"upstream,omitempty" doc:"The node above that is asked for it, since nothing of it is held here; the deliveries are then what that node holds" example:"340000"`
	Deliveries []Delivery `json:"deliveries" doc:"Published ones first, then those that are held and not published"`
}

// Delivery is one snapshot of a source.
type Delivery struct {
	Snapshot    string `json:"snapshot" example:"437c4d3dd3dbf92637bfe3a3188aa995"`
	Provider    string `json:"provider" example:"bank"`
	AsOf        string `json:"as_of" format:"date" example:"2026-10-31"`
	Covers      string `json:"covers,omitempty" doc:"Months that it tells of" example:"2025-01..2026-10"`
	AgeDays     int    `json:"age_days" example:"1"`
	Stale       bool   `json:"stale" doc:"Whether it is too old" example:"false"`
	Published   bool   `json:"published" example:"true"`
	State       string `json:"state,omitempty" doc:"Absent when the snapshot itself is not held any more" example:"active"`
	Rows        int64  `json:"rows" example:"333916"`
	Accepted    int64  `json:"accepted" example:"333584"`
	Quarantined int64  `json:"quarantined" example:"325"`
	PerMillion  int64  `json:"quarantined_per_million" doc:"Of the rows that came" example:"973"`
	Duplicates  int64  `json:"duplicates" example:"7"`
}
