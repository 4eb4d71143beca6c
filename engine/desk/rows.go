package desk

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// Row is one household of a batch as it was asked.
type Row struct {
	Number int64 // of the row; of a line that is no request the verdict says it
	Line   []byte
}

// RowAnswer is what a row came to.
type RowAnswer struct {
	Request   string // number of the request in the ledger: a function of batch, scheme and line
	Household string
	Division  string // that its authorisation is registered for, "" when that is not to be known
	Region    string // that the request says, when it says one; "" of one answered before
	Outcome   household.Outcome
	Case      string // that people decide, if any; "" of one answered before
	Refusal   string // code
	Verdict   string // id in the ledger, "" of a refusal
	Line      []byte // the verdict, exactly as verify writes it
	Again     bool   // it was answered before: this is what stands in the ledger
	Kept      bool   // the ledger has it: what names no household is nowhere but here
}

// RowsOrder is some rows of a batch that are answered together.
type RowsOrder struct {
	Batch string // id
	Rows  []Row
	// Own says that the owner of the machine asks, whom the policy does not judge.
	Own bool
	// Done are the rows at the beginning that an earlier change of the ledger has.
	Done int
	// Workers is how many judge side by side; 0 is one for each core.
	Workers int
	// Between is called between any two pieces of the work, by whoever gives way to others:
	// before each household is judged and looked at, and before each change.
	Between func(context.Context) error
	// Most is how many rows go into one change at most, for whoever shares the ledger with
	// those who wait for an answer; 0 is as many as go in.
	Most int
	// Change adds what goes into the same change as the answers from and up to to: a fence,
	// a part. When the change is refused it is called again, for other rows perhaps.
	Change func(answers []RowAnswer, from, to int) (ledger.Change, error)
}

