package wire

// AuditQuery selects entries of the audit log.
type AuditQuery struct {
	Page

	From, To  string // days, both included
	Account   string
	Operation string
	Household string
}

// AuditEntry is one entry of the audit log.
type AuditEntry struct {
	Seq           uint64   `json:"seq" example:"1024"`
	At            string   `json:"at" format:"date-time" example:"2026-11-01T09:00:00+08:00"`
	Account       string   `json:"account,omitempty" doc:"Absent where it is not the caller's to know" example:"verifier01"`
	Role          string   `json:"role,omitempty" example:"verifier"`
	Division      string   `json:"division,omitempty" doc:"Of the body that looked" example:"340104"`
	Operation     string   `json:"operation" example:"check"`
	Household     string   `json:"household,omitempty" example:"340104-000123"`
	Authorization string   `json:"authorization,omitempty" example:"SQ340104-000123"`
	Purpose       string   `json:"purpose,omitempty" example:"dibao"`
	Outcome       string   `json:"outcome,omitempty" example:"needs_review"`
	Code          string   `json:"code,omitempty" doc:"Why it was denied" example:"not_found"`
	Households    int      `json:"households,omitempty" doc:"How many it is about" example:"1"`
	Fields        []string `json:"fields,omitempty" doc:"Seen unmasked" example:"[\"account_no\"]"`
}

// AuditHead is the newest entry of the audit log, to be kept elsewhere.
type AuditHead struct {
	Seq       uint64 `json:"seq" example:"1024"`
	Hash      string `json:"hash" example:"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"`
	Segment   int    `json:"segment" doc:"Of the log that it is in" example:"3"`
	Bytes     int64  `json:"bytes" doc:"Length of the segment with it" example:"409600"`
	Time      string `json:"time" format:"date-time" doc:"When the head was taken" example:"2026-11-01T01:00:00Z"`
	Key       string `json:"key,omitempty" doc:"Name of the key that signed it" example:"audit-2026"`
	Signature string `json:"signature,omitempty" doc:"SM2, in hexadecimal" example:"3045"`
}

// AlertQuery selects alerts.
type AlertQuery struct {
	Page

	State string // open or closed; "" is open
}

// Alert is a look that somebody should ask about.
type Alert struct {
	ID        string   `json:"id" example:"a-000001024"`
	At        string   `json:"at" format:"date-time" doc:"When it was looked" example:"2026-11-01T23:10:00+08:00"`
	Rule      string   `json:"rule" doc:"The strongest sign" example:"relative"`
	Signs     []string `json:"signs" doc:"All of them, the strongest first" example:"[\"relative\",\"out_of_hours\"]"`
	Urgent    bool     `json:"urgent,omitempty" doc:"Nobody has a lawful reason to look at the household" example:"false"`
	Account   string   `json:"account" doc:"Who looked" example:"verifier01"`
	Role      string   `json:"role,omitempty" example:"verifier"`
	Division  string   `json:"division,omitempty" doc:"Of the body that looked" example:"340104"`
	Operation string   `json:"operation" example:"check"`
	Household string   `json:"household" example:"340104-000123"`
	Count     int      `json:"count,omitempty" doc:"Households that day, where there were far more than the peers look at" example:"120"`
	Entries   []uint64 `json:"entries" doc:"Of the audit log" example:"[1024]"`
	State     string   `json:"state" enum:"open,closed" example:"open"`
	ClosedBy  string   `json:"closed_by,omitempty" example:"auditor01"`
	ClosedAt  string   `json:"closed_at,omitempty" format:"date-time" example:"2026-11-02T09:00:00+08:00"`
	Reason    string   `json:"reason,omitempty" doc:"Why it was closed" example:"已核实，工作需要"`
}

