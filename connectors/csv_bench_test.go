package connectors_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

// taxCSV is a file with all columns of the tax department.
func taxCSV(rows int, quoted bool) []byte {
	var b bytes.Buffer
	b.WriteString("id_type,id_number,name,record_no,period,income_type,income,own_insurance,tax,payer_name,payer_code,birth_date,sex,division\n")
	format := "resident_id,34010419%02d0101%04d,王秀英,T2025%09d,2025-%02d,wage,%d.50,420.00,12.3,合肥某某科技有限公司,91340100MA2N%06dX,19%02d-01-01,female,340104\n"
	if quoted {
		format = `"resident_id","34010419%02d0101%04d","王秀英","T2025%09d","2025-%02d","wage","%d.50","420.00","12.3","合肥某某科技有限公司","91340100MA2N%06dX","19%02d-01-01","female","340104"` + "\n"
	}
	for i := range rows {
		fmt.Fprintf(&b, format, 50+i%50, i%10000, i, i%12+1, 3000+i%7000, i%1000000, 50+i%50)
	}
	return b.Bytes()
}

func BenchmarkCSV(b *testing.B) {
	plain := taxCSV(200_000, false)
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(plain)
	if err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct {
		name string
		data []byte
	}{
		{"encoding=utf-8/quotes=none", plain},
		{"encoding=gb18030/quotes=none", gb},
		{"encoding=utf-8/quotes=all", taxCSV(200_000, true)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "tax.csv")
			if err := os.WriteFile(path, bb.data, 0o600); err != nil {
				b.Fatal(err)
			}
			d := tax.Department()
			b.SetBytes(int64(len(bb.data)))
			b.ReportAllocs()
			for b.Loop() {
				tables, err := connectors.Open(path, d, connectors.Options{})
				if err != nil {
					b.Fatal(err)
				}
				var rec household.Record
				n := 0
				for {
					if err = tables[0].Next(&rec); err != nil {
						break
					}
					n++
				}
				if !errors.Is(err, io.EOF) || n != 200_000 {
					b.Fatalf("%d rows, then %v", n, err)
				}
				_ = tables[0].Close()
			}
		})
	}
}
