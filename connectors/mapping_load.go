package connectors

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/hedui/hedui/engine/household"
)

// position is a place in a mapping's file, from 1.
type position struct{ line, column int }

// MappingError is what is wrong with a mapping, and where.
type MappingError struct {
	File         string
	Line, Column int // from 1; 0 where the file as a whole is meant
	What         string
}

func (e *MappingError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.What)
}

func (e *MappingError) before(o *MappingError) bool {
	return e.Line < o.Line || e.Line == o.Line && e.Column < o.Column
}

const (
	maxMapping  = 1 << 20 // bytes of a mapping's file
	maxSkipRows = 10_000
	maxRange    = 1 << 20
)

// LoadMapping reads a mapping. Unknown keys, keys given twice and values of the
// wrong kind are errors with line and column. Whether its columns and codes are
// those of a department is told by Check, which Open calls.
func LoadMapping(path string) (*Mapping, error) {
	base := filepath.Base(path)
	f, err := os.Open(path)
	if err != nil {
		return nil, &FileError{File: base, err: errors.Unwrap(err)}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxMapping+1))
	if err != nil {
		return nil, &FileError{File: base, err: err}
	}
	if len(data) > maxMapping {
		return nil, &MappingError{File: base, What: "the mapping is larger than 1 MiB"}
	}
	return parseMapping(base, data)
}

func parseMapping(file string, data []byte) (m *Mapping, err error) {
	defer func() {
		// The parser of YAML is not ours; whatever it makes of strange input, a
		// mapping that cannot be read is refused and nothing else.
		if r := recover(); r != nil {
			m, err = nil, &MappingError{File: file, What: "the file is not YAML that can be read"}
		}
	}()
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		e := &MappingError{File: file, What: "not YAML"}
		if syntax, ok := errors.AsType[yaml.Error](err); ok {
			e.What = syntax.GetMessage()
			if tk := syntax.GetToken(); tk != nil && tk.Position != nil {
				e.Line, e.Column = tk.Position.Line, tk.Position.Column
			}
		}
		return nil, e
	}
	l := &loader{m: &Mapping{file: file, Digest: sha256.Sum256(data)}}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, &MappingError{File: file, What: "expected one YAML document with the keys of a mapping"}
	}
	l.top(tree.Docs[0].Body)
	if l.err != nil {
		l.err.File = file
		return nil, l.err
	}
	return l.m, nil
}

// loader walks over the tree of a mapping and keeps the first error.
type loader struct {
	m   *Mapping
	err *MappingError
}

func at(n ast.Node) position {
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return position{tk.Position.Line, tk.Position.Column}
	}
	return position{1, 1}
}

func (l *loader) fail(n ast.Node, format string, args ...any) {
	if l.err == nil {
		p := at(n)
		l.err = &MappingError{Line: p.line, Column: p.column, What: fmt.Sprintf(format, args...)}
	}
}

// each calls f for every key and value of a mapping node.
func (l *loader) each(n ast.Node, what string, f func(key string, k, v ast.Node)) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		l.fail(n, "expected %s as keys with values", what)
		return
	}
	seen := make(map[string]bool, len(pairs))
	for _, p := range pairs {
		if p.Key == nil || p.Value == nil {
			l.fail(p, "expected a key with a value")
			return
		}
		key, ok := scalarText(p.Key)
		if !ok || p.Key.IsMergeKey() {
			l.fail(p.Key, "expected a plain key")
			return
		}
		if seen[key] {
			l.fail(p.Key, "the key %q is given twice", key)
			return
		}
		seen[key] = true
		f(key, p.Key, p.Value)
	}
}

// scalarText is the text of a scalar as the file writes it, so that 01 stays 01.
func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		if n.Value != nil {
			return n.Value.Value, true
		}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func (l *loader) text(n ast.Node, what string) string {
	s, ok := scalarText(n)
	if !ok {
		l.fail(n, "expected %s", what)
	}
	return s
}

func (l *loader) number(n ast.Node, what string, low, high int) int {
	s, ok := scalarText(n)
	v, err := strconv.Atoi(s)
	if !ok || err != nil || v < low || v > high {
		l.fail(n, "expected %s, a number from %d to %d", what, low, high)
		return low
	}
	return v
}

