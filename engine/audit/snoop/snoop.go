package snoop

import (
	"strings"
	"time"

	"github.com/hedui/hedui/engine/audit"
)

// Access is one household that somebody looked at, or tried to.
type Access struct {
	Seq       int64
	Time      time.Time
	Actor     string
	Role      string
	Division  string // of the actor's body
	Operation string
	Household string
	Batch     bool // one of many in a batch or a list, or no look at all: only honey tells there
	Denied    bool
	Rows      int // of a batch that lie outside the sender's division: this stands for all of them
}

// batchFrom is the number of households from which an entry is a batch.
const batchFrom = 32

// batchSubmit is the operation of rows of a batch.
const batchSubmit = "batch.submit"

// AccessesOf takes the accesses out of an entry: of what begins and of events. The ends of
// looks, what auditors ask about a household, what a term does that ran out, and that a
// look goes on at the upper node or that it is told of a withdrawal are none.
func AccessesOf(e *audit.Entry) []Access {
	if e.Phase != "begin" && e.Phase != "note" || strings.HasPrefix(e.Action, "audit_") || strings.HasPrefix(e.Action, "audit.") || e.Action == "case.final" || e.Action == "dock.ask" || e.Action == "dock.withdraw" {
		return nil
	}
	// A queue names households that nobody chose, and one that is only now registered has
	// no case yet.
	many := e.Batch != "" || len(e.Households) >= batchFrom || e.Phase == "note" && len(e.Households) > 1 || e.Action == "authorization.register" || e.Action == batchSubmit
	at, err := time.Parse(time.RFC3339, e.Time)
	if err != nil {
		return nil
	}
	out := make([]Access, len(e.Households), len(e.Households)+1)
	for i, h := range e.Households {
		out[i] = Access{
			Seq: e.Seq, Time: at, Actor: e.Actor, Role: e.Role, Division: e.Division, Operation: e.Action, Household: h[0],
			Batch: many, Denied: e.Outcome == audit.Denied,
		}
	}
	if len(out) > 0 && e.Action == batchSubmit && e.Outcome == audit.Denied {
		a := out[0]
		a.Batch, a.Rows = false, len(out)
		out = append(out, a)
	}
	return out
}

// CaseState is what is known of a household's case at a time.
type CaseState uint8

// The states of a case. What is not known is never a sign.
const (
	CaseUnknown CaseState = iota
	CaseOpen              // a case or a live request is there
	CaseClosed            // there was one, and it is over
	CaseNever
)

// Relation says how an actor is related to a household.
type Relation uint8

// The relations, which may be combined.
const (
	SameSurname Relation = 1 << iota // honest by chance in one of fifteen
	SameAddress
	Colleague // a member works where the actor does
	Self      // a member is the actor
)

// Context answers what the log does not hold. Its answers must be those of the time
// that is asked about, so that an old log gives the alerts it gave then.
type Context interface {
	Case(household string, at time.Time) CaseState
	// Outside reports that a household is neither of the actor's division nor referred to
	// it; false when it is not known.
	Outside(a Access) bool
	Related(actor, household string) Relation
	Honey(household string) bool
	Working(at time.Time) bool
}

// Sign is what makes an access suspicious.
type Sign string

// The signs.
const (
	Honey         Sign = "honey"          // nobody has a lawful reason to look
	NoCase        Sign = "no_case"        // never was one
	Relative      Sign = "relative"       // the address or a member is the actor's own
	CoWorker      Sign = "colleague"      // a member works where the actor does
	Surname       Sign = "surname"        // weak
	OutOfHours    Sign = "out_of_hours"   // weak
	NightWork     Sign = "night_work"     // many out of hours
	Volume        Sign = "volume"         // far more than the peers
	Sequential    Sign = "sequential"     // numbers in a row that have no case
	AfterClosure  Sign = "after_closure"  // weak: the case is over
	RepeatClosed  Sign = "repeat_closed"  // the same actor, again and again after it was over
	AnotherRegion Sign = "another_region" // not of the actor's division
)

// weak signs alarm only two together.
func (s Sign) weak() bool { return s == Surname || s == OutOfHours || s == AfterClosure }

// Alert is a reason for an auditor to ask.
type Alert struct {
	Seq       int64  `json:"seq"`
	Time      string `json:"time"` // RFC 3339
	Actor     string `json:"actor"`
	Role      string `json:"role,omitempty"`
	Division  string `json:"division,omitempty"`
	Operation string `json:"operation"`
	Household string `json:"household"`
	Signs     []Sign `json:"signs"`           // strongest first
	Count     int    `json:"count,omitempty"` // looks of the actor that day, where the volume alarms
	Urgent    bool   `json:"urgent,omitempty"`
}

// Options of New; zero values are the defaults.
type Options struct {
	Times     int            // volume alarms above this many times the peers' median; 4
	AtLeast   int            // and never below this many looks a day; 25
	Night     int            // looks out of hours in one night that alarm; 3
	Row       int            // numbers in a row that alarm when some have no case; 5
	LongRow   int            // and whatever their cases; 30
	Repeats   int            // looks at one household after its case was closed; 2
	Tries     int            // households without a case that were asked for in vain on one day; 3
	PeerDays  int            // days of peers that must be known before volume alarms; 5
	Location  *time.Location // where days begin; UTC
	RowWithin time.Duration  // a row is made of looks no further apart; 1 h
}

func (o Options) withDefaults() Options {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.Times, 4)
	set(&o.AtLeast, 25)
	set(&o.Night, 3)
	set(&o.Row, 5)
	set(&o.LongRow, 30)
	set(&o.Repeats, 2)
	set(&o.Tries, 3)
	set(&o.PeerDays, 5)
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.RowWithin <= 0 {
		o.RowWithin = time.Hour
	}
	return o
}
