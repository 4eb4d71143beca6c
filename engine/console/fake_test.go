package console_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/console"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/report"
	"github.com/hedui/hedui/engine/review"
)

// hostile is what somebody writes who means harm, or has an unusual name. It may stand in a
// number: it has neither a space nor a slash.
const hostile = "<x-hostile>\"onx='&amp;{{.}}%s?q=1#f%2e<!--\u202e"

// fake is a desk that answers everything in full: every field of every answer says
// something. What it says is canned by the examples of the fields, or hostile.
type fake struct {
	check func(q wire.Check) (wire.Checked, error) // nil answers like everything else

	hostile bool
	bare    bool // lists are empty

	confirmed bool // every case of a verdict is confirmed

	filed  wire.BatchOrder // that was submitted
	breaks error           // of a file on its way
	sender string          // of batches; me01 when empty

	mu     sync.Mutex
	calls  []string
	refuse error // of every change
	states map[string]func(*wire.Case)
	change func(answer any) // adapts an answer
}

// note takes down that a method was asked that changes something.
func (f *fake) note(method string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, method)
	return f.refuse
}

// asked are the changes asked for since the last time.
func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.calls
	f.calls = nil
	return out
}

// say is an answer in full.
func say[T any](f *fake) (T, error) {
	var v T
	f.fill(reflect.ValueOf(&v).Elem(), "", 0)
	if f.change != nil {
		f.change(&v)
	}
	return v, nil
}

// do is an answer to a change.
func do[T any](f *fake, method string) (T, error) {
	if err := f.note(method); err != nil {
		var zero T
		return zero, err
	}
	return say[T](f)
}

// none says of a list that there is no next page of a page after the first.
func none[T any](l wire.List[T], err error, after string) (wire.List[T], error) {
	if after != "" {
		l.Next = ""
	}
	return l, err
}

// fill fills in whatever can be filled in.
func (f *fake) fill(v reflect.Value, tag reflect.StructTag, depth int) {
	if depth > 8 || !v.CanSet() {
		return
	}
	example, code := tag.Get("example"), false
	if enum := tag.Get("enum"); enum != "" {
		example, code = strings.Split(enum, ",")[0], true
	}
	switch v.Kind() {
	case reflect.String:
		switch format := tag.Get("format"); {
		case format == "date":
			example = "2026-10-31"
		case format == "date-time":
			example = "2026-11-01T09:00:00+08:00"
		case code:
		case f.hostile:
			example = hostile
		case example == "":
			example = "某项内容"
		}
		v.SetString(example)
	case reflect.Bool:
		v.SetBool(f.hostile || example == "true")
	case reflect.Int, reflect.Int64:
		n, _ := strconv.ParseInt(example, 10, 64) // 0 is as good
		if n == 0 && v.Type().PkgPath() == "" {
			n = 3
		}
		v.SetInt(n)
	case reflect.Uint64:
		v.SetUint(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), tag, depth+1)
	case reflect.Slice:
		if f.bare || v.Type() == reflect.TypeFor[json.RawMessage]() {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		var list []string
		_ = json.Unmarshal([]byte(example), &list) // a list of other things has no such example
		for i := range v.Len() {
			tag := reflect.StructTag("")
			if len(list) > 0 {
				tag = reflect.StructTag("example:" + strconv.Quote(list[i%len(list)]))
			}
			f.fill(v.Index(i), tag, depth+1)
			if e := v.Index(i); i > 0 && e.Kind() == reflect.String && len(list) == 0 {
				e.SetString(e.String() + "2")
			}
			if e := v.Index(i); i > 0 && e.Kind() == reflect.Struct {
				if n := e.FieldByName("Evidence"); n.IsValid() && n.CanInt() {
					n.SetInt(n.Int() + 1)
				}
				for _, name := range []string{"ID", "Number", "Account", "Code", "Name", "Scheme"} {
					if id := e.FieldByName(name); id.IsValid() && id.Kind() == reflect.String {
						id.SetString(id.String() + "2")
					}
				}
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), v.Type().Field(i).Tag, depth+1)
		}
	default:
	}
}

func (f *fake) SignIn(context.Context, wire.Caller, wire.SignIn) (wire.Session, error) {
	return do[wire.Session](f, "SignIn")
}

func (f *fake) SignOut(context.Context, wire.Caller) error             { return f.note("SignOut") }
func (f *fake) Me(context.Context, wire.Caller) (wire.Me, error)       { return say[wire.Me](f) }
func (f *fake) Keys(context.Context, wire.Caller) (wire.Keys, error)   { return say[wire.Keys](f) }
func (f *fake) RevokeToken(context.Context, wire.Caller, string) error { return f.note("RevokeToken") }

