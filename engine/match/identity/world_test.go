package identity_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/names"
)

var table = sync.OnceValue(func() *names.Table {
	t, err := names.Embedded()
	if err != nil {
		panic(err)
	}
	return t
})

func standard(t testing.TB) *identity.Policy {
	t.Helper()
	p, err := identity.Default()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// person is one who does not exist.
type person struct {
	Number  string   `yaml:"number"`
	Type    string   `yaml:"type"`
	Country string   `yaml:"country"`
	Name    string   `yaml:"name"`
	Birth   int32    `yaml:"birth"`
	Sex     uint8    `yaml:"sex"`
	County  string   `yaml:"county"`
	Names   []string `yaml:"former_names"`
	Numbers []string `yaml:"former_numbers"` // type:number for other documents
}

// world is a register of a few people.
type world struct {
	people     []person
	population int64
	ppb        map[string]int64
	common     bool // too common to count
}

func document(kind, number string) match.Document {
	i := slices.IndexFunc(household.DocumentTypes, func(c household.Code) bool { return c.Name == kind })
	return match.ParseDocument(household.DocumentType(max(i, 0)), []byte(number))
}

func (p *person) document() match.Document { return document(p.Type, p.Number) }

func (p *person) birth() household.Date {
	if p.Birth != 0 {
		return household.Date(p.Birth)
	}
	return p.document().Birth
}

func (p *person) formerKeys() (keys []household.PersonKey) {
	for _, n := range p.Numbers {
		kind, number, ok := strings.Cut(n, ":")
		if !ok {
			kind, number = "", n
		}
		keys = append(keys, document(kind, number).Key)
	}
	return keys
}

func prepared(list []string) (out []names.Name) {
	for _, n := range list {
		out = append(out, table().Name(n))
	}
	return out
}

func (w *world) Holders(key household.PersonKey) (out []identity.Holder, err error) {
	for i := range w.people {
		p := &w.people[i]
		if p.document().Key == key || slices.Contains(p.formerKeys(), key) {
			out = append(out, identity.Holder{
				Key: p.document().Key, Name: table().Name(p.Name), Former: prepared(p.Names), Birth: p.birth(), Sex: p.Sex,
			})
		}
	}
	return out, nil
}

func (w *world) count(subject household.PersonKey, name names.Name, fits func(*person) bool) (n int, known bool, err error) {
	for i := range w.people {
		p := &w.people[i]
		if p.document().Key != subject && table().Name(p.Name).FoldedKey() == name.FoldedKey() && fits(p) {
			n++
		}
	}
	return n, !w.common, nil
}

func (w *world) Namesakes(subject household.PersonKey, name names.Name, birth household.Date, county string) (int, bool, error) {
	return w.count(subject, name, func(p *person) bool {
		return p.birth() == birth && (county == "" || p.County == county)
	})
}

func (w *world) MaskCompatible(subject household.PersonKey, name names.Name, mask documents.Mask) (int, bool, error) {
	return w.count(subject, name, func(p *person) bool { return mask.Compatible(p.Number) })
}

func (w *world) Frequency(name names.Name, _ household.Date, _ uint8, _ string) (int64, bool, error) {
	ppb, ok := w.ppb[name.Canonical()]
	return ppb, ok, nil
}

func (w *world) Population() (int64, bool) { return w.population, w.population > 0 }

// subject declares a person in a world, nil without a register.
func subject(p *person, w *world) *identity.Subject {
	s := &identity.Subject{
		Document: p.document(), Number: match.NumberText([]byte(p.Number)), Country: p.Country,
		Name: table().Name(p.Name), Birth: household.Date(p.Birth), Sex: p.Sex,
		FormerNames: prepared(p.Names), FormerKeys: p.formerKeys(),
	}
	if p.County != "" {
		s.Counties = []string{p.County}
	}
	if w == nil {
		return s
	}
	s.Registered = identity.NotInRegister
	found, agree := 0, true
	for i := range w.people {
		q := &w.people[i]
		if !s.Document.Valid || q.document().Key != s.Document.Key {
			continue
		}
		found++
		agree = names.CompareFormer(s.Name, table().Name(q.Name), prepared(q.Names)) <= names.N2 && (p.Birth == 0 || q.birth() == p.birth())
	}
	switch {
	case found == 1 && agree:
		s.Registered = identity.RegisteredOnce
	case found > 0:
		s.Registered = identity.RegisteredToOther
	}
	return s
}

func record(p *person) *identity.Record {
	return &identity.Record{
		Document: p.document(), Number: match.NormalNumber([]byte(p.Number)), Country: p.Country,
		Name: table().Name(p.Name), Birth: household.Date(p.Birth), Sex: p.Sex, Division: p.County,
	}
}

func judge(t testing.TB, policy *identity.Policy, s, r *person, w *world) identity.Link {
	t.Helper()
	var register identity.World
	if w != nil {
		register = w
	}
	l, err := policy.Judge(subject(s, w), record(r), register)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// withCheck completes 17 digits.
func withCheck(digits string) string {
	num, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || len(digits) != 17 {
		panic("not 17 digits: " + digits)
	}
	return match.ResidentText(num)
}

// number reads how situations write a number: in full, with + for the check
// character, or as a change to the declared one.
func number(text, declared string) string {
	what, arg, _ := strings.Cut(text, " ")
	at, _ := strconv.Atoi(arg)
	b := []byte(declared)
	switch what {
	case "-":
		return ""
	case "same":
		return declared
	case "wide":
		return strings.Map(func(r rune) rune { return r - '!' + '！' }, declared)
	case "old":
		return declared[:6] + declared[8:17]
	case "typo": // the digit at a place becomes the next one
		b[at] = '0' + (b[at]-'0'+1)%10
		return string(b)
	case "swap":
		b[at], b[at+1] = b[at+1], b[at]
		return string(b)
	case "mask": // 6+4 and the like
		head, tail, _ := strings.Cut(arg, "+")
		h, _ := strconv.Atoi(head)
		n, _ := strconv.Atoi(tail)
		return declared[:h] + strings.Repeat("*", 18-h-n) + declared[18-n:]
	case "rival": // another number that the same error leads to
		b[at] = '0' + (b[at]-'0'+1)%10
		own := match.ParseDocument(0, []byte(declared)).Key.Num
		for _, num := range documents.AppendRepairs(nil, b) {
			if num != own {
				return match.ResidentText(num)
			}
		}
		panic(fmt.Sprintf("no rival at %d", at))
	}
	if digits, ok := strings.CutSuffix(text, "+"); ok {
		return withCheck(digits)
	}
	return text
}
