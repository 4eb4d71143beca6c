package desk

import (
	"context"
	"fmt"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/rules"
)

// Sheet is a verdict with everything that explains it to a person: what was declared, by
// which authorisation it was looked up, what people made of it so far, and the words of
// its rules. How much of its personal fields may be shown is in Masks; whoever shows a
// sheet asks them for every name, number and amount.
type Sheet struct {
	ID, Household, Scheme string
	On                    household.Date
	At                    ledger.Instant
	By                    string // account that asked for the check
	Division              string
	Replaced              string // the verdict where the household stands now, if it is another
	Masks                 access.Masks

	Verdict *household.Verdict
	// Request is what the household declared; nil when the ledger keeps none.
	Request       *household.Request
	Authorization SheetAuthorization
	// Texts are the words of the rules. OtherTexts says that they are of another version
	// than the one that judged, whose words the centre does not have any more.
	Texts      rules.Texts
	OtherTexts bool

	// Supplied are the months that somebody delivered data of a source for, in the
	// generation that the verdict read; SuppliedKnown is false when that is not held any
	// more.
	Supplied      [household.NumChecked][]household.Months
	SuppliedKnown bool

	Case     *SheetCase // that rests on it, nil for none
	Evidence []SheetEvidence

	planted bool // by Seed; nobody who sees a sheet is told
}

// SheetAuthorization is the authorisation that a household was looked up under.
type SheetAuthorization struct {
	Number string
	// Registered says that the register has it; the rest is empty otherwise.
	Registered bool
	From, To   household.Date
	Purposes   []string
	Classes    authorization.Classes
	State      AuthorizationState // on the day of the answer
}

// AuthorizationState is where an authorisation stands on a day.
type AuthorizationState string

// The states of an authorisation.
const (
	Live             AuthorizationState = "live"
	WithdrawnByThem  AuthorizationState = "withdrawn"
	Expired          AuthorizationState = "expired"
	NotYetInForce    AuthorizationState = "not_yet"
	NotRegisteredNow AuthorizationState = ""
)

// StateOn is where an authorisation stands on a day.
func StateOn(a *authorization.Authorization, day household.Date) AuthorizationState {
	switch {
	case a.Withdrawn != nil:
		return WithdrawnByThem
	case day > a.To:
		return Expired
	case day < a.From:
		return NotYetInForce
	}
	return Live
}

// SheetCase is what people made of a verdict.
type SheetCase struct {
	*Case

	Mine bool // it is assigned to the caller
}

// SheetEvidence is one record that a verdict rests on, in the order of its findings.
type SheetEvidence struct {
	Number  int // counted from 1 over all findings; OpenEvidence asks for it
	Finding int // index of the finding
	Item    int // index of the record in the finding
	// Of a record that the case rests on; Bears says that the outcome does.
	Bears     bool
	OpenedBy  []string // accounts
	OpenedMe  bool     // the caller has opened it
	Objection review.ObjectionState
	ObjectID  string // of the newest objection to it
}

// Sheet reads a verdict as a person works with it.
func (d *Desk) Sheet(ctx context.Context, c Caller, id string) (*Sheet, error) {
	s, e, err := d.sheet(ctx, &c, access.VerdictRead, id)
	if err != nil {
		return nil, err
	}
	e.Outcome = audit.Done
	return s, d.note(e)
}

// sheet is Sheet for an operation, without taking down that it is shown. Its work does
// not grow with what the ledger holds of others.
func (d *Desk) sheet(ctx context.Context, c *Caller, op access.Operation, id string) (*Sheet, audit.Event, error) {
	v, decision, e, err := d.given(ctx, c, op, id, access.Object{}, "")
	if err != nil {
		return nil, e, err
	}
	s, err := d.sheetOf(ctx, c, v, decision.Masks)
	return s, e, err
}

