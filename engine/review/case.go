package review

import (
	"slices"
	"time"

	"github.com/hedui/hedui/engine/household"
)

// State is where a case stands.
type State string

// The states.
const (
	Proposed    State = "proposed"     // 待复核
	UnderReview State = "under_review" // 复核中
	Confirmed   State = "confirmed"    // 已确认, may be contested
	Cleared     State = "cleared"      // 已排除, closed in favour
	Returned    State = "returned"     // 已退回, to be proposed again
	Disputed    State = "disputed"     // 异议中
	Final       State = "final"        // 已生效
	Withdrawn   State = "withdrawn"    // 已撤回, the authorisation ended
)

// States are all of them.
func States() []State {
	return []State{Proposed, UnderReview, Confirmed, Cleared, Returned, Disputed, Final, Withdrawn}
}

// Closed reports whether people have finished with a case in the state.
func (s State) Closed() bool { return s == Cleared || s == Final || s == Withdrawn }

// Record is a record that the verdict rests on: without it the outcome would be another.
type Record struct {
	// Ref is the record's identity, a keyed pseudonym and never a document number.
	Ref    string           `json:"ref"`
	Source household.Source `json:"source"`
	// Coverage is how far the source could answer when the verdict was made. Only Found
	// can carry an adverse outcome.
	Coverage household.CoverageState `json:"coverage"`
}

// Opening says that a person opened a record.
type Opening struct {
	Person string    `json:"person"`
	Record string    `json:"record"`
	At     time.Time `json:"at"`
}

// Objection is what a household says against a record, or against the case as a whole.
type Objection struct {
	ID     string `json:"id"`
	Record string `json:"record,omitempty"` // "" for the whole
	// Source is the record's: a verdict made without the record no longer names it.
	Source household.Source `json:"source,omitempty"`
	Filed  time.Time        `json:"filed"`
	State  ObjectionState   `json:"state"`
	By     string           `json:"by,omitempty"` // person who decided
	Reason string           `json:"reason,omitempty"`
	Closed time.Time        `json:"closed,omitzero"`
}

// ObjectionState is where an objection stands.
type ObjectionState string

// The states of objections.
const (
	Open     ObjectionState = "open"
	Upheld   ObjectionState = "upheld"
	Rejected ObjectionState = "rejected"
)

// Step is one line of a case's history.
type Step struct {
	Kind   Kind      `json:"kind"`
	Actor  Actor     `json:"actor"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	To     State     `json:"to"`
}

// Case is one verdict that people decide on. It is a value: Apply returns a changed one
// and leaves the one it was given as it is.
type Case struct {
	ID        string            `json:"id"`
	Household string            `json:"household"`
	Scheme    string            `json:"scheme"`
	Verdict   string            `json:"verdict"` // id of the newest
	Outcome   household.Outcome `json:"outcome"`
	// LoadBearing are the records that the verdict rests on, by Ref.
	LoadBearing []Record `json:"load_bearing"`
	// Opened says who opened which of them since the verdict was made, by person and
	// record.
	Opened []Opening `json:"opened,omitempty"`

	State State `json:"state"`
	// Proposer, Reviewer and Second are persons, not accounts. A case that the engine
	// made has no proposer until a person proposes.
	Proposer string `json:"proposer,omitempty"`
	Reviewer string `json:"reviewer,omitempty"`
	Second   string `json:"second,omitempty"`
	Assignee string `json:"assignee,omitempty"`

	// Since is when the verdict came: what its age in the queue counts from.
	Since time.Time `json:"since"`
	// WindowDays is how long the household may contest from NoticeAt on.
	WindowDays int       `json:"window_days"`
	NoticeAt   time.Time `json:"notice_at,omitzero"`

	Objections []Objection `json:"objections,omitempty"`
	// Before is the state that an objection interrupted.
	Before State `json:"before,omitempty"`
	// Dismissed are records that turned out to be wrong. Until their department has
	// corrected them no verdict may rest on them.
	Dismissed []string `json:"dismissed,omitempty"`
	// Awaiting says that the verdict no longer stands and a new one is to come.
	Awaiting bool `json:"awaiting,omitempty"`
	// Ended says that the authorisation was withdrawn.
	Ended bool `json:"ended,omitempty"`

	// Seeded says that the case is known to be false and planted to measure reviewers.
	// Whoever shows a case shows Shown.
	Seeded bool `json:"seeded,omitempty"`

	History []Step `json:"history,omitempty"`
	// Version counts changes, from 1.
	Version int64 `json:"version"`
}

// New returns a case for a verdict that the engine has made. It is an error, ErrIncomplete,
// when something is missing.
func New(id, householdID, scheme string, windowDays int, v Verdict, at time.Time) (Case, error) {
	if id == "" || householdID == "" || scheme == "" || windowDays < 1 || !v.complete() || at.IsZero() {
		return Case{}, ErrIncomplete
	}
	return Case{
		ID: id, Household: householdID, Scheme: scheme, WindowDays: windowDays, State: Proposed, Since: at, Version: 1,
		Verdict: v.ID, Outcome: v.Outcome, LoadBearing: sorted(v.LoadBearing),
	}, nil
}

// Shown is the case as reviewers may see it.
func (c Case) Shown() Case {
	c.Seeded = false
	return c
}

// Adverse reports whether an outcome, once people confirm it, is to the household's
// disadvantage.
func Adverse(o household.Outcome) bool {
	return o == household.SuspectedIneligible || o == household.NeedsReview
}

// Adverse reports whether the case's outcome is.
func (c *Case) Adverse() bool { return Adverse(c.Outcome) }

// Persons are those whose names stand on the case.
func (c *Case) Persons() []string {
	var out []string
	for _, p := range [...]string{c.Proposer, c.Reviewer, c.Second} {
		if p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// Disputed are the records that count for nothing: open objections and those dismissed.
func (c *Case) Disputed() []string {
	out := slices.Clone(c.Dismissed)
	for i := range c.Objections {
		if o := &c.Objections[i]; o.State == Open && o.Record != "" && !slices.Contains(out, o.Record) {
			out = append(out, o.Record)
		}
	}
	slices.Sort(out)
	return out
}

// HasOpened reports whether a person has opened every record that the verdict rests on.
func (c *Case) HasOpened(person string) bool {
	for i := range c.LoadBearing {
		if !c.opened(person, c.LoadBearing[i].Ref) {
			return false
		}
	}
	return true
}

func (c *Case) opened(person, record string) bool {
	return slices.ContainsFunc(c.Opened, func(o Opening) bool { return o.Person == person && o.Record == record })
}

func (c *Case) rests(record string) (Record, bool) {
	for _, r := range c.LoadBearing {
		if r.Ref == record {
			return r, true
		}
	}
	return Record{}, false
}

func (c *Case) openObjections() bool {
	return slices.ContainsFunc(c.Objections, func(o Objection) bool { return o.State == Open })
}
