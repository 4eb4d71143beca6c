package front

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
)

// Check implements wire.Desk.
func (f *Front) Check(ctx context.Context, c wire.Caller, q wire.Check) (wire.Checked, error) {
	on, err := date("on", q.On)
	if err != nil {
		return wire.Checked{}, err
	}
	if q.Rules != "" && !f.Desk.Judges(q.Rules) {
		return wire.Checked{}, wire.Refuse(wire.InvalidField, "rules:unknown")
	}
	// A request may be written over many lines. What is no JSON goes on as it is and gets
	// the answer that it would get in a batch.
	line := q.Request
	var one bytes.Buffer
	if json.Compact(&one, line) == nil {
		line = one.Bytes()
	}
	a, err := f.Desk.Check(ctx, caller(c), line, desk.CheckOptions{On: on})
	if err != nil {
		return wire.Checked{}, told(err)
	}
	return wire.Checked{ID: a.Verdict, Verdict: a.JSON}, nil
}

// Verdict implements wire.Desk.
func (f *Front) Verdict(ctx context.Context, c wire.Caller, id string) (wire.Verdict, error) {
	v, err := f.Desk.Verdict(ctx, caller(c), id)
	if err != nil {
		return wire.Verdict{}, told(err)
	}
	shown, err := shownVerdict(v.JSON, v.Masks)
	if err != nil {
		return wire.Verdict{}, err
	}
	return wire.Verdict{ID: v.ID, Household: v.Household, At: f.at(v.At), Case: v.Case, Replaced: v.Replaced, Verdict: shown}, nil
}

// Household implements wire.Desk.
func (f *Front) Household(ctx context.Context, c wire.Caller, number string) (wire.Household, error) {
	h, err := f.Desk.Household(ctx, caller(c), number)
	if err != nil {
		return wire.Household{}, told(err)
	}
	out := wire.Household{
		Number: h.Number, Division: h.Division, Authorizations: h.Authorizations, Verdicts: h.Verdicts, Cases: h.Cases,
		Checks: []wire.HouseholdCheck{}, States: []wire.HouseholdCase{},
	}
	for _, x := range h.Checks {
		out.Checks = append(out.Checks, wire.HouseholdCheck{
			Verdict: x.Verdict, Scheme: x.Scheme, On: x.On.String(), At: f.at(x.At), Outcome: x.Outcome.String(), Stands: slices.Contains(h.Standing, x.Verdict),
		})
	}
	for _, x := range h.States {
		out.States = append(out.States, wire.HouseholdCase{ID: x.ID, Scheme: x.Scheme, Verdict: x.Verdict, State: string(x.State), Since: f.at(x.Since)})
	}
	return out, nil
}

// OpenEvidence implements wire.Desk.
func (f *Front) OpenEvidence(ctx context.Context, c wire.Caller, q wire.Evidence) (wire.Record, error) {
	e, err := f.Desk.OpenEvidence(ctx, caller(c), q.Verdict, q.Number)
	if err != nil {
		return wire.Record{}, told(err)
	}
	out := wire.Record{
		Verdict: e.Verdict, Number: e.Number, Source: e.Source.String(), Provider: e.Provider, Snapshot: e.Snapshot,
		AsOf: e.AsOf.String(), File: e.File, Row: e.Row,
	}
	switch e.Objection {
	case "open":
		out.State = "disputed"
	case "upheld":
		out.State = "corrected"
	}
	for _, x := range e.Fields {
		out.Fields = append(out.Fields, wire.RecordField{Name: x.Name, Value: shown(&x), Masked: x.Masked})
	}
	return out, nil
}

// shown is a field as text: an amount in yuan, or the band it lies in.
func shown(x *desk.Field) string {
	switch {
	case x.Amount == nil:
		return x.Value
	case x.Amount.Mask == access.Full:
		return x.Amount.Fen.Yuan()
	case x.Amount.Mask == access.Partly:
		return x.Amount.Band.Text().Zh
	}
	return ""
}

// Unmask implements wire.Desk.
func (f *Front) Unmask(ctx context.Context, c wire.Caller, u wire.Unmask) (wire.Unmasked, error) {
	got, err := f.Desk.Unmask(ctx, caller(c), u.Verdict, u.Evidence, u.Field, u.Reason)
	if err != nil {
		return wire.Unmasked{}, told(err)
	}
	return wire.Unmasked{Value: wire.Secret(got.Value), Left: got.Left}, nil
}
