package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// fake is a desk that answers everything, and knows nothing whose number is in
// unknown or hidden.
type fake struct {
	mu    sync.Mutex
	calls []string
	check func(ctx context.Context, c wire.Caller, q wire.Check) (wire.Checked, error)
	fails func(method string) error
	fetch func(ctx context.Context, begin func(wire.BatchFile) io.Writer) error
	sent  string // the file of a batch
}

func (f *fake) note(method string) error {
	f.mu.Lock()
	f.calls = append(f.calls, method)
	f.mu.Unlock()
	if f.fails != nil {
		return f.fails(method)
	}
	return nil
}

func said[T any](f *fake, method string, v T) (T, error) {
	var zero T
	if err := f.note(method); err != nil {
		return zero, err
	}
	return v, nil
}

func (f *fake) SignIn(context.Context, wire.Caller, wire.SignIn) (wire.Session, error) {
	return said(f, "SignIn", wire.Session{Token: "s-verifier", Seconds: 60})
}
func (f *fake) SignOut(context.Context, wire.Caller) error { return f.note("SignOut") }
func (f *fake) Me(_ context.Context, c wire.Caller) (wire.Me, error) {
	return said(f, "Me", wire.Me{Account: c.Account})
}

func (f *fake) ChangePassword(context.Context, wire.Caller, wire.PasswordChange) error {
	return f.note("ChangePassword")
}

func (f *fake) EnrolFactor(context.Context, wire.Caller, wire.Enrol) (wire.Enrolment, error) {
	return said(f, "EnrolFactor", wire.Enrolment{})
}

func (f *fake) RegisterAuthorization(_ context.Context, _ wire.Caller, r wire.Registration) (wire.Authorization, error) {
	return said(f, "RegisterAuthorization", wire.Authorization{Registration: r})
}

func (f *fake) Authorizations(_ context.Context, _ wire.Caller, q wire.AuthorizationQuery) (wire.List[wire.Authorization], error) {
	return said(f, "Authorizations", wire.List[wire.Authorization]{Next: "after " + q.After})
}

func (f *fake) Authorization(context.Context, wire.Caller, string) (wire.Authorization, error) {
	return said(f, "Authorization", wire.Authorization{})
}

func (f *fake) WithdrawAuthorization(context.Context, wire.Caller, string, wire.Withdrawal) (wire.Authorization, error) {
	return said(f, "WithdrawAuthorization", wire.Authorization{})
}

func (f *fake) Check(ctx context.Context, c wire.Caller, q wire.Check) (wire.Checked, error) {
	if f.check != nil {
		return f.check(ctx, c, q)
	}
	return said(f, "Check", wire.Checked{ID: "v-1", Verdict: []byte(`{"household_id":"340104-000123","outcome":"no_discrepancy"}`)})
}

func (f *fake) Verdict(context.Context, wire.Caller, string) (wire.Verdict, error) {
	return said(f, "Verdict", wire.Verdict{Verdict: json.RawMessage(`{}`)})
}

func (f *fake) Household(context.Context, wire.Caller, string) (wire.Household, error) {
	return said(f, "Household", wire.Household{})
}

func (f *fake) OpenEvidence(context.Context, wire.Caller, wire.Evidence) (wire.Record, error) {
	return said(f, "OpenEvidence", wire.Record{})
}

func (f *fake) Unmask(context.Context, wire.Caller, wire.Unmask) (wire.Unmasked, error) {
	return said(f, "Unmask", wire.Unmasked{})
}

func (f *fake) IssueReport(_ context.Context, _ wire.Caller, o wire.ReportOrder) (wire.Report, error) {
	return said(f, "IssueReport", wire.Report{Verdict: o.Verdict, Recipient: o.Recipient})
}

func (f *fake) Reports(_ context.Context, _ wire.Caller, q wire.ReportQuery) (wire.List[wire.Report], error) {
	return said(f, "Reports", wire.List[wire.Report]{Items: []wire.Report{{Household: q.Household}}})
}

func (f *fake) PrintReport(_ context.Context, _ wire.Caller, p wire.ReportPrint) (wire.PrintedReport, error) {
	return said(f, "PrintReport "+p.Form, wire.PrintedReport{Report: wire.Report{Number: p.Number}, Type: "application/pdf", Content: []byte("%PDF-1.7 " + p.Number)})
}

func (f *fake) Cases(context.Context, wire.Caller, wire.CaseQuery) (wire.List[wire.Case], error) {
	return said(f, "Cases", wire.List[wire.Case]{Next: "c-9"})
}

