package wire

import "io"

// BatchOrder submits a batch whose rows are all in a file.
type BatchOrder struct {
	Scheme string
	On     string // day of the check; today when empty
	Title  string // what its sender calls it
	Key    string // by which its sender sends it once; "" for none
	File   io.ReaderAt
	Size   int64
}

// BatchOpening opens a batch whose rows come by a topic.
type BatchOpening struct {
	Scheme string `json:"scheme" minLength:"1" maxLength:"64" pattern:"^[a-z0-9_]+$" doc:"Which the households are checked for" example:"dibao"`
	On     string `json:"on,omitempty" format:"date" doc:"Day of the check; today when absent" example:"2026-11-01"`
	Title  string `json:"name,omitempty" maxLength:"200" doc:"What its sender calls it" example:"十一月复核"`
	Rows   int64  `json:"rows" minimum:"1" doc:"How many will come; the batch is done when they have" example:"30000"`
}

// BatchQuery selects batches.
type BatchQuery struct {
	Page

	Mine     bool
	Division string // "" is the caller's own
	State    string // "" is any
}

// Batch is a batch as it stands.
type Batch struct {
	ID         string       `json:"id" doc:"Nobody can guess it; messages of a topic name it" example:"0c9a37d2-b14e6811-5f0c9a37-d2b14e68"`
	Sender     string       `json:"sender" doc:"Account" example:"hefei-centre"`
	Division   string       `json:"division" doc:"The sender's" example:"340100"`
	Scheme     string       `json:"scheme" example:"dibao"`
	Channel    string       `json:"channel" enum:"file,http,kafka" doc:"How it came" example:"http"`
	Title      string       `json:"name,omitempty" doc:"What its sender calls it" example:"十一月复核"`
	State      string       `json:"state" enum:"receiving,open,accepted,running,done,cancelled,stopped" example:"running"`
	Why        string       `json:"why,omitempty" enum:"sender_gone,generation_gone,rules_changed,unanswerable" doc:"Why it is stopped" example:"generation_gone"`
	Reason     string       `json:"reason,omitempty" doc:"That somebody gave for cancelling it" example:"重复提交"`
	On         string       `json:"on" format:"date" doc:"Day of the check" example:"2026-11-01"`
	Generation string       `json:"generation" doc:"Of the data, to its last row" example:"bca1be3af2679f6d3bd3754da5026d54"`
	Rules      string       `json:"rules" doc:"To its last row" example:"reference 1 5a468fc4"`
	At         string       `json:"at" format:"date-time" doc:"When it was accepted or opened" example:"2026-11-01T09:00:00+08:00"`
	Ended      string       `json:"ended,omitempty" format:"date-time" doc:"When it was over" example:"2026-11-01T09:05:00+08:00"`
	Rows       int64        `json:"rows" example:"30000"`
	Finished   int64        `json:"finished" doc:"Rows that are answered, refused or set aside" example:"12000"`
	Answered   int64        `json:"answered" doc:"Households that were checked" example:"11000"`
	Refused    int64        `json:"refused" doc:"Requests that were refused; nothing was looked up" example:"900"`
	Unread     int64        `json:"unread" doc:"Rows of the file of which no request could be made" example:"100"`
	Dead       int64        `json:"set_aside" doc:"Rows that could not be answered; retry asks them again" example:"0"`
	Again      int64        `json:"again" doc:"Rows that had been answered before and have the answer of then" example:"0"`
	Outcomes   []BatchCount `json:"outcomes" doc:"How many came to what"`
	Refusals   []BatchCount `json:"refusals" doc:"How many were refused for what"`
}

// Over reports whether nothing more happens to it by itself.
func (b *Batch) Over() bool {
	return b.State == "done" || b.State == "cancelled" || b.State == "stopped"
}

// BatchCount is how many rows came to the same.
type BatchCount struct {
	Code string `json:"code" doc:"Outcome, or why it was refused" example:"authorization_expired"`
	Zh   string `json:"zh,omitempty" doc:"In Chinese" example:"授权书不在有效期内"`
	En   string `json:"en,omitempty" doc:"In English" example:"the authorisation was not in force"`
	Rows int64  `json:"rows" example:"12"`
}

// BatchCancel cancels a batch.
type BatchCancel struct {
	Batch  string `json:"-"`
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why" example:"重复提交"`
}

// BatchRetry lets a stopped batch go on, or has the rows asked again that were set aside.
type BatchRetry struct {
	Batch string `json:"-"`
	Anew  bool   `json:"anew,omitempty" doc:"By the data and the rules of today; what was answered stays as it is" example:"false"`
}

// BatchFetch asks for the results of a batch.
type BatchFetch struct {
	Batch  string
	Format string // jsonl, csv or xlsx
}

// BatchFile says what file is about to be written.
type BatchFile struct {
	Name string
	Type string // media type
}
