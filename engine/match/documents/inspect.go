package documents

import (
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Kind is what a number can be. Unlike household.DocumentType it tells apart
// the old and the new permanent residence card.
type Kind uint8

// The kinds.
const (
	Resident   Kind = iota + 1 // 居民身份证
	HMTPermit                  // 港澳台居民居住证
	Foreign                    // 外国人永久居留身份证, 18 digits since 2023-12
	ForeignOld                 // 外国人永久居留身份证, 3 letters and 12 digits
	Passport                   // 护照
	Military                   // 军官证
	USCC                       // 统一社会信用代码
)

// Candidate is one reading of a number.
type Candidate struct {
	Kind  Kind
	Valid bool           // the form and, where there is one, the check hold
	Key   string         // canonical; equal keys of one kind are one document
	Birth household.Date // told by the number itself, else 0
	Sex   uint8          // household.Sexes, else 0
	Notes Notes
}

// Options are what a number alone does not tell. The zero value is usable.
type Options struct {
	Country string                 // issuing country of a passport
	On      household.Date         // date of the check; 0 leaves age and future births unsaid
	Known   func(code string) bool // whether a division code was ever in use; nil leaves it unsaid
}

// Result is a number explained.
type Result struct {
	Candidates []Candidate // never empty; the declared type first
	Mask       Mask        // given when digits are hidden
}

// Best is the first valid reading, else the first.
func (r Result) Best() Candidate {
	for _, c := range r.Candidates {
		if c.Valid {
			return c
		}
	}
	return r.Candidates[0]
}

// Inspect explains a number recorded under a type (0 is a resident card). The
// declared reading comes first, then every other reading whose check holds.
func Inspect(t household.DocumentType, number []byte, o Options) Result {
	if t == 0 {
		t = household.ResidentID
	}
	text := match.NormalNumber(number)
	var common Notes
	if text != string(number) {
		common.add(Normalised)
	}
	if text == "" {
		common.add(Empty)
		return Result{Candidates: []Candidate{{Kind: kindOf(t, ""), Notes: common}}}
	}
	if t == household.ResidentID || t == household.HMTPermit {
		if m, ok := ParseMask(text); ok {
			common.add(Masked)
			return Result{Candidates: []Candidate{{Kind: kindOf(t, text), Key: text, Notes: common}}, Mask: m}
		}
	}
	declared := kindOf(t, text)
	out := []Candidate{read(declared, text, o)}
	for _, k := range [...]Kind{Resident, HMTPermit, Foreign, ForeignOld, USCC} {
		// A permit number also satisfies the resident check; its prefix says what it is.
		if k == declared || k == Resident && permitPrefix(text) {
			continue
		}
		if c := read(k, text, o); c.Valid {
			out = append(out, c)
		}
	}
	if declared == Resident && len(text) == 15 && out[0].Notes.Has(CenturyUnclear) {
		c := read(Resident, raise(text, "18"), o)
		c.Notes.add(OldForm)
		c.Notes.add(CenturyUnclear)
		c.Valid = false // a possibility to search by, not the number recorded
		out = append(out, c)
	}
	valid := 0
	for _, c := range out {
		if c.Valid {
			valid++
		}
	}
	for i := range out {
		out[i].Notes |= common
		if valid > 1 && out[i].Valid {
			out[i].Notes.add(Ambiguous)
		}
	}
	return Result{Candidates: out}
}

func kindOf(t household.DocumentType, text string) Kind {
	switch t {
	case household.HMTPermit:
		return HMTPermit
	case household.ForeignPermit:
		if len(text) == 15 {
			return ForeignOld
		}
		return Foreign
	case household.Passport:
		return Passport
	case household.Military:
		return Military
	case household.USCC:
		return USCC
	}
	return Resident
}

func read(k Kind, text string, o Options) Candidate {
	c := Candidate{Kind: k, Key: text}
	switch k {
	case Resident:
		readResident(&c, text, o)
	case HMTPermit:
		readResident(&c, text, o)
		if !permitPrefix(text) || len(text) != 18 {
			c.Valid = false
			c.Notes.add(FormUnknown)
		}
	case Foreign:
		readForeign(&c, text)
	case ForeignOld:
		c.Valid = len(text) == 15 && letters(text[:3]) && digits(text[3:])
		c.Notes.add(NoCheck)
		if !c.Valid {
			c.Notes.add(FormUnknown)
		}
	case Passport:
		c.Valid = match.ParseDocument(household.Passport, []byte(text)).Valid
		c.Notes.add(NoCheck)
		if !passportForm(text) {
			c.Notes.add(FormUnknown)
		}
		if country := match.NormalNumber([]byte(o.Country)); country != "" {
			c.Key = country + ":" + text
		}
	case Military:
		c.Key = militaryKey(text)
		c.Valid = match.ParseDocument(household.Military, []byte(text)).Valid
		c.Notes.add(NoCheck)
		if !digits(lastDigits(c.Key)) || !strings.Contains(text, "字第") {
			c.Notes.add(FormUnknown)
		}
	case USCC:
		readUSCC(&c, text)
	}
	if repeated(text) || exampleNumber(text) {
		c.Notes.add(TestNumber)
	}
	return c
}

// readResident explains a resident number or a permit, which share their layout.
func readResident(c *Candidate, text string, o Options) {
	d := match.ParseDocument(household.ResidentID, []byte(text))
	c.Valid, c.Birth, c.Sex = d.Valid, d.Birth, d.Sex
	full := text
	switch {
	case len(text) == 15 && digits(text):
		full = raise(text, "19")
		c.Notes.add(OldForm)
		if text[12:] >= "996" {
			c.Notes.add(CenturyUnclear)
		}
		if d.Valid {
			c.Key = full
		}
	case len(text) != 18 && len(text) != 15:
		c.Notes.add(WrongLength)
		return
	case len(text) == 15 || !digits(text[:17]) || text[17] != 'X' && !digits(text[17:]):
		c.Notes.add(BadCharacter)
		return
	}
	if full[17] != check11(full[:17]) {
		c.Notes.add(CheckFailed)
	}
	birth, ok := household.NewDate(number(full[6:10]), number(full[10:12]), number(full[12:14]))
	switch {
	case !ok:
		c.Notes.add(ImpossibleDate)
	case birth == 19000101:
		c.Notes.add(DefaultBirth)
	}
	if ok && o.On != 0 {
		if birth > o.On {
			c.Notes.add(FutureBirth)
		} else if birth.Age(o.On) > 125 {
			c.Notes.add(AgeOver125)
		}
	}
	if o.Known != nil && !permitPrefix(full) && !o.Known(full[:6]) {
		c.Notes.add(UnknownDivision)
	}
}

// readForeign explains the card issued since 2023-12. What stands behind the 9
// is not taken apart: the layout is not published well enough to trust a birth.
func readForeign(c *Candidate, text string) {
	switch {
	case len(text) != 18:
		c.Notes.add(WrongLength)
	case text[0] != '9':
		c.Notes.add(FormUnknown)
	case !digits(text[:17]) || text[17] != 'X' && !digits(text[17:]):
		c.Notes.add(BadCharacter)
	case text[17] != check11(text[:17]):
		c.Notes.add(CheckFailed)
	default:
		c.Valid = true
	}
}

// militaryKey drops the words around the number of a card: 南字第01234567号.
func militaryKey(text string) string {
	if head, tail, ok := strings.Cut(text, "字第"); ok {
		return head + strings.TrimSuffix(tail, "号")
	}
	return text
}

func passportForm(s string) bool {
	switch {
	case len(s) == 9 && letters(s[:2]) && digits(s[2:]): // E[A-Z], DE, SE, PE and many countries
		return true
	case len(s) == 9 && letters(s[:1]) && digits(s[1:]): // E, G, D, S, P
		return true
	case len(s) == 8 && letters(s[:1]) && digits(s[1:]):
		return true
	case len(s) == 9 && digits(s): // 14 and 15 series, and many countries
		return true
	}
	return false
}

func permitPrefix(s string) bool {
	return len(s) >= 6 && (s[:6] == "810000" || s[:6] == "820000" || s[:6] == "830000")
}

// exampleNumber knows numbers printed in standards and counting runs.
func exampleNumber(s string) bool {
	return s == "11010519491231002X" || s == "440524188001010014" ||
		len(s) >= 8 && (strings.HasPrefix("123456789012345678", s) || strings.HasPrefix("012345678901234567", s))
}

func repeated(s string) bool { return len(s) > 1 && strings.Trim(s, s[:1]) == "" }

// raise writes 15 digits as 18 with a century.
func raise(text, century string) string {
	s := text[:6] + century + text[6:]
	return s + string(rune(check11(s)))
}

// check11 is the check character of GB 11643 for 17 digits.
func check11(s string) byte {
	p := 0
	for i := range len(s) {
		p = (p + int(s[i]-'0')) * 2 % 11
	}
	return "10X98765432"[p]
}

func lastDigits(s string) string { return s[len(strings.TrimRight(s, "0123456789")):] }

func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func letters(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}
