package console

import (
	"errors"
	"net/url"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// auditPages are of who looked at whom, and of who may.
func (c *Console) auditPages() []api.Page {
	return []api.Page{
		heavy(c.get(access.AuditSearch, "/audit", "检索审计日志", "search the audit log", searchAudit, "from", "to", "account", "operation", "household", cursorParameter)),
		heavy(c.get(access.AuditSubject, "/audit/subject", "谁查过这户家庭", "who looked at a household", whoLooked, "household", cursorParameter)),
		c.get(access.AuditHead, "/audit/head", "导出审计链首", "the head of the audit log, to be kept elsewhere", showHead),
		heavy(c.get(access.AuditAlerts, "/alerts", "查看异常查询", "looks that somebody should ask about", listAlerts, "state", cursorParameter)),
		c.post(access.AuditAlertClose, "/alerts/{id}/close", "处理异常查询", "close an alert, saying what was found", closeAlert, "reason"),
		c.get(access.OperationList, "/operations", "查看权限表", "who may do what", showOperations),
	}
}

type auditSearch struct {
	Query      wire.AuditQuery
	Operations []access.Rule
	Items      []wire.AuditEntry
	Pager      pager
}

func searchAudit(v *visit) error {
	get := func(name string) string { return strings.TrimSpace(v.query(name)) }
	q := wire.AuditQuery{From: get("from"), To: get("to"), Account: get("account"), Operation: get("operation"), Household: get("household")}
	p := auditSearch{Query: q, Operations: access.Policy}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.AuditEntry], error) {
		return v.console.desk.AuditEntries(v.ctx, v.caller(), q)
	})
	if err != nil {
		return v.again("audit", p, err)
	}
	return v.show("audit", p)
}

type subjectQuery struct {
	wire.Page

	Household string
}

type subjectPage struct {
	Household string
	Items     []wire.AuditEntry
	Pager     pager
}

func whoLooked(v *visit) error {
	q := subjectQuery{Household: strings.TrimSpace(v.query("household"))}
	p := subjectPage{Household: q.Household}
	if q.Household == "" {
		return v.show("audit-subject", p)
	}
	if !numberForm.MatchString(q.Household) {
		return v.again("audit-subject", p, wire.Refuse(wire.InvalidField, "household:pattern"))
	}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.AuditEntry], error) {
		return v.console.desk.AuditSubject(v.ctx, v.caller(), q.Household, q.Page)
	})
	if err != nil {
		return v.again("audit-subject", p, err)
	}
	return v.show("audit-subject", p)
}

func showHead(v *visit) error {
	h, err := v.console.desk.AuditHead(v.ctx, v.caller())
	var r *wire.Refusal
	if err != nil && (!errors.As(err, &r) || r.Code != wire.StateRefuses) {
		return err // where no key is configured there is no head to be signed
	}
	return v.show("audit-head", h)
}

type alertPage struct {
	Tried string // the alert whose form is shown again
	State string
	Items []wire.Alert
	Pager pager
}

func listAlerts(v *visit) error {
	p, err := v.alerts()
	if err != nil {
		return err
	}
	return v.show("alerts", p)
}

// alerts is the list that the address says; of those that are open when it says none.
func (v *visit) alerts() (alertPage, error) {
	q := wire.AlertQuery{State: "open"}
	if v.query("state") == "closed" {
		q.State = "closed"
	}
	p := alertPage{State: q.State}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.Alert], error) {
		return v.console.desk.AuditAlerts(v.ctx, v.caller(), q)
	})
	return p, err
}

func closeAlert(v *visit) error {
	a := wire.AlertClosing{Alert: v.r.PathValue("id"), Reason: v.field("reason")}
	if _, err := sent(a, func() (wire.Alert, error) { return v.console.desk.CloseAlert(v.ctx, v.caller(), a) }); err != nil {
		return retry(v, "alerts", err, func() (alertPage, error) {
			p, lost := v.alerts()
			p.Tried, p.Pager = a.Alert, pager{} // which is of another address
			return p, lost
		})
	}
	return v.done(prefix+"/alerts", "alert closed")
}

// operationRow is a row of the policy in words.
type operationRow struct {
	Name, Roles, Own string
	Second, Reason   bool
}

