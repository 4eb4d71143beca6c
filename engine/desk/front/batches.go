package front

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/submission/filing"
)

// Submissions are who keeps and answers batches, and who writes their results.
type Submissions struct {
	Office *submission.Office
	Filing *filing.Office
}

// errNoBatches is of a centre that takes none.
var errNoBatches = errors.New("this desk takes no batches")

func (f *Front) batches() (*Submissions, error) {
	if f.Submissions == nil {
		return nil, errNoBatches
	}
	return f.Submissions, nil
}

// SubmitBatch implements wire.Desk.
func (f *Front) SubmitBatch(ctx context.Context, c wire.Caller, o wire.BatchOrder) (wire.Batch, error) {
	b, err := f.batches()
	if err != nil {
		return wire.Batch{}, err
	}
	on, err := date("on", o.On)
	if err != nil {
		return wire.Batch{}, err
	}
	if o.Scheme == "" && len(c.Purposes) == 1 {
		o.Scheme = c.Purposes[0]
	}
	order := submission.Order{Scheme: o.Scheme, On: on, Channel: submission.HTTP, Title: o.Title, Key: o.Key}
	rows := filing.Rows(ctx, o.File, o.Size, form.Options{Registered: true, Scheme: o.Scheme}, b.Filing.Between)
	x, err := b.Office.Submit(ctx, caller(c), order, rows)
	if p, ok := errors.AsType[form.Problem](err); ok {
		return wire.Batch{}, badFile(p)
	}
	return f.batch(x, err)
}

// badFile is the refusal of a file that can't be read: where, and by what rule.
func badFile(p form.Problem) error {
	if p.Code == form.TooLarge {
		return &wire.Refusal{Code: wire.Quota, Fields: []wire.Field{{Name: "rows", Rule: string(p.Code)}}}
	}
	at := "file"
	if p.Sheet != "" {
		at += "." + p.Sheet
	}
	if p.Row > 0 {
		at += fmt.Sprintf(".%d", p.Row)
	}
	if p.Column != "" {
		at += "." + p.Column
	}
	return &wire.Refusal{Code: wire.BadFile, Fields: []wire.Field{{Name: at, Rule: string(p.Code)}}}
}

// OpenBatch implements wire.Desk.
func (f *Front) OpenBatch(ctx context.Context, c wire.Caller, o wire.BatchOpening) (wire.Batch, error) {
	b, err := f.batches()
	if err != nil {
		return wire.Batch{}, err
	}
	on, err := date("on", o.On)
	if err != nil {
		return wire.Batch{}, err
	}
	return f.batch(b.Office.Open(ctx, caller(c), submission.Order{Scheme: o.Scheme, On: on, Title: o.Title, Rows: o.Rows}))
}

// CloseBatch implements wire.Desk.
func (f *Front) CloseBatch(ctx context.Context, c wire.Caller, id string) (wire.Batch, error) {
	b, err := f.batches()
	if err != nil {
		return wire.Batch{}, err
	}
	return f.batch(b.Office.Finish(ctx, caller(c), id))
}

// Batches implements wire.Desk.
func (f *Front) Batches(ctx context.Context, c wire.Caller, q wire.BatchQuery) (wire.List[wire.Batch], error) {
	b, err := f.batches()
	if err != nil {
		return wire.List[wire.Batch]{}, err
	}
	list, next, err := b.Office.List(ctx, caller(c), submission.Query{
		Mine: q.Mine, Division: q.Division, State: submission.State(q.State), Cursor: q.After, Limit: q.Limit,
	})
	if err != nil {
		return wire.List[wire.Batch]{}, told(err)
	}
	out := wire.List[wire.Batch]{Next: next}
	for _, x := range list {
		out.Items = append(out.Items, f.BatchOf(x))
	}
	return out, nil
}

// Batch implements wire.Desk.
func (f *Front) Batch(ctx context.Context, c wire.Caller, id string) (wire.Batch, error) {
	b, err := f.batches()
	if err != nil {
		return wire.Batch{}, err
	}
	return f.batch(b.Office.Get(ctx, caller(c), id))
}

// CancelBatch implements wire.Desk.
func (f *Front) CancelBatch(ctx context.Context, c wire.Caller, q wire.BatchCancel) (wire.Batch, error) {
	b, err := f.batches()
	if err != nil {
		return wire.Batch{}, err
	}
	return f.batch(b.Office.Cancel(ctx, caller(c), q.Batch, q.Reason))
}

// RetryBatch implements wire.Desk.
func (f *Front) RetryBatch(ctx context.Context, c wire.Caller, q wire.BatchRetry) (wire.Batch, error) {
	b, err := f.batches()
	if err != nil {
		return wire.Batch{}, err
	}
	return f.batch(b.Office.Retry(ctx, caller(c), q.Batch, q.Anew))
}

// FetchBatch implements wire.Desk.
func (f *Front) FetchBatch(ctx context.Context, c wire.Caller, q wire.BatchFetch, begin func(wire.BatchFile) io.Writer) error {
	b, err := f.batches()
	if err != nil {
		return err
	}
	err = b.Filing.Write(ctx, caller(c), q.Batch, q.Format, func(name, media string) io.Writer {
		return begin(wire.BatchFile{Name: name, Type: media})
	})
	return told(err)
}

// batch is what became of a batch, or why nothing did.
func (f *Front) batch(b *submission.Batch, err error) (wire.Batch, error) {
	if err != nil {
		return wire.Batch{}, told(err)
	}
	return f.BatchOf(b), nil
}

// BatchOf is a batch as the interface says it.
func (f *Front) BatchOf(b *submission.Batch) wire.Batch {
	n := &b.Counts
	return wire.Batch{
		ID: b.ID, Sender: b.Sender, Division: b.Division, Scheme: b.Scheme, Channel: string(b.Channel), Title: b.Title, State: string(b.State),
		Why: string(b.Why), Reason: b.Reason, On: b.On.String(), Generation: b.Generation, Rules: b.Rules, At: f.time(b.At), Ended: f.time(b.Ended),
		Rows: b.Rows, Finished: b.Finished(), Answered: n.Answered, Refused: n.Refused, Unread: n.Unread, Dead: n.Dead, Again: n.Again,
		Outcomes: counts(n.Outcomes, func(code string) household.Text {
			o := household.OutcomeOf(code)
			return household.Text{Zh: explain.OutcomeTitle(o, explain.Zh), En: explain.OutcomeTitle(o, explain.En)}
		}),
		Refusals: counts(n.Refusals, func(code string) household.Text { return refusalText(b.Channel, code) }),
	}
}

func counts(of map[string]int64, text func(code string) household.Text) []wire.BatchCount {
	out := []wire.BatchCount{}
	for _, code := range slices.Sorted(maps.Keys(of)) {
		if of[code] > 0 {
			t := text(code)
			out = append(out, wire.BatchCount{Code: code, Zh: t.Zh, En: t.En, Rows: of[code]})
		}
	}
	return out
}

// refusalText words why a row was refused: of an authorisation, of a row that could not be
// read, of one that was set aside.
func refusalText(came submission.Channel, code string) household.Text {
	if t := filing.RefusalText(code); came == submission.Kafka && t.Zh != "" { // a message is no form
		return t
	}
	zh, _ := explain.RefusalTitle(code, explain.Zh)
	en, _ := explain.RefusalTitle(code, explain.En)
	if zh != "" {
		return household.Text{Zh: zh, En: en}
	}
	if t := (form.Problem{Code: form.Code(code)}).Do(); t.Zh != "" {
		return t
	}
	return filing.RefusalText(code)
}
