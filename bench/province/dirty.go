package province

import (
	"bufio"
	"encoding/json"
	"os"
)

// spoil says how a row was made bad on purpose.
type spoil uint8

const (
	clean spoil = iota
	missingField
	badAmount
	negativeAmount
	badDate
	badPeriod
	unknownCode
	badEncoding
	columnCount
	outsideCoverage
	noDocument
	invalidDocument
	noName
	duplicate     // this row and the next one are the same record
	duplicateCopy // the other one
	conflicting   // this row and the next one contradict each other
	conflictingCopy
)

// spoilCodes are the codes in dirty.jsonl: the quarantine codes of the contract and,
// for rows that are not quarantined, what is odd about them.
var spoilCodes = [...]string{
	missingField: "missing_field", badAmount: "bad_amount", negativeAmount: "negative_amount", badDate: "bad_date", badPeriod: "bad_period",
	unknownCode: "unknown_code", badEncoding: "bad_encoding", columnCount: "column_count", outsideCoverage: "outside_coverage",
	noDocument: "no_document", invalidDocument: "invalid_document", noName: "no_name",
	duplicate: "duplicate", duplicateCopy: "duplicate", conflicting: "conflicting_duplicate", conflictingCopy: "conflicting_duplicate",
}

// effect is what the contract says becomes of the row.
func (s spoil) effect() string {
	switch s {
	case noDocument, invalidDocument:
		return "unlinked"
	case noName:
		return "accepted"
	case duplicate, duplicateCopy:
		return "duplicate"
	}
	return "quarantined"
}

// spoils are the faults that rows of a source can have.
var spoils = [sourceCount][]spoil{
	tax:       {missingField, badAmount, negativeAmount, badPeriod, unknownCode, badEncoding, columnCount, outsideCoverage, noDocument, invalidDocument, noName, duplicate, conflicting},
	vehicle:   {missingField, badAmount, negativeAmount, badDate, unknownCode, badEncoding, columnCount, noDocument, invalidDocument, noName, duplicate, conflicting},
	property:  {missingField, badAmount, negativeAmount, badDate, unknownCode, badEncoding, columnCount, noDocument, invalidDocument, noName, duplicate, conflicting},
	bank:      {missingField, badAmount, negativeAmount, badDate, unknownCode, badEncoding, columnCount, noDocument, invalidDocument, noName, duplicate, conflicting},
	insurance: {missingField, badAmount, negativeAmount, badPeriod, unknownCode, badEncoding, columnCount, outsideCoverage, noDocument, invalidDocument, noName, duplicate, conflicting},
}

// dirtyRow is one line of dirty.jsonl. Row counts data rows from 1.
type dirtyRow struct {
	Source string `json:"source"`
	File   string `json:"file"`
	Row    int64  `json:"row"`
	Code   string `json:"code"`
	Effect string `json:"effect"`
	Column string `json:"column,omitempty"`
}

// drawSpoil decides whether and how an ordinary row is made bad.
func (d *delivery) drawSpoil(index, k int) spoil {
	r := newStream(d.seed, topicDirty+uint64(d.source)<<8, uint64(index)<<12|uint64(k))
	if r.n(10_000) >= d.Dirty {
		return clean
	}
	s := spoils[d.source][r.n(len(spoils[d.source]))]
	if d.format == FormatXLSX && (s == badEncoding || s == columnCount) {
		return missingField // a sheet has neither bytes nor a number of columns
	}
	return s
}

// spoil makes the row bad and notes it. Of two rows that are the same record the one
// written last is the duplicate; of two that contradict each other both are noted.
func (d *delivery) spoil(r *row, h *household, e entry, f *outputFile, met map[entry]bool) {
	s := e.spoil()
	salt := int(mix(uint64(e)) >> 1)
	column := -1
	switch s {
	case duplicate, duplicateCopy:
		if s == duplicateCopy {
			d.respell(r)
		}
		if key := e >> 8; !met[key] {
			met[key] = true
			return
		}
	case conflicting:
	case conflictingCopy:
		d.contradict(r)
	default:
		column = d.breakField(r, h, e.row(), s, salt)
	}
	note := dirtyRow{Source: d.source.String(), File: f.name, Row: f.rows, Code: spoilCodes[s], Effect: s.effect()}
	if column >= 0 {
		note.Column = columnsOf(d.source)[column].en
	}
	d.dirty = append(d.dirty, note)
}

