package oracle

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
)

// Snapshot says what one department handed over at one date.
type Snapshot struct {
	Source   string
	Provider string   // the source's name when empty
	AsOf     string   // 2006-01-02
	Covers   string   // 2025-01..2026-10, for flows (tax, insurance) only
	Files    []string // plain CSV, numbered from 1 in this order
}

// Counts is the accounting of a file or a snapshot:
// RowsIn = Accepted + Quarantined + Duplicates. Unlinked is a part of Accepted;
// Codes are the quarantined rows per code.
type Counts struct {
	RowsIn, Accepted, Quarantined, Duplicates, Unlinked int
	Codes                                               map[string]int
}

// Account is the accounting of one snapshot and of each of its files.
type Account struct {
	Source, Provider, AsOf string
	Total                  Counts
	Files                  []Counts
}

// record is one accepted row, its cells in the text form of their columns.
type record struct {
	snap      *snapshot
	file, row int
	doc       document
	linked    bool // the document passes its check
	values    []string
}

// snapshot is a loaded Snapshot.
type snapshot struct {
	source, provider string
	asOf             time.Time
	covers           months
	schema           *schema
	accepted         []*record
	marks            map[document]bool // readable documents of quarantined rows
	account          Account
}

// parsedRow is a row on its way through the accounting.
type parsedRow struct {
	record
	fault string
}

func loadSnapshot(in Snapshot) (*snapshot, error) {
	s := &snapshot{source: in.Source, provider: in.Provider, schema: schemas[in.Source], marks: map[document]bool{}}
	if s.schema == nil {
		return nil, fmt.Errorf("source %q: want one of %s", in.Source, strings.Join(sourceNames, ", "))
	}
	if s.provider == "" {
		s.provider = s.source
	}
	var err error
	if s.asOf, err = time.Parse("2006-01-02", in.AsOf); err != nil {
		return nil, fmt.Errorf("as-of of %s: %w", in.Source, err)
	}
	if s.schema.flow {
		if s.covers, err = parseCovers(in.Covers); err != nil {
			return nil, fmt.Errorf("covers of %s: %w", in.Source, err)
		}
	} else if in.Covers != "" {
		return nil, fmt.Errorf("covers of %s: only tax and insurance are flows", in.Source)
	}
	var rows []*parsedRow
	for i, path := range in.Files {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		more, err := s.readFile(i+1, raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		rows = append(rows, more...)
	}
	s.settle(rows, len(in.Files))
	return s, nil
}

// readFile parses every row of one file; faults are noted, not yet counted.
func (s *snapshot) readFile(file int, raw []byte) ([]*parsedRow, error) {
	plain, err := decode(raw)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(plain))
	r.FieldsPerRecord = -1 // a wrong count is a fault of the row, not of the file
	r.LazyQuotes = true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	columns, err := s.schema.header(header)
	if err != nil {
		return nil, err
	}
	var rows []*parsedRow
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row := s.schema.parse(cells, columns, s.covers)
		row.snap, row.file, row.row = s, file, len(rows)+1
		rows = append(rows, row)
	}
}

// header maps the file's columns to the schema's, −1 for unknown ones.
func (sc *schema) header(cells []string) ([]int, error) {
	columns := make([]int, len(cells))
	seen := map[int]bool{}
	for i, cell := range cells {
		columns[i] = sc.find(cell)
		if columns[i] >= 0 && seen[columns[i]] {
			return nil, fmt.Errorf("header: column %s twice", sc.columns[columns[i]].name)
		}
		seen[columns[i]] = true
	}
	for i := range sc.columns {
		if (sc.columns[i].required || i == idNumber || i == nameAt) && !seen[i] {
			return nil, fmt.Errorf("header: column %s is missing", sc.columns[i].name)
		}
	}
	if sc.source == "property" && !seen[sc.at("unit_code")] && !seen[sc.at("certificate_no")] {
		return nil, errors.New("header: unit_code or certificate_no is missing")
	}
	return columns, nil
}

