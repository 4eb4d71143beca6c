package ingest_test

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
)

// Every table of an archive is a file with a number and an account of its own.
func TestArchive(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tax.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, entry := range []struct{ name, text string }{
		{"a.csv", taxFile([]string{id(1) + ",王秀英,T1,2026-01,wage,1,0,甲", id(1) + ",王秀英,T2,2026-01,wage,x,0,甲"})},
		{"b.csv", taxFile([]string{id(1) + ",王秀英,T1,2026-01,wage,2,0,甲", id(2) + ",李伟,T1,2026-01,wage,1,0,甲"})},
	} {
		w, err := z.Create(entry.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(entry.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	plain := write(t, taxFile([]string{id(2) + ",李伟,T1,2026-01,wage,1,0,甲"}))
	r := run(t, options(t.TempDir(), household.Tax, name, plain[0]))
	if diff := cmp.Diff(counts{5, 1, 3, 1, 0, 1, "[bad_amount:1 conflicting_duplicate:2]"}, countsOf(r)); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, f := range r.Files {
		got = append(got, f.Name)
	}
	if diff := cmp.Diff([]string{"tax.zip/a.csv", "tax.zip/b.csv", "f1.csv"}, got); diff != "" {
		t.Error(diff)
	}
	b, err := os.ReadFile(r.QuarantineFile)
	if err != nil {
		t.Fatal(err)
	}
	want := "file,row,line,column,code,excerpt\n1,2,3,income,bad_amount,x\n1,1,2,record_no,conflicting_duplicate,***\n2,1,2,record_no,conflicting_duplicate,***\n"
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Error(diff)
	}
}

// A file that cannot be read refuses the ingest before anything is made.
func TestFileErrors(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "a column missing": "id_number,name\n", "another department": vehicleHeader} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			good := write(t, taxFile(nil))
			_, err := ingest.Run(context.Background(), options(dir, household.Tax, good[0], write(t, text)[0]))
			if fe, ok := err.(*connectors.FileError); !ok { //nolint:errorlint // the type is promised
				t.Errorf("%v", err)
			} else if !strings.HasPrefix(fe.Error(), "f1.csv") {
				t.Errorf("%v does not name the file", err)
			}
			if _, err := os.Stat(dir); err == nil {
				t.Error("a data directory was made")
			}
		})
	}
	if _, err := ingest.Run(context.Background(), options(t.TempDir(), household.Tax, "/no/such/file.csv")); !os.IsNotExist(err) {
		t.Error(err)
	}
}
