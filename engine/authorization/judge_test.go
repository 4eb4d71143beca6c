package authorization_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
)

// someone is a person of the test's world. The oracle knows people by their place in
// it; the package under test knows them by what is written of their documents.
type someone struct {
	born     household.Date
	number   string // 18 characters
	name     string
	passport bool
}

// The parts of one question as the oracle sees it.
type question struct {
	a     *authorization.Authorization
	who   []int // on the authorisation, by person
	r     *household.Request
	asked []int // in the request and counted
	on    household.Date
	at    time.Time
	known bool // the authorisation is registered
}

// oracle reads the rules again, with other means: days as time.Time in a zone of their
// own, people by identity, divisions by text.
func oracle(q *question, people []someone) string {
	a, c := q.a, q.r.Authorization
	china := time.FixedZone("China", 8*60*60)
	midnight := func(d household.Date) time.Time {
		return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, china)
	}
	eighteen := func(d household.Date) time.Time { return midnight(d).AddDate(18, 0, 0) }
	if c == nil || c.Number == "" {
		return "authorization_missing"
	}
	if !q.known || c.Number != a.Number {
		return "authorization_unknown"
	}
	if q.r.HouseholdID != a.Household {
		return "authorization_household"
	}
	if a.Withdrawn != nil && q.at.UnixNano() >= a.Withdrawn.At.UnixNano() {
		return "authorization_withdrawn"
	}
	first, end := midnight(a.From), midnight(a.To).AddDate(0, 0, 1)
	for _, moment := range []time.Time{midnight(q.on), q.at} {
		if moment.Before(first) || !moment.Before(end) {
			return "authorization_expired"
		}
	}
	if !strings.Contains(" "+strings.Join(a.Purposes, " ")+" ", " "+q.r.Scheme+" ") {
		return "authorization_purpose"
	}
	for s := household.Tax; s <= household.Insurance; s++ {
		if (!c.ClassesGiven || c.Classes[s]) && !a.Classes[s] {
			return "authorization_data_class"
		}
	}
	later := midnight(q.on)
	if q.at.After(later) {
		later = q.at
	}
	unsigned := false
	for _, person := range q.asked {
		at := -1
		for i, w := range q.who {
			if w == person {
				at = i
			}
		}
		if at < 0 {
			return "authorization_members"
		}
		m := a.Members[at]
		if m.Left > 0 && !later.Before(midnight(m.Left)) {
			return "authorization_members"
		}
		by := m.Signature
		if m.Incapable || later.Before(eighteen(people[person].born)) {
			if by = (authorization.Signature{}); m.Guardian != nil {
				by = m.Guardian.Signature
			}
		}
		unsigned = unsigned || by.Ref == "" || by.On == 0 || q.at.Before(midnight(by.On))
	}
	if len(q.asked) == 0 {
		return "authorization_members"
	}
	if unsigned {
		return "authorization_incomplete"
	}
	here, there := strings.TrimRight(q.r.Region, "0"), a.Division // the test's places end in no zero of their own
	if len(q.r.Region) < 6 || !strings.HasPrefix(here, there) && (len(here) < 6 || !strings.HasPrefix(there, here)) {
		return "authorization_division"
	}
	return ""
}

// weights are those of the check character of a resident number.
var weights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