func (f *fake) EndSession(context.Context, wire.Caller, string) error { return f.note("EndSession") }

func (f *fake) ChangePassword(context.Context, wire.Caller, wire.PasswordChange) error {
	return f.note("ChangePassword")
}

func (f *fake) EnrolFactor(context.Context, wire.Caller, wire.Enrol) (wire.Enrolment, error) {
	return do[wire.Enrolment](f, "EnrolFactor")
}

func (f *fake) RegisterAuthorization(context.Context, wire.Caller, wire.Registration) (wire.Authorization, error) {
	return do[wire.Authorization](f, "RegisterAuthorization")
}

func (f *fake) Authorizations(_ context.Context, _ wire.Caller, q wire.AuthorizationQuery) (wire.List[wire.Authorization], error) {
	l, err := say[wire.List[wire.Authorization]](f)
	return none(l, err, q.After)
}

func (f *fake) Authorization(context.Context, wire.Caller, string) (wire.Authorization, error) {
	return say[wire.Authorization](f)
}

func (f *fake) WithdrawAuthorization(context.Context, wire.Caller, string, wire.Withdrawal) (wire.Authorization, error) {
	return do[wire.Authorization](f, "WithdrawAuthorization")
}

func (f *fake) AmendAuthorization(context.Context, wire.Caller, string, wire.Amendment) (wire.Authorization, error) {
	return do[wire.Authorization](f, "AmendAuthorization")
}

func (f *fake) Check(_ context.Context, _ wire.Caller, q wire.Check) (wire.Checked, error) {
	if f.check != nil {
		return f.check(q)
	}
	return do[wire.Checked](f, "Check")
}

func (f *fake) Verdict(context.Context, wire.Caller, string) (wire.Verdict, error) {
	return say[wire.Verdict](f)
}

func (f *fake) Household(context.Context, wire.Caller, string) (wire.Household, error) {
	return say[wire.Household](f)
}

func (f *fake) OpenEvidence(_ context.Context, _ wire.Caller, e wire.Evidence) (wire.Record, error) {
	r, err := say[wire.Record](f)
	r.Verdict = e.Verdict // who asks for one gets that one
	return r, err
}

func (f *fake) Unmask(context.Context, wire.Caller, wire.Unmask) (wire.Unmasked, error) {
	return do[wire.Unmasked](f, "Unmask")
}

func (f *fake) IssueReport(context.Context, wire.Caller, wire.ReportOrder) (wire.Report, error) {
	return do[wire.Report](f, "IssueReport")
}

func (f *fake) Reports(_ context.Context, _ wire.Caller, q wire.ReportQuery) (wire.List[wire.Report], error) {
	l, err := say[wire.List[wire.Report]](f)
	return none(l, err, q.After)
}

func (f *fake) PrintReport(_ context.Context, _ wire.Caller, p wire.ReportPrint) (wire.PrintedReport, error) {
	return wire.PrintedReport{Report: wire.Report{Number: p.Number}, Type: "application/pdf", Content: []byte("%PDF-1.7")}, nil
}

func (f *fake) Cases(_ context.Context, _ wire.Caller, q wire.CaseQuery) (wire.List[wire.Case], error) {
	l, err := say[wire.List[wire.Case]](f)
	return none(l, err, q.After)
}

func (f *fake) Case(_ context.Context, _ wire.Caller, id string) (wire.Case, error) {
	c, err := say[wire.Case](f)
	c.ID = id
	if change := f.states[id]; change != nil {
		change(&c)
	}
	return c, err
}

func (f *fake) Act(_ context.Context, _ wire.Caller, s wire.CaseStep) (wire.Case, error) {
	return do[wire.Case](f, "Act "+string(s.Action)+" "+strconv.Itoa(s.Version))
}

func (f *fake) Objections(_ context.Context, _ wire.Caller, q wire.ObjectionQuery) (wire.List[wire.Objection], error) {
	l, err := say[wire.List[wire.Objection]](f)
	return none(l, err, q.After)
}

func (f *fake) Objection(context.Context, wire.Caller, string) (wire.Objection, error) {
	return say[wire.Objection](f)
}

func (f *fake) FileObjection(context.Context, wire.Caller, wire.ObjectionFiled) (wire.Objection, error) {
	return do[wire.Objection](f, "FileObjection")
}

func (f *fake) DecideObjection(_ context.Context, _ wire.Caller, d wire.ObjectionDecided) (wire.Objection, error) {
	return do[wire.Objection](f, "DecideObjection "+strconv.FormatBool(d.Upheld))
}

