package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
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
	rowAccount // the newest balance of a member and account, or one on its way to be
)

// row is one record that a finding may rest on.
type row struct {
	kind   rowKind
	source household.Source
	grade  household.Grade // of every kind but rowConflict
	line   household.LineType
	aside  bool   // of rowAccount: its purpose leaves it out
	dead   bool   // of rowAccount: not the newest
	member int32  // index into plan.members
	index  int32  // index into the profile's list of the source
	month  int32  // of flows: index in the window, or its length for a bare year
	sets   uint64 // of assets: the sets it belongs to
	key    string // of assets: what is one and the same thing
	inst   string // of rowAccount: institution
	origin *profile.Origin
	period household.Period
	amount household.Fen // counted with grades A and B
	share  household.Fen // of rowAccount: the member's part, before an account is held to its balance
	strong household.Fen // counted with grade A alone; rowAccount only
}

// gather sorts the records of one member.
func (w *Worker) gather(member int, p *profile.Profile) error {
	w.agrees = w.agrees[:0]
	for i := range p.Owners {
		a := otherName
		switch p.Owners[i].Name {
		case "":
			a = nameless
		case w.plan.members[member].name:
			a = sameName
		}
		w.agrees = append(w.agrees, a)
	}
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
	if w.plan.allowed[household.Tax] {
		for i := range p.Tax {
			if err := w.tax(member, i, &p.Tax[i]); err != nil {
				return err
			}
		}
	}
	if w.plan.allowed[household.Vehicle] {
		for i := range p.Vehicle {
			if err := w.vehicle(member, i, &p.Vehicle[i]); err != nil {
				return err
			}
		}
	}
	if w.plan.allowed[household.Property] {
		for i := range p.Property {
			if err := w.unit(member, i, &p.Property[i]); err != nil {
				return err
			}
		}
	}
	if w.plan.allowed[household.Bank] {
		for i := range p.Bank {
			if err := w.balance(member, i, &p.Bank[i]); err != nil {
				return err
			}
		}
	}
	if w.plan.allowed[household.Insurance] {
		for i := range p.Insurance {
			if err := w.insurance(member, i, &p.Insurance[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// belongs decides whether a record counts for the member, and takes down that its
// provider has one. A record of another name is kept as a conflict, one without a
// name is only known to be there.
func (w *Worker) belongs(member, index int, s household.Source, o *profile.Origin) (household.Grade, error) {
	snap, err := w.v.locate(o.Snapshot, s)
	if err != nil {
		return 0, err
	}
	if o.Owner >= len(w.agrees) {
		return 0, profile.ErrDamaged
	}
	w.seen[snap.provider] |= seenRecord
	switch {
	case o.Owner < 0 || w.agrees[o.Owner] == nameless:
		return household.GradeNone, nil
	case w.agrees[o.Owner] == otherName:
		w.rows = append(w.rows, row{kind: rowConflict, source: s, member: int32(member), index: int32(index), origin: o})
		// Not of grade A, so that a conflict can never carry a strong effect.
		addGraded(&w.members[member].conflicts, 1, household.GradeNone)
		return household.GradeNone, nil
	}
	return snap.grade, nil
}

func (w *Worker) tax(member, index int, t *profile.Tax) error {
	g, err := w.belongs(member, index, household.Tax, &t.Origin)
	if err != nil || g == household.GradeNone {
		return err
	}
	v := w.v
	if int(t.IncomeType) >= len(household.IncomeTypes) {
		return profile.ErrDamaged
	}
	in, touches := false, false
	month := int32(v.pack.Window.Months) // the cell of a bare year that is the window
	if m, ok := t.Period.Month(); ok {
		in = v.window.Contains(m)
		touches = in
		month = int32(m - v.window.From)
		if in && v.pack.Employment.ExplainedBy.Has(t.IncomeType) {
			w.months[member*v.pack.Window.Months+int(m-v.window.From)] |= waged
		}
	} else if year, ok := t.Period.BareYear(); ok {
		in = year == v.windowYear
		touches = v.window.TouchesYear(year)
	}
	treatment := &v.pack.Income.Tax[t.IncomeType]
	r := row{source: household.Tax, grade: g, member: int32(member), index: int32(index), origin: &t.Origin, period: t.Period, month: month}
	r.amount = treatment.Amount.OfTax(t.Income, t.OwnInsurance, t.Tax)
	switch {
	case !touches:
	case treatment.Class == rules.OneOff:
		if r.amount > 0 {
			r.kind = rowOneOff
			w.rows = append(w.rows, r)
			addGraded(&w.members[member].oneOff, 1, g)
		}
	case treatment.Class != rules.Counted:
	case in:
		w.count(treatment.Line, r)
	case r.amount > 0:
		r.kind = rowUnplaced
		w.rows = append(w.rows, r)
		addGraded(&w.members[member].unplaced, 1, g)
	}
	return nil
}

func (w *Worker) insurance(member, index int, t *profile.Insurance) error {
	g, err := w.belongs(member, index, household.Insurance, &t.Origin)
	if err != nil || g == household.GradeNone {
		return err
	}
	v := w.v
	if int(t.Scheme) >= len(household.InsuranceSchemes) || int(t.Role) >= len(household.InsuranceRoles) || int(t.Identity) >= len(household.InsuranceIdentities) {
		return profile.ErrDamaged
	}
	if !v.window.Contains(t.Month) {
		return nil
	}
	r := row{
		source: household.Insurance, grade: g, member: int32(member), index: int32(index), origin: &t.Origin,
		period: household.MonthPeriod(t.Month), month: int32(t.Month - v.window.From),
	}
	if treatment := &v.pack.Income.Insurance[t.Role][t.Scheme]; treatment.Class == rules.Counted {
		r.amount = treatment.Amount.OfInsurance(t.Base, t.Benefit)
		w.count(treatment.Line, r)
	}
	if e := &v.pack.Employment; e.Schemes.Has(t.Scheme) && e.Roles.Has(t.Role) && e.Identities.Has(t.Identity) {
		r.kind, r.amount = rowEmployment, t.Base
		w.rows = append(w.rows, r)
		flag := employedA
		if g == household.GradeB {
			flag = employedB
		}
		w.months[member*v.pack.Window.Months+int(r.month)] |= flag
	}
	return nil
}

// count adds a record to its cell: member, type and month.
func (w *Worker) count(t household.LineType, r row) {
	line := int(r.member)*household.NumLineTypes + int(t)
	w.lines[line].given = true
	addGraded(&w.cells[line*w.cellsPerLine()+int(r.month)], int64(r.amount), r.grade)
	r.kind, r.line = rowIncome, t
	w.rows = append(w.rows, r)
}

func (w *Worker) vehicle(member, index int, t *profile.Vehicle) error {
	g, err := w.belongs(member, index, household.Vehicle, &t.Origin)
	if err != nil || g == household.GradeNone || t.RegisteredOn > w.v.on {
		return err
	}
	attrs := [rules.NumAttrs]uint8{rules.AttrKind: t.Class, rules.AttrStatus: t.Status, rules.AttrUse: t.Use, rules.AttrDeclared: rules.DeclaredNo}
	if t.Plate != "" && slices.Contains(w.plan.plates, t.Plate) {
		attrs[rules.AttrDeclared] = rules.DeclaredYes
	}
	key := t.VIN
	if key == "" {
		key = t.Plate
	}
	w.asset(row{kind: rowVehicle, source: household.Vehicle, grade: g, member: int32(member), index: int32(index), origin: &t.Origin, key: key}, rules.KindVehicle, &attrs)
	return nil
}

func (w *Worker) unit(member, index int, t *profile.Property) error {
	g, err := w.belongs(member, index, household.Property, &t.Origin)
	if err != nil || g == household.GradeNone || t.RegisteredOn > w.v.on {
		return err
	}
	attrs := [rules.NumAttrs]uint8{rules.AttrKind: t.Kind, rules.AttrStatus: t.Status, rules.AttrDeclared: rules.DeclaredNo}
	if t.UnitCode != "" && slices.Contains(w.plan.units, t.UnitCode) || t.CertificateNo != "" && slices.Contains(w.plan.units, t.CertificateNo) {
		attrs[rules.AttrDeclared] = rules.DeclaredYes
	}
	w.asset(row{kind: rowUnit, source: household.Property, grade: g, member: int32(member), index: int32(index), origin: &t.Origin, key: t.Unit()}, rules.KindUnit, &attrs)
	return nil
}

// asset keeps a vehicle or a unit that belongs to some set.
func (w *Worker) asset(r row, k rules.Kind, attrs *[rules.NumAttrs]uint8) {
	for i := range w.v.pack.Sets {
		s := &w.v.pack.Sets[i]
		if s.Kind == k && s.Where.Match(attrs) {
			r.sets |= 1 << i
		}
	}
	if r.sets != 0 {
		w.rows = append(w.rows, r)
	}
}

func (w *Worker) balance(member, index int, t *profile.Bank) error {
	g, err := w.belongs(member, index, household.Bank, &t.Origin)
	if err != nil || g == household.GradeNone || t.BalanceOn > w.v.on {
		return err
	}
	attrs := [rules.NumAttrs]uint8{rules.AttrKind: t.Kind, rules.AttrStatus: t.Purpose}
	w.rows = append(w.rows, row{
		kind: rowAccount, source: household.Bank, grade: g, member: int32(member), index: int32(index), origin: &t.Origin,
		inst: t.Institution, key: t.AccountNo, amount: t.Share.Of(t.Balance), aside: !w.v.pack.Financial.Match(&attrs),
	})
	return nil
}
