package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/register"
)

// RecheckOptions say what is verified again.
type RecheckOptions struct {
	Scheme   string
	On       household.Date // 0 is today at the centre
	Full     bool           // everybody
	DryRun   bool           // only say how many: nobody is looked at and nothing written
	Workers  int            // 0: one for each core
	Progress func(done, of int64)
}

// Rechecked is what a recheck came to.
type Rechecked struct {
	Scheme     string
	Generation string
	Run        string           // that the changes name
	Registered int64            // households with a verdict
	Again      int64            // of them verified again
	Reasons    map[string]int64 // why, by name; a household may have several
	People     map[string]int   // of how many something else is held, by earlier generation
	Later      int64            // left, since a verdict of a later day stands
	Refused    map[string]int64 // not looked at, by code of the refusal
	Changed    int64            // verdicts that say something else
	Moves      []Move           // their outcomes
	Cases      int64            // opened, or brought another verdict
	Upstream   int64            // left to the upper node: their verdict rests on what it holds, so it is asked again
	Left       int64            // their authorisation or case was changed meanwhile: the next recheck takes them
}

// Move is how many verdicts went from one outcome to another.
type Move struct {
	Before, After household.Outcome
	Households    int64
}

// Recheck verifies the registered households of a scheme again whose verdict may say
// something else on the generation that is current. What a verdict says otherwise is
// kept as a check is, with a task in the queue of changes in the same change of the
// ledger; where it says the same, the verdict that stands goes on standing. One that was
// interrupted is run again, and goes on where it stopped.
//
// It is the centre's own work, asked for by whoever runs its commands: the policy is not
// asked. Every household's authorisation is.
func (d *Desk) Recheck(ctx context.Context, c Caller, o RecheckOptions) (out *Rechecked, err error) {
	pack := d.o.Packs[o.Scheme]
	if pack == nil {
		return nil, fmt.Errorf("no pack judges the scheme %s", o.Scheme)
	}
	if o.On == 0 {
		o.On = d.Today()
	}
	g, err := d.current.acquire()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.current.release(g)) }()
	v, err := engine.NewVerifier(g.Manifest(), pack, o.On)
	if err != nil {
		return nil, err
	}
	if err := v.Link(ctx, g.Generation); err != nil {
		return nil, err
	}
	r := &rechecking{
		d: d, ctx: ctx, o: &o, g: g, verifier: v, begun: ledger.At(d.o.Now()),
		asking: asking{caller: &c, op: access.RecheckRun, channel: "recheck", own: true, o: CheckOptions{On: o.On, Scheme: o.Scheme}},
		found:  map[string]*registered{}, moves: map[[2]household.Outcome]int64{},
	}
	r.out = &Rechecked{
		Scheme: o.Scheme, Generation: g.id, Run: hashID("run", g.id, pack.Digest, o.On.String(), o.Scheme), Refused: map[string]int64{},
	}
	v.Warrant(r)
	if err := r.run(); err != nil {
		return nil, err
	}
	return r.out, nil
}

// rechecking is one recheck on its way. It is the register of authorisations that its
// verifier asks, and the keeper of what is found.
type rechecking struct {
	d        *Desk
	ctx      context.Context //nolint:containedctx // of the recheck, which is one call
	o        *RecheckOptions
	g        *generation
	verifier *engine.Verifier
	begun    ledger.Instant // before anything was judged
	asking   asking
	selected map[string]*recheck.Selected // by household
	slots    [][]*reverified
	out      *Rechecked
	moves    map[[2]household.Outcome]int64
	done     int64

	mu    sync.Mutex
	found map[string]*registered // by household: the authorisation as it was judged
}

var _ recheck.Keeper = (*rechecking)(nil)

func (r *rechecking) run() error {
	d, out := r.d, r.out
	touched, err := d.touched(r.ctx)
	if err != nil {
		return err
	}
	registry := register.New(r.ctx, register.Options{
		Ledger: d.o.Ledger, Scheme: r.o.Scheme, Today: d.Today(), Touched: touched,
		Request: func(ctx context.Context, number string) ([]byte, error) {
			line, err := d.standingRequest(ctx, number, r.o.Scheme)
			if err == nil && line == nil {
				err = fmt.Errorf("household %s: the ledger does not have its request", number)
			}
			return line, err
		},
	})
	who := r.asking.caller.who()
	o := &recheck.Options{
		Registry: registry, Generations: d.o.Store, Generation: r.g.Generation, Verifier: r.verifier, Scheme: r.o.Scheme,
		Program: d.o.Program, Full: r.o.Full, Audit: &lookAs{d.o.Audit, who, word(r.o.Scheme)}, Workers: r.o.Workers, Keeper: r,
	}
	s, err := recheck.Select(r.ctx, o)
	if err != nil {
		return err
	}
	out.Registered, out.Reasons, out.People = s.Registered, s.Reasons, s.Changed
	s.Households = slices.DeleteFunc(s.Households, func(x recheck.Selected) bool { return x.Last.On > r.o.On })
	r.selected = make(map[string]*recheck.Selected, len(s.Households))
	for i := range s.Households {
		r.selected[s.Households[i].Last.Household] = &s.Households[i]
	}
	upstream := r.upstream(s)
	out.Again, out.Upstream = int64(len(s.Households)), int64(len(upstream))
	for _, n := range s.Same {
		out.Later -= n
	}
	out.Later += s.Registered - out.Again - out.Upstream
	if r.o.DryRun {
		return nil
	}
	e := r.asking.caller.event(access.RecheckRun, r.g.id)
	e.Purpose, e.Outcome = word(r.o.Scheme), audit.Done
	if err := d.note(e); err != nil {
		return err
	}
	if err := r.waitAll(upstream); err != nil {
		return err
	}
	if err := recheck.Run(r.ctx, o, s.Households, nil); err != nil {
		return err
	}
	for m, n := range r.moves {
		out.Moves = append(out.Moves, Move{m[0], m[1], n})
	}
	slices.SortFunc(out.Moves, func(a, b Move) int { return cmp.Or(cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After)) })
	return nil
}

