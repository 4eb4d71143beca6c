package connectors

import (
	"github.com/hedui/hedui/engine/household"
)

// Mapping tells how a file that does not follow the contract is read: which of
// its columns is which, what its codes mean, in which unit its amounts are. A
// nil Mapping is the contract itself. A Mapping is never changed after it was
// loaded.
type Mapping struct {
	Source   household.Source // 0 when the mapping does not say
	Provider string
	Format   string
	Encoding string
	Digest   [32]byte // SHA-256 of the mapping's file

	delimiter byte // 0 when it is found from the header
	noHeader  bool
	skipRows  int
	columns   map[string]place
	codes     map[string]map[string]uint8
	defaults  map[string][]byte
	units     map[string]int
	dates     []dateForm
}

// place says where a column is: under a header, at a position, or in a range of
// bytes.
type place struct {
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
					return &problem{column: pl.header, what: "the header lacks the column that the mapping names for " + d.Columns[i].Name,
						hint: "correct the name in the mapping or in the file"}
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
	return m.defaults[column]
}

func (m *Mapping) unit(column string) int {
	if m != nil {
		if u, ok := m.units[column]; ok {
			return u
		}
	}
	return unitYuan
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
	if m != nil {
		for value, code := range m.codes[c.Name] {
			codes[value] = code
		}
	}
	return codes
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
