package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/household"
)

// Kind is what happens.
type Kind string

// The kinds of events.
const (
	OpenEvidence    Kind = "open"             // Record
	Propose         Kind = "propose"          // Reason
	TakeUp          Kind = "take_up"          //
	Confirm         Kind = "confirm"          // Reason
	Clear           Kind = "clear"            // Reason
	Return          Kind = "return"           // Reason
	Assign          Kind = "assign"           // Assignee
	Notify          Kind = "notify"           // Notice
	Object          Kind = "object"           // Objection, Record
	DecideObjection Kind = "decide_objection" // Objection, Upheld, Reason
	Recheck         Kind = "recheck"          // Verdict
	Withdraw        Kind = "withdraw"         //
	Tick            Kind = "tick"             //
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{
		OpenEvidence, Propose, TakeUp, Confirm, Clear, Return, Assign, Notify, Object, DecideObjection, Recheck, Withdraw, Tick,
	}
}

// machine reports whether the event may come from no person.
func (k Kind) machine() bool { return k == Recheck || k == Withdraw || k == Tick }

// Actor is who acts. What counts is the person; account and role are written down.
type Actor struct {
	Person  string `json:"person,omitempty"`
	Account string `json:"account,omitempty"`
	Role    string `json:"role,omitempty"`
}

// Event is one thing that happens to a case.
type Event struct {
	Kind  Kind
	Actor Actor
	At    time.Time

	Reason    string
	Record    string
	Assignee  string // a person
	Notice    *Notice
	Objection string // its id
	Upheld    bool
	Verdict   *Verdict
}

// Verdict is what a case needs to know of one.
type Verdict struct {
	ID          string
	Outcome     household.Outcome
	LoadBearing []Record
	// Corrected are dismissed records that their department has put right since.
	Corrected []string
}

func (v *Verdict) complete() bool {
	if v.ID == "" || v.Outcome == 0 || v.Outcome == household.Refused {
		return false
	}
	for i, r := range v.LoadBearing {
		if r.Ref == "" || slices.ContainsFunc(v.LoadBearing[:i], func(o Record) bool { return o.Ref == r.Ref }) {
			return false
		}
	}
	return true
}

// sorted is the records by Ref, in memory of their own.
func sorted(list []Record) []Record {
	out := slices.Clone(list)
	slices.SortFunc(out, func(a, b Record) int { return cmp.Compare(a.Ref, b.Ref) })
	return out
}

// Notice is what the household is told of an outcome. A notice without the facts can't be
// given.
type Notice struct {
	Items []NoticeItem
	// ContestDays is the term that it names; it must be the case's.
	ContestDays int
}

// NoticeItem is one fact of a notice.
type NoticeItem struct {
	Record string // Ref
	Source household.Source
	AsOf   household.Date
	// Amount, or in What what was found where nothing is counted in money.
	HasAmount bool
	Amount    household.Fen
	What      string
	Rule      string // code of the finding
	Law       string // article
}

// complete reports whether the notice has every fact, of every record the case rests on.
func (n *Notice) complete(c *Case) bool {
	if n == nil || n.ContestDays != c.WindowDays || len(n.Items) == 0 {
		return false
	}
	for i := range n.Items {
		it := &n.Items[i]
		if it.Source == 0 || it.AsOf == 0 || !it.HasAmount && !said(it.What) || !said(it.Rule) || !said(it.Law) {
			return false
		}
	}
	for _, r := range c.LoadBearing {
		if !slices.ContainsFunc(n.Items, func(it NoticeItem) bool { return it.Record == r.Ref && it.Source == r.Source }) {
			return false
		}
	}
	return true
}

func said(s string) bool { return strings.TrimSpace(s) != "" }

// EffectKind is what the caller has to do.
type EffectKind string

// The kinds of effects.
const (
	// RecheckWithout: verify the household again as if Record did not exist.
	RecheckWithout EffectKind = "recheck_without"
	// RecheckWith: verify it again with Record, which counts once more.
	RecheckWith EffectKind = "recheck_with"
	// CorrectionTicket: tell the department of Source that Record is wrong.
	CorrectionTicket EffectKind = "correction_ticket"
	// ReopenVerdictsOf: every verdict that used Record is to be looked at again.
	ReopenVerdictsOf EffectKind = "reopen_verdicts_of"
	// NoticeDue: the household is to be given notice.
	NoticeDue EffectKind = "notice_due"
	// NewCase: the case is closed, and Verdict rests on other evidence.
	NewCase EffectKind = "new_case"
	// BecameFinal: the decision stands.
	BecameFinal EffectKind = "became_final"
	// SeedAnswered: Person answered a planted case; Caught says whether they saw it.
	SeedAnswered EffectKind = "seed_answered"
)

// Effect is what follows for others. The caller commits it together with the case.
type Effect struct {
	Kind    EffectKind
	Record  string
	Source  household.Source
	Verdict string
	Person  string
	Caught  bool
}

// Refusal is why an event can't happen. It is an error and a stable code.
type Refusal string

// The refusals.
const (
	ErrIncomplete Refusal = "event_incomplete"       // something the event needs is missing
	ErrKind       Refusal = "event_unknown"          // there is no such event
	ErrNoPerson   Refusal = "person_required"        // only a person does this
	ErrState      Refusal = "state_conflict"         // not in this state
	ErrAssigned   Refusal = "assigned_to_another"    // somebody else's case
	ErrSamePerson Refusal = "same_person"            // another person must do it
	ErrNotOpened  Refusal = "evidence_not_opened"    // a record it rests on has not been opened by this person
	ErrNoEvidence Refusal = "no_evidence"            // an adverse outcome that rests on nothing
	ErrUnsound    Refusal = "source_unsound"         // a source that is stale, partial, incomplete or disputed
	ErrAwaiting   Refusal = "recheck_pending"        // the verdict no longer stands
	ErrReason     Refusal = "reason_required"        // say why
	ErrNotice     Refusal = "notice_incomplete"      // a notice without all the facts
	ErrNoRecord   Refusal = "record_unknown"         // the verdict doesn't rest on it
	ErrObjection  Refusal = "objection_conflict"     // no such open objection, or filed already
	ErrCounted    Refusal = "disputed_record_counts" // a verdict that rests on a disputed record
	ErrSeededCase Refusal = "seeded_case"            // planted: nobody is given notice
	ErrUnchanged  Refusal = "nothing_changed"        // the verdict is the one that it has
)

// Error is the code.
func (r Refusal) Error() string { return string(r) }
