package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
)

// subject prepares a member for weaker links: what was declared, and what the
// register says of them.
func (l *linker) subject(s *identity.Subject, m *person, declared *household.Member, key household.PersonKey, region string, p *profile.Profile) error {
	doc, number := written(key)
	*s = identity.Subject{
		Document: doc, Number: number, Name: l.names.name(m.name), Birth: declared.BirthDate, Sex: declared.Sex,
		Counties: s.Counties[:0], FormerNames: s.FormerNames[:0], FormerKeys: s.FormerKeys[:0],
	}
	if doc.Birth != 0 {
		s.Birth, s.Sex = doc.Birth, doc.Sex
	}
	if declared.Country != "" {
		s.Country = match.NormalNumber([]byte(declared.Country))
	}
	if declared.Division != "" {
		s.Counties = addCounty(s.Counties, match.NormalNumber([]byte(declared.Division)))
	}
	mine := -1
	if l.world != nil {
		var err error
		if mine, err = l.register(s, key, p); err != nil {
			return err
		}
	}
	l.mine = append(l.mine, mine)
	s.Counties = addCounty(s.Counties, region)
	if key.Num < household.OtherDocuments {
		s.Counties = addCounty(s.Counties, number)
	}
	return nil
}

// register takes from the register who lies under the document, and who they were.
// mine is the row of the profile that describes the subject, -1 without exactly one.
func (l *linker) register(s *identity.Subject, key household.PersonKey, p *profile.Profile) (mine int, err error) {
	if !l.links.index.HasRegister() {
		return -1, nil
	}
	s.Registered = identity.NotInRegister
	if len(p.Register) > 0 {
		s.Registered = identity.RegisteredToOther
		return l.take(s, p), nil
	}
	// The declared number may be a former one: the person is then registered under
	// the number of today.
	people, _, err := l.cursor.Former(nil, key)
	if err != nil {
		return -1, err
	}
	for _, now := range people {
		if now.Flags&index.CurrentNumber == 0 {
			continue
		}
		l.reads(now.Key)
		if err := l.links.read(sectionOf(now.Key), now.Key, &l.other); err != nil {
			return -1, err
		}
		if l.take(s, &l.other) >= 0 {
			s.FormerKeys = append(s.FormerKeys, now.Key)
		}
	}
	return -1, nil
}

// take adds what the register's rows say of the subject. The subject is registered
// once when one row, and no other, describes them: take returns it, -1 without
// exactly one.
func (l *linker) take(s *identity.Subject, p *profile.Profile) int {
	mine := -1
	for i := range p.Register {
		h := l.names.holder(p, i)
		if describes(&h, s) {
			if mine >= 0 {
				return -1 // two rows for one person: nobody knows which is right
			}
			mine = i
		}
	}
	if mine < 0 {
		return -1
	}
	row := &p.Register[mine]
	h := l.names.holder(p, mine)
	if names.Compare(s.Name, h.Name) > names.N2 { // declared under a former name
		s.FormerNames = append(s.FormerNames, h.Name)
	}
	s.FormerNames = append(s.FormerNames, h.Former...)
	for k := range row.FormerKeys() {
		s.FormerKeys = append(s.FormerKeys, household.PersonKey{Num: k.Num, Text: k.Text})
	}
	if row.Owner >= 0 {
		s.Counties = addCounty(s.Counties, p.Owners[row.Owner].Division)
	}
	if len(p.Register) == 1 {
		s.Registered = identity.RegisteredOnce
	}
	return mine
}

// describes reports whether a person of the register is the subject: the name
// agrees, today's or a former one, and nothing contradicts.
func describes(h *identity.Holder, s *identity.Subject) bool {
	if names.CompareFormer(s.Name, h.Name, h.Former) > names.N2 {
		return false
	}
	return (h.Birth == 0 || s.Birth == 0 || h.Birth == s.Birth) && (h.Sex == 0 || s.Sex == 0 || h.Sex == s.Sex)
}

// addCounty adds the county of a division code or a number.
func addCounty(list []string, code string) []string {
	if len(code) < 6 || slices.Contains(list, code[:6]) {
		return list
	}
	return append(list, code[:6])
}
