package province

// relation of a member to the head.
type relation uint8

const (
	head relation = iota
	spouse
	child
	parent
	sibling
)

var relationNames = []string{"head", "spouse", "child", "parent", "sibling"}

// person is one member of a household.
type person struct {
	number   uint32 // running number in the province
	relation relation
	sex      uint8 // 0 female, 1 male
	origin   uint8 // index of the division of the document number
	sequence uint16
	surname  uint16
	dotted   bool
	idType   idType
	birth    day
	job      job

	// Only a decoy has this.
	namesake uint32 // 1 + number of the person whose name it bears

	// Only planted people have these.
	name     string // overrides the drawn name
	excluded string
	unsigned bool
	idForm   docForm
	twinOf   int      // 1 + index of the member this one repeats
	declared [4]int64 // fen a month by line
}

// named is the number that the person's name is drawn from.
func (p *person) named() uint32 {
	if p.namesake > 0 {
		return p.namesake - 1
	}
	return p.number
}

// Income lines of the reference pack, in the order of person.declared.
const (
	lineWage = iota
	lineBusiness
	lineProperty
	lineTransfer
)

var lineNames = []string{"wage", "business", "property", "transfer"}

// job is what an ordinary member lives of.
type job struct {
	months   int   // months with a wage record, 0 for none
	last     month // the latest of them
	monthly  int64 // fen
	kind     int   // income type
	employer int
	formal   bool // insured as an employee in those months
	pension  int  // months with a pension record
	resident bool // the pension is the residents' one
}

// class is how an ordinary household lives.
type class uint8

const (
	honest      class = iota // poor, and declared what the departments hold
	forgetful                // poor, and left something out
	comfortable              // the general public
)

var householdSizes = [20]int{1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 3, 2, 5, 3} // 2.8 on average

// adult is the age from which a person signs, earns and owns in this province.
const adult = 18

// drawPeople builds the members of an ordinary household, without their document
// numbers.
func (p *plan) drawPeople(h *household, size int) {
	r := newStream(p.seed, topicPeople, uint64(h.index))
	h.home = p.drawHome(&r)
	h.rural = r.chance(450)
	h.class = p.classOf(h.index)
	h.members = h.members[:0]
	surname := uint16(p.names.surname.draw(&r))
	dotted := r.chance(10)

	headAge := 24 + r.n(36)
	if size <= 2 && r.chance(450) {
		headAge = 60 + r.n(28)
	}
	couple := size >= 3 && r.chance(850) || size == 2 && r.chance(650)
	sex := uint8(r.n(2))
	add := func(rel relation, sex uint8, age int, surname uint16) {
		p.addPerson(h, &r, rel, sex, age, surname)
		h.members[len(h.members)-1].dotted = dotted
	}
	add(head, sex, headAge, surname)
	if couple {
		wife := uint16(p.names.surname.draw(&r))
		if sex == 0 { // children carry their father's name
			surname, wife = wife, surname
		}
		other := surname
		if sex == 1 {
			other = wife
		}
		add(spouse, 1-sex, max(20, headAge-4+r.n(7)), other)
	}
	if size >= 4 && r.chance(500) || size == 5 {
		add(parent, uint8(r.n(2)), min(96, headAge+21+r.n(12)), surname)
	}
	for len(h.members) < size {
		add(child, uint8(r.n(2)), max(0, min(headAge-21-r.n(12), 30)), surname)
	}
	p.employ(h, &r)
}

// drawHome draws a county; the first ones are larger.
func (p *plan) drawHome(r *stream) uint8 {
	n := len(homeCounties)
	return uint8(min(r.n(n), r.n(n+2)))
}

func (p *plan) addPerson(h *household, r *stream, rel relation, sex uint8, age int, surname uint16) *person {
	origin := h.home
	if r.chance(70) { // born elsewhere
		origin = uint8(r.n(len(homeCounties) + firstPermit))
	}
	year := p.cal.on.year() - age - 1
	m := 1 + r.n(12)
	birth := day(year*10000 + m*100 + 1 + r.n(daysIn(year, m)))
	if birth.age(p.cal.on) > age {
		birth += 10000
		if birth%10000 == 229 {
			birth--
		}
	}
	h.members = append(h.members, person{relation: rel, sex: sex, origin: origin, surname: surname, birth: birth})
	return &h.members[len(h.members)-1]
}

// employ gives the members of an ordinary household their jobs and pensions. A poor
// household's income stays well under its limit.
func (p *plan) employ(h *household, r *stream) {
	earners := 0
	for i := range h.members {
		m := &h.members[i]
		age := m.birth.age(p.cal.on)
		switch {
		case age < adult:
			continue
		case age >= 60:
			if r.chance(650) {
				m.job.pension = 1 + r.n(2)
				m.job.resident = h.rural || r.chance(400)
			}
			if !r.chance(250) {
				continue
			}
			m.job.kind = []int{interest, rental, interest, labour}[r.n(4)]
		case !r.chance(630):
			continue
		default:
			m.job.kind = wage
			if r.chance(200) {
				m.job.kind = []int{labour, business, rental, interest, dividend}[r.n(5)]
			}
			m.job.formal = m.job.kind == wage && r.chance(500)
		}
		m.job.months = []int{1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 12, 12, 2, 4}[r.n(15)]
		m.job.last = p.cal.to - month(r.n(13-m.job.months))
		m.job.employer = int(r.next()%uint64(len(p.employers))) & int(r.next()) // low numbers employ more
		if m.job.months > 0 {
			earners++
		}
	}
	budget := h.incomeLimit() * int64(100+r.n(500)) / 1000
	for i := range h.members {
		j := &h.members[i].job
		if j.months == 0 {
			continue
		}
		if h.class != comfortable {
			j.monthly = min(budget/int64(earners)/int64(j.months), 2600_00) / 100 * 100
			continue
		}
		j.monthly = 1800_00 + r.fen(4000_00) + r.fen(3000_00)
		if r.chance(100) {
			j.monthly *= 3
		}
	}
}