func resident(r *rand.Rand, born household.Date) string {
	s := fmt.Sprintf("3401%02d%08d%03d", 1+r.IntN(20), born, r.IntN(1000))
	sum := 0
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return s + "10X98765432"[sum%11:sum%11+1]
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// written is one of the forms in which a number is written without meaning another.
func written(r *rand.Rand, p someone) household.IDNumber {
	s := p.number
	switch r.IntN(5) {
	case 0:
		s = strings.ToLower(s)
	case 1:
		s = s[:4] + " " + s[4:]
	case 2:
		s = strings.Map(func(c rune) rune { return c + 0xfee0 }, s)
	case 3:
		if !p.passport && s[6:8] == "19" {
			s = s[:6] + s[8:17]
		}
	}
	return household.IDNumber(s)
}

func docType(p someone) household.DocumentType {
	if p.passport {
		return household.Passport
	}
	return household.ResidentID
}

// ask makes a question: mostly one that is in order, with up to three things changed.
func ask(r *rand.Rand) (*question, []someone) {
	a := &authorization.Authorization{
		Number: "SQ1", Household: "340104-1", Division: pick(r, "340104", "340104003", "340104003012"),
		Purposes: []string{"dibao"}, Classes: authorization.AllClasses(), From: 20260101, To: 20261231,
		ScanDigest: strings.Repeat("0a", 32), RegisteredBy: "wang", RegisteredAt: instant(2026, 1, 1, 9, 0, 0), Version: 1,
	}
	a.Classes[household.Bank] = r.IntN(6) > 0
	if r.IntN(3) == 0 {
		a.Purposes = append(a.Purposes, "housing")
	}
	signed := authorization.Signature{Ref: "1/1", On: 20260101}
	q := &question{a: a, known: true, on: pick[household.Date](r, 20260101, 20260630, 20260701, 20261231)}
	var people []someone
	for i := range 2 + r.IntN(4) {
		p := someone{name: pick(r, "王秀英", "张伟")}
		if i == 0 || r.IntN(2) == 0 {
			p.born, _ = household.NewDate(1950+r.IntN(50), 1+r.IntN(12), 1+r.IntN(28))
		} else { // a child; some turn 18 about the days that are asked about
			p.born, _ = household.NewDate(2008+r.IntN(12), 1+r.IntN(12), 1+r.IntN(28))
			p.born = pick(r, p.born, 20080102, 20080229, 20080630, 20080701, 20080702, 20081231)
		}
		p.number = resident(r, p.born)
		if r.IntN(8) == 0 {
			p.passport, p.number = true, fmt.Sprintf("E%08d", r.IntN(1e8))
		}
		people = append(people, p)
		m := authorization.Member{
			DocumentType: docType(p), Document: written(r, p), Name: household.Name(p.name), Born: p.born,
			Incapable: i > 0 && r.IntN(12) == 0,
		}
		if m.Incapable || p.born.Age(a.From) < 18 {
			m.Guardian = &authorization.Guardian{
				DocumentType: docType(people[0]), Document: written(r, people[0]), Name: household.Name(people[0].name), Signature: signed,
			}
		} else {
			m.Signature = signed
		}
		a.Members = append(a.Members, m)
		q.who = append(q.who, i)
	}
	if err := a.Validate(); err != nil {
		panic(err)
	}
	// A namesake, and a stranger.
	people = append(people,
		someone{born: 19800101, number: resident(r, 19800101), name: people[0].name},
		someone{born: 19900101, number: resident(r, 19900101), name: "李明"})
	for i := range q.who {
		if i == 0 || r.IntN(4) > 0 {
			q.asked = append(q.asked, i)
		}
	}
	q.at = pick(r, instant(2026, 1, 1, 0, 0, 0), instant(2026, 6, 30, 23, 59, 59), instant(2026, 7, 1, 0, 0, 0), instant(2026, 12, 31, 23, 59, 59),
		instant(2026, 3, 1, 12, 0, 0))
	q.r = &household.Request{
		HouseholdID: a.Household, Region: pick(r, "340104", a.Division, "340104000000"), Scheme: "dibao",
		Authorization: &household.Authorization{Number: a.Number, ClassesGiven: r.IntN(2) == 0},
	}
	q.r.Authorization.Classes[household.Tax] = true
	q.r.Authorization.Classes[household.Bank] = a.Classes[household.Bank]
	if !a.Classes[household.Bank] {
		q.r.Authorization.ClassesGiven = true
	}
	member := func() *authorization.Member { return &a.Members[r.IntN(len(a.Members))] }
	changes := []func(){
		func() { q.r.Authorization = nil },
		func() { q.r.Authorization = &household.Authorization{} },
		func() { q.known = false },
		func() { a.Number = "SQ2" },
		func() { a.Household = "340104-2" },
		func() { // withdrawn a second before, at or after the access: in the middle of a batch
			at := q.at.Add(time.Duration(r.IntN(3)-1) * time.Second)
			a.Withdrawn = &authorization.Withdrawal{At: at, By: "wang", Reason: "申请人撤回"}
		},
		func() { a.From = pick[household.Date](r, 20260630, 20260701) },
		func() { a.To = pick[household.Date](r, 20260630, 20260701) },
		func() { q.on = pick[household.Date](r, 20251231, 20270101, 20260702) },
		func() { q.at = pick(r, instant(2025, 12, 31, 23, 59, 59), instant(2027, 1, 1, 0, 0, 0)) },
		func() { q.at = q.at.Add(time.Duration(r.IntN(3)-1) * time.Nanosecond) },
		func() { q.r.Scheme = pick(r, "housing", "diba", "") },
		func() { q.r.Authorization = &household.Authorization{Number: "SQ1"} },
		func() {
			q.r.Authorization = &household.Authorization{Number: "SQ1", ClassesGiven: true}
			for s := household.Tax; s <= household.Insurance; s++ {
				q.r.Authorization.Classes[s] = r.IntN(2) == 0
			}
		},
		func() { a.Classes[household.Tax+household.Source(r.IntN(5))] = false },
		func() { q.asked = append(q.asked, len(people)-1-r.IntN(2)) }, // the namesake, or the stranger
		func() { q.asked = nil },
		func() { member().Left = pick[household.Date](r, 20260630, 20260701, 20260702, 20270101) }, // divorced
		func() { m := member(); m.Signature = authorization.Signature{} },
		func() { m := member(); m.Guardian = nil }, // a minor without a guardian
		func() { m := member(); m.Incapable = !m.Incapable },
		func() { // the guardian did not sign
			if m := member(); m.Guardian != nil {
				m.Guardian.Signature = authorization.Signature{On: 20260101}
			}
		},
		func() {
			m := member()
			m.Signature = authorization.Signature{Ref: "2/1", On: pick[household.Date](r, 20260101, 20260701, 20260702)}
		},
		func() {
			q.r.Region = pick(r, "", "34", "3401", "340000", "340100", "340103", "340104003", "340104004", "340104003013", "34O104", "340104003012")
		},
	}
	for range pick(r, 0, 0, 1, 1, 1, 2, 3) {
		changes[r.IntN(len(changes))]()
	}
	for _, person := range q.asked {
		p := people[person]
		q.r.Members = append(q.r.Members, household.Member{Name: household.Name(p.name), IDNumber: written(r, p), IDType: docType(p)})
	}
	if r.IntN(4) == 0 { // somebody listed and not counted is not looked up
		q.r.Members = append(q.r.Members, household.Member{Name: "李明", IDNumber: "?", Excluded: 1})
	}
	return q, people
}

func instant(year, month, day, hour, minute, second int) time.Time {
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.FixedZone("", 8*60*60)).UTC()
}

