package engine

import (
	"errors"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// linker looks for the records of the members of one household that do not lie under
// exactly their document and name. It belongs to one worker and reuses its memory.
type linker struct {
	links  *links
	cursor *index.Cursor
	reg    registry
	world  identity.World // nil when the household has not authorised the register

	subjects   []identity.Subject
	candidates []index.Candidate
	found      []candidate
	judged     []judged
	contest    []identity.Link
	profiles   []*profile.Profile // memory of entries found
	used       int                // of profiles
	other      profile.Profile
	notes      []household.LinkNote
	names      nameCache
	mine       []int // by member: the register's row that describes them, -1 without exactly one
	scanner    profile.Scanner
	sheet      household.LinkSheet
	asked      []household.PersonKey // of the plan
	elsewhere  bool                  // an entry was read of somebody whom the plan does not name
}

// candidate is an entry that may speak of members.
type candidate struct {
	key     household.PersonKey
	member  int
	profile *profile.Profile
}

// judged is the link of one owner of an entry to one member.
type judged struct {
	candidate int // index into found
	owner     int // -1 for rows that say nothing of their owner
	member    int
	link      identity.Link
}

func newLinker(l *links) *linker {
	k := &linker{links: l, cursor: l.index.Cursor(), names: nameCache{table: l.index.Table()}}
	k.reg = registry{links: l, cursor: l.index.Cursor(), names: &k.names, linker: k}
	return k
}

// errOwner says that an entry and what was judged of it do not belong together.
var errOwner = errors.New("internal: an entry has an owner that it does not list")

// start begins a household.
func (l *linker) start(members int, asked []household.PersonKey, authorised bool) {
	l.found, l.judged, l.notes, l.used, l.sheet = l.found[:0], l.judged[:0], l.notes[:0], 0, household.LinkSheet{}
	l.asked = asked
	l.names.reset()
	l.mine = l.mine[:0]
	for len(l.subjects) < members {
		l.subjects = append(l.subjects, identity.Subject{})
	}
	l.world = nil
	if authorised {
		l.world = &l.reg
	}
}

// own judges the owners of the rows under the member's own document.
func (w *Worker) own(member int, p *profile.Profile) error {
	l := w.linker
	m, key := &w.plan.members[member], w.plan.keys[member]
	declared := &w.plan.Request.Members[m.number-1]
	s := &l.subjects[member]
	if err := l.subject(s, m, declared, key, w.plan.Request.Region, p); err != nil {
		return err
	}
	w.agrees = w.agrees[:0]
	for i := range p.Owners {
		o := &p.Owners[i]
		if l.links.plain && o.Name == m.name && s.Registered != identity.RegisteredToOther && key.Num < household.OtherDocuments &&
			(o.Birth == 0 || o.Birth == s.Birth) && (o.Sex == 0 || o.Sex == s.Sex) {
			w.agrees = append(w.agrees, agreement{use: sameName})
			l.sheet.Strong++
			continue
		}
		link, err := l.judge(s, key, o)
		if err != nil {
			return err
		}
		a := agreementOf(&link)
		if link.Tier == identity.A1 || link.Tier == identity.A3 {
			a.link = identity.None // the form of each record tells
		}
		if a.use == nobody { // it is the member's number all the same
			a = agreement{use: otherName, link: link.Tier}
		}
		w.agrees = append(w.agrees, a)
		l.note(m.number, &link)
	}
	w.ownerless = agreement{}
	if !ownerless(p) {
		return nil
	}
	link, err := l.judge(s, key, &profile.Owner{})
	if err != nil {
		return err
	}
	l.note(m.number, &link)
	if a := agreementOf(&link); a.use == toConfirm || a.use == sameName {
		w.ownerless = a
	}
	return nil
}

// ownerless reports whether an entry holds a record without any description of its
// owner: the number alone.
func ownerless(p *profile.Profile) bool {
	for i := range p.Tax {
		if p.Tax[i].Owner < 0 {
			return true
		}
	}
	for i := range p.Vehicle {
		if p.Vehicle[i].Owner < 0 {
			return true
		}
	}
	for i := range p.Property {
		if p.Property[i].Owner < 0 {
			return true
		}
	}
	for i := range p.Bank {
		if p.Bank[i].Owner < 0 {
			return true
		}
	}
	for i := range p.Insurance {
		if p.Insurance[i].Owner < 0 {
			return true
		}
	}
	return false
}

// agreementOf is what becomes of the records of a link.
func agreementOf(link *identity.Link) agreement {
	a := agreement{use: nobody, link: link.Tier}
	switch link.Use {
	case identity.Strong:
		a.use = sameName
	case identity.Review:
		a.use = toConfirm
	case identity.Conflict:
		a.use = otherName
	}
	return a
}

// judge says how the rows of an owner under a key are linked to a member.
func (l *linker) judge(s *identity.Subject, key household.PersonKey, o *profile.Owner) (identity.Link, error) {
	doc, number := written(key)
	r := identity.Record{
		Document: doc, Number: number, Country: o.Country, Name: l.names.name(o.Name),
		Birth: o.Birth, Sex: o.Sex, Division: o.Division,
	}
	return l.links.policy.Judge(s, &r, l.world)
}

// search finds the entries that may speak of a member and judges their owners.
func (w *Worker) search(member int) error {
	l := w.linker
	s := &l.subjects[member]
	key := w.plan.keys[member]
	q := index.Query{Key: key, Name: s.Name, FormerNames: s.FormerNames, Birth: s.Birth, Counties: s.Counties}
	if key.Num < household.OtherDocuments {
		q.Number = s.Number
	}
	var err error
	var stats index.Stats
	if l.candidates, stats, err = l.cursor.Candidates(l.candidates[:0], &q); err != nil {
		return err
	}
	if stats.Common != 0 {
		l.sheet.TooCommon++
	}
	for _, k := range s.FormerKeys {
		l.candidates = append(l.candidates, index.Candidate{Key: k, Routes: index.Former})
	}
	// Rows without a number lie under the name itself.
	if name := w.plan.members[member].name; l.cursor.Numberless(name) {
		l.candidates = append(l.candidates, index.Candidate{Key: household.PersonKey{Num: household.NoDocument, Text: name}})
	}
	slices.SortFunc(l.candidates, func(a, b index.Candidate) int { return a.Key.Compare(b.Key) })
	for i := range l.candidates {
		k := l.candidates[i].Key
		if i > 0 && k == l.candidates[i-1].Key || slices.Contains(w.plan.keys, k) {
			continue
		}
		if err := l.weigh(member, k); err != nil {
			return err
		}
	}
	return nil
}

// weigh judges the owners of an entry for a member.
func (l *linker) weigh(member int, key household.PersonKey) error {
	p := l.room()
	l.reads(key)
	if err := l.links.read(sectionOf(key), key, p); err != nil {
		return err
	}
	if len(p.Owners) == 0 && !held(p) {
		l.used--
		return nil
	}
	l.found = append(l.found, candidate{key, member, p})
	first := 0
	if ownerless(p) {
		first = -1
	}
	for i := first; i < len(p.Owners); i++ {
		o := &profile.Owner{}
		if i >= 0 {
			o = &p.Owners[i]
		}
		link, err := l.judge(&l.subjects[member], key, o)
		if err != nil {
			return err
		}
		l.judged = append(l.judged, judged{len(l.found) - 1, i, member, link})
	}
	return nil
}

// held reports whether an entry holds any record.
func held(p *profile.Profile) bool {
	return len(p.Tax)+len(p.Vehicle)+len(p.Property)+len(p.Bank)+len(p.Insurance) > 0
}

// reads takes down that an entry is read.
func (l *linker) reads(key household.PersonKey) {
	l.elsewhere = l.elsewhere || !slices.Contains(l.asked, key)
}

// room is an empty profile for one more entry.
func (l *linker) room() *profile.Profile {
	if l.used == len(l.profiles) {
		l.profiles = append(l.profiles, &profile.Profile{})
	}
	l.used++
	return l.profiles[l.used-1]
}

// settle lets the members of the household compete for what was found and sorts the
// records of the links that are left.
func (w *Worker) settle() error {
	l := w.linker
	// Rows that fit two members fit neither for certain.
	slices.SortStableFunc(l.judged, func(a, b judged) int {
		x, y := &l.found[a.candidate], &l.found[b.candidate]
		if c := x.key.Compare(y.key); c != 0 {
			return c
		}
		if a.owner != b.owner {
			return a.owner - b.owner
		}
		return a.member - b.member
	})
	for i := 0; i < len(l.judged); {
		end := i + 1
		for end < len(l.judged) && l.judged[end].owner == l.judged[i].owner && l.found[l.judged[end].candidate].key == l.found[l.judged[i].candidate].key {
			end++
		}
		if end-i > 1 {
			l.contest = l.contest[:0]
			for _, j := range l.judged[i:end] {
				l.contest = append(l.contest, j.link)
			}
			l.links.policy.Compete(l.contest)
			for k := range l.contest {
				l.judged[i+k].link = l.contest[k]
			}
		}
		i = end
	}
	for c := range l.found {
		f := &l.found[c]
		w.agrees = w.agrees[:0]
		for range f.profile.Owners {
			w.agrees = append(w.agrees, agreement{use: nobody})
		}
		w.ownerless = agreement{use: nobody}
		some := false
		for j := range l.judged {
			g := &l.judged[j]
			if g.candidate != c {
				continue
			}
			if g.owner >= len(w.agrees) {
				return errOwner
			}
			a := agreementOf(&g.link)
			// A conflict over a row that lies elsewhere is the department's to clear;
			// the household is only told of conflicts over its own numbers.
			if a.use == otherName {
				a.use = nobody
			}
			if g.owner < 0 {
				w.ownerless = a
			} else {
				w.agrees[g.owner] = a
			}
			some = some || a.use != nobody
			l.note(w.plan.members[f.member].number, &g.link)
		}
		if some {
			if err := w.records(f.member, f.key, f.profile); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxNotes bounds what a verdict says of links, for a household.
const maxNotes = 64

// note takes down a link that is not the plain one.
func (l *linker) note(member int, link *identity.Link) {
	switch link.Use {
	case identity.Strong:
		l.sheet.Strong++
	case identity.Review:
		l.sheet.Review++
	case identity.Conflict:
		l.sheet.Conflicts++
	case identity.Hidden:
		l.sheet.Hidden++
		return
	case identity.Nothing:
		l.sheet.TurnedDown++
	}
	if link.Tier == identity.A1 || link.Tier == identity.A3 || len(l.notes) == maxNotes {
		return
	}
	n := household.LinkNote{Member: member, Tier: link.Tier.String(), Use: link.Use.String(), Total: int64(link.Total)}
	for _, part := range link.Parts() {
		n.Parts = append(n.Parts, household.LinkPart{Field: part.Field.String(), Level: part.Level.Code(), Bits: int64(part.Bits)})
	}
	for r := range link.Reasons.All() {
		n.Reasons = append(n.Reasons, r.Code())
	}
	l.notes = append(l.notes, n)
}

// registerFacts adds what the register says of the members and their household.
func (w *Worker) registerFacts(profiles []*profile.Profile) error {
	l := w.linker
	if l.world == nil || !l.links.index.HasRegister() {
		return nil
	}
	head, house := -1, ""
	for i := range w.plan.members {
		if no := l.household(i, profiles[i]); no != "" && (head < 0 || w.plan.Request.Members[w.plan.members[i].number-1].Relation == relationHead) {
			head, house = i, no
		}
	}
	for i := range w.plan.members {
		p, mine := profiles[i], l.mine[i]
		if mine < 0 {
			continue
		}
		r := &p.Register[mine]
		if r.DeceasedOn != 0 && r.DeceasedOn <= w.v.on {
			w.registered(rowDeceased, i, mine, p)
			addGraded(&w.members[i].deceased, 1, household.GradeA)
		}
		if r.Household != "" && r.Household != house {
			w.registered(rowApart, i, mine, p)
			addGraded(&w.members[i].apart, 1, household.GradeA)
		}
	}
	if house == "" {
		return nil
	}
	n, err := l.residents(house, w.plan, w.v.on)
	if err != nil {
		return err
	}
	addGraded(&w.residents, int64(n), household.GradeA)
	return nil
}

// relationHead is the head of the household in household.Relations.
const relationHead = 1

// registered adds a row of the register as evidence.
func (w *Worker) registered(kind rowKind, member, index int, p *profile.Profile) {
	o := &p.Register[index].Origin
	w.entries = append(w.entries, entry{p, w.plan.keys[member]})
	w.rows = append(w.rows, row{
		kind: kind, source: household.Register, grade: household.GradeA, member: int32(member),
		entry: int32(len(w.entries) - 1), index: int32(index), origin: o,
	})
}

func (l *linker) household(member int, p *profile.Profile) string {
	if i := l.mine[member]; i >= 0 {
		return p.Register[i].Household
	}
	return ""
}

// residents counts the people whom the register has in a household, living on a day,
// and the request does not list: neither by their number nor by a former one. Nothing
// else of them is read.
func (l *linker) residents(house string, p *Plan, on household.Date) (int, error) {
	people, _, err := l.cursor.Household(nil, house)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, x := range people {
		formerly := func(s identity.Subject) bool { return slices.Contains(s.FormerKeys, x.Key) }
		if slices.Contains(p.listed, x.Key) || slices.ContainsFunc(l.subjects[:len(p.members)], formerly) {
			continue
		}
		l.reads(x.Key)
		err := l.links.entry(store.SectionPeople, x.Key, func(entry []byte) error {
			if err := l.scanner.Scan(entry); err != nil {
				return err
			}
			// The index knows households by a hash: only the row itself tells.
			if slices.ContainsFunc(l.scanner.Register, func(r profile.Registration) bool {
				return r.Household == house && (r.DeceasedOn == 0 || r.DeceasedOn > on)
			}) {
				n++
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}

// report is what a verdict says of links.
func (l *linker) report(w *Worker) *household.LinkSheet {
	s := l.sheet
	s.Income, s.Financial = household.Fen(w.income.Linked), household.Fen(w.financial.Linked)
	s.Distinct = w.ifDistinct()
	s.Notes = slices.Clone(l.notes)
	return &s
}
