package form

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// row is what one row of a file, or one member of a page, says: a cell for each field of
// its section.
type row struct {
	sheet string
	line  int64
	key   string // what stands before the fields of a page
	cells []string
}

func (r *row) empty(but string, s *schema) bool {
	for i, c := range r.cells {
		if c != "" && s.fields[i].Name != but {
			return false
		}
	}
	return true
}

// reader reads the cells of one row and takes down what is wrong with them.
type reader struct {
	*row

	section  Section
	problems *[]Problem
}

func (r reader) fail(column string, code Code) {
	p := Problem{Sheet: r.sheet, Row: r.line, Column: column, Code: code, section: r.section}
	if s := &schemas[r.section]; r.sheet == "" && r.line == 0 && column != "" {
		p.Key = r.key + s.fields[s.index[column]].Key
	}
	*r.problems = append(*r.problems, p)
}

func (r reader) field(name string) *Field {
	s := &schemas[r.section]
	return &s.fields[s.index[name]]
}

// raw is a cell without the white space around it, empty when nothing can be read of it.
func (r reader) raw(name string) string {
	text := r.cells[schemas[r.section].index[name]]
	if connectors.IsLost([]byte(text)) {
		r.fail(name, LostValue)
		return ""
	}
	// A control character means that something was lost on the way; so does a line break
	// where one line is asked for.
	f := r.field(name)
	lines := f.Kind == List || f.Kind == Choices || f.Kind == Numbers
	bad := func(c rune) bool {
		return unicode.IsControl(c) && c != '\t' && (!lines || c != '\n' && c != '\r') || c == utf8.RuneError
	}
	if text = strings.TrimSpace(text); !utf8.ValidString(text) || strings.ContainsFunc(text, bad) {
		r.fail(name, BadText)
		return ""
	}
	return text
}

// text is a cell that the field may require.
func (r reader) text(name string) string {
	before := len(*r.problems)
	out := r.raw(name)
	if out == "" && len(*r.problems) == before && r.field(name).Required {
		r.fail(name, MissingField)
	}
	return out
}

// number is a number or a code whose letters and digits may be full-width.
func (r reader) number(name string) string { return narrowWord(r.text(name)) }

// amount is an amount in fen, nil when not given.
func (r reader) amount(name string) *int64 {
	text := r.text(name)
	if text == "" {
		return nil
	}
	fen, err := household.ParseYuan([]byte(text))
	if err != nil {
		code := BadAmount
		if errors.Is(err, household.ErrNegativeAmount) {
			code = NegativeAmount
		}
		r.fail(name, code)
		return nil
	}
	out := int64(fen)
	return &out
}

func (r reader) sum(name string) int64 {
	if p := r.amount(name); p != nil {
		return *p
	}
	return 0
}

// date is a day as JSON has it, empty when not given.
func (r reader) date(name string) string {
	text := r.text(name)
	if text == "" {
		return ""
	}
	// A cell typed as a date in ISO form has a time of day.
	d, ok := household.ParseDate([]byte(strings.TrimSuffix(narrow(text), "T00:00:00")))
	if !ok {
		r.fail(name, BadDate)
		return ""
	}
	return d.String()
}

func (r reader) month(name string) string {
	text := r.text(name)
	if text == "" {
		return ""
	}
	m, ok := household.ParseMonth([]byte(narrow(text)))
	if !ok {
		r.fail(name, BadMonth)
		return ""
	}
	return m.String()
}

// choice is the name of one value, empty when not given.
func (r reader) choice(name string) string {
	text := r.text(name)
	if text == "" {
		return ""
	}
	code, ok := find(r.field(name).Choices, text)
	if !ok {
		r.fail(name, UnknownCode)
	}
	return code
}

// open is a choice that rules may add to: a value that is not listed is taken as it stands.
func (r reader) open(name string) string {
	if text := r.text(name); text != "" {
		return r.oneOpen(name, text)
	}
	return ""
}

func (r reader) oneOpen(name, text string) string {
	if code, ok := find(r.field(name).Choices, text); ok {
		return code
	}
	if !household.IsSlug(text) {
		r.fail(name, UnknownCode)
		return ""
	}
	return text
}

