package conflicts

import (
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
)

// holder is a person whom the register has, or had, under a number.
type holder struct {
	name    names.Name
	former  []names.Name
	country string
	birth   household.Date
	sex     uint8
	masked  string
}

// holders appends the people of an entry's register rows who have a name; those who
// had the number before, when one is given.
func (f *finder) holders(dst []holder, owners []profile.Owner, rows []profile.Registration, had household.PersonKey) []holder {
	for i := range rows {
		r := &rows[i]
		if r.Owner < 0 || r.Owner >= len(owners) {
			continue
		}
		if !had.IsZero() && !contains(r, had) {
			continue // the index knows numbers by a hash: only the row itself tells
		}
		o := &owners[r.Owner]
		h := holder{name: f.table.Name(o.Name), country: o.Country, birth: o.Birth, sex: o.Sex, masked: household.Name(o.Name).String()}
		if names.Compare(h.name, h.name) == names.Absent {
			continue // a row without a legible name says who nobody is
		}
		for name := range r.FormerNames() {
			h.former = append(h.former, f.table.Name(name))
		}
		if at := slices.IndexFunc(dst, func(x holder) bool { return f.same(&x, &h) }); at >= 0 {
			dst[at].former = append(append(dst[at].former, h.name), h.former...)
		} else {
			dst = append(dst, h)
		}
	}
	return dst
}

func contains(r *profile.Registration, key household.PersonKey) bool {
	for k := range r.FormerKeys() {
		if k == key {
			return true
		}
	}
	return false
}

// same reports whether two rows of the register describe one person, as several
// deliverers of a register do.
func (f *finder) same(a, b *holder) bool {
	level := min(f.compare(a.name, b.name, b.former), f.compare(b.name, a.name, a.former))
	if level > names.N5 || !oneCountry(a.country, b.country) {
		return false
	}
	agree := (a.birth == 0 || b.birth == 0 || a.birth == b.birth) && (a.sex == 0 || b.sex == 0 || a.sex == b.sex)
	return agree || level <= names.N2
}

// oneCountry is false for documents of two countries, which may have one number.
func oneCountry(a, b string) bool { return a == "" || b == "" || a == b }

// verdict is what is to be said of the rows of one number: the same of all, or
// something of the rows of each owner.
type verdict struct {
	code    Code
	reasons Reasons
	owners  []ownerVerdict // by owner; nil when all rows are listed
}

type ownerVerdict struct {
	code    Code
	reasons Reasons
}

func (v *verdict) any() bool {
	return v.code != 0 || slices.ContainsFunc(v.owners, func(o ownerVerdict) bool { return o.code != 0 })
}

// judge compares the owners of the scanned entry with those who have the number and
// those who had it.
func (f *finder) judge(present, former []holder) verdict {
	switch {
	case distinct(present):
		return verdict{code: X2, reasons: 1 << SeveralRegistered}
	case len(present)+len(former) == 0:
		if f.disagree() {
			return verdict{code: X1, reasons: 1 << NamesDisagree}
		}
		return verdict{}
	}
	v := verdict{owners: make([]ownerVerdict, len(f.scanner.Owners))}
	for i := range f.scanner.Owners {
		o := &f.scanner.Owners[i]
		if o.Name != "" {
			v.owners[i] = f.owner(f.table.Name(o.Name), o.Country, present, former)
		}
	}
	return v
}

// distinct reports whether two people, not from two countries, have one number.
func distinct(present []holder) bool {
	for i := range present {
		for j := range i {
			if oneCountry(present[i].country, present[j].country) {
				return true // one person is one holder, see holders
			}
		}
	}
	return false
}

// owner judges the rows of one description. No more than an N5 name away is for a
// person to look at and no conflict.
func (f *finder) owner(name names.Name, country string, present, former []holder) ownerVerdict {
	now, nowKnown := f.best(name, country, present)
	before, beforeKnown := f.best(name, country, former)
	if now == names.Absent || before == names.Absent || !nowKnown && !beforeKnown {
		return ownerVerdict{}
	}
	differs := Reasons(1 << NameDiffers)
	if nowKnown && now == names.N6 || !nowKnown && before == names.N6 {
		differs = 1 << SurnameOnly
	}
	switch {
	case nowKnown && now <= names.N3 && beforeKnown && before <= names.N3:
		return ownerVerdict{X2, 1 << FormerFits}
	case nowKnown && now <= names.N5:
		return ownerVerdict{}
	case nowKnown && beforeKnown && before <= names.N5:
		return ownerVerdict{X1, differs | 1<<FormerHolder}
	case nowKnown:
		return ownerVerdict{X1, differs}
	case before <= names.N3 && f.fits(name, country, former) > 1:
		return ownerVerdict{X2, 1<<FormerFits | 1<<NumberFormer}
	case before <= names.N5:
		return ownerVerdict{}
	}
	return ownerVerdict{X1, differs | 1<<NumberFormer}
}

