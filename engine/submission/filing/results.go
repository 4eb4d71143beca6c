package filing

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/submission"
)

// Shelf keeps the marks of what leaves the centre; *export.Shelf is one.
type Shelf interface {
	Key() export.Key
	Keep(m *export.Marks) error
}

// Office writes the results of batches.
type Office struct {
	Batches *submission.Office
	Shelf   Shelf
	Where   *time.Location // in which times are told
	Now     func() time.Time
	// Titles are what findings are called, by their codes; nil knows none.
	Titles func(code string) string
	Temp   string // where pieces of a large workbook are kept meanwhile
	// Between is called between some rows, by whoever gives way to others; nil by nobody.
	Between func(context.Context) error
	// Unjudged says that there are no accounts yet: the owner of the machine sees all.
	Unjudged bool
}

// formats are the forms of results by their names, with their media types.
var formats = map[string]struct {
	format export.Format
	media  string
}{
	"jsonl": {export.JSONL, "application/x-ndjson"},
	"csv":   {export.CSV, "text/csv; charset=utf-8"},
	"xlsx":  {export.XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
}

// Formats are the names of the forms of results.
func Formats() []string { return []string{"jsonl", "csv", "xlsx"} }

// Write writes the results of a batch. begin is told the name of the file and its media type
// when they may leave, and gives where they go; with an error before that nothing is
// written. A batch that goes on has none, and its state refuses. The lines of JSONL are written as they
// are read, the other forms are made first, because a copy may not leave before its marks
// are kept.
func (o *Office) Write(ctx context.Context, c desk.Caller, id, format string, begin func(name, media string) io.Writer) error {
	f, ok := formats[format]
	if !ok {
		return fmt.Errorf("no results are of the form %q", format)
	}
	b, err := o.Batches.Get(ctx, c, id)
	if err != nil {
		return err
	}
	if !b.State.Over() {
		return &desk.Refusal{Code: desk.StateRefuses, Reason: string(b.State)}
	}
	slip := export.Slip{Number: number(), Recipient: recipient(&c), Purpose: "批次结果 " + b.ID, By: c.Account, At: o.Now()}
	options := export.BatchOptions{
		Format: f.format, Cover: cover(b), Slip: slip, Key: o.Shelf.Key(), Where: o.Where, Masks: o.masks(&c, b), Titles: o.Titles, Temp: o.Temp,
	}
	w := &writing{o: o, b: b, name: "hedui-" + b.ID + "." + format, media: f.media, begin: begin}
	if f.format != export.JSONL {
		return w.made(ctx, c, options)
	}
	return w.streamed(ctx, c, options)
}

// number is that of a copy, which no other has.
func number() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return "b-" + hex.EncodeToString(b[:])
}

// recipient is for whom a copy is.
func recipient(c *desk.Caller) string {
	return strings.TrimSpace(c.Account + " " + c.Division)
}

// masks are how names and amounts are shown to whoever fetches a batch.
func (o *Office) masks(c *desk.Caller, b *submission.Batch) (m access.Masks) {
	if o.Unjudged {
		for f := range m {
			m[f] = access.Full
		}
		return m
	}
	return access.Decide(c.Subject, access.BatchExport, access.Object{Division: b.Division, Purpose: b.Scheme, Owner: b.Sender}).Masks
}

func cover(b *submission.Batch) export.BatchCover {
	c := export.BatchCover{
		Batch: b.ID, Sender: b.Sender, Division: b.Division, Scheme: b.Scheme, Name: b.Title, Channel: channels[b.Channel], On: b.On,
		Generation: b.Generation, Accepted: b.At, Done: b.Ended,
	}
	c.Rules.Name = b.Rules
	return c
}

// channels are how a batch came, in words.
var channels = map[submission.Channel]string{submission.File: "文件", submission.HTTP: "网络上传", submission.Kafka: "消息队列"}

// writing is the results of a batch on their way.
type writing struct {
	o     *Office
	b     *submission.Batch
	name  string
	media string
	begin func(name, media string) io.Writer
	n     int64
}

