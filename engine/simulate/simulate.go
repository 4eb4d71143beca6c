package simulate

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Cost is what a household would be paid for a month, in fen. ok is false when it
// can't be told. It is called by several goroutines, and keeps neither argument.
type Cost func(verdict *household.Verdict, request *household.Request) (fen int64, ok bool)

// DefaultReviewMinutes is how long a person takes to look at a household, when
// nothing else is said.
const DefaultReviewMinutes = 30

// Options of Run.
type Options struct {
	Batch            string // file of requests, one JSON object a line
	Generation       store.Generation
	Old, New         *engine.Verifier // both made for the generation
	OldCost, NewCost Cost             // nil: not computed
	Audit            batch.Auditor
	ReviewMinutes    int       // for one household; 0: DefaultReviewMinutes
	List             io.Writer // nil, or who changes, as CSV
	Workers          int       // 0: one for each core
	Chunk            int       // households a chunk; 0: as in package batch
	Progress         func(batch.Progress)
}

// Run judges the households of a batch by both sides and counts the difference. It
// returns an error when the audit log can't be written, before anything is read, and
// when a block or a profile is damaged.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.ReviewMinutes < 0 {
		return nil, errors.New("a review takes no negative time")
	}
	if o.ReviewMinutes == 0 {
		o.ReviewMinutes = DefaultReviewMinutes
	}
	s := &sink{o: &o}
	if o.List != nil {
		if err := s.listed(writeHeader); err != nil {
			return nil, err
		}
	}
	digest, err := batch.Pass(ctx, batch.PassOptions{
		Batch: o.Batch, Generation: o.Generation, Judges: []batch.Judge{{Verifier: o.Old}, {Verifier: o.New}},
		Look:  audit.Look{Action: "simulate", Rules: rulesOf(o.Old, o.New), On: o.New.On()},
		Audit: o.Audit, Workers: o.Workers, Chunk: o.Chunk, Progress: o.Progress,
	}, s)
	if err != nil {
		return nil, err
	}
	r := newReport(o.ReviewMinutes, o.OldCost != nil && o.NewCost != nil)
	r.BatchDigest = digest
	for i := range s.parts {
		r.merge(s.parts[i].report)
	}
	return r, nil
}

// rulesOf names both sides for the audit log.
func rulesOf(before, after *engine.Verifier) string {
	side := func(v *engine.Verifier) string { return batch.RulesOf(v) + " on " + v.On().String() }
	return "old: " + side(before) + "; new: " + side(after)
}

// sink counts what a pass finds.
type sink struct {
	o     *Options
	parts []*part
}

// part is what was counted in one slot, and the lines of the list in it.
type part struct {
	report *Report
	list   bytes.Buffer
	rows   *csv.Writer // into list
	before []string    // codes of one household, in byte order, each once
	after  []string
	_      [128]byte // two parts share no line of a cache
}

func (s *sink) Open(slots int) {
	for range slots {
		p := &part{report: newReport(s.o.ReviewMinutes, s.o.OldCost != nil && s.o.NewCost != nil)}
		p.rows = csv.NewWriter(&p.list)
		p.rows.UseCRLF = true
		s.parts = append(s.parts, p)
	}
}

func (s *sink) Begin(slot int) { s.parts[slot].list.Reset() }

func (s *sink) Judged(slot int, h *batch.Household) (household.Outcome, error) {
	p := s.parts[slot]
	before, after := &h.Verdicts[0], &h.Verdicts[1]
	p.before, p.after = codes(p.before[:0], before), codes(p.after[:0], after)
	p.report.count(before, after, p.before, p.after)
	if p.report.Cost != nil {
		p.report.Cost.count(s.o, before, after, h.Request)
	}
	if s.o.List != nil && before.Outcome != after.Outcome {
		if err := writeRow(p.rows, before, after, p.before, p.after); err != nil {
			return 0, err
		}
	}
	if after.Outcome == household.Refused { // what the old side read stands in the log all the same
		return before.Outcome, nil
	}
	return after.Outcome, nil
}

func (s *sink) Write(slot, _ int) error {
	if s.o.List == nil {
		return nil
	}
	p := s.parts[slot]
	if p.rows.Flush(); p.rows.Error() != nil {
		return p.rows.Error()
	}
	return s.listed(func(w io.Writer) error { _, err := p.list.WriteTo(w); return err })
}

func (s *sink) listed(write func(io.Writer) error) error {
	if err := write(s.o.List); err != nil {
		return fmt.Errorf("write the list of households: %w", err)
	}
	return nil
}

func (*sink) Commit(batch.Position) error { return nil }

// codes appends the codes of a verdict's findings in byte order, each once.
func codes(out []string, v *household.Verdict) []string {
	for i := range v.Findings {
		out = append(out, v.Findings[i].Code)
	}
	slices.SortFunc(out, strings.Compare)
	return slices.Compact(out)
}
