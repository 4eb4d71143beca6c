package province

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// staleFolder holds the second provider's files, below Options.Out.
const staleFolder = "stale"

// Generate writes the province: the department files, batch.jsonl, truth.jsonl and,
// as the options say, the register, dirty.jsonl and identity.csv. A context that ends stops it, with files half
// written.
func Generate(ctx context.Context, o Options) (Summary, error) {
	if err := o.Validate(); err != nil {
		return Summary{}, err
	}
	p, err := newPlan(ctx, o)
	if err != nil {
		return Summary{}, err
	}
	deliveries := p.deliveries()
	for _, d := range deliveries {
		if err := os.MkdirAll(d.dir, 0o755); err != nil {
			return Summary{}, err
		}
	}

	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, d := range deliveries {
		g.Go(func() error { return d.list(gctx) })
	}
	if err := g.Wait(); err != nil {
		return Summary{}, err
	}
	progress := &meter{report: o.Progress}
	for _, d := range deliveries {
		if err := d.fits(); err != nil {
			return Summary{}, err
		}
		d.progress = progress
		progress.total += int64(len(d.rows))
	}

	g, gctx = errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, d := range deliveries {
		g.Go(func() error { return d.write(gctx) })
	}
	var batch batchSummary
	g.Go(func() (err error) { batch, err = p.writeBatch(gctx); return err })
	err = g.Wait()
	defer func() {
		for _, d := range deliveries {
			if d.identities != nil {
				_ = d.identities.remove()
			}
		}
	}()
	if err != nil {
		return Summary{}, err
	}
	progress.add(0)

	sum := Summary{
		People: len(p.sequences), Households: p.households(), BatchHouseholds: batch.lines, Planted: batch.planted, Cases: min(len(p.cases), p.planted),
		Rows: map[string]int64{}, Bytes: batch.bytes, AsOf: string(appendDay(nil, p.cal.asOf)), Covers: p.cal.first.String() + ".." + p.cal.to.String(),
		StaleAsOf: string(appendDay(nil, p.cal.staleAsOf)), StaleCovers: p.cal.first.String() + ".." + p.cal.staleTo.String(),
	}
	for s := range register + 1 { // in the order of the sources, whatever was written first
		for _, d := range deliveries {
			if d.source == s {
				sum.add(d)
			}
		}
	}
	if o.Dirty > 0 {
		n, err := writeDirtyList(filepath.Join(o.Out, "dirty.jsonl"), deliveries)
		if err != nil {
			return Summary{}, err
		}
		sum.Bytes += n
	}
	if p.corrupt != nil {
		if err := writeIdentities(o.Out, deliveries, &sum); err != nil {
			return Summary{}, err
		}
	}
	return sum, nil
}

func (s *Summary) add(d *delivery) {
	key := d.source.String()
	if d.stale {
		key = staleFolder + "/" + key
	}
	for _, f := range d.files {
		s.Rows[key] += f.rows
		s.Bytes += f.bytes
		s.Files = append(s.Files, File{Source: d.source.String(), Name: f.name, Rows: f.rows, Covers: f.covers, Stale: d.stale})
	}
	s.DirtyRows += int64(len(d.dirty))
}

// meter adds up the progress of all files.
type meter struct {
	report func(done, total int64)
	total  int64 // set before the first add

	mu   sync.Mutex
	done int64 // under mu
}

func (m *meter) add(n int64) {
	if m.report == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done += n
	m.report(m.done, m.total)
}

// entry is one row to write: household<<20 | row<<8 | spoil.
type entry uint64

func newEntry(household, k int, s spoil) entry {
	return entry(uint64(household)<<20 | uint64(k)<<8 | uint64(s))
}

func (e entry) household() int { return int(e >> 20) }
func (e entry) row() int       { return int(e >> 8 & 0xfff) }
func (e entry) spoil() spoil   { return spoil(e) }

// delivery is what one department hands over: one file, or several when it is
// split. One goroutine owns it at a time.
type delivery struct {
	*plan
	source   source
	stale    bool
	dir      string
	format   string
	progress *meter
	rows     []entry
	files    []*outputFile
	dirty    []dirtyRow

	identities *identityList // of a corrupted province
}

// outputFile is one file of a delivery.
type outputFile struct {
	name   string // below Options.Out
	covers string
	sink   sink
	rows   int64
	bytes  int64
}

// deliveries are ordered so that the largest begins first.
func (p *plan) deliveries() []*delivery {
	var all []*delivery
	order := []source{bank, tax, register, insurance, property, vehicle}
	if !p.Register {
		order = slices.DeleteFunc(order, func(s source) bool { return s == register })
	}
	for _, s := range order {
		format := p.Formats[s.String()]
		if format == "" {
			format = FormatCSV
		}
		all = append(all, &delivery{plan: p, source: s, dir: p.Out, format: format})
	}
	if p.Second {
		for s := range sourceCount {
			all = append(all, &delivery{plan: p, source: s, stale: true, dir: filepath.Join(p.Out, staleFolder), format: FormatCSV})
		}
	}
	return all
}

