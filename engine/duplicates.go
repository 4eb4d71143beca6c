package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/assets"
	"github.com/hedui/hedui/rules"
)

// doubles are the assets of one household that several rows report: those that
// prove to be one, and those that may be. Only a pack with an identity has it; any
// other counts by the keys that the rows give. It belongs to one worker.
type doubles struct {
	normal uint8      // the status of a vehicle on the road
	keys   []assetKey // by row; of what is no asset, nothing
	parent []int32    // by row: another row of the same asset, or itself
	name   []int32    // by row that is its own parent: the row that names the asset
	marks  []mark
	things []thing
	pairs  [][2]int32 // of things that may be one
	cover  cover

	extra    []int64     // by set: what more counts if possible duplicates are distinct
	distinct rules.Value // financial assets if they are
	money    bool        // accounts are among them
}

// assetKey is what a row says of which asset it is.
type assetKey struct {
	main  assets.Key // VIN, unit code or account
	other assets.Key // plate or certificate
}

// mark is one key of one row. Rows with the same mark are of one asset.
type mark struct {
	key        assets.Kind // 0: as written
	inst, text string
	row        int32
}

func (m *mark) compare(o *mark) int {
	return cmp.Or(cmp.Compare(m.key, o.key), strings.Compare(m.inst, o.inst), strings.Compare(m.text, o.text))
}

func newDoubles() *doubles {
	d := &doubles{}
	d.normal, _ = household.VehicleStatuses.Find("normal")
	return d
}

// unite gives all rows of one asset one thing. What the rows give as written unites
// them as it does without this, so that never more is counted; a key that proves
// the asset does so too. Rows that have to be confirmed join an asset and never
// unite two: they are perhaps not the member's, and nothing certain rests on them.
func (w *Worker) unite() {
	d := w.doubles
	d.keys, d.parent, d.name = zeroed(d.keys, len(w.rows)), zeroed(d.parent, len(w.rows)), zeroed(d.name, len(w.rows))
	d.extra, d.money, d.distinct = zeroed(d.extra, len(w.law.Sets)), false, rules.Value{}
	for i := range w.rows {
		d.keys[i] = w.keysOf(&w.rows[i])
		d.parent[i], d.name[i] = int32(i), int32(i)
	}
	for _, kind := range [...]rowKind{rowVehicle, rowUnit, rowAccount} {
		certain := func(i int) bool { return w.rows[i].kind == kind && w.rows[i].grade != household.GradeC }
		w.join(certain)
		if kind == rowUnit {
			w.joinCertificates()
		}
		w.call(certain)
		if w.unconfirmed {
			w.attach(kind)
		}
	}
	// Assets are called as one of their rows is, so rows are renamed only now.
	d.marks = d.marks[:0]
	for i := range w.rows {
		if r := &w.rows[d.name[d.find(int32(i))]]; d.keys[i].main.Kind != 0 {
			d.marks = append(d.marks, mark{0, r.inst, r.thing, int32(i)})
		}
	}
	for _, m := range d.marks {
		w.rows[m.row].inst, w.rows[m.row].thing = m.inst, m.text
	}
}

// call names every asset after the row that comes first by what it has as written.
func (w *Worker) call(want func(i int) bool) {
	d := w.doubles
	for i := range w.rows {
		root := d.find(int32(i))
		if want(i) && byThing(&w.rows[i], &w.rows[d.name[root]]) < 0 {
			d.name[root] = int32(i)
		}
	}
}

// keysOf are the canonical keys of a row.
func (w *Worker) keysOf(r *row) assetKey {
	p := w.entries[r.entry].profile
	switch r.kind {
	case rowVehicle:
		v := &p.Vehicle[r.index]
		return assetKey{assets.VehicleVIN(v.VIN), assets.VehiclePlate(v.Plate)}
	case rowUnit:
		u := &p.Property[r.index]
		return assetKey{assets.PropertyUnit(u.UnitCode), assets.PropertyCertificate(u.CertificateNo)}
	case rowAccount:
		return assetKey{main: assets.BankAccount(r.inst, r.thing)}
	}
	return assetKey{}
}

// proofs appends the marks of a row: what it gives as written and the key that
// proves its asset. A certificate proves a unit only for a row without a unit code,
// because one certificate may be of several units.
func (d *doubles) proofs(marks []mark, rows []row, i int32) []mark {
	r, k := &rows[i], &d.keys[i]
	marks = append(marks, mark{0, r.inst, r.thing, i})
	if !k.main.Weak {
		marks = append(marks, mark{k.main.Kind, "", k.main.Text, i})
	}
	if k.other.Kind == assets.Certificate && !k.other.Weak && k.main.Text == "" {
		marks = append(marks, mark{k.other.Kind, "", k.other.Text, i})
	}
	return marks
}

