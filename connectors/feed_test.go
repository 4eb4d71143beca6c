package connectors_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

// feedOf is a feed of texts with the numbers 1, 3, 5 and so on.
func feedOf(columns []string, texts ...string) connectors.Feed {
	return connectors.Feed{Name: "feed", Rows: int64(len(texts)), Columns: columns, Open: func(context.Context) (connectors.FeedRows, error) {
		i := 0
		return connectors.FeedRows{
			Next: func() (connectors.FeedRow, error) {
				if i == len(texts) {
					return connectors.FeedRow{}, io.EOF
				}
				i++
				r := connectors.FeedRow{Number: int64(2*i - 1), Text: []byte(texts[i-1])}
				if texts[i-1] == "<nil>" {
					r.Text = nil
				}
				return r, nil
			},
			Close: func() error { return nil },
		}, nil
	}}
}

// became is what became of each row: the number of its record, or its fault.
func became(t testing.TB, table *connectors.Table) (rows []string) {
	t.Helper()
	for {
		var rec household.Record
		err := table.Next(&rec)
		var fault *connectors.Fault
		switch {
		case errors.Is(err, io.EOF):
			return rows
		case errors.As(err, &fault):
			rows = append(rows, fmt.Sprintf("row %d %s %s", fault.Row, fault.Column, fault.Code))
		case err != nil:
			t.Fatal(err)
		default:
			rows = append(rows, fmt.Sprintf("row %d %s %s %d", rec.Row, rec.IDNumber, rec.Tax.RecordNo, rec.Tax.Income))
		}
	}
}

var feedColumns = []string{"证件号码", "姓名", "明细号", "所属期", "所得项目", "收入额"}

func TestFeedRows(t *testing.T) {
	const good = "340104198001010014,王,R1,2025-01,wage,1.50"
	for _, c := range []struct {
		name    string
		columns []string
		text    string
		want    string
	}{
		{"good", feedColumns, good, "row 1 340104198001010014 R1 150"},
		{"with its line end", feedColumns, good + "\r\n", "row 1 340104198001010014 R1 150"},
		{"with a byte order mark", feedColumns, "\ufeff" + good, "row 1 340104198001010014 R1 150"},
		{"quoted", feedColumns, `"340104198001010014","王,""x""",R1,2025-01,wage,1.50`, "row 1 340104198001010014 R1 150"},
		{"empty", feedColumns, "", "row 1  column_count"},
		{"blank", feedColumns, " \n ", "row 1  column_count"},
		{"missing", feedColumns, "<nil>", "row 1  column_count"},
		{"two rows", feedColumns, good + "\n" + good, "row 1  column_count"},
		{"blank and a row and a row", feedColumns, "\n\n" + good + "\n" + good, "row 1  column_count"},
		{"too few fields", feedColumns, "340104198001010014,王", "row 1  column_count"},
		{"too many fields", feedColumns, good + ",x", "row 1  column_count"},
		{"open quote", feedColumns, `340104198001010014,王,R1,2025-01,wage,"1.50`, "row 1  column_count"},
		{"a line too long", feedColumns, good + strings.Repeat("x", 2<<20), "row 1  column_count"},
		{"bad amount", feedColumns, "340104198001010014,王,R1,2025-01,wage,1.505", "row 1 收入额 bad_amount"},
		{"bad encoding", feedColumns, "340104198001010014,\xff\xfe,R1,2025-01,wage,1.50", "row 1 姓名 bad_encoding"},
		{"object", nil, `{"id_number":"340104198001010014","name":"王","record_no":"R1","period":"2025-01","income_type":"wage","income_fen":150}`, "row 1 340104198001010014 R1 150"},
		{"object over lines", nil, "{\"id_number\":\"340104198001010014\",\n\"name\":\"王\",\"record_no\":\"R1\",\"period\":\"2025-01\",\"income_type\":\"wage\",\"income_fen\":150}\n", "row 1 340104198001010014 R1 150"},
		{"two objects", nil, `{"name":"王"}{"name":"王"}`, "row 1  column_count"},
		{"half an object", nil, `{"name":"王"`, "row 1  column_count"},
		{"no object", nil, "", "row 1  column_count"},
		{"missing object", nil, "<nil>", "row 1  column_count"},
		{"a number for text of yuan", nil, `{"id_number":"340104198001010014","name":"王","record_no":"R1","period":"2025-01","income_type":"wage","income_fen":1.5}`, "row 1 income_fen bad_amount"},
	} {
		table, err := connectors.OpenFeed(t.Context(), feedOf(c.columns, c.text, c.text), tax.Department(), connectors.Options{})
		if err != nil {
			t.Fatal(c.name, err)
		}
		got := became(t, table)
		want := []string{c.want, strings.Replace(c.want, "row 1", "row 3", 1)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The rows of a feed are what the lines of a file are.
func TestFeedLikeFile(t *testing.T) {
	lines := []string{
		"340104198001010014,王,R1,2025-01,wage,1.50", "340104198001010014,王,R2,2025-13,wage,1.50", "x,\"李\",R3,2025-02,工资薪金,2",
		",,,,,", "a,b", "340104198001010014,欧阳 娜,R4,202503,labour,1e3",
	}
	path := connectortest.File(t, "a.csv", []byte(strings.Join(feedColumns, ",")+"\n"+strings.Join(lines, "\n")+"\n"))
	tables, err := connectors.Open(path, tax.Department(), connectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := became(t, tables[0])
	table, err := connectors.OpenFeed(t.Context(), feedOf(feedColumns, lines...), tax.Department(), connectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := became(t, table)
	for i := range got {
		got[i] = strings.Replace(got[i], fmt.Sprintf("row %d ", 2*i+1), fmt.Sprintf("row %d ", i+1), 1)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-file +feed\n%s", diff)
	}
	if table.Divisible() {
		t.Error("a feed can't be cut into pieces")
	}
}

// The digest is of numbers and texts.
func TestFeedDigest(t *testing.T) {
	digest := func(texts ...string) [32]byte {
		table, err := connectors.OpenFeed(t.Context(), feedOf(feedColumns, texts...), tax.Department(), connectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		became(t, table)
		return table.Info().SHA256
	}
	if first, again := digest("a", "b"), digest("a", "b"); first != again {
		t.Error("the same rows have two digests")
	}
	seen := map[[32]byte]bool{}
	for _, texts := range [][]string{{"a", "b"}, {"ab"}, {"ab", ""}, {"", "ab"}, {"<nil>", "ab"}, {"b", "a"}, {}} {
		d := digest(texts...)
		if seen[d] {
			t.Errorf("%q has the digest of others", texts)
		}
		seen[d] = true
	}
}

// Whatever a message holds, it is one row.
func FuzzFeed(f *testing.F) {
	for _, s := range []string{"", "\n", "\"", "340104198001010014,王,R1,2025-01,wage,1.50", "a\nb", `{"name":"王"}`, "{", "\xff", "\x1a", ",,,,,\n"} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, isCSV bool) {
		var columns []string
		if isCSV {
			columns = feedColumns
		}
		table, err := connectors.OpenFeed(t.Context(), feedOf(columns, string(text), string(text)), tax.Department(), connectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if rows := became(t, table); len(rows) != 2 {
			t.Errorf("%d rows", len(rows))
		}
	})
}
