package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/store"
)

// Evidence is one record that a verdict rests on, opened. Its fields are shown as far as
// the caller may see them.
type Evidence struct {
	Verdict    string
	Number     int // counted from 1 over all findings
	Ref        string
	Source     household.Source
	Provider   string
	Generation string
	Snapshot   string
	AsOf       household.Date
	File       int
	Row        int64
	Objection  string // state of the objection to it, "" without one
	Fields     []Field
}

// Field is one field of a record. A text that is hidden is empty.
type Field struct {
	Name  string
	Value string
	// Masked says that there is more than is shown.
	Masked bool
	// Amount is set instead of Value where the field is money.
	Amount *access.Amount
}

// OpenEvidence opens a record that a verdict rests on, in the generation that the verdict
// read, and takes down in the audit log and in the case who has seen it. A second opening
// by the same person is logged too.
func (d *Desk) OpenEvidence(ctx context.Context, c Caller, verdict string, n int) (*Evidence, error) {
	v, r, decision, e, err := d.evidence(ctx, &c, access.EvidenceOpen, verdict, n, access.Object{}, "")
	if err != nil {
		return nil, err
	}
	return d.open(ctx, &c, v, r, n, decision.Masks, e)
}

// evidence finds out where the n-th record of a verdict lies, and whether the caller may
// open it. Nothing is read yet.
func (d *Desk) evidence(ctx context.Context, c *Caller, op access.Operation, verdict string, n int, o access.Object, why string) (*Verdict, *place, access.Decision, audit.Event, error) {
	e := c.event(op, "")
	fail := func(err error) (*Verdict, *place, access.Decision, audit.Event, error) {
		return nil, nil, access.Decision{}, e, err
	}
	if err := d.may(c, op, ""); err != nil {
		return fail(err)
	}
	held, at, err := d.placeIn(ctx, verdict, n)
	if err != nil {
		return fail(err)
	}
	if at != nil {
		o.Classes[at.Source] = at.Source < household.NumChecked
	}
	v, decision, e, err := d.given(ctx, c, op, verdict, o, why)
	if err != nil {
		return fail(err)
	}
	if !held || at == nil {
		return fail(d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true}))
	}
	// What was withdrawn is not looked at any more; an end of its term only ends checks.
	if v.of != nil && v.of.Case.Seeded {
		return v, at, decision, e, nil
	}
	a, err := readAuthorization(ctx, d.o.Ledger, v.request.Authorization)
	if err != nil {
		return fail(err)
	}
	if a == nil || a.Withdrawn != nil {
		e.Outcome, e.Code = audit.Denied, "authorization_withdrawn"
		return fail(errors.Join(refuse(StateRefuses, e.Code), d.note(e)))
	}
	return v, at, decision, e, nil
}

// placeIn is where the n-th record of a verdict lies, nil when there is none.
func (d *Desk) placeIn(ctx context.Context, verdict string, n int) (held bool, at *place, err error) {
	if !keyable(verdict) {
		return false, nil, nil
	}
	v, err := find[ledger.Verdict](ctx, d.o.Ledger, verdict)
	if v == nil || err != nil {
		return false, nil, err
	}
	r, err := find[ledger.Request](ctx, d.o.Ledger, v.Request)
	if r == nil || err != nil {
		return true, nil, err
	}
	said, err := declarationIn(r)
	if err != nil || n < 1 || n > len(said.Evidence) {
		return true, nil, err
	}
	return true, &said.Evidence[n-1], nil
}

// open reads a record after it was taken down who will see which of its fields.
func (d *Desk) open(ctx context.Context, c *Caller, v *Verdict, at *place, n int, masks access.Masks, e audit.Event) (out *Evidence, err error) {
	held, err := find[ledger.Verdict](ctx, d.o.Ledger, v.ID)
	if err != nil || held == nil {
		return nil, errors.Join(err, refuse(NotFound, ""))
	}
	token, err := d.o.Audit.Begin(audit.Look{
		Who: e.Who, Action: e.Operation, Request: e.Request, Purpose: e.Purpose, Generation: held.Generation, On: held.On,
		Fields: append(slices.Clone(e.Fields), "evidence."+strconv.Itoa(n), at.Source.String()), Reason: e.Reason, Subjects: e.Subjects,
	})
	if err != nil {
		return nil, &AuditError{err}
	}
	if v.of != nil && v.of.Case.Seeded {
		out, err = v.of.planted(n, masks)
	} else {
		out, err = d.readEvidence(held.Generation, at, masks)
	}
	if err != nil {
		return nil, errors.Join(err, d.end(token, nil))
	}
	out.Verdict, out.Number = v.ID, n
	if v.of != nil {
		if err := d.opened(ctx, c, v.of, out); err != nil {
			return nil, errors.Join(err, d.end(token, nil))
		}
	}
	return out, d.end(token, []household.Outcome{household.OutcomeOf(held.Outcome)})
}