// AlertClosing closes an alert.
type AlertClosing struct {
	Alert  string `json:"-"`
	Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"What was found" example:"已核实，工作需要"`
}

// Snapshot is one department's delivery.
type Snapshot struct {
	ID          string `json:"id" example:"437c4d3dd3dbf92637bfe3a3188aa995"`
	Source      string `json:"source" example:"bank"`
	Provider    string `json:"provider" example:"bank"`
	AsOf        string `json:"as_of" format:"date" example:"2026-10-31"`
	State       string `json:"state" example:"active"`
	Covers      string `json:"covers,omitempty" doc:"Months that it tells of" example:"2025-01..2026-10"`
	Rows        int64  `json:"rows" example:"333916"`
	Accepted    int64  `json:"accepted" example:"333584"`
	Quarantined int64  `json:"quarantined" example:"325"`
	Duplicates  int64  `json:"duplicates" example:"7"`
}

// PublicNoticeQuery asks for a copy of a public notice.
type PublicNoticeQuery struct {
	Division  string `json:"division" pattern:"^[0-9]{2,12}$" doc:"With everything below it" example:"340104"`
	Scheme    string `json:"scheme" maxLength:"64" pattern:"^[a-z0-9_]+$" example:"dibao"`
	From      string `json:"from" format:"date" doc:"First day on which it came out that all is in order" example:"2026-10-01"`
	To        string `json:"to" format:"date" doc:"Last such day" example:"2026-10-31"`
	Recipient string `json:"recipient" minLength:"1" maxLength:"500" doc:"Who puts the notice up: the copy is marked" example:"三里庵街道办事处"`
	Objects   string `json:"objects" minLength:"1" maxLength:"500" doc:"Where to object, for people" example:"区民政局社会救助科"`
	Reason    string `json:"reason" minLength:"1" maxLength:"500" doc:"Why" example:"10月审核确认公示"`
	Days      int    `json:"days,omitempty" minimum:"1" maximum:"60" doc:"How long it is up; 7 when absent" example:"7"`
}

// PublicNotice is a copy of a public notice (公示), its rows in the order that is the
// recipient's: whoever passes it on leaves them in it.
type PublicNotice struct {
	Number    string      `json:"number" doc:"Of the export" example:"0f1e2d3c-4b5a6978-8796a5b4-c3d2e1f0"`
	Division  string      `json:"division" example:"340104"`
	Scheme    string      `json:"scheme" example:"dibao"`
	Recipient string      `json:"recipient" example:"三里庵街道办事处"`
	At        string      `json:"at" format:"date-time" example:"2026-11-01T09:00:00+08:00"`
	Foot      []string    `json:"foot" doc:"What must stand below the list, for people" example:"[\"※ 导出编号 0f1e2d3c-4b5a6978-8796a5b4-c3d2e1f0\"]"`
	Rows      []NoticeRow `json:"rows"`
}

// NoticeRow is all that a public notice says of a household.
type NoticeRow struct {
	Applicant PublicName `json:"applicant" doc:"In full, as declared" example:"王秀英"`
	Scheme    string     `json:"scheme" doc:"For people" example:"最低生活保障"`
	Members   int        `json:"members" example:"3"`
	Place     string     `json:"place" doc:"Village or community" example:"三里庵社区"`
}

// PublicName is a name that the law has put up in public. It is the one name that is
// written in full, and only NoticeRow has it.
type PublicName string

// StatisticsQuery selects what is counted.
type StatisticsQuery struct {
	Division string
	Scheme   string
	From, To string // days, both included
}

// Statistics is how the centre does. Counts are of whole months; one that is too small, or by
// which a small one could be found out, is withheld, and in no sum.
type Statistics struct {
	Division string  `json:"division" example:"340104"`
	From     string  `json:"from" format:"date" doc:"As asked: its month is counted whole" example:"2026-10-01"`
	To       string  `json:"to" format:"date" doc:"As asked: its month is counted whole" example:"2026-10-31"`
	AsOf     string  `json:"as_of" format:"date-time" doc:"When it was counted" example:"2026-11-01T09:00:00+08:00"`
	Counts   []Count `json:"counts" doc:"Households by where they stand"`

	Months    []CheckCounts `json:"months" doc:"Checks by month"`
	Divisions []CheckCounts `json:"divisions" doc:"Checks by the divisions right below"`

	Cases              CaseCounts       `json:"cases"`
	ObjectionsByRule   []ObjectionCount `json:"objections_by_rule" doc:"Filed in the period"`
	ObjectionsBySource []ObjectionCount `json:"objections_by_source" doc:"Filed in the period"`
	Centres            []CentreHeard    `json:"centres" doc:"City and county centres with accounts for their machines"`
}

// Count is one count.
type Count struct {
	Scheme   string `json:"scheme" example:"dibao"`
	Outcome  string `json:"outcome" example:"needs_review"`
	Count    int64  `json:"count" example:"120"`
	Withheld bool   `json:"withheld,omitempty" doc:"Too small to be said" example:"false"`
	Partial  bool   `json:"partial,omitempty" doc:"Months or parts that are too small are not in it" example:"false"`
}

// NamedCount is a count of something by its name.
type NamedCount struct {
	Name     string `json:"name" example:"needs_review"`
	Count    int64  `json:"count" example:"120"`
	Withheld bool   `json:"withheld,omitempty" doc:"Too small to be said" example:"false"`
	Partial  bool   `json:"partial,omitempty" doc:"Months or parts that are too small are not in it" example:"false"`
}

// CheckCounts are the checks of one month or one division.
type CheckCounts struct {
	Month           string       `json:"month,omitempty" example:"2026-10"`
	Division        string       `json:"division,omitempty" example:"340104"`
	Checks          int64        `json:"checks" example:"1200"`
	Outcomes        []NamedCount `json:"outcomes"`
	WarningPermille *int         `json:"warning_permille,omitempty" doc:"Of a thousand verdicts those that ask for a person; absent where it can't be said" example:"180"`
	Partial         bool         `json:"partial,omitempty" doc:"Months or parts that are too small are not in it" example:"false"`
}

// CaseCounts are cases, by where they stand and how long they took.
type CaseCounts struct {
	States          []NamedCount `json:"states" doc:"Cases whose verdict is of the period"`
	Decided         int64        `json:"decided" doc:"Cleared, confirmed or final" example:"90"`
	Cleared         int64        `json:"cleared" example:"30"`
	ClearedPermille *int         `json:"cleared_permille,omitempty" doc:"Of a thousand decided cases; absent where it can't be said" example:"333"`
	WaitedCases     int64        `json:"waited_cases" doc:"Decided cases whose days are below" example:"90"`
	WaitedMedian    int          `json:"waited_median_days" doc:"From verdict to decision" example:"6"`
	WaitedP90       int          `json:"waited_p90_days" doc:"Nine of ten took no longer" example:"14"`
	Ages            []NamedCount `json:"ages" doc:"Cases that wait for people now, by age in days"`
}

// ObjectionCount is how often records were objected to.
type ObjectionCount struct {
	Name    string `json:"name" doc:"Code of the finding, or the source" example:"bank"`
	Filed   int64  `json:"filed" example:"25"`
	Upheld  int64  `json:"upheld" example:"9"`
	Partial bool   `json:"partial,omitempty" doc:"Months or parts that are too small are not in it" example:"false"`
}

// CentreHeard says when a centre's machines were last heard of.
type CentreHeard struct {
	Division  string `json:"division" example:"340104"`
	Accounts  int    `json:"accounts" doc:"That are in use" example:"1"`
	LastHeard string `json:"last_heard,omitempty" format:"date" doc:"Day of the last request; absent when there was none" example:"2026-11-01"`
}
