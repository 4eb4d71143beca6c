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
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine"
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

// Judge is one way in which the households of a batch are judged.
type Judge struct {
	Verifier *engine.Verifier
	Scheme   string // judged as if the request asked for it; "" is what it asks for
}

// Household is one line of a batch and what its judges say. It is borrowed.
type Household struct {
	Request  *household.Request  // as the first judge was asked; never nil
	Verdicts []household.Verdict // by judge
	Traces   []engine.Trace      // by judge, when the pass records; of a refusal too

	// Receiving is the schemes that the household receives support of, when the
	// request says so: ReceivingGiven.
	Receiving      []string
	ReceivingGiven bool
}

// Position is how much of a batch has been consumed.
type Position struct{ Lines, Offset int64 }

// Sink takes what a pass finds, chunk by chunk.
type Sink interface {
	// Begin starts a chunk. Each worker judges a range of its lines in order, and the
	// range of a worker comes after those of the workers before it.
	Begin(workers int)
	// Judged takes the verdicts on one household and returns the outcome that the
	// audit log keeps. It is called by one goroutine for each worker.
	Judged(worker int, h *Household) (household.Outcome, error)
	// Write keeps a chunk of n households when all are judged.
	Write(n int) error
	// Commit is called when the audit log knows how the chunk ended.
	Commit(at Position) error
}

// PassOptions of Pass.
type PassOptions struct {
	Batch      string // file of requests, one JSON object a line
	Generation store.Generation
	Judges     []Judge     // at least one, all made for the generation
	Look       ledger.Look // action, rules and date for the audit log
	Audit      Auditor
	Workers    int            // 0: one for each core
	Chunk      int            // households a chunk; 0: 16,384
	Progress   func(Progress) // may be nil
	Record     bool           // hand over what the verdicts rest on
}

const defaultChunk = 16384

// Pass judges every household of a batch by every judge and hands the verdicts to the
// sink. What is held of a household is read and decoded once, whatever the number of
// judges, and not at all when every judge refuses it. It returns the digest of the
// batch file.
func Pass(ctx context.Context, o PassOptions, sink Sink) (digest string, err error) {
	f, err := openBatch(o.Batch)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return f.digest, newPass(o, sink).run(ctx, f, Position{})
}

// batchFile is an open batch.
type batchFile struct {
	*os.File
	digest string // SHA-256 of the whole
	size   int64
}

// openBatch opens a batch and digests it, since nothing may be answered of a file that
// changes between two runs.
func openBatch(path string) (*batchFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("read batch %s: %w", path, err)
	}
	return &batchFile{f, hex.EncodeToString(h.Sum(nil)), size}, nil
}

// pass is one batch on its way.
type pass struct {
	PassOptions
	sink    Sink
	lines   *lineReader
	workers []worker
	arenas  []arena

	// Memory of the chunk, reused. The plans of a line stand together, by judge.
	slab     []byte
	ends     []int // end of each line in slab
	plans    []engine.Plan
	spans    []span // by line
	slots    []int  // of the keys of each plan in turn: index into entries
	want     []wanted
	entries  [][]byte
	subjects []ledger.Subject
	outcomes []household.Outcome
}

// span says where what belongs to a line begins.
type span struct {
	entry int // its first in entries
	end   int // and the one after its last
	slot  int // its first in slots
}

// worker holds what one goroutine reuses from household to household.
type worker struct {
	judges   []*engine.Worker
	profiles []*profile.Profile
	asked    []*profile.Profile // those of one plan
	found    Household
}

func newPass(o PassOptions, sink Sink) *pass {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Chunk <= 0 {
		o.Chunk = defaultChunk
	}
	p := &pass{PassOptions: o, sink: sink, workers: make([]worker, o.Workers), arenas: make([]arena, o.Workers)}
	for i := range p.workers {
		w := &p.workers[i]
		for _, j := range o.Judges {
			w.judges = append(w.judges, j.Verifier.Worker())
		}
		w.found.Verdicts = make([]household.Verdict, len(o.Judges))
		if o.Record {
			w.found.Traces = make([]engine.Trace, len(o.Judges))
			for i, j := range w.judges {
				j.Record(&w.found.Traces[i])
			}
		}
	}
	return p
}

// run goes on from a position to the end of the batch.
func (r *pass) run(ctx context.Context, f *batchFile, from Position) error {
	if _, err := f.Seek(from.Offset, io.SeekStart); err != nil {
		return err
	}
	r.lines = newLineReader(f, from.Offset, from.Lines)
	r.Look.Batch, r.Look.Generation = f.digest, r.Generation.Manifest().ID
	for {
		more, err := r.chunk(ctx, f.size)
		if err != nil || !more {
			return err
		}
	}
}

