package report_test

import (
	"io"
	"testing"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/report"
)

func BenchmarkReport(b *testing.B) {
	for _, name := range []string{"no_discrepancy", "suspected"} {
		s := scenes()[name]
		in := input(s.v, s.r, explain.Zh, all())
		doc, err := report.Build(in)
		if err != nil {
			b.Fatal(err)
		}
		for form, run := range map[string]func() error{
			"build": func() error { _, err := report.Build(in); return err },
			"html":  func() error { return report.HTML(io.Discard, doc, report.HTMLOptions{QR: "HD:1"}) },
			"xlsx":  func() error { return report.XLSX(io.Discard, doc) },
		} {
			b.Run("form="+form+"/scene="+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
