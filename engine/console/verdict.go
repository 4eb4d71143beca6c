package console

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/report"
)

// Sheets is what the page of a verdict asks besides: the verdict with all that explains
// it, and that in words.
type Sheets interface {
	Sheet(ctx context.Context, c wire.Caller, id string) (*desk.Sheet, error)
	Document(s *desk.Sheet, lang string) (*report.Document, error)
	Report(ctx context.Context, c wire.Caller, number string) (wire.Report, *report.Document, error)
}

// verdictPages are a verdict, and the records that it rests on.
func (c *Console) verdictPages() []api.Page {
	return []api.Page{
		c.get(access.VerdictRead, "/verdicts/{id}", "查看核对结论", "read a verdict", showVerdict),
		c.post(access.EvidenceOpen, "/verdicts/{id}/evidence/{number}/open", "打开依据", "open a record that a verdict rests on", openEvidence),
		c.post(access.Unmask, "/verdicts/{id}/evidence/{number}/unmask", "显示明文", "show one field in full, with a reason", unmask, "field", "reason"),
	}
}

// verdictPage is a verdict as a page shows it.
type verdictPage struct {
	*report.Document

	Sheet *desk.Sheet
	// Findings are those of the document, each record with where it stands.
	Findings []findingRows
	// ToOpen are the records that the outcome rests on and the caller has not opened, and
	// FirstToOpen the first of them.
	ToOpen, FirstToOpen int
	Timed               bool // some month has something to say
	// Reportable says that a report may be issued of it.
	Reportable bool
}

// findingRows is a finding with its records.
type findingRows struct {
	report.Finding

	Rows []evidenceRow
}

// evidenceRow is a record with where it stands in the case.
type evidenceRow struct {
	report.Evidence
	desk.SheetEvidence
}

func (v *visit) verdictPage(id string) (*verdictPage, error) {
	s, err := v.console.desk.Sheet(v.ctx, v.caller(), id)
	if err != nil {
		return nil, err
	}
	d, err := v.console.desk.Document(s, v.lang)
	if err != nil {
		return nil, err
	}
	p := &verdictPage{Document: d, Sheet: s, Reportable: v.may(access.ReportIssue) && s.Replaced == "" && d.Outcome.Code != "refused"}
	for i := range d.Findings {
		f := findingRows{Finding: d.Findings[i]}
		for _, e := range s.Evidence {
			// What a finding shares with one before is opened there.
			if e.Finding != i || f.SameAs > 0 || e.Item >= len(f.Evidence) {
				continue
			}
			if e.Bears && !e.OpenedMe {
				if p.ToOpen++; p.ToOpen == 1 {
					p.FirstToOpen = e.Number
				}
			}
			row := evidenceRow{f.Evidence[e.Item], e}
			if row.Provider == s.Verdict.Findings[i].Evidence[e.Item].Source.String() {
				row.Provider = "" // it is called like its source
			}
			f.Rows = append(f.Rows, row)
		}
		p.Findings = append(p.Findings, f)
	}
	if d.Timeline != nil {
		p.Timed = slices.ContainsFunc(d.Timeline.Months, func(m report.TimelineMonth) bool { return len(m.Entries)+len(m.Uncovered) > 0 })
	}
	return p, nil
}

