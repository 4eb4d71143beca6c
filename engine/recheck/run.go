package recheck

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
)

// Result is what the verdict on a household came to.
type Result struct {
	Last   Last    // to be kept in place of the one before
	Change *Change // nil when the verdict says what the last one said
}

// Run verifies the selected households and calls fn with the result of each, in their
// order. It may be stopped and begun again: Select then finds those that are left, when fn
// keeps what it is given. Households that are not selected keep what they have; their
// generation may be set to the new one, which saves a comparison and changes nothing. It
// returns an error of the registry, of fn, of the audit log before anything is read, and
// when a block or a profile is damaged.
func Run(ctx context.Context, o *Options, selected []Selected, fn func(*Result) error) error {
	chunk := o.Chunk
	if chunk <= 0 {
		chunk = defaultChunk
	}
	s := &sink{o: o, fn: fn, views: newViews(o.Verifier)}
	s.index = o.Verifier.IndexDigest(o.Generation.Manifest())
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
			Batch: "recheck", Lines: lines, Generation: o.Generation, Judges: []batch.Judge{{Verifier: o.Verifier}},
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
	index    uint64
	views    views
	parts    []*part
}

// part is what was found in one slot.
type part struct {
	digester Digester
	found    []Last
	n        int
	regions  map[string]string
	_        [128]byte // two parts share no line of a cache
}

func (s *sink) Open(slots int) {
	for len(s.parts) < slots {
		s.parts = append(s.parts, &part{})
	}
}

func (s *sink) Begin(slot int) { s.parts[slot].n = 0 }

func (s *sink) Judged(slot int, h *batch.Household) (household.Outcome, error) {
	p := s.parts[slot]
	if p.n == len(p.found) {
		p.found = append(p.found, Last{})
	}
	l := &p.found[p.n]
	p.n++
	v, plan := &h.Verdicts[0], &h.Plans[0]
	*l = Last{
		Basis: plan.Basis(), Elsewhere: h.Elsewhere[0],
		Substance: p.digester.Substance(v), Outcome: v.Outcome, Findings: brief(v),
	}
	l.Basis.Region = p.region(l.Basis.Region)
	for _, k := range plan.Keys() {
		k.Text = strings.Clone(k.Text) // of the line
		l.Keys = append(l.Keys, k)
	}
	for c := range v.Coverage {
		l.States[c] = v.Coverage[c].State
	}
	return v.Outcome, nil
}

// maxRegions bounds the names of regions that a slot keeps: anybody may write anything.
const maxRegions = 10000

// region is a name that is no part of a request's memory.
func (p *part) region(name string) string {
	kept, ok := p.regions[name]
	if !ok {
		if p.regions == nil || len(p.regions) == maxRegions {
			p.regions = map[string]string{}
		}
		kept = strings.Clone(name)
		p.regions[kept] = kept
	}
	return kept
}

func (s *sink) Write(slot, n int) error {
	p := s.parts[slot]
	if n != p.n || s.written+n > len(s.selected) {
		return fmt.Errorf("internal: %d households in the place of %d", p.n, n)
	}
	v := s.o.Verifier
	for i := range p.found[:n] {
		before, l := &s.selected[s.written], &p.found[i]
		l.Household = before.Last.Household // the registry's, whatever the request says
		l.Request = s.requests[s.written]
		l.Generation, l.Program, l.Pack, l.On = s.o.Generation.Manifest().ID, s.o.Program, v.Pack().Digest, v.On()
		l.View, l.Index = s.views.of(l.Basis), s.index
		r := Result{Last: *l}
		if before.Last.Generation == "" || before.Last.Substance != l.Substance {
			r.Change = changeOf(&before.Last, &r.Last, before.Reasons)
		}
		s.written++
		if err := s.fn(&r); err != nil {
			return err
		}
	}
	return nil
}

func (*sink) Commit(batch.Position) error { return nil }
