package connectortest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Run runs the contract suite. good is a row with a value in every column, by
// column name, amounts in yuan; want is the record it stands for.
func Run(t *testing.T, d *connectors.Department, good map[string]string, want household.Record) {
	full := Sheet{Department: d}
	var row []string
	for _, c := range d.Columns {
		if good[c.Name] == "" {
			t.Fatalf("the good row has nothing for %s", c.Name)
		}
		full.Columns = append(full.Columns, c.Name)
		row = append(row, good[c.Name])
	}
	full.Rows = [][]string{row}
	s := suite{d: d, full: full, want: want}
	t.Run("columns", s.columns)
	t.Run("formats", s.formats)
	t.Run("least", s.least)
	t.Run("permutations", s.permutations)
	t.Run("faults", s.faults)
	t.Run("accounting", s.accounting)
	t.Run("refusals", s.refusals)
	t.Run("mutations", s.mutations)
}

type suite struct {
	d    *connectors.Department
	full Sheet
	want household.Record
}

// columns checks the description itself.
func (s *suite) columns(t *testing.T) {
	seen := make(map[string]bool)
	for i, c := range s.d.Columns {
		for _, n := range append([]string{c.Name, c.Zh}, c.Aliases...) {
			if n == "" || seen[n] {
				t.Errorf("column %d: the name %q is empty or taken", i, n)
			}
			seen[n] = true
		}
		if c.Set == nil || c.Doc == "" || (c.Kind == connectors.KindCode) != (c.Codes != nil) {
			t.Errorf("column %s: no setter, no line of documentation, or codes without the kind", c.Name)
		}
	}
	amounts := 0
	for _, c := range s.d.Columns {
		if c.Kind == connectors.KindAmount {
			amounts++
		}
	}
	if len(s.d.Amounts) != amounts {
		t.Errorf("%d amounts are summed of %d", len(s.d.Amounts), amounts)
	}
	for _, a := range s.d.Amounts {
		text := s.full.Rows[0][slices.Index(s.full.Columns, a.Name)]
		fen, err := household.ParseYuan([]byte(text))
		if got := a.Get(&s.want); err != nil || got != fen {
			t.Errorf("%s is summed as %d, the good row has %d", a.Name, got, fen)
		}
	}
}

// same compares records without their place in the file.
func same(t *testing.T, got []Outcome, want ...household.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].Fault != nil {
			t.Errorf("row %d: %v", i+1, got[i].Fault)
			continue
		}
		g, w := got[i].Record, want[i]
		g.Row, g.Line, w.Row, w.Line = 0, 0, 0, 0
		if diff := cmp.Diff(w, g); diff != "" {
			t.Errorf("row %d (-want +got):\n%s", i+1, diff)
		}
	}
}

// formats reads the good row from every physical format.
func (s *suite) formats(t *testing.T) {
	en, zh := s.full.Columns, s.full.Chinese()
	fixed, layout := s.full.Fixed(t)
	m := Mapping(t, layout)
	utf := s.full.CSV(zh, ",", "\n")
	tests := []struct {
		name string
		data []byte
		opts connectors.Options
	}{
		{name: "csv", data: s.full.CSV(en, ",", "\n")},
		{name: "csv chinese header", data: utf},
		{name: "csv byte order mark", data: append([]byte("\ufeff"), utf...)},
		{name: "csv crlf", data: s.full.CSV(en, ",", "\r\n")},
		{name: "csv cr", data: s.full.CSV(en, ",", "\r")},
		{name: "csv gb18030", data: GB18030(t, utf)},
		{name: "csv gb18030 english header", data: GB18030(t, s.full.CSV(en, ",", "\n"))},
		{name: "semicolons", data: s.full.CSV(en, ";", "\n")},
		{name: "tabs", data: s.full.CSV(zh, "\t", "\n")},
		{name: "pipes", data: s.full.CSV(zh, "|", "\n")},
		{name: "pipes gb18030", data: GB18030(t, s.full.CSV(zh, "|", "\n"))},
		{name: "capital header", data: []byte(strings.Replace(string(s.full.CSV(en, ",", "\n")), "id_number,name", " ID_NUMBER ,ｎａｍｅ", 1))},
		{name: "gzip", data: Gzip(t, utf)},
		{name: "zip", data: Zip(t, "数据/a.csv", string(utf))},
		{name: "jsonl", data: s.full.JSONLines()},
		{name: "xlsx", data: s.full.XLSX(t, zh)},
		{name: "parquet", data: s.full.Parquet(t)},
		{name: "dbf", data: s.full.DBF(t)},
		{name: "fixed", data: fixed, opts: connectors.Options{Mapping: m}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			same(t, Read(t, File(t, "file", tt.data), s.d, tt.opts), s.want)
		})
	}
}

