package upkeep

import (
	"fmt"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

func segment(n int) string { return fmt.Sprintf("%06d", n) }

// What is known of dossiers while a plan is made: a little for every household and case,
// never a body.
type dossiers struct {
	*planner
	before, contest time.Time
	// busy are households about which something is open or young; the time is that of the
	// youngest thing about the others.
	busy   map[string]string // household → why
	newest map[string]string // verdict → its household: the newest, of a valid authorisation
	number map[string]string // household → an authorisation, for the audit log
	open   map[string]bool   // verdict → people have not finished with it, or only just
}

// dossiers plans what the ledger holds of households. A dossier goes as a whole: when
// every authorisation has ended, nothing about it is open, and the youngest thing in it
// is older than the rule keeps. A household that goes on being verified keeps its newest
// verdicts and those whose time is not over; older ones go before.
func (p *planner) dossiers() error {
	if p.o.Ledger == nil {
		return nil
	}
	d := &dossiers{
		planner: p, before: p.o.Rules.before(RuleDossiers, p.o.Now), contest: p.o.Now.AddDate(0, -contestMonths, 0),
		busy: map[string]string{}, newest: map[string]string{}, number: map[string]string{}, open: map[string]bool{},
	}
	for _, step := range []func() error{
		d.readAuthorizations, d.readHouseholds, d.readVerdicts, d.readRequests, d.readCases, d.readObjections, d.readTasks, d.readReports,
		d.verdicts, d.requests, d.reports, d.cases, d.objections, d.households, d.authorizations,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// keepAll says why the dossier of a household does not go as a whole. That something is
// open comes before everything else: then none of it goes.
func (d *dossiers) keepAll(household, why string) {
	if d.busy[household] == "" || why == becauseOpen {
		d.busy[household] = why
	}
}

func (d *dossiers) young(t time.Time) bool { return !t.Before(d.before) }

func bare(q ledger.Query) ledger.Query {
	q.Bare = true
	return q
}

func (d *dossiers) readAuthorizations() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindAuthorization)), func(a *ledger.Authorization) error {
		d.number[a.Household] = a.Number
		if !d.ended(a) {
			d.keepAll(a.Household, becauseCurrent)
		}
		return nil
	})
}

// ended reports whether an authorisation ended longer ago than it is kept. A withdrawn
// one ends with its last day too: when it was withdrawn is not what it is found by.
func (d *dossiers) ended(a *ledger.Authorization) bool {
	return !d.young(dayTime(a.To).AddDate(0, 0, 1)) && !d.young(a.At.Time())
}

func (d *dossiers) readHouseholds() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindHousehold)), func(h *ledger.Household) error {
		if d.young(h.At.Time()) {
			d.keepAll(h.Number, becauseYoung)
		}
		d.newest[h.Verdict] = h.Number
		return nil
	})
}

func (d *dossiers) readVerdicts() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindVerdict)), func(v *ledger.Verdict) error {
		if d.young(v.At.Time()) {
			d.keepAll(v.Household, becauseYoung)
		}
		return nil
	})
}

func (d *dossiers) readRequests() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindRequest)), func(r *ledger.Request) error {
		if d.young(r.At.Time()) {
			d.keepAll(r.Household, becauseYoung)
		}
		return nil
	})
}

func (d *dossiers) readCases() error {
	return ledger.All(d.ctx, d.o.Ledger, ledger.Every(ledger.KindCase), func(c *ledger.Case) error {
		end, over := d.o.CaseEnd(c)
		switch {
		case !over:
			d.keepAll(c.Household, becauseOpen)
			d.open[c.Verdict] = true
		case d.young(end):
			d.keepAll(c.Household, becauseYoung)
			d.open[c.Verdict] = d.open[c.Verdict] || !end.Before(d.contest)
		}
		return nil
	})
}

// The states in which nothing is to be done any more. Any other is open: what this
// program does not know stays.
var (
	overObjections = map[string]bool{"upheld": true, "rejected": true}
	overTasks      = map[string]bool{"done": true, "closed": true}
)

func (d *dossiers) readObjections() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindObjection)), func(o *ledger.Objection) error {
		switch {
		case !overObjections[o.State]:
			d.keepAll(o.Household, becauseOpen)
		case d.young(o.At.Time()):
			d.keepAll(o.Household, becauseYoung)
		}
		return nil
	})
}

