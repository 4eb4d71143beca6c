package desk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/review/meter"
	"github.com/hedui/hedui/rules"
)

// Template is a household that there is not, with records that were never anywhere, whose
// case looks like any other and is known to be false.
type Template struct {
	Household     string // numbers of the series of the place, which nobody has
	Authorization string
	Division      string
	Scheme        string
	On            household.Date
	Outcome       household.Outcome
	Records       []PlantedRecord
}

// PlantedRecord is a record of a template.
type PlantedRecord struct {
	Source household.Source
	Row    int64 // where it would lie in the newest delivery
	Amount household.Fen
	Limit  household.Fen
	Rule   string // code of the finding
	Law    string
	Fields []Field // in full
}

// Seed plants a case that is known to be false, to see whether whoever reviews it looks.
// It stands in the queues like any other and its evidence opens; no notice of it can be
// given, it never becomes final, nobody can object to it, and it counts in no statistics
// of households. The answer is a task of QueueSeeds.
func (d *Desk) Seed(ctx context.Context, c Caller, t Template, reason string) (id string, err error) {
	e := c.event(access.ReviewerSeed, "")
	if _, err := d.reasoned(&c, access.ReviewerSeed, access.Object{Division: t.Division}, e, reason); err != nil {
		return "", err
	}
	pack := d.o.Packs[t.Scheme]
	if !numeral(t.Household) || !numeral(t.Authorization) || len(t.Records) == 0 || !review.Adverse(t.Outcome) || pack == nil {
		return "", &Refusal{Code: InvalidField, Fields: []string{"template: numbers, a scheme, an adverse outcome and records"}}
	}
	if err := d.nobody(ctx, &t); err != nil {
		return "", err
	}
	g, err := d.current.acquire()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, d.current.release(g)) }()
	now := ledger.At(d.o.Now())
	v, s := d.plant(g, &t, pack)
	verdict, request := newID(), newID()
	id = newID()
	if s.Case, err = review.New(id, t.Household, t.Scheme, d.o.Limits.WindowDays, verdictFor(verdict, t.Outcome, s.Records), now.Time()); err != nil {
		return "", refuse(InvalidField, "template")
	}
	s.Case.Seeded, s.Authorization = true, t.Authorization
	division := access.Significant(t.Division)
	op, err := s.put(division)
	if err != nil {
		return "", err
	}
	r := &ledger.Request{ID: request, Household: t.Household, Authorization: t.Authorization, Scheme: t.Scheme, On: t.On, Division: division, Channel: "check", Verdict: verdict, At: now}
	line, err := t.declared()
	if err != nil {
		return "", err
	}
	said, err := declarationOf(&kept{asking: &asking{line: line}}, v)
	if err != nil {
		return "", err
	}
	if r.Body, err = said.body(); err != nil {
		return "", err
	}
	given := &ledger.Verdict{ID: verdict, Household: t.Household, Scheme: t.Scheme, On: t.On, Outcome: t.Outcome.String(), Generation: g.id, Pack: packName(pack), Request: request, At: now}
	given.Body = v.AppendJSON(nil)
	plant := &ledger.Task{ID: newID(), Queue: QueueSeeds, State: TaskOpen, Division: division, At: now}
	if plant.Body, err = json.Marshal(storedTask{Scheme: t.Scheme, Case: id, Person: c.Person, Reason: strings.TrimSpace(reason)}); err != nil {
		return "", err
	}
	e.Object = plant.ID // not the case: the log must not tell reviewers which one it is
	return id, d.commit(ctx, e, ledger.Change{Ops: []ledger.Op{op, ledger.Put(r), ledger.Put(given), ledger.Put(plant)}})
}

// nobody refuses a template whose numbers somebody has.
func (d *Desk) nobody(ctx context.Context, t *Template) error {
	if a, err := find[ledger.Authorization](ctx, d.o.Ledger, t.Authorization); err != nil {
		return err
	} else if a != nil {
		return refuse(Exists, "")
	}
	for _, q := range []ledger.Query{ledger.AuthorizationsOf(t.Household), ledger.RequestsOf(t.Household), ledger.CasesOf(t.Household)} {
		q.Limit, q.Bare = 1, true
		page, err := d.o.Ledger.List(ctx, q)
		if err != nil {
			return ledgerError(err)
		}
		if len(page.Rows) > 0 {
			return refuse(Exists, "")
		}
	}
	return nil
}