// least reads a row with the required values only; all else must be empty.
func (s *suite) least(t *testing.T) {
	least := Sheet{Department: s.d, Rows: [][]string{nil}}
	want := household.Record{IDType: household.ResidentID}
	for i, c := range s.d.Columns {
		if c.Required || len(s.d.Either) > 0 && s.d.Either[0] == i {
			least.Columns = append(least.Columns, c.Name)
			least.Rows[0] = append(least.Rows[0], s.full.Rows[0][i])
		}
	}
	got := Read(t, File(t, "f", least.CSV(least.Columns, ",", "\n")), s.d, connectors.Options{})
	if len(got) != 1 || got[0].Fault != nil {
		t.Fatalf("got %+v", got)
	}
	if got[0].Record.IDType != want.IDType || got[0].Record.BirthDate != 0 || got[0].Record.Sex != 0 {
		t.Errorf("columns that are absent were filled: %+v", got[0].Record)
	}
	for _, other := range [][]byte{least.JSONLines(), least.XLSX(t, least.Columns), least.Parquet(t), least.DBF(t)} {
		same(t, Read(t, File(t, "f", other), s.d, connectors.Options{}), got[0].Record)
	}
}

// permutations reads good and faulty rows in many orders of the columns.
func (s *suite) permutations(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	sheet := s.full
	sheet.Rows = append(slices.Clone(sheet.Rows), s.spoilt()...)
	want := Read(t, File(t, "f", sheet.CSV(sheet.Columns, ",", "\n")), s.d, connectors.Options{})
	for range 10 {
		order := rng.Perm(len(sheet.Columns))
		p := Sheet{Department: s.d}
		for _, i := range order {
			p.Columns = append(p.Columns, sheet.Columns[i])
		}
		for _, row := range sheet.Rows {
			var out []string
			for _, i := range order {
				out = append(out, row[i])
			}
			p.Rows = append(p.Rows, out)
		}
		got := Read(t, File(t, "f", p.CSV(p.Columns, ",", "\n")), s.d, connectors.Options{})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order %v (-want +got):\n%s", p.Columns, diff)
		}
	}
}

// bad lists what a column of a kind must not take, with the code.
func bad(c connectors.Column) map[string]connectors.Code {
	out := map[string]connectors.Code{"\xff\xfe": connectors.BadEncoding, "a\x00b": connectors.BadEncoding, "\ufffd": connectors.BadEncoding}
	if c.Kind == connectors.KindText {
		out["a\nb"] = connectors.BadEncoding
	}
	if c.Required && !c.MayBeEmpty {
		out[""], out[" 　"] = connectors.MissingField, connectors.MissingField
	}
	switch c.Kind {
	case connectors.KindAmount, connectors.KindArea, connectors.KindShare:
		for _, text := range []string{"x", "1e3", "1,23", "NaN", "--1", "1.", ".5", "９９９９９９９９９９９９９９９９９"} {
			out[text] = connectors.BadAmount
		}
		out["-1"], out["－1"] = connectors.NegativeAmount, connectors.NegativeAmount
		if c.Kind == connectors.KindAmount {
			out["1.234"], out["1.230"] = connectors.BadAmount, connectors.BadAmount
		}
	case connectors.KindDate:
		for _, text := range []string{"2025-02-29", "1900-01-00", "2025-13-01", "20251", "昨天", "2025-1-1", "01/02/2006"} {
			out[text] = connectors.BadDate
		}
	case connectors.KindMonth, connectors.KindPeriod:
		for _, text := range []string{"2025-13", "2025-00", "202513", "2025-1", "25-01", "2025-01-01", "一月"} {
			out[text] = connectors.BadPeriod
		}
	case connectors.KindCode:
		if !c.Lenient {
			out["nothing"], out["0"] = connectors.UnknownCode, connectors.UnknownCode
		}
	}
	return out
}

