package access

import "time"

// Rule is one row of the policy: who may do one thing, of which objects, and what they
// see of them.
type Rule struct {
	Operation Operation
	Name      string // as in the API and the audit log
	Zh, En    string // for people

	// Public operations need nobody signed in.
	Public bool
	// Roles may do it of every object they reach, Own only of what their account owns.
	Roles, Own Roles
	// Division: the object must lie in the subject's division or below.
	Division bool
	// Purpose: the object's scheme must be one the subject works on.
	Purpose bool
	// Classes: it reads data of departments, of the classes the subject may see.
	Classes bool
	// Shows is what is seen of a household.
	Shows Shows
	// FourEyes: when it takes two persons. Second are those of Roles that may be the second.
	FourEyes FourEyes
	Second   Roles
	// Reason: a text must say why.
	Reason bool
	// Certificate: the machine shows the certificate that its token is bound to.
	Certificate bool
	Limit       Limit
}

// FourEyes says when an operation takes effect only with two persons.
type FourEyes uint8

// When two persons are needed.
const (
	Never FourEyes = iota
	Always
	// WhenAdverse is when the verdict is adverse, or overridden by a person.
	WhenAdverse
)

func (f FourEyes) applies(o Object) bool {
	return f == Always || f == WhenAdverse && (o.Adverse || o.Overridden)
}

// Sets of roles, as short names for the table.
const (
	intake   = Roles(1 << Intake)
	verifier = Roles(1 << Verifier)
	reviewer = Roles(1 << Reviewer)
	approver = Roles(1 << Approver)
	leader   = Roles(1 << Leader)
	steward  = Roles(1 << DataSteward)
	system   = Roles(1 << SystemAdmin)
	security = Roles(1 << SecurityAdmin)
	auditor  = Roles(1 << Auditor)
	centre   = Roles(1 << Centre)
	metrics  = Roles(1 << Metrics)

	// deciders judge cases; counter meets families.
	deciders = verifier | reviewer | approver
	counter  = intake | verifier
)

