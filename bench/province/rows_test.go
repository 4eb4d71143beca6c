package province_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hedui/hedui/bench/province"
)

// The columns and codes of the contract, written again from its text.
const common = "id_number,name,id_type,country,birth_date,sex,division,"

var headers = map[string]string{
	"tax":       common + "record_no,period,income_type,income,own_insurance,tax,payer_name,payer_code",
	"vehicle":   common + "vin,plate,vehicle_class,status,use,registered_on,inspection_due,value",
	"property":  common + "unit_code,certificate_no,kind,status,share,area,address,registered_on,value",
	"bank":      common + "institution,account_no,kind,balance,balance_on,average_balance,share,purpose",
	"insurance": common + "record_no,scheme,role,month,identity,base,benefit,employer_name,employer_code",
}

var required = map[string]string{
	"tax": "record_no,period,income_type,income", "vehicle": "vin,plate,vehicle_class,status", "property": "kind,status",
	"bank": "institution,account_no,kind,balance,balance_on", "insurance": "record_no,scheme,role,month",
}

var codes = map[string]string{
	"tax/income_type":       "wage labour business interest dividend rental royalty property_sale incidental",
	"vehicle/vehicle_class": "car suv van bus truck motorcycle tricycle disability farm other", "vehicle/status": "normal scrapped transferred stolen",
	"vehicle/use":   "private commercial",
	"property/kind": "residential homestead commercial office industrial parking other", "property/status": "current transferred demolished",
	"bank/kind": "demand time wealth securities fund insurance", "bank/purpose": "demolition medical relief",
	"insurance/scheme": "employee_pension resident_pension employee_medical resident_medical unemployment injury maternity housing_fund",
	"insurance/role":   "contributing receiving", "insurance/identity": "employee flexible resident",
}

