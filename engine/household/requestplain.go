package household

import "math/bits"

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
		switch k, key := s.known(requestKeys, &seen); k {
		case 0: // household_id
			r.HouseholdID = s.text()
		case 1: // region
			r.Region = s.text()
		case 2: // scheme
			r.Scheme = s.text()
		case 3: // residence
			r.Residence = s.code(Residences)
		case 4: // authorization
			p.authorization(s)
			r.Authorization = &p.auth
		case 5: // members
			for at := s.list(); s.element(&at); {
				p.member(s)
			}
		case 6: // declared_assets
			p.assets(s)
		case 7: // applied_on
			raw.AppliedOn = raw.keep(s)
		case 8: // application
			raw.Application = raw.keep(s)
		case 9: // receiving
			raw.Receiving = raw.keep(s)
		case 10: // obligors
			raw.Obligors = raw.keep(s)
		case 11: // expenses
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
		switch k, key := s.known(authorizationKeys, &seen); k {
		case 0: // number
			a.Number = s.text()
		case 1: // valid_from
			a.ValidFrom = s.date()
		case 2: // valid_to
			a.ValidTo = s.date()
		case 3: // signed_by
			for at := s.list(); s.element(&at); {
				p.signed = append(p.signed, IDNumber(s.text()))
			}
		case 4: // purpose
			a.Purpose = s.text()
		case 5: // data_classes
			a.ClassesGiven = !s.null()
			for at := s.list(); s.element(&at); {
				if c := s.named(Sources, s.text()); c != 0 {
					a.Classes[c] = true
				}
			}
		case 6: // purposes
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
		switch k, key := s.known(memberKeys, &seen); k {
		case 0: // name
			m.Name = Name(s.text())
		case 1: // id_number
			m.IDNumber = IDNumber(s.text())
		case 2: // id_type
			m.IDType = DocumentType(s.code(DocumentTypes))
		case 3: // relation
			m.Relation = s.code(Relations)
		case 4: // birth_date
			m.BirthDate = s.optionalDate()
		case 5: // sex
			m.Sex = s.code(Sexes)
		case 6: // country
			m.Country = s.text()
		case 7: // division
			m.Division = s.text()
		case 8: // excluded
			m.Excluded = s.code(Exclusions)
		case 9: // declared_income
			for at := s.list(); s.element(&at); {
				s.income(m)
			}
		case 10: // attributes
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
		switch k, key := s.known(incomeKeys, &seen); k {
		case 0: // type
			t = s.named(LineTypes, s.text())
		case 1: // monthly_fen
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
		switch k, key := s.known(assetKeys, &seen); k {
		case 0: // financial_fen
			a.Financial = Fen(s.amount())
		case 1: // vehicles
			for at := s.list(); s.element(&at); {
				p.vehicles = append(p.vehicles, Plate(s.text()))
			}
		case 2: // properties
			p.units(s)
		case 3: // attributes
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

// The keys of the objects of a request, in the order in which they usually stand.
var (
	requestKeys       = keyTable{`"household_id":`, `"region":`, `"scheme":`, `"residence":`, `"authorization":`, `"members":`, `"declared_assets":`, `"applied_on":`, `"application":`, `"receiving":`, `"obligors":`, `"expenses":`} //nolint:gochecknoglobals // a fixed table
	authorizationKeys = keyTable{`"number":`, `"valid_from":`, `"valid_to":`, `"signed_by":`, `"purpose":`, `"data_classes":`, `"purposes":`}                                                                                          //nolint:gochecknoglobals // a fixed table
	memberKeys        = keyTable{`"name":`, `"id_number":`, `"id_type":`, `"relation":`, `"birth_date":`, `"sex":`, `"country":`, `"division":`, `"excluded":`, `"declared_income":`, `"attributes":`}                                 //nolint:gochecknoglobals // a fixed table
	incomeKeys        = keyTable{`"type":`, `"monthly_fen":`}                                                                                                                                                                          //nolint:gochecknoglobals // a fixed table
	assetKeys         = keyTable{`"financial_fen":`, `"vehicles":`, `"properties":`, `"attributes":`}                                                                                                                                  //nolint:gochecknoglobals // a fixed table
)

// keyTable are keys with their quotes and colon.
type keyTable []string

// keys are the keys of an object that were seen, by their places in the table.
type keys uint16

func (k keys) has(key int) bool { return k>>key&1 != 0 }

// known reads a key. It is the place of one in the table, or −1 with the key itself. Of
// two that are the same it is not for this reader to say which counts.
func (s *scanner) known(table keyTable, seen *keys) (int, string) {
	rest := s.b[s.i:]
	// What stands next is most often the key after the last that was seen.
	for k := bits.Len16(uint16(*seen)); k < len(table); k++ {
		if t := table[k]; len(rest) > len(t) && rest[1] == t[1] && string(rest[:len(t)]) == t {
			s.i += len(t)
			*seen |= 1 << k
			return k, ""
		}
	}
	key := s.key()
	for k, t := range table {
		if t[1:len(t)-2] == key {
			if seen.has(k) {
				s.giveUp = true
			}
			*seen |= 1 << k
			return k, ""
		}
	}
	return -1, key
}

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
