package ingest

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/snapshot"
)

// fileWork is one table on its way: what was found and counted. It belongs to the
// reader of its path until all readers are done, or to its division.
type fileWork struct {
	account snapshot.FileAccount
	byCode  [connectors.NumCodes]int64
	faults  *spool
}

// reading reads the tables of one path after another. Delimited text is cut into
// pieces, which converters type. The rows of other tables are typed here and go to
// the converters in batches.
type reading struct {
	dept  *connectors.Department
	out   chan<- work
	pool  pool
	free  chan *batch // nil before the first batch
	batch *batch
}

// work is what a converter does next: a batch or a piece.
type work struct {
	batch *batch
	piece *piece
}

// batchRows is the number of rows that are handed over at once.
const batchRows = 128

// batch is some rows of one file. Their text is the batch's own.
type batch struct {
	file  int // ordinal from 1
	n     int
	rows  [batchRows]household.Record
	bad   [batchRows]bool // the row was quarantined; only its document is of interest
	arena []byte
	free  chan<- *batch // where it goes when its rows were converted
}

const batchesPerReader = 4

// path reads every table of a file or feed into files, whose ordinals begin at first.
func (r *reading) path(ctx context.Context, o *Options, i, first int, files []*fileWork, watch func(*connectors.Table)) error {
	tables, err := o.open(ctx, i)
	if err != nil {
		return err
	}
	defer func() {
		for _, t := range tables {
			_ = t.Close()
		}
	}()
	if len(tables) != len(files) {
		return fmt.Errorf("%s: %w", o.name(i), errChanged)
	}
	for k, t := range tables {
		watch(t)
		if err := r.table(ctx, t, first+k, files[k]); err != nil {
			return err
		}
	}
	return nil
}

// table reads one table.
func (r *reading) table(ctx context.Context, t *connectors.Table, file int, w *fileWork) error {
	read := r.sequence
	if t.Divisible() {
		read = r.divide
	}
	n, err := read(ctx, t, file, w)
	if err != nil {
		return err
	}
	info := t.Info()
	w.account = snapshot.FileAccount{
		Name: info.Name, Bytes: info.Bytes, SHA256: hex.EncodeToString(info.SHA256[:]), FileFormat: info.Format,
		Encoding: info.Encoding, UnknownColumns: slices.Clone(info.UnknownColumns),
		Counts: snapshot.Counts{RowsIn: n},
	}
	return nil
}

// sequence types the rows of a table and hands them out. It returns their number.
func (r *reading) sequence(ctx context.Context, t *connectors.Table, file int, w *fileWork) (n int64, err error) {
	for {
		b, err := r.room(ctx, file)
		if err != nil {
			return n, err
		}
		rec := &b.rows[b.n]
		if err = t.Next(rec); errors.Is(err, io.EOF) {
			break
		}
		n++
		bad := false
		if err != nil {
			var fault *connectors.Fault
			if !errors.As(err, &fault) {
				return n, err
			}
			if err := w.fault(file, fault); err != nil {
				return n, err
			}
			if bad = true; len(rec.IDNumber) == 0 {
				continue // nobody knows whose row it is
			}
		}
		b.bad[b.n] = bad
		b.own(r.dept.Source, rec)
		b.n++
	}
	return n, r.hand(ctx)
}

// fault writes a row to the quarantine.
func (w *fileWork) fault(file int, f *connectors.Fault) error {
	w.byCode[f.Code]++
	return w.faults.line(file, f.Row, f.Line, f.Column, f.Code, f.Excerpt)
}

// room returns a batch of this file with room for a row.
func (r *reading) room(ctx context.Context, file int) (*batch, error) {
	if r.batch != nil && r.batch.n < batchRows {
		return r.batch, nil
	}
	if err := r.hand(ctx); err != nil {
		return nil, err
	}
	if r.free == nil {
		r.free = make(chan *batch, batchesPerReader)
		for range batchesPerReader {
			r.free <- &batch{free: r.free}
		}
	}
	select {
	case r.batch = <-r.free:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	r.batch.file, r.batch.n, r.batch.arena = file, 0, r.batch.arena[:0]
	return r.batch, nil
}

// hand gives the batch to the converter.
func (r *reading) hand(ctx context.Context) error {
	if r.batch == nil {
		return nil
	}
	select {
	case r.out <- work{batch: r.batch}:
		r.batch = nil
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// own copies the text of a row, which its table is about to overwrite.
func (b *batch) own(s household.Source, r *household.Record) {
	b.keep(&r.IDNumber)
	b.keep(&r.Name)
	b.keep(&r.Country)
	b.keep(&r.Division)
	switch s {
	case household.Tax:
		b.keep(&r.Tax.RecordNo)
		b.keep(&r.Tax.PayerName)
		b.keep(&r.Tax.PayerCode)
	case household.Vehicle:
		b.keep(&r.Vehicle.VIN)
		b.keep(&r.Vehicle.Plate)
	case household.Property:
		b.keep(&r.Property.UnitCode)
		b.keep(&r.Property.CertificateNo)
		b.keep(&r.Property.Address)
	case household.Bank:
		b.keep(&r.Bank.Institution)
		b.keep(&r.Bank.AccountNo)
	case household.Insurance:
		b.keep(&r.Insurance.RecordNo)
		b.keep(&r.Insurance.EmployerName)
		b.keep(&r.Insurance.EmployerCode)
	case household.Register:
		b.keep(&r.Register.FormerNames)
		b.keep(&r.Register.FormerNumbers)
		b.keep(&r.Register.HouseholdNo)
	}
}

// keep moves a text into the arena. When the arena grows, texts before stay where
// they were.
func (b *batch) keep(text *[]byte) {
	if len(*text) == 0 {
		*text = nil
		return
	}
	at := len(b.arena)
	b.arena = append(b.arena, *text...)
	*text = b.arena[at:len(b.arena):len(b.arena)]
}
