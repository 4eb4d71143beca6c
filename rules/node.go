package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/hedui/hedui/engine/household"
)

// file is one YAML file of a pack.
type file struct {
	name  string
	lines []string
}

// node is a place in a file. The zero node is absent; every reader of it gives the
// zero value without an error, so that one fault is reported once.
type node struct {
	l *loader
	f *file
	n ast.Node
}

func (x node) absent() bool { return x.n == nil }

// fail reports a problem at the node.
func (x node) fail(problem, expected string) {
	e := &Error{File: x.f.name, Problem: problem, Expected: expected}
	x.locate(e)
	x.l.errs = append(x.l.errs, e)
}

// locate sets the place of the node.
func (x node) locate(e *Error) {
	if x.n == nil {
		return
	}
	at := x.n
	if v, ok := at.(*ast.MappingValueNode); ok {
		at = v.Key
	}
	if m, ok := at.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		at = m.Values[0].Key
	}
	x.f.place(e, at.GetToken().Position.Line, at.GetToken().Position.Column)
}

func (f *file) place(e *Error, line, column int) {
	e.Line, e.Column = line, column
	if line >= 1 && line <= len(f.lines) {
		e.Source = f.lines[line-1]
	}
}

// parse reads one file. A file that is not YAML gives one error and an absent node.
func (l *loader) parse(name string, content []byte) node {
	f := &file{name: name, lines: strings.Split(string(content), "\n")}
	x := node{l: l, f: f}
	tree, err := parser.ParseBytes(content, 0)
	if err != nil {
		e := &Error{File: name, Problem: "not YAML: " + firstLine(err.Error())}
		if y, ok := err.(yaml.Error); ok { //nolint:errorlint // the parser's own type, never wrapped
			e.Problem = "not YAML: " + y.GetMessage()
			if t := y.GetToken(); t != nil {
				f.place(e, t.Position.Line, t.Position.Column)
			}
		}
		l.errs = append(l.errs, e)
		return x
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		x.fail("not one YAML document", "one mapping")
		return x
	}
	x.n = tree.Docs[0].Body
	return x
}

func firstLine(s string) string { line, _, _ := strings.Cut(s, "\n"); return line }

// entry is one key of a mapping with its value.
type entry struct {
	name string
	key  node
	node
}

// entries are the keys of a mapping in the order of the file.
func (x node) entries() []entry {
	var values []*ast.MappingValueNode
	switch n := x.n.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		x.fail("not a mapping", "keys with values")
		return nil
	}
	out := make([]entry, 0, len(values))
	for _, v := range values {
		k, ok := v.Key.(ast.Node)
		if !ok || !plain(k) {
			node{x.l, x.f, v}.fail("a key that is not a plain word", "a word")
			continue
		}
		out = append(out, entry{k.GetToken().Value, node{x.l, x.f, k}, node{x.l, x.f, v.Value}})
	}
	return out
}

// empty reports whether the node is a mapping without any key.
func (x node) empty() bool {
	m, ok := x.n.(*ast.MappingNode)
	return ok && len(m.Values) == 0
}

func plain(n ast.Node) bool {
	switch n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return true
	}
	return false
}

// fields are the values of a mapping whose keys are known.
type fields struct {
	of     node
	values map[string]entry
}

// fields reads a mapping that may have the keys named. A name that ends in "!" is
// required.
func (x node) fields(names ...string) fields {
	out := fields{of: x, values: map[string]entry{}}
	known := make([]string, len(names))
	for i, n := range names {
		known[i] = strings.TrimSuffix(n, "!")
	}
	before := len(x.l.errs)
	for _, e := range x.entries() {
		if !contains(known, e.name) {
			e.key.fail("unknown key "+strconv.Quote(e.name), oneOf(known, e.name))
			continue
		}
		out.values[e.name] = e
	}
	if x.absent() || len(x.l.errs) > before && len(out.values) == 0 {
		return out
	}
	for _, n := range names {
		if name, required := strings.CutSuffix(n, "!"); required && out.values[name].absent() {
			x.fail("missing key "+strconv.Quote(name), "")
		}
	}
	return out
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

func (f fields) get(name string) node {
	if e, ok := f.values[name]; ok {
		return e.node
	}
	return node{l: f.of.l, f: f.of.f}
}

func (f fields) has(name string) bool { _, ok := f.values[name]; return ok }

// items are the elements of a sequence.
func (x node) items() []node {
	if x.absent() {
		return nil
	}
	s, ok := x.n.(*ast.SequenceNode)
	if !ok {
		x.fail("not a list", "a list")
		return nil
	}
	out := make([]node, len(s.Values))
	for i, v := range s.Values {
		out[i] = node{x.l, x.f, v}
	}
	return out
}

// text is a scalar as it is written: numbers are never read through a float.
func (x node) text() string {
	switch n := x.n.(type) {
	case nil:
		return ""
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value)
	default:
		if !plain(n) {
			x.fail("not a plain value", "a text or a number")
			return ""
		}
	}
	s := x.n.GetToken().Value
	if s == "" {
		x.fail("empty", "a text")
	}
	return s
}

func (x node) number(lo, hi int) int {
	s := x.text()
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < lo || n > hi {
		x.fail(strconv.Quote(s)+" is not a number in range", "a whole number from "+strconv.Itoa(lo)+" to "+strconv.Itoa(hi))
		return 0
	}
	return n
}

func (x node) yuan() household.Fen {
	s := x.text()
	if s == "" {
		return 0
	}
	f, err := household.ParseYuan([]byte(s))
	if err != nil {
		x.fail(strconv.Quote(s)+" is not an amount", "yuan with at most two decimals, like 700.00")
	}
	return f
}

func (x node) date() household.Date {
	s := x.text()
	if s == "" {
		return 0
	}
	d, ok := household.ParseDate([]byte(s))
	if !ok || len(s) != 10 {
		x.fail(strconv.Quote(s)+" is not a date", "a date like 2026-01-31")
	}
	return d
}

func (x node) boolean() bool {
	switch s := x.text(); s {
	case "true":
		return true
	case "false", "":
	default:
		x.fail(strconv.Quote(s)+" is not true or false", "true or false")
	}
	return false
}

// code reads one value of a code list by its English name; 0 when it is none.
func (x node) code(l household.CodeList) uint8 {
	s := x.text()
	if s == "" {
		return 0
	}
	if v, ok := l.Named(s); ok {
		return v
	}
	x.fail("unknown value "+strconv.Quote(s), oneOf(names(l), s))
	return 0
}

func names(l household.CodeList) []string {
	out := make([]string, 0, len(l))
	for _, c := range l[1:] {
		out = append(out, c.Name)
	}
	return out
}

// codes reads a list of values of a code list, each named once.
func (x node) codes(l household.CodeList) Mask {
	var m Mask
	items := x.items()
	for _, i := range items {
		v := i.code(l)
		if v == 0 {
			continue
		}
		if m.Has(v) {
			i.fail(strconv.Quote(l[v].Name)+" is named twice", "each value once")
		}
		m |= 1 << v
	}
	if len(items) == 0 && !x.absent() {
		x.fail("an empty list", "at least one value")
	}
	return m
}

func (x node) bilingual() Text {
	f := x.fields("zh!", "en!")
	return Text{Zh: f.get("zh").text(), En: f.get("en").text()}
}
