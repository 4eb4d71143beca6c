package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/rules"
)

// rowKind says what a record is to the household.
type rowKind uint8

const (
	rowConflict   rowKind = iota // another name under the member's document
	rowIncome                    // counts in a line
	rowUnplaced                  // a bare year that is not the window
	rowOneOff                    // one-off receipt in the window
	rowEmployment                // contribution as an employee in the window
	rowVehicle
	rowUnit
	rowAccount  // the newest balance of a member and account, or one on its way to be
	rowOpen     // income of which nobody knows whether the law counts it
	rowDeceased // of the register
	rowApart
	rowWithheld // counts for nothing while somebody objects to it
)

// row is one record that a finding may rest on.
type row struct {
	kind    rowKind
	source  household.Source
	grade   household.Grade // of every kind but rowConflict
	link    identity.Tier   // 0 for the exact tiers, which the forms of the document tell
	line    household.LineType
	aside   bool   // of rowAccount: its purpose leaves it out
	dead    bool   // of rowAccount: not the newest
	double  bool   // of assets: of one that may be the same as another
	member  int32  // index into plan.members
	entry   int32  // index into Worker.entries
	index   int32  // index into the list of the source in the entry's profile
	month   int32  // of flows: index in the window, or its length for a bare year
	sets    uint64 // of assets: the sets it belongs to
	thing   string // of assets: what is one and the same thing
	inst    string // of rowAccount: institution
	origin  *profile.Origin
	period  household.Period
	special int32         // of rowOpen: index into Law.Exclusions; of assets: into Worker.exempted, from 1; else 0
	amount  household.Fen // counted with grades A and B
	share   household.Fen // of rowAccount: the member's part, before an account is held to its balance
	strong  household.Fen // counted with grade A alone; rowAccount only
}

// gather sorts the records of one member, which lie under the member's document.
func (w *Worker) gather(member int, p *profile.Profile) error {
	w.agrees = w.agrees[:0]
	for i := range p.Owners {
		a := agreement{use: otherName}
		switch p.Owners[i].Name {
		case "":
			a.use = nameless
		case w.plan.members[member].name:
			a.use = sameName
		}
		w.agrees = append(w.agrees, a)
	}
	if err := w.marks(p); err != nil {
		return err
	}
	return w.records(member, w.plan.keys[member], p)
}

// marks takes down whose quarantined rows an entry has.
func (w *Worker) marks(p *profile.Profile) error {
	for _, m := range p.Marks {
		if !w.plan.allowed[m.Source] {
			continue
		}
		s, err := w.v.locate(m.Snapshot, m.Source)
		if err != nil {
			return err
		}
		w.seen[s.provider] |= seenMark
	}
	return nil
}

