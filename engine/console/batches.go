package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/form"
)

// batchPages are batches: submitted, watched, fetched.
func (c *Console) batchPages() []api.Page {
	submit := c.post(access.BatchSubmit, "/batches", "提交批次", "submit a batch", submitBatch, "scheme", "on", "title", uploadField)
	submit.Lane = api.Bulk
	fetch := c.get(access.BatchExport, "/batches/{id}/{form}", "取回批次结果", "fetch the results of a batch", fetchBatch)
	fetch.Lane = api.Bulk
	return []api.Page{
		c.get(access.BatchList, "/batches", "查看批次", "batches", listBatches, "state", "mine", cursorParameter),
		submit,
		c.get(access.BatchRead, "/batches/{id}", "查看批次进度", "how far a batch is", showBatch),
		c.post(access.BatchCancel, "/batches/{id}/cancel", "终止批次", "cancel a batch", cancelBatch, "reason"),
		c.post(access.BatchSubmit, "/batches/{id}/retry", "重试批次", "let a batch go on", retryBatch, "anew"),
		fetch,
	}
}

// batchStates are the states of a batch, for the filter.
var batchStates = [...]string{"open", "accepted", "running", "done", "stopped", "cancelled"}

// batchesPage is a list of batches with the form for another.
type batchesPage struct {
	State   string
	Mine    bool
	States  []string
	Items   []wire.Batch
	Pager   pager
	Schemes []string

	Scheme, On, Title string // of the form
}

func (v *visit) batchesPage() (*batchesPage, error) {
	p := &batchesPage{States: batchStates[:], Schemes: v.call.Purposes, On: v.today()}
	if !v.may(access.BatchList) {
		return p, nil
	}
	if v.r.Method == http.MethodGet {
		p.State, p.Mine = v.query("state"), v.query("mine") != ""
	}
	if p.State != "" && !slices.Contains(p.States, p.State) {
		p.State = ""
	}
	q := wire.BatchQuery{State: p.State, Mine: p.Mine}
	var err error
	p.Items, p.Pager, err = listing(v, q, &q.Page, func() (wire.List[wire.Batch], error) {
		return v.console.desk.Batches(v.ctx, v.caller(), q)
	})
	return p, err
}

func listBatches(v *visit) error {
	p, err := v.batchesPage()
	if err != nil {
		return err
	}
	return v.show("batches", p)
}

func submitBatch(v *visit) error {
	o := wire.BatchOrder{Scheme: v.field("scheme"), On: v.field("on"), Title: v.field("title")}
	b, err := v.fileBatch(&o)
	if err == nil {
		return v.done(prefix+"/batches/"+url.PathEscape(b.ID), "submitted")
	}
	if why := v.refused(err); why != nil {
		return why
	}
	p, lost := v.batchesPage()
	if lost != nil {
		return lost
	}
	p.Scheme, p.On, p.Title = o.Scheme, o.On, o.Title
	return v.againBecause(p, err)
}

// fileBatch submits the file of a form. It stays in memory until its rows are kept.
func (v *visit) fileBatch(o *wire.BatchOrder) (wire.Batch, error) {
	h := v.upload(uploadField)
	if h == nil {
		return wire.Batch{}, wire.Refuse(wire.InvalidField, uploadField+":required")
	}
	f, err := h.Open()
	if err != nil {
		return wire.Batch{}, err
	}
	defer f.Close()
	o.File, o.Size = f, h.Size
	if o.Title == "" {
		o.Title = h.Filename
	}
	return v.console.desk.SubmitBatch(v.ctx, v.caller(), *o)
}

// againBecause shows the page of batches again, and says in words what is wrong with a file.
func (v *visit) againBecause(p *batchesPage, err error) error {
	r, ok := errors.AsType[*wire.Refusal](err)
	if !ok {
		return err
	}
	entry := wire.Lookup(r.Code)
	if v.notice != nil {
		switch r.Code {
		case wire.BadFile:
			v.notice.Fields = nil
			for _, f := range r.Fields {
				do := (form.Problem{Code: form.Code(f.Rule)}).Do()
				words := do.Zh
				if v.lang == english {
					words = do.En
				}
				at := strings.Join(strings.Split(f.Name, ".")[1:], " ")
				v.notice.Fields = append(v.notice.Fields, strings.TrimSpace(at+" "+words))
			}
		case wire.Quota:
			v.notice.Fields = nil
			for _, f := range r.Fields {
				v.notice.Fields = append(v.notice.Fields, v.label(f.Name))
			}
		}
	}
	return v.showAs(entry.Status, "batches", p)
}