// Policy is who may do what. The API, the console, exports, commands and tests read
// this table and no other. It is a constant: nothing may change it.
var Policy = []Rule{
	// The account's own.
	{Operation: SignIn, Name: "sign_in", Zh: "登录", En: "sign in", Public: true},
	{Operation: SignOut, Name: "sign_out", Zh: "退出", En: "sign out", Roles: Anybody},
	{Operation: Me, Name: "me", Zh: "查看本人账户", En: "see one's own account", Roles: Anybody},
	{Operation: PasswordChange, Name: "password.change", Zh: "修改本人口令", En: "change one's own password", Roles: Workers | Administrators},
	{Operation: FactorEnrol, Name: "factor.enrol", Zh: "绑定本人动态口令", En: "enrol one's own second factor", Roles: Workers | Administrators},
	{Operation: ConsoleOpen, Name: "console.open", Zh: "打开登录页面", En: "load the page to sign in and what pages are made of", Public: true},
	{Operation: OperationList, Name: "operations", Zh: "查看权限表", En: "read the policy", Roles: Anybody},

	// Authorisations (授权书).
	{Operation: AuthorizationRegister, Name: "authorization.register", Zh: "登记授权书", En: "register an authorisation", Roles: counter | centre, Division: true, Purpose: true},
	{Operation: AuthorizationRead, Name: "authorization.read", Zh: "查看授权书", En: "read an authorisation", Roles: intake | deciders | centre, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: AuthorizationSearch, Name: "authorization.search", Zh: "检索授权书", En: "search authorisations", Roles: intake | deciders | centre, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: AuthorizationAmend, Name: "authorization.amend", Zh: "变更授权书成员", En: "record that a member left or signed", Roles: counter, Division: true, Purpose: true, Shows: ShowsCase, Reason: true},
	{Operation: AuthorizationWithdraw, Name: "authorization.withdraw", Zh: "撤回授权", En: "record a withdrawal", Roles: counter, Division: true, Purpose: true, Reason: true},

	// Looking at a household.
	{Operation: Check, Name: "check", Zh: "核对家庭", En: "check a household", Roles: counter | centre, Division: true, Purpose: true, Classes: true, Shows: ShowsCase},
	{Operation: HouseholdRead, Name: "household.read", Zh: "查看家庭", En: "see a household's checks", Roles: intake | deciders, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: VerdictRead, Name: "verdict.read", Zh: "查看核对结论", En: "read a verdict", Roles: intake | deciders, Division: true, Purpose: true, Classes: true, Shows: ShowsCase},
	{Operation: EvidenceOpen, Name: "evidence.open", Zh: "打开依据", En: "open a record of evidence", Roles: deciders, Division: true, Purpose: true, Classes: true, Shows: ShowsCase},
	{Operation: Unmask, Name: "unmask", Zh: "显示明文", En: "show one field in full", Roles: deciders, Division: true, Purpose: true, Classes: true, Shows: ShowsField, Reason: true, Limit: Limit{20, time.Hour}},
	{Operation: UnmaskAll, Name: "unmask.all", Zh: "显示全部明文", En: "show a case in full", Roles: deciders, Division: true, Purpose: true, Classes: true, Shows: ShowsAll, FourEyes: Always, Second: approver, Reason: true, Limit: Limit{5, 24 * time.Hour}},
	{Operation: ReportIssue, Name: "report.issue", Zh: "出具核对报告", En: "issue a report", Roles: deciders, Division: true, Purpose: true, Classes: true, Shows: ShowsReport},
	{Operation: ReportList, Name: "report.list", Zh: "查看核对报告清单", En: "list the reports that were issued", Roles: deciders, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: ReportRead, Name: "report.read", Zh: "查看核对报告", En: "read a report that was issued", Roles: deciders, Division: true, Purpose: true, Classes: true, Shows: ShowsReport},

	// Cases.
	{Operation: CaseList, Name: "case.list", Zh: "查看案件队列", En: "see the queue of cases", Roles: deciders, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: CaseRead, Name: "case.read", Zh: "查看案件", En: "read a case", Roles: deciders, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: CaseAssign, Name: "case.assign", Zh: "分派案件", En: "assign a case", Roles: reviewer | approver, Division: true, Purpose: true},
	{Operation: CasePropose, Name: "case.propose", Zh: "提出核对意见", En: "propose", Roles: verifier | reviewer, Division: true, Purpose: true, Shows: ShowsCase, Reason: true},
	{Operation: CaseTakeUp, Name: "case.take_up", Zh: "接手复核", En: "take a case up", Roles: verifier | reviewer, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: CaseConfirm, Name: "case.confirm", Zh: "确认结论", En: "confirm", Roles: reviewer | approver, Division: true, Purpose: true, Shows: ShowsCase, FourEyes: WhenAdverse, Second: reviewer | approver, Reason: true},
	{Operation: CaseClear, Name: "case.clear", Zh: "排除疑点", En: "clear", Roles: reviewer | approver, Division: true, Purpose: true, Shows: ShowsCase, FourEyes: WhenAdverse, Second: reviewer | approver, Reason: true},
	{Operation: CaseReturn, Name: "case.return", Zh: "退回补充", En: "return", Roles: reviewer | approver, Division: true, Purpose: true, Shows: ShowsCase, Reason: true},
	{Operation: CaseNotify, Name: "case.notify", Zh: "送达告知书", En: "give notice", Roles: counter, Division: true, Purpose: true, Shows: ShowsCase},

	// Objections, and what departments must put right.
	{Operation: ObjectionFile, Name: "objection.file", Zh: "登记异议", En: "file an objection", Roles: counter, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: ObjectionList, Name: "objection.list", Zh: "查看异议清单", En: "see the list of objections", Roles: intake | deciders, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: ObjectionRead, Name: "objection.read", Zh: "查看异议", En: "read an objection", Roles: intake | deciders, Division: true, Purpose: true, Shows: ShowsCase},
	{Operation: ObjectionDecide, Name: "objection.decide", Zh: "处理异议", En: "decide an objection", Roles: reviewer | approver, Division: true, Purpose: true, Shows: ShowsCase, Reason: true},
	{Operation: CorrectionList, Name: "correction.list", Zh: "查看疑义数据", En: "see what departments must put right", Roles: deciders | steward, Division: true},
	{Operation: CorrectionSend, Name: "correction.send", Zh: "发送疑义数据", En: "send it to the department", Roles: steward, Division: true},

	// Checking again after a publish.
	{Operation: RecheckRun, Name: "recheck.run", Zh: "重新核对", En: "check again what changed", Roles: verifier | approver, Division: true, Purpose: true, Classes: true},
	{Operation: RecheckChanges, Name: "recheck.changes", Zh: "查看变化", En: "see what changed", Roles: deciders, Division: true, Purpose: true, Shows: ShowsCase},

	// Nodes that dock: one below asks for the sources that it lacks.
	{Operation: DockCatalogue, Name: "dock.catalogue", Zh: "查看对接数据目录", En: "see what this node holds of its sources", Roles: centre, Certificate: true},
	{Operation: DockEvidence, Name: "dock.evidence", Zh: "对接查询", En: "ask this node for evidence of people", Roles: centre, Division: true, Purpose: true, Classes: true, Certificate: true},

	// Batches.
	{Operation: BatchSubmit, Name: "batch.submit", Zh: "提交批次", En: "submit a batch", Roles: verifier | centre, Division: true, Purpose: true, Classes: true},
	{Operation: BatchList, Name: "batch.list", Zh: "查看批次", En: "list batches", Roles: deciders, Own: centre, Division: true, Purpose: true},
	{Operation: BatchRead, Name: "batch.read", Zh: "查看批次进度", En: "see a batch's state and refusals", Roles: deciders, Own: centre, Division: true, Purpose: true},
	{Operation: BatchCancel, Name: "batch.cancel", Zh: "取消批次", En: "cancel a batch", Roles: approver, Own: verifier | centre, Division: true, Purpose: true},
	{Operation: BatchExport, Name: "batch.export", Zh: "取回批次结果", En: "fetch a batch's verdicts", Own: verifier | centre, Division: true, Purpose: true, Classes: true, Shows: ShowsCase},

	// What leaves the centre, and what says how it does.
	{Operation: BulkExport, Name: "export.bulk", Zh: "批量导出", En: "export many households", Roles: deciders, Division: true, Purpose: true, Classes: true, Shows: ShowsCase, FourEyes: Always, Second: approver, Reason: true, Limit: Limit{10, 24 * time.Hour}},
	{Operation: PublicNotice, Name: "export.public_notice", Zh: "导出公示名单", En: "export the public notice", Roles: approver, Division: true, Purpose: true, Shows: ShowsNotice, Reason: true},
	{Operation: Statistics, Name: "statistics", Zh: "查看统计", En: "see statistics", Roles: reviewer | approver | leader, Division: true},
	{Operation: ReviewerMeter, Name: "reviewer.meter", Zh: "查看复核质量", En: "see how well reviews are done", Roles: leader, Division: true},
	{Operation: ReviewerSeed, Name: "reviewer.seed", Zh: "投放测试案件", En: "plant known-false cases", Roles: leader, Division: true, Reason: true},

	// What departments deliver.
	{Operation: SnapshotList, Name: "snapshot.list", Zh: "查看数据快照", En: "list snapshots", Roles: deciders | leader | steward | system},
	{Operation: SnapshotVerify, Name: "snapshot.verify", Zh: "校验数据快照", En: "verify snapshots", Roles: steward | system},
	{Operation: SnapshotDrop, Name: "snapshot.drop", Zh: "删除数据快照", En: "drop a snapshot", Roles: steward, Reason: true},
	{Operation: Ingest, Name: "ingest", Zh: "接入数据", En: "take in a delivery", Roles: steward},
	{Operation: Publish, Name: "publish", Zh: "发布数据", En: "publish a generation", Roles: steward},
	{Operation: ConflictList, Name: "conflicts", Zh: "导出冲突记录", En: "list rows in conflict for a department", Roles: steward, Reason: true},

	// The law as data.
	{Operation: RulesRead, Name: "rules.read", Zh: "查看规则", En: "read the rules", Roles: Workers | centre},
	{Operation: RulesSimulate, Name: "rules.simulate", Zh: "规则演练", En: "rehearse a change of the rules", Roles: approver, Division: true, Purpose: true, Classes: true},
	{Operation: RulesChange, Name: "rules.change", Zh: "变更规则", En: "change the rules", Roles: approver | steward, FourEyes: Always, Second: approver, Reason: true},
	{Operation: RetentionChange, Name: "retention.change", Zh: "变更保存期限", En: "change how long things are kept", Roles: approver | steward, FourEyes: Always, Second: approver, Reason: true},

	// Accounts and keys.
	{Operation: UserList, Name: "user.list", Zh: "查看用户", En: "list users", Roles: security, Division: true},
	{Operation: UserRead, Name: "user.read", Zh: "查看用户详情", En: "read a user", Roles: security, Division: true},
	{Operation: UserCreate, Name: "user.create", Zh: "新增用户", En: "create a user", Roles: security, Division: true, Reason: true},
	{Operation: UserChange, Name: "user.change", Zh: "变更用户", En: "change a user's roles or division", Roles: security, Division: true, Reason: true},
	{Operation: UserDisable, Name: "user.disable", Zh: "停用用户", En: "disable a user", Roles: security, Division: true, Reason: true},
	{Operation: UserReset, Name: "user.reset", Zh: "重置用户口令", En: "give a user a new first secret", Roles: security, Division: true, Reason: true},
	{Operation: SessionList, Name: "session.list", Zh: "查看会话", En: "list sessions", Roles: security, Own: Workers | system | auditor, Division: true},
	{Operation: SessionEnd, Name: "session.end", Zh: "结束会话", En: "end a session", Roles: security, Own: Workers | system | auditor, Division: true},
	{Operation: TokenList, Name: "token.list", Zh: "查看令牌", En: "list API tokens", Roles: security, Own: Workers | centre, Division: true},
	{Operation: TokenIssue, Name: "token.issue", Zh: "签发令牌", En: "issue an API token", Roles: security, Division: true, Reason: true},
	{Operation: TokenRevoke, Name: "token.revoke", Zh: "停用令牌", En: "end an API token", Roles: security, Own: Workers | centre, Division: true},
	{Operation: KeyList, Name: "key.list", Zh: "查看密钥状态", En: "see the state of keys", Roles: security | system},
	{Operation: KeyRotate, Name: "key.rotate", Zh: "轮换密钥", En: "rotate keys", Roles: security, Reason: true},
	{Operation: KeyErase, Name: "key.erase", Zh: "销毁密钥", En: "destroy a snapshot's key", Roles: security, Reason: true},

	// The audit log.
	{Operation: AuditSearch, Name: "audit.search", Zh: "检索审计日志", En: "search the audit log", Roles: auditor, Division: true},
	{Operation: AuditSubject, Name: "audit.subject", Zh: "谁查过我", En: "see who looked at a household", Roles: auditor | intake, Division: true},
	{Operation: AuditHead, Name: "audit.head", Zh: "导出审计链首", En: "export the head of the audit log", Roles: auditor | system},
	{Operation: AuditVerify, Name: "audit.verify", Zh: "校验审计日志", En: "verify the audit log", Roles: auditor | system},
	{Operation: AuditAlerts, Name: "audit.alerts", Zh: "查看异常查询", En: "see alerts of snooping", Roles: auditor, Division: true},
	{Operation: AuditAlertClose, Name: "audit.alert_close", Zh: "处理异常查询", En: "close an alert", Roles: auditor, Division: true, Reason: true},

	// Keeping it running.
	{Operation: Backup, Name: "backup", Zh: "备份", En: "back up", Roles: system},
	{Operation: Restore, Name: "restore", Zh: "恢复", En: "restore", Roles: system, Reason: true},
	{Operation: RetentionRun, Name: "retention.run", Zh: "执行到期清理", En: "remove what is past its term", Roles: system, Reason: true},
	{Operation: Doctor, Name: "doctor", Zh: "系统检查", En: "examine the installation", Roles: system},
	{Operation: ConfigRead, Name: "config.read", Zh: "查看配置", En: "read the configuration", Roles: system | security},
	{Operation: Health, Name: "health", Zh: "存活检查", En: "see that it is alive", Public: true},
	{Operation: Ready, Name: "ready", Zh: "就绪检查", En: "see that it is ready", Public: true},
	{Operation: MetricsRead, Name: "metrics", Zh: "读取监控指标", En: "read metrics", Roles: metrics | system},
}
