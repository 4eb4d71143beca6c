package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// File marks a request whose body is a file, of any form: its bytes say which.
type File struct{}

// mediaTypes are those of the forms of a batch and of its results.
var mediaTypes = map[string]string{
	"jsonl": "application/x-ndjson",
	"csv":   "text/csv",
	"xlsx":  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// describeBatchFile says in the document of the interface what a batch is sent as.
func describeBatchFile(o *huma.Operation, _ huma.Registry) {
	o.DefaultStatus = http.StatusAccepted
	o.RequestBody = &huma.RequestBody{
		Required:    true,
		Description: "一行一户的 JSONL、每名成员一行的 CSV，或 hedui template 生成的 XLSX；以内容识别 / Lines of JSON with a household each, CSV with a row for each member, or the workbook of hedui template; told by its content",
		Content:     map[string]*huma.MediaType{},
	}
	for _, mime := range mediaTypes {
		o.RequestBody.Content[mime] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
}

// describeBatchResults says what the results of a batch come as.
func describeBatchResults(o *huma.Operation, _ huma.Registry) {
	content := map[string]*huma.MediaType{}
	for _, mime := range mediaTypes {
		content[mime] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	o.Responses = map[string]*huma.Response{
		"200": {Description: "批次结果；JSONL 与 hedui verify 的输出逐字节相同 / The results; JSONL is byte for byte what hedui verify writes", Content: content, Headers: map[string]*huma.Param{
			"Content-Disposition": {Schema: &huma.Schema{Type: "string"}, Description: "Name of the file"},
			"X-Request-Id":        {Schema: &huma.Schema{Type: "string"}, Description: "Number of the request"},
		}},
	}
}

func (s *Server) addBatches(t *table) {
	d := s.options.Desk
	type submitting struct {
		Scheme string `query:"scheme" maxLength:"64" pattern:"^[a-z0-9_]+$" doc:"Which the households are checked for; may be absent when the caller works on one only" example:"dibao"`
		On     string `query:"on" format:"date" doc:"Day of the check; today when absent" example:"2026-11-01"`
		Title  string `query:"name" maxLength:"200" doc:"What its sender calls it" example:"十一月复核"`
		Key    string `header:"Idempotency-Key" maxLength:"200" doc:"The same key with the same file gives the same batch, however often it is sent" example:"2026-11-340100"`
		File   File
	}
	type search struct {
		Paging

		Mine     bool   `query:"mine" doc:"Only the caller's own"`
		Division string `query:"division" pattern:"^[0-9]{2,12}$" doc:"Division of the senders, with everything below it; the caller's own when absent"`
		State    string `query:"state" enum:"receiving,open,accepted,running,done,cancelled,stopped" doc:"Any when absent"`
	}
	type cancelling struct {
		ByID

		Body wire.BatchCancel
	}
	type retrying struct {
		ByID

		Body wire.BatchRetry
	}
	type fetching struct {
		ByID

		Format string `query:"format" enum:"jsonl,csv,xlsx" default:"jsonl" doc:"In which form"`
	}
	route(t, access.BatchSubmit, post, "/batches", say{"提交批次", "submit a batch"}, Bulk,
		func(ctx context.Context, c wire.Caller, in *submitting) (*Answer[wire.Batch], error) {
			file := callOf(ctx).file
			return answered(d.SubmitBatch(ctx, c, wire.BatchOrder{
				Scheme: in.Scheme, On: in.On, Title: in.Title, Key: in.Key, File: bytes.NewReader(file), Size: int64(len(file)),
			}))
		}, describeBatchFile)
	route(t, access.BatchSubmit, post, "/batches/open", say{"开立消息批次", "open a batch whose rows come by a topic"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Of[wire.BatchOpening]) (*Answer[wire.Batch], error) {
			return answered(d.OpenBatch(ctx, c, in.Body))
		}, func(o *huma.Operation, _ huma.Registry) { o.DefaultStatus = http.StatusAccepted })
	route(t, access.BatchList, get, "/batches", say{"查看批次", "batches, newest first"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *search) (*Answer[Rows[wire.Batch]], error) {
			q := wire.BatchQuery{Mine: in.Mine, Division: in.Division, State: in.State}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.Batch], error) { return d.Batches(ctx, c, q) })
		})
	// Asked every moment by whoever waits for a batch: it must not look like somebody at the
	// counter, for whom the batch stands back.
	route(t, access.BatchRead, get, "/batches/{id}", say{"查看批次进度", "how far a batch is, and what was refused"}, Direct,
		func(ctx context.Context, c wire.Caller, in *ByID) (*Answer[wire.Batch], error) {
			return answered(d.Batch(ctx, c, in.ID))
		})
	route(t, access.BatchSubmit, post, "/batches/{id}/close", say{"结束消息批次", "say that no more rows come for an open batch"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByID) (*Answer[wire.Batch], error) {
			return answered(d.CloseBatch(ctx, c, in.ID))
		})
	route(t, access.BatchCancel, post, "/batches/{id}/cancel", say{"取消批次", "cancel a batch; what was answered stays answered"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *cancelling) (*Answer[wire.Batch], error) {
			in.Body.Batch = in.ID
			return answered(d.CancelBatch(ctx, c, in.Body))
		})
	route(t, access.BatchSubmit, post, "/batches/{id}/retry", say{"重试批次", "let a stopped batch go on, or ask the rows again that were set aside"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *retrying) (*Answer[wire.Batch], error) {
			in.Body.Batch = in.ID
			return answered(d.RetryBatch(ctx, c, in.Body))
		})
	route(t, access.BatchExport, get, "/batches/{id}/results", say{"取回批次结果", "the results of a batch as a file"}, Bulk,
		func(ctx context.Context, c wire.Caller, in *fetching) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				_, w := humago.Unwrap(hc)
				s.stream(ctx, w, func(begin func(wire.BatchFile) io.Writer) error {
					return d.FetchBatch(ctx, c, wire.BatchFetch{Batch: in.ID, Format: in.Format}, begin)
				})
			}}, nil
		}, describeBatchResults)
}

// stream answers with a file that is written as it is made. One that breaks off breaks the
// connection off, so that nobody takes it for whole.
func (s *Server) stream(ctx context.Context, w http.ResponseWriter, fetch func(begin func(wire.BatchFile) io.Writer) error) {
	begun := false
	err := fetch(func(f wire.BatchFile) io.Writer {
		begun = true
		fileHeaders(w.Header(), f)
		return w
	})
	if err == nil {
		return
	}
	c := callOf(ctx)
	p := s.problem(ctx, c, err)
	if !begun {
		p.write(w)
		return
	}
	panic(http.ErrAbortHandler)
}

// fileHeaders say that a file comes. A browser keeps it and never shows it as a page.
func fileHeaders(h http.Header, f wire.BatchFile) {
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", `attachment; filename*=UTF-8''`+url.PathEscape(f.Name))
}
