package connectors_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

// seen is what a table gave: its rows in order as text, how it ended, what it was.
type seen struct {
	Rows []string
	End  string
	Info connectors.FileInfo
}

func shown(rec *household.Record, err error) string {
	var fault *connectors.Fault
	if !errors.As(err, &fault) {
		return fmt.Sprintf("%q", fmt.Sprintf("%+v", *rec))
	}
	return fmt.Sprintf("%+v %q %q %v", *fault, rec.IDNumber, rec.Name, rec.IDType)
}

func whole(t testing.TB, path string, o connectors.Options) seen {
	t.Helper()
	tables, err := connectors.Open(path, tax.Department(), o)
	if err != nil {
		return seen{End: err.Error()}
	}
	defer tables[0].Close()
	var s seen
	for {
		var rec household.Record
		err := tables[0].Next(&rec)
		if fault := (*connectors.Fault)(nil); err != nil && !errors.As(err, &fault) {
			s.End, s.Info = err.Error(), tables[0].Info()
			return s
		}
		s.Rows = append(s.Rows, shown(&rec, err))
	}
}

// cut reads a table in pieces, several of which are read in any order.
func cut(t testing.TB, path string, o connectors.Options, seed uint64) seen {
	t.Helper()
	tables, err := connectors.Open(path, tax.Department(), o)
	if err != nil {
		return seen{End: err.Error()}
	}
	defer tables[0].Close()
	if !tables[0].Divisible() {
		t.Fatal("delimited text is not divisible")
	}
	order := rand.New(rand.NewPCG(seed, 0))
	pieces := make([]connectors.Piece, 3)
	reader := tables[0].Reader()
	var s seen
	var end error
	for end == nil {
		n := 0
		for ; n < len(pieces) && end == nil; n++ {
			end = tables[0].Cut(&pieces[n])
		}
		if end != nil {
			n--
		}
		rows := make([][]string, n)
		for _, i := range order.Perm(n) {
			reader.Reset(&pieces[i])
			for {
				var rec household.Record
				err := reader.Next(&rec)
				if errors.Is(err, io.EOF) {
					break
				}
				rows[i] = append(rows[i], shown(&rec, err))
			}
			if int64(len(rows[i])) != pieces[i].Rows() {
				t.Fatalf("a piece of %d rows gave %d", pieces[i].Rows(), len(rows[i]))
			}
		}
		for _, r := range rows {
			s.Rows = append(s.Rows, r...)
		}
	}
	s.End, s.Info = end.Error(), tables[0].Info()
	return s
}

