package connectors_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/bank"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

func codesOf(out []connectortest.Outcome) string {
	var codes []string
	for _, o := range out {
		if o.Fault == nil {
			codes = append(codes, ".")
		} else {
			codes = append(codes, o.Fault.Code.String())
		}
	}
	return strings.Join(codes, " ")
}

func TestJSONLines(t *testing.T) {
	const rest = `,"name":"n","record_no":"R","period":"2025-01","income_type":"wage"`
	tests := []struct{ name, line, want string }{
		{"good", `{"id_number":"1"` + rest + `,"income_fen":5}`, "."},
		{"spaces", ` { "id_number" : "1" ` + rest + ` , "income_fen" : 5 } ` + "\r", "."},
		{"null is empty", `{"id_number":null` + rest + `,"income_fen":null}`, "missing_field"},
		{"absent", `{"id_number":"1"` + rest + `}`, "missing_field"},
		{"fraction of a fen", `{"id_number":"1"` + rest + `,"income_fen":5.5}`, "bad_amount"},
		{"exponent", `{"id_number":"1"` + rest + `,"income_fen":5e2}`, "bad_amount"},
		{"negative", `{"id_number":"1"` + rest + `,"income_fen":-5}`, "negative_amount"},
		{"bare year as a number", `{"id_number":"1","name":"n","record_no":"R","period":2025,"income_type":"wage","income_fen":5}`, "."},
		{"escapes", `{"id_number":"1\u0031","name":"\u738b\ud842\udfb7","record_no":"R\/","period":"2025-01","income_type":"wage","income_fen":5}`, "."},
		{"half a pair", `{"id_number":"1","name":"\ud842","record_no":"R","period":"2025-01","income_type":"wage","income_fen":5}`, "bad_encoding"},
		{"escaped zero", `{"id_number":"1","name":"\u0000","record_no":"R","period":"2025-01","income_type":"wage","income_fen":5}`, "bad_encoding"},
		{"bad bytes", "{\"id_number\":\"1\",\"name\":\"\xcd\xf5\",\"record_no\":\"R\",\"period\":\"2025-01\",\"income_type\":\"wage\",\"income_fen\":5}", "bad_encoding"},
		{"key twice", `{"id_number":"1","id_number":"2"` + rest + `,"income_fen":5}`, "column_count"},
		{"key under two names", `{"id_number":"1","证件号码":"1"` + rest + `,"income_fen":5}`, "column_count"},
		{"nested", `{"id_number":{"a":1}` + rest + `,"income_fen":5}`, "column_count"},
		{"list", `{"id_number":["1"]` + rest + `,"income_fen":5}`, "column_count"},
		{"text behind", `{"id_number":"1"` + rest + `,"income_fen":5} x`, "column_count"},
		{"not closed", `{"id_number":"1"` + rest + `,"income_fen":5`, "column_count"},
		{"leading zero", `{"id_number":"1"` + rest + `,"income_fen":05}`, "column_count"},
		{"no object", `5`, "column_count"},
		{"bad bytes nobody asked for", `{"id_number":"1"` + rest + `,"income_fen":5,"x":"` + "\xcd" + `"}`, "bad_encoding"},
		{"bad bytes nobody asked for come last", `{"x":"` + "\xcd" + `","id_number":"1"` + rest + `,"income_fen":-5}`, "negative_amount"},
		{"yuan under the plain name", `{"id_number":"1"` + rest + `,"income_fen":5,"income":"6"}`, "."},
	}
	head := `{"id_number":"1"` + rest + `,"income_fen":1}` + "\n\n"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := connectortest.Read(t, connectortest.File(t, "a.jsonl", []byte(head+tt.line+"\n")), tax.Department(), connectors.Options{})
			if c := codesOf(got); c != ". "+tt.want || got[1].Record.Line != 3 {
				t.Errorf("got %s in line %d", c, got[1].Record.Line)
			}
		})
	}
	tables, err := connectors.Open(connectortest.File(t, "a.jsonl", []byte(head+tests[len(tests)-1].line)), tax.Department(), connectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	drain(t, tables[0])
	if u := tables[0].Info().UnknownColumns; len(u) != 1 || u[0] != "income" {
		t.Errorf("unknown columns %v", u)
	}
	_, err = connectortest.TryRead(t, connectortest.File(t, "a.jsonl", []byte(`{"id_number":"1"`+rest+`,"income":"5"}`)), tax.Department(), connectors.Options{})
	if err == nil || !strings.Contains(err.Error(), "missing required column income (收入额) in the objects") || !strings.Contains(err.Error(), "_fen") {
		t.Errorf("amounts in yuan: %v", err)
	}
	_, err = connectortest.TryRead(t, connectortest.File(t, "a.jsonl", []byte(`{"vin":"1","plate":"2"}`)), tax.Department(), connectors.Options{})
	if err == nil || !strings.Contains(err.Error(), "looks like one of the vehicle department") {
		t.Errorf("other department: %v", err)
	}
}

