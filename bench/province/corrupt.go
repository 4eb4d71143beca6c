package province

// corruptionCode is one way in which a written identity differs from the person's
// own number and name.
type corruptionCode uint

// The codes of identity.csv, in the order in which a row lists them. The changes of a
// number, and those of a name, were made in this order too.
const (
	codeDecoy corruptionCode = iota
	codeShared
	codeOther
	codeFormer
	codeID15
	codeSubstituted
	codeTransposed
	codeDouble
	codeMasked
	codeWritten
	codeMissing
	codeChangedName
	codeRare
	codeVariant
	codePinyin
	codeMojibake
	codeNoName
	codeCount
)

var corruptionCodes = [codeCount]string{
	codeDecoy: "decoy", codeShared: "id_shared", codeOther: "id_other", codeFormer: "id_former", codeID15: "id15",
	codeSubstituted: "id_substituted", codeTransposed: "id_transposed", codeDouble: "id_double", codeMasked: "id_masked",
	codeWritten: "id_written", codeMissing: "id_missing", codeChangedName: "name_changed", codeRare: "name_rare",
	codeVariant: "name_variant", codePinyin: "name_pinyin", codeMojibake: "name_mojibake", codeNoName: "name_missing",
}

// codeSet is a set of corruption codes.
type codeSet uint32

func (s *codeSet) add(c corruptionCode)     { *s |= 1 << c }
func (s codeSet) has(c corruptionCode) bool { return s&(1<<c) != 0 }

// codesOfNumber are the codes that a missing number leaves nothing of.
const codesOfNumber = codeSet(1<<codeMissing - 1<<codeShared)

// corrupter writes the identities of ordinary rows. It belongs to one goroutine.
type corrupter struct {
	*plan
	*speller
	rates, decoyRates rates
	number, scratch   []byte
	positions         []int
}

func newCorrupter(p *plan) *corrupter {
	return &corrupter{plan: p, speller: newSpeller(), rates: p.corrupt.rates, decoyRates: p.corrupt.rates.ofDecoys()}
}

// identity is what a row says about whose it is.
type identity struct {
	number []byte // valid until the next one
	name   string
	idType idType
	codes  codeSet
}

// corrupt returns what the k-th row of a source says about whose it is. It depends on
// the row alone, so that both rows of a duplicate say the same.
func (c *corrupter) corrupt(h *household, s source, k int) identity {
	m := &h.members[h.subject(s, k).member]
	r := newStream(c.seed, topicRow+uint64(s)<<8, uint64(h.index)<<12|uint64(k))
	x := &c.rates
	var id identity
	if m.namesake > 0 {
		x = &c.decoyRates
		id.codes.add(codeDecoy)
	}
	a := c.pastOf(m)
	id.idType = m.idType
	institution := -1
	if s == bank {
		institution = h.bank[k].institution
	}
	c.corruptNumber(&id, m, &a, x, &r, institution)
	c.corruptName(&id, m, &a, x, &r, s)
	return id
}

func (c *corrupter) corruptNumber(id *identity, m *person, a *past, x *rates, r *stream, institution int) {
	number := appendDocument(c.number[:0], m, docPlain)
	if r.n(rowsWithOtherDocument) == 0 && a.other {
		number = c.appendOther(number[:0], m, a)
		id.idType = a.otherKind
		id.codes.add(codeOther)
	} else if sequence, ok := c.plan.corrupt.sharedBy(m.number); ok && r.n(rowsWithSharedNumber) == 0 {
		number = appendShared(number[:0], m, sequence)
		id.codes.add(codeShared)
	} else if r.n(rowsWithFormerNumber) == 0 && a.formerNumber {
		number = c.appendFormer(number[:0], m, a.salt)
		id.codes.add(codeFormer)
	}
	resident := id.idType == residentID
	if r.million(x[rateID15]) && resident && can15(number) {
		number = appendOld15(number)
		id.codes.add(codeID15)
	}
	number = c.mistype(id, number, x, r)
	form := maskForm(r.n(int(maskForms)))
	masks := institution == maskedInstitution && c.Corrupt == CorruptBad
	if masks {
		form = mask6and4
	}
	if r.million(x[rateMasked]) || masks {
		mask(number, resident || id.idType == hmtPermit, form)
		id.codes.add(codeMasked)
	}
	if r.million(x[rateWritten]) {
		number = writeOtherwise(number, r)
		id.codes.add(codeWritten)
	}
	if r.million(x[rateMissing]) {
		number, id.idType = number[:0], m.idType
		id.codes &^= codesOfNumber
		id.codes.add(codeMissing)
	}
	c.number, id.number = number, number
}

// mistype makes at most one of the typing errors. None of them makes the number that
// of a planted person, whose expected verdict must stay what it is.
func (c *corrupter) mistype(id *identity, number []byte, x *rates, r *stream) []byte {
	draw := r.n(1_000_000)
	if draw >= x[rateSubstituted]+x[rateTransposed]+x[rateDouble] {
		return number
	}
	before := append(c.scratch[:0], number...)
	c.scratch = before
	c.positions = signs(c.positions[:0], number)
	at := c.positions
	code := codeSubstituted
	switch {
	case draw < x[rateSubstituted]:
		retype(number, at[r.n(len(at))], r)
	case draw < x[rateSubstituted]+x[rateTransposed]:
		code = codeTransposed
		if !swap(number, at, r) {
			return number
		}
	default:
		code = codeDouble
		first := r.n(len(at))
		retype(number, at[first], r)
		retype(number, at[(first+1+r.n(len(at)-1))%len(at)], r)
	}
	if c.plan.corrupt.isPlanted(number) {
		return append(number[:0], before...)
	}
	id.codes.add(code)
	return number
}

func (c *corrupter) corruptName(id *identity, m *person, a *past, x *rates, r *stream, s source) {
	n := newStream(c.seed, topicName, uint64(m.named()))
	text, rare := c.names.compose(c.scratch[:0], &n, m)
	if r.n(rowsWithFormerName) == 0 && a.formerName {
		own := string(text)
		text, rare = c.appendFormerName(text[:0], m)
		if string(text) != own {
			id.codes.add(codeChangedName)
		}
	}
	c.scratch = text
	name := string(text)
	change := func(to string, code corruptionCode) {
		if to != name {
			name = to
			id.codes.add(code)
		}
	}
	if r.million(x[rateRare]) && rare >= 0 {
		change(replaceRare(name, rare, r), codeRare)
	}
	if m.dotted {
		if r.million(x[rateDot]) {
			change(otherDot(name, r), codeVariant)
		}
	} else if r.million(x[rateVariant]) {
		change(c.vary(name, r), codeVariant)
	}
	if r.million(x[ratePinyin]) && s == bank {
		change(c.pinyin(name, len([]rune(c.names.surnames[m.surname])), r), codePinyin)
	}
	switch draw := r.n(1_000_000); {
	case draw < x[rateUTF8AsGBK]:
		change(utf8AsGBK(name), codeMojibake)
	case draw < x[rateUTF8AsGBK]+x[rateGBKAsLatin1]:
		change(gbkAsLatin1(name), codeMojibake)
	}
	id.name = name
}