func showOperations(v *visit) error {
	names := func(set access.Roles) string {
		var out []string
		for _, r := range set.List() {
			out = append(out, v.say("role."+r.String()))
		}
		return strings.Join(out, v.say("list"))
	}
	var list []operationRow
	for i := range access.Policy {
		r := &access.Policy[i]
		row := operationRow{Name: (&view{visit: v}).Operation(r.Name), Roles: names(r.Roles), Own: names(r.Own), Second: r.FourEyes != access.Never, Reason: r.Reason}
		if r.Public {
			row.Roles = v.say("operations.public")
		}
		list = append(list, row)
	}
	return v.show("operations", list)
}

// SubjectOf is the page of who looked at a household.
func (v *view) SubjectOf(household string) string {
	u := url.URL{Path: prefix + "/audit/subject", RawQuery: url.Values{"household": {household}}.Encode()}
	return u.String()
}

// auditWords are of the audit log.
var auditWords = map[string]text{
	"nav.audit":           {"审计日志", "Audit log"},
	"nav.audit.help":      {"谁在什么时候凭什么查过谁", "Who looked at whom, when, on what warrant"},
	"nav.subject":         {"谁查过这户家庭", "Who looked at a household"},
	"nav.subject.help":    {"答复家庭“谁查过我”的询问", "For a household that asks who looked"},
	"nav.alerts":          {"异常查询", "Alerts"},
	"nav.alerts.help":     {"需要有人过问的查询", "Looks that somebody should ask about"},
	"nav.head":            {"审计链首", "Head of the log"},
	"nav.head.help":       {"抄存到别处，用于发现篡改", "To be kept elsewhere, so that tampering shows"},
	"nav.operations":      {"权限表", "Who may do what"},
	"nav.operations.help": {"每个角色可以办理的事项", "What each role may do"},

	"audit.title":         {"审计日志", "Audit log"},
	"audit.from":          {"从", "From"},
	"audit.to":            {"到", "To"},
	"audit.account":       {"账户", "Account"},
	"audit.operation":     {"事项", "Operation"},
	"audit.household":     {"家庭编号", "Household"},
	"audit.at":            {"时间", "Time"},
	"audit.role":          {"角色", "Role"},
	"audit.division":      {"区划", "Division"},
	"audit.authorization": {"授权书", "Authorisation"},
	"audit.purpose":       {"用途", "Purpose"},
	"audit.outcome":       {"结果", "Result"},
	"audit.seq":           {"序号", "Number"},
	"audit.many":          {"等 %d 户", "and others, %d households"},
	"audit.fields":        {"所见：%s", "seen: %s"},
	"audit.empty":         {"没有符合条件的记录。", "No such entry."},
	"audit.result.done":   {"完成", "done"},
	"audit.result.denied": {"未获准", "denied"},
	"audit.result.failed": {"失败", "failed"},

	"event.signed_in":              {"登录", "signed in"},
	"event.sign_in_refused":        {"登录未成功", "sign-in not accepted"},
	"event.signed_out":             {"退出", "signed out"},
	"event.session_ended":          {"会话结束", "session ended"},
	"event.session_refused":        {"会话无效", "session not accepted"},
	"event.token_refused":          {"令牌无效", "token not accepted"},
	"event.token_issued":           {"签发令牌", "token issued"},
	"event.token_revoked":          {"停用令牌", "token ended"},
	"event.password_changed":       {"修改口令", "password changed"},
	"event.password_refused":       {"修改口令未成功", "password change not accepted"},
	"event.second_factor_started":  {"开始绑定动态口令", "second factor begun"},
	"event.second_factor_enrolled": {"绑定动态口令", "second factor enrolled"},
	"event.second_factor_refused":  {"绑定动态口令未成功", "second factor not accepted"},
	"event.recovery_codes_renewed": {"更换备用码", "recovery codes renewed"},
	"event.user_created":           {"新增用户", "user created"},
	"event.user_changed":           {"变更用户", "user changed"},
	"event.user_reset":             {"重置口令", "password reset"},
	"event.user_change_refused":    {"变更用户未成功", "user change not accepted"},
	"event.accounts_bootstrap":     {"设立首个账户", "first account made"},
	"event.accounts_bootstrapped":  {"设立首个账户", "first account made"},
	"event.case.final":             {"异议期满生效", "term to contest ran out"},
	"event.verify":                 {"批量核对", "verify a batch"},
	"event.audit_search":           {"检索审计日志", "search the audit log"},
	"event.audit_subject":          {"谁查过这户家庭", "who looked at a household"},
	"event.audit_alerts":           {"查看异常查询", "see alerts"},
	"event.audit_prune":            {"清理到期审计日志", "remove what is past its term"},
	"event.recover":                {"恢复未完成的记录", "finish what broke off"},
	"event.segment":                {"日志分段", "new segment"},

	"subject.title": {"谁查过这户家庭", "Who looked at a household"},
	"subject.lead":  {"哪个单位、什么时候、为什么、凭哪份授权书。", "Which body, when, what for, on which authorisation."},
	"subject.empty": {"没有查询记录。", "Nobody looked."},

	"head.title":     {"审计链首", "Head of the audit log"},
	"head.lead":      {"请打印或抄存到本系统之外。今后任何人改动此前的记录，都会与它不符。", "Print it or copy it outside of this system. Whoever changes an earlier entry contradicts it."},
	"head.seq":       {"序号", "Entry"},
	"head.hash":      {"摘要", "Digest"},
	"head.segment":   {"分段", "Segment"},
	"head.bytes":     {"字节", "Bytes"},
	"head.time":      {"取得时间", "Taken"},
	"head.key":       {"签名密钥", "Key"},
	"head.signature": {"签名（SM2）", "Signature (SM2)"},
	"head.unsigned":  {"没有配置审计签名密钥，不能取得签名的链首。请系统管理员在配置的 audit 一节设置。", "No key is configured that signs it. The system administrator sets one under audit in the configuration."},

	"alerts.title":        {"异常查询", "Alerts"},
	"alerts.lead":         {"提示本身不是结论，须向查询人了解情况。", "An alert is no finding. Ask whoever looked."},
	"alerts.open":         {"待处理", "Open"},
	"alerts.closed":       {"已处理", "Closed"},
	"alerts.empty":        {"没有待处理的异常查询。", "No open alerts."},
	"alerts.urgent":       {"紧急", "urgent"},
	"alerts.signs":        {"迹象", "Signs"},
	"alerts.who":          {"查询人", "Who looked"},
	"alerts.count":        {"当日 %d 户", "%d households that day"},
	"alerts.close":        {"处理", "Close"},
	"alerts.result":       {"处理情况", "What was found"},
	"done.alert closed":   {"已处理。", "Closed."},
	"sign.honey":          {"查询了没有任何业务理由的家庭", "no lawful reason to look at the household"},
	"sign.no_case":        {"没有对应的业务", "no case"},
	"sign.relative":       {"疑为本人亲属或同址", "own relative or address"},
	"sign.colleague":      {"成员与查询人同单位", "a colleague"},
	"sign.surname":        {"同姓", "same surname"},
	"sign.out_of_hours":   {"非工作时间", "out of hours"},
	"sign.night_work":     {"多次非工作时间查询", "many out of hours"},
	"sign.volume":         {"查询量远超同岗", "far more than the peers"},
	"sign.sequential":     {"按编号连续查询", "numbers in a row"},
	"sign.after_closure":  {"办结后查询", "after the case was over"},
	"sign.repeat_closed":  {"办结后反复查询", "again and again after the case was over"},
	"sign.another_region": {"非本区划", "another division"},

	"operations.title":  {"权限表", "Who may do what"},
	"operations.lead":   {"未列明的一律不允许。区划以登记的授权书为准：只能办理本区划及其下级的家庭。", "What is not listed nobody may. The division is that of the registered authorisation: one's own and below."},
	"operations.name":   {"事项", "Operation"},
	"operations.roles":  {"角色", "Roles"},
	"operations.own":    {"仅限本人的", "only their own"},
	"operations.second": {"需两人", "two persons"},
	"operations.reason": {"需说明理由", "a reason"},
	"operations.public": {"无需登录", "nobody signed in"},
}
