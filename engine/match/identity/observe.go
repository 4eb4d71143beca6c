package identity

import (
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/names"
)

// observation is what a row and a person agree on.
type observation struct {
	document, name, birth, sex, county, nameBy, stated, country, registered Level
	mask                                                                    documents.Mask
	born                                                                    household.Date // the row's
	inconsistent                                                            bool
	damaged                                                                 bool // the name, by a wrong encoding
}

func (o *observation) levels() levels {
	return setOf(o.document, o.name, o.birth, o.sex, o.county, o.nameBy, o.stated, o.country, o.registered)
}

// wholeNumber are the documents that say the same number as the declared one.
func wholeNumber() levels {
	return setOf(DocumentExact, DocumentNormalised, DocumentFormer, DocumentOther)
}

func observe(s *Subject, r *Record, w World) (observation, error) {
	o := observation{country: CountrySame, nameBy: NameByCurrent}
	if err := o.documents(s, r, w); err != nil {
		return o, err
	}
	level := names.CompareFormer(r.Name, s.Name, s.FormerNames)
	if len(s.FormerNames) > 0 && level < names.Compare(r.Name, s.Name) {
		o.nameBy = NameByFormer
	}
	o.name = NameN1 + Level(level-names.N1)
	if level >= names.N6 && level != names.Absent && wholeNumber().has(o.document) && o.garbled(s, r) {
		// Under one number it explains the difference, for a person to confirm.
		o.name, o.damaged = NameN5, true
	}

	ours, sex := s.Birth, s.Sex
	if ours == 0 {
		ours = s.Document.Birth
	}
	if sex == 0 {
		sex = s.Document.Sex
	}
	theirs, theirSex := r.Birth, r.Sex
	if told := r.Document; told.Valid {
		if o.document == DocumentFormer {
			// It was replaced, perhaps because these were wrong in it.
			if told.Birth != ours {
				told.Birth = 0
			}
			if told.Sex != sex {
				told.Sex = 0
			}
		}
		o.inconsistent = theirs != 0 && told.Birth != 0 && theirs != told.Birth
		if theirs == 0 {
			theirs = told.Birth
		}
		if theirSex == 0 {
			theirSex = told.Sex
		}
	}
	o.stated = StatedNot
	if r.Birth != 0 && r.Birth == ours {
		o.stated = StatedEqual
	}
	o.born = theirs
	o.birth = compareBirths(ours, theirs)
	switch {
	case sex == 0 || theirSex == 0:
		o.sex = SexAbsent
	case sex == theirSex:
		o.sex = SexSame
	default:
		o.sex = SexDifferent
	}
	o.county = compareDivision(s.Counties, r.Division)
	switch s.Registered {
	case RegisteredOnce:
		o.registered = RegisteredUnique
	case NotInRegister:
		o.registered = RegisteredAbsent
	case RegisteredToOther:
		o.registered = RegisteredOther
	default:
		o.registered = RegisteredUnknown
	}
	return o, nil
}

// documents compares the numbers.
func (o *observation) documents(s *Subject, r *Record, w World) error {
	ours, theirs := &s.Document, &r.Document
	switch {
	case theirs.Type == household.USCC:
		o.document = DocumentBusiness
	case !theirs.Given:
		o.document = DocumentAbsent
	case !theirs.Valid:
		o.invalid(s, r)
	case ours.Valid && ours.Key == theirs.Key:
		o.same(s, r)
	case samePermit(s, r):
		o.document = DocumentOther
	case slices.Contains(s.FormerKeys, theirs.Key):
		o.former(r)
	case !ours.Valid:
		// Nothing to compare with: somebody registered under the row's number may
		// be our person.
		o.document = DocumentIncomparable
	default:
		return o.other(s, r, w)
	}
	return nil
}

// invalid compares a number that is not valid.
func (o *observation) invalid(s *Subject, r *Record) {
	o.document = DocumentInvalid
	if r.Document.Type != household.ResidentID && r.Document.Type != household.HMTPermit {
		return
	}
	own := s.Document.Type
	whole := s.Document.Valid && len(s.Number) == 18 && (own == household.ResidentID || own == household.HMTPermit)
	if m, ok := documents.ParseMask(r.Number); ok {
		o.mask = m
		switch {
		case m.Known == 0:
			o.document = DocumentAbsent
		case !whole:
			o.document = DocumentIncomparable
		case m.Compatible(s.Number):
			o.document = DocumentMasked
		default:
			o.document = DocumentMaskOther
		}
		return
	}
	if !whole || own != household.ResidentID {
		return
	}
	var room [48]uint64
	for _, num := range documents.AppendRepairs(room[:0], []byte(r.Number)) {
		if num == s.Document.Key.Num {
			o.document = DocumentRepair
		}
	}
}