func (f *fake) Case(context.Context, wire.Caller, string) (wire.Case, error) {
	return said(f, "Case", wire.Case{})
}

func (f *fake) Act(_ context.Context, _ wire.Caller, s wire.CaseStep) (wire.Case, error) {
	return said(f, "Act "+string(s.Action), wire.Case{ID: s.Case})
}

func (f *fake) Objections(context.Context, wire.Caller, wire.ObjectionQuery) (wire.List[wire.Objection], error) {
	return said(f, "Objections", wire.List[wire.Objection]{})
}

func (f *fake) Objection(context.Context, wire.Caller, string) (wire.Objection, error) {
	return said(f, "Objection", wire.Objection{})
}

func (f *fake) FileObjection(context.Context, wire.Caller, wire.ObjectionFiled) (wire.Objection, error) {
	return said(f, "FileObjection", wire.Objection{})
}

func (f *fake) DecideObjection(context.Context, wire.Caller, wire.ObjectionDecided) (wire.Objection, error) {
	return said(f, "DecideObjection", wire.Objection{})
}

func (f *fake) Changes(context.Context, wire.Caller, wire.ChangeQuery) (wire.List[wire.Change], error) {
	return said(f, "Changes", wire.List[wire.Change]{})
}

func (f *fake) AuditEntries(context.Context, wire.Caller, wire.AuditQuery) (wire.List[wire.AuditEntry], error) {
	return said(f, "AuditEntries", wire.List[wire.AuditEntry]{})
}

func (f *fake) AuditSubject(context.Context, wire.Caller, string, wire.Page) (wire.List[wire.AuditEntry], error) {
	return said(f, "AuditSubject", wire.List[wire.AuditEntry]{})
}

func (f *fake) AuditHead(context.Context, wire.Caller) (wire.AuditHead, error) {
	return said(f, "AuditHead", wire.AuditHead{})
}

func (f *fake) AuditAlerts(context.Context, wire.Caller, wire.AlertQuery) (wire.List[wire.Alert], error) {
	return said(f, "AuditAlerts", wire.List[wire.Alert]{})
}

func (f *fake) CloseAlert(_ context.Context, _ wire.Caller, a wire.AlertClosing) (wire.Alert, error) {
	return said(f, "CloseAlert", wire.Alert{ID: a.Alert})
}

func (f *fake) Users(context.Context, wire.Caller, wire.Page) (wire.List[wire.User], error) {
	return said(f, "Users", wire.List[wire.User]{})
}

func (f *fake) User(context.Context, wire.Caller, string) (wire.User, error) {
	return said(f, "User", wire.User{})
}

func (f *fake) CreateUser(context.Context, wire.Caller, wire.NewUser) (wire.NewSecret, error) {
	return said(f, "CreateUser", wire.NewSecret{})
}

func (f *fake) ChangeUser(context.Context, wire.Caller, wire.UserChange) (wire.User, error) {
	return said(f, "ChangeUser", wire.User{})
}

func (f *fake) DisableUser(context.Context, wire.Caller, wire.UserDisable) (wire.User, error) {
	return said(f, "DisableUser", wire.User{})
}

func (f *fake) ResetUser(context.Context, wire.Caller, wire.UserReset) (wire.NewSecret, error) {
	return said(f, "ResetUser", wire.NewSecret{})
}

func (f *fake) Tokens(context.Context, wire.Caller, wire.Page) (wire.List[wire.Token], error) {
	return said(f, "Tokens", wire.List[wire.Token]{})
}

func (f *fake) IssueToken(context.Context, wire.Caller, wire.NewToken) (wire.IssuedToken, error) {
	return said(f, "IssueToken", wire.IssuedToken{})
}

func (f *fake) RevokeToken(context.Context, wire.Caller, string) error { return f.note("RevokeToken") }

func (f *fake) Sessions(context.Context, wire.Caller, wire.Page) (wire.List[wire.OpenSession], error) {
	return said(f, "Sessions", wire.List[wire.OpenSession]{})
}

func (f *fake) EndSession(context.Context, wire.Caller, string) error { return f.note("EndSession") }

func (f *fake) Keys(context.Context, wire.Caller) (wire.Keys, error) {
	return said(f, "Keys", wire.Keys{Keys: []wire.Key{}})
}

func (f *fake) AmendAuthorization(context.Context, wire.Caller, string, wire.Amendment) (wire.Authorization, error) {
	return said(f, "AmendAuthorization", wire.Authorization{})
}

func (f *fake) Corrections(context.Context, wire.Caller, wire.CorrectionQuery) (wire.List[wire.Correction], error) {
	return said(f, "Corrections", wire.List[wire.Correction]{})
}