// respell writes the same content another way: an absent share is the whole.
func (d *delivery) respell(r *row) {
	if i := d.column("share"); i >= 0 && len(r.field(i)) == 0 {
		r.set(i, "100")
	}
}

// contradict changes an amount, so that the row says something else under the same
// key.
func (d *delivery) contradict(r *row) {
	columns := columnsOf(d.source)
	for i := firstOwnColumn; i < len(columns); i++ {
		if columns[i].form == amountText {
			r.set(i, "987654.32")
			return
		}
	}
}

func (d *delivery) column(name string) int {
	for i, c := range columnsOf(d.source) {
		if c.en == name {
			return i
		}
	}
	return -1
}

// breakField puts one fault into the row and returns its column, −1 for none.
func (d *delivery) breakField(r *row, h *household, k int, s spoil, salt int) int {
	pick := func(texts ...string) string { return texts[salt/64%len(texts)] }
	at := -1
	switch s {
	case missingField:
		if d.source == property && salt%3 == 0 {
			r.set(firstOwnColumn, "")
			r.set(firstOwnColumn+1, "")
			return firstOwnColumn
		}
		at = d.pickColumn(salt, func(c column) bool { return c.required })
		r.set(at, "")
	case badAmount:
		at = d.pickColumn(salt, func(c column) bool { return c.form == amountText })
		r.set(at, pick("12a.50", "1.234", "壹仟元", "1..5"))
	case negativeAmount:
		at = d.pickColumn(salt, func(c column) bool { return c.form == amountText })
		r.set(at, pick("-100.00", "-0.01", "-5"))
	case badDate:
		at = d.pickColumn(salt, func(c column) bool { return c.form == dateText })
		r.set(at, pick("2026-02-30", "2026-13-01", "20261", "不详"))
	case badPeriod:
		at = d.pickColumn(salt, func(c column) bool { return c.form == periodText })
		r.set(at, pick("2026-13", "2026Q1", "202600", "上月"))
	case unknownCode:
		at = d.pickColumn(salt, func(c column) bool { return c.form == codeText })
		r.set(at, pick("gift", "未知类别", "99"))
	case outsideCoverage:
		at = d.pickColumn(salt, func(c column) bool { return c.form == periodText })
		m := d.cal.first - 1
		if salt%2 == 0 {
			m = d.cal.to + 1
		}
		r.set(at, m.String())
	case badEncoding:
		at = columnName
		if i := d.column(pick("payer_name", "address", "employer_name", "institution")); i >= 0 {
			at = i
		}
		r.set(at, string(r.field(at))+string(rune(badByteMark)))
	case columnCount:
		if salt%2 == 0 {
			r.string("1")
		} else {
			r.ends = r.ends[:len(r.ends)-1]
		}
	case noDocument:
		at = columnDocument
		r.set(at, "")
	case invalidDocument:
		at = columnDocument
		m := &h.members[h.subject(d.source, k).member]
		r.set(at, string(appendDocument(nil, m, docInvalid)))
	case noName:
		at = columnName
		r.set(at, "")
	}
	return at
}

// pickColumn chooses among the department's own columns.
func (d *delivery) pickColumn(salt int, ok func(column) bool) int {
	columns := columnsOf(d.source)
	n := len(columns) - firstOwnColumn
	for i := range n {
		at := firstOwnColumn + (salt+i)%n
		if ok(columns[at]) {
			return at
		}
	}
	return -1
}

// writeDirtyList writes dirty.jsonl and returns its size.
func writeDirtyList(path string, deliveries []*delivery) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriter(f)
	enc := json.NewEncoder(out)
	for s := range sourceCount {
		for _, d := range deliveries {
			for i := range d.dirty {
				if d.source == s && err == nil {
					err = enc.Encode(&d.dirty[i])
				}
			}
		}
	}
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return closeFile(f, err)
}
