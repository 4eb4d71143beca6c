package recheck

import (
	"bytes"
	"context"
	"fmt"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
)

// Result is what the verdict on a household came to.
type Result struct {
	Last   Last    // to be kept in place of the one before
	Change *Change // nil when the verdict says what the last one said
}

// Keeper keeps verdicts beside what Run finds of them. It is told as a batch.Sink is:
// Open first; a slot is filled by one goroutine, Begin and then Judged for each
// household; Write then takes the slots in order.
type Keeper interface {
	Open(slots int)
	Begin(slot int)
	// Judged takes one verdict; found is what recheck keeps of it, but for the number of
	// the household and its request.
	Judged(slot int, h *batch.Household, found *Last) error
	// Write keeps the households of a slot. The results are borrowed.
	Write(slot int, results []Result) error
}

// Run verifies the selected households and calls fn with the result of each, in their
// order; it may be nil when there is a keeper. It may be stopped and begun again: Select
// then finds those that are left, when what fn is given is kept. Households that are not selected keep what they have; their
// generation may be set to the new one, which saves a comparison and changes nothing. It
// returns an error of the registry, of fn, of the audit log before anything is read, and
// when a block or a profile is damaged.
func Run(ctx context.Context, o *Options, selected []Selected, fn func(*Result) error) error {
	chunk := o.Chunk
	if chunk <= 0 {
		chunk = defaultChunk
	}
	s := &sink{o: o, fn: fn}
	of := int64(len(selected))
	var lines []byte
	for len(selected) > 0 {
		n := min(chunk, len(selected))
		s.selected, s.written, s.requests = selected[:n], 0, s.requests[:0]
		lines = lines[:0]
		for i := range s.selected {
			number := s.selected[i].Last.Household
			line, err := o.Registry.Request(number)
			if err != nil {
				return fmt.Errorf("request of household %s: %w", number, err)
			}
			s.requests = append(s.requests, DigestOf(line))
			lines = append(append(lines, oneLine(line)...), '\n')
		}
		_, err := batch.Pass(ctx, batch.PassOptions{
			Batch: "recheck", Lines: lines, Generation: o.Generation, Judges: []batch.Judge{{Verifier: o.Verifier, Scheme: o.Scheme}},
			Look:  audit.Look{Action: "recheck", Rules: batch.RulesOf(o.Verifier), On: o.Verifier.On()},
			Audit: o.Audit, Workers: o.Workers, Chunk: chunk,
		}, s)
		if err != nil {
			return err
		}
		if s.written != n {
			return fmt.Errorf("internal: %d of %d households were verified", s.written, n)
		}
		selected = selected[n:]
		if o.Progress != nil {
			o.Progress(of-int64(len(selected)), of)
		}
	}
	return nil
}

const defaultChunk = 65536

// oneLine is a request on one line, whatever it was written on.
func oneLine(request []byte) []byte {
	request = bytes.TrimSpace(request)
	if bytes.ContainsAny(request, "\n\r") { // between its values; within one they are escaped
		return bytes.ReplaceAll(bytes.ReplaceAll(request, []byte("\n"), []byte(" ")), []byte("\r"), []byte(" "))
	}
	return request
}

// sink compares what a pass finds with what is kept.
type sink struct {
	o        *Options
	fn       func(*Result) error
	selected []Selected // of this pass
	requests []uint64   // their digests
	written  int        // of them
	parts    []*part
	results  []Result
}

// part is what was found in one slot.
type part struct {
	taker *Taker
	found []Last
	_     [128]byte // two parts share no line of a cache
}

func (s *sink) Open(slots int) {
	for len(s.parts) < slots {
		s.parts = append(s.parts, &part{taker: NewTaker(s.o.Verifier, s.o.Generation.Manifest(), s.o.Program)})
	}
	if s.o.Keeper != nil {
		s.o.Keeper.Open(slots)
	}
}

func (s *sink) Begin(slot int) {
	s.parts[slot].found = s.parts[slot].found[:0]
	if s.o.Keeper != nil {
		s.o.Keeper.Begin(slot)
	}
}

func (s *sink) Judged(slot int, h *batch.Household) (household.Outcome, error) {
	p := s.parts[slot]
	p.found = append(p.found, p.taker.Take(&h.Plans[0], h.Elsewhere[0], &h.Verdicts[0]))
	if s.o.Keeper != nil {
		if err := s.o.Keeper.Judged(slot, h, &p.found[len(p.found)-1]); err != nil {
			return 0, err
		}
	}
	return h.Verdicts[0].Outcome, nil
}

func (s *sink) Write(slot, n int) error {
	p := s.parts[slot]
	if n != len(p.found) || s.written+n > len(s.selected) {
		return fmt.Errorf("internal: %d households in the place of %d", len(p.found), n)
	}
	s.results = s.results[:0]
	for i := range p.found {
		before, l := &s.selected[s.written], &p.found[i]
		l.Household = before.Last.Household // the registry's, whatever the request says
		l.Request = s.requests[s.written]
		r := Result{Last: *l}
		if before.Last.Generation == "" || before.Last.Substance != l.Substance {
			r.Change = changeOf(&before.Last, &r.Last, before.Reasons)
		}
		s.written++
		if s.fn != nil {
			if err := s.fn(&r); err != nil {
				return err
			}
		}
		s.results = append(s.results, r)
	}
	if s.o.Keeper != nil {
		return s.o.Keeper.Write(slot, s.results)
	}
	return nil
}

func (*sink) Commit(batch.Position) error { return nil }
