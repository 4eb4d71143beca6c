package report_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/report"
)

// asked are the keys that the code and the pages ask the catalogue for.
func asked(t *testing.T) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			called := ""
			switch fun := call.Fun.(type) {
			case *ast.Ident:
				called = fun.Name
			case *ast.SelectorExpr:
				called = fun.Sel.Name
				if x, ok := fun.X.(*ast.Ident); ok && x.Name == "explain" {
					return true // another catalogue
				}
			}
			lit, ok := call.Args[0].(*ast.BasicLit)
			if ok && lit.Kind == token.STRING && slices.Contains([]string{"say", "l", "Words", "word"}, called) {
				key, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				keys[key] = true
			}
			return true
		})
	}
	pages, err := filepath.Glob("*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pages {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\.L "([^"]*)"`).FindAllSubmatch(text, -1) {
			keys[string(m[1])] = true
		}
	}
	return keys
}

func TestTheCatalogueHasEveryWordAndNoOther(t *testing.T) {
	keys := asked(t)
	if len(keys) < 100 {
		t.Fatalf("only %d keys are asked for", len(keys))
	}
	have := report.Keys()
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(have, key) {
			t.Errorf("%q is asked for and not in the catalogue", key)
		}
	}
	// Asked for by a variable.
	for _, key := range []string{"excluded", "derived", "disputed", "upheld"} {
		keys[key] = true
	}
	verb := regexp.MustCompile(`%[a-z]`)
	for _, key := range have {
		if !keys[key] {
			t.Errorf("%q is in the catalogue and nobody asks for it", key)
		}
		zh, en := report.Words(key, explain.Zh), report.Words(key, explain.En)
		if zh == "" || en == "" {
			t.Errorf("%q has no words in some language", key)
		}
		if diff := slices.Equal(verb.FindAllString(zh, -1), verb.FindAllString(en, -1)); !diff {
			t.Errorf("%q takes other arguments in the other language", key)
		}
		if strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%q has Chinese in its English", key)
		}
	}
}

// banned are words that say more than anybody knows, or what becomes of somebody.
var banned = []string{
	"骗", "欺诈", "违法", "犯罪", "违规", "虚报", "瞒报", "隐瞒", "谎报", "造假", "不诚信", "失信", "黑名单", "处罚", "惩", "追缴", "停发", "取消", "剥夺", "嫌疑", "可疑", "拒绝",
	"fraud", "cheat", "crimin", "punish", "liar", "dishonest", "conceal", "blacklist", "penalt", "guilty", "offender", "suspicious", "cancel", "revoke", "clawback", "illegal", "abuse",
}

func TestNoWordSaysMoreThanAnybodyKnows(t *testing.T) {
	says := func(text string) string {
		for _, w := range banned {
			if strings.Contains(strings.ToLower(text), w) {
				return w
			}
		}
		return ""
	}
	for _, key := range report.Keys() {
		for _, lang := range []string{explain.Zh, explain.En} {
			if w := says(report.Words(key, lang)); w != "" {
				t.Errorf("%q says %q", key, w)
			}
			// "Nothing found" is a state, and the catalogue of explain says it.
			if key != "incomplete" && (strings.Contains(report.Words(key, lang), "查无记录") || strings.Contains(report.Words(key, lang), "nothing found")) {
				t.Errorf("%q says that nothing was found", key)
			}
		}
	}
	for name, s := range scenes() {
		for _, lang := range []string{explain.Zh, explain.En} {
			doc := build(t, input(s.v, s.r, lang, all()))
			if w := says(pageOf(t, doc, report.HTMLOptions{})); w != "" {
				t.Errorf("%s/%s says %q", name, lang, w)
			}
			if !strings.Contains(doc.Caveat, map[string]string{explain.Zh: "不是决定", explain.En: "no decision"}[lang]) {
				t.Errorf("%s/%s does not say that it decides nothing", name, lang)
			}
		}
	}
	if says("涉嫌骗取") == "" || says("Possible FRAUD") == "" || says("需核实") != "" {
		t.Error("the words are not told apart")
	}
}
