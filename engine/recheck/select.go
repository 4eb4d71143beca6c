package recheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Reasons say why a household is verified again.
type Reasons uint16

// The reasons.
const (
	New       Reasons = 1 << iota // it was never verified
	Request                       // the request has changed
	Law                           // the pack has changed
	Date                          // it is asked for another day
	Program                       // another program judges
	Unknown                       // the generation before can't be compared: it is dropped or has no digests
	Coverage                      // a source answers otherwise, or has come of age
	Keys                          // the keys by which weaker links are found have changed
	Elsewhere                     // the verdict rests on entries of others, too
	Member                        // something else is held of a person whom it reads
	Asked                         // everybody is
	Upstream                      // the verdict rests on what another node holds, or waits for it
)

var reasonNames = [...]string{"new", "request", "law", "date", "program", "unknown", "coverage", "keys", "elsewhere", "member", "asked", "upstream"}

// Names are the names of the reasons, in their order.
func (r Reasons) Names() []string {
	var out []string
	for i, name := range reasonNames {
		if r>>i&1 != 0 {
			out = append(out, name)
		}
	}
	return out
}

// String lists the names.
func (r Reasons) String() string { return strings.Join(r.Names(), " ") }

// Generations opens the generations that households were last verified against;
// store.Store is one.
type Generations interface {
	Open(id string) (store.Generation, error)
}

// Options of Select and Run.
type Options struct {
	Registry    Registry
	Generations Generations
	Generation  store.Generation // to be verified against
	Verifier    *engine.Verifier // made for it and linked
	Scheme      string           // judged as if the requests asked for it; "" is what each asks for
	Program     string           // what judges; another text verifies everybody again
	Full        bool             // everybody is verified again, for no other reason: Asked
	Audit       batch.Auditor
	Workers     int                  // 0: one for each core
	Chunk       int                  // households that are gathered together; 0: 65,536
	Progress    func(done, of int64) // households; may be nil
	Keeper      Keeper               // may be nil

	drop func(household.PersonKey) bool // the self-check of the tests overlooks these changes
}

// Selected is a household to be verified again.
type Selected struct {
	Last    Last
	Reasons Reasons
}

// Selection is who is to be verified again, in the order of the registry.
type Selection struct {
	Households []Selected
	Registered int64
	// Same says of each earlier generation how many households' verdicts made from it are
	// the same on the new one, without another look.
	Same map[string]int64
	// Changed is of how many people each earlier generation holds something else.
	Changed map[string]int
	Reasons map[string]int64 // by name of the reason; a household may have several
}

