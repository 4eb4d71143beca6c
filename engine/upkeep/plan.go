package upkeep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// RetainOptions of PlanRetention.
type RetainOptions struct {
	Data   string
	Now    time.Time
	Rules  Retention
	Keys   *keyring.Ring // of an encrypted directory
	Ledger ledger.Ledger // nil when there is none
	// CaseEnd is when people were finished with a case, as whoever wrote its body knows;
	// false while they are not. Required with a ledger.
	CaseEnd func(*ledger.Case) (time.Time, bool)
	// Log and Stub remove segments of the audit log; without Stub none are.
	Log  *audit.Log
	Stub audit.Signer
}

// Item is one thing whose time is over.
type Item struct {
	Rule  string
	Kind  string // snapshot, generation, segment, or the kind of a ledger's entry
	ID    string
	Since time.Time // what it was kept from on
	Bytes int64     // that it frees, 0 when not known

	op        ledger.Op
	household audit.Subject
	batch     string // that it belongs to
}

// Kept says how many things of a kind stay, and why.
type Kept struct {
	Rule, Kind, Why string
	Count           int
}

// Plan is what the rules say at one time. It changes nothing.
type Plan struct {
	Items []Item
	Kept  []Kept
}

// Why something is kept.
const (
	becauseYoung   = "young"      // its time is not over
	becauseOpen    = "open"       // something about it is open
	becauseCurrent = "current"    // it is in use
	becausePinned  = "pinned"     // a generation was made of it
	becauseContest = "contest"    // a verdict that can be contested rests on it
	becauseUnknown = "unknown"    // when it ended can't be told
	becauseNewest  = "newest"     // there is no newer one
	becauseRefer   = "referenced" // something that stays speaks of it
)

type planner struct {
	ctx  context.Context //nolint:containedctx // a planner lives as long as one call
	o    RetainOptions
	plan *Plan
	kept map[Kept]int
	// generations that verdicts rest on which can be contested
	contested map[string]bool
}

func (p *planner) keep(rule, kind, why string) { p.kept[Kept{rule, kind, why, 0}]++ }

func (p *planner) goes(i Item) { p.plan.Items = append(p.plan.Items, i) }

// PlanRetention says what goes by the rules and what stays and why.
func PlanRetention(ctx context.Context, o RetainOptions) (*Plan, error) {
	if err := o.Rules.check(); err != nil {
		return nil, err
	}
	if o.Ledger != nil && o.CaseEnd == nil {
		return nil, errors.New("internal: nobody to say when cases ended")
	}
	p := &planner{ctx: ctx, o: o, plan: &Plan{}, kept: map[Kept]int{}, contested: map[string]bool{}}
	for _, step := range []func() error{p.dossiers, p.batches, p.audit, p.generations, p.snapshots} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	for k, n := range p.kept {
		k.Count = n
		p.plan.Kept = append(p.plan.Kept, k)
	}
	slices.SortFunc(p.plan.Kept, func(a, b Kept) int {
		return slices.Compare([]string{a.Rule, a.Kind, a.Why}, []string{b.Rule, b.Kind, b.Why})
	})
	return p.plan, nil
}

func (p *planner) audit() error {
	if p.o.Log == nil {
		return nil
	}
	stubs, err := p.o.Log.Prune(p.ctx, audit.PruneOptions{Months: p.o.Rules.of(RuleAudit).Months, DryRun: true})
	if err != nil {
		return err
	}
	for _, s := range stubs {
		if p.o.Stub == nil {
			p.keep(RuleAudit, "segment", "no_key")
			continue
		}
		newest, err := time.Parse(time.RFC3339, s.Newest)
		if err != nil {
			return audit.ErrDamaged
		}
		p.goes(Item{Rule: RuleAudit, Kind: "segment", ID: segment(s.Segment), Since: newest})
	}
	return nil
}

