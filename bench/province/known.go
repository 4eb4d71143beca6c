package province

// What a person of an ordinary household is or was known by besides number and name.
// All of it is a pure function of the seed and the person's number.

// past is what a person is or was known by.
type past struct {
	formerNumber bool
	formerName   bool
	other        bool // has another document
	otherKind    idType
	salt         uint64

	numberKnown, nameKnown, otherKnown, sharedKnown bool // to the register
}

func (p *plan) pastOf(m *person) past {
	r := newStream(p.seed, topicPerson, uint64(m.number))
	x := &p.corrupt.rates
	var a past
	a.formerNumber = m.idType == residentID && r.million(x[rateFormerNumber]*rowsWithFormerNumber)
	a.formerName = r.million(x[rateChangedName] * rowsWithFormerName)
	a.other = m.idType == residentID && r.million(x[rateOtherDocument]*rowsWithOtherDocument)
	switch kind := r.n(10); {
	case kind < 7:
		a.otherKind = passport
	case kind < 9:
		a.otherKind = military
	default:
		a.otherKind = hmtPermit
	}
	if a.otherKind == military && m.birth.age(p.cal.on) < adult {
		a.otherKind = passport
	}
	a.numberKnown, a.nameKnown = r.chance(knownFormerNumber), r.chance(knownFormerName)
	a.otherKnown, a.sharedKnown = r.chance(knownOtherDocument), r.chance(knownSharedNumber)
	a.salt = r.next() >> 1
	return a
}

// free returns a sequence number that nobody of the person's division, day of birth
// and sex has, as long as there is one.
func (s *sequences) free(p *person, salt uint64) uint16 {
	cell := s.cell(p)
	used := int(s.used[cell])
	if used == perCell {
		used = 0
	}
	return s.at(cell, used+int(salt%uint64(perCell-used)), p.sex)
}

// appendFormer appends the number the person had before: another sequence number,
// another birth date, or a number of another county, and nobody else's.
func (p *plan) appendFormer(b []byte, m *person, salt uint64) []byte {
	former := *m
	kind, salt := salt%8, salt/8
	switch kind {
	case 0: // another day
		former.birth = m.birth/100*100 + day(1+(uint64(m.birth%100)+salt%26)%28)
	case 1: // another month
		month := 1 + (int(m.birth)/100%100+int(salt%11))%12
		former.birth = m.birth/10000*10000 + day(month*100) + min(m.birth%100, 28)
	case 2, 3: // another county
		former.origin = uint8((uint64(m.origin) + 1 + salt%uint64(len(homeCounties)-1)) % uint64(len(homeCounties)))
	}
	former.sequence = p.corrupt.dealt.free(&former, salt/64)
	if former.sequence == m.sequence && former.birth == m.birth && former.origin == m.origin {
		former.birth = m.birth/100*100 + 1 + m.birth%28
	}
	return appendDocument(b, &former, docPlain)
}

// appendShared appends the other's number that a person once had.
func appendShared(b []byte, m *person, sequence uint16) []byte {
	other := *m
	other.sequence = sequence
	return appendDocument(b, &other, docPlain)
}

// appendOther appends the number of the person's other document.
func (p *plan) appendOther(b []byte, m *person, a *past) []byte {
	other := *m
	switch other.idType = a.otherKind; a.otherKind {
	case military:
		b = append(b, [...]string{"南", "北", "沈", "兰", "成", "济", "空", "海"}[a.salt%8]...)
		b = append(b, "字第"...)
		// 48271 is coprime to 10^8: different people, different numbers.
		b = appendDigits(b, uint64(m.number)*48271%100_000_000, 8)
		return append(b, "号"...)
	case hmtPermit:
		other.origin = uint8(len(homeCounties) + firstPermit + int(a.salt%3))
		other.sequence = p.corrupt.dealt.free(&other, a.salt/3)
	}
	return appendDocument(b, &other, docPlain)
}

// appendFormerName appends the name the person had before, and returns the index of
// the rare character in it, −1 for none. It may be the name of today.
func (p *plan) appendFormerName(b []byte, m *person) (name []byte, rare int) {
	r := newStream(p.seed, topicFormerName, uint64(m.number))
	former := *m
	if r.chance(100) {
		former.surname = uint16(p.names.surname.draw(&r))
	}
	return p.names.compose(b, &r, &former)
}
