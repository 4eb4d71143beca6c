package connectors_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/tax"
)

const (
	taxHead = "id_number,name,record_no,period,income_type,income\n"
	taxRow  = "1,n,R,2025-01,wage,1\n"
)

// zipWith packs one entry whose header edit may change.
func zipWith(t *testing.T, entries map[string]string, edit func(*zip.FileHeader)) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range entries {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if edit != nil {
			edit(h)
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchivesThatAreRefused(t *testing.T) {
	table := taxHead + taxRow
	many := make([]string, 0, 2*1001)
	for i := range 1001 {
		many = append(many, fmt.Sprintf("%d.csv", i), table)
	}
	zeros := strings.Repeat("\x00", 100<<20)
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"path upwards", connectortest.Zip(t, "../a.csv", table), "path that leads out of it"},
		{"path upwards, backslash", connectortest.Zip(t, `x\..\..\a.csv`, table), "path that leads out of it"},
		{"absolute", connectortest.Zip(t, "/etc/a.csv", table), "path that leads out of it"},
		{"drive", connectortest.Zip(t, `C:\a.csv`, table), "path that leads out of it"},
		{"link", zipWith(t, map[string]string{"a.csv": "/etc/passwd"}, func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }), "link or a special file"},
		{"encrypted", encryptedFlag(zipWith(t, map[string]string{"a.csv": table}, nil)), "encrypted"},
		{"too many", connectortest.Zip(t, many...), "1001 entries, more than 1000"},
		{"same name", connectortest.Zip(t, "a.csv", table, "A.CSV", table), "name of an earlier one"},
		{"nested", connectortest.Zip(t, "a.zip", string(connectortest.Zip(t, "a.csv", table))), "inside an archive is not read"},
		{"nested gzip", connectortest.Gzip(t, connectortest.Gzip(t, []byte(table))), "inside an archive is not read"},
		{"zip in gzip", connectortest.Gzip(t, connectortest.Zip(t, "a.csv", table)), "inside an archive is not read"},
		{"bomb", connectortest.Zip(t, "a.csv", zeros), "more than 100 times its size"},
		{"bomb in gzip", connectortest.Gzip(t, append([]byte(table), strings.Repeat(strings.Repeat("x", 1<<20)+"\n", 80)...)), "more than 100 times its size"},
		{"lying about its size", lyingSize(t, table), "zip"},
		{"overlapping", overlapping(t, table), "overlap"},
		{"empty", connectortest.Zip(t), "holds no file"},
		{"bad entry", connectortest.Zip(t, "a.csv", table, "b.csv", "x,y\n"), "a.zip/b.csv, line 1"},
		{"no workbook", connectortest.Zip(t, "[Content_Types].xml", "", "word/document.xml", ""), ".docx"},
		{"old workbook", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), "old .xls workbook"},
		{"utf-16", []byte("\xff\xfei\x00d\x00"), "UTF-16"},
		{"utf-16 without mark", []byte("i\x00d\x00_\x00n\x00u\x00m\x00b\x00e\x00r\x00,\x00"), "UTF-16"},
		{"rar", []byte("Rar!\x1a\x07\x00"), "compression is not supported"},
		{"json list", []byte(`[{"id_number":"1"}]`), "one JSON object per line"},
		{"cut gzip", connectortest.Gzip(t, []byte(table+strings.Repeat(taxRow, 1000)))[:60], "unexpected EOF"},
		{"rubbish behind gzip", append(connectortest.Gzip(t, []byte(table)), "rubbish behind the end"...), "gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := connectortest.TryRead(t, connectortest.File(t, "a.zip", tt.data), tax.Department(), connectors.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// encryptedFlag sets the flag of encryption of the only entry.
func encryptedFlag(b []byte) []byte {
	b[6] |= 1
	b[bytes.Index(b, []byte("PK\x01\x02"))+8] |= 1
	return b
}

// lyingSize is an archive whose entry says it is shorter than it is.
func lyingSize(t *testing.T, table string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	content := table + strings.Repeat(taxRow, 100)
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: "a.csv", Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(content)),
		CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(table)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// overlapping is an archive whose second entry lies in the first.
func overlapping(t *testing.T, table string) []byte {
	t.Helper()
	b := connectortest.Zip(t, "a.csv", table, "b.csv", table)
	second := bytes.LastIndex(b, []byte("PK\x01\x02"))
	copy(b[second+42:second+46], []byte{0, 0, 0, 0})
	return b
}

func TestArchiveNamesAndLitter(t *testing.T) {
	gbk := string(connectortest.GB18030(t, []byte("一月.csv")))
	data := zipWith(t, map[string]string{gbk: taxHead + taxRow, "__MACOSX/._x": "x", "sub/.DS_Store": "x"}, func(h *zip.FileHeader) { h.NonUTF8 = true })
	path := connectortest.File(t, "税务.zip", data)
	tables, err := connectors.Open(path, tax.Department(), connectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != 1 || tables[0].Name != "税务.zip/一月.csv" {
		t.Fatalf("%d tables, the first %s", len(tables), tables[0].Name)
	}
	if got := drain(t, tables[0]); len(got) != 1 || got[0].Code != "" {
		t.Errorf("got %+v", got)
	}
	if info := tables[0].Info(); info.Bytes != int64(len(data)) || info.SHA256 != sumOf(t, path) {
		t.Errorf("the digest is not that of the archive: %+v", info)
	}
	if done, total := tables[0].Progress(); done != total || total == 0 {
		t.Errorf("at the end %d of %d are read", done, total)
	}
	if entries, _ := os.ReadDir(os.TempDir()); len(entries) > 0 {
		for _, e := range entries {
			if strings.Contains(e.Name(), "一月") {
				t.Error("the archive was unpacked to disk")
			}
		}
	}
}

func FuzzZip(f *testing.F) {
	f.Add(connectortest.Zip(f, "a.csv", taxHead+taxRow))
	f.Add(connectortest.Gzip(f, []byte(taxHead+taxRow)))
	d := tax.Department()
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = connectortest.TryRead(t, connectortest.File(t, "a.zip", data), d, connectors.Options{})
	})
}
