package front

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/review/meter"
)

// PlantCase implements wire.Desk.
func (f *Front) PlantCase(ctx context.Context, c wire.Caller, p wire.Planting) (wire.Planted, error) {
	on, err := date("on", p.On)
	if err != nil {
		return wire.Planted{}, err
	}
	outcome, ok := household.Outcomes.Named(p.Outcome)
	if !ok {
		return wire.Planted{}, wire.Refuse(wire.InvalidField, "body.outcome:enum")
	}
	t := desk.Template{
		Household: p.Household, Authorization: p.Authorization, Division: p.Division, Scheme: p.Scheme, On: on, Outcome: household.Outcome(outcome),
	}
	for i, r := range p.Records {
		source, ok := household.ParseSource(r.Source)
		if !ok {
			return wire.Planted{}, wire.Refuse(wire.InvalidField, "body.records["+strconv.Itoa(i)+"].source:enum")
		}
		planted := desk.PlantedRecord{Source: source, Row: r.Row, Amount: household.Fen(r.Amount), Limit: household.Fen(r.Limit), Rule: r.Rule, Law: r.Law}
		for _, x := range r.Fields {
			field := desk.Field{Name: x.Name, Value: x.Value.Reveal()}
			if x.Amount != nil {
				field.Amount = &access.Amount{Fen: household.Fen(*x.Amount)}
			}
			planted.Fields = append(planted.Fields, field)
		}
		t.Records = append(t.Records, planted)
	}
	id, err := f.Desk.Seed(ctx, caller(c), t, p.Reason)
	if err != nil {
		return wire.Planted{}, told(err)
	}
	return wire.Planted{Case: id}, nil
}

// Reviewers implements wire.Desk.
func (f *Front) Reviewers(ctx context.Context, c wire.Caller, division string) (wire.ReviewerReports, error) {
	list, err := f.Desk.Meter(ctx, caller(c), division, meter.Defaults())
	if err != nil {
		return wire.ReviewerReports{}, told(err)
	}
	out := wire.ReviewerReports{Division: cmp.Or(division, c.Division), Reviewers: []wire.ReviewerReport{}}
	for _, r := range list {
		report := wire.ReviewerReport{
			Person: r.Person, Found: frequency(r.Detection), Quick: frequency(r.Quick), Agreed: frequency(r.Agreement),
			MedianSeconds: int64(r.Median / time.Second), Flags: []string{},
		}
		for _, flag := range r.Flags {
			report.Flags = append(report.Flags, string(flag))
		}
		out.Reviewers = append(out.Reviewers, report)
	}
	return out, nil
}

func frequency(r meter.Rate) wire.Frequency {
	return wire.Frequency{Count: r.Count, Of: r.Of, Low: int(math.Floor(r.Low * 1000)), High: int(math.Ceil(r.High * 1000))}
}
