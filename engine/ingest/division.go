package ingest

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// piece is a run of rows of one table on its way through a converter, and what was
// found in it.
type piece struct {
	connectors.Piece
	of     *division
	number int // from 0, in the order of the table
	byCode [connectors.NumCodes]int64
	faults []byte // lines of the quarantine file
}

func (p *piece) fault(f *connectors.Fault) {
	p.byCode[f.Code]++
	p.faults = appendLine(p.faults, p.of.file, f.Row, f.Line, f.Column, f.Code, f.Excerpt)
}

// pool holds the pieces that are not in use. There are only so many, so a table
// is never cut further ahead of its earliest unfinished piece than they reach.
type pool chan *piece

func newPool(pieces int) pool {
	p := make(pool, pieces)
	for range pieces {
		p <- &piece{}
	}
	return p
}

// division is a table that is converted in pieces by several goroutines. It puts
// their faults back into the order of the table.
type division struct {
	file  int // ordinal from 1
	table *connectors.Table
	pool  pool

	mu   sync.Mutex // guards what follows
	work *fileWork
	next int // piece whose faults come next
	done map[int]*piece
}

// divide cuts a table and hands its pieces out. It returns the number of rows.
func (r *reading) divide(ctx context.Context, t *connectors.Table, file int, w *fileWork) (rows int64, err error) {
	d := &division{file: file, table: t, pool: r.pool, work: w, done: map[int]*piece{}}
	for number := 0; ; number++ {
		var p *piece
		select {
		case p = <-r.pool:
		case <-ctx.Done():
			return rows, context.Cause(ctx)
		}
		if err := t.Cut(&p.Piece); err != nil {
			r.pool <- p
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return rows, err
		}
		p.of, p.number = d, number
		rows += p.Rows()
		select {
		case r.out <- work{piece: p}:
		case <-ctx.Done():
			return rows, context.Cause(ctx)
		}
	}
}

// settle takes a piece that was converted, in any order.
func (d *division) settle(p *piece) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done[p.number] = p
	for {
		p := d.done[d.next]
		if p == nil {
			return nil
		}
		delete(d.done, d.next)
		d.next++
		for code, n := range p.byCode {
			d.work.byCode[code] += n
		}
		if err := d.work.faults.lines(p.faults); err != nil {
			return err
		}
		p.byCode, p.faults = [connectors.NumCodes]int64{}, p.faults[:0]
		d.pool <- p // there is room for all there are
	}
}

// lines appends lines of the quarantine file.
func (s *spool) lines(b []byte) error {
	s.buf = append(s.buf, b...)
	if len(s.buf) > spoolTarget {
		return s.flush()
	}
	return nil
}

// piece converts the rows of a piece.
func (p *converter) piece(ctx context.Context, x *piece) error {
	if p.division != x.of {
		p.division, p.reader = x.of, x.of.table.Reader()
	}
	p.file = x.of.file
	p.reader.Reset(&x.Piece)
	for {
		err := p.reader.Next(&p.row)
		if err == nil {
			err = p.record(ctx, &p.row)
		} else if errors.Is(err, io.EOF) {
			break
		} else if fault, ok := errors.AsType[*connectors.Fault](err); ok {
			x.fault(fault)
			err = p.markIfGiven(ctx, &p.row)
		}
		if err != nil {
			return err
		}
	}
	return x.of.settle(x)
}

// markIfGiven marks the person of a quarantined row, if it says whose it is.
func (p *converter) markIfGiven(ctx context.Context, rec *household.Record) error {
	if len(rec.IDNumber) == 0 {
		return nil
	}
	return p.mark(ctx, rec)
}
