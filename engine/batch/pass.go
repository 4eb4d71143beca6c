package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Auditor takes down what a batch looks at; *audit.Log is one. When Begin fails
// nothing is read.
type Auditor interface {
	Begin(audit.Look) (audit.Token, error)
	End(audit.Token, []household.Outcome) error
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
	Line     []byte              // as it stands in the batch
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

// Sink takes what a pass finds. It is told how many slots there are. A range of lines is
// judged into a slot by one goroutine, in order: Begin, then Judged for each line. Write
// then takes the slots in the order of their lines, while others are filled.
type Sink interface {
	// Open says how many slots there are. It comes first.
	Open(slots int)
	// Begin empties a slot.
	Begin(slot int)
	// Judged takes the verdicts on one household and returns the outcome that the
	// audit log keeps.
	Judged(slot int, h *Household) (household.Outcome, error)
	// Write keeps the n households of a slot.
	Write(slot, n int) error
	// Commit is called when all of a chunk is written and the audit log knows how it
	// ended.
	Commit(at Position) error
}

// PassOptions of Pass.
type PassOptions struct {
	Batch      string // file of requests, one JSON object a line
	Generation store.Generation
	Judges     []Judge    // at least one, all made for the generation
	Look       audit.Look // action, rules and date for the audit log
	Audit      Auditor
	Workers    int            // 0: one for each core
	Chunk      int            // households a chunk; 0: 65,536
	Progress   func(Progress) // may be nil
	Record     bool           // hand over what the verdicts rest on
}

const defaultChunk = 65536

// Pass judges every household of a batch by every judge and hands the verdicts to the
// sink. What is held of a household is read and decoded once, whatever the number of
// judges, and not at all when every judge refuses it. It returns the digest of the
// batch file.
func Pass(ctx context.Context, o PassOptions, sink Sink) (digest string, err error) {
	f, err := openBatch(o.Batch)
	if err != nil {
		return "", err
	}
	defer f.close()
	p := newPass(o, sink)
	chunks := p.read(ctx, f, Position{})
	defer chunks.stop()
	if digest, err = f.digest(); err != nil {
		return "", err
	}
	return digest, p.run(ctx, chunks, digest, f.size)
}

// batchFile is an open batch.
type batchFile struct {
	*os.File
	opened int64         // size when it was opened
	size   int64         // of what was digested
	hashed chan struct{} // closed when the rest is known
	sum    string        // SHA-256 of the whole
	err    error
}

// openBatch opens a batch and begins to digest it, since nothing may be answered of a
// file that changes between two runs.
func openBatch(path string) (*batchFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	b := &batchFile{File: f, opened: info.Size(), hashed: make(chan struct{})}
	go func() {
		defer close(b.hashed)
		h := sha256.New()
		// Beside those who read the lines, which go by the position of the file.
		n, err := io.CopyBuffer(h, io.NewSectionReader(f, 0, math.MaxInt64), make([]byte, 256<<10))
		if err != nil {
			b.err = fmt.Errorf("read batch %s: %w", path, err)
		}
		b.size, b.sum = n, hex.EncodeToString(h.Sum(nil))
	}()
	return b, nil
}

// digest waits for the digest; the size is known from then on.
func (f *batchFile) digest() (string, error) {
	<-f.hashed
	return f.sum, f.err
}

// close waits for the digest, which reads the file.
func (f *batchFile) close() {
	<-f.hashed
	_ = f.Close() // it was only read
}

// pass is one batch on its way.
type pass struct {
	PassOptions
	sink    Sink
	lines   *lineReader
	size    int64 // of the batch when it was opened
	readers []reader
	workers []worker
	arenas  []arena
	slots   chan int // of the sink, those that are free
}

// slotsPerWorker lets the workers go on while what they judged waits to be written.
const slotsPerWorker = 4

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
		w.reader = newReader(o.Judges)
		p.readers = append(p.readers, newReader(o.Judges))
		w.found.Verdicts = make([]household.Verdict, len(o.Judges))
		if o.Record {
			w.found.Traces = make([]engine.Trace, len(o.Judges))
			for i, j := range w.judges {
				j.Record(&w.found.Traces[i])
			}
		}
	}
	n := slotsPerWorker * o.Workers
	p.slots = make(chan int, n)
	for i := range n {
		p.slots <- i
	}
	sink.Open(n)
	return p
}

// read begins to read a batch at a position.
func (r *pass) read(ctx context.Context, f *batchFile, from Position) *source {
	r.lines = newLineReader(io.NewSectionReader(f, from.Offset, math.MaxInt64-from.Offset), from.Offset, from.Lines)
	r.size = f.opened
	return r.chunks(ctx)
}

// run answers all that is read.
func (r *pass) run(ctx context.Context, chunks *source, digest string, size int64) error {
	r.Look.Batch, r.Look.Generation = digest, r.Generation.Manifest().ID
	var c *chunk
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if c, err = chunks.next(c); err != nil || c == nil {
			return err
		}
		if err := r.answer(ctx, c); err != nil {
			return err
		}
		if r.Progress != nil {
			r.Progress(Progress{Bytes: c.end.Offset, TotalBytes: size, Households: c.end.Lines})
		}
	}
}

// answer looks at the households of a chunk, between the two entries of the audit log.
func (r *pass) answer(ctx context.Context, c *chunk) error {
	r.Look.Subjects = c.subjects
	token, err := r.Audit.Begin(r.Look)
	if err != nil {
		return fmt.Errorf("the audit log can't be written, so nothing was read: %w", err)
	}
	if err = gather(ctx, r.Generation, c.want, c.entries, r.arenas); err == nil {
		err = r.judge(c)
	}
	if err != nil {
		// The look happened, whatever it came to.
		return errors.Join(err, r.Audit.End(token, nil))
	}
	if err := r.Audit.End(token, c.outcomes); err != nil {
		return fmt.Errorf("the audit log can't be written: %w", err)
	}
	return r.sink.Commit(c.end)
}