// FuzzJSONLines holds the scanner to encoding/json: what it reads as an object is
// one, and what a flat object of strings says is what the record says.
func FuzzJSONLines(f *testing.F) {
	f.Add(`{"id_number":"\u738b\n","name":"\ud842\udfb7","x":[1,{"y":null}],"income_fen":-0.5e1}`)
	d := tax.Department()
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\r\n") || strings.Trim(line, " \t\u3000\x1a") == "" {
			return
		}
		got, err := connectortest.TryRead(t, connectortest.File(t, "a.jsonl", []byte("{\"id_number\":\"\",\"name\":\"\",\"record_no\":1,\"period\":1,\"income_type\":1,\"income_fen\":1}\n"+line)), d, connectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 {
			t.Fatalf("%d rows", len(got))
		}
		flat := got[1].Fault == nil || got[1].Fault.Code != connectors.ColumnCount
		if flat && !json.Valid([]byte(line)) {
			t.Fatalf("%q was read, and is no JSON", line)
		}
		var want struct {
			Name *string `json:"name"`
		}
		if flat && json.Unmarshal([]byte(line), &want) == nil && want.Name != nil && got[1].Record.Name != nil &&
			strings.Count(strings.ToLower(line), "name") == 1 && !strings.Contains(line, `\u`) {
			if w := strings.Trim(*want.Name, " \t\r\n\u3000"); w != string(got[1].Record.Name) {
				t.Fatalf("%q gave %q, encoding/json has %q", line, got[1].Record.Name, w)
			}
		}
	})
}

// taxDBF is a table of two records with a field of the given type for the income.
func taxDBF(t testing.TB, page byte, kind byte, income ...[]byte) []byte {
	t.Helper()
	s := connectortest.Sheet{Department: tax.Department(), Columns: []string{"id_number", "name", "record_no", "period", "income_type", "income"}}
	for range income {
		s.Rows = append(s.Rows, []string{"1", "王秀英", "R", "2025-01", "wage", strings.Repeat("0", len(income[0]))})
	}
	b := s.DBF(t)
	b[29] = page
	field := 32 + 5*32
	b[field+11] = kind
	size, length := int(binary.LittleEndian.Uint16(b[8:])), int(binary.LittleEndian.Uint16(b[10:]))
	for i, v := range income {
		copy(b[size+(i+1)*length-len(v):], v)
	}
	return b
}

func TestDBF(t *testing.T) {
	le := func(n uint64, size int) []byte { return binary.LittleEndian.AppendUint64(nil, n)[:size] }
	minus := int64(-10000)
	tests := []struct {
		name string
		data []byte
		want string // codes, or a part of the error
		fen  household.Fen
	}{
		{"numeric", taxDBF(t, 0x4d, 'N', []byte("   12.34")), ".", 1234},
		{"float as text", taxDBF(t, 0x7a, 'F', []byte("   12.34")), ".", 1234},
		{"integer", taxDBF(t, 0x4d, 'I', le(12, 4)), ".", 1200},
		{"currency", taxDBF(t, 0x4d, 'Y', le(123400, 8)), ".", 1234},
		{"currency below a fen", taxDBF(t, 0x4d, 'Y', le(1, 8)), "bad_amount", 0},
		{"currency below zero", taxDBF(t, 0x4d, 'Y', le(uint64(minus), 8)), "negative_amount", 0},
		{"overflow", taxDBF(t, 0x4d, 'N', []byte("********")), "bad_amount", 0},
		{"no code page", taxDBF(t, 0, 'N', []byte("       1")), ".", 100},
		{"double", taxDBF(t, 0x4d, 'B', le(0, 8)), "binary floating point", 0},
		{"memo", taxDBF(t, 0x4d, 'M', []byte("0000000001")), "memo", 0},
		{"cut", func() []byte { b := taxDBF(t, 0x4d, 'N', []byte("1"), []byte("2")); return b[:len(b)-10] }(), "ends before its last record", 0},
		{"more than it says", append(taxDBF(t, 0x4d, 'N', []byte("1")), " more"...), "more data than its header says", 0},
		{"damaged flag", func() []byte {
			b := taxDBF(t, 0x4d, 'N', []byte("1"))
			b[binary.LittleEndian.Uint16(b[8:])] = 'x'
			return b
		}(), "damaged", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := connectortest.TryRead(t, connectortest.File(t, "a.dbf", tt.data), tax.Department(), connectors.Options{})
			if err != nil {
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				return
			}
			if c := codesOf(got); c != tt.want {
				t.Fatalf("got %s, want %s", c, tt.want)
			}
			if string(got[0].Record.Name) != "王秀英" || got[0].Record.Tax.Income != tt.fen {
				t.Errorf("%s has %d", got[0].Record.Name, got[0].Record.Tax.Income)
			}
		})
	}
}

