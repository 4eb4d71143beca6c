package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
)

// nastyRows are rows with everything that makes it hard to see where a row ends.
func nastyRows(n int) string {
	var b strings.Builder
	b.WriteString("\ufeffid_number,name,record_no,period,income_type,income,tax,payer_name\r\n")
	for i := range n {
		who := id(i % (n/3 + 1))
		switch i % 17 {
		case 0:
			fmt.Fprintf(&b, "%s,\"王秀英\",\"R%d\",2026-01,wage,\"1,000.50\",0,\"甲\n乙\"\"公司\"\"\n\"\r\n", who, i)
		case 1:
			fmt.Fprintf(&b, "%s,王秀英,\"R%d,2026-01,wage,1,0,never closed\n", who, i)
		case 2:
			fmt.Fprintf(&b, "%s,王秀英,R%d,2026-01,wage,x,0,甲\n", who, i)
		case 3:
			fmt.Fprintf(&b, "\n  \r\n%s,王秀英,R%d,2026-01,wage,1,0\n", who, i)
		case 4:
			fmt.Fprintf(&b, "%s,\xff\xfe,R%d,2026-01,wage,1,0,甲\n", who, i)
		case 5:
			fmt.Fprintf(&b, "%s,王\"秀\"英,R%d,2026-01,wage,%d,0,%s\n", who, i, i, strings.Repeat("长", i%200))
		default:
			fmt.Fprintf(&b, "%s,王秀英,R%d,2026-%02d,wage,%d.5,0,甲公司\n", who, i%40, 1+i%12, i%5)
		}
	}
	fmt.Fprintf(&b, "%s,王秀英,\"R\",2026-01,wage,1,0,\"the end is missing", id(1))
	return b.String()
}

// How a file is cut, and how many work on it, changes no byte of the snapshot, nor
// of the quarantine file beside it.
func TestPiecesChangeNothing(t *testing.T) {
	utf := nastyRows(1500)
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(strings.ToValidUTF8(strings.TrimPrefix(utf, "\ufeff"), "?"))
	if err != nil {
		t.Fatal(err)
	}
	paths := write(t, utf, gb, utf)
	wantDir := t.TempDir()
	want := run(t, ingest.InPieces(options(wantDir, household.Tax, paths...), 4<<20))
	if want.Quarantined < 500 || want.Accepted < 500 {
		t.Fatalf("too little of either is tested: %+v", countsOf(want))
	}
	for _, workers := range []int{1, 2, 5} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
			for _, size := range []int{1, 100, 777, 4096, 50_000} {
				dir := t.TempDir()
				got := run(t, ingest.InPieces(options(dir, household.Tax, paths...), size))
				got.QuarantineFile, got.SpilledBytes = want.QuarantineFile, want.SpilledBytes
				if diff := cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got)); diff != "" {
					t.Fatalf("%d workers, pieces of %d: %s", workers, size, diff)
				}
				if diff := cmp.Diff(files(t, wantDir, want.Snapshot), files(t, dir, got.Snapshot)); diff != "" {
					t.Fatalf("%d workers, pieces of %d: other bytes: %s", workers, size, diff)
				}
			}
		}()
	}
}

// A damaged archive ends the ingest, whatever was already converted of it.
func TestPiecesOfADamagedFile(t *testing.T) {
	whole := connectortest.Gzip(t, []byte(nastyRows(3000)))
	path := filepath.Join(t.TempDir(), "tax.csv.gz")
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, err := ingest.Run(context.Background(), ingest.InPieces(options(dir, household.Tax, path), 1000))
	if fault := (*connectors.FileError)(nil); !errors.As(err, &fault) {
		t.Fatalf("got %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
		t.Errorf("leftovers %v", left)
	}
	ctx, stop := context.WithCancelCause(context.Background())
	stop(errors.New("enough"))
	if _, err := ingest.Run(ctx, options(dir, household.Tax, write(t, nastyRows(3000))...)); err == nil || err.Error() != "enough" {
		t.Errorf("stopped, it says %v", err)
	}
}
