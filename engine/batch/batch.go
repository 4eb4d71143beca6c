package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// Auditor takes down what a batch looks at; *ledger.Audit is one. When Begin fails
// nothing is read.
type Auditor interface {
	Begin(ledger.Look) (ledger.Token, error)
	End(ledger.Token, []household.Outcome) error
}

// Progress is how far a batch is.
type Progress struct {
	Bytes, TotalBytes int64
	Households        int64
}

// Options of Run.
type Options struct {
	Batch      string // file of requests, one JSON object a line
	Out        string // file of verdicts
	Generation store.Generation
	Verifier   *engine.Verifier
	Audit      Auditor
	Workers    int            // 0: one for each core
	Restart    bool           // throw an unfinished output away instead of going on with it
	Chunk      int            // households a chunk; 0: 16,384
	Progress   func(Progress) // may be nil
	Disk       durable.Disk
}

// Result of Run.
type Result struct {
	Summary
	BatchDigest string
	Resumed     int64 // lines an earlier run had already answered
}

const defaultChunk = 16384

// Run verifies a batch. When ctx ends or an error comes up the output stays
// unfinished under its temporary name, and the next Run with the same batch,
// generation, pack and date goes on with it. ErrOtherBatch is returned when
// there is an unfinished output of something else.
func Run(ctx context.Context, o Options) (Result, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Chunk <= 0 {
		o.Chunk = defaultChunk
	}
	f, err := os.Open(o.Batch)
	if err != nil {
		return Result{}, err
	}
	defer f.Close()
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		return Result{}, fmt.Errorf("read batch %s: %w", o.Batch, err)
	}
	digest := hex.EncodeToString(h.Sum(nil))
	pack := o.Verifier.Pack()
	out, at, err := openOutput(o.Out, binding{
		Format: 1, Batch: digest, Bytes: size, Generation: o.Generation.Manifest().ID,
		Pack: pack.Name, PackDigest: pack.Digest, On: o.Verifier.On().String(),
	}, o.Restart)
	if err != nil {
		return Result{}, err
	}
	defer out.f.Close()
	if _, err := f.Seek(at.Offset, io.SeekStart); err != nil {
		return Result{}, err
	}
	r := &run{Options: o, out: out, at: at, lines: newLineReader(f, at.Offset, at.Lines), workers: make([]worker, o.Workers), arenas: make([]arena, o.Workers)}
	r.look = ledger.Look{Action: "verify", Batch: digest, Generation: o.Generation.Manifest().ID, Rules: pack.Name + " " + pack.Version + " " + pack.Digest, On: o.Verifier.On()}
	for i := range r.workers {
		r.workers[i].v = o.Verifier.Worker()
	}
	resumed := at.Lines
	for {
		more, err := r.chunk(ctx, size)
		if err != nil {
			return Result{Summary: r.at.Summary, BatchDigest: digest, Resumed: resumed}, err
		}
		if !more {
			break
		}
	}
	if err := out.finish(o.Disk); err != nil {
		return Result{}, err
	}
	if s := r.at.Summary; s.RowsIn != s.Verdicts || s.RowsIn != r.at.Lines {
		return Result{}, fmt.Errorf("internal: %d lines read, %d verdicts written", s.RowsIn, s.Verdicts)
	}
	return Result{Summary: r.at.Summary, BatchDigest: digest, Resumed: resumed}, nil
}

// run is one batch on its way.
type run struct {
	Options
	out     *output
	at      checkpoint
	look    ledger.Look
	lines   *lineReader
	workers []worker
	arenas  []arena

	// Memory of the chunk, reused.
	slab     []byte
	ends     []int // end of each line in slab
	plans    []engine.Plan
	first    []int // first slot of each plan
	want     []wanted
	entries  [][]byte
	subjects []ledger.Subject
	outcomes []household.Outcome
}

// worker holds what one goroutine reuses from household to household.
type worker struct {
	v        *engine.Worker
	profiles []*profile.Profile
	verdict  household.Verdict
	out      []byte
	summary  Summary
}