// chunk does the next households of the batch. more is false after the last.
func (r *pass) chunk(ctx context.Context, size int64) (more bool, err error) {
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
	r.Look.Subjects = r.subjects
	token, err := r.Audit.Begin(r.Look)
	if err != nil {
		return false, fmt.Errorf("the audit log can't be written, so nothing was read: %w", err)
	}
	err = gather(ctx, r.Generation, r.want, r.entries, r.arenas)
	if err == nil {
		r.sink.Begin(len(r.workers))
		err = r.judge(n)
	}
	if err != nil {
		// The look happened, whatever it came to.
		return false, errors.Join(err, r.Audit.End(token, nil))
	}
	if err := r.sink.Write(n); err != nil {
		return false, err
	}
	if err := r.Audit.End(token, r.outcomes); err != nil {
		return false, fmt.Errorf("the audit log can't be written: %w", err)
	}
	if err := r.sink.Commit(Position{r.lines.line, r.lines.offset}); err != nil {
		return false, err
	}
	if r.Progress != nil {
		r.Progress(Progress{Bytes: r.lines.offset, TotalBytes: size, Households: r.lines.line})
	}
	return !eof, nil
}

// each runs fn on a contiguous range of the n lines for every worker.
func (r *pass) each(n int, fn func(worker, from, to int) error) error {
	var g errgroup.Group
	for i := range r.workers {
		from, to := n*i/len(r.workers), n*(i+1)/len(r.workers)
		g.Go(func() error { return fn(i, from, to) })
	}
	return g.Wait()
}

// plansOf are the plans of a line, by judge.
func (r *pass) plansOf(line int) []engine.Plan {
	k := len(r.Judges)
	return r.plans[line*k : (line+1)*k]
}

// prepare parses the lines, refuses where it must and lists the members to read.
func (r *pass) prepare(n int, startLine int64) error {
	for len(r.plans) < n*len(r.Judges) {
		r.plans = append(r.plans, engine.Plan{})
	}
	err := r.each(n, func(worker, from, to int) error {
		for i := from; i < to; i++ {
			start := 0
			if i > 0 {
				start = r.ends[i-1]
			}
			line, plans := r.slab[start:r.ends[i]], r.plansOf(i)
			for j, w := range r.workers[worker].judges {
				switch scheme := r.Judges[j].Scheme; {
				case j > 0:
					w.PrepareFrom(&plans[0], scheme, &plans[j])
				case scheme != "":
					w.PrepareAs(line, startLine+int64(i)+1, scheme, &plans[j])
				default:
					w.Prepare(line, startLine+int64(i)+1, &plans[j])
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.want, r.spans, r.slots, r.subjects = r.want[:0], r.spans[:0], r.slots[:0], r.subjects[:0]
	for i := range n {
		r.list(r.plansOf(i))
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

// list adds the members of a household that some judge needs to what is read, each
// once.
func (r *pass) list(plans []engine.Plan) {
	s := span{entry: len(r.want), slot: len(r.slots)}
	for j := range plans {
		for _, k := range plans[j].Keys() {
			slot := -1
			if j > 0 { // a plan names nobody twice
				slot = slices.IndexFunc(r.want[s.entry:], func(w wanted) bool { return w.key == k })
			}
			if slot < 0 {
				slot = len(r.want) - s.entry
				r.want = append(r.want, wanted{k, len(r.want)})
			}
			r.slots = append(r.slots, s.entry+slot)
		}
	}
	s.end = len(r.want)
	r.spans = append(r.spans, s)
	r.subjects = append(r.subjects, ledger.Subject{Household: plans[0].Request.HouseholdID, Authorization: plans[0].AuthorizationNumber()})
}

// judge has every judge answer the lines.
func (r *pass) judge(n int) error {
	return r.each(n, func(worker, from, to int) error {
		w := &r.workers[worker]
		for i := from; i < to; i++ {
			s := r.spans[i]
			if err := r.decode(w, r.entries[s.entry:s.end]); err != nil {
				return err
			}
			plans := r.plansOf(i)
			slots := r.slots[s.slot:]
			for j := range plans {
				keys := len(plans[j].Keys())
				w.asked = w.asked[:0]
				for _, slot := range slots[:keys] {
					w.asked = append(w.asked, w.profiles[slot-s.entry])
				}
				slots = slots[keys:]
				if err := w.judges[j].Verify(&plans[j], w.asked, &w.found.Verdicts[j]); err != nil {
					return err
				}
			}
			w.found.Request = plans[0].Request
			w.found.Receiving, w.found.ReceivingGiven = plans[0].Receiving()
			var err error
			if r.outcomes[i], err = r.sink.Judged(worker, &w.found); err != nil {
				return err
			}
		}
		return nil
	})
}

// decode decodes what is held of the members of one household.
func (r *pass) decode(w *worker, entries [][]byte) error {
	for len(w.profiles) < len(entries) {
		w.profiles = append(w.profiles, &profile.Profile{})
	}
	for k, entry := range entries {
		if entry == nil {
			w.profiles[k].Reset()
		} else if err := profile.Decode(entry, w.profiles[k]); err != nil {
			return fmt.Errorf("generation %s: %w", r.Generation.Manifest().ID, err)
		}
	}
	return nil
}
