package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/api/wire"
)

// maxDepth is how deep a request may be nested. The deepest that has a meaning is
// less than half of it.
const maxDepth = 16

// shape is what a body may look like: the names of its fields. Types and limits of
// values are judged by the schema; this finds what a decoder would let pass.
type shape struct {
	fields map[string]int // to the index in kids; nil for what is no object
	names  []string
	kids   []*shape
	elem   *shape // of an array
	free   bool   // any keys: what is kept as it comes
}

// shapeOf reads the shape of a struct off its type.
func shapeOf(t reflect.Type) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[json.RawMessage]() || t.Kind() == reflect.Map || t.Kind() == reflect.Interface:
		return &shape{free: true}
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		return &shape{elem: shapeOf(t.Elem())}
	case t.Kind() == reflect.Struct:
		s := &shape{fields: map[string]int{}}
		s.add(t)
		return s
	}
	return &shape{}
}

func (s *shape) add(t reflect.Type) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case f.Anonymous && name == "":
			s.add(f.Type)
		case f.IsExported():
			if name == "" {
				name = f.Name
			}
			s.fields[name] = len(s.kids)
			s.names = append(s.names, name)
			s.kids = append(s.kids, shapeOf(f.Type))
		}
	}
}

// scanner goes once over a body, without keeping any of it.
type scanner struct {
	b    []byte
	i    int
	path []byte
}

// scan refuses a body that is no single JSON value of UTF-8, has a key twice in one
// object or one that the shape doesn't know, or is nested too deeply. encoding/json
// takes the last of two equal keys, matches names without regard to case, and mends
// what is no UTF-8: what was judged would not be what was sent.
func scan(body []byte, s *shape) *wire.Refusal {
	if !utf8.Valid(body) {
		return wire.Refuse(wire.BadJSON)
	}
	c := scanner{b: body, path: make([]byte, 0, 64)}
	if r := c.value(s, 0); r != nil {
		return r
	}
	c.space()
	if c.i != len(c.b) {
		return wire.Refuse(wire.BadJSON)
	}
	return nil
}

func (c *scanner) space() {
	for c.i < len(c.b) && (c.b[c.i] == ' ' || c.b[c.i] == '\n' || c.b[c.i] == '\t' || c.b[c.i] == '\r') {
		c.i++
	}
}

func (c *scanner) next() byte {
	if c.i < len(c.b) {
		return c.b[c.i]
	}
	return 0
}

// refuse names the place by the known names on the way to it only.
func (c *scanner) refuse(code wire.Code) *wire.Refusal {
	if len(c.path) == 0 {
		return wire.Refuse(code)
	}
	return &wire.Refusal{Code: code, Fields: []wire.Field{{Name: string(c.path), Rule: string(code)}}}
}

func (c *scanner) value(s *shape, depth int) *wire.Refusal {
	c.space()
	switch ch := c.next(); {
	case ch == '{':
		if depth == maxDepth {
			return c.refuse(wire.TooDeep)
		}
		return c.object(s, depth+1)
	case ch == '[':
		if depth == maxDepth {
			return c.refuse(wire.TooDeep)
		}
		return c.array(s, depth+1)
	case ch == '"':
		_, ok := c.text()
		return c.unless(ok)
	case ch == '-' || ch >= '0' && ch <= '9':
		return c.unless(c.number())
	default:
		for _, word := range [...]string{"true", "false", "null"} {
			if strings.HasPrefix(string(c.b[c.i:min(len(c.b), c.i+5)]), word) {
				c.i += len(word)
				return nil
			}
		}
		return wire.Refuse(wire.BadJSON)
	}
}

func (c *scanner) unless(ok bool) *wire.Refusal {
	if ok {
		return nil
	}
	return wire.Refuse(wire.BadJSON)
}