// slug is a code of the rules.
func (r reader) slug(name string) string {
	text := r.text(name)
	if text != "" && !household.IsSlug(text) {
		r.fail(name, BadCode)
	}
	return text
}

func (r reader) count(name string) int {
	text := r.text(name)
	if text == "" {
		return 0
	}
	n, ok := whole(text)
	switch f := r.field(name); {
	case !ok:
		r.fail(name, BadCount)
		return 0
	case name == "member" && (n < 1 || n > f.Max):
		r.fail(name, NoSuchMember)
		return 0
	case name == "obligor" && (n < 1 || n > f.Max):
		r.fail(name, NoSuchObligor)
		return 0
	case n > f.Max:
		r.fail(name, BadCount)
		return 0
	}
	return n
}

// yes is nil when not given.
func (r reader) yes(name string) *bool {
	code := r.choice(name)
	if code == "" {
		return nil
	}
	out := code == "yes"
	return &out
}

// list is several texts. Only ids, plates and codes may have a comma between them: the
// number of a certificate can hold one.
func (r reader) list(name string) []string {
	text := r.text(name)
	separators := ";；\n\r"
	if name != "declared_properties" {
		separators += ",，、"
	}
	var out []string
	for s := range strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune(separators, c) }) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	if text != "" && len(out) == 0 && r.field(name).Required {
		r.fail(name, MissingField)
	}
	return out
}

// codes is several codes; nil when not given, and empty when there are none.
func (r reader) codes(name string) *[]string {
	list := r.list(name)
	if len(list) == 0 {
		return nil
	}
	out := []string{}
	if len(list) == 1 && (strings.EqualFold(list[0], None) || list[0] == "无") {
		return &out
	}
	for _, text := range list {
		if r.field(name).Kind == Choices {
			code, ok := find(r.field(name).Choices, text)
			if !ok {
				r.fail(name, UnknownCode)
				continue
			}
			out = append(out, code)
		} else {
			out = append(out, r.oneOpen(name, text))
		}
	}
	return &out
}

// numbers is several members, of whom there are so many.
func (r reader) numbers(name string, members int) []int {
	var out []int
	for _, text := range r.list(name) {
		n, ok := whole(text)
		switch {
		case !ok || n < 1 || n > members:
			r.fail(name, NoSuchMember)
		case slices.Contains(out, n):
			r.fail(name, TwiceNamed)
		default:
			out = append(out, n)
		}
	}
	return out
}

// whole is a whole number of at most four digits.
func whole(text string) (int, bool) {
	text = narrow(text)
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), err == nil && len(text) <= 4
}

// find is the name of a code that people wrote: its name, its Chinese word, or what is said
// for it.
func find(list household.CodeList, text string) (string, bool) {
	if v, ok := list.Find(text); ok {
		return list[v].Name, true
	}
	lower := strings.ToLower(narrow(text))
	if v, ok := list.Named(lower); ok {
		return list[v].Name, true
	}
	if v, ok := list.Named(spoken[lower]); ok && spoken[lower] != "" {
		return list[v].Name, true
	}
	return "", false
}

// narrow is a text with full-width letters, digits and signs as their ASCII forms.
func narrow(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 0xff01 && c <= 0xff5e {
			return c - 0xff01 + '!'
		}
		return c
	}, text)
}

// narrowWord is a text with full-width letters and digits as their ASCII forms; signs stay.
func narrowWord(text string) string {
	return strings.Map(func(c rune) rune {
		if n := c - 0xff01 + '!'; c >= 0xff01 && c <= 0xff5e && (n >= '0' && n <= '9' || n >= 'A' && n <= 'Z' || n >= 'a' && n <= 'z') {
			return n
		}
		return c
	}, text)
}

// isScientific reports whether a spreadsheet wrote a long number as 3.40104E+17, so that its
// last digits are gone.
func isScientific(text string) bool {
	head, exponent, ok := strings.Cut(strings.ToUpper(narrow(text)), "E+")
	return ok && head != "" && exponent != "" && strings.Trim(head, "0123456789.") == "" && strings.Trim(exponent, "0123456789") == ""
}