// A table gives the same rows and faults in pieces, however small, as whole.
func TestPiecesAreTheTable(t *testing.T) {
	long := strings.Repeat("长", 400)
	gb := func(s string) string { return string(connectortest.GB18030(t, []byte(s))) }
	parts := []string{
		taxRow, taxRow, "34010419800101001X,王秀英,R,2025-01,wage,1.50\n", "34010419800101001X,王秀英,R,2025-01,wage,1.50\r\n",
		gb("34010419800101001X,王秀英,R,2025-01,wage,1.50\n"), "\n", "\r\n", "  \n", "　\n", "\x1a\n", "\t\n", " 1,n,R,2025-01,wage,1\n", "　1,n,R,2025-01,wage,1\n",
		"1,n,R,2025-01,wage,-1\n", "1,n,R,2025-01,gift,1\n", "1,n,R\n", "1,n,R,2025-01,wage,1,2\n", "1,\xff,R,2025-01,wage,1\n",
		"1,n,\"R\",2025-01,wage,1\n", "1,n,\"a\nb\",2025-01,wage,1\n", "1,n,\"a\r\nb\n\n\",2025-01,wage,1\r\n", "1,n,\"a\"\"b\"\"\",2025-01,wage,\"1,000.00\"\n",
		"1,n,\"R,2025-01,wage,1\n", "1,n,R\",2025-01,wage,1\n", "1,n,\"R\"x,2025-01,wage,1\n", "\"\n", "\"\"\n", "1,n," + long + ",2025-01,wage,1\n",
		"1,n,\"" + long + "\n", "1,\"" + long + "\n" + long + "\",R,2025-01,wage,1\n", "1,n|" + gb("镀|") + ",R,2025-01,wage,1\n", "1,n\r,R,2025-01,wage,1\n",
	}
	ends := []string{"", taxRow[:len(taxRow)-1], "1,n,\"R", "1,n,\"R\"", "1,n,R,2025-01,wage,1\r", "\x1a", "王"}
	rapid.Check(t, func(rt *rapid.T) {
		head := rapid.SampledFrom([]string{taxHead, "\ufeff" + taxHead, strings.ReplaceAll(taxHead, "\n", "\r\n"), taxHead + strings.Repeat(taxRow, 100)}).Draw(rt, "head")
		body := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 60).Draw(rt, "parts"), "") + rapid.SampledFrom(ends).Draw(rt, "end")
		content := head + body
		switch rapid.IntRange(0, 5).Draw(rt, "variant") {
		case 0:
			content = strings.ReplaceAll(content, ",", "|")
		case 1:
			content = strings.ReplaceAll(content, "\n", "\r")
		case 2:
			content = strings.ReplaceAll(content, ",", "\t")
		}
		path := connectortest.File(t, "a.csv", []byte(content))
		if rapid.IntRange(0, 9).Draw(rt, "gzip") == 0 {
			path = connectortest.File(t, "a.csv.gz", connectortest.Gzip(t, []byte(content)))
		}
		o := connectors.Options{
			MaxRow:   rapid.SampledFrom([]int{0, 40, 1000, 3000, 20_000}).Draw(rt, "longest row"),
			Encoding: rapid.SampledFrom([]string{"", "", "utf-8", "gb18030"}).Draw(rt, "encoding"),
		}
		want := whole(t, path, o)
		for _, o.Piece = range []int{0, 1, rapid.IntRange(1, 5000).Draw(rt, "piece")} {
			if diff := cmp.Diff(want, whole(t, path, o)); diff != "" {
				rt.Fatalf("read whole with a buffer of %d: %s", o.Piece, diff)
			}
			if diff := cmp.Diff(want, cut(t, path, o, rapid.Uint64().Draw(rt, "order"))); diff != "" {
				rt.Fatalf("in pieces of %d: %s", o.Piece, diff)
			}
		}
	})
}

// A line that is longer than any row is skipped in bounded memory.
func TestPiecesOfEndlessLines(t *testing.T) {
	giant := strings.Repeat("x", 3<<20)
	for _, content := range []string{
		taxHead + taxRow + "1,n,R," + giant + ",wage,1\n" + taxRow,
		taxHead + taxRow + giant,
		taxHead + giant + "\n" + giant + "\n",
		taxHead + "1,n,\"" + giant + "\",2025-01,wage,1\n" + taxRow,
		taxHead + taxRow + "1,王,\"" + giant + "\n" + giant + "\n" + taxRow + taxRow,
	} {
		path := connectortest.File(t, "a.csv", []byte(content))
		for _, piece := range []int{0, 1, 1000} {
			o := connectors.Options{Piece: piece}
			if diff := cmp.Diff(whole(t, path, connectors.Options{}), cut(t, path, o, 1)); diff != "" {
				t.Errorf("in pieces of %d: %s", piece, diff)
			}
		}
	}
}

// FuzzPieces holds a table in pieces to the table as a whole.
func FuzzPieces(f *testing.F) {
	f.Add(taxHead+"1,n,R,2025-01,wage,1\n\n\"1\",\"a\nb\",R,2025-01,wage,1", uint16(1), uint16(30))
	f.Add("\ufeff"+taxHead+"1,王,\"R,2025-01,wage,1\r\n\r\n1,\xcd\xf5,R,2025-01,wage,1\r\n", uint16(20), uint16(0))
	f.Fuzz(func(t *testing.T, content string, piece, maxRow uint16) {
		path := connectortest.File(t, "a.csv", []byte(content))
		o := connectors.Options{MaxRow: int(maxRow)}
		tables, err := connectors.Open(path, tax.Department(), o)
		if err != nil {
			return
		}
		divisible := tables[0].Divisible()
		if _ = tables[0].Close(); !divisible {
			return
		}
		want := whole(t, path, o)
		o.Piece = int(piece)
		if diff := cmp.Diff(want, cut(t, path, o, uint64(len(content)))); diff != "" {
			t.Fatal(diff)
		}
	})
}
