package counter

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
)

// Check asks about one household.
func (k *Counter) Check(ctx context.Context, c wire.Caller, q wire.Check) (wire.Checked, error) {
	o := desk.CheckOptions{Scheme: q.Rules}
	if q.On != "" {
		on, ok := household.ParseDate([]byte(q.On))
		if !ok {
			return wire.Checked{}, wire.Refuse(wire.InvalidField, "query.on:date")
		}
		o.On = on
	}
	a, err := k.desk.Check(ctx, caller(c), q.Request, o)
	if err != nil {
		return wire.Checked{}, refusal(err)
	}
	return wire.Checked{ID: a.Verdict, Verdict: a.JSON}, nil
}

// Verdict reads a verdict of the ledger.
func (k *Counter) Verdict(ctx context.Context, c wire.Caller, id string) (wire.Verdict, error) {
	v, err := k.desk.Verdict(ctx, caller(c), id)
	if err != nil {
		return wire.Verdict{}, refusal(err)
	}
	return wire.Verdict{ID: v.ID, Household: v.Household, At: k.instant(v.At.Time()), Case: v.Case, Verdict: json.RawMessage(v.JSON)}, nil
}

// Household lists what there is of a household.
func (k *Counter) Household(ctx context.Context, c wire.Caller, number string) (wire.Household, error) {
	h, err := k.desk.Household(ctx, caller(c), number)
	if err != nil {
		return wire.Household{}, refusal(err)
	}
	return wire.Household{
		Number: h.Number, Division: h.Division, Authorizations: listed(h.Authorizations), Verdicts: listed(h.Verdicts), Cases: listed(h.Cases),
	}, nil
}

// listed is a list that is written as one also when it is empty.
func listed(s []string) []string { return append([]string{}, s...) }

// OpenEvidence opens a record that a verdict rests on.
func (k *Counter) OpenEvidence(ctx context.Context, c wire.Caller, e wire.Evidence) (wire.Record, error) {
	r, err := k.desk.OpenEvidence(ctx, caller(c), e.Verdict, e.Number)
	if err != nil {
		return wire.Record{}, refusal(err)
	}
	out := wire.Record{
		Verdict: r.Verdict, Number: r.Number, Source: r.Source.String(), Provider: r.Provider, Snapshot: r.Snapshot, AsOf: r.AsOf.String(),
		File: r.File, Row: r.Row, State: r.Objection, Fields: []wire.RecordField{},
	}
	for _, f := range r.Fields {
		out.Fields = append(out.Fields, fieldOf(f))
	}
	return out, nil
}

// Unmask shows one field of a record in full.
func (k *Counter) Unmask(ctx context.Context, c wire.Caller, u wire.Unmask) (wire.Unmasked, error) {
	x, err := k.desk.Unmask(ctx, caller(c), u.Verdict, u.Evidence, u.Field, u.Reason)
	if err != nil {
		return wire.Unmasked{}, refusal(err)
	}
	return wire.Unmasked{Value: wire.Secret(x.Value), Left: x.Left}, nil
}

// amount is money in fen, the band it lies in, or nothing.
func amount(a *access.Amount) string {
	switch a.Mask {
	case access.Full:
		return strconv.FormatInt(int64(a.Fen), 10)
	case access.Partly:
		return a.Band.Text().Zh
	}
	return ""
}

// fieldOf is a field of a record: money in fen, or the band that it lies in.
func fieldOf(f desk.Field) wire.RecordField {
	out := wire.RecordField{Name: f.Name, Value: f.Value, Masked: f.Masked}
	if f.Amount != nil {
		out.Value = amount(f.Amount)
	}
	return out
}
