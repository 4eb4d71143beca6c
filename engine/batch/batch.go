package batch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Options of Run.
type Options struct {
	Batch      string // file of requests, one JSON object a line
	Out        string // file of verdicts
	Generation store.Generation
	Verifier   *engine.Verifier // the one pack to judge by, or nil
	Schemes    []Scheme         // or several, each of which answers every household
	Audit      Auditor
	Workers    int            // 0: one for each core
	Restart    bool           // throw an unfinished output away instead of going on with it
	Trace      string         // file of traces, one for each verdict; "" for none. Only of one pack, and never gone on with
	Chunk      int            // households a chunk; 0: 65,536
	Progress   func(Progress) // may be nil
	Disk       durable.Disk
	// Keep, when there is one, returns a sink that keeps what it is told before it hands
	// it on to next, the file. It is told the digest of the batch. A chunk that was kept
	// and not written before a crash comes a second time.
	Keep func(digest string, next Sink) Sink
	Who  audit.Who // in whose name; the zero value is whom the log says
}

// Result of Run.
type Result struct {
	Summary              // by several schemes only the numbers of lines
	Several     *Several // nil by one pack
	BatchDigest string
	Resumed     int64 // lines an earlier run had already answered
}

// Run verifies a batch. When ctx ends or an error comes up the output stays
// unfinished under its temporary name, and the next Run with the same batch,
// generation, packs, schemes and date goes on with it. ErrOtherBatch is returned
// when there is an unfinished output of something else, ErrTraceResumed when a run
// with traces would have to go on with one.
func Run(ctx context.Context, o Options) (result Result, err error) {
	judges, look, err := o.judges()
	if err != nil {
		return Result{}, err
	}
	f, err := openBatch(o.Batch)
	if err != nil {
		return Result{}, err
	}
	defer f.close()
	look.Who = o.Who
	v := &verdicts{schemes: o.Schemes, disk: o.Disk}
	if len(o.Schemes) > 0 {
		v.ranks = inRankOrder(o.Schemes)
	}
	p := newPass(PassOptions{
		Generation: o.Generation, Batch: o.Batch, Judges: judges, Look: look,
		Audit: o.Audit, Workers: o.Workers, Chunk: o.Chunk, Progress: o.Progress, Record: o.Trace != "",
	}, v)
	var chunks *source
	if o.Restart || !unfinished(o.Out) {
		// From the beginning: no need to know the digest to parse the first lines.
		chunks = p.read(ctx, f, Position{})
		defer func() { chunks.stop() }()
	}
	b := bindingOf(judges, o.Schemes)
	if b.Batch, err = f.digest(); err != nil {
		return Result{}, err
	}
	b.Bytes, b.Generation = f.size, o.Generation.Manifest().ID
	if o.Keep != nil {
		p.sink = o.Keep(b.Batch, v)
		p.sink.Open(cap(p.slots))
	}
	out, at, err := openOutput(o.Out, b, o.Restart)
	if err != nil {
		return Result{}, err
	}
	defer func() {
		err = errors.Join(err, out.settle()) // what was answered is committed also when the run ends early
		_ = out.f.Close()
	}()
	v.out, v.at = out, at
	if o.Trace != "" {
		if at.Lines > 0 {
			return Result{}, fmt.Errorf("%s: %w", out.checkpointPath(), ErrTraceResumed)
		}
		if v.traces, err = newTraces(o.Trace); err != nil {
			return Result{}, err
		}
		defer v.traces.f.Close()
	}
	if len(o.Schemes) > 0 {
		v.at.Several = v.at.Several.withMaps(o.Schemes)
	}
	resumed := at.Lines
	if chunks == nil {
		chunks = p.read(ctx, f, Position{at.Lines, at.Offset})
		defer func() { chunks.stop() }()
	}
	err = p.run(ctx, chunks, b.Batch, f.size)
	result = Result{Summary: v.at.Summary, Several: v.at.Several, BatchDigest: b.Batch, Resumed: resumed}
	if err != nil {
		return result, err
	}
	if v.traces != nil { // first: verdicts that have their name have their traces
		if err := v.traces.finish(o.Disk); err != nil {
			return Result{}, err
		}
	}
	if err := out.finish(o.Disk); err != nil {
		return Result{}, err
	}
	if s := v.at.Summary; s.RowsIn != s.Verdicts || s.RowsIn != v.at.Lines {
		return Result{}, fmt.Errorf("internal: %d lines read, %d verdicts written", s.RowsIn, s.Verdicts)
	}
	return result, nil
}