// same is for two equal keys. Two countries can issue one passport number.
func (o *observation) same(s *Subject, r *Record) {
	switch {
	case s.Document.Type == household.ResidentID:
		// Raised on either side, the number is no longer as somebody issued it.
		o.document = DocumentExact + Level(max(s.Document.Form, r.Document.Form))
	case s.Document.Type != household.Passport:
		o.document = DocumentOther
	case s.Country == "" || r.Country == "":
		o.document, o.country = DocumentOther, CountryAbsent
	case s.Country != r.Country:
		o.document, o.country = DocumentIncomparable, CountryDifferent
	default:
		o.document = DocumentOther
	}
}

// samePermit knows a residence permit that one side calls a resident card: the
// numbers share layout and check.
func samePermit(s *Subject, r *Record) bool {
	a, b := s.Document.Type, r.Document.Type
	return s.Document.Valid && len(s.Number) == 18 && s.Number == r.Number && s.Document.Birth != 0 &&
		(a == household.HMTPermit && b == household.ResidentID || a == household.ResidentID && b == household.HMTPermit)
}

// former is for a number that the register has as a former one, or as another document,
// of the person. A passport in the register of residents was issued by their country;
// a row that says nothing else is taken to mean the same one, because the register,
// the name and the birth date name the person too.
func (o *observation) former(r *Record) {
	o.document = DocumentFormer
	if r.Document.Key.Num < household.OtherDocuments {
		return
	}
	o.document = DocumentOther
	if r.Document.Type == household.Passport && r.Country != "" && !slices.Contains([]string{"CHN", "CN", "156", "中国", "中华人民共和国"}, r.Country) {
		o.document, o.country = DocumentIncomparable, CountryDifferent
	}
}

// other is for a valid number that is not ours: whose is it?
func (o *observation) other(s *Subject, r *Record, w World) error {
	o.document = DocumentIncomparable
	if s.Document.Type == household.ResidentID && r.Document.Type == household.ResidentID {
		o.document = DocumentOtherValid
	}
	if w == nil {
		return nil
	}
	holders, err := w.Holders(r.Document.Key)
	if err != nil {
		return fmt.Errorf("holders of the row's number: %w", err)
	}
	ours := false
	for i := range holders {
		ours = ours || holders[i].Key == s.Document.Key
	}
	switch {
	case ours:
		o.former(r)
	case len(holders) > 0:
		o.document = DocumentOtherRegistered
	case o.document == DocumentOtherValid && s.Registered != Unregistered:
		o.document = DocumentOtherNobody
	}
	return nil
}

// garbled reports whether a wrong encoding explains the row's name.
func (o *observation) garbled(s *Subject, r *Record) bool {
	return names.Garbled(s.Name, r.Name) || slices.ContainsFunc(s.FormerNames, func(n names.Name) bool { return names.Garbled(n, r.Name) })
}

func compareBirths(a, b household.Date) Level {
	switch {
	case a == 0 || b == 0:
		return BirthAbsent
	case a == b:
		return BirthEqual
	}
	// At most two digits that stand beside each other and are exchanged, or one.
	x, y := int32(a), int32(b)
	if x/10000 == y/10000 && x%100 == y/100%100 && y%100 == x/100%100 {
		return BirthNear
	}
	for x%10 == y%10 {
		x, y = x/10, y/10
	}
	if x/10 == y/10 || x/100 == y/100 && x%10 == y/10%10 && y%10 == x/10%10 {
		return BirthNear
	}
	return BirthDifferent
}

// compareDivision compares the county, or the prefecture where the row says no
// more. A province says too little to count.
func compareDivision(ours []string, theirs string) Level {
	if len(theirs) < 4 || len(ours) == 0 || theirs[2:4] == "00" {
		return CountyAbsent
	}
	level := CountyDifferent
	for _, c := range ours {
		switch {
		case len(c) < 4 || c[:4] != theirs[:4]:
		case len(c) >= 6 && len(theirs) >= 6 && c[:6] == theirs[:6] && c[4:6] != "00":
			return CountySame
		default:
			level = CountyArea
		}
	}
	return level
}
