package index

import (
	"errors"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/names"
)

// Loose is what one entry says of a person who is not known by an exact document:
// an entry of the unlinked section, of another document, or of a resident number
// that the register does not have. An entry with several names, births or
// divisions is added once for each. An owner is the key that the entry begins
// under, without the count that a snapshot puts behind a text that goes on.
type Loose struct {
	Owner    household.PersonKey // where the entry lies
	Type     household.DocumentType
	Number   string         // as recorded; empty means what the owner's key says
	Name     string         // as recorded or normalised
	Birth    household.Date // of the row's own column, else 0
	Division string         // of the row's own column, else empty
}

// Registered is one person of the register. Each is added once.
type Registered struct {
	Key         household.PersonKey
	Name        string
	FormerNames []string
	FormerKeys  []household.PersonKey
	Birth       household.Date // 0 means what the key says
	Sex         uint8          // household.Sexes; 0 means what the key says
	Division    string
	Household   string // number of the household register, may be empty
}

// BuildOptions say how an index is built. The zero value is good.
type BuildOptions struct {
	Memory  int64  // bytes for sorting; 0 means 64 MiB
	TempDir string // for what does not fit; empty means the system's
	// Key seals the temporary files, nil where the data directory is not encrypted.
	Key *keyring.Key
}

const defaultMemory = 64 << 20

// Builder gathers what an index is made of. It belongs to one goroutine. Close
// removes its temporary files, which are as secret as the keys of people.
type Builder struct {
	table      *names.Table
	dir        string
	main       *sorter
	filters    *sorter
	registered bool
	written    bool
	key, item  []byte // work
	record     []byte
}

var errWritten = errors.New("the index is already written")

// NewBuilder returns an empty builder. Names are prepared with the table, and the
// index is read with the same.
func NewBuilder(table *names.Table, o BuildOptions) (*Builder, error) {
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	dir, err := os.MkdirTemp(o.TempDir, "index-")
	if err != nil {
		return nil, err
	}
	return &Builder{
		table: table, dir: dir,
		main: newSorter(dir, mainRuns, o.Memory*3/4, o.Key), filters: newSorter(dir, filterRuns, o.Memory/4, o.Key),
	}, nil
}

// Close gives everything back. It may be called again.
func (b *Builder) Close() error {
	b.written = true
	b.main, b.filters = nil, nil
	return os.RemoveAll(b.dir)
}

// emit adds one reference under a key of a section.
func (b *Builder) emit(kind byte, num uint64, key household.PersonKey, flags Flags) error {
	b.item = append(appendKey(itemHead(b.item, kind, num), key), byte(flags))
	return b.main.add(b.item)
}

func (b *Builder) filter(kind byte, hash uint64) error {
	b.item = itemHead(b.item, kind, hash)
	return b.filters.add(b.item)
}

// loose adds a reference to the loose section and its key to the filter.
func (b *Builder) loose(hash uint64, owner household.PersonKey) error {
	return errors.Join(b.emit(kindLoose, hash, owner, 0), b.filter(kindLooseFilter, hash))
}

// AddLoose adds the keys of a loose record. A record without anything to find it
// by adds none.
func (b *Builder) AddLoose(l Loose) error {
	if b.written {
		return errWritten
	}
	if l.Owner.Num == household.InvalidDocuments+uint64(household.ResidentID) {
		if d, ok := digits18(l.Owner.Text); ok {
			if err := b.filter(kindInvalidFilter, mix(pack(&d))); err != nil {
				return err
			}
		}
	}
	var hash uint64
	if l.Owner.Num == household.NoDocument {
		text, _, _ := strings.Cut(l.Owner.Text, "\x00") // a later part of a large entry
		b.key, hash = textKey(b.key, domainNumberless, text)
		if err := b.filter(kindLooseFilter, hash); err != nil {
			return err
		}
	}
	name := b.table.Name(l.Name)
	folded := name.FoldedKey()
	if folded == "" {
		return nil
	}
	f := l.facts()
	if name.Lost() > 0 {
		if place, length, r, ok := firstLegible(folded); ok && f.birth != 0 {
			b.key, hash = illegibleKey(b.key, f.birth, length, place, r)
			return b.loose(hash, l.Owner)
		}
		return nil
	}
	if f.birth != 0 {
		b.key, hash = dated(b.key, domainBirth, f.birth, folded)
		if err := b.loose(hash, l.Owner); err != nil {
			return err
		}
		if f.county != 0 {
			b.key, hash = areaKey(b.key, folded, f.birth, f.county)
			if err := b.loose(hash, l.Owner); err != nil {
				return err
			}
		}
		if name.Spelled() {
			if err := b.addSpelled(name, f.birth, l.Owner); err != nil {
				return err
			}
		}
	}
	if f.masked != 0 {
		b.key, hash = maskKey(b.key, f.masked, folded, f.last4)
		return b.loose(hash, l.Owner)
	}
	return nil
}

// addSpelled adds the pinyin keys of a name with letters, and to the filter that
// there is such a name with this birth date: nobody else's pinyin is ever made.
func (b *Builder) addSpelled(name names.Name, birth household.Date, owner household.PersonKey) error {
	var hash uint64
	b.key, hash = spelledKey(b.key, birth)
	if err := b.filter(kindLooseFilter, hash); err != nil {
		return err
	}
	keys, _ := name.PinyinKeys()
	for _, pinyin := range keys {
		b.key, hash = dated(b.key, domainPinyin, birth, pinyin)
		if err := b.loose(hash, owner); err != nil {
			return err
		}
	}
	return nil
}

