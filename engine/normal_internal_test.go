package engine

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/match"
)

func TestNormalFormsAreThoseOfMatch(t *testing.T) {
	texts := []string{
		"", "0", "皖A12345", "皖a12345", "皖A·12345", "Ａ１", " A", "11010519491231002X", "11010519491231002x", "110105491231002", "110105 491231002",
		"王秀英", "王 秀英", "买买提·艾力", "ﬀ", "\xff", "皖\xff", "鿿A", "\u9fffA", "\ua000A", "\u4e00", "ǆ", "İ",
	}
	check := func(t interface{ Errorf(string, ...any) }, s string) {
		for _, x := range []struct{ name, got, want string }{
			{"name", normalName(s), string(match.NormalName([]byte(s)))},
			{"number", numberText(s), match.NumberText([]byte(s))},
			{"plate", normalMark(s), match.NormalPlate([]byte(s))},
			{"unit", normalMark(s), match.NormalUnit([]byte(s))},
		} {
			if x.got != x.want {
				t.Errorf("%s of %q: %q, want %q", x.name, s, x.got, x.want)
			}
		}
	}
	for _, s := range texts {
		check(t, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Z一-鿿· a]{0,20}`)).Draw(t, "text"))
	})
}