func (d *dossiers) readTasks() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindTask)), func(t *ledger.Task) error {
		if t.Household != "" && !overTasks[t.State] {
			d.keepAll(t.Household, becauseOpen)
		}
		return nil
	})
}

func (d *dossiers) readReports() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindReport)), func(r *ledger.IssuedReport) error {
		if d.young(r.At.Time()) {
			d.keepAll(r.Household, becauseYoung)
		}
		return nil
	})
}

// erase plans that an entry goes.
func (d *dossiers) erase(e ledger.Entry, household string, since time.Time) {
	d.goes(Item{
		Rule: RuleDossiers, Kind: e.Kind().String(), ID: e.Key(), Since: since, op: ledger.Erase(e),
		household: audit.Subject{Household: household, Authorization: d.number[household]},
	})
}

// old says of an entry that is one of many of its household whether it goes: with the
// dossier, or before it when its own time is over and nothing is open.
func (d *dossiers) old(household string, at time.Time) bool {
	return !d.young(at) && d.busy[household] != becauseOpen
}

func (d *dossiers) verdicts() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindVerdict)), func(v *ledger.Verdict) error {
		at := v.At.Time()
		_, newest := d.newest[v.ID]
		if d.open[v.ID] || !at.Before(d.contest) || newest && d.busy[v.Household] != "" {
			d.contested[v.Generation] = true
		}
		switch {
		case d.busy[v.Household] == "":
			d.erase(v, v.Household, at)
		case newest:
			d.keep(RuleDossiers, "verdict", becauseNewest)
		case !d.old(v.Household, at):
			d.keep(RuleDossiers, "verdict", d.why(v.Household, at))
		case d.open[v.ID]:
			d.keep(RuleDossiers, "verdict", becauseContest)
		default:
			d.erase(v, v.Household, at)
		}
		return nil
	})
}

func (d *dossiers) why(household string, at time.Time) string {
	if d.young(at) {
		return becauseYoung
	}
	return d.busy[household]
}

func (d *dossiers) requests() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindRequest)), func(r *ledger.Request) error {
		at := r.At.Time()
		_, newest := d.newest[r.Verdict]
		switch {
		case d.busy[r.Household] == "":
			d.erase(r, r.Household, at)
		case !d.old(r.Household, at):
			d.keep(RuleDossiers, "request", d.why(r.Household, at))
		case r.Verdict != "" && (newest || d.open[r.Verdict]):
			d.keep(RuleDossiers, "request", becauseRefer)
		default:
			d.erase(r, r.Household, at)
		}
		return nil
	})
}

// A report has its own copy of what it says, and refers to nothing that must stay.
func (d *dossiers) reports() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindReport)), func(r *ledger.IssuedReport) error {
		at := r.At.Time()
		if d.busy[r.Household] == "" || d.old(r.Household, at) {
			d.erase(r, r.Household, at)
		} else {
			d.keep(RuleDossiers, "report", d.why(r.Household, at))
		}
		return nil
	})
}

// Cases, objections, states and authorisations go with the dossier.
func (d *dossiers) whole(e ledger.Entry, household string, since time.Time) {
	if why := d.busy[household]; why != "" {
		d.keep(RuleDossiers, e.Kind().String(), why)
		return
	}
	d.erase(e, household, since)
}

func (d *dossiers) cases() error {
	return ledger.All(d.ctx, d.o.Ledger, ledger.Every(ledger.KindCase), func(c *ledger.Case) error {
		end, _ := d.o.CaseEnd(c)
		d.whole(c, c.Household, end)
		return nil
	})
}

func (d *dossiers) objections() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindObjection)), func(o *ledger.Objection) error {
		d.whole(o, o.Household, o.At.Time())
		return nil
	})
}

func (d *dossiers) households() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindHousehold)), func(h *ledger.Household) error {
		d.whole(h, h.Number, h.At.Time())
		return nil
	})
}

func (d *dossiers) authorizations() error {
	return ledger.All(d.ctx, d.o.Ledger, bare(ledger.Every(ledger.KindAuthorization)), func(a *ledger.Authorization) error {
		d.whole(a, a.Household, dayTime(max(a.To, household.Date(19700101))))
		return nil
	})
}
