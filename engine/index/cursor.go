package index

import (
	"slices"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/store"
)

// Query says who is looked for.
type Query struct {
	Key         household.PersonKey // exact key, never a candidate itself; may be zero
	Number      string              // 18 normalised characters; empty means those of the key
	Name        names.Name          // prepared with the table of the reader
	FormerNames []names.Name
	Birth       household.Date
	Counties    []string // division codes; their first six digits count
}

// Candidate is an entry, of the section of people or of the unlinked, that may
// speak of the person. It is confirmed on what is stored there.
type Candidate struct {
	Key    household.PersonKey
	Routes Route
}

// Stats say what a query cost.
type Stats struct {
	Probes     int   // keys asked for
	FilterHits int   // that passed a filter
	Reads      int   // entries looked up in blocks
	Common     Route // routes on which a key was too common: their records are not among the candidates
}

// Cursor answers queries. It belongs to one goroutine.
type Cursor struct {
	r        *Reader
	buf      []byte
	refs     []ref
	names    []string
	counties []uint32
	stats    Stats
	dst      []Candidate
	// skip is a place whose substitutions are left out, -1 for none: the self-check
	// of the test against the definition sets it, to see that the test notices.
	skip int
}

// Cursor returns a cursor.
func (r *Reader) Cursor() *Cursor { return &Cursor{r: r, skip: -1} }

// Candidates appends the candidates to dst, ascending by key, each once with all
// its routes. A person who shares no key costs no read. It asks by the routes for
// which the query has what they need.
func (c *Cursor) Candidates(dst []Candidate, q *Query) ([]Candidate, Stats, error) {
	c.stats, c.dst = Stats{}, dst
	err := c.gather(q)
	out := c.dst
	c.dst = nil
	if err != nil {
		return dst, c.stats, err
	}
	return unite(out, len(dst)), c.stats, nil
}

func (c *Cursor) gather(q *Query) error {
	if !q.Key.IsZero() {
		if err := c.former(q.Key); err != nil {
			return err
		}
	}
	var number [18]byte
	digits, ok := queryNumber(q, &number)
	if ok {
		if err := c.typos(q.Key, &digits); err != nil {
			return err
		}
	}
	c.counties = c.counties[:0]
	for _, code := range q.Counties {
		if n := county(code); n != 0 && !slices.Contains(c.counties, n) {
			c.counties = append(c.counties, n)
		}
	}
	c.names = c.names[:0]
	for i := -1; i < len(q.FormerNames); i++ {
		name := q.Name
		if i >= 0 {
			name = q.FormerNames[i]
		}
		folded := legible(name)
		if folded == "" {
			continue
		}
		if !slices.Contains(c.names, folded) {
			c.names = append(c.names, folded)
			if err := c.byName(q, folded, number[:], ok); err != nil {
				return err
			}
		}
		// Two spellings of one folded name may be read differently.
		if err := c.byPinyin(q, name); err != nil {
			return err
		}
	}
	return nil
}

// queryNumber is the number of a query in a buffer, and its digits.
func queryNumber(q *Query, number *[18]byte) (d [18]uint8, ok bool) {
	switch {
	case q.Number != "":
		if d, ok = digits18(q.Number); ok {
			copy(number[:], q.Number)
		}
		return d, ok
	case q.Key.IsZero():
		return d, false
	case q.Key.Num < household.OtherDocuments:
		n := q.Key.Num
		p := 0
		for i := 16; i >= 0; i-- {
			d[i] = uint8(n % 10)
			n /= 10
		}
		for _, v := range d[:17] {
			p = (p + int(v)) * 2 % 11
		}
		d[17] = uint8((12 - p) % 11)
	case q.Key.Num == household.OtherDocuments+uint64(household.HMTPermit):
		if d, ok = digits18(q.Key.Text); !ok {
			return d, false
		}
	default:
		return d, false
	}
	for i, v := range d {
		number[i] = "0123456789X"[v]
	}
	return d, true
}

// Numberless reports whether rows without a number may lie under a normalised name.
// That none does is certain.
func (c *Cursor) Numberless(name string) bool {
	var hash uint64
	c.buf, hash = textKey(c.buf, domainNumberless, name)
	return c.r.loose.has(hash)
}

func (c *Cursor) former(key household.PersonKey) error {
	var hash uint64
	c.buf, hash = formerKey(c.buf, key)
	if !c.passes(&c.r.loose, hash) {
		return nil
	}
	return c.lookup(SectionFormer, key, Former, key)
}

// passes asks a filter.
func (c *Cursor) passes(f *filter, hash uint64) bool {
	c.stats.Probes++
	if !f.has(hash) {
		return false
	}
	c.stats.FilterHits++
	return true
}

// probe looks for loose records under a hashed key.
func (c *Cursor) probe(hash uint64, route Route, self household.PersonKey) error {
	if !c.passes(&c.r.loose, hash) {
		return nil
	}
	return c.lookup(SectionLoose, household.PersonKey{Num: hash}, route, self)
}

