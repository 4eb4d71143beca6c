package export

import (
	"crypto/hmac"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/hedui/hedui/engine/household"
)

// Marks are what the centre keeps of an export: the slip, and a token of every cell in the
// list's own order.
type Marks struct {
	Slip

	rows  [][]token
	known map[string]token // of cells that came lately, for most come again
}

// mostKnown bounds the cells whose tokens are remembered.
const mostKnown = 4096

// token stands for the content of a cell; alike cells have the same one, whatever their
// form. It is keyed, so that nobody without the key finds a name by trying all of them.
type token uint64

// NewMarks returns marks without rows.
func NewMarks(s Slip) *Marks { return &Marks{Slip: s} }

// Rows is how many rows the list has.
func (m *Marks) Rows() int { return len(m.rows) }

// Take adds a row of the list, in the list's own order.
func (m *Marks) Take(k Key, cells []Cell) {
	var row []token
	for _, c := range cells {
		form := c.form()
		if form == "" {
			continue
		}
		t, ok := m.known[form]
		if !ok {
			t = k.token(form)
			if m.known == nil || len(m.known) >= mostKnown {
				m.known = map[string]token{}
			}
			m.known[form] = t
		}
		row = append(row, t)
	}
	m.rows = append(m.rows, row)
}

func (k Key) token(form string) token {
	return token(binary.BigEndian.Uint64(k.hmac("cell", []byte(form))))
}

// form is a cell without its form: what is left when somebody changes the format of a file.
func (c Cell) form() string {
	switch c.kind {
	case Money, Number:
		return numberForm(c.Plain())
	case Day:
		return dayForm(household.Date(c.n))
	}
	if s := numberForm(c.text); s != "" {
		return s
	}
	return textForm(c.text)
}

// forms are all that the text of a cell in somebody's file may have been.
func forms(text string) (out []string) {
	text = strings.TrimSpace(Unguard(text))
	if text == "" {
		return nil
	}
	if s := numberForm(text); s != "" {
		out = append(out, s)
		if n, err := strconv.Atoi(text); err == nil {
			if d, ok := dayOf(n); ok {
				out = append(out, dayForm(d))
			}
		}
	}
	day := strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(text)
	if d, ok := household.ParseDate([]byte(day)); ok {
		out = append(out, dayForm(d))
	}
	return append(out, textForm(text))
}

func dayForm(d household.Date) string { return "day " + d.String() }

// textForm leaves out what a spreadsheet or a reader may change: white space, and the guard.
func textForm(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '\'' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return ""
	}
	return "text " + s
}

// separators are what people and spreadsheets put into a number.
var separators = strings.NewReplacer(",", "", " ", "", "¥", "", "￥", "", "元", "") //nolint:gochecknoglobals // a constant

// numberForm is a number without separators and without zeros that say nothing; "" of a
// text that is none.
func numberForm(s string) string {
	if strings.IndexFunc(s, unicode.IsDigit) < 0 && !strings.ContainsRune(s, '.') {
		return ""
	}
	s = strings.TrimLeft(separators.Replace(strings.TrimSpace(s)), "'")
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	}
	whole, frac, _ := strings.Cut(s, ".")
	if whole == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return ""
	}
	whole, frac = strings.TrimLeft(whole, "0"), strings.TrimRight(frac, "0")
	if whole == "" && frac == "" {
		return "number 0"
	}
	if frac != "" {
		frac = "." + frac
	}
	return "number " + sign + whole + frac
}

// storedMarks is the form of marks in a file.
type storedMarks struct {
	Version int      `json:"version"`
	Slip    Slip     `json:"slip"`
	Widths  []uint16 `json:"widths"` // tokens of each row
	Tokens  []byte   `json:"tokens"` // eight bytes each
	Proof   []byte   `json:"proof"`  // that nobody without the key has changed them
}

const marksVersion = 1

// ErrMarks says that marks are not what this centre has written.
var ErrMarks = errors.New("these marks are damaged, or not of this data directory")

// Encode is the form of marks in a file.
func (m *Marks) Encode(k Key) ([]byte, error) {
	s := storedMarks{Version: marksVersion, Slip: m.Slip}
	for _, row := range m.rows {
		if len(row) > 1<<15 {
			return nil, errors.New("a row of too many cells")
		}
		s.Widths = append(s.Widths, uint16(len(row)))
		for _, t := range row {
			s.Tokens = binary.BigEndian.AppendUint64(s.Tokens, uint64(t))
		}
	}
	var err error
	if s.Proof, err = s.proof(k); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

func (s *storedMarks) proof(k Key) ([]byte, error) {
	rest := *s
	rest.Proof = nil
	b, err := json.Marshal(rest)
	return k.hmac("marks", b), err
}

// DecodeMarks reads marks that were made with the key.
func DecodeMarks(k Key, b []byte) (*Marks, error) {
	var s storedMarks
	if json.Unmarshal(b, &s) != nil || s.Version != marksVersion {
		return nil, ErrMarks
	}
	want, err := s.proof(k)
	if err != nil || !hmac.Equal(want, s.Proof) {
		return nil, ErrMarks
	}
	m := NewMarks(s.Slip)
	rest := s.Tokens
	for _, n := range s.Widths {
		if len(rest) < int(n)*8 {
			return nil, ErrMarks
		}
		row := make([]token, n)
		for i := range row {
			row[i], rest = token(binary.BigEndian.Uint64(rest)), rest[8:]
		}
		m.rows = append(m.rows, row)
	}
	if len(rest) != 0 {
		return nil, ErrMarks
	}
	return m, nil
}
