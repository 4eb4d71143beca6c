package front

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// Rest is the part of a wire.Desk that has no household in it.
type Rest interface {
	SignIn(ctx context.Context, c wire.Caller, s wire.SignIn) (wire.Session, error)
	SignOut(ctx context.Context, c wire.Caller) error
	Me(ctx context.Context, c wire.Caller) (wire.Me, error)
	ChangePassword(ctx context.Context, c wire.Caller, p wire.PasswordChange) error
	EnrolFactor(ctx context.Context, c wire.Caller, e wire.Enrol) (wire.Enrolment, error)

	Changes(ctx context.Context, c wire.Caller, q wire.ChangeQuery) (wire.List[wire.Change], error)

	AuditEntries(ctx context.Context, c wire.Caller, q wire.AuditQuery) (wire.List[wire.AuditEntry], error)
	AuditSubject(ctx context.Context, c wire.Caller, household string, p wire.Page) (wire.List[wire.AuditEntry], error)
	AuditHead(ctx context.Context, c wire.Caller) (wire.AuditHead, error)
	AuditAlerts(ctx context.Context, c wire.Caller, q wire.AlertQuery) (wire.List[wire.Alert], error)
	CloseAlert(ctx context.Context, c wire.Caller, a wire.AlertClosing) (wire.Alert, error)

	Users(ctx context.Context, c wire.Caller, p wire.Page) (wire.List[wire.User], error)
	CreateUser(ctx context.Context, c wire.Caller, u wire.NewUser) (wire.NewSecret, error)
	User(ctx context.Context, c wire.Caller, account string) (wire.User, error)
	ChangeUser(ctx context.Context, c wire.Caller, u wire.UserChange) (wire.User, error)
	DisableUser(ctx context.Context, c wire.Caller, u wire.UserDisable) (wire.User, error)
	ResetUser(ctx context.Context, c wire.Caller, u wire.UserReset) (wire.NewSecret, error)
	Tokens(ctx context.Context, c wire.Caller, p wire.Page) (wire.List[wire.Token], error)
	IssueToken(ctx context.Context, c wire.Caller, t wire.NewToken) (wire.IssuedToken, error)
	RevokeToken(ctx context.Context, c wire.Caller, id string) error
	Sessions(ctx context.Context, c wire.Caller, p wire.Page) (wire.List[wire.OpenSession], error)
	EndSession(ctx context.Context, c wire.Caller, id string) error
	Keys(ctx context.Context, c wire.Caller) (wire.Keys, error)

	Snapshots(ctx context.Context, c wire.Caller, p wire.Page) (wire.List[wire.Snapshot], error)
}

// Front is a desk as the HTTP interface speaks to it.
type Front struct {
	Rest

	Desk *desk.Desk
	// Person is whose account a name is, for whoever assigns a case; false when there is
	// no such account.
	Person func(ctx context.Context, account string) (person string, ok bool, err error)
	// Centres says when the machines of the centres in a division were last heard of; nil
	// knows of none.
	Centres func(ctx context.Context, division string) ([]wire.CentreHeard, error)
	// Location is where times are told; nil is UTC+8.
	Location *time.Location

	// Centre is the name that stands on reports, where a household objects too.
	Centre string
	// Objects is where a household objects, for people; "" is the centre.
	Objects string
	// ReportDays is how long a report is good for; 0 does not say.
	ReportDays int
	// Printer prints reports; nil when there is none.
	Printer Printer
	// Submissions are what batches go to; nil takes none.
	Submissions *Submissions
}

var _ wire.Desk = (*Front)(nil)

// codes are the codes of the desk that the interface calls otherwise.
var codes = map[desk.Code]wire.Code{
	desk.SecondPerson: wire.SecondPersonNeeded,
	desk.NotHeld:      wire.StateRefuses,
}

// told turns an error of the desk into what the caller is told.
func told(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*desk.AuditError](err); ok {
		return errors.Join(wire.Refuse(wire.AuditUnavailable), err)
	}
	r, ok := desk.Refused(err)
	if !ok {
		return err
	}
	code, ok := codes[r.Code]
	if !ok {
		code = wire.Code(r.Code)
	}
	out := &wire.Refusal{Code: code, After: r.After}
	for _, f := range r.Fields {
		name, rule, _ := strings.Cut(f, ": ")
		out.Fields = append(out.Fields, wire.Field{Name: name, Rule: rule})
	}
	return out
}

func (f *Front) at(i ledger.Instant) string {
	if i == 0 {
		return ""
	}
	return f.time(i.Time())
}

func (f *Front) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(f.location()).Format(time.RFC3339)
}

func (f *Front) location() *time.Location {
	if f.Location == nil {
		return time.FixedZone("CST", 8*60*60)
	}
	return f.Location
}

// date reads a day of a request; "" is none.
func date(field, text string) (household.Date, error) {
	if text == "" {
		return 0, nil
	}
	d, ok := household.ParseDate([]byte(text))
	if !ok {
		return 0, wire.Refuse(wire.InvalidField, field+":date")
	}
	return d, nil
}

// period reads the days of a request that are called from and to.
func period(from, to string) (first, last household.Date, err error) {
	if first, err = date("from", from); err != nil {
		return 0, 0, err
	}
	last, err = date("to", to)
	return first, last, err
}

// caller is who asks, as the desk knows them.
func caller(c wire.Caller) desk.Caller {
	return desk.Caller{Subject: c.Subject, Request: c.Request, Address: c.Address}
}
