package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// CorrectionQuery selects tickets to a department.
type CorrectionQuery struct {
	Department string
	Sent       bool // those that were sent already
	Cursor     string
	Limit      int
}

// Correction is a ticket to a department (疑义数据): where the record lies in what it
// delivered, and why it is wrong. It says nothing of the household that objected.
type Correction struct {
	ID         string           `json:"id"`
	Department string           `json:"department"`
	Source     household.Source `json:"-"`
	SourceName string           `json:"source"`
	Snapshot   string           `json:"snapshot"`
	AsOf       string           `json:"as_of"`
	File       int              `json:"file"`
	Row        int64            `json:"row"`
	Reason     string           `json:"reason"`
	State      string           `json:"state"`
}

// Corrections lists tickets to a department, oldest first.
func (d *Desk) Corrections(ctx context.Context, c Caller, q CorrectionQuery) (list []Correction, next string, err error) {
	// A department is the province's: its tickets are of the caller's own division.
	e := c.event(access.CorrectionList, word(q.Department))
	if _, err := d.decide(&c, access.CorrectionList, access.Object{Division: c.Division}, e); err != nil {
		return nil, "", err
	}
	state := TaskOpen
	if q.Sent {
		state = TicketSent
	}
	query := ledger.CorrectionsFor(q.Department, state)
	query.Cursor, query.Limit = q.Cursor, q.Limit
	list, next, err = listed(query, func(q ledger.Query) ([]*ledger.Correction, string, error) {
		return ledger.List[ledger.Correction](ctx, d.o.Ledger, q)
	}, func(t *ledger.Correction) (Correction, bool, error) {
		x, division, err := d.correction(ctx, t)
		if err != nil {
			return Correction{}, false, err
		}
		return *x, access.Decide(c.Subject, access.CorrectionList, access.Object{Division: division}).Allow, nil
	})
	if err != nil {
		return nil, "", err
	}
	e.Outcome = audit.Done
	return list, next, d.note(e)
}

// correction decodes a ticket, and says in which division the objection to it was.
func (d *Desk) correction(ctx context.Context, t *ledger.Correction) (*Correction, string, error) {
	var body storedCorrection
	if json.Unmarshal(t.Body, &body) != nil {
		return nil, "", fmt.Errorf("correction %s: its body is not one", t.ID)
	}
	s, err := find[ledger.Case](ctx, d.o.Ledger, body.Case)
	if err != nil {
		return nil, "", err
	}
	division := ""
	if s != nil {
		division = s.Division
	}
	return &Correction{
		ID: t.ID, Department: t.Department, Source: body.Record.Source, SourceName: body.Record.Source.String(), Snapshot: body.Record.Snapshot,
		AsOf: household.Date(body.AsOf).String(), File: body.Record.File, Row: body.Record.Row, Reason: body.Reason, State: t.State,
	}, division, nil
}

// SendCorrections marks tickets as sent to their department and returns them, for the
// file that goes there.
func (d *Desk) SendCorrections(ctx context.Context, c Caller, ids []string) ([]Correction, error) {
	if err := d.may(&c, access.CorrectionSend, ""); err != nil {
		return nil, err
	}
	var out []Correction
	var change ledger.Change
	e := c.event(access.CorrectionSend, "")
	for _, id := range ids {
		t, err := find[ledger.Correction](ctx, d.o.Ledger, id)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
		}
		x, division, err := d.correction(ctx, t)
		if err != nil {
			return nil, err
		}
		if _, err := d.decide(&c, access.CorrectionSend, access.Object{Division: division}, e); err != nil {
			return nil, err
		}
		t.State, x.State = TicketSent, TicketSent
		change.Ops = append(change.Ops, ledger.Put(t))
		out = append(out, *x)
	}
	return out, d.commit(ctx, e, change)
}