// records sorts the records of an entry, whose owners stand to the member as
// w.agrees says.
func (w *Worker) records(member int, key household.PersonKey, p *profile.Profile) error {
	w.entries = append(w.entries, entry{p, key})
	w.proto = row{member: int32(member), entry: int32(len(w.entries) - 1)}
	if w.plan.allowed[household.Tax] {
		for i := range p.Tax {
			if err := w.tax(i, &p.Tax[i]); err != nil {
				return err
			}
		}
	}
	if w.plan.allowed[household.Vehicle] {
		for i := range p.Vehicle {
			if err := w.vehicle(i, &p.Vehicle[i]); err != nil {
				return err
			}
		}
	}
	if w.plan.allowed[household.Property] {
		for i := range p.Property {
			if err := w.unit(i, &p.Property[i]); err != nil {
				return err
			}
		}
	}
	if w.plan.allowed[household.Bank] {
		for i := range p.Bank {
			if err := w.balance(i, &p.Bank[i]); err != nil {
				return err
			}
		}
	}
	if w.plan.allowed[household.Insurance] {
		for i := range p.Insurance {
			if err := w.insurance(i, &p.Insurance[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// belongs decides whether a record counts for the member, and takes down that its
// provider has one. A record of another name is kept as a conflict, one without a
// name is only known to be there. What counts gets a row, the last of w.rows; it is
// nil otherwise, and drop takes back one that comes to nothing.
func (w *Worker) belongs(index int, s household.Source, o *profile.Origin) (*row, error) {
	snap, err := w.v.locate(o.Snapshot, s)
	if err != nil {
		return nil, err
	}
	a := &w.ownerless
	if o.Owner >= len(w.agrees) {
		return nil, profile.ErrDamaged
	} else if o.Owner >= 0 {
		a = &w.agrees[o.Owner]
	}
	if a.use != toConfirm && a.use != nobody {
		w.seen[snap.provider] |= seenRecord
	}
	if w.trace != nil {
		w.trace(w.traced(s, o, a))
	}
	if a.use == nameless || a.use == nobody || len(w.plan.warrant.Withheld) > 0 && w.withheld(s, index, snap.provider) {
		return nil, nil
	}
	w.rows = append(w.rows, w.proto)
	r := &w.rows[len(w.rows)-1]
	r.source, r.index, r.origin, r.link, r.grade = s, int32(index), o, a.link, w.view.grades[o.Snapshot]
	switch a.use {
	case toConfirm:
		r.grade = household.GradeC
		w.unconfirmed = true
	case otherName:
		r.kind, r.grade = rowConflict, household.GradeNone
		// Not of grade A, so that a conflict can never carry a strong effect.
		addGraded(&w.members[r.member].conflicts, 1, household.GradeNone)
		return nil, nil // the conflict is all it is
	}
	return r, nil
}

// drop takes back the row that belongs gave last.
func (w *Worker) drop() { w.rows = w.rows[:len(w.rows)-1] }

func (w *Worker) tax(index int, t *profile.Tax) error {
	r, err := w.belongs(index, household.Tax, &t.Origin)
	if r == nil {
		return err
	}
	v, law := w.span, w.law
	if int(t.IncomeType) >= len(household.IncomeTypes) {
		return profile.ErrDamaged
	}
	in, touches := false, false
	month := int32(v.window.Len()) // the cell of a bare year that is the window
	if m, ok := t.Period.Month(); ok {
		in = v.window.Contains(m)
		touches = in
		month = int32(m - v.window.From)
		if in && law.Employment.ExplainedBy.Has(t.IncomeType) {
			// What has to be confirmed explains nothing: it never takes a finding away.
			if r.grade != household.GradeC {
				f := waged
				if r.grade == household.GradeA {
					f |= wagedA
				}
				w.months[int(r.member)*v.window.Len()+int(m-v.window.From)] |= f
			}
		}
	} else if year, ok := t.Period.BareYear(); ok {
		in = year == v.year
		touches = v.window.TouchesYear(year)
	}
	treatment, steady := w.treatment(t)
	in = in && steady
	r.period, r.month = t.Period, month
	r.amount = treatment.Amount.OfTax(t.Income, t.OwnInsurance, t.Tax)
	switch {
	case touches && treatment.Class == rules.OneOff && r.amount > 0:
		r.kind = rowOneOff
		addGraded(&w.members[r.member].oneOff, 1, r.grade)
	case in && treatment.Class == rules.Excluded:
		w.exclude(treatment, r)
	case in && treatment.Class == rules.OpenQuestion && r.amount > 0:
		r.kind, r.special = rowOpen, int32(treatment.Exclusion)
	case !touches || treatment.Class != rules.Counted:
		w.drop()
	case in:
		w.count(treatment.Line, r)
	case r.amount > 0:
		r.kind = rowUnplaced
		addGraded(&w.members[r.member].unplaced, 1, r.grade)
	default:
		w.drop()
	}
	return nil
}

// treatment is how the law treats a tax record. steady is false for one of a bare year
// in which the law does not treat such money the same in every month.
func (w *Worker) treatment(t *profile.Tax) (found *rules.Treatment, steady bool) {
	if year, ok := t.Period.BareYear(); ok {
		return w.law.OfYear(year, t.IncomeType)
	}
	m, _ := t.Period.Month()
	return &w.law.IncomeOf(m).Tax[t.IncomeType], true
}

func (w *Worker) insurance(index int, t *profile.Insurance) error {
	r, err := w.belongs(index, household.Insurance, &t.Origin)
	if r == nil {
		return err
	}
	v, law := w.span, w.law
	if int(t.Scheme) >= len(household.InsuranceSchemes) || int(t.Role) >= len(household.InsuranceRoles) || int(t.Identity) >= len(household.InsuranceIdentities) {
		return profile.ErrDamaged
	}
	treatment, e := &law.IncomeOf(t.Month).Insurance[t.Role][t.Scheme], &law.Employment
	counts := treatment.Class == rules.Counted
	employment := e.Schemes.Has(t.Scheme) && e.Roles.Has(t.Role) && e.Identities.Has(t.Identity)
	if !v.window.Contains(t.Month) {
		w.drop()
		return nil
	}
	if treatment.Class == rules.OpenQuestion || treatment.Class == rules.Excluded && treatment.Exclusion >= 0 {
		if err := w.setAside(r, treatment, t); err != nil || !employment {
			return err
		}
		r = &w.rows[len(w.rows)-1]
	}
	if !counts && !employment {
		w.drop()
		return nil
	}
	r.period, r.month = household.MonthPeriod(t.Month), int32(t.Month-v.window.From)
	if employment {
		w.months[int(r.member)*v.window.Len()+int(r.month)] |= employed(r.grade)
		if counts { // a record that is both has a row for each
			w.rows = append(w.rows, *r)
			r = &w.rows[len(w.rows)-2]
			w.rows[len(w.rows)-1].kind, w.rows[len(w.rows)-1].amount = rowEmployment, t.Base
		} else {
			r.kind, r.amount = rowEmployment, t.Base
		}
	}
	if counts {
		r.amount = treatment.Amount.OfInsurance(t.Base, t.Benefit)
		w.count(treatment.Line, r)
	}
	return nil
}

// exclude takes down what the law leaves out, where it says so by a code.
func (w *Worker) exclude(t *rules.Treatment, r *row) {
	if t.Exclusion >= 0 && r.grade != household.GradeC {
		w.excluded[int(r.member)*len(w.law.Exclusions)+t.Exclusion] += r.amount
	}
	w.drop()
}

// setAside takes down a benefit that the law leaves out or says nothing of. The row it
// gives back, for what else the record is, is the last.
func (w *Worker) setAside(r *row, t *rules.Treatment, x *profile.Insurance) error {
	r.period, r.month = household.MonthPeriod(x.Month), int32(x.Month-w.span.window.From)
	r.amount = t.Amount.OfInsurance(x.Base, x.Benefit)
	again := *r
	if t.Class == rules.Excluded {
		w.exclude(t, r)
	} else if r.amount > 0 {
		r.kind, r.special = rowOpen, int32(t.Exclusion)
	} else {
		w.drop()
	}
	if e := &w.law.Employment; e.Schemes.Has(x.Scheme) && e.Roles.Has(x.Role) && e.Identities.Has(x.Identity) {
		again.amount = 0
		w.rows = append(w.rows, again)
	}
	return nil
}

// count adds a record to its cell: member, type and month.
func (w *Worker) count(t household.LineType, r *row) {
	line := int(r.member)*household.NumLineTypes + int(t)
	l := &w.lines[line]
	if r.grade != household.GradeC {
		l.given = true
	}
	if !l.touched {
		l.touched = true
		clear(w.cells[line*w.perLine : (line+1)*w.perLine])
	}
	w.cells[line*w.perLine+int(r.month)].add(int64(r.amount), r.grade)
	r.kind, r.line = rowIncome, t
}

func (w *Worker) vehicle(index int, t *profile.Vehicle) error {
	r, err := w.belongs(index, household.Vehicle, &t.Origin)
	if r == nil {
		return err
	}
	if t.RegisteredOn > w.v.on {
		w.drop()
		return nil
	}
	attrs := [rules.NumAttrs]uint8{rules.AttrKind: t.Class, rules.AttrStatus: t.Status, rules.AttrUse: t.Use, rules.AttrDeclared: rules.DeclaredNo}
	if t.Plate != "" && slices.Contains(w.plan.plates, t.Plate) {
		attrs[rules.AttrDeclared] = rules.DeclaredYes
	}
	r.kind, r.thing = rowVehicle, t.VIN
	if r.thing == "" {
		r.thing = t.Plate
	}
	if n := w.law.LapsedMonths; n > 0 && t.InspectionDue != 0 && int(w.v.on.MonthOf()-t.InspectionDue.MonthOf()) > n && r.grade == household.GradeA {
		r.grade = household.GradeB // probably scrapped or sold long ago and never deregistered
	}
	w.asset(r, rules.KindVehicle, &attrs, size{value: int64(t.Value)}, t.Plate)
	return nil
}

func (w *Worker) unit(index int, t *profile.Property) error {
	r, err := w.belongs(index, household.Property, &t.Origin)
	if r == nil {
		return err
	}
	if t.RegisteredOn > w.v.on {
		w.drop()
		return nil
	}
	attrs := [rules.NumAttrs]uint8{rules.AttrKind: t.Kind, rules.AttrStatus: t.Status, rules.AttrDeclared: rules.DeclaredNo}
	if t.UnitCode != "" && slices.Contains(w.plan.units, t.UnitCode) || t.CertificateNo != "" && slices.Contains(w.plan.units, t.CertificateNo) {
		attrs[rules.AttrDeclared] = rules.DeclaredYes
	}
	r.kind, r.thing = rowUnit, t.Unit()
	w.asset(r, rules.KindUnit, &attrs, size{int64(t.Value), t.Area, t.Share}, t.UnitCode, t.CertificateNo)
	return nil
}

// asset keeps a vehicle or a unit that belongs to some set.
func (w *Worker) asset(r *row, k rules.Kind, attrs *[rules.NumAttrs]uint8, z size, names ...string) {
	for _, i := range w.law.SetsOf(k) {
		s := &w.law.Sets[i]
		switch {
		case !s.Where.Match(attrs):
			continue
		case s.Plain():
			r.sets |= 1 << i
			continue
		case !w.beyond(s, z.value, z.area, z.share):
			continue
		}
		out, open, limited := w.exempts(s, z.value, z.area, names...)
		w.limited = w.limited || limited
		if !out {
			r.sets |= 1 << i
		}
		if out || open {
			w.exemption(r, out, 1<<i)
		}
	}
	if r.sets == 0 && r.special == 0 {
		w.drop()
	}
}

// size is what sets may ask of an asset besides its codes; 0 for what the record does
// not say.
type size struct {
	value int64 // fen
	area  int64 // cm²
	share household.Share
}

func (w *Worker) balance(index int, t *profile.Bank) error {
	r, err := w.belongs(index, household.Bank, &t.Origin)
	if r == nil {
		return err
	}
	if t.BalanceOn > w.v.on {
		w.drop()
		return nil
	}
	attrs := [rules.NumAttrs]uint8{rules.AttrKind: t.Kind, rules.AttrStatus: t.Purpose}
	r.kind, r.inst, r.thing = rowAccount, t.Institution, t.AccountNo
	r.amount, r.aside = t.Share.Of(t.Balance), !w.law.Financial.Match(&attrs)
	for _, i := range w.law.SetsOf(rules.KindAccount) {
		if s := &w.law.Sets[i]; s.Where.Match(&attrs) && w.beyond(s, 0, 0, t.Share) {
			r.sets |= 1 << i
		}
	}
	return nil
}
