package mutate

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Mutant is a pack with one thing changed.
type Mutant struct {
	File         string // within the pack's folder
	Line, Column int    // of the change, in characters from 1
	// What became what, beginning with the place by its names and not by its line:
	// "rules[income_over_limit].effect: suspected_ineligible becomes needs_review".
	What string

	content []byte // of File
	edits   []edit
}

// String is the mutant in one line.
func (m *Mutant) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.What)
}

// Content is the changed file.
func (m *Mutant) Content() []byte { return apply(m.content, m.edits) }

// ErrNoFile is returned for a file that is not one of those of a pack that are
// changed.
var ErrNoFile = errors.New("no such file to change")

// Mutants gives every changed form of the files of a pack's own folder, in the order
// of files and places. Without files it takes all; a file is named by its path within
// the folder. What a pack inherits is not changed. It returns ErrNoFile, or an error
// of reading.
func Mutants(dir fs.FS, files ...string) ([]Mutant, error) {
	docs, err := documents(dir)
	if err != nil {
		return nil, err
	}
	v, err := newVocabulary(docs)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if !slices.ContainsFunc(docs, func(d *document) bool { return d.name == f }) {
			var known []string
			for _, d := range docs {
				known = append(known, d.name)
			}
			return nil, fmt.Errorf("%w: %q; there are %s", ErrNoFile, f, strings.Join(known, ", "))
		}
	}
	var out []Mutant
	for _, d := range docs {
		if len(files) > 0 && !slices.Contains(files, d.name) {
			continue
		}
		m := &maker{d: d, v: v, seen: map[string]bool{}}
		m.walk(d.root)
		slices.SortStableFunc(m.out, func(a, b Mutant) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
		out = append(out, m.out...)
	}
	return out, nil
}

// maker collects the mutants of one file.
type maker struct {
	d    *document
	v    *vocabulary
	out  []Mutant
	seen map[string]bool // edits that are already there
}

// add notes a mutant at a byte of the file.
func (m *maker) add(at int, what string, edits ...edit) {
	if len(edits) == 0 {
		return
	}
	var key strings.Builder
	for _, e := range edits {
		if string(m.d.content[e.from:e.to]) == e.by {
			return
		}
		fmt.Fprintf(&key, "%d-%d %s\x00", e.from, e.to, e.by)
	}
	if m.seen[key.String()] {
		return
	}
	m.seen[key.String()] = true
	line, column := m.d.place(at)
	m.out = append(m.out, Mutant{File: m.d.name, Line: line, Column: column, What: what, content: m.d.content, edits: edits})
}

// replace puts another text in the place of a scalar or a list in brackets.
func (m *maker) replace(n *node, by string) {
	m.add(n.from, n.path()+": "+m.d.raw(n)+" becomes "+by, edit{n.from, n.to, by})
}

// walk changes a node and all beneath it.
func (m *maker) walk(n *node) {
	if n.key != "" && isText(m.d, n) {
		return
	}
	switch n.kind {
	case scalar:
		m.scalar(n)
	case mapping:
		if m.open(n) {
			m.dates(n)
			return
		}
		m.mapping(n)
		for i := range n.entries {
			m.walk(n.entries[i].value)
		}
	case sequence:
		m.sequence(n)
		for _, i := range n.items {
			m.walk(i)
		}
	}
}

// scalar changes one value: as an expression, a name, a word, a date or a number.
func (m *maker) scalar(n *node) {
	if isExpression(m.d, n) {
		m.expression(n)
		return
	}
	known := words(m.d, n)
	if slices.Contains([]string{"true", "false"}, n.text) && n.style == plain {
		known = boolean
	}
	if !slices.ContainsFunc(known, func(w string) bool { return unquoted(w) == n.text }) {
		known = m.v.references(n)
	}
	if n.key == "schemes" && n.text == "any" {
		known = []string{"[dibao]"}
	}
	inList := n.parent.kind == sequence
	for _, w := range known {
		if unquoted(w) != n.text && (!inList || !has(n.parent, w)) {
			m.replace(n, w)
		}
	}
	if known == nil {
		m.number(n)
	}
}
