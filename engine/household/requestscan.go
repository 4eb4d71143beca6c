package household

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

// scanner reads JSON of the plain kind that requests are written in. It never says that
// something is wrong with a line: what it is not made for (escapes, null, fractions, keys
// in another case or twice, text that is not UTF-8) makes it give up, and encoding/json
// decides. After giving up it only returns zeros. Its texts are views.
type scanner struct {
	b      []byte
	i      int
	giveUp bool
}

// blanks passes over white space.
func (s *scanner) blanks() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// take passes over one character.
func (s *scanner) take(c byte) {
	if s.i < len(s.b) && s.b[s.i] == c { // nearly always
		s.i++
		return
	}
	if s.blanks(); s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return
	}
	s.giveUp = true
}

// more passes over what stands before the next member of an object or a list. It reports
// whether there is one; first is cleared.
func (s *scanner) more(end byte, first *bool) bool {
	if s.giveUp {
		return false
	}
	if s.blanks(); s.i >= len(s.b) {
		s.giveUp = true
		return false
	}
	switch c := s.b[s.i]; {
	case c == end:
		s.i++
		return false
	case *first:
		*first = false
		return true
	case c != ',':
		s.giveUp = true
		return false
	}
	s.i++
	return true
}

// list begins a list; element tells whether there is another one. null is a list of
// nothing.
func (s *scanner) list() position {
	if s.null() {
		s.word("null")
		return ended
	}
	s.take('[')
	return begun
}

type position uint8

const (
	begun position = iota
	within
	ended
)

func (s *scanner) element(at *position) bool {
	if *at == ended {
		return false
	}
	first := *at == begun
	*at = within
	return s.more(']', &first)
}

// null reports whether null comes next.
func (s *scanner) null() bool {
	s.blanks()
	return s.i < len(s.b) && s.b[s.i] == 'n'
}

// key reads the key of a member.
func (s *scanner) key() string {
	k := s.text()
	s.take(':')
	return k
}

// Each byte of these has one bit set.
const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special marks the first byte of eight that is no plain part of a text: a quote, a
// backslash, a control character, or no ASCII. What it marks above the first is not to
// be relied on.
func special(w uint64) uint64 {
	quote, slash := w^(lowBits*'"'), w^(lowBits*'\\')
	return ((quote-lowBits)&^quote | (slash-lowBits)&^slash | (w-lowBits*' ')&^w | w) & highBits
}

// text reads a text.
func (s *scanner) text() string {
	s.take('"')
	from, i := s.i, s.i
	for !s.giveUp && i+8 <= len(s.b) {
		m := special(binary.LittleEndian.Uint64(s.b[i:]))
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) / 8
		if s.b[i] == '"' {
			s.i = i + 1
			return view(s.b[from:i])
		}
		break
	}
	return s.anyText(from, i)
}

// anyText reads on in a text that began at from, byte by byte.
func (s *scanner) anyText(from, i int) string {
	if s.giveUp {
		return ""
	}
	for ; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			if !utf8.Valid(s.b[from:i]) {
				s.giveUp = true
				return ""
			}
			s.i = i + 1
			return view(s.b[from:i])
		case c < ' ' || c == '\\':
			s.giveUp = true
			return ""
		}
	}
	s.giveUp = true
	return ""
}

// number reads a whole number of at most 18 digits.
func (s *scanner) number() int64 {
	s.blanks()
	i, negative := s.i, false
	if i < len(s.b) && s.b[i] == '-' {
		i, negative = i+1, true
	}
	from, n := i, int64(0)
	for ; i < len(s.b) && s.b[i]-'0' <= 9; i++ {
		n = n*10 + int64(s.b[i]-'0')
		if i-from >= 18 {
			break
		}
	}
	// What follows a number is not looked at: fractions and exponents are no way for an
	// object or a list to go on.
	if i == from || i-from >= 18 || s.b[from] == '0' && i > from+1 {
		s.giveUp = true
		return 0
	}
	s.i = i
	if negative {
		return -n
	}
	return n
}

// maxSkipped is how deep the values may be that are passed over.
const maxSkipped = 32

// skip passes over any value and returns it.
func (s *scanner) skip(depth int) []byte {
	if s.blanks(); s.i >= len(s.b) || depth > maxSkipped {
		s.giveUp = true
	}
	if s.giveUp {
		return nil
	}
	from, first := s.i, true
	switch s.b[s.i] {
	case '{':
		s.i++
		for s.more('}', &first) {
			s.blanks()
			s.text()
			s.take(':')
			s.skip(depth + 1)
		}
	case '[':
		s.i++
		for s.more(']', &first) {
			s.skip(depth + 1)
		}
	case '"':
		s.text()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.number()
	}
	if s.giveUp {
		return nil
	}
	return s.b[from:s.i]
}

func (s *scanner) word(w string) {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		s.giveUp = true
		return
	}
	s.i += len(w)
}

// unknown passes over the value of a key that means nothing. A key that encoding/json
// might take for a known one in another case makes it give up.
func (s *scanner) unknown(key string) {
	for i := range len(key) {
		if c := key[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			s.giveUp = true
			return
		}
	}
	s.skip(0)
}

// view is the text of b without a copy.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
