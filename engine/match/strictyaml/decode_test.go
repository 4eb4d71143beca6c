package strictyaml_test

import (
	"errors"
	"testing"

	"github.com/hedui/hedui/engine/match/strictyaml"
)

type document struct {
	Name   string   `yaml:"name"`
	Fields []string `yaml:"fields"`
}

func TestDecode(t *testing.T) {
	var d document
	tree, err := strictyaml.Decode([]byte("name: x\nfields: [a, b]\n"), &d)
	if err != nil || tree == nil || d.Name != "x" || len(d.Fields) != 2 {
		t.Fatalf("%+v %v", d, err)
	}
	for text, line := range map[string]int{"nam: x": 1, "name: x\nfields: {a: 1}": 2, "name: [": 1, "fields: !0 0": 0} {
		_, err := strictyaml.Decode([]byte(text), &document{})
		e, ok := errors.AsType[*strictyaml.Error](err)
		if !ok || e.Problem == "" || e.Line != line {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name: x\nfields: [a]")
	f.Add("fields: !0 0")
	f.Add("a: &x [*x]")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := strictyaml.Decode([]byte(text), &document{})
		if err == nil {
			return
		}
		if _, ok := errors.AsType[*strictyaml.Error](err); !ok {
			t.Errorf("%T", err)
		}
	})
}
