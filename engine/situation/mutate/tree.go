package mutate

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// kind says what a node of a file is.
type kind uint8

const (
	opaque kind = iota // nothing, or what packs don't use (tags, anchors)
	scalar
	mapping
	sequence
)

// style says how a scalar is written.
type style uint8

const (
	plain style = iota
	single
	double
	folded // of several lines, plain or a block
)

// node is one value of a file with the bytes that it takes.
type node struct {
	kind     kind
	from, to int    // its bytes, quotes and brackets included
	text     string // of a scalar
	style    style
	flow     bool // in brackets
	parent   *node
	key      string // under which it stands, in a mapping
	index    int    // at which it stands, in a sequence, from 0
	entries  []entry
	items    []*node
}

// entry is a key of a mapping with its value.
type entry struct {
	name     string
	from, to int // the key
	value    *node
}

// end is where the entry ends.
func (e *entry) end() int { return max(e.to, e.value.to) }

// get is the value of a key of a mapping, or nil.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	for i := range n.entries {
		if n.entries[i].name == name {
			return n.entries[i].value
		}
	}
	return nil
}

// list are the items of a sequence; none of what is no sequence.
func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

// word is the text of the scalar under a key, or "".
func (n *node) word(name string) string {
	if v := n.get(name); v != nil && v.kind == scalar {
		return v.text
	}
	return ""
}

// label is the key that says what a value is: its own, or that of the list in which
// it stands, also one turned around by "not".
func (n *node) label() string {
	for ; n != nil; n = n.parent {
		if n.key != "" && n.key != "not" {
			return n.key
		}
	}
	return ""
}

// labelled is the node whose key label gives.
func (n *node) labelled() *node {
	for ; n != nil; n = n.parent {
		if n.key != "" && n.key != "not" {
			return n
		}
	}
	return nil
}

// under reports whether the node stands below a key.
func (n *node) under(key string) bool {
	for ; n != nil; n = n.parent {
		if n.key == key {
			return true
		}
	}
	return false
}

// path names the node's place without line numbers, so that it stays the same when
// other parts of the file grow: rules[income_over_limit].effect.
func (n *node) path() string {
	if n == nil || n.parent == nil {
		return ""
	}
	above := n.parent.path()
	if n.parent.kind == sequence {
		name := strconv.Itoa(n.index + 1)
		if code := n.word("code"); code != "" {
			name = code
		}
		return above + "[" + name + "]"
	}
	if above == "" {
		return n.key
	}
	return above + "." + n.key
}

// document is one file of a pack.
type document struct {
	name    string // within the pack's folder
	base    string // the last part of name
	overlay bool
	content []byte
	lines   []int // where each line begins
	root    *node
}

var errPosition = errors.New("a value that is not where the parser says")