// lookup takes the references under a key as candidates.
func (c *Cursor) lookup(section string, key household.PersonKey, route Route, self household.PersonKey) error {
	common, err := c.read(section, key)
	if err != nil {
		return err
	}
	if common {
		c.stats.Common |= route
	}
	for _, r := range c.refs {
		if r.key != self {
			c.dst = append(c.dst, Candidate{r.key, route})
		}
	}
	return nil
}

// read fills refs with the references under a key.
func (c *Cursor) read(section string, key household.PersonKey) (common bool, err error) {
	c.stats.Reads++
	c.refs = c.refs[:0]
	err = c.r.entry(section, key, func(payload []byte) (err error) {
		c.refs, _, common, err = readRefs(c.refs, payload)
		return err
	})
	return common, err
}

func (c *Cursor) byName(q *Query, folded string, number []byte, numbered bool) error {
	var hash uint64
	if q.Birth != 0 {
		c.buf, hash = dated(c.buf, domainBirth, q.Birth, folded)
		if err := c.probe(hash, NameBirth, q.Key); err != nil {
			return err
		}
		for _, n := range c.counties {
			c.buf, hash = areaKey(c.buf, folded, q.Birth, n)
			if err := c.probe(hash, NameArea, q.Key); err != nil {
				return err
			}
		}
		if err := c.byLegible(q, folded); err != nil {
			return err
		}
	}
	if !numbered {
		return nil
	}
	c.buf, hash = maskKey(c.buf, domainMask, folded, [4]byte(number[14:]))
	if err := c.probe(hash, NameMask, q.Key); err != nil {
		return err
	}
	if number[6] != '1' || number[7] != '9' {
		return nil // never had a number of 15 places
	}
	c.buf, hash = maskKey(c.buf, domainOldMask, folded, [4]byte(number[13:17]))
	return c.probe(hash, NameMask, q.Key)
}

// byLegible looks for names with lost characters: any of the characters may be the
// first that was not lost.
func (c *Cursor) byLegible(q *Query, folded string) error {
	length := 0
	for range folded {
		length++
	}
	if length > 0xffff {
		return nil
	}
	place := 0
	for _, r := range folded {
		if place > maxPlace {
			break
		}
		var hash uint64
		c.buf, hash = illegibleKey(c.buf, q.Birth, length, place, r)
		if err := c.probe(hash, Illegible, q.Key); err != nil {
			return err
		}
		place++
	}
	return nil
}

// byPinyin makes the pinyin of a name only when a name with letters has the birth
// date: it allocates.
func (c *Cursor) byPinyin(q *Query, name names.Name) error {
	if q.Birth == 0 {
		return nil
	}
	var hash uint64
	c.buf, hash = spelledKey(c.buf, q.Birth)
	if !c.passes(&c.r.loose, hash) {
		return nil
	}
	keys, _ := name.PinyinKeys()
	for _, pinyin := range keys {
		c.buf, hash = dated(c.buf, domainPinyin, q.Birth, pinyin)
		if err := c.probe(hash, Pinyin, q.Key); err != nil {
			return err
		}
	}
	return nil
}

// typos tries the numbers one typing error away.
func (c *Cursor) typos(self household.PersonKey, d *[18]uint8) error {
	if c.r.sum.invalidKeys == 0 {
		return nil
	}
	number := pack(d)
	f := &c.r.invalid
	for i, was := range d {
		if i == c.skip {
			continue
		}
		top := uint8(10)
		if i == 17 {
			top = 11 // the check character may be X
		}
		without := number - uint64(was)*powers[i]
		for v := range top {
			if v == was {
				continue
			}
			c.stats.Probes++
			if f.has(mix(without + uint64(v)*powers[i])) {
				typo := *d
				typo[i] = v
				if err := c.typo(self, &typo); err != nil {
					return err
				}
			}
		}
	}
	for i := range 17 {
		a, b := uint64(d[i]), uint64(d[i+1])
		if a == b {
			continue
		}
		c.stats.Probes++
		// The arithmetic may pass below zero on the way; it ends where it should.
		if f.has(mix(number + (b-a)*powers[i] + (a-b)*powers[i+1])) {
			typo := *d
			typo[i], typo[i+1] = typo[i+1], typo[i]
			if err := c.typo(self, &typo); err != nil {
				return err
			}
		}
	}
	return nil
}

// typo looks whether an invalid number that passed the filter was recorded.
func (c *Cursor) typo(self household.PersonKey, d *[18]uint8) error {
	var text [18]byte
	for i, v := range d {
		text[i] = "0123456789X"[v]
	}
	c.stats.FilterHits++
	c.stats.Reads++
	key := household.PersonKey{Num: household.InvalidDocuments + uint64(household.ResidentID), Text: string(text[:])}
	if key == self {
		return nil
	}
	return c.r.gen.View(store.SectionUnlinked, key, func(b block.Block) error {
		if _, ok := b.Find(key); ok {
			c.dst = append(c.dst, Candidate{key, Typo})
		}
		return nil
	})
}

