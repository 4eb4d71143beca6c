package linkage

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/hedui/hedui/engine/match/strictyaml"
)

//go:embed models/*.yaml
var shipped embed.FS

// The limits of a model: a pair's levels are packed into 64 bits.
const (
	maxFields = 16
	maxLevels = 16
	maxModel  = 1 << 20
)

// Error is one reason why a model did not load. Line and Column count from 1 and
// are 0 when the whole file is meant.
type Error struct {
	File         string
	Line, Column int
	Problem      string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Problem
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// Shipped returns a model that comes with the program, by its name.
func Shipped(name string) (*Model, bool) {
	content, err := shipped.ReadFile("models/" + name + ".yaml")
	if err != nil {
		return nil, false
	}
	m, err := Load(name+".yaml", content)
	return m, err == nil
}

// Load reads a model. An unknown key, level or field is an *Error with its place.
func Load(file string, content []byte) (*Model, error) {
	if len(content) > maxModel {
		return nil, &Error{File: file, Problem: "more than 1 MiB"}
	}
	m := new(Model)
	tree, err := strictyaml.Decode(content, m)
	if e, ok := errors.AsType[*strictyaml.Error](err); ok {
		return nil, &Error{File: file, Line: e.Line, Column: e.Column, Problem: "not a model: " + e.Problem}
	}
	c := checker{file: file, tree: tree}
	c.model(m)
	return m, errors.Join(c.errs...)
}

// checker finds what is wrong with a model that is well formed.
type checker struct {
	file string
	tree *ast.File
	errs []error
}

func (c *checker) fail(path, format string, args ...any) {
	e := &Error{File: c.file, Problem: fmt.Sprintf(format, args...)}
	if p, err := yaml.PathString(path); err == nil {
		if n, err := p.FilterFile(c.tree); err == nil && n != nil && n.GetToken() != nil {
			e.Line, e.Column = n.GetToken().Position.Line, n.GetToken().Position.Column
		}
	}
	c.errs = append(c.errs, e)
}

func (c *checker) model(m *Model) {
	if len(m.Fields) == 0 || len(m.Fields) > maxFields {
		c.fail("$", "%d fields, want 1 to %d", len(m.Fields), maxFields)
		return
	}
	if !(m.Prior >= 0 && m.Prior < 1 && m.Related >= 0 && m.Prior+m.Related < 1) {
		c.fail("$.prior", "prior and related are probabilities that sum to less than 1")
	}
	if !(m.Threshold > -1000 && m.Threshold < 1000) {
		c.fail("$.threshold", "the threshold is a number of bits between -1000 and 1000")
	}
	if m.MaxBlock < 0 {
		c.fail("$.max_block", "a block holds 1 record or more")
	}
	if m.MaxBlock == 0 {
		m.MaxBlock = 1000
	}
	for i := range m.Fields {
		c.field(m, i)
	}
	if len(m.Blocking) == 0 {
		c.fail("$", "no blocking rule: every pair would be compared")
	}
	for i, rule := range m.Blocking {
		path := fmt.Sprintf("$.blocking[%d]", i)
		if len(rule) == 0 {
			c.fail(path, "an empty rule brings everybody together")
		}
		several := 0
		for _, part := range rule {
			k, err := parseKey(m, part)
			if err != nil {
				c.fail(path, "%v", err)
			}
			if k.several() {
				several++
			}
		}
		if several > 1 {
			c.fail(path, "only one part of a rule may be word or pinyin, which give several keys")
		}
	}
}

func (c *checker) field(m *Model, i int) {
	f := &m.Fields[i]
	path := fmt.Sprintf("$.fields[%d]", i)
	if f.Name == "" || m.field(f.Name) != i {
		c.fail(path, "the field has no name of its own")
	}
	if f.Left == "" {
		f.Left = f.Name
	}
	if f.Right == "" {
		f.Right = f.Left
	}
	if !slices.Contains(kinds(), f.Kind) {
		c.fail(path, "unknown kind %q, want one of %s", f.Kind, strings.Join(kinds(), ", "))
	}
	if f.Order != "" && (f.Kind != kindDate || f.Order != orderDMY && f.Order != orderMDY) {
		c.fail(path, "order is dmy or mdy, and for dates")
	}
	if n := len(f.Levels); n < 3 || n > maxLevels {
		c.fail(path, "%d levels, want 3 to %d", n, maxLevels)
		return
	}
	for j := range f.Levels {
		l, path := &f.Levels[j], fmt.Sprintf("%s.levels[%d]", path, j)
		if (j == 0) != (l.When == missing) || (j == len(f.Levels)-1) != (l.When == otherwise) {
			c.fail(path, "levels begin with missing and end with else")
		}
		if !(l.M >= 0 && l.M <= 1 && l.U >= 0 && l.U <= 1 && l.R >= 0 && l.R <= 1) {
			c.fail(path, "m, u and r are probabilities")
		}
		c.level(m, f, l, path)
	}
}

func (c *checker) level(m *Model, f *Field, l *Level, path string) {
	if l.Max < 0 {
		c.fail(path, "max is a whole number, or N1 to N7 for the level of a name")
		return
	}
	switch l.When {
	case missing, exact, tokens, datePart, dayMonth, substitution, transposition, otherwise:
	case edits, prefix:
		if l.Max < 1 || l.Max > 8 {
			c.fail(path, "%s needs max from 1 to 8", l.When)
		}
	case within:
		if l.Max < 1 || l.Max > 1_000_000 {
			c.fail(path, "within needs max from 1 to 1000000")
		}
	case similar, sharedWords:
		if !(l.Min > 0 && l.Min <= 1) {
			c.fail(path, "%s needs min above 0, at most 1", l.When)
		}
	case repair:
		if f.Kind != kindResident {
			c.fail(path, "repair is for fields of kind %s", kindResident)
		}
	case nameLevel:
		if f.Kind != kindHanName || l.Max < 1 || l.Max > 7 {
			c.fail(path, "name_level is for fields of kind %s and needs max from N1 to N7", kindHanName)
		}
	case swapped:
		if m.field(l.With) < 0 {
			c.fail(path, "swapped needs with: the name of another field")
		}
	default:
		c.fail(path, "unknown level %q", l.When)
	}
}

// field is the place of a field, or -1.
func (m *Model) field(name string) int {
	return slices.IndexFunc(m.Fields, func(f Field) bool { return f.Name == name })
}