// best is the best level of a name with those of its country; known is false when
// there is nobody to compare with.
func (f *finder) best(name names.Name, country string, list []holder) (level names.Level, known bool) {
	for i := range list {
		h := &list[i]
		if !oneCountry(country, h.country) {
			continue
		}
		l := f.compare(name, h.name, h.former)
		if !known || l < level {
			level, known = l, true
		}
	}
	return level, known
}

func (f *finder) fits(name names.Name, country string, list []holder) (n int) {
	for i := range list {
		if h := &list[i]; oneCountry(country, h.country) && f.compare(name, h.name, h.former) <= names.N3 {
			n++
		}
	}
	return n
}

// maxNames bounds the pairs that are compared for a number that nobody is registered
// under: with more names than this it is a placeholder, and two of the first will
// differ.
const maxNames = 64

// disagree reports whether two rows of the number name different people.
func (f *finder) disagree() bool {
	var list []names.Name
	var countries []string
	f.seen = f.seen[:0]
	for i := range f.scanner.Owners {
		o := &f.scanner.Owners[i]
		if o.Name == "" || slices.Contains(f.seen, o.Name+"\x00"+o.Country) {
			continue
		}
		if len(list) == maxNames {
			break
		}
		name := f.table.Name(o.Name)
		for j := range list {
			if l := f.compare(name, list[j], nil); (l == names.N6 || l == names.N7) && oneCountry(o.Country, countries[j]) {
				return true
			}
		}
		f.seen = append(f.seen, o.Name+"\x00"+o.Country)
		list, countries = append(list, name), append(countries, o.Country)
	}
	return false
}

// says is what the register says of the number, masked, in a fixed order.
func (f *finder) says(present, former []holder) *Register {
	masked := func(list []holder) (out []string) {
		for i := range list {
			out = append(out, list[i].masked)
		}
		slices.Sort(out)
		return out
	}
	return &Register{Held: f.register, Now: masked(present), Before: masked(former)}
}

// add lists the rows of the decoded entry that the verdict speaks of.
func (f *finder) add(key household.PersonKey, v *verdict, says *Register) error {
	var birth household.Date
	var sex uint8
	if key.Num < household.OtherDocuments {
		d := match.ParseDocument(household.ResidentID, []byte(match.ResidentText(key.Num)))
		birth, sex = d.Birth, d.Sex
	}
	p := &f.profile
	for source, origin := range origins(p) {
		code, reasons := v.code, v.reasons
		if code == 0 && origin.Owner >= 0 && origin.Owner < len(v.owners) {
			code, reasons = v.owners[origin.Owner].code, v.owners[origin.Owner].reasons
		}
		if code == 0 {
			continue
		}
		if origin.Owner >= 0 {
			o := &p.Owners[origin.Owner]
			if o.Birth != 0 && birth != 0 && o.Birth != birth {
				reasons |= 1 << BirthInconsistent
			}
			if o.Sex != 0 && sex != 0 && o.Sex != sex {
				reasons |= 1 << SexInconsistent
			}
		}
		if origin.Snapshot < 0 || origin.Snapshot >= len(f.snapshots) || f.snapshots[origin.Snapshot] == nil || f.snapshots[origin.Snapshot].Source != source {
			return fmt.Errorf("a %s record of snapshot %d, which the manifest does not have: %w", source, origin.Snapshot, profile.ErrDamaged)
		}
		list := &f.report.Lists[f.list[origin.Snapshot]]
		list.Rows = append(list.Rows, Row{
			Snapshot: f.snapshots[origin.Snapshot], File: origin.File, Row: origin.Row, Code: code, Reasons: reasons, Register: says,
		})
	}
	return nil
}