var (
	amountColumns = strings.Split("income own_insurance tax value balance average_balance base benefit", " ")
	dateColumns   = strings.Split("birth_date registered_on inspection_due balance_on", " ")
	amount        = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,2})?$`)
)

// readRows reads a file without quotes into rows of fields, the header first.
func readRows(t *testing.T, dir, name string, delimiter byte) [][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return splitRows(data, delimiter)
}

func splitRows(data []byte, delimiter byte) [][]string {
	var rows [][]string
	for line := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n"), "\n") {
		rows = append(rows, strings.Split(line, string(delimiter)))
	}
	return rows
}

// fault returns the quarantine code a row deserves, empty for none.
func fault(source, covers string, header, row []string) string {
	if len(row) != len(header) {
		return "column_count"
	}
	for i, column := range header {
		text := row[i]
		switch {
		case !utf8.ValidString(text):
			return "bad_encoding"
		case text == "" && slices.Contains(strings.Split(required[source], ","), column):
			return "missing_field"
		case text == "" && column == "unit_code" && row[i+1] == "":
			return "missing_field"
		case text == "":
		case slices.Contains(amountColumns, column):
			if !amount.MatchString(text) {
				return "bad_amount"
			}
			if text[0] == '-' {
				return "negative_amount"
			}
		case slices.Contains(dateColumns, column):
			if _, err := time.Parse("2006-01-02", text); err != nil {
				return "bad_date"
			}
		case column == "month" || column == "period":
			if column == "period" && len(text) == 4 {
				text += "-12"
				if text > covers[9:] {
					text = covers[9:]
				}
			}
			if _, err := time.Parse("2006-01", text); err != nil {
				return "bad_period"
			}
			if text < covers[:7] || text > covers[9:] {
				return "outside_coverage"
			}
		default:
			if list := codes[source+"/"+column]; list != "" && !slices.Contains(strings.Fields(list), text) {
				return "unknown_code"
			}
		}
	}
	return ""
}

// validID checks a resident's number by the text of GB 11643, sharing no code with
// the package.
func validID(id string) bool {
	if len(id) == 15 {
		_, err := time.Parse("20060102", "19"+id[6:12])
		return err == nil
	}
	if len(id) != 18 {
		return false
	}
	if _, err := time.Parse("20060102", id[6:14]); err != nil {
		return false
	}
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(id[i]-'0') * w
	}
	return "10X98765432"[sum%11] == id[17]
}

func TestValidIDKnowsTheStandard(t *testing.T) {
	for id, want := range map[string]bool{"11010519491231002X": true, "440524188001010014": true, "110105194912310021": false, "110105491231002": true} {
		if validID(id) != want {
			t.Errorf("validID(%s) is %v", id, !want)
		}
	}
}

// plainID undoes the lossless ways of writing a number.
func plainID(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == ' ':
		case c >= '！' && c <= '～':
			b.WriteRune(c - '！' + '!')
		case c == 'x':
			b.WriteByte('X')
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

func column(header []string, name string) int { return slices.Index(header, name) }

func key(source string, header, row []string) string {
	get := func(name string) string { return row[column(header, name)] }
	switch source {
	case "vehicle":
		return get("vin")
	case "property":
		return get("unit_code") + "|" + get("certificate_no")
	case "bank":
		return get("institution") + get("account_no") + get("balance_on")
	}
	return get("record_no")
}

func TestRowsOfACleanProvince(t *testing.T) {
	const people = 60_000
	dir, sum := generate(t, province.Options{People: people, Seed: 4})
	perPerson := map[string][2]float64{ // planted households weigh more in a small province
		"tax": {1.75, 2.15}, "insurance": {.72, .95}, "vehicle": {.22, .28}, "property": {.37, .52}, "bank": {3.0, 3.5},
	}
	names := map[string]int{}
	for _, f := range sum.Files {
		rows := readRows(t, dir, f.Name, ',')
		header := rows[0]
		if got := strings.Join(header, ","); got != headers[f.Source] {
			t.Fatalf("header of %s:\n got %s\nwant %s", f.Source, got, headers[f.Source])
		}
		keys := map[string]bool{}
		filled := make([]int, len(header))
		for i, row := range rows[1:] {
			if code := fault(f.Source, sum.Covers, header, row); code != "" {
				t.Fatalf("%s row %d: %s", f.Source, i+1, code)
			}
			id, kind := plainID(row[0]), row[column(header, "id_type")]
			if kind != "passport" && !validID(id) {
				t.Fatalf("%s row %d: not a document number", f.Source, i+1)
			}
			k := id + key(f.Source, header, row)
			if keys[k] {
				t.Fatalf("%s row %d: the same record twice", f.Source, i+1)
			}
			keys[k] = true
			for c := range row {
				if row[c] != "" {
					filled[c]++
				}
			}
			names[row[1]]++
			if f.Source == "vehicle" && kind == "resident_id" && len(id) == 18 && id[6:14] > "20081101" {
				t.Fatalf("vehicle row %d belongs to a minor", i+1)
			}
		}
		for c, n := range filled {
			if n == 0 && header[c] != "country" {
				t.Errorf("%s: no row has a %s", f.Source, header[c])
			}
		}
		bounds := perPerson[f.Source]
		if mean := float64(f.Rows) / people; mean < bounds[0] || mean > bounds[1] {
			t.Errorf("%s: %.2f rows a person, want %.2f to %.2f", f.Source, mean, bounds[0], bounds[1])
		}
	}
	joined := strings.Join(slices.Collect(keysOf(names)), "\n")
	for _, part := range []string{"·", "𠮷", "䶮", "欧阳"} {
		if !strings.Contains(joined, part) {
			t.Errorf("no name with %s", part)
		}
	}
	if share := float64(sum.People) / float64(sum.Households); share < 2.2 || share > 3 {
		t.Errorf("%.2f people a household", share)
	}
}

func keysOf(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// The first letters of names are top-heavy: few surnames cover most rows.
func TestSurnamesAreTopHeavy(t *testing.T) {
	dir, _ := generate(t, province.Options{People: 20_000, Seed: 8})
	count, total := map[rune]int{}, 0
	for _, row := range readRows(t, dir, "insurance.csv", ',')[1:] {
		r, _ := utf8.DecodeRuneInString(row[1])
		count[r]++
		total++
	}
	top := 0
	for _, r := range "王李张刘陈" {
		top += count[r]
	}
	if share := float64(top) / float64(total); share < .2 || share > .4 {
		t.Errorf("the five most frequent surnames have %.2f of the rows", share)
	}
}

type dirtyLine struct {
	Source, File, Code, Effect, Column string
	Row                                int64
}

func readDirty(t *testing.T, dir string) []dirtyLine {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "dirty.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var all []dirtyLine
	for line := range bytes.SplitSeq(bytes.TrimSpace(data), []byte("\n")) {
		var d dirtyLine
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func TestDirtyRowsAreDirty(t *testing.T) {
	for _, c := range []struct {
		name    string
		options province.Options
	}{
		{"one file each", province.Options{People: 20_000, Seed: 6, Dirty: 300}},
		{"split", province.Options{People: 10_000, Seed: 6, Dirty: 300, Months: true, Banks: 4, Second: true}},
	} {
		t.Run(c.name, func(t *testing.T) { testDirty(t, c.options) })
	}
}

func testDirty(t *testing.T, o province.Options) {
	dir, sum := generate(t, o)
	listed := map[string]map[int64]dirtyLine{}
	byCode := map[string]int{}
	n := int64(0)
	for _, d := range readDirty(t, dir) {
		if listed[d.File] == nil {
			listed[d.File] = map[int64]dirtyLine{}
		}
		listed[d.File][d.Row] = d
		byCode[d.Source+"/"+d.Code]++
		n++
	}
	if n != sum.DirtyRows {
		t.Errorf("%d lines in dirty.jsonl, the summary says %d", n, sum.DirtyRows)
	}
	for _, f := range sum.Files {
		rows := readRows(t, dir, f.Name, ',')
		covers := f.Covers
		if covers == "" {
			covers = sum.Covers
		}
		checkDirtyFile(t, f.Source, covers, rows, listed[f.Name])
	}
	for source, header := range headers {
		for code := range strings.FieldsSeq("missing_field bad_amount negative_amount unknown_code bad_encoding column_count conflicting_duplicate duplicate no_document invalid_document no_name") {
			if byCode[source+"/"+code] == 0 {
				t.Errorf("no %s in %s", code, source)
			}
		}
		flow := strings.Contains(header, "period") || strings.Contains(header, "month")
		for code := range strings.FieldsSeq("bad_period outside_coverage") {
			if (byCode[source+"/"+code] > 0) != flow {
				t.Errorf("%d %s in %s", byCode[source+"/"+code], code, source)
			}
		}
		if (byCode[source+"/bad_date"] > 0) == flow {
			t.Errorf("%d bad_date in %s", byCode[source+"/bad_date"], source)
		}
	}
}

// checkDirtyFile compares what is listed for a file with what its rows are.
func checkDirtyFile(t *testing.T, source, covers string, rows [][]string, listed map[int64]dirtyLine) {
	header := rows[0]
	records := map[string][]int64{} // sound rows by person and key
	for i, row := range rows[1:] {
		at := int64(i + 1)
		d, ok := listed[at]
		got := fault(source, covers, header, row)
		if got == "" {
			id := plainID(row[0])
			if id == "" {
				id = row[1]
			}
			if len(id) == 18 {
				id = id[:6] + id[8:17] // as the 15 digits of the same person
			}
			k := id + key(source, header, row)
			records[k] = append(records[k], at)
			switch {
			case row[0] == "":
				got = "no_document"
			case row[1] == "" && ok && d.Code == "no_name":
				got = "no_name" // the planted case of a row without a name is not dirty
			case row[column(header, "id_type")] != "passport" && !validID(plainID(row[0])):
				got = "invalid_document"
			}
		}
		want := d.Code
		if want == "duplicate" || want == "conflicting_duplicate" {
			want = ""
		}
		if got != want {
			t.Errorf("%s row %d is %q, listed as %+v", source, at, got, d)
		}
		if d.Column != "" && column(header, d.Column) < 0 {
			t.Errorf("%s row %d: no column %s", source, at, d.Column)
		}
	}
	for _, at := range records {
		if len(at) == 1 {
			if code := listed[at[0]].Code; code == "duplicate" || code == "conflicting_duplicate" {
				t.Errorf("%s row %d is listed as %s but stands alone", source, at[0], code)
			}
			continue
		}
		first, second := rows[at[0]], rows[at[1]]
		same := sameContent(header, first, second)
		got := fmt.Sprint(listed[at[0]].Code, "+", listed[at[1]].Code)
		want := "conflicting_duplicate+conflicting_duplicate"
		if same {
			want = "+duplicate"
		}
		if got != want || len(at) != 2 {
			t.Errorf("%s rows %v of one record are listed as %s, want %s", source, at, got, want)
		}
	}
}

func sameContent(header, a, b []string) bool {
	for i := range a {
		x, y := a[i], b[i]
		if header[i] == "share" {
			x, y = whole(x), whole(y)
		}
		if x != y {
			return false
		}
	}
	return true
}

func whole(share string) string {
	if share == "" {
		return "100"
	}
	return share
}

// Rows of the same province in other formats are the same rows.
func TestFormatsAgree(t *testing.T) {
	o := province.Options{People: 3000, Seed: 9}
	plain, sum := generate(t, o)
	for _, format := range []string{province.FormatGB18030, province.FormatGzip, province.FormatTSV, province.FormatXLSX} {
		t.Run(format, func(t *testing.T) {
			o := o
			o.Formats = map[string]string{}
			for source := range headers {
				o.Formats[source] = format
			}
			dir, other := generate(t, o)
			for i, f := range sum.Files {
				want := readRows(t, plain, f.Name, ',')
				got := readFormat(t, filepath.Join(dir, other.Files[i].Name), format)
				if len(got) != len(want) {
					t.Fatalf("%s has %d rows, want %d", other.Files[i].Name, len(got), len(want))
				}
				compareRows(t, f.Source, want, got, format)
			}
		})
	}
}

func compareRows(t *testing.T, source string, want, got [][]string, format string) {
	translated := format == province.FormatGB18030 || format == province.FormatXLSX
	words := map[string]string{} // one translation for each code and header
	for r := range want {
		for c, text := range want[r] {
			other := ""
			if c < len(got[r]) { // a sheet ends a row at its last cell
				other = got[r][c]
			}
			if text == other {
				continue
			}
			name := want[0][c]
			coded := r == 0 || codes[source+"/"+name] != "" || name == "id_type" || name == "sex"
			if translated && coded && other != "" && other[0] >= 0x80 {
				k := name + "/" + text
				if r == 0 {
					k = name
				}
				if words[k] == "" {
					words[k] = other
				}
				if words[k] == other {
					continue
				}
			}
			if whole, ok := strings.CutSuffix(text, ".00"); ok && format == province.FormatXLSX && whole == other {
				if _, err := strconv.Atoi(other); err == nil {
					continue
				}
			}
			t.Fatalf("%s row %d column %s: %q, want %q", source, r, name, other, text)
		}
	}
}
