package identity

import (
	"errors"
	"fmt"
	"math"

	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/linkage"
	"github.com/hedui/hedui/engine/match/names"
)

// Judge says how a row is linked to a person. An error is one of the world's.
func (p *Policy) Judge(s *Subject, r *Record, w World) (Link, error) {
	var link Link
	o, err := observe(s, r, w)
	if err != nil {
		return link, err
	}
	if err := p.weigh(&link, &o, s, r, w); err != nil {
		return link, err
	}
	seen := o.levels()
	for _, l := range [...]Level{o.document, o.name, o.birth, o.sex, o.county, o.nameBy, o.country, o.registered} {
		link.Reasons |= levelReasons[l]
	}
	if o.damaged {
		link.Reasons &^= 1 << NameNear
		link.Reasons.add(NameGarbled)
	}
	if o.inconsistent {
		link.Reasons.add(BirthInconsistent)
	}
	// What no policy decides: the number says that the row is another's.
	if o.document == DocumentOtherRegistered || o.document == DocumentBusiness {
		return link, nil
	}
	return link, p.choose(&link, seen, &o, s, r, w)
}

// choose takes the first tier that holds.
func (p *Policy) choose(link *Link, seen levels, o *observation, s *Subject, r *Record, w World) error {
	unique := levelCount // not known yet
	for i := range p.rules {
		rule := &p.rules[i]
		if seen&^rule.allow != 0 {
			continue
		}
		if link.Total < rule.minimum {
			link.Reasons.add(BelowPosterior)
			continue
		}
		if rule.unique {
			if unique == levelCount {
				var err error
				if unique, err = p.uniqueness(o, s, r, w); err != nil {
					return err
				}
				if unique == UniqueNo {
					link.Reasons.add(OtherFits)
				}
				if unique == UniqueUnknown && o.document != DocumentExact && o.document != DocumentNormalised {
					link.Reasons.add(UniquenessUnknown)
				}
			}
			if !rule.allow.has(unique) {
				continue
			}
		}
		if rule.off {
			link.Reasons.add(NotEnabled)
			continue
		}
		link.Tier, link.Use = rule.tier, rule.use
		if rule.tier == C2 && o.name == NameN6 {
			link.Reasons.add(NameChanged)
		}
		return nil
	}
	return nil
}

// weigh fills the parts. A field adds only what the ones before it have not said.
func (p *Policy) weigh(link *Link, o *observation, s *Subject, r *Record, w World) error {
	prior, level := p.prior, PriorDefault
	if w != nil {
		if n, known := w.Population(); known && n > 0 {
			prior, level = thousandths(-math.Log2(float64(n))), PriorRegister
		}
	}
	link.add(level, prior)
	// A register of a region says in its smallness what the county would.
	local := max(0, prior-p.prior)

	// What the number has told of birth date, sex and county.
	var born, sexed, placed linkage.Bits
	bits := p.weight[o.document]
	switch o.document {
	case DocumentExact, DocumentNormalised, DocumentFormer, DocumentRepair:
		born, sexed, placed = math.MaxInt32, math.MaxInt32, math.MaxInt32
	case DocumentMasked:
		bits, born, sexed, placed = p.maskBits(&o.mask, local)
	}
	link.add(o.document, bits)

	if err := p.weighName(link, o, s, r, w); err != nil {
		return err
	}
	link.add(o.birth, beyond(p.weight[o.birth], born))
	link.add(o.sex, beyond(p.weight[o.sex], sexed))
	link.add(o.county, beyond(p.weight[o.county], local+placed))
	return nil
}

// beyond is what agreement adds to what was said already. Disagreement is always
// news.
func beyond(bits, said linkage.Bits) linkage.Bits {
	if bits <= 0 {
		return bits
	}
	return max(0, bits-said)
}

// maskBits weighs the digits that are shown.
func (p *Policy) maskBits(m *documents.Mask, local linkage.Bits) (bits, born, sexed, placed linkage.Bits) {
	var shown [4]linkage.Bits
	places := m.Places()
	for i := range places {
		if m.Digit(i) == 0 {
			continue
		}
		at := i
		if places == 15 && i >= 6 {
			at += 2 // the century is not written
		}
		shown[zoneOf(at)]++
		if at == 16 {
			sexed = math.MaxInt32
		}
	}
	placed = beyond(shown[zoneDivision]*p.maskDigit[zoneDivision], local)
	born = shown[zoneBirth] * p.maskDigit[zoneBirth]
	bits = placed + born + shown[zoneSequence]*p.maskDigit[zoneSequence] + shown[zoneCheck]*p.maskDigit[zoneCheck]
	return bits, born, sexed, placed
}

func zoneOf(place int) int {
	switch {
	case place < 6:
		return zoneDivision
	case place < 14:
		return zoneBirth
	case place < 17:
		return zoneSequence
	}
	return zoneCheck
}

