package console

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
)

// dataPages are of what departments deliver, what it changed, and what must be put right.
func (c *Console) dataPages() []api.Page {
	return []api.Page{
		c.get(access.RecheckChanges, "/changes", "查看变化", "what checking again found changed", listChanges, "outcome", "since", cursorParameter),
		heavy(c.get(access.SnapshotList, "/sources", "查看数据来源", "what departments have delivered and what is wanting", showSources)),
		c.get(access.CorrectionList, "/corrections", "查看疑义数据", "what a department must put right", listCorrections, "department", "state", cursorParameter),
		c.post(access.CorrectionSend, "/corrections/send", "发送疑义数据", "the file for a department", sendCorrections, "ids"),
		c.get(access.PublicNotice, "/public-notice", "导出公示名单", "the form of a public notice", func(v *visit) error { return v.show("public-notice", v.noticeForm()) }),
		heavy(c.post(access.PublicNotice, "/public-notice", "导出公示名单", "a copy of a public notice", exportNotice,
			"division", "scheme", "from", "to", "recipient", "objects", "reason", "format")),
	}
}

type changeList struct {
	Query    wire.ChangeQuery
	Outcomes []string
	Items    []wire.Change
	Pager    pager
}

func listChanges(v *visit) error {
	q := wire.ChangeQuery{Since: v.query("since"), Outcome: v.query("outcome")}
	p := changeList{Query: q, Outcomes: outcomes[:]}
	if q.Outcome != "" && !slices.Contains(outcomes[:], q.Outcome) || q.Since != "" && !numberForm.MatchString(q.Since) {
		return v.again("changes", p, wire.Refuse(wire.InvalidField))
	}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.Change], error) { return v.console.desk.Changes(v.ctx, v.caller(), q) })
	if err != nil {
		return v.again("changes", p, err)
	}
	return v.show("changes", p)
}

func showSources(v *visit) error {
	s, err := v.console.desk.Coverage(v.ctx, v.caller())
	if err != nil {
		return err
	}
	p := sourcesPage{Coverage: s}
	p.layMonths()
	return v.show("sources", p)
}

// sourcesPage is what there is of every source, and month by month.
type sourcesPage struct {
	wire.Coverage

	Months []household.Month // that the rules look back over, of any source
	Rows   []sourceMonths
}

// sourceMonths says of a source, for each month of the page, whether there are data of it.
type sourceMonths struct {
	Source string
	Months []monthState
}

// monthState is a month of a source.
type monthState uint8

const (
	notAsked monthState = iota // the rules don't look so far back
	covered
	uncovered
)

// Asked reports whether the rules look at it.
func (m monthState) Asked() bool { return m != notAsked }

// Covered reports whether there are data of it.
func (m monthState) Covered() bool { return m == covered }

// layMonths lays the months of all sources beside one another. A source that tells of no
// months, or of a span that can't be read, has no row.
func (p *sourcesPage) layMonths() {
	const most = 60 // months that a page has room for
	spans := map[string]household.Months{}
	var all household.Months
	for _, s := range p.Sources {
		span, ok := household.ParseMonths(s.Months)
		if !ok {
			continue
		}
		if len(spans) == 0 {
			all = span
		}
		spans[s.Source] = span
		all.From, all.To = min(all.From, span.From), max(all.To, span.To)
	}
	if len(spans) == 0 || all.To-all.From >= most {
		return
	}
	for m := all.From; m <= all.To; m++ {
		p.Months = append(p.Months, m)
	}
	for _, s := range p.Sources {
		span, ok := spans[s.Source]
		if !ok {
			continue
		}
		row := sourceMonths{Source: s.Source, Months: make([]monthState, len(p.Months))}
		for i, m := range p.Months {
			switch {
			case m < span.From || m > span.To:
			case s.Missing || slices.Contains(s.Uncovered, m.String()):
				row.Months[i] = uncovered
			default:
				row.Months[i] = covered
			}
		}
		p.Rows = append(p.Rows, row)
	}
}

// departments are those whose records households are checked against.
func departments() (out []string) {
	for s := household.Tax; s < household.NumChecked; s++ {
		out = append(out, s.String())
	}
	return out
}

type correctionList struct {
	Query       wire.CorrectionQuery
	Departments []string
	Items       []wire.Correction
	Pager       pager
}

func listCorrections(v *visit) error {
	q := wire.CorrectionQuery{Department: strings.TrimSpace(v.query("department")), Sent: v.query("state") == "sent"}
	if q.Department == "" {
		q.Department = household.Tax.String()
	}
	p := correctionList{Query: q, Departments: departments()}
	if !slices.Contains(departments(), q.Department) {
		return v.again("corrections", p, wire.Refuse(wire.InvalidField))
	}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.Correction], error) {
		return v.console.desk.Corrections(v.ctx, v.caller(), q)
	})
	if err != nil {
		return v.again("corrections", p, err)
	}
	return v.show("corrections", p)
}