// chunk does the next households of the batch. more is false after the last.
func (r *run) chunk(ctx context.Context, size int64) (more bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	startLine := r.lines.line
	r.slab, r.ends = r.slab[:0], r.ends[:0]
	eof := false
	for len(r.ends) < r.Chunk {
		slab, err := r.lines.next(r.slab)
		if errors.Is(err, io.EOF) {
			eof = true
			break
		}
		if err != nil {
			return false, fmt.Errorf("read batch %s line %d: %w", r.Batch, r.lines.line+1, err)
		}
		r.slab = slab
		r.ends = append(r.ends, len(slab))
	}
	n := len(r.ends)
	if n == 0 {
		return false, nil
	}
	if err := r.prepare(n, startLine); err != nil {
		return false, err
	}
	r.look.Subjects = r.subjects
	token, err := r.Audit.Begin(r.look)
	if err != nil {
		return false, fmt.Errorf("the audit log can't be written, so nothing was read: %w", err)
	}
	err = gather(ctx, r.Generation, r.want, r.entries, r.arenas)
	if err == nil {
		err = r.verify(n)
	}
	if err != nil {
		// The look happened, whatever it came to.
		return false, errors.Join(err, r.Audit.End(token, nil))
	}
	for i := range r.workers {
		w := &r.workers[i]
		if err := r.out.write(w.out); err != nil {
			return false, fmt.Errorf("write verdicts: %w", err)
		}
		r.at.Summary.merge(w.summary)
	}
	r.at.Summary.RowsIn += int64(n)
	r.at.Lines, r.at.Offset = r.lines.line, r.lines.offset
	if err := r.Audit.End(token, r.outcomes); err != nil {
		return false, fmt.Errorf("the audit log can't be written: %w", err)
	}
	if err := r.out.commit(r.Disk, r.at); err != nil {
		return false, err
	}
	if r.Progress != nil {
		r.Progress(Progress{Bytes: r.lines.offset, TotalBytes: size, Households: r.at.Lines})
	}
	return !eof, nil
}

// each runs fn on a contiguous range of the n lines for every worker.
func (r *run) each(n int, fn func(w *worker, from, to int) error) error {
	var g errgroup.Group
	for i := range r.workers {
		from, to := n*i/len(r.workers), n*(i+1)/len(r.workers)
		g.Go(func() error { return fn(&r.workers[i], from, to) })
	}
	return g.Wait()
}

// prepare parses the lines, refuses where it must and lists the members to read.
func (r *run) prepare(n int, startLine int64) error {
	for len(r.plans) < n {
		r.plans = append(r.plans, engine.Plan{})
	}
	err := r.each(n, func(w *worker, from, to int) error {
		for i := from; i < to; i++ {
			start := 0
			if i > 0 {
				start = r.ends[i-1]
			}
			w.v.Prepare(r.slab[start:r.ends[i]], startLine+int64(i)+1, &r.plans[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.want, r.first, r.subjects = r.want[:0], r.first[:0], r.subjects[:0]
	for i := range r.plans[:n] {
		p := &r.plans[i]
		r.first = append(r.first, len(r.want))
		for _, k := range p.Keys() {
			r.want = append(r.want, wanted{k, len(r.want)})
		}
		r.subjects = append(r.subjects, ledger.Subject{Household: p.Request.HouseholdID, Authorization: p.AuthorizationNumber()})
	}
	if cap(r.entries) < len(r.want) {
		r.entries = make([][]byte, len(r.want))
	}
	r.entries = r.entries[:len(r.want)]
	if cap(r.outcomes) < n {
		r.outcomes = make([]household.Outcome, n)
	}
	r.outcomes = r.outcomes[:n]
	return nil
}

// verify answers the lines; each worker encodes its range.
func (r *run) verify(n int) error {
	return r.each(n, func(w *worker, from, to int) error {
		w.out, w.summary = w.out[:0], newSummary()
		for i := from; i < to; i++ {
			p := &r.plans[i]
			keys := len(p.Keys())
			for len(w.profiles) < keys {
				w.profiles = append(w.profiles, &profile.Profile{})
			}
			for k, entry := range r.entries[r.first[i] : r.first[i]+keys] {
				if entry == nil {
					w.profiles[k].Reset()
				} else if err := profile.Decode(entry, w.profiles[k]); err != nil {
					return fmt.Errorf("generation %s: %w", r.Generation.Manifest().ID, err)
				}
			}
			if err := w.v.Verify(p, w.profiles[:keys], &w.verdict); err != nil {
				return err
			}
			w.out = append(w.verdict.AppendJSON(w.out), '\n')
			r.outcomes[i] = w.verdict.Outcome
			w.summary.count(&w.verdict)
		}
		return nil
	})
}
