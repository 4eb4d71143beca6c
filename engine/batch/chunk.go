package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
)

// chunk is a number of households that are gathered together. Its memory is used again.
type chunk struct {
	lines int      // how many
	first int64    // lines of the batch before them
	end   Position // after them
	last  bool     // nothing follows

	slab     []byte
	ends     []int           // end of each line in slab
	kept     [][]engine.Plan // by line: its plans by judge, or nil when it is prepared again
	spans    []span          // by line
	slots    []int32         // of the keys of each plan in turn: index into the line's entries
	warrants []warranted     // by line and judge, where there is a register
	subjects []audit.Subject // by line
	outcomes []household.Outcome
	parts    []listing
	want     []wanted
	entries  [][]byte
}

// span says where what belongs to a line begins.
type span struct {
	entry, slot int
	keys        int // how many entries it has
}

// listing is what one goroutine lists of a range of lines; it counts from its own
// beginning.
type listing struct {
	want  []wanted
	slots []int32
	_     [128]byte // two of them share no line of a cache
}

// line is a line without its end.
func (c *chunk) line(i int) []byte {
	start := 0
	if i > 0 {
		start = c.ends[i-1]
	}
	return c.slab[start:c.ends[i]:c.ends[i]]
}

// fill reads the next lines into a chunk, refuses where it must and lists the members to
// read. Nothing is looked up.
func (r *pass) fill(c *chunk) error {
	c.first, c.lines, c.last = r.lines.line, 0, false
	if c.slab == nil {
		c.reserve(r.Chunk, r.size-r.lines.offset)
	}
	c.slab, c.ends = c.slab[:0], c.ends[:0]
	for len(c.ends) < r.Chunk && len(c.slab) < maxSlab {
		slab, err := r.lines.next(c.slab)
		if errors.Is(err, io.EOF) {
			c.last = true
			break
		}
		if err != nil {
			return fmt.Errorf("read batch %s line %d: %w", r.Batch, r.lines.line+1, err)
		}
		c.slab = slab
		c.ends = append(c.ends, len(slab))
	}
	c.lines, c.end = len(c.ends), Position{r.lines.line, r.lines.offset}
	r.prepare(c)
	slices.SortFunc(c.want, wanted.compare)
	c.entries = sized(c.entries, len(c.want))
	c.outcomes = sized(c.outcomes, c.lines)
	return nil
}

// A household of a batch as most are: what its line takes, and how many members it has.
const (
	usualLine    = 1000
	usualMembers = 4
)

// maxSlab is how many bytes of lines end a chunk before it has all its households.
const maxSlab = 96 << 20

// reserve makes room for usual households, so that memory does not grow by copying. left
// is the rest of the batch in bytes. What is not used costs nothing: it is never touched.
func (c *chunk) reserve(lines int, left int64) {
	bytes := min(int64(lines)*usualLine, left+1, maxSlab)
	lines = min(lines, int(bytes/(usualLine/4))+1)
	c.slab = make([]byte, 0, bytes)
	c.ends = make([]int, 0, lines)
	c.want = make([]wanted, 0, lines*usualMembers)
	c.slots = make([]int32, 0, lines*usualMembers)
	c.entries = make([][]byte, 0, lines*usualMembers)
}

// sized is s with n elements, whatever they are.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// prepare parses the lines and lists whom they ask about, each reader a range of them.
func (r *pass) prepare(c *chunk) {
	c.kept, c.spans, c.subjects = sized(c.kept, c.lines), sized(c.spans, c.lines), sized(c.subjects, c.lines)
	if r.readers[0].registers != nil {
		c.warrants = sized(c.warrants, c.lines*len(r.Judges))
	}
	c.parts = sized(c.parts, len(r.readers))
	var g sync.WaitGroup
	for i := range r.readers {
		g.Go(func() {
			r.readers[i].prepare(r, c, &c.parts[i], c.lines*i/len(r.readers), c.lines*(i+1)/len(r.readers))
		})
	}
	g.Wait()
	c.want, c.slots = c.want[:0], c.slots[:0]
	for i := range r.readers {
		entry, slot := len(c.want), len(c.slots)
		for k := c.lines * i / len(r.readers); k < c.lines*(i+1)/len(r.readers); k++ {
			c.spans[k].entry += entry
			c.spans[k].slot += slot
		}
		for _, w := range c.parts[i].want {
			w.slot += entry
			c.want = append(c.want, w)
		}
		c.slots = append(c.slots, c.parts[i].slots...)
	}
}