// AddRegistered adds one person of the register.
func (b *Builder) AddRegistered(p Registered) error {
	if b.written {
		return errWritten
	}
	b.registered = true
	number := numberOf(p.Key)
	if d := match.ParseDocument(household.ResidentID, []byte(number)); d.Valid {
		if p.Birth == 0 {
			p.Birth = d.Birth
		}
		if p.Sex == 0 {
			p.Sex = d.Sex
		}
	}
	current := legible(b.table.Name(p.Name))
	if err := b.addName(current, CurrentName, &p, number); err != nil {
		return err
	}
	for _, former := range p.FormerNames {
		if err := b.addName(legible(b.table.Name(former)), FormerName, &p, number); err != nil {
			return err
		}
	}
	// Everybody is counted once, a person without a legible name too: the shares of
	// the names are of the whole register.
	var hash uint64
	b.key, hash = textKey(b.key, domainName, current)
	b.item = appendKey(appendCell(itemHead(b.item, kindFrequency, hash), cellOf(p.Birth, p.Sex, p.Division)), p.Key)
	if err := b.main.add(b.item); err != nil {
		return err
	}
	if no := match.NormalNumber([]byte(p.Household)); no != "" {
		b.key, hash = textKey(b.key, domainHousehold, no)
		if err := b.emit(kindHousehold, hash, p.Key, 0); err != nil {
			return err
		}
	}
	for _, former := range p.FormerKeys {
		if former == p.Key {
			continue
		}
		if err := errors.Join(b.addFormer(former, p.Key, CurrentNumber), b.addFormer(p.Key, former, FormerNumber)); err != nil {
			return err
		}
	}
	return nil
}

func (b *Builder) addName(folded string, flags Flags, p *Registered, number string) error {
	if folded == "" {
		return nil
	}
	var hash uint64
	if p.Birth != 0 {
		b.key, hash = dated(b.key, domainBirth, p.Birth, folded)
		if err := b.emit(kindRegister, hash, p.Key, flags); err != nil {
			return err
		}
	}
	if len(number) != 18 {
		return nil
	}
	b.key, hash = maskKey(b.key, domainMask, folded, [4]byte([]byte(number[14:])))
	return b.emit(kindRegister, hash, p.Key, flags)
}

// addFormer adds a counterpart of a number. Numbers are kept whole, not hashed:
// nothing on the record would confirm them.
func (b *Builder) addFormer(of, counterpart household.PersonKey, flags Flags) error {
	b.record = append(appendKey(appendText(itemHead(b.record, kindFormer, of.Num), of.Text), counterpart), byte(flags))
	if err := b.main.add(b.record); err != nil {
		return err
	}
	var hash uint64
	b.key, hash = formerKey(b.key, of)
	return b.filter(kindLooseFilter, hash)
}

// numberOf is the 18-character number that a key tells, or the text of another
// document.
func numberOf(key household.PersonKey) string {
	if key.Num < household.OtherDocuments {
		return match.ResidentText(key.Num)
	}
	if key.Num == household.OtherDocuments+uint64(household.HMTPermit) {
		return key.Text
	}
	return ""
}

// facts are what a loose record is keyed by.
type facts struct {
	birth  household.Date
	county uint32
	masked byte // domain of the key under the mask, 0 without one
	last4  [4]byte
}

// facts come from the row's own columns, else from the number: a readable one of
// 18 characters, valid or not, or what a mask shows.
func (l *Loose) facts() facts {
	f := facts{birth: l.Birth, county: county(l.Division)}
	t := l.Type
	if t != 0 && t != household.ResidentID && t != household.HMTPermit {
		return f
	}
	text := match.NormalNumber([]byte(l.Number))
	if text == "" {
		switch {
		case l.Owner.Num < household.OtherDocuments:
			text = match.ResidentText(l.Owner.Num)
		case l.Owner.Num < household.NoDocument:
			text = l.Owner.Text
		}
	}
	birth, area := household.Date(0), uint32(0)
	_, whole := digits18(text)
	if m, ok := documents.ParseMask(text); ok && !whole {
		birth, area = f.readMask(m, text)
	} else if len(text) == 18 {
		if birth = dateIn(text[6:14]); birth != 0 { // else nothing in it can be trusted
			area = county(text)
		}
	}
	if f.birth == 0 {
		f.birth = birth
	}
	if f.county == 0 {
		f.county = area
	}
	return f
}

// readMask reads what a mask shows.
func (f *facts) readMask(m documents.Mask, text string) (birth household.Date, area uint32) {
	// The places of a mask are those of 15 only when it has exactly so many.
	old := utf8.RuneCountInString(text) == 15
	shown := func(from, to int) string {
		var s strings.Builder
		for i := from; i < to; i++ {
			if m.Digit(i) == 0 {
				return ""
			}
			s.WriteByte(m.Digit(i))
		}
		return s.String()
	}
	tail := shown(14, 18)
	f.masked = domainMask
	if old {
		tail, f.masked = shown(11, 15), domainOldMask
		if day := shown(6, 12); day != "" {
			birth = dateIn("19" + day)
		}
	} else if day := shown(6, 14); day != "" {
		birth = dateIn(day)
	}
	if tail == "" {
		f.masked = 0
	} else {
		f.last4 = [4]byte([]byte(tail))
	}
	return birth, county(shown(0, 6))
}

// dateIn reads eight digits as a date, 0 when they are none.
func dateIn(s string) household.Date {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0
		}
		n = n*10 + int(s[i]-'0')
	}
	d, _ := household.NewDate(n/10000, n/100%100, n%100)
	return d
}
