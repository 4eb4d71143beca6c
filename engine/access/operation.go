package access

// Operation is one thing that can be wanted. Whoever adds one adds its row to Policy;
// without a row everybody is denied.
type Operation uint16

// The operations, in the order of Policy.
const (
	SignIn Operation = iota + 1
	SignOut
	Me
	PasswordChange
	FactorEnrol
	ConsoleOpen
	OperationList

	AuthorizationRegister
	AuthorizationRead
	AuthorizationSearch
	AuthorizationAmend
	AuthorizationWithdraw

	Check
	HouseholdRead
	VerdictRead
	EvidenceOpen
	Unmask
	UnmaskAll
	ReportIssue
	ReportList
	ReportRead

	CaseList
	CaseRead
	CaseAssign
	CasePropose
	CaseTakeUp
	CaseConfirm
	CaseClear
	CaseReturn
	CaseNotify

	ObjectionFile
	ObjectionList
	ObjectionRead
	ObjectionDecide
	CorrectionList
	CorrectionSend

	RecheckRun
	RecheckChanges

	DockCatalogue
	DockEvidence

	BatchSubmit
	BatchList
	BatchRead
	BatchCancel
	BatchExport

	BulkExport
	PublicNotice
	Statistics
	ReviewerMeter
	ReviewerSeed

	SnapshotList
	SnapshotVerify
	SnapshotDrop
	Ingest
	Publish
	ConflictList

	RulesRead
	RulesSimulate
	RulesChange
	RetentionChange

	UserList
	UserRead
	UserCreate
	UserChange
	UserDisable
	UserReset
	SessionList
	SessionEnd
	TokenList
	TokenIssue
	TokenRevoke
	KeyList
	KeyRotate
	KeyErase

	AuditSearch
	AuditSubject
	AuditHead
	AuditVerify
	AuditAlerts
	AuditAlertClose

	Backup
	Restore
	RetentionRun
	Doctor
	ConfigRead
	Health
	Ready
	MetricsRead

	numOperations
)

// Rule returns the operation's row of the policy.
func (op Operation) Rule() (*Rule, bool) {
	if op == 0 || op >= numOperations || int(op) > len(Policy) || Policy[op-1].Operation != op {
		return nil, false
	}
	return &Policy[op-1], true
}

// String is the operation's name in the API, the audit log and files.
func (op Operation) String() string {
	if r, ok := op.Rule(); ok {
		return r.Name
	}
	return ""
}

// ParseOperation returns the operation of a name.
func ParseOperation(name string) (Operation, bool) {
	for i := range Policy {
		if Policy[i].Name == name {
			return Policy[i].Operation, true
		}
	}
	return 0, false
}
