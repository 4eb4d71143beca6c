package recheck

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
)

// Substance is a digest of what a verdict says: outcome, findings with grades, amounts,
// limits, legal references and evidence, the sheets, the state of every source and
// provider, links, and the values of the law. Not of what was asked (household, date,
// window), nor of where it was found (generation, snapshots, as-of dates, files and rows,
// the order of evidence, version and digest of the pack, places in its files).
//
// It tells two verdicts on one household apart; it is no signature.
type Substance uint64

// Digester digests verdicts. It reuses its memory and belongs to one goroutine; the zero
// value is ready.
type Digester struct {
	encoder  household.VerdictEncoder
	findings []household.Finding
	evidence []household.Evidence
	coverage [household.NumChecked][]household.ProviderCoverage
	cited    []household.CitedValue // as the verdict before cited them
	values   []household.CitedValue // without their places; the encoder keeps them, so they never change
	json     []byte
}

// Substance digests a verdict, which stays as it is.
func (d *Digester) Substance(v *household.Verdict) Substance {
	s := *v
	s.Line, s.HouseholdID, s.On, s.Generation = 0, "", 0, ""
	s.Income.Window = household.Months{}
	s.Pack.Version, s.Pack.Digest = "", ""
	if !slices.Equal(d.cited, v.Pack.Values) {
		d.cited = append(d.cited[:0], v.Pack.Values...)
		d.values = slices.Clone(v.Pack.Values)
		for i := range d.values {
			d.values[i].File, d.values[i].Line = "", 0
		}
	}
	s.Pack.Values = d.values
	for c := range s.Coverage {
		d.coverage[c] = append(d.coverage[c][:0], v.Coverage[c].Providers...)
		for i := range d.coverage[c] {
			d.coverage[c][i].AsOf, d.coverage[c][i].Snapshot = 0, ""
		}
		s.Coverage[c].Providers = d.coverage[c]
	}
	n := 0
	for i := range v.Findings {
		n += len(v.Findings[i].Evidence)
	}
	d.findings = append(d.findings[:0], v.Findings...)
	d.evidence = slices.Grow(d.evidence[:0], n)
	for i := range d.findings {
		from := len(d.evidence)
		d.evidence = append(d.evidence, v.Findings[i].Evidence...)
		list := d.evidence[from:len(d.evidence):len(d.evidence)]
		for k := range list {
			list[k].Snapshot, list[k].File, list[k].Row = "", 0, 0
		}
		slices.SortFunc(list, byContent)
		d.findings[i].Evidence = list
	}
	s.Findings = d.findings
	d.json = d.encoder.Append(d.json[:0], &s)
	return Substance(xxhash.Sum64(d.json))
}

// byContent orders evidence by all that a verdict shows of it but its place.
func byContent(a, b household.Evidence) int {
	flag := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(a.Member, b.Member), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Period, b.Period), cmp.Compare(a.Amount, b.Amount),
		strings.Compare(a.Record, b.Record), strings.Compare(a.Provider, b.Provider), strings.Compare(a.Link, b.Link),
		cmp.Compare(flag(a.HasAmount), flag(b.HasAmount)),
	)
}
