package ingest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

const convertRows = 100_000

// benchFiles are files as departments write them.
func benchFiles() map[household.Source]string {
	const person = "id_number,name,id_type,country,birth_date,sex,division,"
	heads := map[household.Source]string{
		household.Tax:      person + "record_no,period,income_type,income,own_insurance,tax,payer_name,payer_code\n",
		household.Bank:     person + "institution,account_no,kind,balance,balance_on,average_balance,share,purpose\n",
		household.Property: person + "unit_code,certificate_no,kind,status,share,area,address,registered_on,value\n",
	}
	banks := []string{"建设银行", "工商银行", "农业银行", "邮政储蓄银行"}
	files := map[household.Source]string{}
	for s, head := range heads {
		var b strings.Builder
		b.WriteString(head)
		for i := range convertRows {
			id := match.ResidentText(340104_19500101_000 + uint64(i%1000) + uint64(i/1000%50)*1000_0000)
			switch s {
			case household.Tax:
				fmt.Fprintf(&b, "%s,刘兰霞,,,,,341202,T%013d,2025-%02d,wage,%d.50,%d.11,0.00,蜀山众兴华安装饰工程有限公司,913405044MHHFWPX2Y\n", id, i, 1+i%12, i%9000, i%700)
			case household.Bank:
				fmt.Fprintf(&b, "%s,姚龙明,,,,,340123,%s,6217000%012d,demand,%d.31,2026-10-31,%d.75,,\n", id, banks[i%4], i, i%90_000, i%90_000)
			case household.Property:
				fmt.Fprintf(&b, "%s,王强波,resident_id,,1987-06-24,male,340104,340104001001GB03257F%08d,皖(2009)合肥市不动产权第%013d号,residential,current,,56.25,蜀山区湖东路508号539室,2026-06-15,%d.71\n", id, i, i, i%900_000)
			}
		}
		files[s] = b.String()
	}
	return files
}

// BenchmarkConvert reads a file and makes items of it, in one goroutine.
func BenchmarkConvert(b *testing.B) {
	for s, text := range benchFiles() {
		b.Run("source="+s.String(), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "file.csv")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				b.Fatal(err)
			}
			o := connectors.Options{}
			if s.IsFlow() {
				o.Covers, _ = household.ParseMonths("2025-01..2026-10")
			}
			c := &converter{dept: departments.Of(s), slab: &slab{arena: make([]byte, 0, 64<<20)}, rows: new(atomic.Int64)}
			pool := newPool(1)
			b.ReportAllocs()
			for b.Loop() {
				tables, err := connectors.Open(path, c.dept, o)
				if err != nil {
					b.Fatal(err)
				}
				d := &division{file: 1, table: tables[0], pool: pool, work: &fileWork{faults: &spool{}}, done: map[int]*piece{}}
				rows := 0
				for n := 0; ; n++ {
					p := <-pool
					p.of, p.number = d, n
					if err := tables[0].Cut(&p.Piece); err != nil {
						pool <- p
						break
					}
					if err := c.piece(context.Background(), p); err != nil {
						b.Fatal(err)
					}
					rows += len(c.slab.refs)
					c.slab.arena, c.slab.refs = c.slab.arena[:0], c.slab.refs[:0]
				}
				if rows != convertRows {
					b.Fatalf("%d items", rows)
				}
				_ = tables[0].Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/convertRows, "ns/row")
		})
	}
}