// upstream takes those out of a selection whose verdict rests on what another node holds:
// from here they would look as if that had vanished.
func (r *rechecking) upstream(s *recheck.Selection) (numbers []string) {
	s.Households = slices.DeleteFunc(s.Households, func(x recheck.Selected) bool {
		if x.Reasons&recheck.Upstream == 0 {
			return false
		}
		numbers = append(numbers, x.Last.Household)
		return true
	})
	return numbers
}

// waitAll has the upper node asked again about households, by whoever asks it.
func (r *rechecking) waitAll(numbers []string) error {
	for _, number := range numbers {
		h, err := find[ledger.Household](r.ctx, r.d.o.Ledger, ledger.HouseholdID(number, r.o.Scheme))
		if err != nil {
			return err
		}
		t, err := find[ledger.Task](r.ctx, r.d.o.Ledger, waitID(number, r.o.Scheme))
		if err != nil {
			return err
		}
		if h == nil {
			continue
		}
		next, err := waitFor(t, number, h.Division, &storedWait{Scheme: r.o.Scheme, On: r.o.On}, r.begun)
		if err != nil {
			return err
		}
		if err := r.d.putWait(r.ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// touched are the households whose records somebody objects to, or did, and when anything
// was last said of that.
func (d *Desk) touched(ctx context.Context) (map[string]ledger.Instant, error) {
	out := map[string]ledger.Instant{}
	set := func(id string, at ledger.Instant) { out[id] = max(out[id], at) }
	err := d.o.Ledger.Scan(ctx, ledger.KindObjection, func(row *ledger.Row) error {
		e, err := ledger.Decode(*row)
		if err != nil {
			return err
		}
		o, ok := e.(*ledger.Objection)
		if !ok {
			return fmt.Errorf("objection %s is of another kind", row.ID)
		}
		s, err := objectionBody(o)
		if err != nil {
			return err
		}
		at := max(o.At, ledger.Instant(s.DecidedAt))
		for scheme := range d.o.Packs {
			set(ledger.HouseholdID(o.Household, scheme), at)
		}
		return ledger.All(ctx, d.o.Ledger, ledger.HouseholdsOfPerson(o.Record), func(h *ledger.Household) error {
			set(h.Key(), at)
			return nil
		})
	})
	return out, ledgerError(err)
}

// standingRequest is the request that the standing verdict on a household answers, nil
// when there is none.
func (d *Desk) standingRequest(ctx context.Context, number, scheme string) ([]byte, error) {
	row, err := d.o.Ledger.Get(ctx, ledger.KindHousehold, ledger.HouseholdID(number, scheme))
	if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) {
		return nil, nil
	}
	if err != nil {
		return nil, ledgerError(err)
	}
	var s register.State
	asked := ""
	if new(register.Decoder).Decode(row.Body, &s) == nil {
		asked = s.Asked
	}
	if asked == "" { // from before states were kept, or by another version
		e, err := ledger.Decode(row)
		if err != nil {
			return nil, err
		}
		state, ok := e.(*ledger.Household)
		if !ok {
			return nil, fmt.Errorf("household %s is of another kind", row.ID)
		}
		v, err := find[ledger.Verdict](ctx, d.o.Ledger, state.Verdict)
		if err != nil || v == nil {
			return nil, err
		}
		asked = v.Request
	}
	q, err := find[ledger.Request](ctx, d.o.Ledger, asked)
	if err != nil || q == nil {
		return nil, err
	}
	said, err := declarationIn(q)
	if err != nil {
		return nil, err
	}
	return said.Line, nil
}

// Warrant implements engine.Warrants. It keeps the authorisation that was judged, for
// nothing may be kept under another state of it.
func (r *rechecking) Warrant(q engine.Asked) (engine.Warrant, error) {
	w, found, err := warrant(r.ctx, r.d.o.Ledger, q, r.d.o.Now(), nil)
	if err == nil && w.Refusal == "" {
		r.mu.Lock()
		r.found[q.Request.HouseholdID] = found
		r.mu.Unlock()
	}
	return w, err
}

// lookAs takes down looks in the name of whoever asked for them.
type lookAs struct {
	Audit
	who     audit.Who
	purpose string
}

func (a *lookAs) Begin(l audit.Look) (audit.Token, error) {
	l.Who, l.Purpose = a.who, a.purpose
	return a.Audit.Begin(l)
}
