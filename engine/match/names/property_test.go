package names_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/match/names"
)

// alphabet is characters that are related in every way, so that random names
// often are.
var alphabet = []rune("王李吕呂于於范範高髙喆哲肖萧蕭付傅鍾鐘钟锺单曾仇伟偉玮小晓明戌戍䶮龑崎﨑吉𠮷欧阳陽·.?□\ue863 -LIliüvu阿依古丽叶葉")

func drawName(t *rapid.T, label string) string {
	return string(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 8).Draw(t, label))
}

func TestProperties(t *testing.T) {
	tab := table(t)
	rapid.Check(t, func(t *rapid.T) {
		x := drawName(t, "x")
		var y string
		if rapid.Bool().Draw(t, "edit") && x != "" {
			runes := []rune(x)
			runes[rapid.IntRange(0, len(runes)-1).Draw(t, "at")] = rapid.SampledFrom(alphabet).Draw(t, "with")
			y = string(runes)
		} else {
			y = drawName(t, "y")
		}
		a, b := tab.Name(x), tab.Name(y)
		level := names.Compare(a, b)
		if back := names.Compare(b, a); back != level {
			t.Fatalf("%v one way, %v the other", level, back)
		}
		e := names.Explain(a, b, nil)
		if e.Level != level || len(e.Reasons) == 0 {
			t.Fatalf("explained as %v, compared as %v", e, level)
		}
		if a.Canonical() == b.Canonical() && a.Lost() == 0 && a.FoldedKey() != "" && level != names.N1 {
			t.Fatalf("the same name is %v", level)
		}
		if a.Canonical() != b.Canonical() && level == names.N1 {
			t.Fatal("different names are N1")
		}
		if level <= names.N3 && a.Lost() == 0 && b.Lost() == 0 && a.FoldedKey() != b.FoldedKey() {
			t.Fatalf("%v with keys %q and %q", level, a.FoldedKey(), b.FoldedKey())
		}
		if level <= names.N2 && (a.Lost() > 0 || b.Lost() > 0) {
			t.Fatalf("%v with a lost character", level)
		}
		ka, fullA := a.PinyinKeys()
		kb, fullB := b.PinyinKeys()
		if level == names.N4 && fullA && fullB && !share(ka, kb) {
			t.Fatalf("N4 without a common key: %q %q", ka, kb)
		}
		if key := a.FoldedKey(); a.Lost() == 0 && tab.Name(key).FoldedKey() != key {
			t.Fatalf("folding %q again gives %q", key, tab.Name(key).FoldedKey())
		}
		if a.FoldedKey() != "" && names.Compare(a, names.Name{}) != names.Absent {
			t.Fatal("an empty name is evidence")
		}
	})
}

// A character more or less is never explained away.
func TestNeverLosesACharacter(t *testing.T) {
	tab := table(t)
	han := slices.DeleteFunc(slices.Clone(alphabet), func(r rune) bool { return !unicode.Is(unicode.Han, r) })
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.SliceOfN(rapid.SampledFrom(han), 2, 8).Draw(t, "name")
		at := rapid.IntRange(0, len(whole)-1).Draw(t, "at")
		less := slices.Delete(slices.Clone(whole), at, at+1)
		if level := names.Compare(tab.Name(string(whole)), tab.Name(string(less))); level < names.N5 {
			t.Fatalf("%s and %s are %v", string(whole), string(less), level)
		}
		keys, _ := tab.Name(strings.Repeat("\U0003fff0", 3)).PinyinKeys()
		if len(keys) != 1 || strings.Count(keys[0], "\U0003fff0") != 3 {
			t.Fatalf("keys %q", keys)
		}
	})
}

func TestCompareAllocatesNothing(t *testing.T) {
	tab := table(t)
	written := []string{"王秀英", "王秀红", "呂伟", "吕伟", "LI XIAOMING", "李晓明", "阿依古丽·买买提", "阿依古丽", "李?", "李yan"}
	var list []names.Name
	for _, w := range written {
		list = append(list, tab.Name(w))
	}
	got := testing.AllocsPerRun(100, func() {
		for _, a := range list {
			for _, b := range list {
				names.CompareFormer(a, b, list[:2])
			}
		}
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func FuzzCompare(f *testing.F) {
	for _, seed := range [][2]string{
		{"王秀英", "王秀英"}, {"李?", "李䶮"}, {"LI XIAOMING", "李晓明"}, {"鏉庝紵", "李伟"}, {"阿依古丽·买\xe4", "阿依古丽"}, {"", "\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	tab := table(f)
	f.Fuzz(func(t *testing.T, x, y string) {
		a, b := tab.Name(x), tab.Name(y)
		level := names.Compare(a, b)
		if names.Compare(b, a) != level || names.Explain(a, b, nil).Level != level || level < names.N1 || level > names.Absent {
			t.Fatalf("level %v", level)
		}
		a.PinyinKeys()
	})
}