type judge func(*authorization.Authorization, authorization.Query) (authorization.Code, authorization.Classes)

const cases = 10_000

// run asks n cases and counts what differs from the oracle.
func run(seed uint64, n int, f judge) (codes map[string]int, falseAllow, falseDeny, other int, first string) {
	r := rand.New(rand.NewPCG(seed, 1))
	codes = map[string]int{}
	for i := range n {
		q, people := ask(r)
		want := oracle(q, people)
		codes[want]++
		a := q.a
		if !q.known {
			a = nil
		}
		got, classes := f(a, authorization.ClaimOf(q.r, q.r.Scheme, q.on, q.at))
		wrong := string(got) != want
		switch {
		case got == "" && want != "":
			falseAllow++
		case got != "" && want == "":
			falseDeny++
		case wrong:
			other++
		default:
			for s, granted := range classes {
				asked := want == "" && s > 0 && s < household.NumChecked && (!q.r.Authorization.ClassesGiven || q.r.Authorization.Classes[s])
				if granted != asked {
					wrong = true
					falseAllow++
				}
			}
		}
		if wrong && first == "" {
			first = fmt.Sprintf("case %d of seed %d: got %q, want %q", i, seed, got, want)
		}
	}
	return codes, falseAllow, falseDeny, other, first
}

// TestJudge holds 10,000 questions against the oracle.
func TestJudge(t *testing.T) {
	const seed = 20261126
	codes, allow, deny, other, first := run(seed, cases, authorization.Judge)
	t.Logf("seed %d: %d cases, %d false allows, %d false denials, %d other codes; %v", seed, cases, allow, deny, other, codes)
	if first != "" {
		t.Error(first)
	}
	for _, code := range authorization.Codes() {
		if codes[string(code)] < 50 {
			t.Errorf("%s came up %d times only", code, codes[string(code)])
		}
	}
	if codes[""] < 1000 {
		t.Errorf("only %d cases are allowed", codes[""])
	}
}

