package report

import (
	_ "embed" // the page
	"encoding/hex"
	"html/template"
	"io"
	"strings"
)

//go:embed summary.html
var summaryPage string

// SummaryHTML writes a summary as one page that needs nothing else, like HTML.
func SummaryHTML(w io.Writer, d *SummaryDocument) error {
	sum := d.Digest()
	v := summaryView{SummaryDocument: d, Style: template.CSS(style), Code: CodeOf(sum), Digest: hex.EncodeToString(sum[:]), Stamp: d.stamp()} //nolint:gosec // a constant of this package
	return write(w, summaryTemplate, &v)
}

var summaryTemplate = parsed("summary", summaryPage) //nolint:gochecknoglobals // parsed once

// summaryView is a summary with what only a page has.
type summaryView struct {
	*SummaryDocument
	Style  template.CSS
	Code   string
	Digest string
	Stamp  string
}

// L is a heading of the catalogue.
func (v *summaryView) L(key string, args ...any) string { return Words(key, v.Lang, args...) }

// stamp names who a copy was made for.
func (d *SummaryDocument) stamp() string { return stampOf(d.Recipient, d.Number, d.IssuedAt) }

// SummaryXLSX writes a summary as a workbook. Equal summaries give equal bytes.
func SummaryXLSX(w io.Writer, d *SummaryDocument) error {
	x := newWorkbook(strings.TrimSpace(d.Title+" "+d.Number), d.stamp())
	l := func(key string) string { return Words(key, d.Lang) }
	number := func(c Count) cell {
		if c.Withheld {
			return t(c.Text)
		}
		return count(c.N)
	}
	x.open(l("summary"), 22, 26, 12, 12, 12, 12, 12, 12, 14)
	x.title(d.Title)
	x.pair(l("summary number"), d.Number)
	x.pair(l("region"), d.Region)
	x.pair(l("days"), d.Days)
	x.pair(l("issued at"), d.IssuedAt)
	x.pair(l("centre"), d.Centre)
	x.pair(l("recipient"), d.Recipient)
	x.pair(l("program"), d.Program)
	x.title(l("by division"))
	heads := append([]string{l("division"), l("scheme")}, d.Outcomes...)
	x.heads(append(heads, l("total"), l("warned"))...)
	for _, r := range append(append([]SummaryRow(nil), d.Rows...), d.Total) {
		cells := []cell{t(r.Division), t(r.Scheme)}
		for _, c := range r.Outcomes {
			cells = append(cells, number(c))
		}
		x.put(append(cells, number(r.Total), t(r.Warned))...)
	}
	for _, n := range d.Notes {
		x.line(n)
	}
	x.title(l("code"))
	x.pair(l("code"), d.Code())
	x.open(l("findings"), 44, 20, 12)
	x.title(l("by finding"))
	x.heads(l("finding"), l("effect"), l("households"))
	for _, f := range d.Findings {
		x.put(t(f.Title), t(f.Effect), number(f.Households))
	}
	x.open(l("sources"), 16, 12, 12, 12, 12, 12, 12, 12)
	x.title(l("by source"))
	x.heads(append([]string{l("source")}, d.States...)...)
	for _, s := range d.Coverage {
		cells := []cell{t(s.Source)}
		for _, c := range s.States {
			cells = append(cells, number(c))
		}
		x.put(cells...)
	}
	return x.write(w)
}