func (d *Desk) sheetOf(ctx context.Context, c *Caller, v *Verdict, masks access.Masks) (*Sheet, error) {
	s := &Sheet{
		ID: v.ID, Household: v.Household, Scheme: v.Scheme, On: v.On, At: v.At, By: v.request.Requester, Division: v.request.Division,
		Replaced: v.Replaced, Masks: masks,
	}
	var err error
	if s.Verdict, err = household.ParseVerdict(v.JSON); err != nil {
		return nil, fmt.Errorf("verdict %s: %w", v.ID, err)
	}
	said, err := declarationIn(v.request)
	if err != nil {
		return nil, err
	}
	if len(said.Line) > 0 {
		if s.Request, err = household.ParseRequest(said.Line); err != nil {
			return nil, fmt.Errorf("request %s: %w", v.request.ID, err)
		}
		s.Verdict.Region = s.Request.Region
	}
	if err := d.warrantOf(ctx, s, v.request.Authorization); err != nil {
		return nil, err
	}
	s.words(d.o.Packs[v.Scheme])
	if s.Supplied, s.SuppliedKnown, err = d.supplied.of(s.Verdict.Generation, d.current); err != nil {
		return nil, err
	}
	if v.of != nil {
		if s.planted = v.of.Case.Seeded; s.planted {
			if err := d.disguise(ctx, s); err != nil {
				return nil, err
			}
		}
		s.Case = &SheetCase{v.of.shown(masks), v.of.Case.Assignee != "" && v.of.Case.Assignee == c.Person}
	}
	s.Evidence = evidenceOf(s.Verdict, v.of, c.Person)
	return s, nil
}

// warrantOf adds what the register says of an authorisation.
func (d *Desk) warrantOf(ctx context.Context, s *Sheet, number string) error {
	s.Authorization = SheetAuthorization{Number: number}
	a, err := readAuthorization(ctx, d.o.Ledger, number)
	if a == nil || err != nil {
		return err
	}
	s.Authorization = SheetAuthorization{
		Number: number, Registered: true, From: a.From, To: a.To, Purposes: a.Purposes, Classes: a.Classes, State: StateOn(&a.Authorization, d.Today()),
	}
	return nil
}

// words finds the words for a verdict: of the pack that judged, else of the version that
// the centre has now.
func (s *Sheet) words(p *rules.Pack) {
	if p == nil || p.Name != s.Verdict.Pack.Name {
		return
	}
	s.Texts, s.OtherTexts = rules.Texts{Pack: p}, p.Digest != s.Verdict.Pack.Digest
}

// evidenceOf numbers the records of a verdict and says what people did with each.
func evidenceOf(v *household.Verdict, of *storedCase, person string) []SheetEvidence {
	var list []SheetEvidence
	for i := range v.Findings {
		for j := range v.Findings[i].Evidence {
			x := SheetEvidence{Number: len(list) + 1, Finding: i, Item: j}
			if of != nil {
				of.describe(&x, &v.Findings[i].Evidence[j], person)
			}
			list = append(list, x)
		}
	}
	return list
}

// describe says what people did with a record of evidence. One record may stand under
// several findings: it is the same one.
func (s *storedCase) describe(x *SheetEvidence, e *household.Evidence, person string) {
	b := s.at(e)
	if b == nil {
		return
	}
	for i := range s.Case.LoadBearing {
		x.Bears = x.Bears || s.Case.LoadBearing[i].Ref == b.Ref
	}
	for _, o := range s.Case.Opened {
		if o.Record == b.Ref {
			x.OpenedBy = append(x.OpenedBy, accountOf(s.Case.History, o.Person))
			x.OpenedMe = x.OpenedMe || person != "" && o.Person == person
		}
	}
	for _, o := range s.Case.Objections {
		if o.Record == b.Ref {
			x.Objection, x.ObjectID = o.State, o.ID
		}
	}
}

// at is the record that lies where a verdict says, nil when the case does not know it.
func (s *storedCase) at(e *household.Evidence) *bearing {
	for i := range s.Records {
		if r := &s.Records[i].Record; r.Source == e.Source && r.Snapshot == e.Snapshot && r.File == e.File && r.Row == e.Row {
			return &s.Records[i]
		}
	}
	return nil
}

// Account is the account that a person acted on the case by last, and the person's own
// token when they have not acted.
func (c *Case) Account(person string) string { return accountOf(c.History, person) }

func accountOf(history []review.Step, person string) string {
	name := person
	for i := range history {
		if person != "" && history[i].Actor.Person == person {
			name = history[i].Actor.Account
		}
	}
	return name
}
