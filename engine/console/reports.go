package console

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/report"
)

// reportPages are reports (核对报告): issued, listed, printed.
func (c *Console) reportPages() []api.Page {
	return []api.Page{
		c.post(access.ReportIssue, "/verdicts/{id}/reports", "出具核对报告", "issue a report", issueReport, "recipient", "lang"),
		c.get(access.ReportList, "/reports", "查看核对报告清单", "list the reports that were issued", listReports, "household", cursorParameter),
		c.get(access.ReportRead, "/reports/{number}", "查看核对报告", "a report that was issued", showReport),
		heavy(c.get(access.ReportRead, "/reports/{number}/{form}", "打印核对报告", "print a report", printReport)),
	}
}

func issueReport(v *visit) error {
	o := wire.ReportOrder{Verdict: v.r.PathValue("id"), Recipient: v.field("recipient"), Lang: v.field("lang")}
	r, err := sent(o, func() (wire.Report, error) { return v.console.desk.IssueReport(v.ctx, v.caller(), o) })
	if err != nil {
		return retry(v, "verdict", err, func() (*verdictPage, error) { return v.verdictPage(o.Verdict) })
	}
	return v.done(prefix+"/reports/"+url.PathEscape(r.Number), "issued")
}

type reportList struct {
	Household string
	Items     []wire.Report
	Pager     pager
}

func listReports(v *visit) error {
	q := wire.ReportQuery{Household: v.query("household")}
	p := reportList{Household: q.Household}
	if q.Household != "" && !numberForm.MatchString(q.Household) {
		return v.again("reports", p, wire.Refuse(wire.InvalidField, "household:pattern"))
	}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.Report], error) {
		return v.console.desk.Reports(v.ctx, v.caller(), q)
	})
	if err != nil {
		return v.again("reports", p, err)
	}
	return v.show("reports", p)
}

// reportForms are what a report is printed in, by the ending of its file.
var reportForms = [...]string{"html", "pdf", "xlsx"}

func showReport(v *visit) error {
	r, _, err := v.console.desk.Report(v.ctx, v.caller(), v.r.PathValue("number"))
	if err != nil {
		return err
	}
	return v.show("report", r)
}

func printReport(v *visit) error {
	form := v.r.PathValue("form")
	if !slices.Contains(reportForms[:], form) {
		return wire.Refuse(wire.NotFound)
	}
	r, err := v.console.desk.PrintReport(v.ctx, v.caller(), wire.ReportPrint{Number: v.r.PathValue("number"), Form: form})
	if err != nil {
		return err
	}
	h := v.w.Header()
	guard(h)
	disposition := "attachment"
	if form == "html" { // it is shown, with its one style, and nothing else
		disposition = "inline"
		h.Set("Content-Security-Policy", "default-src 'none'; style-src "+report.StyleHash()+"; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	}
	h.Set("Content-Disposition", disposition+`; filename="`+r.Number+"."+form+`"`)
	h.Set("Content-Type", r.Type)
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(r.Content) // a browser that has gone away gets no answer
	return nil
}

// reportWords are of reports.
var reportWords = map[string]text{
	"nav.reports":                   {"核对报告", "Reports"},
	"nav.reports.help":              {"已出具的报告，可再次打印", "Reports that were issued, to be printed again"},
	"reports.title":                 {"核对报告", "Reports"},
	"reports.empty":                 {"还没有出具报告。打开一份核对结论，在页面下方出具。", "No report yet. Open a verdict and issue one there."},
	"report.number":                 {"报告编号", "Number"},
	"report.household":              {"家庭编号", "Household"},
	"report.scheme":                 {"救助类型", "Scheme"},
	"report.recipient":              {"接收单位（人）", "Recipient"},
	"report.issued":                 {"出具", "Issued"},
	"report.code":                   {"核验码", "Verification code"},
	"report.digest":                 {"内容摘要（SM3）", "Digest (SM3)"},
	"report.title":                  {"核对报告 %s", "Report %s"},
	"report.print":                  {"打开并打印", "Open and print"},
	"report.pdf":                    {"下载 PDF", "PDF"},
	"report.xlsx":                   {"下载表格（XLSX）", "Workbook (XLSX)"},
	"report.help":                   {"打开后用浏览器打印（Ctrl+P），纸张选 A4。报告是供决定时参考的材料，不是决定。", "Open it and print by the browser (Ctrl+P) on A4. A report is evidence for the person who decides, no decision."},
	"report.no pdf":                 {"服务器没有安装 Chromium，不能直接生成 PDF；可在浏览器打印时选择“另存为 PDF”。", "No Chromium is installed on the server, so there is no PDF file; a browser can save one when it prints."},
	"report.verify":                 {"收到报告的人可以用核验码和文件上的签名核对真伪：hedui report verify 文件。", "Whoever gets it can verify the file: hedui report verify FILE."},
	"done.issued":                   {"报告已出具。", "The report is issued."},
	"field.recipient":               {"接收单位（人）", "recipient"},
	"field.lang":                    {"报告语言", "language"},
	"field.form":                    {"文件形式", "form"},
	"rule.not_available":            {"本机没有安装生成这种文件所需的程序", "what it takes to make such a file is not installed here"},
	"field.authorization_withdrawn": {"授权已撤回或不存在，不能出具报告", "the authorisation was withdrawn or is not there"},
	"field.verdict_replaced":        {"这份结论已被新的结论代替", "a newer verdict stands in its place"},
	"field.verdict_awaits_recheck":  {"正在等待重新核对", "the household is about to be checked again"},
	"field.verdict_refused":         {"未予核对，没有报告", "nothing was checked"},
}
