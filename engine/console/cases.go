package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// casePages are the work queue and what is done to a case.
func (c *Console) casePages() []api.Page {
	out := []api.Page{
		c.get(access.CaseList, "/cases", "查看案件队列", "the queue of cases", listCases, "state", "outcome", "scheme", "household", "whose", cursorParameter),
		c.get(access.CaseRead, "/cases/{id}", "查看案件", "read a case", showCase),
	}
	for _, s := range caseSteps {
		out = append(out, c.post(s.operation, "/cases/{id}/"+s.path, s.zh, s.en, takeStep(s.action, s.done), "version", "reason", "assignee", "window_days", "verdict"))
	}
	return out
}

// caseSteps are the things that can be done to a case.
var caseSteps = [...]struct {
	operation    access.Operation
	path         string
	action       wire.Action
	zh, en, done string
}{
	{access.CasePropose, "propose", wire.Propose, "提出核对意见", "propose an outcome", "case proposed"},
	{access.CaseTakeUp, "take-up", wire.TakeUp, "受理复核", "take a case up for review", "case taken up"},
	{access.CaseConfirm, "confirm", wire.Confirm, "确认结论", "confirm", "case confirmed"},
	{access.CaseClear, "clear", wire.Clear, "排除疑点", "clear", "case cleared"},
	{access.CaseReturn, "return", wire.Return, "退回补充", "return for more", "case returned"},
	{access.CaseAssign, "assign", wire.Assign, "分派案件", "assign to somebody", "case assigned"},
	{access.CaseNotify, "notify", wire.Notify, "送达告知书", "record that the notice was given", "case notified"},
}

// caseStates are what the queue is filtered by, waiting first.
var caseStates = [...]string{"waiting", "proposed", "under_review", "disputed", "returned", "confirmed", "cleared", "final", "withdrawn"}

// outcomes are what a verdict comes to, the gravest first.
var outcomes = [...]string{"suspected_ineligible", "needs_review", "unverifiable", "no_discrepancy"}

type caseList struct {
	Query                     wire.CaseQuery
	Whose                     string
	States, Outcomes, Schemes []string
	Items                     []wire.Case
	Pager                     pager
}

func listCases(v *visit) error {
	q := wire.CaseQuery{State: v.query("state"), Outcome: v.query("outcome"), Scheme: v.query("scheme"), Household: strings.TrimSpace(v.query("household"))}
	if !v.r.URL.Query().Has("state") && q.Household == "" {
		q.State = "waiting"
	}
	whose := v.query("whose")
	q.Mine, q.Unassigned = whose == "mine", whose == "nobody"
	p := caseList{Query: q, Whose: whose, States: caseStates[:], Outcomes: outcomes[:], Schemes: v.call.Purposes}
	if q.Household != "" && !numberForm.MatchString(q.Household) || q.State != "" && !slices.Contains(caseStates[:], q.State) ||
		q.Outcome != "" && !slices.Contains(outcomes[:], q.Outcome) {
		return v.again("cases", p, wire.Refuse(wire.InvalidField))
	}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.Case], error) { return v.console.desk.Cases(v.ctx, v.caller(), q) })
	if err != nil {
		return v.again("cases", p, err)
	}
	return v.show("cases", p)
}

// casePage is a case with what the caller may do to it now.
type casePage struct {
	wire.Case

	Steps  []caseStep // offered
	Why    []string   // why others are not
	ToOpen []int      // records that the caller has not opened
}

// caseStep is a step that is offered.
type caseStep struct {
	Path, Name, Help string
	Reason           bool // a text must say why
	Assignee, Days   bool
	Grave            bool
}

