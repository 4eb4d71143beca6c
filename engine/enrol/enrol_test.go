package enrol_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/enrol"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/match"
)

var noon = time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC)

// quiet is an audit log of a benchmark.
type quiet struct{}

func (quiet) Begin(audit.Look) (audit.Token, error)      { return audit.Token{}, nil }
func (quiet) End(audit.Token, []household.Outcome) error { return nil }
func (quiet) Note(audit.Event) error                     { return nil }

// list is a list of n authorisations of two adults and a child each.
func list(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		p := func(k, year int) string {
			return match.ResidentText(uint64(340104)*100000000000 + uint64(year)*10000000 + 101*1000 + uint64(3*i+k)%1000)
		}
		fmt.Fprintf(&b, `{"number":"SQ340104-%07d","household":"340104-%07d","division":"340104","purposes":["dibao"],`+
			`"data_classes":["tax","vehicle","property","bank","insurance"],"valid_from":"2026-01-01","valid_to":"2026-12-31",`+
			`"scan_digest":"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0","members":[`+
			`{"name":"王秀英","id_number":"%s","signed_on":"2026-01-01","relation":"head"},`+
			`{"name":"李建国","id_number":"%s","signed_on":"2026-01-01","relation":"spouse"},`+
			`{"name":"王小明","id_number":"%s","signed_on":"2026-01-01","relation":"child","guardian":1}]}`+"\n",
			i, i, p(0, 1970), p(1, 1972), p(2, 2015))
	}
	return b.Bytes()
}

const (
	grown = "340104197001010018"
	wife  = "340104197201010020"
	child = "34010420150101003X"
)

// sample is one authorisation of two adults and a child as a line of JSON.
func sample(number string) string {
	return fmt.Sprintf(`{"number":"%s","household":"340104-1","division":"340104","purposes":["dibao","housing"],"data_classes":["tax","bank"],`+
		`"valid_from":"2026-01-01","valid_to":"2026-12-31","scan_digest":"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0","members":[`+
		`{"name":"王秀英","id_number":"%s","signature":"第1页","signed_on":"2026-01-01","relation":"head"},`+
		`{"name":"李建国","id_number":"%s","signature":"第1页","signed_on":"2026-01-01","relation":"spouse"},`+
		`{"name":"王小明","id_number":"%s","signature":"第2页","signed_on":"2026-01-01","relation":"child","guardian":1}]}`, number, grown, wife, child)
}

// sheet is the same as a table.
func sheet(number string) [][]string {
	digest := "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
	return [][]string{
		{number, "340104-1", "340104", "2026-01-01", "2026-12-31", "dibao；housing", "税务;银行", digest, "王秀英", "", grown, "", "户主", "", "第1页", "2026-01-01", "", "", ""},
		{number, "", "", "", "", "", "", "", "李建国", "", wife, "", "配偶", "否", "第1页", "2026/1/1", "", "", ""},
		{number, "340104-1", "", "", "", "", "", "", "王小明", "", child, "", "子女", "", "第2页", "2026-01-01", "王秀英", "", grown},
	}
}

// header names the columns, every third by its name, in Chinese, or both.
func header() (out []string) {
	for i, c := range enrol.Columns() {
		out = append(out, []string{c.Name, c.Zh, c.Zh + " " + c.Name}[i%3])
	}
	return out
}