// Select finds the households whose verdict may say something else on the generation than
// the last one said. It reads no profile. It returns errors of the registry, and damage of
// a generation.
func Select(ctx context.Context, o *Options) (*Selection, error) {
	s := &selector{
		o: o, index: o.Verifier.IndexDigest(o.Generation.Manifest()), views: newViews(o.Verifier), before: map[string]*before{},
		out: Selection{Same: map[string]int64{}, Changed: map[string]int{}, Reasons: map[string]int64{}},
	}
	err := o.Registry.Each(ctx, func(last *Last, request uint64) error {
		if s.out.Registered++; s.out.Registered&0xfff == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		why, err := s.reasons(ctx, last, request)
		if err != nil {
			return err
		}
		if why == 0 && o.Full {
			why = Asked
		}
		if why == 0 {
			s.out.Same[last.Generation]++
			return nil
		}
		s.out.Households = append(s.out.Households, Selected{last.clone(), why})
		for i := range reasonNames {
			if why>>i&1 != 0 {
				s.out.Reasons[reasonNames[i]]++
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &s.out, nil
}

func (l *Last) clone() Last {
	out := *l
	out.Keys, out.Findings = slices.Clone(l.Keys), slices.Clone(l.Findings)
	return out
}

// selector is one Select on its way.
type selector struct {
	o      *Options
	index  uint64
	views  views
	before map[string]*before
	out    Selection
}

// before is an earlier generation and who has changed since.
type before struct {
	known bool
	maybe [1 << 14]uint64     // a bit for each number by its hash: nearly everybody is out at once
	nums  map[uint64]struct{} // of those without a text
	texts map[household.PersonKey]struct{}
}

func (s *selector) reasons(ctx context.Context, last *Last, request uint64) (Reasons, error) {
	v := s.o.Verifier
	if last.Generation == "" {
		return New, nil
	}
	var why Reasons
	for _, x := range [...]struct {
		differs bool
		reason  Reasons
	}{
		{last.Request != request, Request}, {last.Pack != v.Pack().Digest, Law}, {last.On != v.On(), Date}, {last.Program != s.o.Program, Program},
	} {
		if x.differs {
			why |= x.reason
		}
	}
	switch {
	case last.AtUpper():
		// Nobody here knows whether the other node holds the same.
		return why | Upstream, nil
	case why != 0:
		// Nothing of the last verdict may be taken over, whatever else is the same.
		return why, nil
	case last.Generation == s.o.Generation.Manifest().ID:
		return 0, nil
	case !last.Basis.Accepted:
		return 0, nil // nothing was looked up, and nothing would be
	}
	if last.View != s.views.of(last.Basis) {
		why |= Coverage
	}
	if last.Index != s.index {
		why |= Keys
	}
	if last.Elsewhere {
		why |= Elsewhere
	}
	b, err := s.since(ctx, last.Generation)
	if err != nil {
		return 0, err
	}
	switch {
	case !b.known:
		why |= Unknown
	case slices.ContainsFunc(last.Keys, b.changed):
		why |= Member
	}
	return why, nil
}

// views are what a generation lets the law see, by basis.
type views struct {
	worker *engine.Worker
	known  map[engine.Basis]uint64
}

func newViews(v *engine.Verifier) views { return views{v.Worker(), map[engine.Basis]uint64{}} }

// maxViews bounds what is kept: some packs count from the day of each application.
const maxViews = 100_000

func (v *views) of(b engine.Basis) uint64 {
	view, ok := v.known[b]
	if !ok {
		if len(v.known) == maxViews {
			clear(v.known)
		}
		view = v.worker.View(b)
		v.known[b] = view
	}
	return view
}

// since compares an earlier generation, once.
func (s *selector) since(ctx context.Context, id string) (*before, error) {
	if b := s.before[id]; b != nil {
		return b, nil
	}
	b := &before{}
	s.before[id] = b
	d, err := s.compare(ctx, id)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return b, nil
	}
	s.out.Changed[id] = d.Len()
	b.known, b.nums = true, make(map[uint64]struct{}, d.Len())
	for _, list := range [...][]household.PersonKey{d.Added, d.Removed, d.Changed} {
		for _, k := range list {
			if s.o.drop == nil || !s.o.drop(k) {
				b.add(k)
			}
		}
	}
	return b, nil
}

func (b *before) add(k household.PersonKey) {
	at, bit := place(k.Num)
	b.maybe[at] |= bit
	if k.Text == "" {
		b.nums[k.Num] = struct{}{}
		return
	}
	if b.texts == nil {
		b.texts = map[household.PersonKey]struct{}{}
	}
	b.texts[k] = struct{}{}
}

// place is the bit of a number.
func place(num uint64) (at int, bit uint64) {
	h := num * 0x9e3779b97f4a7c15 >> 44
	return int(h >> 6), 1 << (h & 63)
}

// compare is what has changed since a generation; nil when that can't be told.
func (s *selector) compare(ctx context.Context, id string) (_ *changes.Diff, err error) {
	old, err := s.o.Generations.Open(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	d, err := changes.Compare(ctx, old, s.o.Generation)
	if errors.Is(err, changes.ErrNoDigests) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("compare generation %s: %w", id, err)
	}
	return d, nil
}

func (b *before) changed(k household.PersonKey) bool {
	if at, bit := place(k.Num); b.maybe[at]&bit == 0 {
		return false
	}
	if k.Text == "" {
		_, ok := b.nums[k.Num]
		return ok
	}
	_, ok := b.texts[k]
	return ok
}
