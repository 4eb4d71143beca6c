package console

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// objectionPages are of what households contest.
func (c *Console) objectionPages() []api.Page {
	return []api.Page{
		c.get(access.ObjectionList, "/objections", "查看异议清单", "list objections", listObjections, "state", "household", cursorParameter),
		c.get(access.ObjectionRead, "/objections/{id}", "查看异议", "read an objection", showObjection),
		c.post(access.ObjectionFile, "/cases/{id}/objections", "登记异议", "file the household's objection to a record", fileObjection, "evidence", "ground", "verdict"),
		c.post(access.ObjectionDecide, "/objections/{id}/decide", "处理异议", "decide an objection", decideObjection, "upheld", "reason"),
	}
}

type objectionList struct {
	Query wire.ObjectionQuery
	Items []wire.Objection
	Pager pager
}

func listObjections(v *visit) error {
	q := wire.ObjectionQuery{Household: strings.TrimSpace(v.query("household"))}
	switch s := v.query("state"); s {
	case "upheld", "rejected":
		q.State = s
	default:
		q.State = "open"
	}
	if q.Household != "" {
		q.State = ""
	}
	p := objectionList{Query: q}
	if q.Household != "" && !numberForm.MatchString(q.Household) {
		return v.again("objections", p, wire.Refuse(wire.InvalidField, "household:pattern"))
	}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.Objection], error) {
		return v.console.desk.Objections(v.ctx, v.caller(), q)
	})
	if err != nil {
		return v.again("objections", p, err)
	}
	return v.show("objections", p)
}

func showObjection(v *visit) error {
	o, err := v.console.desk.Objection(v.ctx, v.caller(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show("objection", o)
}

func fileObjection(v *visit) error {
	id := v.r.PathValue("id")
	o := wire.ObjectionFiled{Case: id, Ground: v.field("ground")}
	o.Evidence, _ = strconv.Atoi(v.field("evidence")) // none is refused
	filed, err := sent(o, func() (wire.Objection, error) { return v.console.desk.FileObjection(v.ctx, v.caller(), o) })
	if err == nil {
		return v.done(prefix+"/objections/"+url.PathEscape(filed.ID), "objection filed")
	}
	if why := v.refused(err); why != nil {
		return why
	}
	return v.caseAgain(id, err)
}

func decideObjection(v *visit) error {
	id := v.r.PathValue("id")
	d := wire.ObjectionDecided{Objection: id, Upheld: v.field("upheld") == "yes", Reason: v.field("reason")}
	err := api.Valid(d)
	if v.field("upheld") == "" && err == nil {
		err = wire.Refuse(wire.InvalidField, "upheld:required")
	}
	if err == nil {
		_, err = v.console.desk.DecideObjection(v.ctx, v.caller(), d)
	}
	if err == nil {
		return v.done(prefix+"/objections/"+url.PathEscape(id), "objection decided")
	}
	return retry(v, "objection", err, func() (wire.Objection, error) { return v.console.desk.Objection(v.ctx, v.caller(), id) })
}

// objectionWords are of objections.
var objectionWords = map[string]text{
	"nav.objections":      {"异议", "Objections"},
	"nav.objections.help": {"家庭对记录的异议及处理", "What households contest"},

	"objections.title":         {"异议", "Objections"},
	"objections.lead":          {"等候最久的在前。异议处理前，争议的记录不计入。", "The oldest come first. Until one is decided the record counts for nothing."},
	"objections.household":     {"家庭编号", "Household"},
	"objections.filed":         {"提出时间", "Filed"},
	"objections.age":           {"等候", "Age"},
	"objections.scheme":        {"救助类型", "Scheme"},
	"objections.state":         {"状态", "State"},
	"objections.ground":        {"家庭的说明", "What the household says"},
	"objections.empty":         {"没有符合条件的异议。", "No such objection."},
	"objection.state.open":     {"待处理", "open"},
	"objection.state.upheld":   {"成立", "upheld"},
	"objection.state.rejected": {"不成立", "not upheld"},
	"objection.title":          {"异议：家庭 %s", "Objection of household %s"},
	"objection.record":         {"争议记录", "Record"},
	"objection.record.of":      {"核对结论第 %d 条记录", "record %d of the verdict"},
	"objection.filed by":       {"登记人", "Taken down by"},
	"objection.decided":        {"处理", "Decided"},
	"objection.reason":         {"处理理由", "Reason"},
	"objection.decide":         {"处理异议", "Decide"},
	"objection.decide.help":    {"家庭不必证明，由工作人员核实。名字已在本案上的人不能处理。成立的，记录列入部门疑义数据，用过它的结论都重新核对。", "The household need not prove it. Nobody whose name stands on the case may decide. If upheld, the record goes to its department to be corrected and every verdict that used it is made again."},
	"objection.upheld.yes":     {"异议成立：记录有误", "Upheld: the record is wrong"},
	"objection.upheld.no":      {"异议不成立：记录无误", "Not upheld: the record is right"},
	"objection.case":           {"查看案件", "See the case"},
	"done.objection filed":     {"异议已登记，争议记录暂不计入。", "The objection is filed; the record counts for nothing meanwhile."},
	"done.objection decided":   {"异议已处理。", "The objection is decided."},
	"field.upheld":             {"处理结果", "decision"},
}