// parse reads one row; of several faults the first in the file's column order stays.
func (sc *schema) parse(cells []string, columns []int, covers months) *parsedRow {
	row := &parsedRow{record: record{values: make([]string, len(sc.columns))}}
	for i := range sc.columns {
		row.values[i] = sc.columns[i].empty()
	}
	note := func(fault string) {
		if row.fault == "" {
			row.fault = fault
		}
	}
	if len(cells) != len(columns) {
		note(columnCount)
	}
	rawType, typeKnown := "", true
	for i, at := range columns {
		if i >= len(cells) {
			break
		}
		if strings.ContainsRune(cells[i], '\ufffd') {
			note(badEncoding)
			typeKnown = typeKnown && at != idType
			continue
		}
		if at < 0 {
			continue
		}
		if strings.IndexFunc(cells[i], control) >= 0 {
			note(badEncoding)
			typeKnown = typeKnown && at != idType
			continue
		}
		c := &sc.columns[at]
		if strings.TrimSpace(cells[i]) == "" {
			if c.required || sc.noUnit(cells, columns, at) {
				note(missingField)
			}
			continue
		}
		value, fault := c.read(cells[i])
		if fault == "" && c.name == sc.month && !sc.covered(value, covers) {
			fault = outsideCoverage
		}
		note(fault)
		if at == idType {
			rawType, typeKnown = value, fault == ""
		}
		if fault == "" {
			row.values[at] = value
		}
	}
	if rawType == "" {
		rawType = "resident_id"
	}
	row.doc, row.linked = readDocument(rawType, row.values[idNumber])
	row.linked = row.linked && typeKnown
	row.values[idNumber] = row.doc.number // 15 and 18 digit forms are the same content
	return row
}

// control says whether a character is no part of any text: what a name becomes
// that was decoded twice often has some. Tabs and line breaks are not meant.
func control(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\r' && r != '\n'
}

// noUnit says whether the column is one of the two numbers of a unit and the
// row has neither.
func (sc *schema) noUnit(cells []string, columns []int, at int) bool {
	if sc.source != "property" || at != sc.at("unit_code") && at != sc.at("certificate_no") {
		return false
	}
	for i, other := range columns {
		if i < len(cells) && (other == sc.at("unit_code") || other == sc.at("certificate_no")) &&
			strings.TrimSpace(cells[i]) != "" {
			return false
		}
	}
	return true
}

// covered says whether a month, or any month of a bare year, is covered.
func (sc *schema) covered(value string, covers months) bool {
	if year, bare := bareYear(value); bare {
		return covers.touches(year)
	}
	m, _ := parseMonth(value)
	return covers.holds(m)
}

// settle finds duplicates and conflicts among the rows without another fault
// and counts everything.
func (s *snapshot) settle(rows []*parsedRow, files int) {
	byKey := map[string][]*parsedRow{}
	for _, row := range rows {
		if row.fault == "" {
			byKey[row.personKey()+"\x00"+row.recordKey()] = append(byKey[row.personKey()+"\x00"+row.recordKey()], row)
		}
	}
	duplicate := map[*parsedRow]bool{}
	for _, same := range byKey {
		conflict := false
		for _, row := range same[1:] {
			conflict = conflict || !equal(row.values, same[0].values)
		}
		for i, row := range same {
			switch {
			case conflict:
				row.fault = conflictingDuplicate
			case i > 0:
				duplicate[row] = true
			}
		}
	}
	s.account = Account{
		Source: s.source, Provider: s.provider, AsOf: s.asOf.Format("2006-01-02"),
		Total: Counts{Codes: map[string]int{}}, Files: make([]Counts, files),
	}
	for i := range s.account.Files {
		s.account.Files[i].Codes = map[string]int{}
	}
	for _, row := range rows {
		s.account.Total.add(row, duplicate[row])
		s.account.Files[row.file-1].add(row, duplicate[row])
		switch {
		case row.fault != "" && row.linked:
			s.marks[row.doc] = true
		case row.fault == "" && !duplicate[row]:
			s.accepted = append(s.accepted, &row.record)
		}
	}
}

func (c *Counts) add(row *parsedRow, duplicate bool) {
	c.RowsIn++
	switch {
	case row.fault != "":
		c.Quarantined++
		c.Codes[row.fault]++
	case duplicate:
		c.Duplicates++
	default:
		c.Accepted++
		if !row.linked {
			c.Unlinked++
		}
	}
}

// personKey is the normalised document or, where there is none, the normalised name.
func (r *record) personKey() string {
	if r.doc.number != "" {
		return "document\x00" + r.doc.kind + "\x00" + r.doc.number
	}
	return "name\x00" + r.values[nameAt]
}

func (r *record) recordKey() string {
	if r.snap.source == "property" {
		return r.unit()
	}
	var parts []string
	for _, key := range r.snap.schema.keys {
		parts = append(parts, r.get(key))
	}
	return strings.Join(parts, "\x00")
}

// get is the text form of a column.
func (r *record) get(column string) string { return r.values[r.snap.schema.at(column)] }

func equal(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
