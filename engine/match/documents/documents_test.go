package documents

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

const on = household.Date(20261101)

func withCheck(s string) string { return s + string(rune(check11(s))) }

func only(codes ...string) Options {
	return Options{On: on, Known: func(c string) bool { return slices.Contains(codes, c) }}
}

// Each was or would be refused by a validator in use elsewhere.
func TestNeverFalselyRejected(t *testing.T) {
	tests := map[string]string{
		"example of the standard":      "11010519491231002X",
		"born 18xx, example":           "440524188001010014",
		"code in no list":              withCheck("44128219900101123"),
		"code in no list, Jiangsu":     withCheck("32111919850615004"),
		"city district code":           withCheck("32010119900101001"),
		"code newer than the birth":    withCheck("50010319620307221"),
		"code of two counties in turn": withCheck("36232419750228013"),
		"centenarian":                  withCheck("11010519201231996"),
		"leap day":                     withCheck("34010420000229001"),
		"division abolished":           withCheck("11010319780809456"),
		"fifteen digits":               "110105491231002",
		"full width, small x, spaces":  "１１０１０５ 19491231 002x",
	}
	for name, s := range tests {
		t.Run(name, func(t *testing.T) {
			c := Inspect(0, []byte(s), only()).Candidates[0]
			if !c.Valid || !c.Notes.Has(UnknownDivision) || c.Birth == 0 || c.Sex == 0 {
				t.Errorf("valid %v notes %b", c.Valid, c.Notes)
			}
		})
	}
	if c := Inspect(0, []byte("11010519491231002X"), only("110105")).Candidates[0]; c.Notes.Has(UnknownDivision) {
		t.Error("known code noted as unknown")
	}
}

func TestResidentNotes(t *testing.T) {
	tests := map[string]struct {
		number string
		valid  bool
		note   Note
	}{
		"check":           {"110105194912310021", false, CheckFailed},
		"no such day":     {withCheck("11010519490231002"), false, ImpossibleDate},
		"common leap day": {withCheck("11010519000229002"), false, ImpossibleDate},
		"future":          {withCheck("11010520270101002"), true, FutureBirth},
		"too old":         {withCheck("11010518800101002"), true, AgeOver125},
		"default":         {withCheck("11010519000101002"), true, DefaultBirth},
		"ones":            {"111111111111111", true, TestNumber},
		"length":          {"11010519491231002", false, WrongLength},
		"letter":          {"1101051949123100AX", false, BadCharacter},
		"sequence 997":    {"110105050101997", true, CenturyUnclear},
		"old form":        {"110105491231002", true, OldForm},
		"spaces":          {"110105 19491231002X", true, Normalised},
		"nothing":         {" ", false, Empty},
		"masked":          {"1101**********1234", false, Masked},
		"multi-byte":      {"一一一一一一", false, BadCharacter},
		"multi-byte odd":  {"一一一一一", false, BadCharacter},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := Inspect(0, []byte(tt.number), only()).Candidates[0]
			if c.Valid != tt.valid || !c.Notes.Has(tt.note) {
				t.Errorf("valid %v, notes %v", c.Valid, slices.Collect(c.Notes.All()))
			}
		})
	}
	r := Inspect(0, []byte("110105050101997"), Options{})
	if len(r.Candidates) != 2 || r.Candidates[1].Birth != 18050101 || r.Candidates[1].Valid {
		t.Error("the 18xx reading is missing")
	}
}

func TestOtherDocuments(t *testing.T) {
	tests := map[string]struct {
		kind   household.DocumentType
		number string
		valid  bool
		want   Kind
		key    string
	}{
		"Hong Kong":         {household.HMTPermit, withCheck("81000019900101001"), true, HMTPermit, ""},
		"Macao":             {household.HMTPermit, withCheck("82000019900101002"), true, HMTPermit, ""},
		"Taiwan":            {household.HMTPermit, withCheck("83000019900101001"), true, HMTPermit, ""},
		"permit, mainland":  {household.HMTPermit, withCheck("11010519900101001"), false, HMTPermit, ""},
		"permanent, new":    {household.ForeignPermit, withCheck("91101234567890123"), true, Foreign, ""},
		"permanent, old":    {household.ForeignPermit, "CAN310070010101", true, ForeignOld, "CAN310070010101"},
		"permanent, digits": {household.ForeignPermit, "110105491231002", false, ForeignOld, "110105491231002"},
		"passport":          {household.Passport, "e1234 5678", true, Passport, "CHN:E12345678"},
		"military":          {household.Military, "南字第01234567号", true, Military, "南01234567"},
		"company":           {household.USCC, "91350100M000100Y43", true, USCC, ""},
		"company, typo":     {household.USCC, "91350100M000100Y44", false, USCC, ""},
		"company, letter O": {household.USCC, "91350100MO00100Y43", false, USCC, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := Inspect(tt.kind, []byte(tt.number), Options{On: on, Country: "chn"}).Candidates[0]
			if c.Valid != tt.valid || c.Kind != tt.want || tt.key != "" && c.Key != tt.key {
				t.Errorf("valid %v kind %d notes %v", c.Valid, c.Kind, slices.Collect(c.Notes.All()))
			}
		})
	}
	if c := Inspect(0, []byte("CAN310070010101"), Options{}).Candidates; c[0].Valid || c[0].Notes.Has(OldForm) || len(c) != 2 || c[1].Kind != ForeignOld {
		t.Error("an old permanent residence card was raised to 18 digits or not recognised")
	}
}

