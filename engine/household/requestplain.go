package household

// RequestBuffer reads requests one after the other into memory that it uses again. The
// zero value is ready.
type RequestBuffer struct {
	request    Request
	auth       Authorization
	members    []Member
	signed     []IDNumber
	vehicles   []Plate
	properties []string // nil when the request has no list
	unitMemory []string
	raw        rawRequest
	quick      bool
}

// Quick reports whether the last request was read without any detour, so that to parse its
// line again costs less than to keep it.
func (p *RequestBuffer) Quick() bool { return p.quick }

// Parse is ParseRequest, but that the request borrows from line, and from the buffer until
// the next Parse.
func (p *RequestBuffer) Parse(line []byte) (*Request, error) {
	if p.plain(line) {
		p.quick = !p.raw.given
		return &p.request, nil
	}
	p.quick = false
	return ParseRequest(line)
}

// plain reads a request with nothing unusual about it, which nearly every one is. It
// returns false when another reader has to decide, so it never finds anything wrong.
func (p *RequestBuffer) plain(line []byte) bool {
	r := &p.request
	*r = Request{}
	p.members, p.signed, p.vehicles, p.properties = p.members[:0], p.signed[:0], p.vehicles[:0], nil
	raw := &p.raw
	*raw = rawRequest{members: raw.members[:0]}
	s := &scanner{b: line}
	var seen keys
	s.take('{')
	for first := true; s.more('}', &first); {
		switch key := s.key(); key {
		case "household_id":
			seen.add(s, 0)
			r.HouseholdID = s.text()
		case "region":
			seen.add(s, 1)
			r.Region = s.text()
		case "scheme":
			seen.add(s, 2)
			r.Scheme = s.text()
		case "residence":
			seen.add(s, 3)
			r.Residence = s.code(Residences)
		case "authorization":
			seen.add(s, 4)
			p.authorization(s)
			r.Authorization = &p.auth
		case "members":
			seen.add(s, 5)
			for at := s.list(); s.element(&at); {
				p.member(s)
			}
		case "declared_assets":
			seen.add(s, 6)
			p.assets(s)
		case "applied_on":
			seen.add(s, 7)
			raw.AppliedOn = raw.keep(s)
		case "application":
			seen.add(s, 8)
			raw.Application = raw.keep(s)
		case "receiving":
			seen.add(s, 9)
			raw.Receiving = raw.keep(s)
		case "obligors":
			seen.add(s, 10)
			raw.Obligors = raw.keep(s)
		case "expenses":
			seen.add(s, 11)
			raw.Expenses = raw.keep(s)
		default:
			s.unknown(key)
		}
	}
	s.blanks()
	if s.giveUp || s.i != len(line) || r.HouseholdID == "" || r.Scheme == "" || !seen.has(3) {
		return false
	}
	if len(p.members) > 0 {
		r.Members = p.members
	}
	if len(p.vehicles) > 0 {
		r.Assets.Vehicles = p.vehicles
	}
	r.Assets.Properties = p.properties
	if raw.given {
		r.more(raw)
	}
	return true
}

func (p *RequestBuffer) authorization(s *scanner) {
	a := &p.auth
	*a = Authorization{}
	var seen keys
	s.take('{')
	for first := true; s.more('}', &first); {
		switch key := s.key(); key {
		case "number":
			seen.add(s, 0)
			a.Number = s.text()
		case "valid_from":
			seen.add(s, 1)
			a.ValidFrom = s.date()
		case "valid_to":
			seen.add(s, 2)
			a.ValidTo = s.date()
		case "signed_by":
			seen.add(s, 3)
			for at := s.list(); s.element(&at); {
				p.signed = append(p.signed, IDNumber(s.text()))
			}
		case "purpose":
			seen.add(s, 4)
			a.Purpose = s.text()
		case "data_classes":
			seen.add(s, 5)
			a.ClassesGiven = !s.null()
			for at := s.list(); s.element(&at); {
				if c := s.named(Sources, s.text()); c != 0 {
					a.Classes[c] = true
				}
			}
		case "purposes":
			seen.add(s, 6)
			p.raw.purposes = p.raw.keep(s)
		default:
			s.unknown(key)
		}
	}
	if !seen.has(1) || !seen.has(2) {
		s.giveUp = true
	}
	if len(p.signed) > 0 {
		a.SignedBy = p.signed
	}
}