func (v *visit) casePage(id string) (*casePage, error) {
	c, err := v.console.desk.Case(v.ctx, v.caller(), id)
	if err != nil {
		return nil, err
	}
	p := &casePage{Case: c}
	for _, e := range c.Evidence {
		if !slices.Contains(e.By, v.call.Account) {
			p.ToOpen = append(p.ToOpen, e.Number)
		}
	}
	me, adverse := v.call.Account, c.Outcome == "suspected_ineligible"
	waits := c.State == "proposed" || c.State == "under_review" || c.State == "disputed" || c.State == "returned"
	for i := range caseSteps {
		s := &caseSteps[i]
		if !v.may(s.operation) {
			continue
		}
		step := caseStep{Path: s.path, Name: v.say("case.do." + string(s.action)), Help: v.say("case.help." + string(s.action))}
		offered := false
		switch s.action {
		case wire.Propose:
			offered, step.Reason = c.State == "returned" || c.State == "proposed" && c.Proposer == "", true
		case wire.TakeUp:
			offered = c.State == "proposed" && (c.Assignee == "" || c.Assignee == me) || c.State == "under_review" && c.Assignee == me && c.Reviewer != me
		case wire.Assign:
			offered, step.Assignee = waits, true
		case wire.Confirm:
			offered, step.Reason, step.Grave = c.State == "under_review", true, adverse
			switch {
			case !offered || !adverse:
			case c.Proposer == me || c.Reviewer == me:
				offered = false
				p.Why = append(p.Why, v.say("case.why.second", step.Name))
			case len(c.Evidence) == 0:
				offered = false
				p.Why = append(p.Why, v.say("case.why.none", step.Name))
			case len(p.ToOpen) > 0:
				offered = false
				p.Why = append(p.Why, v.say("case.why.open", step.Name, len(p.ToOpen)))
			}
		case wire.Clear:
			offered, step.Reason = c.State == "under_review", true
			if offered && adverse && (c.Proposer == me || c.Proposer == "") && (c.Reviewer == me || c.Reviewer == "") {
				offered = false
				p.Why = append(p.Why, v.say("case.why.clear", step.Name))
			}
		case wire.Return:
			offered, step.Reason = c.State == "under_review" || c.State == "confirmed", true
		case wire.Notify:
			offered, step.Days = c.State == "confirmed" && adverse, true
		}
		if offered {
			p.Steps = append(p.Steps, step)
		}
	}
	if c.State == "disputed" || c.Open > 0 {
		p.Why = append(p.Why, v.say("case.why.disputed"))
	}
	if c.Awaiting {
		p.Why = append(p.Why, v.say("case.why.awaiting"))
	}
	return p, nil
}