// rows hands every row of the batch to a book. started is called before the first.
func (w *writing) rows(ctx context.Context, c desk.Caller, book func() (*export.BatchBook, error)) error {
	var out *export.BatchBook
	var err error
	_, err = w.o.Batches.Rows(ctx, c, w.b.ID, func(r *submission.Row) error {
		if err := giveWay(ctx, w.n, w.o.Between); err != nil {
			return err
		}
		if out == nil {
			if out, err = book(); err != nil {
				return err
			}
		}
		return out.Add(w.result(r))
	})
	if out == nil && err == nil { // a batch that nobody sent anything for
		out, err = book()
	}
	if out == nil {
		return err
	}
	return errors.Join(err, out.Close())
}

// streamed writes the lines as they are read.
func (w *writing) streamed(ctx context.Context, c desk.Caller, o export.BatchOptions) error {
	return w.rows(ctx, c, func() (*export.BatchBook, error) {
		if err := w.o.Shelf.Keep(export.NewMarks(o.Slip)); err != nil {
			return nil, err
		}
		return export.NewBatchBook(w.begin(w.name, w.media), o)
	})
}

// made makes the file first, pressed together in memory: a copy of a hundred thousand rows
// takes some megabytes.
func (w *writing) made(ctx context.Context, c desk.Caller, o export.BatchOptions) error {
	var held bytes.Buffer
	press, err := gzip.NewWriterLevel(&held, gzip.BestSpeed)
	if err != nil {
		return err
	}
	var book *export.BatchBook
	err = w.rows(ctx, c, func() (*export.BatchBook, error) {
		book, err = export.NewBatchBook(press, o)
		return book, err
	})
	if err == nil {
		err = press.Close()
	}
	if err != nil {
		return err
	}
	if err := w.o.Shelf.Keep(book.Marks()); err != nil {
		return err
	}
	r, err := gzip.NewReader(&held)
	if err != nil {
		return err
	}
	_, err = io.Copy(w.begin(w.name, w.media), r) //nolint:gosec // it was pressed a moment ago, here
	return err
}

// result is a row as the book takes it. Rows of a topic are numbered as they are written.
func (w *writing) result(r *submission.Row) *export.BatchResult {
	w.n++
	out := &export.BatchResult{Row: w.n, Household: r.Household, Division: cmp.Or(r.Division, r.Region), Verdict: r.Verdict, Case: r.Case, Line: r.Line}
	switch {
	case r.Unread != nil:
		for _, u := range append([]submission.Unread{*r.Unread}, r.Unread.Also...) {
			p := export.BatchProblem{Code: u.Code, Text: u.Text.Zh}
			p.Sheet, p.Row, p.Column = placed(u.Place)
			out.Problems = append(out.Problems, p)
		}
	case r.Waiting:
		out.Problems = []export.BatchProblem{{Code: "not_answered", Text: "批次结束前未核对"}}
	case r.Line == nil && r.Refusal == "":
		out.Problems = []export.BatchProblem{{Code: "not_held", Text: "结果已按保存期限删除"}}
	case r.Line == nil:
		out.Problems = []export.BatchProblem{{Code: r.Refusal, Text: RefusalText(r.Refusal).Zh}}
	}
	return out
}

// RefusalText words a code for which a row was refused or set aside; empty for a code that
// nobody gives.
func RefusalText(code string) household.Text {
	if t, ok := aside[code]; ok {
		return t
	}
	return explain.RefusalText(code)
}

// aside words why a row was set aside.
var aside = map[string]household.Text{
	"failed":                 {Zh: "多次未能核对，已搁置；可以重试", En: "it could not be answered and was set aside; retry asks it again"},
	submission.DeadOversize:  {Zh: "消息过大", En: "the message is too large"},
	submission.DeadNoRequest: {Zh: "消息不是一行 JSON 请求", En: "the message is not a request in one line of JSON"},
	submission.DeadNoBatch:   {Zh: "消息没有写明批次", En: "the message names no batch"},
	submission.DeadUnknown:   {Zh: "没有这个批次", En: "there is no such batch"},
	submission.DeadOver:      {Zh: "批次已结束", En: "the batch was over"},
	submission.DeadStopped:   {Zh: "批次已停止", En: "the batch was stopped"},
	submission.DeadQuota:     {Zh: "超过申报的行数", En: "more rows came than were announced"},
	"not_answered":           {Zh: "批次结束前未核对", En: "the batch ended before it was answered"},
	"not_held":               {Zh: "结果已按保存期限删除", En: "its answer was removed by a rule of retention"},
	"too_large":              {Zh: "这一户的申请过长", En: "the request of this household is too long"},
}