func (f *fake) Changes(_ context.Context, _ wire.Caller, q wire.ChangeQuery) (wire.List[wire.Change], error) {
	l, err := say[wire.List[wire.Change]](f)
	return none(l, err, q.After)
}

func (f *fake) Corrections(_ context.Context, _ wire.Caller, q wire.CorrectionQuery) (wire.List[wire.Correction], error) {
	l, err := say[wire.List[wire.Correction]](f)
	return none(l, err, q.After)
}

func (f *fake) SendCorrections(context.Context, wire.Caller, wire.CorrectionsSent) (wire.CorrectionFile, error) {
	return do[wire.CorrectionFile](f, "SendCorrections")
}

func (f *fake) AuditEntries(_ context.Context, _ wire.Caller, q wire.AuditQuery) (wire.List[wire.AuditEntry], error) {
	l, err := say[wire.List[wire.AuditEntry]](f)
	return none(l, err, q.After)
}

func (f *fake) AuditSubject(_ context.Context, _ wire.Caller, _ string, p wire.Page) (wire.List[wire.AuditEntry], error) {
	l, err := say[wire.List[wire.AuditEntry]](f)
	return none(l, err, p.After)
}

func (f *fake) AuditHead(context.Context, wire.Caller) (wire.AuditHead, error) {
	return say[wire.AuditHead](f)
}

func (f *fake) AuditAlerts(_ context.Context, _ wire.Caller, q wire.AlertQuery) (wire.List[wire.Alert], error) {
	l, err := say[wire.List[wire.Alert]](f)
	return none(l, err, q.After)
}

func (f *fake) CloseAlert(context.Context, wire.Caller, wire.AlertClosing) (wire.Alert, error) {
	return do[wire.Alert](f, "CloseAlert")
}

func (f *fake) Users(_ context.Context, _ wire.Caller, p wire.Page) (wire.List[wire.User], error) {
	l, err := say[wire.List[wire.User]](f)
	return none(l, err, p.After)
}

func (f *fake) User(context.Context, wire.Caller, string) (wire.User, error) {
	return say[wire.User](f)
}

func (f *fake) CreateUser(context.Context, wire.Caller, wire.NewUser) (wire.NewSecret, error) {
	return do[wire.NewSecret](f, "CreateUser")
}

func (f *fake) ChangeUser(context.Context, wire.Caller, wire.UserChange) (wire.User, error) {
	return do[wire.User](f, "ChangeUser")
}

func (f *fake) DisableUser(context.Context, wire.Caller, wire.UserDisable) (wire.User, error) {
	return do[wire.User](f, "DisableUser")
}

func (f *fake) ResetUser(context.Context, wire.Caller, wire.UserReset) (wire.NewSecret, error) {
	return do[wire.NewSecret](f, "ResetUser")
}

func (f *fake) Tokens(_ context.Context, _ wire.Caller, p wire.Page) (wire.List[wire.Token], error) {
	l, err := say[wire.List[wire.Token]](f)
	return none(l, err, p.After)
}

func (f *fake) IssueToken(context.Context, wire.Caller, wire.NewToken) (wire.IssuedToken, error) {
	return do[wire.IssuedToken](f, "IssueToken")
}

func (f *fake) Sessions(_ context.Context, _ wire.Caller, p wire.Page) (wire.List[wire.OpenSession], error) {
	l, err := say[wire.List[wire.OpenSession]](f)
	return none(l, err, p.After)
}

func (f *fake) Snapshots(context.Context, wire.Caller, wire.Page) (wire.List[wire.Snapshot], error) {
	return say[wire.List[wire.Snapshot]](f)
}

func (f *fake) Coverage(context.Context, wire.Caller) (wire.Coverage, error) {
	return say[wire.Coverage](f)
}

func (f *fake) Statistics(context.Context, wire.Caller, wire.StatisticsQuery) (wire.Statistics, error) {
	return say[wire.Statistics](f)
}

func (f *fake) DockCatalogue(context.Context, wire.Caller, string) (wire.DockSigned, error) {
	return say[wire.DockSigned](f)
}

func (f *fake) DockEvidence(context.Context, wire.Caller, wire.DockQuestion) (wire.DockSigned, error) {
	return say[wire.DockSigned](f)
}

func (f *fake) PublicNotice(context.Context, wire.Caller, wire.PublicNoticeQuery) (wire.PublicNotice, error) {
	return do[wire.PublicNotice](f, "PublicNotice")
}