// judges are the ways in which every household is judged, and what the audit log is
// told of them.
func (o *Options) judges() ([]Judge, audit.Look, error) {
	if o.Trace != "" && len(o.Schemes) > 0 {
		return nil, audit.Look{}, errors.New("internal: traces are written of one pack only")
	}
	if len(o.Schemes) == 0 {
		return []Judge{{Verifier: o.Verifier}}, audit.Look{Action: "verify", Rules: RulesOf(o.Verifier), On: o.Verifier.On()}, nil
	}
	if o.Verifier != nil {
		return nil, audit.Look{}, errors.New("internal: a batch is judged by one pack or by several schemes")
	}
	var judges []Judge
	for i, s := range o.Schemes {
		if s.Name == "" || s.Verifier.On() != o.Schemes[0].Verifier.On() {
			return nil, audit.Look{}, errors.New("internal: the schemes of a batch have names and one date")
		}
		for _, other := range o.Schemes[:i] {
			if other.Name == s.Name {
				return nil, audit.Look{}, fmt.Errorf("the scheme %s is asked for twice", s.Name)
			}
		}
		judges = append(judges, Judge{s.Verifier, s.Name})
	}
	return judges, audit.Look{Action: "verify", Rules: RulesOfAll(o.Schemes), On: judges[0].Verifier.On()}, nil
}

// RulesOf names a pack for the audit log: name, version and digest.
func RulesOf(v *engine.Verifier) string {
	p := v.Pack()
	return p.Name + " " + p.Version + " " + p.Digest
}

// RulesOfAll names the schemes for the audit log, each as the purpose that is looked
// for and the pack that judges it.
func RulesOfAll(schemes []Scheme) string {
	var parts []string
	for _, s := range schemes {
		parts = append(parts, s.Name+": "+RulesOf(s.Verifier))
	}
	return strings.Join(parts, "; ")
}

// verdicts is the sink of Run: a file of answers with its checkpoint.
type verdicts struct {
	out     *output
	at      checkpoint
	schemes []Scheme // nil by one pack
	ranks   []int
	parts   []part
	written int64 // households since the last commit
	disk    durable.Disk
	traces  *traceFile // nil for none
}

// part is what is written of a range of lines, and what was counted since the last commit.
type part struct {
	out      []byte
	traces   []byte
	encoders []household.VerdictEncoder // by verdict
	tallies  []tally                    // likewise
	several  severalTally
	judged   int64
	_        [128]byte // two parts share no line of a cache
}

func (v *verdicts) Open(slots int) {
	v.parts = make([]part, slots)
	n := max(1, len(v.schemes))
	for i := range v.parts {
		v.parts[i].encoders, v.parts[i].tallies = make([]household.VerdictEncoder, n), make([]tally, n)
	}
}

func (v *verdicts) Begin(slot int) {
	p := &v.parts[slot]
	p.out, p.traces = p.out[:0], p.traces[:0]
}

func (v *verdicts) Judged(slot int, h *Household) (household.Outcome, error) {
	p := &v.parts[slot]
	p.judged++
	for i := range h.Verdicts {
		p.tallies[i].count(&h.Verdicts[i])
	}
	if v.schemes == nil {
		verdict := &h.Verdicts[0]
		p.out = append(p.encoders[0].Append(p.out, verdict), '\n')
		if v.traces != nil {
			text, err := h.Traces[0].Append(p.traces)
			if err != nil {
				return 0, err
			}
			p.traces = append(text, '\n')
		}
		return verdict.Outcome, nil
	}
	a := weigh(v.schemes, v.ranks, h)
	p.out = append(a.appendJSON(p.out, p.encoders), '\n')
	p.several.count(&a)
	return a.Outcome(), nil
}

func (v *verdicts) Write(slot, n int) error {
	p := &v.parts[slot]
	if err := v.out.write(p.out); err != nil {
		return fmt.Errorf("write verdicts: %w", err)
	}
	if v.traces != nil {
		if _, err := v.traces.f.Write(p.traces); err != nil {
			return fmt.Errorf("write traces: %w", err)
		}
	}
	v.written += int64(n)
	return nil
}

func (v *verdicts) Commit(at Position) error {
	v.at.Lines, v.at.Offset = at.Lines, at.Offset
	v.at.Summary.RowsIn += v.written
	v.written = 0
	for i := range v.parts {
		p := &v.parts[i]
		v.at.Summary.Verdicts += p.judged
		p.judged = 0
		if v.schemes == nil {
			p.tallies[0].moveTo(&v.at.Summary.Counts)
			continue
		}
		for j := range p.tallies {
			p.tallies[j].moveTo(&v.at.Several.Schemes[j].Counts)
		}
		p.several.moveTo(v.at.Several)
	}
	return v.out.commit(v.disk, v.at)
}