func TestDBFDeleted(t *testing.T) {
	b := taxDBF(t, 0x4d, 'N', []byte("1"), []byte("2"), []byte("3"))
	b[int(binary.LittleEndian.Uint16(b[8:]))+int(binary.LittleEndian.Uint16(b[10:]))] = '*'
	tables, err := connectors.Open(connectortest.File(t, "a.dbf", b), tax.Department(), connectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := drain(t, tables[0]); len(got) != 2 || got[1].Row != 2 {
		t.Errorf("got %+v", got)
	}
	if n := tables[0].Info().Deleted; n != 1 {
		t.Errorf("%d deleted", n)
	}
}

func FuzzDBF(f *testing.F) {
	f.Add(taxDBF(f, 0, 'N', []byte("   12.34")))
	d := tax.Department()
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = connectortest.TryRead(t, connectortest.File(t, "a.dbf", data), d, connectors.Options{})
	})
}

func TestFixedWidth(t *testing.T) {
	const layout = "format: fixed\nencoding: gb18030\nskip_rows: 1\ncolumns:\n  id_number: {from: 1, len: 4}\n  name: {from: 5, len: 6}\n" +
		"  record_no: {from: 11, len: 3}\n  period: {from: 14, len: 6}\n  income: {from: 20, len: 6}\ndefaults: {income_type: wage}\nunit: {income: fen}\n"
	m := connectortest.Mapping(t, layout)
	text := "title\n1   王秀英R1 202501000012\n2   王二  R2 202501000013 more\n\n3   王三  R3 20250100001\n4   王四五六R4 202501000001\n"
	got := connectortest.Read(t, connectortest.File(t, "a.txt", connectortest.GB18030(t, []byte(text))), tax.Department(), connectors.Options{Mapping: m})
	if c := codesOf(got); c != ". . column_count bad_period" {
		t.Errorf("got %s", c)
	}
	if r := got[0].Record; string(r.Name) != "王秀英" || r.Tax.Income != 12 || r.Tax.IncomeType != 1 || r.Line != 2 {
		t.Errorf("%+v", r)
	}
	if f := got[3].Fault; f.Column != "period" {
		t.Errorf("%v", f)
	}
	_, err := connectortest.TryRead(t, connectortest.File(t, "a.txt", []byte(text)), bank.Department(), connectors.Options{Mapping: connectortest.Mapping(t, "format: fixed\ncolumns: {name: {from: 1, len: 2}}\n")})
	if err == nil || !strings.Contains(err.Error(), "add its bytes to the mapping") {
		t.Error(err)
	}
}

func FuzzFixed(f *testing.F) {
	f.Add([]byte("1   \xcd\xf5R1 202501000012\r\n"))
	d := tax.Department()
	m := connectortest.Mapping(f, "format: fixed\ncolumns:\n  id_number: {from: 1, len: 4}\n  name: {from: 5, len: 6}\n  record_no: {from: 11, len: 3}\n  period: {from: 3, len: 6}\n  income: {from: 20, len: 6}\ndefaults: {income_type: wage}\n")
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = connectortest.TryRead(t, connectortest.File(t, "a.txt", data), d, connectors.Options{Mapping: m, MaxRow: 64})
	})
}

