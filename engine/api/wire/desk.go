package wire

import (
	"context"
	"io"

	"github.com/hedui/hedui/engine/access"
)

// Caller is who asks.
type Caller struct {
	access.Subject

	// Credential is what the caller was known by, for what is done to it: signing out,
	// changing a password.
	Credential Secret
	Session    bool // it is a session and no API token

	Request string // number of the request; the audit log and the answer carry it
	Address string // the other end of the connection
}

// Desk answers. Every method judges for itself whether this caller may do this to
// this object: the HTTP interface has only asked the policy table whether the role
// may do such a thing at all. A *Refusal is told to the caller; an object that must
// not be known to exist is refused as NotFound, exactly as one that does not.
type Desk interface {
	SignIn(ctx context.Context, c Caller, s SignIn) (Session, error)
	SignOut(ctx context.Context, c Caller) error
	Me(ctx context.Context, c Caller) (Me, error)
	ChangePassword(ctx context.Context, c Caller, p PasswordChange) error
	EnrolFactor(ctx context.Context, c Caller, e Enrol) (Enrolment, error)

	RegisterAuthorization(ctx context.Context, c Caller, r Registration) (Authorization, error)
	Authorizations(ctx context.Context, c Caller, q AuthorizationQuery) (List[Authorization], error)
	Authorization(ctx context.Context, c Caller, number string) (Authorization, error)
	WithdrawAuthorization(ctx context.Context, c Caller, number string, w Withdrawal) (Authorization, error)
	AmendAuthorization(ctx context.Context, c Caller, number string, a Amendment) (Authorization, error)

	Check(ctx context.Context, c Caller, q Check) (Checked, error)
	Verdict(ctx context.Context, c Caller, id string) (Verdict, error)
	Household(ctx context.Context, c Caller, number string) (Household, error)
	OpenEvidence(ctx context.Context, c Caller, e Evidence) (Record, error)
	Unmask(ctx context.Context, c Caller, u Unmask) (Unmasked, error)

	// DockCatalogue and DockEvidence answer a node below that lacks sources.
	DockCatalogue(ctx context.Context, c Caller, nonce string) (DockSigned, error)
	DockEvidence(ctx context.Context, c Caller, q DockQuestion) (DockSigned, error)

	IssueReport(ctx context.Context, c Caller, o ReportOrder) (Report, error)
	Reports(ctx context.Context, c Caller, q ReportQuery) (List[Report], error)
	PrintReport(ctx context.Context, c Caller, p ReportPrint) (PrintedReport, error)

	Cases(ctx context.Context, c Caller, q CaseQuery) (List[Case], error)
	Case(ctx context.Context, c Caller, id string) (Case, error)
	Act(ctx context.Context, c Caller, s CaseStep) (Case, error)
	Objections(ctx context.Context, c Caller, q ObjectionQuery) (List[Objection], error)
	Objection(ctx context.Context, c Caller, id string) (Objection, error)
	FileObjection(ctx context.Context, c Caller, o ObjectionFiled) (Objection, error)
	DecideObjection(ctx context.Context, c Caller, o ObjectionDecided) (Objection, error)
	Changes(ctx context.Context, c Caller, q ChangeQuery) (List[Change], error)
	Corrections(ctx context.Context, c Caller, q CorrectionQuery) (List[Correction], error)
	SendCorrections(ctx context.Context, c Caller, s CorrectionsSent) (CorrectionFile, error)

	// SubmitBatch takes a batch of a file: nobody has been looked at when it returns.
	SubmitBatch(ctx context.Context, c Caller, o BatchOrder) (Batch, error)
	OpenBatch(ctx context.Context, c Caller, o BatchOpening) (Batch, error)
	CloseBatch(ctx context.Context, c Caller, id string) (Batch, error)
	Batches(ctx context.Context, c Caller, q BatchQuery) (List[Batch], error)
	Batch(ctx context.Context, c Caller, id string) (Batch, error)
	CancelBatch(ctx context.Context, c Caller, b BatchCancel) (Batch, error)
	RetryBatch(ctx context.Context, c Caller, b BatchRetry) (Batch, error)
	// FetchBatch writes the results of a batch. begin is called when they may leave, before
	// the first byte; with an error before that nothing is written.
	FetchBatch(ctx context.Context, c Caller, f BatchFetch, begin func(BatchFile) io.Writer) error

	AuditEntries(ctx context.Context, c Caller, q AuditQuery) (List[AuditEntry], error)
	AuditSubject(ctx context.Context, c Caller, household string, p Page) (List[AuditEntry], error)
	AuditHead(ctx context.Context, c Caller) (AuditHead, error)
	AuditAlerts(ctx context.Context, c Caller, q AlertQuery) (List[Alert], error)
	CloseAlert(ctx context.Context, c Caller, a AlertClosing) (Alert, error)

	Users(ctx context.Context, c Caller, p Page) (List[User], error)
	CreateUser(ctx context.Context, c Caller, u NewUser) (NewSecret, error)
	User(ctx context.Context, c Caller, account string) (User, error)
	ChangeUser(ctx context.Context, c Caller, u UserChange) (User, error)
	DisableUser(ctx context.Context, c Caller, u UserDisable) (User, error)
	ResetUser(ctx context.Context, c Caller, u UserReset) (NewSecret, error)
	Tokens(ctx context.Context, c Caller, p Page) (List[Token], error)
	IssueToken(ctx context.Context, c Caller, t NewToken) (IssuedToken, error)
	RevokeToken(ctx context.Context, c Caller, id string) error
	Sessions(ctx context.Context, c Caller, p Page) (List[OpenSession], error)
	EndSession(ctx context.Context, c Caller, id string) error
	Keys(ctx context.Context, c Caller) (Keys, error)

	Snapshots(ctx context.Context, c Caller, p Page) (List[Snapshot], error)
	Coverage(ctx context.Context, c Caller) (Coverage, error)
	Statistics(ctx context.Context, c Caller, q StatisticsQuery) (Statistics, error)
	// PublicNotice makes a copy of a public notice, which leaves the centre.
	PublicNotice(ctx context.Context, c Caller, q PublicNoticeQuery) (PublicNotice, error)
	// PlantCase plants a case that is known to be false; Reviewers says who looks.
	PlantCase(ctx context.Context, c Caller, p Planting) (Planted, error)
	Reviewers(ctx context.Context, c Caller, division string) (ReviewerReports, error)
}