func showCase(v *visit) error {
	p, err := v.casePage(v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show("case", p)
}

// takeStep does something to a case.
func takeStep(action wire.Action, done string) handler {
	return func(v *visit) error {
		id := v.r.PathValue("id")
		s := wire.CaseStep{Case: id, Action: action, Version: v.version(), Reason: v.field("reason"), Assignee: v.field("assignee")}
		s.WindowDays, _ = strconv.Atoi(v.field("window_days")) // none is what the centre has set
		err := api.Valid(s)
		if err == nil && s.Reason == "" && action != wire.TakeUp && action != wire.Assign && action != wire.Notify {
			err = wire.Refuse(wire.ReasonNeeded, "reason:required")
		}
		var c wire.Case
		if err == nil {
			c, err = v.console.desk.Act(v.ctx, v.caller(), s)
		}
		switch {
		case err == nil && v.may(access.CaseRead):
			return v.done(prefix+"/cases/"+url.PathEscape(id), done)
		case err == nil: // who gives notice need not read cases
			return v.done(prefix+"/verdicts/"+url.PathEscape(c.Verdict), done)
		}
		if why := v.refused(err); why != nil {
			return why
		}
		return v.caseAgain(id, err)
	}
}

// caseAgain shows the page again that a form about a case stands on: the verdict's where
// the form says so, since whoever meets the family need not read cases.
func (v *visit) caseAgain(id string, why error) error {
	if verdict := v.field("verdict"); verdict != "" && v.may(access.VerdictRead) {
		p, err := v.verdictPage(verdict)
		if err != nil {
			return why
		}
		return v.again("verdict", p, why)
	}
	p, err := v.casePage(id)
	if err != nil {
		return why
	}
	return v.again("case", p, why)
}

// caseWords are of the queue and of cases.
var caseWords = map[string]text{
	"nav.cases":      {"待办案件", "Work queue"},
	"nav.cases.help": {"按轻重和等候时间排列，逐案核实", "By gravity and age, one case after the other"},

	"cases.title":        {"待办案件", "Work queue"},
	"cases.lead":         {"最重、等候最久的在前。", "The gravest and oldest come first."},
	"cases.state":        {"状态", "State"},
	"cases.outcome":      {"结论", "Outcome"},
	"cases.scheme":       {"救助类型", "Scheme"},
	"cases.household":    {"家庭编号", "Household"},
	"cases.whose":        {"办理人", "Whose"},
	"cases.whose.mine":   {"我的", "mine"},
	"cases.whose.nobody": {"未分派", "nobody's"},
	"cases.age":          {"等候", "Age"},
	"cases.days":         {"%d 天", "%d days"},
	"cases.objections":   {"异议", "Objections"},
	"cases.open":         {"待处理 %d", "%d open"},
	"cases.division":     {"区划", "Division"},
	"cases.empty":        {"没有符合条件的案件。", "No such case."},
	"state.waiting":      {"等待办理（全部）", "waiting for somebody"},

	"case.title":         {"案件：家庭 %s", "Case of household %s"},
	"case.verdict":       {"查看核对结论和依据", "Read the verdict and its evidence"},
	"case.proposer":      {"提出", "Proposed by"},
	"case.reviewer":      {"复核", "Reviewed by"},
	"case.assignee":      {"分派给", "Assigned to"},
	"case.since":         {"结论日期", "Verdict of"},
	"case.notice":        {"告知书送达", "Notice given"},
	"case.window":        {"异议期 %d 天", "%d days to object"},
	"case.evidence":      {"依据的记录", "Records it rests on"},
	"case.record":        {"第 %d 条", "Record %d"},
	"case.opened":        {"已打开的人", "Opened by"},
	"case.not opened":    {"您还没有打开", "not opened by you"},
	"case.open":          {"打开第 %d 条", "Open record %d"},
	"case.no evidence":   {"这个案件不以具体记录为依据。", "The case rests on no record."},
	"case.steps":         {"经过", "What happened"},
	"case.steps.none":    {"还没有人办理。", "Nobody has done anything yet."},
	"case.do":            {"办理", "What you can do"},
	"case.nothing":       {"您现在不能办理这个案件。", "There is nothing for you to do now."},
	"case.version":       {"版本", "Version"},
	"case.days":          {"异议期（天）", "Days to object"},
	"case.days.help":     {"不填则按中心规定", "The centre's own when left empty"},
	"case.account":       {"账户", "Account"},
	"case.object":        {"登记异议", "File an objection"},
	"case.object.help":   {"家庭对某条记录有异议时登记。登记后该记录暂不计入，系统按其余记录重新核对。", "For a record that the household contests. From now on it counts for nothing, and the household is checked again without it."},
	"case.object.record": {"对哪条记录", "Which record"},
	"case.object.ground": {"家庭的说明", "What the household says"},

	"case.do.propose":   {"提出核对意见", "Propose"},
	"case.do.take_up":   {"接手复核", "Take up"},
	"case.do.assign":    {"分派", "Assign"},
	"case.do.confirm":   {"确认结论", "Confirm"},
	"case.do.clear":     {"排除疑点", "Clear"},
	"case.do.return":    {"退回补充", "Return"},
	"case.do.notify":    {"登记告知书送达", "Record the notice"},
	"case.help.propose": {"说明核实情况和处理意见，交他人复核。", "Say what you found; somebody else reviews it."},
	"case.help.take_up": {"由您复核。对家庭不利的结论，须由另一人打开全部依据后确认。", "You review it. What is adverse another person confirms, who has opened every record."},
	"case.help.assign":  {"交给一位同事办理。", "Give it to a colleague."},
	"case.help.confirm": {"依据齐全、情况属实。对家庭不利的结论，确认后送达告知书，异议期满才生效。", "The evidence is complete. What is adverse takes effect only after the notice and the term to object."},
	"case.help.clear":   {"情况已说明清楚，不影响家庭。", "It has been explained."},
	"case.help.return":  {"材料不足，退回补充。", "More is needed."},
	"case.help.notify":  {"告知书已送达家庭，异议期从今天起算。", "The household has the notice; its term to object runs from today."},
	"case.why.second":   {"“%s”须由没有提出或接手过本案的另一人办理。", "%s: it takes a person who neither proposed nor took it up."},
	"case.why.none":     {"“%s”须以具体记录为依据，本案没有。", "%s: it takes records to rest on, and there are none."},
	"case.why.clear":    {"“%s”须有两人：请另一人接手复核或排除。", "%s: it takes two persons on the case."},
	"case.why.open":     {"“%s”之前须打开全部依据，您还有 %d 条没有打开。", "%s: every record has to be opened first; %d are left."},
	"case.why.disputed": {"有异议尚未处理，争议记录暂不计入。", "An objection is open; what is disputed does not count."},
	"case.why.awaiting": {"结论依据有变化，正在重新核对。", "The household is about to be checked again."},

	"done.case proposed":  {"已提出核对意见。", "Proposed."},
	"done.case taken up":  {"已接手复核。", "Taken up."},
	"done.case confirmed": {"已确认。请送达告知书。", "Confirmed. The notice has to be given."},
	"done.case cleared":   {"已排除疑点。", "Cleared."},
	"done.case returned":  {"已退回。", "Returned."},
	"done.case assigned":  {"已分派。", "Assigned."},
	"done.case notified":  {"送达已登记。", "The notice is recorded."},

	"field.assignee":        {"分派给", "assignee"},
	"field.window_days":     {"异议期", "days to object"},
	"field.evidence":        {"依据", "record"},
	"field.ground":          {"家庭的说明", "ground"},
	"step.open":             {"打开依据", "evidence opened"},
	"step.propose":          {"提出核对意见", "proposed"},
	"step.take_up":          {"接手复核", "taken up"},
	"step.confirm":          {"确认结论", "confirmed"},
	"step.clear":            {"排除疑点", "cleared"},
	"step.return":           {"退回补充", "returned"},
	"step.assign":           {"分派", "assigned"},
	"step.notify":           {"送达告知书", "notice given"},
	"step.object":           {"提出异议", "objection filed"},
	"step.decide_objection": {"处理异议", "objection decided"},
	"step.recheck":          {"重新核对", "checked again"},
	"step.withdraw":         {"撤回授权", "authorisation withdrawn"},
	"step.tick":             {"异议期满", "term to object ran out"},
}
