package wire

// CaseQuery selects cases.
type CaseQuery struct {
	Page

	State      string // "waiting" is every state in which people have something to do
	Household  string
	Outcome    string // "" is any
	Scheme     string // "" is any
	Mine       bool   // only those assigned to the caller
	Unassigned bool   // only those assigned to nobody
}

// Case is a verdict that people decide on.
type Case struct {
	ID         string      `json:"id" example:"c-000001"`
	Household  string      `json:"household" example:"340104-000123"`
	Scheme     string      `json:"scheme" example:"dibao"`
	Verdict    string      `json:"verdict" example:"v-000001"`
	Outcome    string      `json:"outcome" doc:"Of the verdict: a proposal of the engine, no decision" example:"needs_review"`
	State      string      `json:"state" enum:"proposed,under_review,confirmed,cleared,returned,disputed,final,withdrawn" example:"under_review"`
	Proposer   string      `json:"proposer,omitempty" doc:"Account" example:"verifier01"`
	Reviewer   string      `json:"reviewer,omitempty" doc:"Account" example:"reviewer01"`
	Assignee   string      `json:"assignee,omitempty" doc:"Account" example:"reviewer01"`
	Evidence   []Opened    `json:"evidence" doc:"Records that it rests on"`
	Objections []Objection `json:"objections"`
	NoticeAt   string      `json:"notice_at,omitempty" format:"date-time" example:"2026-11-02T09:00:00+08:00"`
	WindowDays int         `json:"window_days,omitempty" doc:"How long the household may contest it" example:"10"`
	Division   string      `json:"division,omitempty" example:"340104"`
	Since      string      `json:"since,omitempty" format:"date-time" doc:"When its verdict came" example:"2026-11-01T09:00:00+08:00"`
	AgeDays    int         `json:"age_days" doc:"Since then" example:"4"`
	Severity   int         `json:"severity" minimum:"0" maximum:"4" doc:"Larger comes first in the queue" example:"3"`
	Open       int         `json:"open_objections" doc:"Objections that nobody has decided" example:"0"`
	Awaiting   bool        `json:"awaiting_recheck,omitempty" doc:"Whether its verdict no longer stands and a new one is on its way" example:"false"`
	Version    int         `json:"version" doc:"Say it back with an action" example:"3"`
	Steps      []Step      `json:"steps" doc:"What happened, oldest first"`
}

// Opened is a record that a case rests on and who has opened it.
type Opened struct {
	Number int      `json:"number" example:"1"`
	By     []string `json:"opened_by" doc:"Accounts" example:"[\"reviewer01\"]"`
}

// Step is one thing that happened to a case.
type Step struct {
	At     string `json:"at" format:"date-time" example:"2026-11-02T09:00:00+08:00"`
	By     string `json:"by" doc:"Account" example:"reviewer01"`
	Action string `json:"action" example:"take_up"`
	From   string `json:"from" example:"proposed"`
	To     string `json:"to" example:"under_review"`
	Reason string `json:"reason,omitempty" example:"材料齐全"`
}

// Action is what is done to a case.
type Action string

// The actions on a case.
const (
	Propose Action = "propose"
	TakeUp  Action = "take_up"
	Confirm Action = "confirm"
	Clear   Action = "clear"
	Return  Action = "return"
	Assign  Action = "assign"
	Notify  Action = "notify"
)

// CaseStep does something to a case.
type CaseStep struct {
	Case   string `json:"-"`
	Action Action `json:"-"`

	Version    int    `json:"version" minimum:"0" doc:"Version of the case that was looked at" example:"3"`
	Reason     string `json:"reason,omitempty" maxLength:"2000" doc:"Needed to confirm, clear and return" example:"材料齐全，与申报一致"`
	Assignee   string `json:"assignee,omitempty" maxLength:"64" doc:"Account, to assign" example:"reviewer02"`
	WindowDays int    `json:"window_days,omitempty" minimum:"0" maximum:"365" doc:"Term to contest, to notify" example:"10"`
}

// ObjectionFiled is an objection of the household to a record.
type ObjectionFiled struct {
	Case     string `json:"-"`
	Evidence int    `json:"evidence" minimum:"1" maximum:"100000" doc:"The record, counted as in the verdict" example:"1"`
	Ground   string `json:"ground" minLength:"1" maxLength:"2000" doc:"What the household says" example:"该账户已于上年注销"`
}

// ObjectionDecided decides an objection.
type ObjectionDecided struct {
	Objection string `json:"-"`
	Upheld    bool   `json:"upheld" doc:"Whether the record is wrong" example:"true"`
	Reason    string `json:"reason" minLength:"1" maxLength:"2000" example:"银行出具销户证明"`
}

// Objection is an objection and where it stands.
type Objection struct {
	ID        string `json:"id" example:"o-000001"`
	Case      string `json:"case" example:"c-000001"`
	Household string `json:"household,omitempty" example:"340104-000123"`
	Scheme    string `json:"scheme,omitempty" example:"dibao"`
	Division  string `json:"division,omitempty" example:"340104"`
	Evidence  int    `json:"evidence" example:"1"`
	State     string `json:"state" enum:"open,upheld,rejected" example:"open"`
	FiledAt   string `json:"filed_at" format:"date-time" example:"2026-11-03T09:00:00+08:00"`
	DecidedAt string `json:"decided_at,omitempty" format:"date-time" example:"2026-11-05T09:00:00+08:00"`
	DecidedBy string `json:"decided_by,omitempty" doc:"Account" example:"approver01"`
	FiledBy   string `json:"filed_by,omitempty" doc:"Account that took it down" example:"intake01"`
	Ground    string `json:"ground,omitempty" doc:"What the household says" example:"该账户已于上年注销"`
	Reason    string `json:"reason,omitempty" doc:"Of the decision" example:"银行出具销户证明"`
	AgeDays   int    `json:"age_days" doc:"Since it was filed" example:"2"`
}

// ObjectionQuery selects objections: those of a household, newest first, or those in one
// state, oldest first.
type ObjectionQuery struct {
	Page

	Household string
	State     string // "" is open; not asked of a household
	Mine      bool   // only to cases assigned to the caller
}
