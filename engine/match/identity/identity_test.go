package identity_test

import (
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/linkage"
	"github.com/hedui/hedui/engine/match/names"
)

var update = flag.Bool("update", false, "rewrite testdata")

// tiersAfter judges one row for several people and lets them compete.
func tiersAfter(t *testing.T, w *world, row person, people ...person) string {
	t.Helper()
	policy := standard(t)
	var links []identity.Link
	for i := range people {
		links = append(links, judge(t, policy, &people[i], &row, w))
	}
	policy.Compete(links)
	var out []string
	for _, l := range links {
		text := l.Tier.String()
		if l.Was != identity.None {
			text += " was " + l.Was.String()
		}
		for r := range l.Reasons.All() {
			if strings.Contains(r.Code(), "member") {
				text += " " + r.Code()
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestCompete(t *testing.T) {
	a := person{Number: withCheck("34122119500307122"), Name: "王秀英", County: "341221"}
	twin := person{Number: withCheck("34122119500307106"), Name: "王秀英", County: "341221"}
	other := person{Number: withCheck("34122119880808101"), Name: "赵建国", County: "341221"}
	both := &world{people: []person{a, twin, other}}
	for _, tt := range []struct {
		name  string
		world *world
		row   person
		with  []person
		want  string
	}{
		{"one strong, one nothing", nil, a, []person{a, other}, "A1; none"},
		{"strong beats review", nil, person{Number: a.Number, Name: a.Name, Birth: 19500307}, []person{a, {Type: "passport", Number: "E12345678", Name: a.Name, Birth: 19500307}}, "A1; none was C2 member_fits_better"},
		{"no number and two of the name and birth date", nil, person{Name: a.Name, Birth: 19500307}, []person{a, twin}, "X2 was C2 members_fit_alike; X2 was C2 members_fit_alike"},
		{"masked and two who fit", nil, person{Number: "341221********1***", Name: a.Name, Birth: 19500307}, []person{a, twin}, "X2 was C2 members_fit_alike; X2 was C2 members_fit_alike"},
		{"declared twice", nil, a, []person{a, a}, "X2 was A1 members_fit_alike; X2 was A1 members_fit_alike"},
		{"one's number under another's name", both, person{Number: a.Number, Name: other.Name}, []person{a, other}, "X1; none"},
		{"the same without a register", nil, person{Number: a.Number, Name: other.Name}, []person{a, other}, "X1; none"},
		{"nobody", nil, other, []person{a, twin}, "none; none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tiersAfter(t, tt.world, tt.row, tt.with...); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			slices.Reverse(tt.with)
			want := strings.Split(tt.want, "; ")
			slices.Reverse(want)
			if diff := cmp.Diff(strings.Join(want, "; "), tiersAfter(t, tt.world, tt.row, tt.with...)); diff != "" {
				t.Error("in the other order: " + diff)
			}
		})
	}
}

// A row with a member's own number is never another member's, however well the
// rest fits.
func TestCompeteKnowsWhoseNumberItIs(t *testing.T) {
	laxer := strings.Replace(identity.DefaultPolicy(), "posterior: 0.5\n    when: {document: [absent", "when: {document: [absent", 1)
	policy, err := identity.Load("laxer.yaml", []byte(laxer))
	if err != nil {
		t.Fatal(err)
	}
	a := person{Number: withCheck("34122119500307122"), Name: "王秀英"}
	b := person{Number: withCheck("34122119500307106"), Name: "王秀英"}
	row := person{Number: a.Number, Name: "王秀英"}
	links := []identity.Link{judge(t, policy, &a, &row, nil), judge(t, policy, &b, &row, nil)}
	if links[1].Tier != identity.C2 {
		t.Fatalf("%v before", links[1].Tier)
	}
	policy.Compete(links)
	if links[0].Tier != identity.A1 || links[1].Tier != identity.None || links[1].Was != identity.C2 || !links[1].Reasons.Has(identity.NumberOfMember) {
		t.Errorf("%v, %v", links[0].Tier, links[1].Tier)
	}
}

// After competing at most one link of a row is for use, and doing it again
// changes nothing.
func TestCompeteLeavesOne(t *testing.T) {
	policy, draw := standard(t), scenes()
	rapid.Check(t, func(t *rapid.T) {
		scene := draw.Draw(t, "row")
		links := []identity.Link{scene.judge(policy.Judge)}
		for range rapid.IntRange(1, 3).Draw(t, "others") {
			more := draw.Draw(t, "member")
			more.record, more.register = scene.record, scene.register
			links = append(links, more.judge(policy.Judge))
		}
		policy.Compete(links)
		used := 0
		for _, l := range links {
			if l.Use == identity.Strong || l.Use == identity.Review {
				used++
			}
		}
		again := slices.Clone(links)
		policy.Compete(again)
		if used > 1 || !slices.Equal(links, again) {
			t.Fatalf("%d links for use", used)
		}
	})
}

// The stronger use of B1 needs the policy and the register.
func TestB1Enabled(t *testing.T) {
	p, err := identity.Load("enabled.yaml", []byte(identity.DefaultPolicy()))
	if err != nil {
		t.Fatal(err)
	}
	s := person{Number: withCheck("34122119500307122"), Name: "高小明"}
	r := person{Number: s.Number, Name: "髙小明"}
	for _, tt := range []struct {
		w    *world
		want identity.Use
	}{{nil, identity.Review}, {&world{}, identity.Review}, {&world{people: []person{s}}, identity.Strong}} {
		if l := judge(t, p, &s, &r, tt.w); l.Tier != identity.B1 || l.Use != tt.want || l.Reasons.Has(identity.NotEnabled) {
			t.Errorf("%v %v, want %v", l.Tier, l.Use, tt.want)
		}
	}
	off, err := identity.Load("off.yaml", []byte(strings.Replace(identity.DefaultPolicy(), "enabled: true", "enabled: false", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if l := judge(t, off, &s, &r, &world{people: []person{s}}); l.Use != identity.Review || !l.Reasons.Has(identity.NotEnabled) {
		t.Errorf("not enabled: %v %v", l.Tier, l.Use)
	}
}

// County namesakes count only when the policy says so.
func TestUniqueWithinCounty(t *testing.T) {
	p, err := identity.Load("county.yaml", []byte(strings.Replace(identity.DefaultPolicy(), "unique_within: register", "unique_within: county", 1)))
	if err != nil {
		t.Fatal(err)
	}
	s := person{Number: withCheck("34122119500307122"), Name: "王秀英", County: "341221"}
	r := person{Name: "王秀英", Birth: 19500307, County: "341221000000"}
	far := person{Number: withCheck("11010519500307122"), Name: "王秀英", County: "110105"}
	w := &world{people: []person{s, far}, ppb: map[string]int64{"王秀英": 1000}}
	if l := judge(t, p, &s, &r, w); l.Tier != identity.B3 {
		t.Errorf("%v by county", l.Tier)
	}
	if l := judge(t, standard(t), &s, &r, w); l.Tier != identity.C2 {
		t.Errorf("%v by register", l.Tier)
	}
}

// broken is a register whose every answer is an error.
type broken struct{ err error }

func (b broken) Holders(household.PersonKey) ([]identity.Holder, error) { return nil, b.err }
func (b broken) Namesakes(household.PersonKey, names.Name, household.Date, string) (int, bool, error) {
	return 0, false, b.err
}

func (b broken) MaskCompatible(household.PersonKey, names.Name, documents.Mask) (int, bool, error) {
	return 0, false, b.err
}

func (b broken) Frequency(names.Name, household.Date, uint8, string) (int64, bool, error) {
	return 0, false, b.err
}
func (b broken) Population() (int64, bool) { return 0, false }

// silent answers Frequency, so that the others are reached.
type silent struct{ broken }

func (silent) Frequency(names.Name, household.Date, uint8, string) (int64, bool, error) {
	return 0, false, nil
}

func TestErrorsOfTheWorld(t *testing.T) {
	gone := errors.New("register gone")
	policy := standard(t)
	s := person{Number: withCheck("34122119500307122"), Name: "王秀英", County: "341221"}
	for name, tt := range map[string]struct {
		row person
		w   identity.World
	}{
		"frequency": {s, broken{gone}},
		"holders":   {person{Number: withCheck("34122119500307106"), Name: "赵建国"}, broken{gone}},
		"repair":    {person{Number: number("typo 8", s.Number), Name: "王秀英"}, silent{broken{gone}}},
		"mask":      {person{Number: number("mask 6+4", s.Number), Name: "王秀英"}, silent{broken{gone}}},
		"namesakes": {person{Name: "王秀英", Birth: 19500307, County: "341221", Sex: 2}, silent{broken{gone}}},
	} {
		sub := subject(&s, &world{people: []person{s}})
		if l, err := policy.Judge(sub, record(&tt.row), tt.w); !errors.Is(err, gone) || l.Tier != identity.None || l.Use != identity.Nothing {
			t.Errorf("%s: %v %v", name, l.Tier, err)
		}
	}
}

func TestWrite(t *testing.T) {
	policy := standard(t)
	var b strings.Builder
	for _, s := range situations(t) {
		switch s.Name {
		case "a common name weighs less", "one digit wrong, and another of the name one digit away", "an average name stays just below the bar", "masked with the birth date shown and given":
			l := judge(t, policy, &s.Subject, &s.Record, s.world())
			for _, lang := range []identity.Language{identity.Chinese, identity.English} {
				if err := l.Write(&b, lang); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	pair := []identity.Link{{Tier: identity.C2, Use: identity.Review}, {Tier: identity.C2, Use: identity.Review}}
	policy.Compete(pair)
	pair[0].Write(&b, identity.Chinese)
	pair[0].Write(&b, identity.English)
	const golden = "testdata/explained.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(b.String(), "王") || strings.Contains(b.String(), "1950") {
		t.Error("personal content")
	}
}

func TestListsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	once := func(kind, code, zh, en string) {
		if code == "" || zh == "" || en == "" || seen[kind+code] {
			t.Errorf("%s %q", kind, code)
		}
		seen[kind+code] = true
	}
	for i := range identity.Levels {
		l := identity.Level(i)
		once("level", l.String(), l.ZH(), l.EN())
	}
	for i := range identity.Whys {
		r := identity.Reason(i)
		once("reason", r.Code(), r.ZH(), r.EN())
	}
	for i := range identity.Fields {
		once("field", identity.Field(i).String(), "-", "-")
	}
	// Beyond the lists there is nothing, and no panic.
	if identity.Level(200).Code() != "" || identity.Reason(200).Code() != "" || identity.Tier(200).String() != "?" || identity.Use(200).String() != "?" {
		t.Error("a value beyond its list has a text")
	}
}

const model = `name: people
version: 4
prior: 0.001
threshold: 0
fields:
  - {name: id_number, kind: id, levels: [{when: missing}, {when: exact, m: 0.98, u: 1.0e-16}, {when: substitution, m: 0.01, u: 1.0e-12}, {when: transposition, m: 0.005, u: 1.0e-12}, {when: else, m: 0.005, u: 0.999}]}
  - {name: name, kind: name, levels: [{when: missing}, {when: exact, m: 0.95, u: 0.00001}, {when: edits, max: 1, m: 0.03, u: 0.01}, {when: else, m: 0.02, u: 0.98}]}
  - {name: birth_date, kind: date, levels: [{when: missing}, {when: exact, m: 0.97, u: 0.00004}, {when: substitution, m: 0.01, u: 0.001}, {when: day_month, m: 0.01, u: 0.001}, {when: else, m: 0.01, u: 0.998}]}
  - {name: sex, kind: text, levels: [{when: missing}, {when: exact, m: 0.998, u: 0.5}, {when: else, m: 0.002, u: 0.5}]}
  - {name: division, kind: text, levels: [{when: missing}, {when: exact, m: 0.8, u: 0.001}, {when: prefix, max: 4, m: 0.1, u: 0.01}, {when: else, m: 0.1, u: 0.98}]}
blocking: [[id_number], [name, birth_date]]
`

func TestFromModel(t *testing.T) {
	m, err := linkage.Load("model.yaml", []byte(model))
	if err != nil {
		t.Fatal(err)
	}
	old := standard(t)
	p, err := old.FromModel(m)
	if err != nil {
		t.Fatal(err)
	}
	for l, want := range map[identity.Level]string{
		identity.DocumentExact: "+53.122", identity.DocumentRepair: "+32.804", identity.DocumentOtherValid: "-20.000",
		identity.NameN1: "+16.536", identity.NameN2: "+16.400", identity.NameN5: "+1.585", identity.NameN7: "-5.615",
		identity.BirthEqual: "+14.566", identity.BirthNear: "+3.322", identity.SexDifferent: "-7.966", identity.CountyArea: "+3.322",
	} {
		got, basis := p.Weight(l)
		if got.String() != want {
			t.Errorf("%v is %v, want %s", l, got, want)
		}
		if estimated := strings.Contains(basis.From, "people version 4"); estimated == (l == identity.DocumentOtherValid || l == identity.NameN2) {
			t.Errorf("%v is from %q", l, basis.From)
		}
	}
	if bits, basis := old.Weight(identity.NameN1); bits.String() != "+17.324" || !basis.Assumed {
		t.Error("the given policy was changed")
	}
	for _, tt := range [][3]string{
		{"m: 0.8, u: 0.001", "", "not all"},
		{"name: division,", "name: place,", "no field division"},
		{"m: 0.97, u: 0.00004", "m: 0.00001, u: 0.9", "takes away"},
	} {
		m, err := linkage.Load("model.yaml", []byte(strings.Replace(strings.Replace(model, "{when: exact, "+tt[0], "{when: exact", 1), tt[0], tt[1], 1)))
		if tt[1] != "" {
			m, err = linkage.Load("model.yaml", []byte(strings.Replace(model, tt[0], tt[1], 1)))
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := old.FromModel(m); err == nil || tt[2] == "not all" && !errors.Is(err, linkage.ErrUntrained) || tt[2] != "not all" && !strings.Contains(err.Error(), tt[2]) {
			t.Errorf("%v, want %s", err, tt[2])
		}
	}
}
