package connectors

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// Mapping tells how a file that does not follow the contract is read: which of
// its columns is which, what its codes mean, in which unit its amounts are. A
// nil Mapping is the contract itself. A Mapping is never changed after it was
// loaded.
type Mapping struct {
	Source   household.Source // 0 when the mapping does not say
	Provider string           // "" when the mapping does not say
	Format   string           // "" when the format is found out
	Encoding string           // "" when the encoding is found out
	Digest   [32]byte         // SHA-256 of the mapping's file

	file      string
	delimiter byte // 0 when it is found from the header
	noHeader  bool
	skipRows  int
	columns   map[string]place
	codes     map[string]map[string]scalar
	defaults  map[string]scalar
	units     map[string]unitOf
	dates     []dateForm
	empty     map[string]bool // texts that stand for an empty field
}

// scalar is a text of the mapping's file and where it stands.
type scalar struct {
	text string
	at   position
}

// unitOf is the unit of an amount and where the mapping says so.
type unitOf struct {
	decimals int
	at       position
}

// place says where a column is: under a header, at a position, or in a range of
// bytes.
type place struct {
	at           position
	header       string
	position     int // from 1
	from, length int // bytes of the source encoding, from 1
}

// place finds the mapped columns in the header.
func (m *Mapping) place(d *Department, header []string, src []int, taken []bool) *problem {
	if m == nil {
		return nil
	}
	for i := range d.Columns {
		pl, ok := m.columns[d.Columns[i].Name]
		if !ok || pl.length > 0 {
			continue
		}
		at := pl.position - 1
		if pl.position == 0 {
			at = -1
			for f, h := range header {
				if headerKey(h) != headerKey(pl.header) {
					continue
				}
				if at >= 0 {
					return &problem{column: pl.header, what: "the header has the column twice", hint: "map it by its position"}
				}
				at = f
			}
			if at < 0 {
				if d.Columns[i].Required {
					return &problem{
						column: pl.header, what: "the header lacks the column that the mapping names for " + d.Columns[i].Name,
						hint: "correct the name in the mapping or in the file",
					}
				}
				continue
			}
		}
		if at >= len(header) {
			return &problem{what: "the mapping puts " + d.Columns[i].Name + " behind the file's last column", hint: "correct the position in the mapping"}
		}
		src[i], taken[at] = at, true
	}
	return nil
}

// hides reports whether the mapping says itself where a column is, so that the
// column's own name means nothing in the header.
func (m *Mapping) hides(column string) bool {
	if m == nil {
		return false
	}
	_, ok := m.columns[column]
	return ok
}

func (m *Mapping) fallback(column string) []byte {
	if m == nil {
		return nil
	}
	if s, ok := m.defaults[column]; ok {
		return []byte(s.text)
	}
	return nil
}

// unit is the number of decimals of an amount; own is what the format itself says.
func (m *Mapping) unit(column string, own int) int {
	if m != nil {
		if u, ok := m.units[column]; ok {
			return u.decimals
		}
	}
	return own
}

// unitTold is the unit of an amount that the mapping itself says.
func (m *Mapping) unitTold(column string) (decimals int, ok bool) {
	if m == nil {
		return 0, false
	}
	u, ok := m.units[column]
	return u.decimals, ok
}

// nulls are the texts that stand for an empty field, or nil.
func (m *Mapping) nulls() map[string]bool {
	if m == nil {
		return nil
	}
	return m.empty
}

func (m *Mapping) dateForms() []dateForm {
	if m == nil {
		return nil
	}
	return m.dates
}

// codesOf is what the values of a column mean: the contract's names, English and
// Chinese, and those of the mapping, which win.
func (m *Mapping) codesOf(c *Column) map[string]uint8 {
	codes := make(map[string]uint8, 2*len(c.Codes))
	for i := 1; i < len(c.Codes); i++ {
		codes[c.Codes[i].Name] = uint8(i)
		codes[c.Codes[i].Zh] = uint8(i)
	}
	maps.Copy(codes, c.Words)
	if m != nil {
		for value, code := range m.codes[c.Name] {
			if n, ok := c.Codes.Find(code.text); ok {
				codes[value] = n
			}
		}
	}
	return codes
}

// Check reports the first name of the mapping that the department does not have:
// a column, a code, a default that is no value of its column.
func (m *Mapping) Check(d *Department) error {
	if m == nil {
		return nil
	}
	if m.Source != 0 && m.Source != d.Source {
		return fmt.Errorf("%s: the mapping is for %s files, not for %s", m.file, m.Source, d.Source)
	}
	var found *MappingError
	report := func(at position, format string, args ...any) {
		e := &MappingError{File: m.file, Line: at.line, Column: at.column, What: fmt.Sprintf(format, args...)}
		if found == nil || e.before(found) {
			found = e
		}
	}
	column := func(name string, at position) *Column {
		if i := d.column(name); i >= 0 {
			return &d.Columns[i]
		}
		report(at, "%s files have no column %q; they have %s", d.Source, name, strings.Join(d.names(), ", "))
		return nil
	}
	for name, pl := range m.columns {
		column(name, pl.at)
	}
	for name, u := range m.units {
		if c := column(name, u.at); c != nil && c.Kind != KindAmount {
			report(u.at, "%s is not an amount and has no unit", name)
		}
	}
	for name, values := range m.codes {
		for value, code := range values {
			c := column(name, code.at)
			if c == nil {
				break
			}
			if c.Kind != KindCode {
				report(code.at, "%s has no code list", name)
			} else if _, ok := c.Codes.Find(code.text); !ok {
				report(code.at, "%s has no code %q for %q; it has %s", name, code.text, value, codeList(c.Codes))
			}
		}
	}
	for name, s := range m.defaults {
		if c := column(name, s.at); c != nil {
			st := step{kind: c.Kind, unit: m.unit(name, unitYuan), forms: m.dates, codes: m.codesOf(c)}
			if _, code := st.parse([]byte(s.text), household.Months{}, nil); code != OK {
				report(s.at, "the default of %s is no value of it: %s", name, code)
			}
		}
	}
	if found != nil {
		return found
	}
	return nil
}

func codeList(l household.CodeList) string {
	var names []string
	for _, c := range l[1:] {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

func (m *Mapping) skip() int {
	if m == nil {
		return 0
	}
	return m.skipRows
}

func (m *Mapping) delim() byte {
	if m == nil {
		return 0
	}
	return m.delimiter
}

func (m *Mapping) format() string {
	if m == nil {
		return ""
	}
	return m.Format
}

func (m *Mapping) headerless() bool { return m != nil && m.noHeader }

// known counts the fields of a header that the mapping names.
func (m *Mapping) known(header []string) int {
	if m == nil {
		return 0
	}
	n := 0
	for _, pl := range m.columns {
		for _, h := range header {
			if pl.header != "" && headerKey(pl.header) == headerKey(h) {
				n++
			}
		}
	}
	return n
}