// unite sorts what was appended after n and gives every key once.
func unite(all []Candidate, n int) []Candidate {
	found := all[n:]
	if len(found) < 2 {
		return all
	}
	slices.SortFunc(found, func(a, b Candidate) int { return a.Key.Compare(b.Key) })
	out := found[:1]
	for _, x := range found[1:] {
		if last := &out[len(out)-1]; last.Key == x.Key {
			last.Routes |= x.Routes
		} else {
			out = append(out, x)
		}
	}
	return all[:n+len(out)]
}

// Person is a person of the register, found under a key.
type Person struct {
	Key   household.PersonKey
	Flags Flags
}

func (c *Cursor) people(dst []Person, section string, key household.PersonKey) (_ []Person, tooMany bool, err error) {
	tooMany, err = c.read(section, key)
	if err != nil {
		return dst, false, err
	}
	for _, r := range c.refs {
		dst = append(dst, Person{Key: r.key, Flags: r.flags})
	}
	return dst, tooMany, nil
}

// Namesakes appends the people of the register with this folded name, today or
// formerly, and birth date, ascending. tooMany means that there are more than
// HotKey and none is given. A name with lost characters has no namesakes to find:
// tooMany is true.
func (c *Cursor) Namesakes(dst []Person, name names.Name, birth household.Date) (_ []Person, tooMany bool, err error) {
	folded := legible(name)
	if folded == "" || birth == 0 {
		return dst, true, nil
	}
	var hash uint64
	c.buf, hash = dated(c.buf, domainBirth, birth, folded)
	return c.people(dst, SectionRegister, household.PersonKey{Num: hash})
}

// MaskCompatible appends the people of the register with this folded name whose
// resident number can be the one behind a masked one, ascending. tooMany means
// that they cannot be told: more than HotKey share name and last four, the last
// four are hidden, the mask has 15 places, or the name is not legible.
func (c *Cursor) MaskCompatible(dst []Person, name names.Name, masked string) (_ []Person, tooMany bool, err error) {
	folded := legible(name)
	masked = match.NormalNumber([]byte(masked))
	m, ok := documents.ParseMask(masked)
	f := facts{}
	if ok {
		f.readMask(m, masked)
	}
	if folded == "" || f.masked != domainMask {
		return dst, true, nil
	}
	var hash uint64
	c.buf, hash = maskKey(c.buf, domainMask, folded, f.last4)
	start := len(dst)
	dst, tooMany, err = c.people(dst, SectionRegister, household.PersonKey{Num: hash})
	if err != nil {
		return dst[:start], false, err
	}
	kept := slices.DeleteFunc(dst[start:], func(p Person) bool { return !m.Compatible(numberOf(p.Key)) })
	return dst[:start+len(kept)], tooMany, nil
}

// Household appends the people registered under a household number, ascending.
// tooMany means more than HotKey, an institution rather than a household.
func (c *Cursor) Household(dst []Person, number string) (_ []Person, tooMany bool, err error) {
	no := match.NormalNumber([]byte(number))
	if no == "" {
		return dst, false, nil
	}
	var hash uint64
	c.buf, hash = textKey(c.buf, domainHousehold, no)
	return c.people(dst, SectionHousehold, household.PersonKey{Num: hash})
}

// Former appends the counterparts of a number that the register knows, ascending:
// with CurrentNumber the number of today of whoever had this one, with
// FormerNumber a number the person had before. It gives direct counterparts only;
// ask again with the number of today for the others. tooMany means more than
// HotKey: a placeholder rather than a number.
func (c *Cursor) Former(dst []Person, key household.PersonKey) (_ []Person, tooMany bool, err error) {
	var hash uint64
	c.buf, hash = formerKey(c.buf, key)
	if !c.r.loose.has(hash) {
		return dst, false, nil
	}
	return c.people(dst, SectionFormer, key)
}

// Frequency is the probability of the folded name in the register in parts per
// 10⁹, among those of the birth decade, the sex and the prefecture of area as far
// as they are given (0, 0 and ""); share has the formula. It is never 0. known is
// false without a register and for a name that is not legible.
func (c *Cursor) Frequency(name names.Name, birth household.Date, sex uint8, area string) (ppb int64, known bool, err error) {
	folded := legible(name)
	if folded == "" || !c.r.sum.register {
		return 0, false, nil
	}
	where := cellOf(birth, sex, area)
	everybody, err := readCounts(c.r.people, where, false)
	if err != nil {
		return 0, false, c.r.damage(SectionSummary, err)
	}
	var hash uint64
	c.buf, hash = textKey(c.buf, domainName, folded)
	n := counts{}
	err = c.r.entry(SectionFrequency, household.PersonKey{Num: hash}, func(payload []byte) (err error) {
		n, err = readCounts(payload, where, false)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	return share(n, everybody, where), true, nil
}