// list finds the rows of the delivery and puts them in their random order.
func (d *delivery) list(ctx context.Context) error {
	var h household
	households := d.households()
	if d.stale {
		households = d.planted
	}
	for index := range households {
		if index%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if d.source == register {
			if err := d.people(&h, index); err != nil {
				return err
			}
			d.listRegister(&h)
			continue
		}
		if err := d.load(&h, index, d.source); err != nil {
			return err
		}
		for k := range h.count(d.source) {
			sub := h.subject(d.source, k)
			if sub.stale != d.stale {
				continue
			}
			s := sub.spoil
			if h.planted == nil && d.Dirty > 0 {
				s = d.drawSpoil(index, k)
			}
			d.rows = append(d.rows, newEntry(index, k, s))
			if s == duplicate || s == conflicting {
				d.rows = append(d.rows, newEntry(index, k, s+1))
			}
		}
	}
	r := newStream(d.seed, topicOrder, uint64(d.source)*2+1)
	for i := len(d.rows) - 1; i > 0; i-- {
		j := r.n(i + 1)
		d.rows[i], d.rows[j] = d.rows[j], d.rows[i]
	}
	return nil
}

// fits refuses what a format cannot hold before anything is written. Of a split
// delivery each file is checked as it grows.
func (d *delivery) fits() error {
	split := d.source == tax && d.Months || d.source == bank && d.Banks > 1
	if d.format == FormatXLSX && !split && len(d.rows) >= maxSheetRows {
		return fmt.Errorf("%s has %d rows: %w", d.source, len(d.rows), errSheetFull)
	}
	return nil
}

// write writes the files of the delivery.
func (d *delivery) write(ctx context.Context) (err error) {
	defer func() {
		for _, f := range d.files {
			n, cerr := f.sink.close()
			f.bytes = n
			if err == nil {
				err = cerr
			}
		}
	}()
	if err := d.open(); err != nil {
		return err
	}
	if err := d.openIdentityList(); err != nil {
		return err
	}
	var h household
	h.index = -1
	var r row
	r.chinese = chinese(d.format)
	met := map[entry]bool{} // rows with a duplicate that were written once
	reported := 0
	for i, e := range d.rows {
		if i-reported == 1<<15 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			d.progress.add(int64(i - reported))
			reported = i
		}
		if h.index != e.household() {
			if err := d.load(&h, e.household(), d.source); err != nil {
				return err
			}
		}
		f := d.files[d.fileOf(&h, e.row())]
		f.rows++
		switch {
		case d.source == register:
			d.writeRegister(&r, &h, e.row())
		case d.corrupt != nil:
			if err := d.writeIdentity(&r, &h, e, f); err != nil {
				return err
			}
			d.writeOwn(&r, &h, d.source, e.row())
		default:
			d.plan.write(&r, &h, d.source, e.row())
		}
		if s := e.spoil(); s != clean {
			d.spoil(&r, &h, e, f, met)
		}
		if err := f.sink.write(&r); err != nil {
			return fmt.Errorf("write %s row %d: %w", f.name, f.rows, err)
		}
	}
	d.progress.add(int64(len(d.rows) - reported))
	d.rows = nil
	if d.identities != nil {
		return d.identities.out.Flush()
	}
	return nil
}

// fileOf is the file a row belongs to when the delivery is split.
func (d *delivery) fileOf(h *household, k int) int {
	switch {
	case len(d.files) == 1:
		return 0
	case d.source == bank:
		return h.bank[k].institution % len(d.files)
	}
	t := &h.tax[k]
	at := t.month
	if t.year != 0 {
		at = min(month(t.year*12+11), d.cal.to)
	}
	return int(at - d.cal.first)
}

// open opens the files of the delivery and writes their headers.
func (d *delivery) open() error {
	base, covers := d.source.String(), ""
	if d.source == tax || d.source == insurance {
		to := d.cal.to
		if d.stale {
			to = d.cal.staleTo
		}
		covers = d.cal.first.String() + ".." + to.String()
	}
	switch {
	case d.source == tax && d.Months && !d.stale:
		for m := d.cal.first; m <= d.cal.to; m++ {
			if err := d.create(base+"-"+m.String(), m.String()+".."+m.String()); err != nil {
				return err
			}
		}
		return nil
	case d.source == bank && d.Banks > 1 && !d.stale:
		for i := range d.Banks {
			if err := d.create(base+"-"+string(appendDigits(nil, uint64(i+1), 2)), ""); err != nil {
				return err
			}
		}
		return nil
	}
	return d.create(base, covers)
}

func (d *delivery) create(base, covers string) error {
	f := &outputFile{name: base + extension(d.format), covers: covers}
	s, err := newSink(filepath.Join(d.dir, f.name), d.format, columnsOf(d.source))
	if err != nil {
		return err
	}
	if d.stale {
		f.name = staleFolder + "/" + f.name
	}
	f.sink = s
	d.files = append(d.files, f)
	return nil
}