// sendCorrections answers with the file that goes to the department.
func sendCorrections(v *visit) error {
	s := wire.CorrectionsSent{IDs: append([]string{}, v.r.PostForm["ids"]...)}
	if err := api.Valid(s); err != nil {
		return err
	}
	f, err := v.console.desk.SendCorrections(v.ctx, v.caller(), s)
	if err != nil {
		return err
	}
	name := "corrections"
	if len(f.Items) > 0 && slices.Contains(departments(), f.Items[0].Department) {
		name += "-" + f.Items[0].Department
	}
	return v.file(name+".csv", "text/csv; charset=utf-8", []byte(f.File))
}

// file answers with a file to be kept. Its name is of this program's making.
func (v *visit) file(name, kind string, content []byte) error {
	h := v.w.Header()
	guard(h)
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(content) // a browser that has gone away gets no answer
	return nil
}

// noticeForm is the form of a public notice as it stands.
type noticeForm struct {
	wire.PublicNoticeQuery

	Schemes []string
	Format  string
}

func (v *visit) noticeForm() noticeForm {
	return noticeForm{PublicNoticeQuery: wire.PublicNoticeQuery{Division: v.call.Division}, Schemes: v.call.Purposes, Format: "xlsx"}
}

// noticeFormats are what a notice is written in, by the ending of its file.
var noticeFormats = map[string]struct {
	format export.Format
	kind   string
}{
	"csv":  {export.CSV, "text/csv; charset=utf-8"},
	"xlsx": {export.XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
}

func exportNotice(v *visit) error {
	p := v.noticeForm()
	p.PublicNoticeQuery = wire.PublicNoticeQuery{
		Division: v.field("division"), Scheme: v.field("scheme"), From: v.field("from"), To: v.field("to"),
		Recipient: v.field("recipient"), Objects: v.field("objects"), Reason: v.field("reason"),
	}
	p.Format = v.field("format")
	format, known := noticeFormats[p.Format]
	n, err := sent(p.PublicNoticeQuery, func() (wire.PublicNotice, error) {
		if !known {
			return wire.PublicNotice{}, wire.Refuse(wire.InvalidField, "format:not_one_of")
		}
		return v.console.desk.PublicNotice(v.ctx, v.caller(), p.PublicNoticeQuery)
	})
	if err != nil {
		return v.again("public-notice", p, err)
	}
	entries := make([]export.NoticeEntry, len(n.Rows))
	for i, r := range n.Rows { // its scheme is worded already
		entries[i] = export.NoticeEntry{Applicant: household.Name(r.Applicant), Scheme: r.Scheme, Members: r.Members, Place: r.Place}
	}
	var out bytes.Buffer
	if err := export.WriteNotice(&out, format.format, entries, n.Foot); err != nil {
		return err
	}
	return v.file("gongshi-"+n.Number+"."+p.Format, format.kind, out.Bytes())
}

// dataWords are of what departments deliver.
var dataWords = map[string]text{
	"nav.changes":          {"重新核对的变化", "What changed"},
	"nav.changes.help":     {"数据发布后结论有变化的家庭", "Households whose verdict changed after a publish"},
	"nav.sources":          {"数据来源", "Sources"},
	"nav.sources.help":     {"各部门提供的数据、覆盖月份和缺口", "What departments have delivered and what is wanting"},
	"nav.corrections":      {"疑义数据", "Corrections"},
	"nav.corrections.help": {"异议成立后须由部门更正的记录", "Records that departments must put right"},
	"nav.notice":           {"公示名单", "Public notice"},
	"nav.notice.help":      {"导出公示名单，每份按接收单位加暗记", "A copy of the public notice, marked for its recipient"},

	"changes.title":     {"重新核对的变化", "What checking again changed"},
	"changes.lead":      {"数据发布后重新核对，结论与原来不同的家庭。", "Households whose verdict differs after data were published and they were checked again."},
	"changes.household": {"家庭编号", "Household"},
	"changes.was":       {"原结论", "Was"},
	"changes.is":        {"现结论", "Is"},
	"changes.why":       {"重新核对的原因", "Why it was checked again"},
	"changes.sources":   {"有差别的来源", "Where the difference is"},
	"changes.now":       {"现结论", "Outcome now"},
	"changes.empty":     {"最近一次重新核对没有发现变化，或还没有重新核对过。", "The newest recheck found nothing changed, or there was none."},
	"change.new":        {"首次核对", "never checked before"},
	"change.request":    {"申报有变化", "the declaration changed"},
	"change.law":        {"规则有变化", "the rules changed"},
	"change.date":       {"核对日期不同", "another day"},
	"change.program":    {"核对程序有更新", "another program judges"},
	"change.unknown":    {"此前的数据已无法比较", "the data before can't be compared"},
	"change.coverage":   {"数据覆盖有变化", "coverage changed"},
	"change.keys":       {"匹配依据有变化", "keys of linking changed"},
	"change.elsewhere":  {"涉及他人的数据有变化", "entries of others changed"},
	"change.member":     {"成员的数据有变化", "a member's data changed"},
	"change.asked":      {"全部重新核对", "everybody was checked"},
	"change.upstream":   {"上级平台已答复", "the upper node has answered"},

	"sources.title":       {"数据来源", "Sources"},
	"sources.lead":        {"缺少、过旧或有月份无数据的来源，核对结论为“无法核对”，不会当作查无记录。", "Where a source is missing, too old or has months without data, a household is unverifiable; it is never taken for “nothing found”."},
	"sources.generation":  {"现行数据代次", "Generation in use"},
	"sources.nothing":     {"还没有发布数据，不能核对。请数据接入人员导入并发布。", "Nothing is published yet, and nothing can be checked. The data steward takes data in and publishes."},
	"sources.missing":     {"没有数据", "no data"},
	"sources.good":        {"完整", "complete"},
	"sources.gaps":        {"有缺口", "gaps"},
	"sources.stale":       {"过旧", "too old"},
	"sources.limit":       {"超过 %d 天算过旧", "too old after %d days"},
	"sources.wanting":     {"尚未提供：%s", "Still to deliver: %s"},
	"sources.upstream":    {"本平台没有该来源，向上级平台 %s 查询；以下是上级平台的数据", "Nothing of it is held here; the upper node %s is asked, and what follows is what it holds"},
	"sources.months":      {"核算月份 %s", "Months %s"},
	"sources.uncovered":   {"没有数据的月份：%s", "Months without data: %s"},
	"sources.matrix":      {"按月看", "Month by month"},
	"sources.matrix.help": {"“有”：已有数据；“缺”：没有数据，该月不能据此认为没有；“–”：规则不看该月。", "yes: there are data; no: there are none, and nothing follows from that; –: the rules do not look at it."},
	"sources.source":      {"来源", "Source"},
	"sources.yes":         {"有", "yes"},
	"sources.no":          {"缺", "no"},
	"sources.provider":    {"提供方", "Provider"},
	"sources.asof":        {"数据截至", "As of"},
	"sources.covers":      {"覆盖月份", "Months"},
	"sources.age":         {"天数", "Age"},
	"sources.days":        {"%d 天", "%d days"},
	"sources.rows":        {"行数", "Rows"},
	"sources.accepted":    {"采用", "Accepted"},
	"sources.quarantined": {"隔离", "Quarantined"},
	"sources.state":       {"状态", "State"},
	"sources.published":   {"已发布", "published"},
	"sources.held":        {"已接收，未发布", "held, not published"},
	"sources.none":        {"还没有收到数据。", "Nothing was delivered yet."},

	"corrections.title":      {"疑义数据", "Corrections"},
	"corrections.lead":       {"异议成立的记录，须由提供部门更正。其中没有任何家庭的信息。", "Records that were found to be wrong. Nothing of any household is in it."},
	"corrections.department": {"部门", "Department"},
	"corrections.state":      {"状态", "State"},
	"corrections.open":       {"待发送", "to be sent"},
	"corrections.sent":       {"已发送", "sent"},
	"corrections.snapshot":   {"快照", "Snapshot"},
	"corrections.asof":       {"数据截至", "As of"},
	"corrections.place":      {"文件／数据行", "File / row"},
	"corrections.reason":     {"核实情况", "What was found"},
	"corrections.pick":       {"选择", "Take"},
	"corrections.pick.of":    {"选择第 %d 行的记录", "Take the record of row %d"},
	"corrections.send":       {"生成发送文件，并记为已发送", "Make the file; what is in it counts as sent"},
	"corrections.empty":      {"没有待更正的记录。", "Nothing to correct."},
	"field.ids":              {"选择", "choice"},

	"notice.title":     {"公示名单", "Public notice"},
	"notice.lead":      {"只含申请人姓名、救助类型、家庭人口和村（社区），不含其他任何信息。", "Applicant, scheme, number of members, village or community. Nothing else of anybody."},
	"notice.mark":      {"每份名单按接收单位排列次序，据此可以查明流出的是谁的一份；请接收单位不要重新排序。", "Each copy has an order of its own, by which it is known whose was passed on. Whoever puts it up leaves the order as it is."},
	"notice.scheme":    {"救助类型", "Scheme"},
	"notice.from":      {"审核确认自", "From"},
	"notice.to":        {"至", "To"},
	"notice.recipient": {"接收单位", "Recipient"},
	"notice.objects":   {"受理异议的单位", "Where to object"},
	"notice.format":    {"文件形式", "Form"},
	"notice.xlsx":      {"表格（XLSX）", "Workbook (XLSX)"},
	"notice.csv":       {"文本（CSV）", "Text (CSV)"},
	"notice.submit":    {"导出公示名单", "Make the copy"},
	"field.scheme":     {"救助类型", "scheme"},
	"field.from":       {"开始日期", "first day"},
	"field.to":         {"截止日期", "last day"},
	"field.objects":    {"受理异议的单位", "where to object"},
	"field.format":     {"文件形式", "form"},
}