// weighName adds the name and how common it is. Both together lie between nothing
// and the cap.
func (p *Policy) weighName(link *Link, o *observation, s *Subject, r *Record, w World) error {
	bits := p.weight[o.name]
	if o.name > NameN4 {
		link.add(o.name, bits)
		return nil
	}
	bits = min(bits, p.nameCap)
	link.add(o.name, bits)
	if w == nil {
		return nil
	}
	name, area := s.Name, ""
	if o.nameBy == NameByFormer && o.name == NameN2 {
		name = r.Name
	}
	if len(s.Counties) > 0 && len(s.Counties[0]) >= 4 {
		area = s.Counties[0][:4]
	}
	birth, sex := s.Birth, s.Sex
	if birth == 0 {
		birth = s.Document.Birth
	}
	if sex == 0 {
		sex = s.Document.Sex
	}
	ppb, known, err := w.Frequency(name, birth, sex, area)
	if err != nil {
		return fmt.Errorf("frequency of the name: %w", err)
	}
	if !known {
		return nil
	}
	rare := thousandths(math.Log2(1e9/float64(max(ppb, 1))) - p.average)
	// A variant of a name is never worth more than the name itself.
	whole := max(0, min(p.nameCap, p.weight[min(o.name, NameN2)]+rare))
	if o.name > NameN2 {
		whole = min(bits, whole)
	}
	link.add(RarityKnown, whole-bits)
	return nil
}

// ErrCount is returned when a world counts fewer than no people.
var ErrCount = errors.New("the register counted fewer than no people")

// uniqueness asks the register whether somebody else fits the row.
func (p *Policy) uniqueness(o *observation, s *Subject, r *Record, w World) (Level, error) {
	if o.registered == RegisteredOther {
		return UniqueNo, nil
	}
	switch o.document {
	case DocumentFormer, DocumentRepair:
		return rivals(o, s, r, w)
	case DocumentOther:
		if s.Document.Key != r.Document.Key {
			return rivals(o, s, r, w)
		}
		fallthrough
	case DocumentExact, DocumentNormalised:
		if o.registered == RegisteredUnique {
			return UniqueYes, nil
		}
		return UniqueUnknown, nil
	}
	if w == nil {
		return UniqueUnknown, nil
	}
	var n int
	var known bool
	var err error
	if o.document == DocumentMasked {
		n, known, err = w.MaskCompatible(s.Document.Key, r.Name, o.mask)
	} else {
		county := ""
		if p.inCounty && o.county == CountySame {
			county = r.Division[:6]
		}
		n, known, err = w.Namesakes(s.Document.Key, r.Name, o.born, county)
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("namesakes: %w", err)
	case n < 0:
		return 0, ErrCount
	case n > 0:
		return UniqueNo, nil
	case known:
		return UniqueYes, nil
	}
	return UniqueUnknown, nil
}

// rivals looks for somebody else whom the row fits under its own number or, when
// that is invalid, under a number one typing error away.
func rivals(o *observation, s *Subject, r *Record, w World) (Level, error) {
	if w == nil {
		return UniqueUnknown, nil
	}
	key := r.Document.Key
	if o.document != DocumentRepair {
		holders, err := w.Holders(key)
		if err != nil {
			return 0, fmt.Errorf("holders of a former number: %w", err)
		}
		if rival(holders, s, r) {
			return UniqueNo, nil
		}
	} else {
		var room [48]uint64
		for _, num := range documents.AppendRepairs(room[:0], []byte(r.Number)) {
			if num == s.Document.Key.Num {
				continue
			}
			key.Num, key.Text = num, ""
			holders, err := w.Holders(key)
			if err != nil {
				return 0, fmt.Errorf("holders of a repaired number: %w", err)
			}
			if rival(holders, s, r) {
				return UniqueNo, nil
			}
		}
	}
	if o.registered == RegisteredUnknown {
		return UniqueUnknown, nil
	}
	return UniqueYes, nil
}

func rival(holders []Holder, s *Subject, r *Record) bool {
	for i := range holders {
		h := &holders[i]
		if h.Key != s.Document.Key && names.CompareFormer(r.Name, h.Name, h.Former) <= names.N3 {
			return true
		}
	}
	return false
}

// levelReasons are the reasons that follow from what was found.
var levelReasons = [levelCount]Reasons{
	DocumentNormalised: 1 << NumberNormalised, DocumentFormer: 1 << NumberFormer, DocumentOther: 1 << NumberOtherDocument,
	DocumentRepair: 1 << NumberRepaired, DocumentMasked: 1 << NumberMasked, DocumentMaskOther: 1 << MaskDiffers,
	DocumentInvalid: 1 << NumberInvalid, DocumentAbsent: 1 << NumberMissing, DocumentIncomparable: 1 << OtherKind,
	DocumentOtherNobody: 1 << NumberOfNobody, DocumentOtherValid: 1 << NumberDiffers, DocumentOtherRegistered: 1 << NumberOfOther, DocumentBusiness: 1 << BusinessCode,
	NameN2: 1 << NameLossless, NameN3: 1 << NameVariant, NameN4: 1 << NamePinyin, NameN5: 1 << NameNear,
	NameN6: 1 << SurnameOnly, NameN7: 1 << NameDiffers, NameAbsent: 1 << NameMissing, NameByFormer: 1 << NameFormer,
	BirthNear: 1 << BirthOff, BirthDifferent: 1 << BirthDiffers, BirthAbsent: 1 << BirthMissing,
	SexDifferent: 1 << SexDiffers, CountyDifferent: 1 << CountyDiffers,
	CountryDifferent: 1 << CountryDiffers, CountryAbsent: 1 << CountryMissing,
	RegisteredOther: 1 << RegisterOther, RegisteredAbsent: 1 << RegisterAbsent,
}
