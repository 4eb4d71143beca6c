package explain_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/hedui/hedui/engine/explain"
)

// Every code by which somebody is refused has words in both languages. The codes are read
// from where they are declared, so that a new one without words is found.
func TestRefusalsHaveWords(t *testing.T) {
	sources := []struct{ dir, of string }{
		{"../access", "Reason"}, {"../review", "Refusal"}, {"../authorization", "Code"}, {"../desk", "Code"},
	}
	for _, s := range sources {
		codes := constants(t, s.dir, s.of)
		if len(codes) < 5 {
			t.Errorf("%s: %d codes of type %s were found", s.dir, len(codes), s.of)
		}
		for _, code := range codes {
			if text := explain.RefusalText(code); text.Zh == "" || text.En == "" {
				t.Errorf("%s of %s: zh %q, en %q", code, s.dir, text.Zh, text.En)
			}
		}
	}
	if text := explain.RefusalText("no_such_code"); text.Zh != "" || text.En != "" {
		t.Errorf("a code that nobody gives has words: %v", text)
	}
}

// constants are the values of the constants of a type that a directory declares.
func constants(t *testing.T, dir, of string) (out []string) {
	t.Helper()
	packages, err := parser.ParseDir(token.NewFileSet(), dir, nil, parser.SkipObjectResolution) //nolint:staticcheck // one directory without build tags
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		for _, f := range p.Files {
			ast.Inspect(f, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || len(spec.Values) != 1 {
					return true
				}
				name, ok := spec.Type.(*ast.Ident)
				value, isText := spec.Values[0].(*ast.BasicLit)
				if !ok || !isText || name.Name != of || value.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, text)
				return true
			})
		}
	}
	return out
}
