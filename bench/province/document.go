package province

import "slices"

// idType is the kind of a person's document.
type idType uint8

const (
	residentID idType = iota
	passport
	hmtPermit
	military
)

// docForm is how a department wrote a document number. All forms but docInvalid
// are the same number after lossless normalisation.
type docForm uint8

const (
	docPlain   docForm = iota
	docOld             // the 15 digits of before 1999, for people born 19xx
	docWide            // full-width digits
	docSpaced          // spaces inside
	docLower           // a lower-case x where there is one
	docInvalid         // a wrong check character
	docNone            // not written
)

const checkCharacters = "10X98765432"

func checkCharacter(digits []byte) byte {
	sum, weight := 0, 1
	for _, digit := range slices.Backward(digits) {
		weight = weight * 2 % 11
		sum += int(digit-'0') * weight
	}
	return checkCharacters[sum%11]
}

func divisionCode(index uint8) int {
	if int(index) < len(homeCounties) {
		return homeCounties[index].code
	}
	return birthCounties[int(index)-len(homeCounties)]
}

// appendDocument appends the person's document number in a form.
func appendDocument(b []byte, p *person, form docForm) []byte {
	if form == docNone {
		return b
	}
	start := len(b)
	if p.idType == passport {
		b = append(b, 'E')
		// 48271 is coprime to 10^8: different people, different numbers.
		return appendDigits(b, uint64(p.number)*48271%100_000_000, 8)
	}
	b = appendDigits(b, uint64(divisionCode(p.origin)), 6)
	b = appendDigits(b, uint64(p.birth), 8)
	b = appendDigits(b, uint64(p.sequence), 3)
	check := checkCharacter(b[start:])
	b = append(b, check)
	switch form {
	case docOld:
		if p.birth.year() < 2000 {
			copy(b[start+6:], b[start+8:start+17])
			b = b[:start+15]
		}
	case docLower:
		if check == 'X' {
			b[len(b)-1] = 'x'
		}
	case docInvalid:
		b[len(b)-1] = '0' + (check-'0'+1)%10
		if check == 'X' {
			b[len(b)-1] = '7'
		}
	case docSpaced:
		b = append(b, "  "...)
		copy(b[start+8:], b[start+6:])
		b[start+6], b[start+7] = ' ', ' '
	case docWide:
		plain := string(b[start:])
		b = b[:start]
		for _, c := range plain {
			b = append(b, string(c-'0'+'０')...)
		}
	}
	return b
}

// sequences deals out the three digits that tell apart people of one division,
// day of birth and sex.
type sequences struct{ used []uint16 }

const (
	firstBirthYear = 1900
	birthYears     = 200
	perCell        = 497 // sequence numbers 002…995 of one sex
)

func newSequences() *sequences {
	return &sequences{make([]uint16, (len(homeCounties)+len(birthCounties))*birthYears*372*2)}
}

// take returns the next free sequence number, odd for men, or false when the cell
// is full.
func (s *sequences) take(p *person) (uint16, bool) {
	cell := s.cell(p)
	used := int(s.used[cell])
	if used == perCell {
		return 0, false
	}
	s.used[cell]++
	return s.at(cell, used, p.sex), true
}

// cell is where people of one division, day of birth and sex are counted.
func (s *sequences) cell(p *person) int {
	cell := (int(p.origin)*birthYears+p.birth.year()-firstBirthYear)*372 + (int(p.birth)/100%100-1)*31 + int(p.birth)%100 - 1
	return cell*2 + int(p.sex)
}

// at is the sequence number that a cell deals out after so many.
func (s *sequences) at(cell, after int, sex uint8) uint16 {
	// 37 is coprime to 497, so the walk meets every number once.
	at := 1 + (after*37+int(mix(uint64(cell))%perCell))%perCell
	return uint16(2*at + int(sex))
}
