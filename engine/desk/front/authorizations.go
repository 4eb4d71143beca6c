package front

import (
	"context"
	"fmt"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
)

// onPaper is where a signature stands of which only the day was given: on the scan.
const onPaper = "scan"

// RegisterAuthorization implements wire.Desk.
func (f *Front) RegisterAuthorization(ctx context.Context, c wire.Caller, r wire.Registration) (wire.Authorization, error) {
	a, err := registration(&r)
	if err != nil {
		return wire.Authorization{}, err
	}
	out, err := f.Desk.RegisterAuthorization(ctx, caller(c), *a)
	return f.authorization(out, err)
}

// registration reads what is to be registered.
func registration(r *wire.Registration) (*authorization.Authorization, error) {
	a := &authorization.Authorization{
		Number: r.Number, Household: r.Household, Division: r.Division, Purposes: r.Purposes, ScanDigest: r.ScanDigest,
	}
	var err error
	if a.From, err = date("valid_from", r.From); err != nil {
		return nil, err
	}
	if a.To, err = date("valid_to", r.To); err != nil {
		return nil, err
	}
	for i, name := range r.DataClasses {
		s, ok := household.Sources.Named(name)
		if !ok || s == 0 {
			return nil, wire.Refuse(wire.InvalidField, fmt.Sprintf("data_classes[%d]:unknown", i))
		}
		a.Classes[s] = true
	}
	for i := range r.Members {
		m, err := signer(r.Members, i)
		if err != nil {
			return nil, err
		}
		a.Members = append(a.Members, *m)
	}
	return a, nil
}

// signer reads one member, for whom another may have signed.
func signer(list []wire.Signer, i int) (*authorization.Member, error) {
	s, at := &list[i], fmt.Sprintf("members[%d].", i)
	m := &authorization.Member{Document: s.IDNumber, Name: s.Name}
	var err error
	if m.DocumentType, err = documentType(at, s.IDType); err != nil {
		return nil, err
	}
	if m.Born, err = date(at+"birth_date", s.BirthDate); err != nil {
		return nil, err
	}
	if m.Left, err = date(at+"left_on", s.LeftOn); err != nil {
		return nil, err
	}
	signed, err := date(at+"signed_on", s.SignedOn)
	if err != nil {
		return nil, err
	}
	if s.Guardian == 0 {
		m.Signature = signature(signed)
		return m, nil
	}
	if s.Guardian > len(list) || s.Guardian == i+1 {
		return nil, wire.Refuse(wire.InvalidField, at+"guardian:unknown")
	}
	g := &list[s.Guardian-1]
	if signed == 0 { // the day on which the guardian signed for themselves
		if signed, err = date(at+"guardian", g.SignedOn); err != nil {
			return nil, err
		}
	}
	t, err := documentType(at, g.IDType)
	if err != nil {
		return nil, err
	}
	m.Guardian = &authorization.Guardian{DocumentType: t, Document: g.IDNumber, Name: g.Name, Signature: signature(signed)}
	return m, nil
}

func signature(on household.Date) authorization.Signature {
	if on == 0 {
		return authorization.Signature{}
	}
	return authorization.Signature{Ref: onPaper, On: on}
}

func documentType(at, name string) (household.DocumentType, error) {
	if name == "" {
		return household.ResidentID, nil
	}
	t, ok := household.DocumentTypes.Named(name)
	if !ok {
		return 0, wire.Refuse(wire.InvalidField, at+"id_type:unknown")
	}
	return household.DocumentType(t), nil
}

// Authorization implements wire.Desk.
func (f *Front) Authorization(ctx context.Context, c wire.Caller, number string) (wire.Authorization, error) {
	a, _, err := f.Desk.Authorization(ctx, caller(c), number)
	return f.authorization(a, err)
}

// WithdrawAuthorization implements wire.Desk.
func (f *Front) WithdrawAuthorization(ctx context.Context, c wire.Caller, number string, w wire.Withdrawal) (wire.Authorization, error) {
	return f.authorization(f.Desk.WithdrawAuthorization(ctx, caller(c), number, w.Reason))
}

// AmendAuthorization implements wire.Desk.
func (f *Front) AmendAuthorization(ctx context.Context, c wire.Caller, number string, a wire.Amendment) (wire.Authorization, error) {
	t, err := documentType("", a.IDType)
	if err != nil {
		return wire.Authorization{}, err
	}
	on, err := date("on", a.On)
	if err != nil {
		return wire.Authorization{}, err
	}
	if a.Left {
		return f.authorization(f.Desk.MemberLeft(ctx, caller(c), number, t, a.IDNumber, on, a.Reason))
	}
	return f.authorization(f.Desk.MemberSigned(ctx, caller(c), number, t, a.IDNumber, signature(on), a.Reason))
}

// Authorizations implements wire.Desk.
func (f *Front) Authorizations(ctx context.Context, c wire.Caller, q wire.AuthorizationQuery) (wire.List[wire.Authorization], error) {
	list, next, err := f.Desk.Authorizations(ctx, caller(c), desk.AuthorizationQuery{Household: q.Household, Division: q.Division, Cursor: q.After, Limit: q.Limit})
	out := wire.List[wire.Authorization]{Next: next}
	for _, a := range list {
		if x := f.shownAuthorization(a); q.State == "" || q.State == x.State {
			out.Items = append(out.Items, x)
		}
	}
	return out, told(err)
}

func (f *Front) authorization(a *authorization.Authorization, err error) (wire.Authorization, error) {
	if err != nil {
		return wire.Authorization{}, told(err)
	}
	return f.shownAuthorization(a), nil
}

// shownAuthorization is an authorisation as it is answered. Names and numbers mask
// themselves when they are written.
func (f *Front) shownAuthorization(a *authorization.Authorization) wire.Authorization {
	out := wire.Authorization{
		Registration: wire.Registration{
			Number: a.Number, Household: a.Household, Division: a.Division, Purposes: a.Purposes,
			From: a.From.String(), To: a.To.String(), ScanDigest: a.ScanDigest,
		},
		State: f.state(a), RegisteredBy: a.RegisteredBy, RegisteredAt: f.time(a.RegisteredAt), Version: int(a.Version),
	}
	for s, given := range access.Classes(a.Classes) {
		if given {
			out.DataClasses = append(out.DataClasses, household.Source(s).String())
		}
	}
	if a.Withdrawn != nil {
		out.WithdrawnAt = f.time(a.Withdrawn.At)
	}
	for i := range a.Members {
		m := &a.Members[i]
		s := wire.Signer{Name: m.Name, IDNumber: m.Document, SignedOn: m.Signature.On.String(), LeftOn: m.Left.String(), BirthDate: m.Born.String()}
		if m.DocumentType != 0 {
			s.IDType = m.DocumentType.String()
		}
		if g := m.Guardian; g != nil {
			s.SignedOn = g.Signature.On.String()
			for j := range a.Members {
				if a.Members[j].Document == g.Document {
					s.Guardian = j + 1
				}
			}
		}
		out.Members = append(out.Members, s)
	}
	return out
}

// state is how an authorisation stands today.
func (f *Front) state(a *authorization.Authorization) string {
	return string(desk.StateOn(a, f.Desk.Today()))
}