// reader parses lines. It belongs to one goroutine.
type reader struct {
	judges    []*engine.Worker
	plans     []engine.Plan // of one line, by judge
	registers []*register   // by judge; nil where a request's own authorisation decides
}

// newReader returns a reader; first says that it is the first to prepare a line.
func newReader(judges []Judge, first bool) reader {
	d := reader{plans: make([]engine.Plan, len(judges))}
	for _, j := range judges {
		d.judges = append(d.judges, j.Verifier.Worker())
	}
	d.registered(judges, first)
	return d
}

func (d *reader) prepare(r *pass, c *chunk, l *listing, from, to int) {
	if l.want == nil {
		l.want, l.slots = make([]wanted, 0, (to-from)*usualMembers), make([]int32, 0, (to-from)*usualMembers)
	}
	l.want, l.slots = l.want[:0], l.slots[:0]
	for i := from; i < to; i++ {
		plans := d.plan(r, c, i)
		c.kept[i] = nil
		if !plans[0].Quick() {
			c.kept[i] = plans
			d.plans = make([]engine.Plan, len(d.judges))
		}
		c.spans[i] = l.list(plans)
		c.subjects[i] = audit.Subject{Household: plans[0].Request.HouseholdID, Authorization: plans[0].AuthorizationNumber()}
	}
}

// plan prepares a line for every judge.
func (d *reader) plan(r *pass, c *chunk, i int) []engine.Plan {
	line, lineNo, plans := c.line(i), c.first+int64(i)+1, d.plans
	d.at(c, i)
	for j, w := range d.judges {
		switch scheme := r.Judges[j].Scheme; {
		case j > 0:
			w.PrepareFrom(&plans[0], scheme, &plans[j])
		case scheme != "":
			w.PrepareAs(line, lineNo, scheme, &plans[j])
		default:
			w.Prepare(line, lineNo, &plans[j])
		}
	}
	return plans
}

// list adds the members of a household that some judge needs to what is read, each
// once.
func (l *listing) list(plans []engine.Plan) span {
	s := span{entry: len(l.want), slot: len(l.slots)}
	for j := range plans {
		for _, k := range plans[j].Keys() {
			slot := -1
			if j > 0 { // a plan names nobody twice
				slot = slices.IndexFunc(l.want[s.entry:], func(w wanted) bool { return w.key == k })
			}
			if slot < 0 {
				slot = len(l.want) - s.entry
				l.want = append(l.want, wanted{k, len(l.want)})
			}
			l.slots = append(l.slots, int32(slot))
		}
	}
	s.keys = len(l.want) - s.entry
	return s
}

// source hands out chunks in order. While one is being judged the next is filled.
type source struct {
	free, full chan *chunk
	err        error // why there are no more; read after full is closed
	cancel     context.CancelFunc
}

// chunks begins to read.
func (r *pass) chunks(ctx context.Context) *source {
	ctx, cancel := context.WithCancel(ctx)
	s := &source{free: make(chan *chunk, 2), full: make(chan *chunk), cancel: cancel}
	s.free <- &chunk{}
	s.free <- &chunk{}
	go func() {
		defer close(s.full)
		for {
			select {
			case <-ctx.Done():
				s.err = ctx.Err()
				return
			case c := <-s.free:
				if s.err = r.fill(c); s.err != nil || c.lines == 0 {
					return
				}
				select {
				case <-ctx.Done():
					s.err = ctx.Err()
					return
				case s.full <- c:
				}
				if c.last {
					return
				}
			}
		}
	}()
	return s
}

// next is the next chunk; nil after the last. The one before goes back.
func (s *source) next(done *chunk) (*chunk, error) {
	if done != nil {
		s.free <- done
	}
	if c, ok := <-s.full; ok {
		return c, nil
	}
	return nil, s.err
}

// stop ends the reading, and waits for it.
func (s *source) stop() {
	s.cancel()
	for range s.full { // what is on its way is nobody's
	}
}