func (c *scanner) object(s *shape, depth int) *wire.Refusal {
	var seen uint64                // of known names
	var others map[string]struct{} // of a free object
	c.i++
	c.space()
	if c.next() == '}' {
		c.i++
		return nil
	}
	for {
		c.space()
		if c.next() != '"' {
			return wire.Refuse(wire.BadJSON)
		}
		quoted, ok := c.text()
		if !ok {
			return wire.Refuse(wire.BadJSON)
		}
		key, ok := unquote(quoted)
		if !ok {
			return wire.Refuse(wire.BadJSON)
		}
		var kid *shape
		at := len(c.path)
		if s.fields != nil {
			n, known := s.fields[string(key)]
			if !known {
				return c.refuse(wire.UnknownField)
			}
			if at > 0 {
				c.path = append(c.path, '.')
			}
			c.path = append(c.path, s.names[n]...)
			if seen&(1<<n) != 0 {
				return c.refuse(wire.DuplicateKey)
			}
			seen |= 1 << n
			kid = s.kids[n]
		} else {
			// Where no object is expected the schema will say so; here it matters
			// only that nothing is said twice.
			if _, twice := others[string(key)]; twice {
				return c.refuse(wire.DuplicateKey)
			}
			if others == nil {
				others = map[string]struct{}{}
			}
			others[string(key)] = struct{}{}
			kid = &shape{free: true}
		}
		c.space()
		if c.next() != ':' {
			return wire.Refuse(wire.BadJSON)
		}
		c.i++
		if r := c.value(kid, depth); r != nil {
			return r
		}
		c.path = c.path[:at]
		c.space()
		switch c.next() {
		case ',':
			c.i++
		case '}':
			c.i++
			return nil
		default:
			return wire.Refuse(wire.BadJSON)
		}
	}
}

func (c *scanner) array(s *shape, depth int) *wire.Refusal {
	elem := s.elem
	if elem == nil {
		elem = &shape{free: true}
	}
	c.i++
	c.space()
	if c.next() == ']' {
		c.i++
		return nil
	}
	for n := 0; ; n++ {
		at := len(c.path)
		c.path = append(c.path, '[')
		c.path = strconv.AppendInt(c.path, int64(n), 10)
		c.path = append(c.path, ']')
		if r := c.value(elem, depth); r != nil {
			return r
		}
		c.path = c.path[:at]
		c.space()
		switch c.next() {
		case ',':
			c.i++
		case ']':
			c.i++
			return nil
		default:
			return wire.Refuse(wire.BadJSON)
		}
	}
}

// text steps over a string and returns it with its quotes.
func (c *scanner) text() ([]byte, bool) {
	from := c.i
	c.i++
	for c.i < len(c.b) {
		switch ch := c.b[c.i]; {
		case ch == '"':
			c.i++
			return c.b[from:c.i], true
		case ch < ' ':
			return nil, false
		case ch == '\\':
			c.i++
			switch c.next() {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					c.i++
					if !isHex(c.next()) {
						return nil, false
					}
				}
			default:
				return nil, false
			}
		}
		c.i++
	}
	return nil, false
}

func isHex(ch byte) bool {
	return ch >= '0' && ch <= '9' || ch >= 'a' && ch <= 'f' || ch >= 'A' && ch <= 'F'
}

// unquote returns the text of a string that was stepped over.
func unquote(quoted []byte) ([]byte, bool) {
	if slices.Contains(quoted, '\\') {
		var s string
		err := json.Unmarshal(quoted, &s)
		return []byte(s), err == nil
	}
	return quoted[1 : len(quoted)-1], true
}

func (c *scanner) number() bool {
	if c.next() == '-' {
		c.i++
	}
	switch ch := c.next(); {
	case ch == '0':
		c.i++
	case ch >= '1' && ch <= '9':
		c.digits()
	default:
		return false
	}
	if c.next() == '.' {
		c.i++
		if !c.digits() {
			return false
		}
	}
	if ch := c.next(); ch == 'e' || ch == 'E' {
		c.i++
		if ch := c.next(); ch == '+' || ch == '-' {
			c.i++
		}
		return c.digits()
	}
	return true
}

func (c *scanner) digits() bool {
	from := c.i
	for c.i < len(c.b) && c.b[c.i] >= '0' && c.b[c.i] <= '9' {
		c.i++
	}
	return c.i > from
}