// Eighteen digits that pass both checks keep both readings.
func TestBothReadingsStay(t *testing.T) {
	found := 0
	for seq := range 1000 {
		b := []byte("91110105199001010")
		for i, s := 16, seq; i > 13; i, s = i-1, s/10 {
			b[i] = byte('0' + s%10)
		}
		s := withCheck(string(b))
		r := Inspect(household.ForeignPermit, []byte(s), Options{})
		company := read(USCC, s, Options{}).Valid
		has := slices.ContainsFunc(r.Candidates, func(c Candidate) bool { return c.Kind == USCC && c.Notes.Has(Ambiguous) })
		if company != has {
			t.Fatalf("sequence %d: company %v kept %v", seq, company, has)
		}
		if company {
			found++
		}
	}
	if found == 0 {
		t.Fatal("no such number in a thousand")
	}
}

func TestMask(t *testing.T) {
	const id = "11010519491231002X"
	tests := map[string]struct {
		text       string
		known      int
		compatible bool
	}{
		"4+4":        {"1101**********002X", 8, true},
		"6+4":        {"110105********002X", 10, true},
		"short run":  {"1101***002X", 8, true},
		"letters":    {"110105XXXXXXXX002X", 10, true},
		"other tail": {"1101**********1234", 8, false},
		"old form":   {"110105******002", 9, true},
		"one hidden": {"1101051949123100*X", 17, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, ok := ParseMask(tt.text)
			if places := 18 - 3*strings.Count(name, "old form"); m.Places() != places {
				t.Errorf("%d places, want %d", m.Places(), places)
			}
			if !ok || m.Known != tt.known || m.Compatible(id) != tt.compatible {
				t.Errorf("ok %v known %d compatible %v", ok, m.Known, m.Compatible(id))
			}
		})
	}
	for _, s := range []string{id, "", "110105", "1101*05*02", "abc***"} {
		if _, ok := ParseMask(s); ok {
			t.Errorf("%q taken for a mask", s)
		}
	}
}

// Repairs equal what trying everything through ParseDocument gives.
func TestRepairsEqualBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(withCheck("340104" + "19" + rapid.StringMatching(`[0-9]{9}`).Draw(t, "rest")))
		i := rapid.IntRange(0, 17).Draw(t, "at")
		b[i] = "0123456789X"[rapid.IntRange(0, 9+i/17).Draw(t, "to")]
		var want []uint64
		try := func(c []byte) {
			if d := match.ParseDocument(household.ResidentID, c); d.Valid && string(c) != string(b) {
				want = append(want, d.Key.Num)
			}
		}
		for i := range b {
			for _, c := range []byte("0123456789X") {
				o := slices.Clone(b)
				o[i] = c
				try(o)
			}
			if i < 17 {
				o := slices.Clone(b)
				o[i], o[i+1] = o[i+1], o[i]
				try(o)
			}
		}
		slices.Sort(want)
		want = slices.Compact(want)
		if got := AppendRepairs(nil, b); !slices.Equal(got, want) {
			t.Fatalf("%d repairs, want %d", len(got), len(want))
		}
	})
	buf := make([]uint64, 0, 64)
	if n := testing.AllocsPerRun(10, func() { AppendRepairs(buf, []byte("110105194912310021")) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNotesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for n := range noteCount {
		if n.Code() == "" || n.ZH() == "" || n.EN() == "" || seen[n.Code()] {
			t.Errorf("note %d", n)
		}
		seen[n.Code()] = true
	}
}

func FuzzInspect(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "110105491231002", "1101***1234", "91350100M000100Y43", "南字第1号", "\xff\xfe"} {
		f.Add(uint8(1), s)
	}
	f.Fuzz(func(t *testing.T, kind uint8, s string) {
		k := household.DocumentType(kind % 7)
		r := Inspect(k, []byte(s), only())
		if len(r.Candidates) == 0 {
			t.Fatal("no reading")
		}
		if k <= household.ResidentID && r.Candidates[0].Valid != match.ParseDocument(k, []byte(s)).Valid {
			t.Fatal("validity differs from ParseDocument")
		}
		if c := r.Best(); c.Valid && c.Kind == Resident {
			again := Inspect(0, []byte(c.Key), only()).Candidates[0]
			if again.Key != c.Key || strings.ContainsAny(c.Key, " ") {
				t.Fatal("key does not come back")
			}
		}
		AppendRepairs(nil, []byte(s))
	})
}

func BenchmarkInspect(b *testing.B) {
	id := []byte("11010519491231002X")
	b.ReportAllocs()
	for b.Loop() {
		Inspect(0, id, Options{On: on})
	}
}

func BenchmarkAppendRepairs(b *testing.B) {
	id := []byte("110105194912310021")
	buf := make([]uint64, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		AppendRepairs(buf, id)
	}
}