func (f *fake) SendCorrections(context.Context, wire.Caller, wire.CorrectionsSent) (wire.CorrectionFile, error) {
	return said(f, "SendCorrections", wire.CorrectionFile{})
}

func (f *fake) Snapshots(context.Context, wire.Caller, wire.Page) (wire.List[wire.Snapshot], error) {
	return said(f, "Snapshots", wire.List[wire.Snapshot]{})
}

func (f *fake) Coverage(context.Context, wire.Caller) (wire.Coverage, error) {
	return said(f, "Coverage", wire.Coverage{Sources: []wire.CoverageSource{}})
}

func (f *fake) Statistics(context.Context, wire.Caller, wire.StatisticsQuery) (wire.Statistics, error) {
	return said(f, "Statistics", wire.Statistics{})
}

func (f *fake) DockCatalogue(context.Context, wire.Caller, string) (wire.DockSigned, error) {
	return said(f, "DockCatalogue", wire.DockSigned{})
}

func (f *fake) DockEvidence(context.Context, wire.Caller, wire.DockQuestion) (wire.DockSigned, error) {
	return said(f, "DockEvidence", wire.DockSigned{})
}

func (f *fake) PublicNotice(context.Context, wire.Caller, wire.PublicNoticeQuery) (wire.PublicNotice, error) {
	return said(f, "PublicNotice", wire.PublicNotice{})
}

func (f *fake) PlantCase(context.Context, wire.Caller, wire.Planting) (wire.Planted, error) {
	return said(f, "PlantCase", wire.Planted{})
}

func (f *fake) Reviewers(context.Context, wire.Caller, string) (wire.ReviewerReports, error) {
	return said(f, "Reviewers", wire.ReviewerReports{})
}

var _ wire.Desk = (*fake)(nil)

// doors knows a token and a session for every role: "t-" or "s-" and its name.
type doors struct{}

func (doors) Authenticate(_ context.Context, c api.Credential) (access.Subject, error) {
	token := c.Token.Reveal()
	if len(token) < 3 || (token[:2] == "s-") != c.Session {
		return access.Subject{}, api.ErrNobody
	}
	role, ok := access.ParseRole(token[2:])
	if !ok {
		return access.Subject{}, api.ErrNobody
	}
	s := access.Subject{
		Account: role.String() + "01", Roles: access.RolesOf(role), Division: "340104",
		Purposes: []string{"dibao"}, Classes: access.AllClasses(), Certificate: true,
	}
	if access.RolesOf(role)&access.Machines == 0 {
		s.Person = "p-" + role.String()
	}
	return s, nil
}

func (f *fake) SubmitBatch(_ context.Context, _ wire.Caller, o wire.BatchOrder) (wire.Batch, error) {
	text := make([]byte, o.Size)
	if _, err := o.File.ReadAt(text, 0); err != nil && !errors.Is(err, io.EOF) {
		return wire.Batch{}, err
	}
	f.sent = string(text)
	return said(f, "SubmitBatch", wire.Batch{ID: "b-1", Title: o.Title, Rows: o.Size})
}

func (f *fake) OpenBatch(context.Context, wire.Caller, wire.BatchOpening) (wire.Batch, error) {
	return said(f, "OpenBatch", wire.Batch{})
}

func (f *fake) CloseBatch(context.Context, wire.Caller, string) (wire.Batch, error) {
	return said(f, "CloseBatch", wire.Batch{})
}

func (f *fake) Batches(context.Context, wire.Caller, wire.BatchQuery) (wire.List[wire.Batch], error) {
	return said(f, "Batches", wire.List[wire.Batch]{})
}

func (f *fake) Batch(context.Context, wire.Caller, string) (wire.Batch, error) {
	return said(f, "Batch", wire.Batch{})
}

func (f *fake) CancelBatch(context.Context, wire.Caller, wire.BatchCancel) (wire.Batch, error) {
	return said(f, "CancelBatch", wire.Batch{})
}

func (f *fake) RetryBatch(context.Context, wire.Caller, wire.BatchRetry) (wire.Batch, error) {
	return said(f, "RetryBatch", wire.Batch{})
}

func (f *fake) FetchBatch(ctx context.Context, _ wire.Caller, q wire.BatchFetch, begin func(wire.BatchFile) io.Writer) error {
	if f.fetch != nil {
		return f.fetch(ctx, begin)
	}
	if err := f.note("FetchBatch " + q.Format); err != nil {
		return err
	}
	_, err := io.WriteString(begin(wire.BatchFile{Name: "b." + q.Format, Type: "text/plain"}), "rows\n")
	return err
}
