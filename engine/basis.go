package engine

import (
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// Basis says by what a household is judged beside its request and what is held of its
// people: it is the same for many. The zero value is that of a refused request, of whom
// nothing is looked up.
type Basis struct {
	Accepted  bool
	Region    string // whose law counts: as registered, or as the request gives it
	Residence uint8
	Sources   uint8          // a bit for each source that may be looked at
	Applied   household.Date // only where the law counts the window from there
}

// Basis is that of a prepared request.
func (p *Plan) Basis() Basis {
	if p.refusal != "" {
		return Basis{}
	}
	b := Basis{Accepted: true, Region: p.region(), Residence: p.Request.Residence}
	for s, allowed := range p.allowed {
		if allowed {
			b.Sources |= 1 << s
		}
	}
	if p.view.law.Anchor == rules.AnchorApplication {
		b.Applied = p.Request.AppliedOn
	}
	return b
}

// View digests what the generation lets the law see of its sources, for households of a
// basis: the window, the providers, how far each covers it and how old it is. Two
// generations with one view and with one content of a household's people give it
// verdicts that say the same. The law itself is not in it: views are compared of one pack
// and one date.
func (w *Worker) View(b Basis) uint64 {
	if !b.Accepted {
		return 0
	}
	v, x := w.v, w.v.view(b.Region)
	span := w.spanOf(x, &household.Request{Residence: b.Residence, AppliedOn: b.Applied})
	d := viewDigest{verifier: v, view: x, span: span}
	d.number(int64(span.window.From))
	d.number(int64(span.window.To))
	for s := household.Tax; s < household.NumSources; s++ {
		if b.Sources>>s&1 == 0 {
			continue
		}
		d.number(int64(s))
		for i := v.first[s]; i < v.first[s+1]; i++ {
			d.provider(i)
		}
		if s < household.NumChecked {
			for _, name := range x.lacking[s] {
				d.text(name)
			}
		}
	}
	return xxhash.Sum64(d.b)
}

// viewDigest gathers what a view is digested of.
type viewDigest struct {
	verifier *Verifier
	view     *view
	span     *span
	b        []byte
}

func (d *viewDigest) number(n int64) { d.b = binary.AppendVarint(d.b, n) }

func (d *viewDigest) text(s string) {
	d.number(int64(len(s)))
	d.b = append(d.b, s...)
}

// provider takes down one provider. A record's grade is that of the snapshot it lies in,
// which its person's digest does not say: it follows from the month where every month has
// one grade, and from the provider where the whole has. Where neither tells, no other
// generation may be taken for the same.
func (d *viewDigest) provider(i int) {
	p, delivery := &d.verifier.providers[i], &d.span.providers[i]
	d.text(p.name)
	if p.node != "" {
		d.text(p.node)
	}
	flags := int64(0)
	if delivery.partial {
		flags |= 1
	}
	if delivery.stale {
		flags |= 2
	}
	d.number(flags)
	refs := d.verifier.refs[p.from:p.to]
	if !p.source.IsFlow() {
		d.grade(refs, func(*store.SnapshotRef) bool { return true })
		return
	}
	for m := d.span.window.From; m <= d.span.window.To; m++ {
		d.grade(refs, func(s *store.SnapshotRef) bool { return suppliesMonth(s, m) })
	}
	for year := d.span.window.From.Year(); year <= d.span.window.To.Year(); year++ {
		d.grade(refs, func(s *store.SnapshotRef) bool { return suppliesYear(s, year) })
	}
}

// grade takes down the grade of some snapshots, if they have one.
func (d *viewDigest) grade(refs []store.SnapshotRef, of func(*store.SnapshotRef) bool) {
	grade, several := household.GradeNone, false
	for k := range refs {
		if !of(&refs[k]) {
			continue
		}
		g := d.view.grades[refs[k].Ordinal]
		several = several || grade != household.GradeNone && grade != g
		grade = g
	}
	d.number(int64(grade))
	if several {
		d.text(d.verifier.generation)
	}
}

func suppliesMonth(s *store.SnapshotRef, m household.Month) bool {
	return slices.ContainsFunc(s.Supplies, func(r household.Months) bool { return r.Contains(m) })
}

// suppliesYear reports whether a record of a bare year may lie in a snapshot.
func suppliesYear(s *store.SnapshotRef, year int) bool {
	return slices.ContainsFunc(s.Supplies, func(r household.Months) bool { return r.From.Year() <= year && r.To.Year() >= year })
}

// IndexDigest digests the keys by which the pack looks for weaker links in the
// generation; 0 when it looks for none.
func (v *Verifier) IndexDigest(m *store.Manifest) uint64 {
	if v.pack.Identity == nil {
		return 0
	}
	d := xxhash.New()
	for _, name := range index.Sections() {
		s, _ := m.Section(name)
		_, _ = d.WriteString(s.FenceDigest)
		_, _ = d.WriteString("\n")
	}
	return max(1, d.Sum64())
}

// Elsewhere reports whether the last Verify read an entry of somebody whom its plan does
// not name. What it then says may rest on where rows lie, beside what they hold.
func (w *Worker) Elsewhere() bool { return w.linker != nil && w.linker.elsewhere }