func (l *loader) top(n ast.Node) {
	m := l.m
	l.each(n, "a mapping", func(key string, k, v ast.Node) {
		switch key {
		case "source":
			s, ok := household.ParseSource(l.text(v, "the name of a source"))
			if !ok {
				l.fail(v, "unknown source; expected one of %s", codeList(household.Sources))
			}
			m.Source = s
		case "provider":
			m.Provider = l.text(v, "the name of a provider")
		case "format":
			m.Format = l.oneOf(v, "format", "csv", "fixed", "jsonl", "dbf", "xlsx", "parquet")
		case "encoding":
			m.Encoding = l.text(v, "the name of an encoding")
			if _, err := parseEncoding(m.Encoding); err != nil {
				l.fail(v, "%v", err)
			}
		case "delimiter":
			s := l.oneOf(v, "delimiter", ",", ";", "|", "\t", "tab")
			if s == "tab" {
				s = "\t"
			}
			if s != "" {
				m.delimiter = s[0]
			}
		case "header":
			switch l.text(v, "yes or no") {
			case "yes", "true":
			case "no", "false":
				m.noHeader = true
			default:
				l.fail(v, "expected yes or no")
			}
		case "skip_rows":
			m.skipRows = l.number(v, "the rows before the header", 0, maxSkipRows)
		case "columns":
			l.columns(v)
		case "codes":
			m.codes = make(map[string]map[string]scalar)
			l.each(v, "columns with their codes", func(column string, _, v ast.Node) { m.codes[column] = l.scalars(v, "values with our codes") })
		case "defaults":
			m.defaults = l.scalars(v, "columns with a constant value")
		case "unit":
			l.units(v)
		case "dates":
			l.dates(v)
		case "empty":
			m.empty = make(map[string]bool)
			l.list(v, "texts that stand for an empty field", func(n ast.Node) { m.empty[l.text(n, "a text")] = true })
		default:
			l.fail(k, "unknown key %q; expected source, provider, format, encoding, delimiter, header, skip_rows, columns, codes, "+
				"defaults, unit, dates or empty", key)
		}
	})
	l.agree(n)
}

// agree checks what several keys say together.
func (l *loader) agree(n ast.Node) {
	m := l.m
	if m.Format == "fixed" && len(m.columns) == 0 {
		l.fail(n, "a fixed width file needs columns with {from, len}")
	}
	for name, pl := range m.columns {
		if (pl.length > 0) != (m.Format == "fixed") && l.err == nil {
			l.err = &MappingError{
				Line: pl.at.line, Column: pl.at.column,
				What: name + ": {from, len} goes with format: fixed, and only with it",
			}
		}
		if m.noHeader && pl.header != "" && l.err == nil {
			l.err = &MappingError{Line: pl.at.line, Column: pl.at.column, What: name + ": without a header a column is named by its position"}
		}
	}
}

func (l *loader) oneOf(n ast.Node, what string, values ...string) string {
	s := l.text(n, "a "+what)
	if slices.Contains(values, s) {
		return s
	}
	l.fail(n, "unknown %s %q; expected one of %q", what, s, values)
	return ""
}

func (l *loader) scalars(n ast.Node, what string) map[string]scalar {
	out := make(map[string]scalar)
	l.each(n, what, func(key string, _, v ast.Node) { out[key] = scalar{l.text(v, "a value"), at(v)} })
	return out
}

func (l *loader) list(n ast.Node, what string, f func(ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		l.fail(n, "expected a list of %s", what)
		return
	}
	for _, v := range seq.Values {
		f(v)
	}
}

func (l *loader) columns(n ast.Node) {
	l.m.columns = make(map[string]place)
	l.each(n, "our columns", func(column string, k, v ast.Node) {
		pl := place{at: at(k)}
		switch v := v.(type) {
		case *ast.IntegerNode:
			pl.position = l.number(v, "the position of a column", 1, maxColumns)
		case *ast.MappingNode, *ast.MappingValueNode:
			l.each(v, "from and len", func(key string, k, v ast.Node) {
				switch key {
				case "from":
					pl.from = l.number(v, "the first byte", 1, maxRange)
				case "len":
					pl.length = l.number(v, "the number of bytes", 1, maxRange)
				default:
					l.fail(k, "unknown key %q; expected from and len", key)
				}
			})
			if pl.from == 0 || pl.length == 0 {
				l.fail(v, "expected both from and len")
			}
		default:
			if pl.header = l.text(v, "a header, a position or {from, len}"); pl.header == "" {
				l.fail(v, "expected a header, a position or {from, len}")
			}
		}
		l.m.columns[column] = pl
	})
}

// units reads the unit of single amounts.
func (l *loader) units(n ast.Node) {
	l.m.units = make(map[string]unitOf)
	l.each(n, "columns with yuan, fen or wan", func(column string, k, v ast.Node) {
		u := unitOf{at: at(k)}
		switch l.oneOf(v, "unit", "yuan", "fen", "wan") {
		case "yuan":
			u.decimals = unitYuan
		case "fen":
			u.decimals = unitFen
		case "wan":
			u.decimals = unitWan
		}
		l.m.units[column] = u
	})
}

func (l *loader) dates(n ast.Node) {
	forms := []string{"2006.1.2", "2006年1月2日", "2006-01-02 15:04:05", "02/01/2006", "01/02/2006"}
	var used [formMonthFirst + 1]bool
	l.list(n, "forms of dates", func(v ast.Node) {
		s := l.oneOf(v, "form of dates", forms...)
		for i, f := range forms {
			if f == s && !used[i] {
				used[i] = true
				l.m.dates = append(l.m.dates, dateForm(i))
			}
		}
	})
	if used[formDayFirst] && used[formMonthFirst] {
		l.fail(n, "02/01/2006 and 01/02/2006 cannot be told apart; name one of them")
	}
}
