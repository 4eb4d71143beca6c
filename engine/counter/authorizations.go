package counter

import (
	"context"
	"fmt"
	"time"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
)

// RegisterAuthorization registers an authorisation.
func (k *Counter) RegisterAuthorization(ctx context.Context, c wire.Caller, r wire.Registration) (wire.Authorization, error) {
	a, err := registration(&r)
	if err != nil {
		return wire.Authorization{}, err
	}
	held, err := k.desk.RegisterAuthorization(ctx, caller(c), *a)
	if err != nil {
		return wire.Authorization{}, refusal(err)
	}
	return k.authorizationOf(held), nil
}

// reader reads the dates of a registration and remembers those that are none.
type reader struct{ bad []string }

func (r *reader) date(field, s string) household.Date {
	if s == "" {
		return 0
	}
	d, ok := household.ParseDate([]byte(s))
	if !ok {
		r.bad = append(r.bad, "body."+field+":date")
	}
	return d
}

// registration reads what crossed the wire. What it means is judged by the desk.
func registration(r *wire.Registration) (*authorization.Authorization, error) {
	var read reader
	a := &authorization.Authorization{
		Number: r.Number, Household: r.Household, Division: r.Division, Purposes: r.Purposes, ScanDigest: r.ScanDigest,
		From: read.date("valid_from", r.From), To: read.date("valid_to", r.To),
	}
	for i, class := range r.DataClasses {
		s, ok := household.ParseSource(class)
		if !ok || s >= household.NumSources {
			read.bad = append(read.bad, fmt.Sprintf("body.data_classes[%d]:known", i))
			continue
		}
		a.Classes[s] = true
	}
	for i := range r.Members {
		s, at := &r.Members[i], fmt.Sprintf("members[%d].", i)
		m := authorization.Member{
			Document: s.IDNumber, Name: s.Name, Born: read.date(at+"birth_date", s.BirthDate), Left: read.date(at+"left_on", s.LeftOn),
		}
		if s.IDType != "" {
			t, ok := household.DocumentTypes.Find(s.IDType)
			if !ok {
				read.bad = append(read.bad, "body."+at+"id_type:known")
			}
			m.DocumentType = household.DocumentType(t)
		}
		signature := authorization.Signature{On: read.date(at+"signed_on", s.SignedOn)}
		if signature.On != 0 {
			signature.Ref = "paper"
		}
		switch {
		case s.Guardian == 0:
			m.Signature = signature
		case s.Guardian > len(r.Members) || s.Guardian == i+1:
			read.bad = append(read.bad, "body."+at+"guardian:member")
		default:
			g := &r.Members[s.Guardian-1]
			t, _ := household.DocumentTypes.Find(g.IDType)
			m.Guardian = &authorization.Guardian{DocumentType: household.DocumentType(t), Document: g.IDNumber, Name: g.Name, Signature: signature}
		}
		a.Members = append(a.Members, m)
	}
	if len(read.bad) > 0 {
		return nil, wire.Refuse(wire.InvalidField, read.bad...)
	}
	return a, nil
}

// Authorization reads an authorisation.
func (k *Counter) Authorization(ctx context.Context, c wire.Caller, number string) (wire.Authorization, error) {
	a, _, err := k.desk.Authorization(ctx, caller(c), number)
	if err != nil {
		return wire.Authorization{}, refusal(err)
	}
	return k.authorizationOf(a), nil
}

// WithdrawAuthorization records that a household took its authorisation back.
func (k *Counter) WithdrawAuthorization(ctx context.Context, c wire.Caller, number string, w wire.Withdrawal) (wire.Authorization, error) {
	a, err := k.desk.WithdrawAuthorization(ctx, caller(c), number, w.Reason)
	if err != nil {
		return wire.Authorization{}, refusal(err)
	}
	return k.authorizationOf(a), nil
}

// Authorizations lists authorisations, with what is said of them without opening one.
func (k *Counter) Authorizations(ctx context.Context, c wire.Caller, q wire.AuthorizationQuery) (wire.List[wire.Authorization], error) {
	all, next, err := k.desk.Authorizations(ctx, caller(c), desk.AuthorizationQuery{Household: q.Household, Division: q.Division, Cursor: q.After, Limit: q.Limit})
	if err != nil {
		return wire.List[wire.Authorization]{}, refusal(err)
	}
	out := wire.List[wire.Authorization]{Items: []wire.Authorization{}, Next: next}
	for _, a := range all {
		x := wire.Authorization{
			Registration: wire.Registration{
				Number: a.Number, Household: a.Household, Division: a.Division, From: a.From.String(), To: a.To.String(),
				Members: []wire.Signer{}, Purposes: []string{}, DataClasses: []string{},
			},
			State: k.state(a.Withdrawn, a.From, a.To), Version: a.Version,
		}
		if q.State == "" || q.State == x.State {
			out.Items = append(out.Items, x)
		}
	}
	return out, nil
}

func (k *Counter) today() household.Date {
	d, _ := household.ParseDate([]byte(k.o.Now().In(k.o.Location).Format(time.DateOnly)))
	return d
}

func (k *Counter) state(withdrawn bool, from, to household.Date) string {
	switch today := k.today(); {
	case withdrawn:
		return "withdrawn"
	case today < from:
		return "not_yet"
	case today > to:
		return "expired"
	}
	return "live"
}

// authorizationOf is an authorisation on the wire, where numbers and names are masked by
// their types.
func (k *Counter) authorizationOf(a *authorization.Authorization) wire.Authorization {
	out := wire.Authorization{
		Registration: wire.Registration{
			Number: a.Number, Household: a.Household, Division: a.Division, Purposes: listed(a.Purposes), DataClasses: []string{},
			From: a.From.String(), To: a.To.String(), ScanDigest: a.ScanDigest, Members: []wire.Signer{},
		},
		State: k.state(a.Withdrawn != nil, a.From, a.To), RegisteredBy: a.RegisteredBy, RegisteredAt: k.instant(a.RegisteredAt), Version: int(a.Version),
	}
	if a.Withdrawn != nil {
		out.WithdrawnAt = k.instant(a.Withdrawn.At)
	}
	for s := household.Tax; s < household.NumSources; s++ {
		if a.Classes[s] {
			out.DataClasses = append(out.DataClasses, s.String())
		}
	}
	for i := range a.Members {
		m := &a.Members[i]
		s := wire.Signer{Name: m.Name, IDType: m.DocumentType.String(), IDNumber: m.Document}
		signed := m.Signature.On
		if g := m.Guardian; g != nil {
			signed = g.Signature.On
			for n := range a.Members {
				if a.Members[n].Document == g.Document {
					s.Guardian = n + 1
				}
			}
		}
		s.SignedOn, s.BirthDate, s.LeftOn = day(signed), day(m.Born), day(m.Left)
		out.Members = append(out.Members, s)
	}
	return out
}

func day(d household.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}
