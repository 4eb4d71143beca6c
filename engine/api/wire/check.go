package wire

import "encoding/json"

// Check asks about one household.
type Check struct {
	// Request is the request, one line of JSON as in a batch. It is read while
	// the call lasts only.
	Request []byte
	Rules   string // pack; "" for what the centre has set
	On      string // day of the check; "" for today
}

// Checked is the answer to a check.
type Checked struct {
	ID      string // of the verdict in the ledger
	Verdict []byte // the line that hedui check --json would print, without its end
}

// Verdict is a verdict of the ledger.
type Verdict struct {
	ID        string          `json:"id" example:"v-000001"`
	Household string          `json:"household" example:"340104-000123"`
	At        string          `json:"at" format:"date-time" doc:"When it was given" example:"2026-11-01T09:00:00+08:00"`
	Case      string          `json:"case,omitempty" doc:"The case that rests on it" example:"c-000001"`
	Replaced  string          `json:"replaced_by,omitempty" doc:"The verdict that stands in its place" example:"v-000002"`
	Verdict   json.RawMessage `json:"verdict" doc:"As it was given, in full for whom its case is assigned to; for all others amounts are bands: _band in place of _fen" example:"{}"`
}

// Household is what the ledger holds of a household.
type Household struct {
	Number         string   `json:"number" example:"340104-000123"`
	Division       string   `json:"division" example:"340104"`
	Authorizations []string `json:"authorizations" doc:"Numbers, newest first" example:"[\"SQ340104-000123\"]"`
	Verdicts       []string `json:"verdicts" doc:"Newest first" example:"[\"v-000001\"]"`
	Cases          []string `json:"cases" doc:"Newest first" example:"[\"c-000001\"]"`

	Checks []HouseholdCheck `json:"checks" doc:"The verdicts with what they came to, newest first"`
	States []HouseholdCase  `json:"case_states" doc:"The cases with where they stand, newest first"`
}

// HouseholdCheck is one verdict on a household.
type HouseholdCheck struct {
	Verdict string `json:"verdict" example:"v-000001"`
	Scheme  string `json:"scheme" example:"dibao"`
	On      string `json:"on" format:"date" doc:"Day of the check" example:"2026-11-01"`
	At      string `json:"at" format:"date-time" doc:"When it was given" example:"2026-11-01T09:00:00+08:00"`
	Outcome string `json:"outcome" example:"needs_review"`
	Stands  bool   `json:"stands" doc:"Whether it is where the household stands now in the scheme" example:"true"`
}

// HouseholdCase is one case of a household.
type HouseholdCase struct {
	ID      string `json:"id" example:"c-000001"`
	Scheme  string `json:"scheme" example:"dibao"`
	Verdict string `json:"verdict" example:"v-000001"`
	State   string `json:"state" example:"under_review"`
	Since   string `json:"since" format:"date-time" example:"2026-11-01T09:00:00+08:00"`
}

// Evidence names one record that a verdict rests on.
type Evidence struct {
	Verdict string
	Number  int // counted from 1 over all findings
}

// Record is a record that was opened. Its fields are masked as the caller's role
// asks.
type Record struct {
	Verdict  string        `json:"verdict" example:"v-000001"`
	Number   int           `json:"number" example:"1"`
	Source   string        `json:"source" example:"tax"`
	Provider string        `json:"provider" example:"tax"`
	Snapshot string        `json:"snapshot" example:"437c4d3dd3dbf92637bfe3a3188aa995"`
	AsOf     string        `json:"as_of" format:"date" example:"2026-10-31"`
	File     int           `json:"file" example:"1"`
	Row      int64         `json:"row" example:"17"`
	State    string        `json:"state,omitempty" enum:"disputed,corrected" doc:"When somebody has objected to it" example:"disputed"`
	Fields   []RecordField `json:"fields"`
}

// RecordField is one field of a record.
type RecordField struct {
	Name   string `json:"name" example:"income"`
	Value  string `json:"value" example:"***"`
	Masked bool   `json:"masked" doc:"Whether something is hidden; unmask shows it" example:"true"`
}

// Unmask asks to see one field in full.
type Unmask struct {
	Verdict  string `json:"verdict" minLength:"1" maxLength:"64" example:"v-000001"`
	Evidence int    `json:"evidence" minimum:"1" maximum:"100000" example:"1"`
	Field    string `json:"field" minLength:"1" maxLength:"64" doc:"Name of the field" example:"account_no"`
	Reason   string `json:"reason" minLength:"4" maxLength:"500" doc:"Why; it stands in the audit log" example:"与申请人当面核对账户"`
}

// Unmasked is one field in full.
type Unmasked struct {
	Value Secret `json:"value" doc:"The field in full" example:"(full value)"`
	Left  int    `json:"left" doc:"How many more the account may see today" example:"19"`
}

// ChangeQuery selects what a re-check found changed.
type ChangeQuery struct {
	Page

	Since   string // run or generation; "" for the newest run
	Outcome string // now; "" for any
}

// Change is one household whose verdict changed after a publish.
type Change struct {
	Household string   `json:"household" example:"340104-000123"`
	Was       string   `json:"was" doc:"Outcome" example:"no_discrepancy"`
	Is        string   `json:"is" doc:"Outcome" example:"needs_review"`
	Why       []string `json:"why" doc:"Why it was checked again" example:"[\"member\"]"`
	Sources   []string `json:"sources" doc:"Whose records make the difference" example:"[\"bank\"]"`
	Run       string   `json:"run" example:"r-000001"`
}
