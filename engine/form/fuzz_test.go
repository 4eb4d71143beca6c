package form_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/household"
)

// accounted checks what holds of every file, whatever is in it.
func accounted(t *testing.T, b *form.Batch, err error) {
	t.Helper()
	if err != nil {
		return
	}
	if b.RowsIn != b.RowsAccepted+b.RowsRefused || b.Households != b.Accepted+b.Refused || len(b.Requests) != b.Accepted {
		t.Fatalf("not accounted for: %+v", b)
	}
	if b.RowsRefused > 0 && len(b.Problems) == 0 {
		t.Fatal("rows are refused and nothing says why")
	}
	for _, line := range b.Requests {
		if bytes.ContainsAny(line, "\n\r") {
			t.Fatal("a request of several lines")
		}
		parse(t, line)
	}
}

// No text makes it panic or lose a row.
func FuzzPasted(f *testing.F) {
	f.Add(strings.ReplaceAll(csvOf(good()), ",", "\t"))
	f.Add("household_id\t\"a\nb\"\t\"\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := form.ReadPasted(text, form.Options{})
		accounted(t, b, err)
	})
}

// No file makes it panic or lose a row.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(csvOf(good())))
	f.Add([]byte("\xef\xbb\xbf家庭编号;姓名\n\"1\"\"2\";x"))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := form.Read(bytes.NewReader(file), int64(len(file)), form.Options{})
		accounted(t, b, err)
	})
}

// No fields make it panic, and what is taken says the same the second time.
func FuzzValues(f *testing.F) {
	f.Add("household_id=1&region=340104&scheme=dibao&residence=urban&authorization_number=1&valid_from=2026-01-01&valid_to=2026-12-31&signed_by=1&m1_name=a&m1_relation=head&m1_id_number=" + adult +
		"&o2_name=b&o2_id_number=" + wife + "&o2_supports=1&a7_obligor=2&a7_code=x&e1_type=x&e1_month=2026-01&e1_amount=1&declared_vehicles=a;b&declared_vehicles=c")
	f.Fuzz(func(t *testing.T, query string) {
		v, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		line, problems := form.FromValues(v, form.Options{})
		if (line == nil) == (len(problems) == 0) {
			t.Fatal("neither a request nor a problem, or both")
		}
		for _, p := range problems {
			if p.Key == "" && p.Column != "" {
				t.Fatalf("%+v names no field", p)
			}
		}
		if line == nil {
			return
		}
		r, err := household.ParseRequest(line)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := form.FromValues(form.ToValues(r), form.Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if d := same(r, parse(t, again)); d != "" {
			t.Fatal(d)
		}
	})
}