func rowsOf(t *testing.T, s enrol.Source) (out []*enrol.Row) {
	t.Helper()
	for {
		row, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
}

func csvText(t *testing.T, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The same list is the same in every form of file.
func TestFormsAgree(t *testing.T) {
	want := rowsOf(t, enrol.JSONLines(strings.NewReader("\ufeff"+sample("SQ1")+"\n\n"+sample("SQ2")+"\r\n")))
	if len(want) != 2 || len(want[0].Faults)+len(want[1].Faults) > 0 || want[1].Line != 3 {
		t.Fatalf("read as %+v", want)
	}
	for _, w := range want {
		a := w.Authorization
		a.RegisteredBy, a.RegisteredAt, a.Version = "intake01", noon, 1
		if err := a.Validate(); err != nil {
			t.Fatal(err)
		}
	}
	rows := slices.Concat([][]string{header()}, sheet("SQ1"), [][]string{make([]string, 19)}, sheet("SQ2"))
	text := csvText(t, rows)
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(text)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	book := excelize.NewFile()
	for i, row := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	must(t, book.SaveAs(filepath.Join(dir, "list.xlsx")))
	must(t, os.WriteFile(filepath.Join(dir, "utf8.csv"), slices.Concat([]byte("\ufeff"), text), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "gb.CSV"), gb, 0o600))
	for _, name := range []string{"list.xlsx", "utf8.csv", "gb.CSV"} {
		f, err := enrol.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got := rowsOf(t, f)
		must(t, f.Close())
		if len(got) != 2 || got[0].Line != 2 || got[1].Line != 6 {
			t.Fatalf("%s: %d authorisations", name, len(got))
		}
		for i := range got {
			if d := cmp.Diff(stored(want[i]), stored(got[i])); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	}
	if _, err := enrol.Open(filepath.Join(dir, "list.pdf")); !errors.Is(err, enrol.ErrFormat) {
		t.Errorf("a PDF: %v", err)
	}
}

// stored is an authorisation in full, and its faults.
func stored(r *enrol.Row) string {
	return string(authorization.Encode(&r.Authorization)) + strings.Join(r.Faults, "\n")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What can't be read is named by its field, and never quoted.
func TestFaults(t *testing.T) {
	tests := map[string]string{
		"{":                              "line",
		sample("SQ1") + "{}":             "line",
		`{"number":"SQ1","title":"王秀英"}`: "line",
		strings.Replace(sample("SQ1"), `"valid_to":"2026-12-31"`, `"valid_to":"王秀英"`, 1):                 "valid_to",
		strings.Replace(sample("SQ1"), `["tax","bank"]`, `["tax","王秀英"]`, 1):                             "data_classes[2]",
		strings.Replace(sample("SQ1"), `"relation":"spouse"`, `"relation":"王秀英"`, 1):                     "members[2].relation",
		strings.Replace(sample("SQ1"), `"guardian":1`, `"guardian":3`, 1):                                "members[3].guardian",
		strings.Replace(sample("SQ1"), `"guardian":1`, `"guardian":-1`, 1):                               "members[3].guardian",
		strings.Replace(sample("SQ1"), `"guardian":1`, `"guardian":1,"guardian_person":{"name":"a"}`, 1): "members[3].guardian",
	}
	for line, field := range tests {
		rows := rowsOf(t, enrol.JSONLines(strings.NewReader(line)))
		if len(rows) != 1 || len(rows[0].Faults) != 1 || !strings.HasPrefix(rows[0].Faults[0], field+": ") {
			t.Errorf("%s: %+v", line, rows)
			continue
		}
		if strings.Contains(rows[0].Faults[0], "王秀英") {
			t.Errorf("the fault quotes content: %s", rows[0].Faults[0])
		}
	}
	other := sheet("SQ1")
	other[2][2] = "340203"
	other[1][13] = "maybe"
	s, err := enrol.CSV(bytes.NewReader(csvText(t, slices.Concat([][]string{header()}, other))))
	must(t, err)
	if rows := rowsOf(t, s); len(rows) != 1 || len(rows[0].Faults) != 2 {
		t.Errorf("%+v", rows)
	}
	for name, columns := range map[string][]string{"missing": header()[1:], "twice": append(header(), "number"), "unknown": append(header(), "remark"), "none": nil} {
		if _, err := enrol.CSV(bytes.NewReader(csvText(t, [][]string{columns}))); !errors.Is(err, enrol.ErrHeader) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The claims of a batch become what can be registered.
func TestRequests(t *testing.T) {
	request := func(authorization, members string) string {
		return `{"household_id":"340104-1","region":"340104","scheme":"dibao","residence":"urban","authorization":` + authorization + `,"members":[` + members + `]}`
	}
	claim := `{"number":"SQ1","valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["` + grown + `"],"data_classes":["tax","register"]}`
	both := `{"name":"王秀英","id_number":"` + grown + `","relation":"head"},{"name":"王小明","id_number":"` + child + `","relation":"child"},` +
		`{"name":"李建国","id_number":"` + wife + `","excluded":"missing"}`
	digest := strings.Repeat("0a", 32)
	rows := rowsOf(t, enrol.Requests(strings.NewReader(request(claim, both)+"\n{}\nnothing\n"+request("null", both)+"\n"), digest))
	if len(rows) != 4 {
		t.Fatalf("%d rows", len(rows))
	}
	a := rows[0].Authorization
	a.RegisteredBy, a.RegisteredAt, a.Version = "intake01", noon, 1
	if err := a.Validate(); err != nil || len(rows[0].Faults) > 0 {
		t.Error(err, rows[0].Faults)
	}
	if len(a.Members) != 2 || a.Members[1].Guardian == nil || a.Members[1].Guardian.Document.Reveal() != grown || a.Members[0].Signature.Ref != "batch line 1" {
		t.Error("members, guardian or signatures are not those of the claim")
	}
	if !a.Classes[household.Tax] || a.Classes[household.Bank] || a.Classes[household.Register] || !slices.Equal(a.Purposes, []string{"dibao"}) || a.ScanDigest != digest {
		t.Error("classes, purposes or digest are not those of the claim")
	}
	for i, field := range []string{"household_id", "line", "authorization"} {
		if f := rows[i+1].Faults; len(f) != 1 || !strings.HasPrefix(f[0], field+": ") {
			t.Errorf("line %d: %v", i+2, f)
		}
	}
	// Nobody signed: nothing is made up.
	unsigned := rowsOf(t, enrol.Requests(strings.NewReader(request(strings.Replace(claim, grown, "", 1), both)), digest))[0].Authorization
	unsigned.RegisteredBy, unsigned.RegisteredAt = "intake01", noon
	if unsigned.Validate() == nil {
		t.Error("what nobody signed can be registered")
	}
}

// Everything that comes in is accounted for, once, and a second run changes nothing.
func TestRunAccountsForEverything(t *testing.T) {
	l := &ledgertest.Memory{}
	var text bytes.Buffer
	text.Write(list(2500)) // more than one part
	text.WriteString(sample("SQ340104-0000007") + "\n" + "nonsense\n")
	text.WriteString(strings.Replace(sample("SQ-NEW"), `"name":"李建国"`, `"name":""`, 1) + "\n")
	run := func() (enrol.Account, string) {
		e, err := desk.NewEnroller(desk.EnrolOptions{Ledger: l, Audit: quiet{}, Now: func() time.Time { return noon }, Unjudged: true, Caller: owner()})
		must(t, err)
		var refused bytes.Buffer
		var seen int64
		a, err := enrol.Run(t.Context(), enrol.Options{Source: enrol.JSONLines(bytes.NewReader(text.Bytes())), Enroller: e, Refusals: &refused, Progress: func(n int64) { seen = n }})
		must(t, err)
		if seen != a.RowsIn {
			t.Errorf("progress ends at %d of %d", seen, a.RowsIn)
		}
		return a, refused.String()
	}
	first, refused := run()
	want := enrol.Account{RowsIn: 2503, Registered: 2500, Refused: 3, ByCode: map[string]int64{"exists": 1, "invalid_field": 2}}
	if d := cmp.Diff(want, first); d != "" {
		t.Error(d)
	}
	wantFile := "line,code,field,do\n2501,exists,,\n2502,invalid_field,line,one JSON object with the fields of an authorisation and no others\n2503,invalid_field,members[2].name,give the name\n"
	if d := cmp.Diff(wantFile, refused); d != "" {
		t.Error(d)
	}
	digest, err := l.Digest(t.Context())
	must(t, err)
	second, _ := run()
	want.Registered, want.Duplicates = 0, 2500
	if d := cmp.Diff(want, second); d != "" {
		t.Error(d)
	}
	if again, err := l.Digest(t.Context()); err != nil || again != digest {
		t.Errorf("a second run changed the ledger: %v", err)
	}
}

// No line makes it panic, and what is read from one is read from it again.
func FuzzLine(f *testing.F) {
	f.Add([]byte(sample("SQ1")))
	f.Add([]byte(`{"members":[{"guardian":9}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		s := enrol.JSONLines(bytes.NewReader(line))
		for {
			row, err := s.Next()
			if err != nil {
				return
			}
			for _, fault := range row.Faults {
				if !strings.Contains(fault, ": ") {
					t.Errorf("%q names no field", fault)
				}
			}
		}
	})
}

// No table makes it panic.
func FuzzTable(f *testing.F) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(slices.Concat([][]string{header()}, sheet("SQ1")))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := enrol.CSV(bytes.NewReader(text))
		if err != nil {
			return
		}
		for {
			row, err := s.Next()
			if err != nil {
				return
			}
			if len(row.Authorization.Members) == 0 {
				t.Error("an authorisation of nobody")
			}
		}
	})
}

// BenchmarkRun registers 20,000 authorisations of three people.
func BenchmarkRun(b *testing.B) {
	const n = 20_000
	text := list(n)
	for b.Loop() {
		b.StopTimer()
		l, err := ledger.Open(b.TempDir(), ledger.Options{})
		if err != nil {
			b.Fatal(err)
		}
		e, err := desk.NewEnroller(desk.EnrolOptions{Ledger: l, Audit: quiet{}, Now: func() time.Time { return noon }, Unjudged: true, Caller: owner()})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		a, err := enrol.Run(b.Context(), enrol.Options{Source: enrol.JSONLines(bytes.NewReader(text)), Enroller: e})
		if err != nil || a.Registered != n {
			b.Fatal(a, err)
		}
		b.StopTimer()
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "authorisations/s")
}

// owner is whoever the machine belongs to.
func owner() (c desk.Caller) {
	c.Account = "owner"
	return c
}
