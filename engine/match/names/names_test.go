package names_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/engine/match/names"
)

var embedded = sync.OnceValues(names.Embedded)

func table(t testing.TB) *names.Table {
	t.Helper()
	tab, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// garbled is a name in UTF-8 that was read as GB18030.
func garbled(t *testing.T, name string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewDecoder().String(name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCompare(t *testing.T) {
	tab := table(t)
	for _, c := range []struct {
		name, a, b string
		want       names.Level
		kinds      []names.Kind
	}{
		{"equal", "王秀英", "王秀英", names.N1, []names.Kind{names.Same}},
		{"space and width", " 王 秀英", "王秀\u3000英", names.N1, []names.Kind{names.Same}},
		{"dots of other code points", "阿依古丽•买买提", "阿依古丽・买买提", names.N1, []names.Kind{names.Same}},
		{"katakana half-width dot", "阿依古丽･买买提", "阿依古丽‧买买提", names.N1, []names.Kind{names.Same}},
		{"full stop for the dot", "阿依古丽.买买提", "阿依古丽·买买提", names.N2, []names.Kind{names.Written}},
		{"ideographic full stop", "阿依古丽。买买提", "阿依古丽·买买提", names.N2, []names.Kind{names.Written}},
		{"dot missing", "阿依古丽买买提", "阿依古丽·买买提", names.N3, []names.Kind{names.Dot}},
		{"hyphen for the dot", "阿依古丽-买买提", "阿依古丽·买买提", names.N3, []names.Kind{names.Dot}},
		{"cut at the dot", "阿依古丽", "阿依古丽·买买提", names.N5, []names.Kind{names.Cut}},
		{"cut after the dot", "阿依古丽·买", "阿依古丽·买买提", names.N5, []names.Kind{names.Cut}},
		{"cut through a character", "阿依古丽·买\xe4\xb9", "阿依古丽·买买提·吐尔逊", names.N5, []names.Kind{names.Cut}},
		{"cut too short", "阿依古", "阿依古丽·买买提", names.N7, []names.Kind{names.Other}},
		{"an ordinary name isn't cut", "欧阳小明", "欧阳小明明", names.N6, []names.Kind{names.Surname}},

		{"one to one", "呂國強", "吕国强", names.N2, []names.Kind{names.Simplified, names.Simplified, names.Simplified}},
		{"yan of one's own", "李䶮", "李龑", names.N2, []names.Kind{names.Simplified}},
		{"yu is two surnames", "于伟", "於伟", names.N3, []names.Kind{names.ManyToOne}},
		{"fan is two surnames", "范伟", "範伟", names.N3, []names.Kind{names.ManyToOne}},
		{"ye is two characters", "葉伟", "叶伟", names.N3, []names.Kind{names.ManyToOne}},
		{"two traditional forms", "鍾伟", "鐘伟", names.N3, []names.Kind{names.ManyToOne}},
		{"gao", "髙伟", "高伟", names.N3, []names.Kind{names.Semantic}},
		{"zhe is another legal name", "王喆", "王哲", names.N3, []names.Kind{names.ManyToOne}},
		{"qi outside the compatibility area", "王﨑", "王崎", names.N3, nil},
		{"ji of the supplementary plane", "𠮷伟明", "吉伟明", names.N5, nil},
		{"Kangxi radical", "⾼伟", "高伟", names.N1, []names.Kind{names.Same}},
		{"surname swap", "肖伟", "蕭伟", names.N3, []names.Kind{names.Swap}},
		{"surname swap is for surnames", "王肖", "王萧", names.N5, []names.Kind{names.Homophone}},
		{"fu", "付小明", "傅小明", names.N3, []names.Kind{names.Swap}},
		{"yan", "闫丽", "阎丽", names.N3, []names.Kind{names.Semantic}},
		{"yan, traditional", "闫丽", "閻丽", names.N3, []names.Kind{names.Semantic}},
		{"dai", "戴军", "代军", names.N3, []names.Kind{names.Swap}},

		{"lost", "李?", "李䶮", names.N3, []names.Kind{names.Lost}},
		{"lost, full width", "李？明", "李䶮明", names.N3, []names.Kind{names.Lost}},
		{"lost, private use", "李\ue863明", "李䶮明", names.N3, []names.Kind{names.Lost}},
		{"lost, box", "李□明", "李䶮明", names.N3, []names.Kind{names.Lost}},
		{"lost, replacement", "李\ufffd明", "李䶮明", names.N3, []names.Kind{names.Lost}},
		{"lost and a variant", "髙?明", "高䶮明", names.N3, []names.Kind{names.Semantic, names.Lost}},
		{"lost on both sides is not equal", "李?明", "李?明", names.N3, []names.Kind{names.Lost}},
		{"too much lost", "李??", "李小明", names.N6, []names.Kind{names.Surname}},
		{"one lost is not two", "李?", "李小明", names.N6, []names.Kind{names.Surname}},
		{"lost and another differs", "李?明", "李小红", names.N6, []names.Kind{names.Surname}},
		{"all lost", "???", "李小明", names.Absent, []names.Kind{names.None}},
		{"empty", "", "李小明", names.Absent, []names.Kind{names.None}},

		{"pinyin", "LI XIAOMING", "李晓明", names.N4, []names.Kind{names.Pinyin}},
		{"pinyin without a space", "lixiaoming", "李晓明", names.N4, []names.Kind{names.Pinyin}},
		{"pinyin with a hyphen", "Li Xiao-ming", "李晓明", names.N4, []names.Kind{names.Pinyin}},
		{"pinyin, given name first", "XIAOMING LI", "李晓明", names.N4, []names.Kind{names.Pinyin, names.Order}},
		{"pinyin with tones", "Lǐ Xiǎomíng", "李晓明", names.N4, []names.Kind{names.Pinyin}},
		{"pinyin of another", "LI XIAOHONG", "李晓明", names.N6, []names.Kind{names.Surname}},
		{"pinyin with one letter more", "LI XIAOMINGG", "李晓明", names.N6, []names.Kind{names.Surname}},
		{"both in pinyin", "LI XIAOMING", "XIAOMING LI", names.N4, []names.Kind{names.Order}},
		{"capitals", "LI XIAOMING", "Li Xiao-Ming", names.N2, []names.Kind{names.Written}},
		{"pinyin of one character", "李yan", "李䶮", names.N4, []names.Kind{names.Pinyin}},
		{"pinyin in the middle", "李yan明", "李䶮明", names.N4, []names.Kind{names.Pinyin}},
		{"minority name", "AYIGULI MAIMAITI", "阿依古丽·买买提", names.N4, []names.Kind{names.Pinyin}},
		{"lv", "LV WEI", "吕伟", names.N4, []names.Kind{names.Pinyin}},
		{"lu", "LU WEI", "吕伟", names.N4, []names.Kind{names.Pinyin}},
		{"lyu", "LYU WEI", "吕伟", names.N4, []names.Kind{names.Pinyin}},
		{"lü", "LÜ WEI", "呂偉", names.N4, []names.Kind{names.Pinyin}},
		{"lv is not lu", "LV WEI", "卢伟", names.N7, nil},
		{"lyu and lv", "LYU WEI", "LV WEI", names.N4, []names.Kind{names.Accents}},
		{"shan", "SHAN WEI", "单伟", names.N4, nil},
		{"dan, as a dictionary says", "DAN WEI", "单伟", names.N4, nil},
		{"qiu", "QIU WEI", "仇伟", names.N4, nil},
		{"zeng", "ZENG WEI", "曾伟", names.N4, nil},
		{"xie", "XIE WEI", "解伟", names.N4, nil},
		{"ou", "OU WEI", "区伟", names.N4, nil},
		{"zha", "ZHA WEI", "查伟", names.N4, nil},
		{"piao", "PIAO WEI", "朴伟", names.N4, nil},
		{"yuchi", "YUCHI WEI", "尉迟伟", names.N4, nil},
		{"moqi, given name first", "WEI MOQI", "万俟伟", names.N4, nil},

		{"one of three", "王小明", "王大明", names.N5, []names.Kind{names.One}},
		{"one of two", "王明", "王红", names.N6, []names.Kind{names.Surname}},
		{"homophone", "李伟", "李玮", names.N5, []names.Kind{names.Homophone}},
		{"all homophones", "张伟", "章玮", names.N5, []names.Kind{names.Homophone, names.Homophone}},
		{"shape", "王戌", "王戍", names.N5, []names.Kind{names.Shape}},
		{"two of three", "王小明", "王大红", names.N6, []names.Kind{names.Surname}},
		{"compound surname", "欧阳锋", "欧阳静", names.N5, []names.Kind{names.One}},
		{"compound is not the single", "欧阳", "欧阳静", names.N7, nil},
		{"another", "王小明", "赵大红", names.N7, []names.Kind{names.Other}},
		{"transposed", "王小明", "王明小", names.N6, []names.Kind{names.Surname}},

		{"UTF-8 read as GB18030", garbled(t, "李伟"), "李伟", names.N2, []names.Kind{names.Redecoded}},
		{"the same, four characters", garbled(t, "欧阳小明"), "欧阳小明", names.N2, []names.Kind{names.Redecoded}},
		{"not reversible", garbled(t, "李小明"), "李小明", names.N7, nil},
		{"GB18030 read as UTF-8", "\u05a3\u0629", "郑丞", names.N2, []names.Kind{names.Redecoded}},
		{"a name is not taken for GB18030", "鐘伟", "閻樹紵", names.N7, nil},
		{"no surname comes out", garbled(t, "鏉庝"), "鏉庝", names.N7, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := tab.Name(c.a), tab.Name(c.b)
			e := names.Explain(a, b, nil)
			var kinds []names.Kind
			for _, r := range e.Reasons {
				kinds = append(kinds, r.Kind)
			}
			if e.Level != c.want {
				t.Errorf("%s and %s: %v %v, want %v", c.a, c.b, e.Level, e.Reasons, c.want)
			}
			if c.kinds != nil {
				if diff := cmp.Diff(c.kinds, kinds); diff != "" {
					t.Error("reasons (-want +got):", diff)
				}
			}
			if got := names.Compare(a, b); got != e.Level {
				t.Errorf("Compare says %v, Explain %v", got, e.Level)
			}
			if got := names.Compare(b, a); got != e.Level {
				t.Errorf("the other way round: %v", got)
			}
		})
	}
}

func TestFormer(t *testing.T) {
	tab := table(t)
	former := []names.Name{tab.Name("王喜"), tab.Name("吕秀英")}
	for _, c := range []struct {
		name, record string
		want         names.Level
	}{
		{"current", "王秀英", names.N1},
		{"former", "吕秀英", names.N2},
		{"former in traditional characters", "呂秀英", names.N2},
		{"former with a lost character", "吕?英", names.N3},
		{"like a former one only", "吕秀红", names.N7},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := names.CompareFormer(tab.Name(c.record), tab.Name("王秀英"), former); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	e := names.Explain(tab.Name("吕秀英"), tab.Name("王秀英"), former)
	want := names.Explanation{Level: names.N2, Reasons: []names.Reason{{Kind: names.Former}, {Kind: names.Same}}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}

func TestPinyinKeys(t *testing.T) {
	tab := table(t)
	for _, c := range []struct{ a, b string }{
		{"LI XIAOMING", "李晓明"},
		{"XIAOMING LI", "李晓明"},
		{"LYU WEI", "吕伟"},
		{"LV WEI", "吕伟"},
		{"WEI MOQI", "万俟伟"},
		{"SHAN WEI", "单伟"},
		{"LI XIAOMING", "XIAOMING LI"},
		{"李yan", "李䶮"},
		{"李伟", "李玮"},
	} {
		a, _ := tab.Name(c.a).PinyinKeys()
		b, _ := tab.Name(c.b).PinyinKeys()
		if !share(a, b) {
			t.Errorf("%s %v and %s %v share no key", c.a, a, c.b, b)
		}
	}
	// A character without a reading stays in the key.
	keys, complete := tab.Name("李\U0003fff0").PinyinKeys()
	if len(keys) == 0 || !complete || !strings.Contains(keys[0], "\U0003fff0") {
		t.Errorf("keys %q, complete %v", keys, complete)
	}
	if keys, complete := tab.Name("单曾单曾单曾单曾单曾").PinyinKeys(); complete || len(keys) > 64 {
		t.Errorf("%d keys, complete %v", len(keys), complete)
	}
}

func share(a, b []string) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}

func TestFoldedKey(t *testing.T) {
	tab := table(t)
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"呂偉", "吕伟", true},
		{"于伟", "於伟", true},
		{"肖伟", "蕭伟", true},
		{"髙伟", "高伟", true},
		{"阿依古丽买买提", "阿依古丽·买买提", true},
		{"王五", "王伍", false},
		{"王肖", "王萧", false},
		{"王明", "王民", false},
	} {
		if got := tab.Name(c.a).FoldedKey() == tab.Name(c.b).FoldedKey(); got != c.same {
			t.Errorf("%s and %s: the same key %v, want %v", c.a, c.b, got, c.same)
		}
	}
}

// Without the derived tables the levels that need none stay; the others fall to
// worse ones, never to better ones.
func TestEmptyTable(t *testing.T) {
	tab, err := names.New("", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		a, b string
		want names.Level
	}{
		{"王秀英", "王秀英", names.N1},
		{"阿依古丽.买买提", "阿依古丽·买买提", names.N2},
		{"付伟", "傅伟", names.N3},
		{"李?", "李䶮", names.N3},
		{"吕伟", "呂伟", names.N7},
		{"髙伟", "高伟", names.N7},
		{"LI WEI", "李伟", names.N7},
		{"王小明", "王大明", names.N5},
		{"王戌", "王戍", names.N5},
		{"王明", "王红", names.N6},
	} {
		if got := names.Compare(tab.Name(c.a), tab.Name(c.b)); got != c.want {
			t.Errorf("%s and %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct{ name, variants, readings string }{
		{"unknown kind", "other\t高\t髙\n", ""},
		{"a cell short", "# head\nsemantic\t高\n", ""},
		{"two characters", "semantic\t高高\t髙\n", ""},
		{"a syllable with a tone", "", "gāo\t高\n"},
		{"bad UTF-8", "", "gao\t\xff\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := names.New(c.variants, c.readings); err == nil {
				t.Error("no error")
			}
		})
	}
}