func (p *RequestBuffer) member(s *scanner) {
	p.members = append(p.members, Member{IDType: ResidentID})
	p.raw.members = append(p.raw.members, nil)
	m := &p.members[len(p.members)-1]
	var seen keys
	s.take('{')
	for first := true; s.more('}', &first); {
		switch key := s.key(); key {
		case "name":
			seen.add(s, 0)
			m.Name = Name(s.text())
		case "id_number":
			seen.add(s, 1)
			m.IDNumber = IDNumber(s.text())
		case "id_type":
			seen.add(s, 2)
			m.IDType = DocumentType(s.code(DocumentTypes))
		case "relation":
			seen.add(s, 3)
			m.Relation = s.code(Relations)
		case "birth_date":
			seen.add(s, 4)
			m.BirthDate = s.optionalDate()
		case "sex":
			seen.add(s, 5)
			m.Sex = s.code(Sexes)
		case "country":
			seen.add(s, 6)
			m.Country = s.text()
		case "division":
			seen.add(s, 7)
			m.Division = s.text()
		case "excluded":
			seen.add(s, 8)
			m.Excluded = s.code(Exclusions)
		case "declared_income":
			seen.add(s, 9)
			for at := s.list(); s.element(&at); {
				s.income(m)
			}
		case "attributes":
			seen.add(s, 10)
			p.raw.members[len(p.raw.members)-1] = p.raw.keep(s)
		default:
			s.unknown(key)
		}
	}
}

// income reads one declared amount of a member.
func (s *scanner) income(m *Member) {
	var seen keys
	var t uint8
	var monthly int64
	s.take('{')
	for first := true; s.more('}', &first); {
		switch key := s.key(); key {
		case "type":
			seen.add(s, 0)
			t = s.named(LineTypes, s.text())
		case "monthly_fen":
			seen.add(s, 1)
			monthly = s.amount()
		default:
			s.unknown(key)
		}
	}
	if t == 0 || !isAmount(int64(m.Income[t])+monthly) {
		s.giveUp = true
		return
	}
	m.Income[t] += Fen(monthly)
	m.Declared[t] = true
}

func (p *RequestBuffer) assets(s *scanner) {
	a := &p.request.Assets
	var seen keys
	s.take('{')
	for first := true; s.more('}', &first); {
		switch key := s.key(); key {
		case "financial_fen":
			seen.add(s, 0)
			a.Financial = Fen(s.amount())
		case "vehicles":
			seen.add(s, 1)
			for at := s.list(); s.element(&at); {
				p.vehicles = append(p.vehicles, Plate(s.text()))
			}
		case "properties":
			seen.add(s, 2)
			p.units(s)
		case "attributes":
			seen.add(s, 3)
			p.raw.assets = p.raw.keep(s)
		default:
			s.unknown(key)
		}
	}
}

// units reads the declared properties, which are given as soon as there is a list.
func (p *RequestBuffer) units(s *scanner) {
	if s.null() {
		s.list()
		return
	}
	p.properties = p.unitMemory[:0]
	if p.properties == nil {
		p.properties = []string{}
	}
	for at := s.list(); s.element(&at); {
		p.properties = append(p.properties, s.text())
	}
	p.unitMemory = p.properties
}

// keys are the keys of an object that were seen.
type keys uint16

// add takes a key down. Which of two counts is not for this reader to say.
func (k *keys) add(s *scanner, key uint) {
	if *k>>key&1 != 0 {
		s.giveUp = true
	}
	*k |= 1 << key
}

func (k keys) has(key uint) bool { return k>>key&1 != 0 }

// code reads a value of a code list, or "" for none.
func (s *scanner) code(l CodeList) uint8 {
	if text := s.text(); text != "" {
		return s.named(l, text)
	}
	return 0
}

// named is a value by its name.
func (s *scanner) named(l CodeList, name string) uint8 {
	for i := 1; i < len(l); i++ {
		if l[i].Name == name {
			return uint8(i)
		}
	}
	s.giveUp = true
	return 0
}

func (s *scanner) date() Date {
	d, ok := isoDate(s.text())
	if !ok {
		s.giveUp = true
	}
	return d
}

func (s *scanner) optionalDate() Date {
	d, ok := optionalDate(s.text())
	if !ok {
		s.giveUp = true
	}
	return d
}

func (s *scanner) amount() int64 {
	n := s.number()
	if !isAmount(n) {
		s.giveUp = true
	}
	return n
}