// join unites wanted rows that share a mark.
func (w *Worker) join(want func(i int) bool) {
	d := w.doubles
	d.marks = d.marks[:0]
	for i := range w.rows {
		if want(i) {
			d.marks = d.proofs(d.marks, w.rows, int32(i))
		}
	}
	d.sortMarks()
	for i := 1; i < len(d.marks); i++ {
		if d.marks[i-1].compare(&d.marks[i]) == 0 {
			d.unite(d.marks[i-1].row, d.marks[i].row)
		}
	}
}

// joinCertificates unites units by certificate, as far as that does not make one
// unit of two codes.
func (w *Worker) joinCertificates() {
	d := w.doubles
	d.marks = d.marks[:0]
	for i := range w.rows {
		if r, k := &w.rows[i], &d.keys[i].other; r.kind == rowUnit && r.grade != household.GradeC && !k.Weak {
			d.marks = append(d.marks, mark{k.Kind, "", k.Text, int32(i)})
		}
	}
	d.sortMarks()
	for i := 0; i < len(d.marks); {
		end, code, codes := i, "", 0
		for ; end < len(d.marks) && d.marks[i].compare(&d.marks[end]) == 0; end++ {
			if c := d.keys[d.marks[end].row].main.Text; c != "" && c != code {
				code = c
				codes++
			}
		}
		for j := i + 1; j < end && codes < 2; j++ {
			d.unite(d.marks[i].row, d.marks[j].row)
		}
		i = end
	}
}

// attach lets the rows that have to be confirmed join an asset that others prove,
// and unites the rest among themselves.
func (w *Worker) attach(kind rowKind) {
	d := w.doubles
	d.marks = d.marks[:0]
	for i := range w.rows {
		if r := &w.rows[i]; r.kind == kind && r.grade != household.GradeC {
			d.marks = d.certificate(d.proofs(d.marks, w.rows, int32(i)), int32(i))
		}
	}
	// Of two assets with one certificate, a row joins the one that is named first.
	byName := func(a, b int32) int { return byThing(&w.rows[d.name[d.find(a)]], &w.rows[d.name[d.find(b)]]) }
	slices.SortFunc(d.marks, func(a, b mark) int { return cmp.Or(a.compare(&b), byName(a.row, b.row)) })
	certain := slices.Clone(d.marks)
	match := func(m *mark) (mark, bool) {
		at, ok := slices.BinarySearchFunc(certain, m, func(m mark, o *mark) int { return m.compare(o) })
		if !ok {
			return mark{}, false
		}
		return certain[at], true
	}
	left := func(i int) bool {
		root := &w.rows[d.find(int32(i))]
		return root.kind == kind && root.grade == household.GradeC
	}
	// First by what is written, so that never more is counted than by that alone.
	for i := range w.rows {
		if r := &w.rows[i]; left(i) {
			if m, ok := match(&mark{0, r.inst, r.thing, int32(i)}); ok {
				d.parent[i] = d.find(m.row)
			}
		}
	}
	w.join(left)
	w.call(left)
	joins := map[int32]mark{}
	var own []mark
	for i := range w.rows {
		if !left(i) {
			continue
		}
		root := d.find(int32(i))
		own = d.certificate(d.proofs(own[:0], w.rows, int32(i)), int32(i))
		for j := range own {
			m, ok := match(&own[j])
			if best, given := joins[root]; ok && (!given || cmp.Or(cmp.Compare(m.key, best.key), byName(m.row, best.row)) < 0) {
				joins[root] = m
			}
		}
	}
	for root, m := range joins {
		d.parent[root] = d.find(m.row)
	}
}

// certificate appends the certificate of a row with a unit code.
func (d *doubles) certificate(marks []mark, i int32) []mark {
	if k := &d.keys[i]; k.other.Kind == assets.Certificate && !k.other.Weak && k.main.Text != "" {
		marks = append(marks, mark{k.other.Kind, "", k.other.Text, i})
	}
	return marks
}

func (d *doubles) sortMarks() {
	slices.SortFunc(d.marks, func(a, b mark) int { return a.compare(&b) })
}

// find is the row that stands for the asset of a row.
func (d *doubles) find(i int32) int32 {
	for d.parent[i] != i {
		d.parent[i] = d.parent[d.parent[i]]
		i = d.parent[i]
	}
	return i
}

func (d *doubles) unite(a, b int32) {
	if a, b = d.find(a), d.find(b); a != b {
		d.parent[max(a, b)] = min(a, b)
	}
}

// byThing orders rows by what their assets have as written.
func byThing(a, b *row) int {
	return cmp.Or(strings.Compare(a.inst, b.inst), strings.Compare(a.thing, b.thing))
}

// larger orders balances that are alike in day, grade and amount by what the member
// has of them, then by how the account is written. Only united accounts have such in
// one file, where the order of rows would decide.
func (w *Worker) larger(a, b *row) int {
	switch {
	case w.doubles == nil:
		return 0
	case a.aside == b.aside:
		x, y := w.bank(a), w.bank(b)
		return cmp.Or(cmp.Compare(b.amount, a.amount), cmp.Compare(x.Institution, y.Institution), cmp.Compare(x.AccountNo, y.AccountNo))
	case a.aside:
		return 1
	}
	return -1
}
