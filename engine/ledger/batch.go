package ledger

import (
	"fmt"

	"github.com/hedui/hedui/engine/household"
)

// Batch is a number of households that somebody asked about at once, however they came.
// What it is besides what it is found by is in the body.
type Batch struct {
	Stored
	ID         string         `json:"id"`
	Sender     string         `json:"sender"` // account
	Division   string         `json:"division"`
	Scheme     string         `json:"scheme"`
	Channel    string         `json:"channel"`
	State      string         `json:"state"`
	Generation string         `json:"generation"` // that it was accepted for
	Pack       string         `json:"pack"`       // likewise: name, version and digest
	On         household.Date `json:"on"`
	Name       string         `json:"name,omitempty"` // by which its sender sends it once, see BatchName
	Held       bool           `json:"held,omitempty"` // its generation must be kept
	At         Instant        `json:"at"`             // accepted
}

// Kind is KindBatch.
func (*Batch) Kind() Kind { return KindBatch }

// Key is the id.
func (b *Batch) Key() string { return b.ID }

func (b *Batch) check() string {
	return firstBad(isNumber("id", b.ID), isKey("sender", b.Sender), isDivision(b.Division), isKey("scheme", b.Scheme),
		isKey("channel", b.Channel), isKey("state", b.State), isNameOrNone("name", b.Name))
}

func (b *Batch) indexes(add func(indexKey)) {
	for _, level := range levels(b.Division) {
		add(index(byDivision).text(level).down(int64(b.At)))
	}
	add(index(byState).text(b.State).up(int64(b.At)))
	add(index(byUser).text(b.Sender).down(int64(b.At)))
}

func (b *Batch) uniques() []string {
	if b.Name == "" {
		return nil
	}
	return []string{BatchName(b.Sender, b.Name)}
}

// BatchName is what Find takes for the name that a sender gave to a batch.
func BatchName(sender, name string) string {
	return fmt.Sprintf("sent:%d:%s%s", len(sender), sender, name)
}

// BatchesIn asks for the batches of a division and below it, newest first.
func BatchesIn(division string) Query { return index(byDivision).text(division).query(KindBatch) }

// BatchesOf asks for the batches of a sender, newest first.
func BatchesOf(sender string) Query { return index(byUser).text(sender).query(KindBatch) }

// BatchesBeing asks for the batches in a state, oldest first.
func BatchesBeing(state string) Query { return index(byState).text(state).query(KindBatch) }

// Part is some rows of a batch, one after the other. Its body holds them: as they were
// asked, and as they were answered afterwards.
type Part struct {
	Stored
	Batch  string `json:"batch"`
	First  int64  `json:"first"` // row, counted from 1; of a topic the offset
	Rows   int64  `json:"rows"`
	State  string `json:"state"`
	Counts Counts `json:"counts"`
	// Where its rows came from, of a topic.
	Topic     string  `json:"topic,omitempty"`
	Partition int32   `json:"partition,omitempty"`
	Epoch     int64   `json:"epoch,omitempty"` // of the worker: a topic that was made anew has its offsets again
	At        Instant `json:"at"`
}

// Counts say what became of rows.
type Counts struct {
	Answered int64            `json:"answered,omitempty"` // with a verdict of their own
	Refused  int64            `json:"refused,omitempty"`  // that may not be looked up
	Unread   int64            `json:"unread,omitempty"`   // that no request could be made of
	Dead     int64            `json:"dead,omitempty"`     // messages that were set aside
	Again    int64            `json:"again,omitempty"`    // of them answered before
	Outcomes map[string]int64 `json:"outcomes,omitempty"`
	Refusals map[string]int64 `json:"refusals,omitempty"` // by code: refused, unread and dead
}

// Kind is KindPart.
func (*Part) Kind() Kind { return KindPart }

// Key is the batch and the row that the part begins at; of a topic the partition, the epoch
// and the offset.
func (p *Part) Key() string {
	if p.Topic != "" {
		return fmt.Sprintf("%s/%s/%d/%010d/%016d", p.Batch, p.Topic, p.Partition, p.Epoch, p.First)
	}
	return fmt.Sprintf("%s/%012d", p.Batch, p.First)
}

func (p *Part) check() string {
	if p.First < 0 || p.Rows < 0 || p.Partition < 0 || p.Epoch < 0 {
		return "first, rows, partition or epoch is below zero"
	}
	return firstBad(isNumber("batch", p.Batch), isKey("state", p.State), isText("topic", p.Topic))
}

func (p *Part) indexes(add func(indexKey)) {
	add(index(byState).text(p.State).text(p.Topic).up(int64(p.Partition)).up(p.Epoch).up(p.First))
}

// PartsOf asks for the parts of a batch, in the order of their rows.
func PartsOf(batch string) Query {
	return Query{Kind: KindPart, Prefix: rowKey(KindPart, batch+"/")}
}

// PartsBeing asks for the parts in a state whose rows came by a partition of a topic, in
// their order.
func PartsBeing(state, topic string, partition int32) Query {
	return index(byState).text(state).text(topic).up(int64(partition)).query(KindPart)
}