// TestJudgeFindsPlantedFaults proves that the oracle notices.
func TestJudgeFindsPlantedFaults(t *testing.T) {
	alter := func(f func(a *authorization.Authorization, q *authorization.Query)) judge {
		return func(a *authorization.Authorization, q authorization.Query) (authorization.Code, authorization.Classes) {
			if a != nil {
				b := *a
				b.Members = append([]authorization.Member(nil), a.Members...)
				f(&b, &q)
				a = &b
			}
			return authorization.Judge(a, q)
		}
	}
	type A = authorization.Authorization
	type Q = authorization.Query
	for what, f := range map[string]judge{
		"another household":           alter(func(a *A, q *Q) { q.Household = a.Household }),
		"withdrawal is not looked at": alter(func(a *A, _ *Q) { a.Withdrawn = nil }),
		"withdrawal a moment too late": alter(func(a *A, _ *Q) {
			if w := a.Withdrawn; w != nil {
				a.Withdrawn = &authorization.Withdrawal{At: w.At.Add(time.Nanosecond), By: w.By, Reason: w.Reason}
			}
		}),
		"the day of access in UTC":   alter(func(_ *A, q *Q) { q.At = q.At.Add(-8 * time.Hour) }),
		"only the date of the check": alter(func(_ *A, q *Q) { q.At = dayTime(q.On) }),
		"only the day of access":     alter(func(_ *A, q *Q) { q.On = authorization.Day(q.At) }),
		"the last day excluded":      alter(func(a *A, _ *Q) { a.To-- }),
		"any purpose":                alter(func(a *A, q *Q) { q.Purpose = a.Purposes[0] }),
		"any class":                  alter(func(a *A, _ *Q) { a.Classes = authorization.AllClasses() }),
		"who left stays": alter(func(a *A, _ *Q) {
			for i := range a.Members {
				a.Members[i].Left = 0
			}
		}),
		"guardians sign for adults": alter(func(a *A, _ *Q) {
			for i := range a.Members {
				if m := &a.Members[i]; m.Guardian != nil {
					m.Signature = m.Guardian.Signature
				}
			}
		}),
		"signing later is early enough": alter(func(a *A, _ *Q) {
			for i := range a.Members {
				if m := &a.Members[i]; m.Signature.On != 0 {
					m.Signature.On = 20200101
				}
			}
		}),
		"any division": alter(func(a *A, q *Q) { q.Division = a.Division }),
		"classes that were not asked for are granted": func(a *authorization.Authorization, q authorization.Query) (authorization.Code, authorization.Classes) {
			code, classes := authorization.Judge(a, q)
			if code == "" {
				classes = a.Classes
			}
			return code, classes
		},
	} {
		if _, _, _, _, first := run(7, cases/4, f); first == "" {
			t.Errorf("%s: the oracle does not notice", what)
		}
	}
}

func dayTime(d household.Date) time.Time {
	return instant(d.Year(), int(d)/100%100, d.Day(), 12, 0, 0)
}

func TestCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 500 {
		q, people := ask(r)
		for _, person := range []int{0, len(people) - 1} {
			one := household.Request{Members: []household.Member{{IDNumber: written(r, people[person]), IDType: docType(people[person])}}}
			key := authorization.ClaimOf(&one, "", 0, q.at).Members[0]
			q.asked = []int{person}
			want := oracle(q, people)
			if want != "" && want != "authorization_members" && want != "authorization_incomplete" {
				continue
			}
			if got := q.a.Covers(key, q.on, q.at); got != (want == "") {
				t.Fatalf("covers %v, want code %q", got, want)
			}
		}
	}
}

func TestDay(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want household.Date
	}{
		{time.Date(2026, 12, 31, 15, 59, 59, 999_999_999, time.UTC), 20261231},
		{time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC), 20270101},
		{time.Date(2026, 12, 31, 8, 0, 0, 0, time.FixedZone("", -8*60*60)), 20270101},
		{time.Time{}, 10101},
	} {
		if diff := cmp.Diff(c.want.String(), authorization.Day(c.at).String()); diff != "" {
			t.Error(c.at, diff)
		}
	}
}
