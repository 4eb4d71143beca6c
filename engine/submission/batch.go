package submission

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// State says where a batch stands.
type State string

// The states of a batch.
const (
	Receiving State = "receiving" // its rows are being written down
	Open      State = "open"      // rows may still come by a topic
	Accepted  State = "accepted"  // all rows are there
	Running   State = "running"
	Done      State = "done"
	Cancelled State = "cancelled" // by somebody; what was answered stays answered
	Stopped   State = "stopped"   // it can't go on; see Batch.Why
)

// Over reports whether nothing more happens to a batch by itself.
func (s State) Over() bool { return s == Done || s == Cancelled || s == Stopped }

// States are the states in their order.
func States() []State {
	return []State{Receiving, Open, Accepted, Running, Done, Cancelled, Stopped}
}

// Channel says how a batch came.
type Channel string

// The channels.
const (
	File  Channel = "file"
	HTTP  Channel = "http"
	Kafka Channel = "kafka"
)

// Why says why a batch is stopped.
type Why string

// The reasons.
const (
	SenderGone     Why = "sender_gone"     // the account is locked or disabled, or may not submit any more
	GenerationGone Why = "generation_gone" // what it was accepted for is no longer kept
	RulesChanged   Why = "rules_changed"   // the centre has other rules now than it was accepted for
	Unanswerable   Why = "unanswerable"    // too many rows in turn could not be answered
)

// Batch is one batch as it stands.
type Batch struct {
	ID         string
	Sender     string // account
	Division   string // the sender's
	Scheme     string
	Channel    Channel
	Title      string // what its sender calls it: the name of the file, usually
	Key        string // by which its sender sends it once; "" for none
	State      State
	Why        Why
	Reason     string // that somebody gave for cancelling it
	Generation string
	Rules      string // name, version and digest
	On         household.Date
	At         time.Time // accepted or opened
	Ended      time.Time
	Digest     string // SHA-256 of the rows as they came; "" of a topic
	Rows       int64  // all there are, of a topic as its sender announced
	Counts     ledger.Counts

	body  body
	entry *ledger.Batch
}

// Finished are the rows that are answered, refused or set aside.
func (b *Batch) Finished() int64 {
	return b.Counts.Answered + b.Counts.Refused + b.Counts.Unread + b.Counts.Dead
}

// Different are the rows that were answered or refused, each once however often it came. Of
// a topic the batch is over when they are as many as its sender announced: a message that
// was set aside is waited for, until it comes as it should or the sender says that no more
// will.
func (b *Batch) Different() int64 { return b.Counts.Answered + b.Counts.Refused - b.Counts.Again }

// body is what the ledger keeps of a batch besides what it is found by.
type body struct {
	Title  string         `json:"title,omitempty"`
	Why    Why            `json:"why,omitempty"`
	Reason string         `json:"reason,omitempty"`
	Digest string         `json:"digest,omitempty"`
	Rows   int64          `json:"rows"`
	Counts *ledger.Counts `json:"counts,omitempty"` // once it is over
	Ended  ledger.Instant `json:"ended,omitempty"`
	Before []pins         `json:"before,omitempty"` // what earlier rows were judged by

	// Who sent it, for whoever answers it when they have left.
	Scopes []string `json:"scopes,omitempty"` // of the token, when it had any
	Owner  bool     `json:"owner,omitempty"`  // the owner of the machine, before the first account
	Again  bool     `json:"again,omitempty"`  // somebody has the rows asked again that were set aside
}

// pins are what a batch was accepted for before it was accepted anew.
type pins struct {
	Generation string `json:"generation"`
	Rules      string `json:"rules"`
}

func batchIn(e *ledger.Batch) (*Batch, error) {
	b := &Batch{
		ID: e.ID, Sender: e.Sender, Division: e.Division, Scheme: e.Scheme, Channel: Channel(e.Channel), Key: e.Name, State: State(e.State),
		Generation: e.Generation, Rules: e.Pack, On: e.On, At: e.At.Time(), entry: e,
	}
	if json.Unmarshal(e.Body, &b.body) != nil {
		return nil, fmt.Errorf("batch %s: its body is not one", e.ID) // the decoder's words may quote it
	}
	b.Title, b.Why, b.Reason, b.Digest, b.Rows = b.body.Title, b.body.Why, b.body.Reason, b.body.Digest, b.body.Rows
	if b.body.Counts != nil {
		b.Counts = *b.body.Counts
	}
	if b.body.Ended != 0 {
		b.Ended = b.body.Ended.Time()
	}
	return b, nil
}

// put is the Op that writes a batch over the state that was read.
func (b *Batch) put() ledger.Op {
	e := &ledger.Batch{
		ID: b.ID, Sender: b.Sender, Division: b.Division, Scheme: b.Scheme, Channel: string(b.Channel), Name: b.Key, State: string(b.State),
		Generation: b.Generation, Pack: b.Rules, On: b.On, Held: b.State != Done && b.State != Cancelled, At: ledger.At(b.At),
	}
	if b.State == Receiving {
		e.Name = "" // it is its sender's batch of that name once it is whole
	}
	if b.entry != nil {
		e.Version = b.entry.Version
	}
	b.body.Title, b.body.Why, b.body.Reason, b.body.Digest, b.body.Rows = b.Title, b.Why, b.Reason, b.Digest, b.Rows
	b.body.Counts, b.body.Ended = nil, 0
	if b.State.Over() {
		b.body.Counts, b.body.Ended = &b.Counts, ledger.At(b.Ended)
	}
	e.Body, _ = json.Marshal(b.body) // always can be
	b.entry = e
	return ledger.Put(e)
}

// object is the batch as the policy judges it.
func (b *Batch) object() access.Object {
	return access.Object{Division: b.Division, Purpose: b.Scheme, Owner: b.Sender}
}

// add adds counts to counts.
func add(to *ledger.Counts, c *ledger.Counts) {
	to.Answered += c.Answered
	to.Refused += c.Refused
	to.Unread += c.Unread
	to.Dead += c.Dead
	to.Again += c.Again
	addAll(&to.Outcomes, c.Outcomes)
	addAll(&to.Refusals, c.Refusals)
}

func addAll(to *map[string]int64, from map[string]int64) {
	if *to == nil && len(from) > 0 {
		*to = maps.Clone(from)
		return
	}
	for k, n := range from {
		(*to)[k] += n
	}
}