// AnswerRows answers rows of a batch: each is judged by its registered authorisation and
// what the caller may reach, those that may be looked up are taken down in the audit log
// and looked up, and the answers are kept, in few changes of the ledger, each with what
// the order adds. A row that was answered before has the answer that it was given.
func (d *Desk) AnswerRows(ctx context.Context, c Caller, p *Pinned, o RowsOrder) ([]RowAnswer, error) {
	if !o.Own {
		if err := d.may(&c, access.BatchSubmit, o.Batch); err != nil {
			return nil, err
		}
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	r := &rowsAsked{d: d, c: &c, p: p, o: &o, rows: make([]rowAsked, len(o.Rows)), answers: make([]RowAnswer, len(o.Rows))}
	for i := range r.rows {
		r.answers[i].Request = RowRequest(o.Batch, p.scheme, o.Rows[i].Line)
	}
	r.done = o.Done
	for range attempts {
		err := r.attempt(ctx)
		if !errors.Is(err, errAgain) {
			return r.answers, err
		}
		r.careful = true // something of it is in the ledger, or was changed there
	}
	return nil, ErrChangedMeanwhile
}

// rowsAsked are rows on their way.
type rowsAsked struct {
	d       *Desk
	c       *Caller
	p       *Pinned
	o       *RowsOrder
	rows    []rowAsked
	answers []RowAnswer
	done    int // rows that the ledger has, with what the order adds
	careful bool
	ledger  ledger.Ledger // what was read ahead of it
}

// rowAsked is one row on its way. Its memory is used again when it is judged again.
type rowAsked struct {
	settled bool // the ledger has its answer, or it is nowhere but here
	same    int  // the row that asks the same, counted from 1; 0 for none
	plan    engine.Plan
	asks    asker
	kept    *kept // nil of what names no household
	asking  asking
}

func (r *rowsAsked) attempt(ctx context.Context) error {
	first := map[string]int{}
	for i := range r.rows {
		x, a := &r.rows[i], &r.answers[i]
		if x.same = first[a.Request]; x.same > 0 {
			continue
		}
		first[a.Request] = i + 1
		if !x.settled && (r.careful || i < r.done) {
			held, err := r.d.answeredRow(ctx, a)
			if err != nil {
				return err
			}
			x.settled = held
		}
	}
	if err := r.judge(ctx); err != nil {
		return err
	}
	for i := range r.rows {
		if same := r.rows[i].same; same > 0 {
			r.answers[i] = r.answers[same-1]
			r.answers[i].Again = true
		}
	}
	return r.keep(ctx)
}

// open reports whether a row is still to be answered.
func (x *rowAsked) open() bool { return !x.settled && x.same == 0 }

// each does something for every open row, several side by side.
func (r *rowsAsked) each(ctx context.Context, do func(l *looker, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next atomic.Int64
	var g sync.WaitGroup
	errs := make([]error, r.o.Workers)
	for n := range min(r.o.Workers, len(r.rows)) {
		g.Go(func() {
			l := r.p.g.looker(r.p.judge)
			defer r.p.judge.free(l)
			for {
				i := int(next.Add(1)) - 1
				if i >= len(r.rows) || ctx.Err() != nil {
					return
				}
				if !r.rows[i].open() {
					continue
				}
				if err := do(l, i); err != nil {
					errs[n] = err
					cancel()
					return
				}
			}
		})
	}
	g.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

func (r *rowsAsked) between(ctx context.Context) error {
	if r.o.Between == nil {
		return nil
	}
	return r.o.Between(ctx)
}

// judge answers every open row.
func (r *rowsAsked) judge(ctx context.Context) error {
	at := r.d.o.Now() // before anything is read of the register
	if err := r.readAhead(ctx); err != nil {
		return err
	}
	// The authorisations first: nobody is looked at before it is taken down who is.
	err := r.each(ctx, func(l *looker, i int) error {
		if err := r.between(ctx); err != nil {
			return err
		}
		x := &r.rows[i]
		x.asks = asker{ctx: ctx, ledger: r.ledger, caller: r.c, own: r.o.Own, rowwise: true, scheme: r.p.scheme, packs: r.d.o.Packs, op: access.BatchSubmit, at: at}
		l.asks = x.asks
		l.worker.Prepare(r.o.Rows[i].Line, r.o.Rows[i].Number, &x.plan)
		x.asks = l.asks
		if err := x.plan.Err(); err != nil {
			return fmt.Errorf("the register of authorisations: %w", err)
		}
		x.asking = asking{caller: r.c, op: access.BatchSubmit, channel: "batch", own: r.o.Own, line: r.o.Rows[i].Line}
		number, scheme := strings.Clone(x.plan.Request.HouseholdID), strings.Clone(x.plan.Request.Scheme)
		x.kept = &kept{
			asking: &x.asking, at: ledger.At(at), id: r.answers[i].Request, pack: r.p.judge.pack, on: r.p.judge.on, generation: r.p.g, up: r.p.judge.up,
			number: number, scheme: scheme, claim: strings.Clone(x.plan.AuthorizationNumber()), found: x.asks.found, reads: r.ledger,
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.noteHidden(); err != nil {
		return err
	}
	look := audit.Look{
		Who: r.c.who(), Action: access.BatchSubmit.String(), Purpose: word(r.p.scheme), Batch: r.o.Batch, Generation: r.p.g.id, On: r.p.judge.on,
		Rules: packName(r.p.judge.pack),
	}
	outcomes := make([]household.Outcome, 0, len(r.rows))
	for i := range r.rows {
		if x := &r.rows[i]; x.open() && x.plan.Refusal() == "" {
			look.Subjects = append(look.Subjects, x.kept.subject())
		}
	}
	if len(look.Subjects) == 0 {
		return r.look(ctx)
	}
	token, err := r.d.o.Audit.Begin(look)
	if err != nil {
		return &AuditError{err}
	}
	if err := r.look(ctx); err != nil {
		return errors.Join(err, r.d.end(token, nil)) // the look happened, whatever it came to
	}
	for i := range r.rows {
		if x := &r.rows[i]; x.open() && x.plan.Refusal() == "" {
			outcomes = append(outcomes, r.answers[i].Outcome)
		}
	}
	return r.d.end(token, outcomes)
}

// look reads and verifies the rows that are not refused, and words the refusal of the rest.
func (r *rowsAsked) look(ctx context.Context) error {
	return r.each(ctx, func(l *looker, i int) error {
		if err := r.between(ctx); err != nil {
			return err
		}
		x, k := &r.rows[i], r.rows[i].kept
		v, err := l.worker.Look(ctx, r.p.g, &x.plan)
		if err != nil {
			return err
		}
		text := v.AppendJSON(nil)
		a := &r.answers[i]
		*a = RowAnswer{Request: a.Request, Household: k.number, Outcome: v.Outcome, Line: text, Kept: keyable(k.number), Region: region(x.plan.Request.Region)}
		if k.found != nil {
			a.Division = k.found.Division
		}
		if code := x.plan.Refusal(); code != "" {
			a.Refusal, k.rejected, k.refusal = code, code, text
			return nil
		}
		k.state = k.stateOf(l.taker.Take(&x.plan, l.worker.Elsewhere(), v), k.at)
		if err := r.d.judged(k, v, text); err != nil {
			return err
		}
		a.Verdict = k.verdict
		return nil
	})
}

// region is a division as somebody wrote it, copied: nothing when it can be none.
func region(text string) string {
	if len(text) > 12 || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return strings.Clone(text)
}

// noteHidden takes down the rows whose authorisation is registered where the caller may
// not look: the caller is told that there is none, whoever watches the log knows better.
func (r *rowsAsked) noteHidden() error {
	e := r.c.event(access.BatchSubmit, r.o.Batch)
	e.Purpose, e.Outcome, e.Code = word(r.p.scheme), audit.Denied, string(access.ReasonOutside)
	for i := range r.rows {
		if x := &r.rows[i]; x.open() && (x.asks.hidden() || x.asks.elsewhere) {
			e.Subjects = append(e.Subjects, x.kept.subject())
		}
	}
	if len(e.Subjects) == 0 {
		return nil
	}
	return r.d.note(e)
}
