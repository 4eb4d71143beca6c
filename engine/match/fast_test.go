package match_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// normalByRunes is the normalisation of numbers, or of plates and units, one
// character at a time.
func normalByRunes(s []byte, mark bool) string {
	var out []byte
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		s = s[n:]
		if mark && strings.ContainsRune("\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff0e\uff65", r) {
			continue
		}
		if r >= 0xff01 && r <= 0xff5e {
			r -= 0xff01 - '!'
		}
		if unicode.IsSpace(r) || r >= 0xad && unicode.In(r, unicode.Cf, unicode.Variation_Selector) {
			continue
		}
		out = utf8.AppendRune(out, unicode.ToUpper(r))
	}
	return string(out)
}

// Every character is normalised as alone, and what is called normal does not change.
func TestEveryCharacterIsNormalised(t *testing.T) {
	normal := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := utf8.AppendRune(nil, r)
		number, mark := normalByRunes(s, false), normalByRunes(s, true)
		if got := match.NormalNumber(s); got != number {
			t.Fatalf("%U as a number is %q, want %q", r, got, number)
		}
		if got := match.NormalUnit(s); got != mark {
			t.Fatalf("%U as a unit is %q, want %q", r, got, mark)
		}
		if match.IsNormal(s) {
			normal++
			if number != string(s) || mark != string(s) {
				t.Fatalf("%U is called normal and is not", r)
			}
		}
	}
	if normal < 20_900 {
		t.Errorf("only %d characters are called normal", normal)
	}
}

// pieceOf are texts of which numbers are made.
func pieceOf() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[0-9A-Z]{1,20}`), rapid.StringMatching(`[a-z ]{1,3}`), rapid.String(),
		rapid.SampledFrom([]string{"皖", "不动产权第", "号", "１", "ｘ", "\u3000", "\u00a0", "·", "．", "\ufe0f", "\xe4", "\xe9\xbe", "\xff", "\x00", "\t", "[", "{", "~", "\x7f"}),
	)
}

func TestNormalIsByRunes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(strings.Join(rapid.SliceOfN(pieceOf(), 0, 6).Draw(t, "pieces"), ""))
		before := bytes.Clone(s)
		if got, want := match.NormalNumber(s), normalByRunes(s, false); got != want {
			t.Errorf("a number is %q, want %q", got, want)
		}
		if got, want := match.NormalPlate(s), normalByRunes(s, true); got != want {
			t.Errorf("a plate is %q, want %q", got, want)
		}
		if match.IsNormal(s) && (normalByRunes(s, false) != string(s) || normalByRunes(s, true) != string(s)) {
			t.Errorf("%q is called normal and is not", s)
		}
		if !bytes.Equal(s, before) {
			t.Error("the text was written to")
		}
	})
}

// residentByDigits is the check of GB 11643 as the standard writes it.
func residentByDigits(s []byte) (num uint64, ok bool) {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		sum += w * int(s[i]-'0')
		num = num*10 + uint64(s[i]-'0')
	}
	_, day := household.ParseDate(s[6:14])
	return num, day && s[17] == "10X98765432"[sum%11]
}

func TestResidentNumberByDigits(t *testing.T) {
	valid := 0
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(match.ResidentText(rapid.Uint64Range(0, 99_99_99_9999_9999_999).Draw(t, "number")))
		if rapid.Bool().Draw(t, "a date") {
			copy(s[6:], rapid.StringMatching(`(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]`).Draw(t, "date"))
			num := uint64(0)
			for _, c := range s[:17] {
				num = num*10 + uint64(c-'0')
			}
			s = []byte(match.ResidentText(num))
		}
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			s[rapid.IntRange(0, 17).Draw(t, "place")] = rapid.OneOf(rapid.SampledFrom([]byte("0123456789Xx:/")), rapid.Byte()).Draw(t, "byte")
		}
		num, ok := residentByDigits(s)
		d := match.ParseDocument(household.ResidentID, s)
		if exact := d.Valid && d.Form == match.FormExact; exact != ok || ok && d.Key.Num != num {
			t.Fatalf("%q is valid %v, want %v", s, exact, ok)
		}
		if ok {
			valid++
			if birth, _ := household.ParseDate(s[6:14]); d.Birth != birth || int(d.Sex) != 2-int(s[16]-'0')%2 {
				t.Fatalf("%q is born %v, sex %d", s, d.Birth, d.Sex)
			}
		}
	})
	if valid == 0 {
		t.Error("no number was valid")
	}
}

func BenchmarkNormalNumber(b *testing.B) {
	for name, number := range map[string]string{"plain": "6217000902041592246", "han": "邮政储蓄银行", "spaces": "6217 0009 0204 1592 246"} {
		b.Run("text="+name, func(b *testing.B) {
			text := []byte(number)
			b.ReportAllocs()
			for b.Loop() {
				_ = match.NormalNumber(text)
			}
		})
	}
}