// bankParquet writes one row with a balance column of the given type.
func bankParquet(t testing.TB, name string, node parquet.Node, v parquet.Value) []byte {
	t.Helper()
	group := parquet.Group{name: node, "balance_on": parquet.Date()}
	for _, n := range []string{"id_number", "name", "institution", "account_no", "kind"} {
		group[n] = parquet.String()
	}
	schema := parquet.NewSchema("t", group)
	row := make(parquet.Row, len(group))
	set := func(n string, v parquet.Value) {
		leaf, ok := schema.Lookup(n)
		if !ok {
			return
		}
		row[leaf.ColumnIndex] = v.Level(0, leaf.MaxDefinitionLevel, leaf.ColumnIndex)
	}
	set("id_number", parquet.ValueOf("1"))
	set("name", parquet.ValueOf("王秀英"))
	set("institution", parquet.ValueOf("b"))
	set("account_no", parquet.ValueOf("A"))
	set("kind", parquet.ValueOf("活期"))
	set("balance_on", parquet.ValueOf(int32(20757)))
	set(name, v)
	var b bytes.Buffer
	w := parquet.NewWriter(&b, schema)
	_, err := w.WriteRows([]parquet.Row{row})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParquet(t *testing.T) {
	day, _ := household.NewDate(2026, 10, 31)
	tests := []struct {
		name, column string
		node         parquet.Node
		value        parquet.Value
		want         string
		fen          household.Fen
	}{
		{"fen", "balance_fen", parquet.Leaf(parquet.Int64Type), parquet.ValueOf(int64(1234)), ".", 1234},
		{"negative fen", "balance_fen", parquet.Leaf(parquet.Int64Type), parquet.ValueOf(int64(-1)), "negative_amount", 0},
		{"decimal", "balance", parquet.Decimal(2, 18, parquet.Int64Type), parquet.ValueOf(int64(1234)), ".", 1234},
		{"decimal, four places", "balance", parquet.Decimal(4, 18, parquet.Int64Type), parquet.ValueOf(int64(123400)), ".", 1234},
		{"decimal, a part of a fen", "余额", parquet.Decimal(4, 18, parquet.Int64Type), parquet.ValueOf(int64(123401)), "bad_amount", 0},
		{"decimal in bytes", "balance", parquet.Decimal(2, 20, parquet.FixedLenByteArrayType(9)), parquet.FixedLenByteArrayValue([]byte{0, 0, 0, 0, 0, 0, 0, 4, 210}), ".", 1234},
		{"negative decimal in bytes", "balance", parquet.Decimal(2, 20, parquet.FixedLenByteArrayType(9)), parquet.FixedLenByteArrayValue(bytes.Repeat([]byte{255}, 9)), "negative_amount", 0},
		{"text", "balance", parquet.String(), parquet.ValueOf("12.34"), ".", 1234},
		{"optional", "balance", parquet.Optional(parquet.String()), parquet.ValueOf("12.34"), ".", 1234},
		{"double", "balance", parquet.Leaf(parquet.DoubleType), parquet.ValueOf(12.34), "binary floating point", 0},
		{"whole numbers of unknown unit", "balance", parquet.Leaf(parquet.Int64Type), parquet.ValueOf(int64(12)), "may be yuan or fen", 0},
		{"text as fen", "balance_fen", parquet.String(), parquet.ValueOf("12.34"), "whole numbers", 0},
		{"time stamp", "balance", parquet.Timestamp(parquet.Millisecond), parquet.ValueOf(int64(1)), "time zone", 0},
		{"repeated", "balance", parquet.Repeated(parquet.String()), parquet.ValueOf("12.34"), "nested or repeated", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := connectortest.TryRead(t, connectortest.File(t, "a.parquet", bankParquet(t, tt.column, tt.node, tt.value)), bank.Department(), connectors.Options{})
			if err != nil {
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				return
			}
			if c := codesOf(got); c != tt.want {
				t.Fatalf("got %s (%v), want %s", c, got[0].Fault, tt.want)
			}
			if r := got[0].Record; r.Bank.Balance != tt.fen || r.Bank.BalanceOn != day && tt.want == "." || string(r.Name) != "王秀英" {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestParquetDamage flips a byte at every place of a small file. A wrong record
// must not come without an error.
func TestParquetDamage(t *testing.T) {
	good := bankParquet(t, "balance_fen", parquet.Leaf(parquet.Int64Type), parquet.ValueOf(int64(1234)))
	want := connectortest.Read(t, connectortest.File(t, "a.parquet", good), bank.Department(), connectors.Options{})
	wrong := 0
	for i := range good {
		data := bytes.Clone(good)
		data[i] ^= 1
		got, err := connectortest.TryRead(t, connectortest.File(t, "a.parquet", data), bank.Department(), connectors.Options{})
		if err == nil && cmp.Diff(want, got) != "" {
			wrong++
		}
	}
	var before, after runtime.MemStats
	rng := rand.New(rand.NewPCG(5, 6))
	path := connectortest.File(t, "a.parquet", good)
	for range 2000 {
		data := bytes.Clone(good)
		for range 1 + rng.IntN(3) {
			data[4+rng.IntN(len(data)-4)] = byte(rng.IntN(256))
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&before)
		_, err := connectortest.TryRead(t, path, bank.Department(), connectors.Options{})
		runtime.ReadMemStats(&after)
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 64 {
			t.Fatalf("a damaged file of %d bytes took %d MiB: %v", len(data), mib, err)
		}
	}
	// Pages have a checksum only where the writer asked for one, so that a changed
	// value can pass; more than the values themselves must not.
	if wrong > len(good)/4 {
		t.Errorf("%d of %d flipped bytes gave other records without an error", wrong, len(good))
	}
}

func FuzzParquet(f *testing.F) {
	f.Add(bankParquet(f, "balance_fen", parquet.Leaf(parquet.Int64Type), parquet.ValueOf(int64(1234)))[4:])
	d := bank.Department()
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		_, _ = connectortest.TryRead(t, connectortest.File(t, "a.parquet", append([]byte("PAR1"), data...)), d, connectors.Options{})
	})
}