// plant makes the verdict of a template, and its case without what review.New sets.
func (d *Desk) plant(g *generation, t *Template, pack *rules.Pack) (*household.Verdict, *storedCase) {
	v := &household.Verdict{
		HouseholdID: t.Household, Scheme: t.Scheme, On: t.On, Outcome: t.Outcome, Generation: g.id,
		Pack: household.PackRef{Name: pack.Name, Version: pack.Version, Digest: pack.Digest},
	}
	coverPlanted(v, g.Manifest().Snapshots, func(s household.Source) bool {
		return slices.ContainsFunc(t.Records, func(r PlantedRecord) bool { return r.Source == s })
	})
	t.fillSheets(v, pack)
	s := &storedCase{}
	for i := range t.Records {
		r := &t.Records[i]
		e := household.Evidence{Source: r.Source, File: 1, Row: r.Row, Member: 1, Link: "A1", HasAmount: true, Amount: r.Amount}
		asOf := t.On
		for _, ref := range g.Manifest().Snapshots {
			if ref.Source == r.Source {
				e.Provider, e.Snapshot, asOf = ref.Provider, ref.ID, ref.AsOf
			}
		}
		v.Findings = append(v.Findings, household.Finding{
			Code: r.Rule, Effect: t.Outcome, Grade: household.GradeA, HasAmount: true, Amount: r.Amount, Limit: r.Limit, Law: r.Law,
			Evidence: []household.Evidence{e},
		})
		b := bearing{
			Record: record{
				Person: []byte(newID()), // nobody's
				Source: r.Source, Provider: e.Provider, Generation: g.id, Snapshot: e.Snapshot, File: e.File, Row: r.Row,
			},
			Number: i + 1, Coverage: household.Found, AsOf: asOf, HasAmount: true, Amount: r.Amount, Rule: r.Rule, Law: r.Law,
		}
		b.Ref = refOf(d.o.Ledger, &b.Record)
		s.Records = append(s.Records, b)
		for _, f := range r.Fields {
			p := plantedField{Ref: b.Ref, Name: f.Name, Value: f.Value}
			if f.Amount != nil {
				p.Money, p.Value = true, strconv.FormatInt(int64(f.Amount.Fen), 10)
			}
			s.Planted = append(s.Planted, p)
		}
	}
	return v, s
}

// planted is the evidence of a planted case.
func (s *storedCase) planted(n int, masks access.Masks) (*Evidence, error) {
	b, ok := s.numbered(n)
	if !ok {
		return nil, refuse(NotFound, "")
	}
	r := &b.Record
	out := &Evidence{
		Ref: b.Ref, Source: r.Source, Provider: r.Provider, Generation: r.Generation, Snapshot: r.Snapshot, AsOf: b.AsOf, File: r.File, Row: r.Row,
	}
	show := shownFields{masks: masks}
	for _, f := range s.Planted {
		if f.Ref != b.Ref {
			continue
		}
		kind, masked := unmaskable[f.Name]
		switch {
		case f.Money:
			fen, err := strconv.ParseInt(f.Value, 10, 64)
			if err != nil {
				return nil, err
			}
			show.money(f.Name, household.Fen(fen))
		case !masked:
			show.text(f.Name, f.Value)
		case kind == access.FieldName:
			show.masked(f.Name, f.Value, masks.Name(household.Name(f.Value)))
		case kind == access.FieldPlate:
			show.masked(f.Name, f.Value, masks.Plate(household.Plate(f.Value)))
		default:
			show.masked(f.Name, f.Value, masks.Account(household.Account(f.Value)))
		}
	}
	out.Fields = show.out
	return out, nil
}

// Meter reports how well the reviewers of a division find what is known to be false, how
// long they look, and how often they say what the engine said.
func (d *Desk) Meter(ctx context.Context, c Caller, division string, t meter.Thresholds) ([]meter.Report, error) {
	if division == "" {
		division = c.Division
	}
	e := c.event(access.ReviewerMeter, word(division))
	if _, err := d.decide(&c, access.ReviewerMeter, access.Object{Division: division}, e); err != nil {
		return nil, err
	}
	var list []meter.Decision
	for _, state := range review.States() {
		err := ledger.All(ctx, d.o.Ledger, ledger.CasesIn(access.Significant(division), string(state)), func(entry *ledger.Case) error {
			s, err := caseIn(entry)
			if err == nil {
				list = append(list, meter.Decisions(&s.Case)...)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	e.Outcome = audit.Done
	return meter.Measure(list, t), d.note(e)
}