// spoilt is the good row with one bad value, for every column and kind of fault.
func (s *suite) spoilt() [][]string {
	var rows [][]string
	for i, c := range s.d.Columns {
		values := bad(c)
		var texts []string
		for text := range values {
			texts = append(texts, text)
		}
		slices.Sort(texts)
		for _, text := range texts {
			row := slices.Clone(s.full.Rows[0])
			row[i] = text
			rows = append(rows, row)
		}
	}
	return rows
}

// faults gives every column every bad value, alone and with a later fault.
func (s *suite) faults(t *testing.T) {
	id := slices.Index(s.full.Columns, "id_number")
	for i, c := range s.d.Columns {
		for text, code := range bad(c) {
			for _, second := range []bool{false, true} {
				sheet := s.full
				row := slices.Clone(sheet.Rows[0])
				row[i] = text
				if second {
					if i+1 == len(row) {
						continue
					}
					row[len(row)-1] = "\xff"
				}
				sheet.Rows = [][]string{row}
				got := Read(t, File(t, "f", sheet.CSV(sheet.Chinese(), ",", "\n")), s.d, connectors.Options{Encoding: "utf-8"})
				name := fmt.Sprintf("%s=%q", c.Name, text)
				if len(got) != 1 || got[0].Fault == nil {
					t.Errorf("%s: not quarantined", name)
					continue
				}
				f := got[0].Fault
				if f.Code != code || f.Column != c.Zh {
					t.Errorf("%s: %v, want %s at %s", name, f, code, c.Zh)
				}
				whose := row[id]
				if c.Name == "id_type" {
					whose = "" // a number of an unknown kind
				}
				if i != id && string(got[0].Record.IDNumber) != whose {
					t.Errorf("%s: the row no longer says whom it is about", name)
				}
				if strings.Contains(f.Error(), text) && len(text) > 1 {
					t.Errorf("%s: the error repeats the field", name)
				}
			}
		}
	}
	if len(s.d.Either) > 0 {
		sheet := s.full
		row := slices.Clone(sheet.Rows[0])
		for _, e := range s.d.Either {
			row[e] = ""
		}
		sheet.Rows = [][]string{row}
		got := Read(t, File(t, "f", sheet.CSV(sheet.Columns, ",", "\n")), s.d, connectors.Options{})
		if f := got[0].Fault; f == nil || f.Code != connectors.MissingField || f.Column != s.d.Columns[s.d.Either[0]].Name {
			t.Errorf("a row without any of the columns of which it needs one: %v", f)
		}
	}
	s.outside(t)
}

// outside checks months that the file is not complete for.
func (s *suite) outside(t *testing.T) {
	covers, _ := household.ParseMonths("1990-01..1990-12")
	got := Read(t, File(t, "f", s.full.CSV(s.full.Columns, ",", "\n")), s.d, connectors.Options{Covers: covers})
	for _, c := range s.d.Columns {
		if c.Kind == connectors.KindMonth || c.Kind == connectors.KindPeriod {
			if f := got[0].Fault; f == nil || f.Code != connectors.OutsideCoverage || f.Column != c.Name {
				t.Errorf("a month outside the coverage: %v", f)
			}
			return
		}
	}
	same(t, got, s.want)
}

