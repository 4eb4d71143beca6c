package match_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

func TestParseDocumentResident(t *testing.T) {
	const num = uint64(11010519491231002)
	tests := map[string]struct {
		number string
		valid  bool
		given  bool
		form   match.Form
	}{
		"example of the standard":     {"11010519491231002X", true, true, match.FormExact},
		"small x":                     {"11010519491231002x", true, true, match.FormNormalised},
		"full width":                  {"１１０１０５１９４９１２３１００２Ｘ", true, true, match.FormNormalised},
		"spaces inside":               {" 110105 19491231 002X ", true, true, match.FormNormalised},
		"old 15 digits":               {"110105491231002", true, true, match.FormNormalised},
		"wrong check character":       {"110105194912310021", false, true, 0},
		"no such day":                 {"110105194902310024", false, true, 0},
		"15 digits without a day":     {"110105490231002", false, true, 0},
		"17 digits":                   {"11010519491231002", false, true, 0},
		"letters":                     {"1101051949123100AX", false, true, 0},
		"empty":                       {"", false, false, 0},
		"spaces only":                 {" 　", false, false, 0},
		"an unknown division is fine": {match.ResidentText(99010519491231002), true, true, match.FormExact},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := match.ParseDocument(0, []byte(tt.number))
			if d.Valid != tt.valid || d.Given != tt.given || d.Form != tt.form {
				t.Fatalf("valid %v given %v form %v, want %v %v %v", d.Valid, d.Given, d.Form, tt.valid, tt.given, tt.form)
			}
			if d.Valid && tt.number[0] == '1' && d.Key.Num != num {
				t.Errorf("key of another person")
			}
			if d.Valid && (d.Birth != 19491231 || d.Sex != 2) {
				t.Errorf("birth %v sex %d", d.Birth, d.Sex)
			}
		})
	}
}

func TestParseDocumentOther(t *testing.T) {
	a := match.ParseDocument(household.Passport, []byte(" e1234 5678"))
	b := match.ParseDocument(household.Passport, []byte("Ｅ12345678"))
	c := match.ParseDocument(household.Military, []byte("E12345678"))
	if !a.Valid || !b.Valid || a.Key != b.Key {
		t.Errorf("the same passport has two keys")
	}
	if a.Key == c.Key {
		t.Errorf("two documents of different types share a key")
	}
	if d := match.ParseDocument(household.Passport, []byte("--")); d.Valid || !d.Given || d.Key.Linked() {
		t.Errorf("a number without letter or digit was taken for a document")
	}
}

// Every digit of the number is in the key, and nothing else is.
func TestResidentKeyIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, m, d := rapid.IntRange(1, 9999).Draw(t, "y"), rapid.IntRange(1, 12).Draw(t, "m"), rapid.IntRange(1, 28).Draw(t, "d")
		num := uint64(rapid.IntRange(0, 999999).Draw(t, "division"))*1_0000_0000_000 + uint64(y*10000+m*100+d)*1000 + uint64(rapid.IntRange(0, 999).Draw(t, "seq"))
		text := match.ResidentText(num)
		got := match.ParseDocument(household.ResidentID, []byte(text))
		if !got.Valid || got.Key.Num != num {
			t.Fatalf("number does not come back from its key")
		}
		i := rapid.IntRange(0, 16).Draw(t, "digit")
		b := []byte(text)
		b[i] = '0' + (b[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if match.ParseDocument(household.ResidentID, b).Valid {
			t.Fatalf("one changed digit passes the check")
		}
	})
}

func TestNumberText(t *testing.T) {
	if got := match.NumberText([]byte("110105491231002")); got != "11010519491231002X" {
		t.Errorf("15 digits not upgraded")
	}
	if got := match.NumberText([]byte("ｅ 123")); got != "E123" {
		t.Errorf("got %q", got)
	}
}

func TestNormalName(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain":             {"王秀英", "王秀英"},
		"spaces":            {" 王 秀　英 ", "王秀英"},
		"zero width":        {"王\u200b秀\ufeff英", "王秀英"},
		"dots are alike":    {"阿依古丽•买买提", "阿依古丽·买买提"},
		"full stop dot":     {"阿依古丽．买买提", "阿依古丽·买买提"},
		"half katakana dot": {"阿依古丽･买买提", "阿依古丽·买买提"},
		"ASCII dot differs": {"阿依古丽.买买提", "阿依古丽.买买提"},
		"kangxi radical":    {"⾼伟", "高伟"},
		"variant stays":     {"髙伟", "髙伟"},
		"plane 2":           {"𠮷田", "𠮷田"},
		"new in 2022":       {"䶮", "䶮"},
		"full width latin":  {"ＡＢｃ", "ABc"},
		"empty":             {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(match.NormalName([]byte(tt.in)))); diff != "" {
				t.Error(diff)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "name")
		once := string(match.NormalName([]byte(s)))
		if twice := string(match.NormalName([]byte(once))); twice != once {
			t.Fatalf("normalising twice changes %q to %q", once, twice)
		}
	})
}

func TestNormalMarks(t *testing.T) {
	if got := match.NormalPlate([]byte("皖a·12345 ")); got != "皖A12345" {
		t.Errorf("plate %q", got)
	}
	if got := match.NormalUnit([]byte("３４０１０４　００１")); got != "340104001" {
		t.Errorf("unit %q", got)
	}
}

func BenchmarkParseDocument(b *testing.B) {
	id := []byte("11010519491231002X")
	b.ReportAllocs()
	for b.Loop() {
		match.ParseDocument(household.ResidentID, id)
	}
}

func BenchmarkNormalName(b *testing.B) {
	name := []byte("王秀英")
	b.ReportAllocs()
	for b.Loop() {
		match.NormalName(name)
	}
}
