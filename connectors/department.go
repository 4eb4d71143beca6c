package connectors

import "github.com/hedui/hedui/engine/household"

// Kind is the type of a column's values.
type Kind uint8

// The kinds of columns.
const (
	KindText   Kind = iota // a number, a name or another text of one line
	KindNote               // free text, in which line breaks and tabs are allowed
	KindAmount             // money
	KindDate               // a civil date
	KindMonth              // a civil month
	KindPeriod             // a civil month or a bare year
	KindCode               // an entry of a code list
	KindShare              // a part of an asset
	KindArea               // square metres with at most four decimals
)

// Value is the parsed value of one field. Which part is set follows from the
// column's kind.
type Value struct {
	Text  []byte          // KindText, KindNote; borrowed until the next row
	Num   int64           // every other kind but KindShare, see the methods
	Share household.Share // KindShare
}

// Fen is the value of a KindAmount column.
func (v Value) Fen() household.Fen { return household.Fen(v.Num) }

// Date is the value of a KindDate column.
func (v Value) Date() household.Date { return household.Date(v.Num) }

// Month is the value of a KindMonth column.
func (v Value) Month() household.Month { return household.Month(v.Num) }

// Period is the value of a KindPeriod column.
func (v Value) Period() household.Period { return household.Period(v.Num) }

// Code is the value of a KindCode column, an index into its code list.
func (v Value) Code() uint8 { return uint8(v.Num) }

// Area is the value of a KindArea column in cm².
func (v Value) Area() int64 { return v.Num }

// Column is one column of a department's files.
type Column struct {
	Name    string   // English name in a header
	Zh      string   // Chinese name in a header
	Aliases []string // other names a header may use

	// Required says that the column must be in the file and that no row may leave
	// it empty. MayBeEmpty takes the second half back.
	Required   bool
	MayBeEmpty bool

	Kind  Kind
	Codes household.CodeList // of a KindCode column
	// Words are further ways to write a code, in small letters.
	Words map[string]uint8
	// Lenient reads an unknown code as not given instead of a fault.
	Lenient bool
	Set     func(*household.Record, Value)
	Doc     string // one line for people
}

// AmountColumn reads one amount of a record, for the sums of a file.
type AmountColumn struct {
	Name string
	Get  func(*household.Record) household.Fen
}

// Department describes the files of one source. It is never changed after it was
// made and may be used by several tables at once.
type Department struct {
	Source household.Source

	// Columns in the order of the contract: id_type, id_number and name first, then
	// the source's own, then the optional identity columns. Of several faults of a
	// row the one of the earliest column is reported.
	Columns []Column

	// Either lists columns (indexes into Columns, ascending) of which a file must
	// have at least one and a row must fill at least one; nil for none. A row that
	// fills none has its fault at the first of them.
	Either []int

	Amounts []AmountColumn

	// Check looks at a record whose fields are all in order and returns the column
	// and code of what is wrong with them together, or OK; nil for nothing to check.
	Check func(*household.Record) (column int, code Code)
}

// identityColumns is the number of leading columns that every department shares:
// id_number, name and id_type. They are read even when a row has a fault.
const identityColumns = 3

// documentType is the place of id_type among them.
const documentType = 2

// NewDepartment makes a department from the source's own columns, to which it
// adds the identity columns that every source has. either names columns as in
// Department.Either; it panics when there is no such column, which is a mistake
// in the program.
func NewDepartment(source household.Source, own []Column, either ...string) *Department {
	d := &Department{Source: source}
	d.Columns = append(d.Columns,
		Column{
			Name: "id_number", Zh: "证件号码", Required: true, MayBeEmpty: true,
			Set: func(r *household.Record, v Value) { r.IDNumber = v.Text },
			Doc: "number of the identity document; may be empty, the row is then unlinked",
		},
		Column{
			Name: "name", Zh: "姓名", Required: true, MayBeEmpty: true,
			Set: func(r *household.Record, v Value) { r.Name = v.Text },
			Doc: "name of the person; may be empty, the link is then weak",
		},
		Column{
			Name: "id_type", Zh: "证件类型", Kind: KindCode, Codes: household.DocumentTypes,
			Set: func(r *household.Record, v Value) { r.IDType = household.DocumentType(v.Code()) },
			Doc: "kind of the identity document; resident_id when absent",
		},
		Column{
			Name: "country", Zh: "签发国",
			Set: func(r *household.Record, v Value) { r.Country = v.Text },
			Doc: "country that issued the document",
		},
		Column{
			Name: "birth_date", Zh: "出生日期", Kind: KindDate,
			Set: func(r *household.Record, v Value) { r.BirthDate = v.Date() },
			Doc: "date of birth",
		},
		Column{
			Name: "sex", Zh: "性别", Kind: KindCode, Codes: household.Sexes,
			// GB/T 2261.1 and what else is written. The column only helps to tell
			// people apart, so a word nobody knows is no reason to lose the row.
			Words: map[string]uint8{"1": 1, "2": 2, "m": 1, "f": 2, "男性": 1, "女性": 2}, Lenient: true,
			Set: func(r *household.Record, v Value) { r.Sex = v.Code() },
			Doc: "sex; a word that is not known counts as not given",
		},
		Column{
			Name: "division", Zh: "行政区划",
			Set: func(r *household.Record, v Value) { r.Division = v.Text },
			Doc: "administrative division code",
		},
	)
	d.Columns = append(d.Columns, own...)
	for _, name := range either {
		i := d.column(name)
		if i < 0 {
			panic("connectors: no column " + name)
		}
		d.Either = append(d.Either, i)
	}
	return d
}

// column is the index of the column of an English name, or −1.
func (d *Department) column(name string) int {
	for i := range d.Columns {
		if d.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

func (d *Department) names() []string {
	names := make([]string, len(d.Columns))
	for i := range d.Columns {
		names[i] = d.Columns[i].Name
	}
	return names
}
