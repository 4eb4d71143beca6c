package household_test

import (
	"testing"

	"github.com/hedui/hedui/engine/household"
)

// plainRequest is a household of the kind that a batch has a million of: nothing
// optional is said of it.
const plainRequest = `{"household_id":"340104-000123","region":"340104","scheme":"dibao","residence":"urban",` +
	`"authorization":{"number":"SQ1","valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["11010519491231002X","340104198001010021"],"purpose":"dibao"},` +
	`"members":[{"name":"王秀英","id_number":"11010519491231002X","relation":"head","declared_income":[{"type":"wage","monthly_fen":120000}]},` +
	`{"name":"李建国","id_number":"340104198001010021","relation":"spouse","declared_income":[{"type":"transfer","monthly_fen":30000}]},` +
	`{"name":"李小明","id_number":"340104201501010031","relation":"child"}],` +
	`"declared_assets":{"financial_fen":800000,"vehicles":["皖A12345"],"properties":["u"]}}`

func BenchmarkParseRequest(b *testing.B) {
	for _, c := range []struct{ name, line string }{{"plain/members=3", plainRequest}, {"optional/members=2", fullRequest}} {
		b.Run(c.name, func(b *testing.B) {
			line := []byte(c.line)
			b.ReportAllocs()
			for b.Loop() {
				if r, err := household.ParseRequest(line); err != nil || len(r.Invalid) != 0 {
					b.Fatal(err, r.Invalid)
				}
			}
		})
	}
}

func BenchmarkRequestBuffer(b *testing.B) {
	for _, c := range []struct{ name, line string }{{"plain/members=3", plainRequest}, {"optional/members=2", fullRequest}} {
		b.Run(c.name, func(b *testing.B) {
			line := []byte(c.line)
			var buffer household.RequestBuffer
			b.ReportAllocs()
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				if r, err := buffer.Parse(line); err != nil || len(r.Invalid) != 0 {
					b.Fatal(err, r.Invalid)
				}
			}
		})
	}
}