// opened writes into a case who has opened which record.
func (d *Desk) opened(ctx context.Context, c *Caller, s *storedCase, out *Evidence) error {
	for range attempts {
		for _, o := range s.Case.Objections {
			if o.Record == out.Ref {
				out.Objection = string(o.State)
			}
		}
		next, _, err := review.Apply(s.Case, review.Event{Kind: review.OpenEvidence, Actor: c.actor(), At: ledger.At(d.o.Now()).Time(), Record: out.Ref})
		if _, refused := errors.AsType[review.Refusal](err); refused {
			return nil // closed, or not what it rests on: seen all the same
		}
		if err != nil || next.Version == s.Case.Version {
			return err
		}
		s.Case = next
		op, err := s.put("")
		if err != nil {
			return err
		}
		err = d.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{op}})
		if !errors.Is(err, ledger.ErrConflict) {
			return ledgerError(err)
		}
		if s, err = readCase(ctx, d.o.Ledger, s.Case.ID); err != nil {
			return err
		}
		if s == nil {
			return refuse(Changed, "")
		}
	}
	return refuse(Changed, "")
}

// readEvidence reads a record in its generation.
func (d *Desk) readEvidence(generation string, at *place, masks access.Masks) (out *Evidence, err error) {
	if at.Node != "" {
		p, index, err := at.sent()
		if err != nil {
			return nil, err
		}
		return d.shownEvidence(generation, at, p, index, at.AsOf, masks), nil
	}
	g, err := d.current.acquireID(generation)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(NotHeld, "")
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.current.release(g)) }()
	p, index, asOf, err := locate(g, *at)
	if err != nil {
		return nil, err
	}
	return d.shownEvidence(generation, at, p, index, asOf, masks), nil
}

func (d *Desk) shownEvidence(generation string, at *place, p *profile.Profile, index int, asOf household.Date, masks access.Masks) *Evidence {
	r := recordAt(generation, *at, p, index)
	return &Evidence{
		Ref: refOf(d.o.Ledger, &r), Source: at.Source, Provider: at.Provider, Generation: generation, Snapshot: at.Snapshot,
		AsOf: asOf, File: at.File, Row: at.Row, Fields: fieldsOf(p, at.Source, index, masks),
	}
}

// shownFields collects fields as they may be shown.
type shownFields struct {
	masks access.Masks
	out   []Field
}

func (s *shownFields) text(name, v string) {
	if v != "" {
		s.out = append(s.out, Field{Name: name, Value: v})
	}
}

func (s *shownFields) masked(name, whole, shown string) {
	if whole != "" {
		s.out = append(s.out, Field{Name: name, Value: shown, Masked: shown != whole})
	}
}

func (s *shownFields) money(name string, v household.Fen) {
	a := s.masks.Amount(v)
	s.out = append(s.out, Field{Name: name, Masked: a.Mask != access.Full, Amount: &a})
}

func (s *shownFields) code(name string, l household.CodeList, v uint8) {
	s.text(name, l.At(v).Name)
}

func (s *shownFields) date(name string, v household.Date) {
	if v != 0 {
		s.text(name, v.String())
	}
}

// fieldsOf are the fields of a record.
func fieldsOf(p *profile.Profile, source household.Source, i int, masks access.Masks) []Field {
	s := &shownFields{masks: masks}
	if o := p.Origin(source, i).Owner; o >= 0 && o < len(p.Owners) {
		name := household.Name(p.Owners[o].Name)
		s.masked("name", name.Reveal(), masks.Name(name))
	}
	switch source {
	case household.Tax:
		r := &p.Tax[i]
		s.text("period", r.Period.String())
		s.code("income_type", household.IncomeTypes, r.IncomeType)
		s.money("income", r.Income)
		s.money("own_insurance", r.OwnInsurance)
		s.money("tax", r.Tax)
	case household.Vehicle:
		r := &p.Vehicle[i]
		s.masked("plate", r.Plate, masks.Plate(household.Plate(r.Plate)))
		s.masked("vin", r.VIN, masks.Account(household.Account(r.VIN)))
		s.code("class", household.VehicleClasses, r.Class)
		s.code("status", household.VehicleStatuses, r.Status)
		s.code("use", household.VehicleUses, r.Use)
		s.date("registered_on", r.RegisteredOn)
		s.date("inspection_due", r.InspectionDue)
		s.money("value", r.Value)
	case household.Property:
		r := &p.Property[i]
		s.masked("unit_code", r.UnitCode, masks.Account(household.Account(r.UnitCode)))
		s.masked("certificate_no", r.CertificateNo, masks.Account(household.Account(r.CertificateNo)))
		s.code("kind", household.PropertyKinds, r.Kind)
		s.code("status", household.PropertyStatuses, r.Status)
		s.date("registered_on", r.RegisteredOn)
		s.money("value", r.Value)
	case household.Bank:
		r := &p.Bank[i]
		s.text("institution", r.Institution)
		s.masked("account_no", r.AccountNo, masks.Account(household.Account(r.AccountNo)))
		s.code("kind", household.AccountKinds, r.Kind)
		s.money("balance", r.Balance)
		s.date("balance_on", r.BalanceOn)
		s.money("average_balance", r.AverageBalance)
		s.code("purpose", household.BalancePurposes, r.Purpose)
	case household.Insurance:
		r := &p.Insurance[i]
		s.code("scheme", household.InsuranceSchemes, r.Scheme)
		s.code("role", household.InsuranceRoles, r.Role)
		s.text("month", r.Month.String())
		s.code("identity", household.InsuranceIdentities, r.Identity)
		s.money("base", r.Base)
		s.money("benefit", r.Benefit)
	}
	return s.out
}