func showVerdict(v *visit) error {
	p, err := v.verdictPage(v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show("verdict", p)
}

// recordPage is a record that was opened.
type recordPage struct {
	wire.Record

	// Of the field that was asked for in full, shown this once.
	Field, Value string
	Left         int
	Stamp        string // who sees it, and when
	Reason       string
}

// number is which record of a verdict an address names.
func (v *visit) number() (int, error) {
	n, err := strconv.Atoi(v.r.PathValue("number"))
	if err != nil || n < 1 {
		return 0, wire.Refuse(wire.NotFound)
	}
	return n, nil
}

func (v *visit) record() (recordPage, error) {
	n, err := v.number()
	if err != nil {
		return recordPage{}, err
	}
	r, err := v.console.desk.OpenEvidence(v.ctx, v.caller(), wire.Evidence{Verdict: v.r.PathValue("id"), Number: n})
	now := v.console.o.Now().In(v.console.o.Location).Format(moment)
	return recordPage{Record: r, Stamp: v.call.Account + " · " + now}, err
}

func openEvidence(v *visit) error {
	p, err := v.record()
	if err != nil {
		return err
	}
	return v.show("record", p)
}

func unmask(v *visit) error {
	n, err := v.number()
	if err != nil {
		return err
	}
	u := wire.Unmask{Verdict: v.r.PathValue("id"), Evidence: n, Field: v.field("field"), Reason: v.field("reason")}
	shown, err := sent(u, func() (wire.Unmasked, error) { return v.console.desk.Unmask(v.ctx, v.caller(), u) })
	if err != nil {
		return retry(v, "record", err, func() (recordPage, error) {
			p, lost := v.record()
			p.Field, p.Reason = u.Field, u.Reason
			return p, lost
		})
	}
	p, err := v.record()
	if err != nil {
		return err
	}
	p.Field, p.Value, p.Left = u.Field, shown.Value.Reveal(), shown.Left
	return v.show("record", p)
}

// L is a heading of the report, which the page of a verdict shares.
func (v *view) L(key string, args ...any) string { return report.Words(key, v.visit.lang, args...) }

// Who names a member by number, or says that it is the household's.
func (v *view) Who(member int) string {
	if member == 0 {
		return v.T("verdict.household")
	}
	return strconv.Itoa(member)
}

// VerdictPath is the page of a verdict.
func (v *view) VerdictPath(id string) string { return prefix + "/verdicts/" + url.PathEscape(id) }

// verdictWords are of verdicts and records.
var verdictWords = map[string]text{
	"verdict.title":              {"核对结论", "Verdict"},
	"verdict.household":          {"全户", "household"},
	"verdict.checked":            {"核对", "Checked"},
	"verdict.by":                 {"%s 由 %s 核对", "%s by %s"},
	"verdict.case":               {"案件", "Case"},
	"verdict.case.open":          {"打开案件", "Open the case"},
	"verdict.replaced":           {"此后已有新的核对结论，以新的为准。", "The household has been checked again since; the newer verdict stands."},
	"verdict.replaced.open":      {"打开新的结论", "Open the newer one"},
	"verdict.other":              {"规则包已更新，以下文字取自新版本；结论按当时的版本作出。", "The rules have changed since; the words are of the new version, the verdict of the one then."},
	"verdict.contents":           {"本页内容", "On this page"},
	"verdict.rows":               {"依据的记录（%d 条）", "Records it rests on (%d)"},
	"verdict.open":               {"打开", "Open"},
	"verdict.open.of":            {"打开第 %d 条记录", "Open record %d"},
	"verdict.opened":             {"已打开：%s", "opened by %s"},
	"verdict.to.open.first":      {"打开第一条", "Go to the first"},
	"verdict.nothing":            {"没有需要核实的情况。", "Nothing that a person would have to look at."},
	"verdict.to.open":            {"结论所依据的记录中，您还有 %d 条没有打开。", "You have not opened %d of the records that the outcome rests on."},
	"verdict.bears":              {"结论依据", "outcome rests on it"},
	"verdict.objection.open":     {"有异议", "disputed"},
	"verdict.objection.upheld":   {"异议成立", "objection upheld"},
	"verdict.objection.rejected": {"异议不成立", "objection not upheld"},
	"verdict.report":             {"出具核对报告", "Issue a report"},
	"verdict.report.help":        {"报告上成员姓名和金额完整显示，证件、账号、号牌仍遮盖；每次出具都登记编号和接收人。", "Members' names and amounts stand in full, numbers stay masked; each report gets a number and names its recipient."},
	"verdict.recipient":          {"接收单位（人）", "Recipient"},
	"verdict.recipient.help":     {"如“申请人本人”“荷叶地街道办事处”，不要填写证件号码。", "Such as “the applicant”; no number of a document."},
	"verdict.lang":               {"报告语言", "Language of the report"},
	"verdict.again":              {"重新核对", "Check again"},
	"verdict.listed":             {"申报的：", "Declared: "},

	"record.title":       {"第 %d 条记录", "Record %d"},
	"record.lead":        {"已记入审计日志和案件。", "This opening is kept in the audit log and in the case."},
	"record.source":      {"来源", "Source"},
	"record.provider":    {"提供方", "Provider"},
	"record.asof":        {"数据截至", "As of"},
	"record.place":       {"位置", "Place"},
	"record.place.of":    {"文件 %d，数据行 %d", "file %d, row %d"},
	"record.snapshot":    {"快照", "Snapshot"},
	"record.state":       {"状态", "State"},
	"record.disputed":    {"有异议，暂不计入", "disputed: not counted"},
	"record.corrected":   {"异议成立，待更正，不计入", "objection upheld: not counted"},
	"record.fields":      {"记录内容", "What it says"},
	"record.field":       {"项目", "Field"},
	"record.value":       {"内容", "Value"},
	"record.masked":      {"已遮盖", "masked"},
	"record.unmask":      {"显示明文", "Show in full"},
	"record.unmask.of":   {"显示“%s”的明文", "Show %s in full"},
	"record.unmask.help": {"每小时最多 20 项，理由记入审计日志。", "At most 20 an hour; the reason is kept in the audit log."},
	"record.shown":       {"明文（只显示这一次）", "In full (shown this once)"},
	"record.left":        {"本小时还可显示 %d 项", "%d more this hour"},
	"record.back":        {"回到核对结论", "Back to the verdict"},

	"record.field.account_no":      {"账号", "account"},
	"record.field.address":         {"坐落", "address"},
	"record.field.area":            {"面积", "area"},
	"record.field.average_balance": {"近六个月日均余额", "average balance"},
	"record.field.balance":         {"余额", "balance"},
	"record.field.balance_on":      {"余额日期", "day of the balance"},
	"record.field.base":            {"缴费基数", "contribution base"},
	"record.field.benefit":         {"待遇金额", "benefit"},
	"record.field.birth_date":      {"出生日期", "date of birth"},
	"record.field.certificate_no":  {"不动产权证号", "certificate"},
	"record.field.class":           {"车辆类型", "class"},
	"record.field.division":        {"行政区划", "division"},
	"record.field.employer_code":   {"单位信用代码", "employer code"},
	"record.field.employer_name":   {"单位名称", "employer"},
	"record.field.id_number":       {"证件号码", "document"},
	"record.field.identity":        {"缴费身份", "identity"},
	"record.field.income":          {"收入额", "income"},
	"record.field.income_type":     {"所得项目", "kind of income"},
	"record.field.inspection_due":  {"检验有效期止", "inspection due"},
	"record.field.institution":     {"金融机构", "institution"},
	"record.field.kind":            {"类型", "kind"},
	"record.field.month":           {"费款所属期", "month"},
	"record.field.name":            {"姓名", "name"},
	"record.field.own_insurance":   {"个人缴纳社保公积金", "own insurance"},
	"record.field.payer_code":      {"扣缴义务人代码", "payer code"},
	"record.field.payer_name":      {"扣缴义务人", "payer"},
	"record.field.period":          {"所属期", "period"},
	"record.field.plate":           {"号牌号码", "plate"},
	"record.field.purpose":         {"款项性质", "purpose"},
	"record.field.record_no":       {"记录号", "record"},
	"record.field.registered_on":   {"登记日期", "registered on"},
	"record.field.role":            {"业务类型", "role"},
	"record.field.scheme":          {"险种", "scheme"},
	"record.field.sex":             {"性别", "sex"},
	"record.field.share":           {"份额", "share"},
	"record.field.status":          {"状态", "status"},
	"record.field.tax":             {"已缴税额", "tax"},
	"record.field.unit_code":       {"不动产单元号", "unit"},
	"record.field.use":             {"使用性质", "use"},
	"record.field.value":           {"价值", "value"},
	"record.field.vin":             {"车辆识别代号", "VIN"},
}