// accounting reads a file with rows of every sort and checks that each is given
// out once, in its place.
func (s *suite) accounting(t *testing.T) {
	sheet := s.full
	var want []bool // is the row good
	spoilt := s.spoilt()
	sheet.Rows = nil
	for i := range 3 * len(spoilt) {
		if good := i%3 != 1; good {
			sheet.Rows = append(sheet.Rows, s.full.Rows[0])
			want = append(want, true)
		} else {
			sheet.Rows = append(sheet.Rows, spoilt[i/3])
			want = append(want, false)
		}
	}
	data := string(sheet.CSV(sheet.Columns, ",", "\n"))
	// Lines that are no rows, and rows that are no lines of the table.
	data += "\n\r\n   \n" + "a,b\n" + strings.Repeat(",", len(sheet.Columns)) + "\n\x1a"
	want = append(want, false, false)
	got := Read(t, File(t, "f", []byte(data)), s.d, connectors.Options{})
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if (got[i].Fault == nil) != want[i] {
			t.Errorf("row %d: %v", i+1, got[i].Fault)
		}
	}
}

// refusals drops every required column, doubles one and gives an empty file.
func (s *suite) refusals(t *testing.T) {
	refused := func(what string, header []string, words ...string) {
		t.Helper()
		sheet := Sheet{Department: s.d}
		_, err := TryRead(t, File(t, "f", sheet.CSV(header, ",", "\n")), s.d, connectors.Options{})
		if err == nil {
			t.Errorf("%s: not refused", what)
			return
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, want it to say %s", what, err, w)
			}
		}
	}
	for i, c := range s.d.Columns {
		if c.Required {
			refused("without "+c.Name, slices.Delete(slices.Clone(s.full.Columns), i, i+1), "line 1", c.Name, c.Zh)
		}
	}
	if len(s.d.Either) > 0 {
		header := slices.DeleteFunc(slices.Clone(s.full.Columns), func(n string) bool {
			return slices.ContainsFunc(s.d.Either, func(e int) bool { return s.d.Columns[e].Name == n })
		})
		refused("without any of either", header, s.d.Columns[s.d.Either[0]].Name)
	}
	refused("a column twice", append(slices.Clone(s.full.Columns), "姓名"), "姓名")
	refused("no header", []string{"340104198001010014", "张三"}, "header")
	if _, err := TryRead(t, File(t, "f", nil), s.d, connectors.Options{}); err == nil {
		t.Error("an empty file: not refused")
	}
}

// mutations breaks good files at random. Whatever comes of it, it must not be a
// panic, and every row must come out once.
func (s *suite) mutations(t *testing.T) {
	sheet := s.full
	sheet.Rows = append(slices.Repeat(s.full.Rows, 4), s.spoilt()[:4]...)
	clean := s.full
	clean.Rows = slices.Repeat(s.full.Rows, 6)
	fixed, layout := clean.Fixed(t)
	m := Mapping(t, layout)
	zh := sheet.CSV(sheet.Chinese(), ",", "\n")
	inputs := []struct {
		name string
		data []byte
		opts connectors.Options
	}{
		{name: "csv", data: zh, opts: connectors.Options{MaxRow: 512}},
		{name: "gb18030", data: GB18030(t, clean.CSV(clean.Chinese(), "|", "\r\n"))},
		{name: "jsonl", data: clean.JSONLines()},
		{name: "dbf", data: clean.DBF(t)},
		{name: "fixed", data: fixed, opts: connectors.Options{Mapping: m}},
		{name: "gzip", data: Gzip(t, zh)},
		{name: "zip", data: Zip(t, "a.csv", string(zh), "b.csv", string(zh))},
		{name: "xlsx", data: clean.XLSX(t, clean.Chinese())},
		{name: "parquet", data: clean.Parquet(t)},
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, in := range inputs {
		t.Run(in.name, func(t *testing.T) {
			for range 60 {
				data := slices.Clone(in.data)
				for range 1 + rng.IntN(4) {
					if len(data) == 0 {
						break
					}
					switch at := rng.IntN(len(data)); rng.IntN(4) {
					case 0:
						data[at] ^= 1 << rng.IntN(8)
					case 1:
						data = data[:at]
					case 2:
						data = slices.Insert(data, at, "\"\n,\x00\xff{}<"[rng.IntN(8)])
					case 3:
						data = slices.Delete(data, at, min(len(data), at+1+rng.IntN(8)))
					}
				}
				// The error, if any, is as good as the rows.
				_, _ = TryRead(t, File(t, "f", data), s.d, in.opts)
			}
		})
	}
}