func (p *planner) generations() error {
	st, err := store.OpenDirWith(p.o.Data, store.DirOptions{Keys: p.o.Keys})
	if err != nil {
		return err
	}
	ids, err := st.List()
	if err != nil {
		return err
	}
	current, err := st.Current()
	if err != nil && !errors.Is(err, store.ErrNoCurrent) {
		return err
	}
	before := p.o.Rules.before(RuleGenerations, p.o.Now)
	for _, id := range ids {
		dir := filepath.Join(p.o.Data, generationsDir, id)
		info, err := os.Stat(filepath.Join(dir, "manifest.json"))
		if err != nil {
			return err
		}
		switch {
		case id == current, current == "":
			p.keep(RuleGenerations, "generation", becauseCurrent)
		case p.contested[id]:
			p.keep(RuleGenerations, "generation", becauseContest)
		case !info.ModTime().Before(before):
			p.keep(RuleGenerations, "generation", becauseYoung)
		default:
			n, err := size(dir)
			if err != nil {
				return err
			}
			p.goes(Item{Rule: RuleGenerations, Kind: "generation", ID: id, Since: info.ModTime().UTC(), Bytes: n})
		}
	}
	return nil
}

func (p *planner) snapshots() error {
	dir, err := snapshot.OpenDirWith(p.o.Data, snapshot.Options{Keys: p.o.Keys})
	if err != nil {
		return err
	}
	entries, err := dir.List()
	if errors.Is(err, snapshot.ErrNoData) {
		return nil
	}
	if err != nil {
		return err
	}
	pins, err := p.pins(entries)
	if err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		rule, since, why, err := p.snapshot(dir, entries, e)
		switch {
		case err != nil:
			return err
		case pins[e.ID]:
			p.keep(rule, "snapshot", becausePinned)
		case why != "":
			p.keep(rule, "snapshot", why)
		case !since.Before(p.o.Rules.before(rule, p.o.Now)):
			p.keep(rule, "snapshot", becauseYoung)
		default:
			n, err := size(dir.Path(e.ID))
			if err != nil {
				return err
			}
			p.goes(Item{Rule: rule, Kind: "snapshot", ID: e.ID, Since: since, Bytes: n})
		}
	}
	return nil
}

// snapshot says by which rule a snapshot is judged and from when on, or why it stays.
func (p *planner) snapshot(dir *snapshot.Dir, entries []snapshot.Entry, e *snapshot.Entry) (rule string, since time.Time, why string, err error) {
	rule = RuleOutdated
	if e.State == snapshot.Superseded {
		rule, why = RuleSuperseded, becauseUnknown
		for k := range entries {
			o := &entries[k]
			if o.ID == e.ID || !o.Same(e) || o.AsOf != e.AsOf {
				continue
			}
			info, err := os.Stat(filepath.Join(dir.Path(o.ID), "manifest.json"))
			if err != nil {
				return "", time.Time{}, "", err
			}
			if t := info.ModTime().UTC(); t.After(since) {
				since, why = t, ""
			}
		}
		return rule, since, why, nil
	}
	newer := slices.ContainsFunc(entries, func(o snapshot.Entry) bool {
		return o.State == snapshot.Active && o.Same(e) && o.AsOf > e.AsOf
	})
	switch {
	case e.Source.IsFlow() && e.State == snapshot.Active:
		why = becauseCurrent // a later delivery needs not cover its months
	case !newer:
		why = becauseNewest
	}
	return rule, dayTime(e.AsOf), why, nil
}

// pins are the snapshots that generations were made of which stay.
func (p *planner) pins(entries []snapshot.Entry) (map[string]bool, error) {
	going := map[string]bool{}
	for i := range p.plan.Items {
		if p.plan.Items[i].Kind == "generation" {
			going[p.plan.Items[i].ID] = true
		}
	}
	st, err := store.OpenDirWith(p.o.Data, store.DirOptions{Keys: p.o.Keys})
	if err != nil {
		return nil, err
	}
	ids, err := st.List()
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(entries))
	for _, id := range ids {
		if going[id] {
			continue
		}
		g, err := st.Open(id)
		if err != nil {
			return nil, err
		}
		for _, ref := range g.Manifest().Snapshots {
			out[ref.ID] = true
		}
		if err := g.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// dayTime is the beginning of a day.
func dayTime(d household.Date) time.Time {
	return time.Date(d.Year(), time.Month(int(d)/100%100), d.Day(), 0, 0, 0, 0, time.UTC)
}