// parse reads a file.
func parse(name string, content []byte) (d *document, err error) {
	defer func() {
		// The library panics on some documents that no pack is.
		if recover() != nil {
			d, err = nil, fmt.Errorf("%s: the reader gave up on it", name)
		}
	}()
	d = &document{name: name, base: name[strings.LastIndexByte(name, '/')+1:], overlay: strings.HasPrefix(name, "overlays/")}
	// As the loader reads it; the parser's places are wrong otherwise.
	d.content = bytes.ReplaceAll(bytes.TrimPrefix(content, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	tree, err := parser.ParseBytes(d.content, 0)
	if err != nil || len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s: not one YAML document", name)
	}
	d.lines = []int{0}
	for i, c := range d.content {
		if c == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	if d.root, err = d.read(tree.Docs[0].Body, 0); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if d.root.kind != mapping {
		return nil, fmt.Errorf("%s: not a mapping", name)
	}
	return d, nil
}

// offset is the byte where a token begins. The parser counts characters.
func (d *document) offset(t *token.Token) (int, error) {
	line := t.Position.Line - 1
	if line < 0 || line >= len(d.lines) {
		return 0, errPosition
	}
	at := d.lines[line]
	for range t.Position.Column - 1 {
		if at >= len(d.content) {
			return 0, errPosition
		}
		_, size := utf8.DecodeRune(d.content[at:])
		at += size
	}
	return at, nil
}

// place is the line and column of a byte, in characters from 1.
func (d *document) place(at int) (line, column int) {
	begin := d.lineStart(at)
	return 1 + bytes.Count(d.content[:at], []byte("\n")), 1 + utf8.RuneCount(d.content[begin:at])
}

func (d *document) lineStart(at int) int { return 1 + bytes.LastIndexByte(d.content[:at], '\n') }

// lineEnd is the byte after the line in which at stands.
func (d *document) lineEnd(at int) int {
	if i := bytes.IndexByte(d.content[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(d.content)
}

func (d *document) raw(n *node) string { return string(d.content[n.from:n.to]) }

// read makes a node of a parsed one; indent is the column of the key it stands under,
// from 0.
func (d *document) read(x ast.Node, indent int) (*node, error) {
	switch x := x.(type) {
	case *ast.MappingNode:
		return d.readMapping(x.Values, x)
	case *ast.MappingValueNode:
		return d.readMapping([]*ast.MappingValueNode{x}, nil)
	case *ast.SequenceNode:
		n := &node{kind: sequence, flow: x.IsFlowStyle}
		for i, v := range x.Values {
			item, err := d.read(v, indent)
			if err != nil {
				return nil, err
			}
			item.parent, item.index = n, i
			n.items = append(n.items, item)
		}
		return n, d.bounds(n, x.Start, x.End)
	case *ast.NullNode, nil:
		return &node{}, nil
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.LiteralNode:
		return d.readScalar(x, indent)
	default:
		return nil, errors.New("tags, anchors and aliases are not read")
	}
}

func (d *document) readMapping(values []*ast.MappingValueNode, x *ast.MappingNode) (*node, error) {
	n := &node{kind: mapping, flow: x != nil && x.IsFlowStyle}
	for _, v := range values {
		key, ok := v.Key.(ast.Node)
		if !ok {
			return nil, errors.New("a key that is not a word")
		}
		k, err := d.readScalar(key, 0)
		if err != nil {
			return nil, err
		}
		value, err := d.read(v.Value, k.from-d.lineStart(k.from))
		if err != nil {
			return nil, err
		}
		if value.kind == opaque {
			value.from, value.to = k.to+1, k.to+1
		}
		value.parent, value.key = n, k.text
		n.entries = append(n.entries, entry{k.text, k.from, k.to, value})
	}
	if n.flow {
		return n, d.bounds(n, x.Start, x.End)
	}
	return n, d.bounds(n, nil, nil)
}

// bounds sets the bytes of a list or a mapping: from bracket to bracket, else from
// its first part to its last.
func (d *document) bounds(n *node, begin, end *token.Token) error {
	if n.flow {
		var err error
		if n.from, err = d.offset(begin); err != nil {
			return err
		}
		if n.to, err = d.offset(end); err != nil {
			return err
		}
		n.to++
		return nil
	}
	if len(n.entries) > 0 {
		n.from, n.to = n.entries[0].from, n.entries[len(n.entries)-1].end()
	}
	if len(n.items) > 0 {
		n.from, n.to = n.items[0].from, n.items[len(n.items)-1].to
	}
	return nil
}

func (d *document) readScalar(x ast.Node, indent int) (*node, error) {
	t := x.GetToken()
	n := &node{kind: scalar, text: t.Value}
	literal, block := x.(*ast.LiteralNode)
	if block {
		t, n.text = literal.Start, literal.Value.Value
	}
	at, err := d.offset(t)
	if err != nil || at >= len(d.content) {
		return nil, errPosition
	}
	n.from = at
	rest := d.content[at:]
	switch {
	case block:
		n.style, n.to = folded, d.indented(at, indent)
	case rest[0] == '\'':
		n.style, n.to = single, at+closing(rest, '\'')
	case rest[0] == '"':
		n.style, n.to = double, at+closing(rest, '"')
	case bytes.HasPrefix(rest, []byte(t.Value)):
		n.to = at + len(t.Value)
	default:
		n.style, n.to = folded, d.indented(at, indent)
	}
	if n.to <= n.from {
		return nil, errPosition
	}
	return n, nil
}

// closing is the byte after a quoted text.
func closing(b []byte, quote byte) int {
	for i := 1; i < len(b); i++ {
		switch {
		case quote == '"' && b[i] == '\\':
			i++
		case b[i] != quote:
		case quote == '\'' && i+1 < len(b) && b[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return 0
}

// indented is where a text of several lines ends: before the first line that is not
// further in than its key.
func (d *document) indented(at, indent int) int {
	end := d.lineEnd(at)
	for next := end; next < len(d.content); next = d.lineEnd(next) {
		line := d.content[next:d.lineEnd(next)]
		text := bytes.TrimLeft(line, " ")
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if len(line)-len(text) <= indent {
			break
		}
		end = d.lineEnd(next)
	}
	return at + len(bytes.TrimRight(d.content[at:end], " \r\n"))
}