func (f *fake) PlantCase(context.Context, wire.Caller, wire.Planting) (wire.Planted, error) {
	return do[wire.Planted](f, "PlantCase")
}

func (f *fake) Reviewers(context.Context, wire.Caller, string) (wire.ReviewerReports, error) {
	return say[wire.ReviewerReports](f)
}

// Sheet is a verdict with one finding, which rests on two records.
func (f *fake) Sheet(_ context.Context, _ wire.Caller, id string) (*desk.Sheet, error) {
	s := &desk.Sheet{
		ID: id, Household: "340104-000123", Scheme: "dibao", Division: "340104", By: f.text("verifier01"),
		Verdict: &household.Verdict{Findings: []household.Finding{
			{Evidence: make([]household.Evidence, 2)}, {Evidence: make([]household.Evidence, 2)},
		}},
		Evidence: []desk.SheetEvidence{{Number: 1, Bears: true}, {Number: 2, Item: 1, Bears: true, OpenedMe: true, OpenedBy: []string{f.text("verifier01")}}},
		Case:     &desk.SheetCase{},

		Authorization: desk.SheetAuthorization{Number: f.text("SQ340104-000123"), Registered: true},
	}
	f.fill(reflect.ValueOf(s.Case).Elem(), "", 0)
	s.Case.ID = "c-000001"
	if f.confirmed {
		s.Case.State = review.Confirmed
	}
	return s, nil
}

func (f *fake) text(plain string) string {
	if f.hostile {
		return hostile
	}
	return plain
}

// Document is a report in full.
func (f *fake) Document(_ *desk.Sheet, lang string) (*report.Document, error) {
	d, err := say[report.Document](&fake{hostile: f.hostile})
	d.Lang = lang
	for i := range d.Findings {
		d.Findings[i].SameAs = 0
	}
	return &d, err
}

func (f *fake) Report(_ context.Context, _ wire.Caller, number string) (wire.Report, *report.Document, error) {
	r, err := say[wire.Report](f)
	r.Number = number
	d, _ := f.Document(nil, "zh")
	return r, d, err
}

var _ console.Desk = (*fake)(nil)

// doors lets in whoever says their roles, as a person of the centre's who works there.
type doors struct{}

func (doors) Authenticate(_ context.Context, c api.Credential) (access.Subject, error) {
	s := access.Subject{
		Account: "me01", Person: "p-01", Division: "340104", Purposes: []string{"dibao", "temporary_assistance"}, Classes: access.AllClasses(),
	}
	for name := range strings.SplitSeq(c.Token.Reveal(), "+") {
		role, ok := access.ParseRole(name)
		if !ok {
			return access.Subject{}, api.ErrNobody
		}
		s.Roles |= access.RolesOf(role)
	}
	return s, nil
}

func (f *fake) SubmitBatch(_ context.Context, _ wire.Caller, o wire.BatchOrder) (wire.Batch, error) {
	f.filed = o
	return do[wire.Batch](f, "SubmitBatch")
}

func (f *fake) OpenBatch(context.Context, wire.Caller, wire.BatchOpening) (wire.Batch, error) {
	return do[wire.Batch](f, "OpenBatch")
}

func (f *fake) CloseBatch(context.Context, wire.Caller, string) (wire.Batch, error) {
	return do[wire.Batch](f, "CloseBatch")
}

func (f *fake) Batches(_ context.Context, _ wire.Caller, q wire.BatchQuery) (wire.List[wire.Batch], error) {
	l, err := say[wire.List[wire.Batch]](f)
	return none(l, err, q.After)
}

func (f *fake) Batch(_ context.Context, _ wire.Caller, id string) (wire.Batch, error) {
	b, err := say[wire.Batch](f)
	if !strings.HasPrefix(id, "c-") { // it is called after its state
		b.ID, b.State, b.Sender = id, id, cmp.Or(f.sender, "me01")
	}
	return b, err
}

func (f *fake) CancelBatch(context.Context, wire.Caller, wire.BatchCancel) (wire.Batch, error) {
	return do[wire.Batch](f, "CancelBatch")
}

func (f *fake) RetryBatch(context.Context, wire.Caller, wire.BatchRetry) (wire.Batch, error) {
	return do[wire.Batch](f, "RetryBatch")
}

func (f *fake) FetchBatch(_ context.Context, _ wire.Caller, q wire.BatchFetch, begin func(wire.BatchFile) io.Writer) error {
	if err := f.note("FetchBatch"); err != nil {
		return err
	}
	_, err := io.WriteString(begin(wire.BatchFile{Name: "批次." + q.Format, Type: "text/csv"}), "rows")
	return errors.Join(err, f.breaks)
}