// batchPage is one batch.
type batchPage struct {
	wire.Batch

	Own   bool
	Forms []string // of its results
}

// Moves reports whether it is worth looking again in a moment.
func (p *batchPage) Moves() bool {
	return p.State == "receiving" || p.State == "accepted" || p.State == "running"
}

// Retriable reports whether it may go on.
func (p *batchPage) Retriable() bool {
	return p.State == "stopped" || p.State == "done" && p.Dead > 0 && p.Channel != "kafka"
}

// Cancellable reports whether there is something to cancel.
func (p *batchPage) Cancellable() bool { return p.State != "done" && p.State != "cancelled" }

// Left are the rows that are to come.
func (p *batchPage) Left() int64 { return max(0, p.Rows-p.Finished) }

// batchForms are what results are written in, by the ending of their file.
var batchForms = [...]string{"xlsx", "csv", "jsonl"}

func (v *visit) batchPage(id string) (*batchPage, error) {
	b, err := v.console.desk.Batch(v.ctx, v.caller(), id)
	if err != nil {
		return nil, err
	}
	p := &batchPage{Batch: b, Own: b.Sender == v.call.Account}
	if b.Over() && p.Own {
		p.Forms = batchForms[:]
	}
	return p, nil
}

func showBatch(v *visit) error {
	p, err := v.batchPage(v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show("batch", p)
}

func cancelBatch(v *visit) error {
	o := wire.BatchCancel{Batch: v.r.PathValue("id"), Reason: v.field("reason")}
	_, err := sent(o, func() (wire.Batch, error) { return v.console.desk.CancelBatch(v.ctx, v.caller(), o) })
	if err != nil {
		return retry(v, "batch", err, func() (*batchPage, error) { return v.batchPage(o.Batch) })
	}
	return v.done(prefix+"/batches/"+url.PathEscape(o.Batch), "cancelled")
}

func retryBatch(v *visit) error {
	o := wire.BatchRetry{Batch: v.r.PathValue("id"), Anew: v.field("anew") != ""}
	_, err := v.console.desk.RetryBatch(v.ctx, v.caller(), o)
	if err != nil {
		return retry(v, "batch", err, func() (*batchPage, error) { return v.batchPage(o.Batch) })
	}
	return v.done(prefix+"/batches/"+url.PathEscape(o.Batch), "retried")
}

func fetchBatch(v *visit) error {
	format := v.r.PathValue("form")
	if !slices.Contains(batchForms[:], format) {
		return wire.Refuse(wire.NotFound)
	}
	return v.console.desk.FetchBatch(v.ctx, v.caller(), wire.BatchFetch{Batch: v.r.PathValue("id"), Format: format}, func(f wire.BatchFile) io.Writer {
		h := v.w.Header()
		guard(h)
		h.Set("Content-Type", f.Type)
		h.Set("Content-Disposition", `attachment; filename*=UTF-8''`+url.PathEscape(f.Name))
		v.w.WriteHeader(http.StatusOK)
		return v.w
	})
}

// batchWords are of batches.
var batchWords = map[string]text{
	"nav.batches":             {"批次", "Batches"},
	"nav.batches.help":        {"成批提交家庭，查看进度，取回结果", "Submit many households, watch them, fetch the results"},
	"batches.title":           {"批次", "Batches"},
	"batches.lead":            {"一次提交许多家庭，每户以登记的授权书为准，各核对一次。", "Many households at once, each under its registered authorisation, each checked once."},
	"batches.empty":           {"没有批次。", "There is no batch."},
	"batches.new":             {"提交一批", "Submit a batch"},
	"batches.scheme":          {"救助项目", "Scheme"},
	"batches.on":              {"核对日期", "Day of the check"},
	"batches.name":            {"名称", "Name"},
	"batches.name.help":       {"不填为文件名", "The name of the file when empty"},
	"batches.file":            {"文件", "File"},
	"batches.file.help":       {"申报表（XLSX）、每名成员一行的表格（XLSX、CSV），或每行一户的 JSONL。有问题的家庭单独列出，不影响其他家庭。", "The form (XLSX), a table with a row for each member (XLSX, CSV), or JSON with a household on each line. A household with a problem is listed and the others pass."},
	"batches.submit":          {"提交", "Submit"},
	"batches.mine":            {"只看本人提交的", "Only my own"},
	"batch.title":             {"批次 %s", "Batch %s"},
	"batch.id":                {"批次号", "Id"},
	"batch.sender":            {"提交方", "Sender"},
	"batch.state":             {"状态", "State"},
	"batch.at":                {"受理", "Accepted"},
	"batch.ended":             {"结束", "Ended"},
	"batch.rows":              {"行数", "Rows"},
	"batch.finished":          {"已完成", "Finished"},
	"batch.refused":           {"未核对", "Not checked"},
	"batch.generation":        {"数据代次", "Generation"},
	"batch.rules":             {"规则", "Rules"},
	"batch.channel":           {"提交方式", "How it came"},
	"batch.progress":          {"进度", "Progress"},
	"batch.answered":          {"已核对", "Checked"},
	"batch.norequest":         {"不予受理", "Not accepted"},
	"batch.unread":            {"无法读取", "Could not be read"},
	"batch.dead":              {"搁置", "Set aside"},
	"batch.left":              {"未完成", "To come"},
	"batch.again":             {"其中此前已有结果", "Of them answered before"},
	"batch.look":              {"刷新", "Look again"},
	"batch.outcomes":          {"核对结果", "Outcomes"},
	"batch.refusals":          {"未核对的原因", "Why rows were not checked"},
	"batch.households":        {"户数", "Households"},
	"batch.outcome":           {"结果", "Outcome"},
	"batch.why":               {"原因", "Why"},
	"batch.code":              {"代码", "Code"},
	"batch.results":           {"取回结果", "Results"},
	"batch.results.help":      {"表格每份注明接收方并带暗记，行的顺序各不相同；哪一行有什么问题，见“不予受理”表。JSONL 与 hedui verify 的输出逐字节相同。取回记入审计日志。", "Each table says for whom it is and is marked for them; what is wrong with which row is on the sheet of refusals. JSONL is byte for byte what hedui verify writes. Fetching is in the audit log."},
	"batch.xlsx":              {"下载 XLSX", "XLSX"},
	"batch.csv":               {"下载 CSV", "CSV"},
	"batch.jsonl":             {"下载 JSONL", "JSONL"},
	"batch.cancel":            {"终止批次", "Cancel the batch"},
	"batch.cancel.help":       {"已核对的保留结果，其余不再核对。", "What was answered stays answered; the rest is not checked any more."},
	"batch.retry":             {"继续或重试", "Let it go on"},
	"batch.anew":              {"改用现行的数据和规则（原来的已不在时）", "by the data and the rules of today (when the old ones are gone)"},
	"batch.gone":              {"停止原因", "Why it is stopped"},
	"batch.reason":            {"终止原因", "Why it was cancelled"},
	"done.submitted":          {"批次已受理，正在排队核对。", "The batch is accepted and waits to be checked."},
	"done.cancelled":          {"批次已终止。", "The batch is cancelled."},
	"done.retried":            {"批次继续核对。", "The batch goes on."},
	"field.rows":              {"行数超过限额（每批或每天），请分批提交", "more rows than a batch or a day may have: split it"},
	"field.batches":           {"未完成的批次太多，请等待其完成", "too many batches are not finished: wait for them"},
	"field.key":               {"同一标识已用于其他内容", "the key is another batch's"},
	"batchstate.receiving":    {"接收中", "Receiving"},
	"batchstate.open":         {"已开立", "Open"},
	"batchstate.accepted":     {"已受理", "Accepted"},
	"batchstate.running":      {"核对中", "Running"},
	"batchstate.done":         {"已完成", "Done"},
	"batchstate.cancelled":    {"已终止", "Cancelled"},
	"batchstate.stopped":      {"已停止", "Stopped"},
	"channel.file":            {"文件", "file"},
	"channel.http":            {"网络", "HTTP"},
	"channel.kafka":           {"消息", "topic"},
	"stopped.sender_gone":     {"提交方的账户已停用或已无权提交", "the sender's account may not submit any more"},
	"stopped.generation_gone": {"受理时的数据代次已不保存", "the generation it was accepted for is no longer kept"},
	"stopped.rules_changed":   {"规则与受理时不同", "the rules are others than it was accepted for"},
	"stopped.unanswerable":    {"连续多行未能核对", "too many rows in turn could not be answered"},
}
