package connectors

import (
	"errors"
	"io"
	"slices"
	"sync/atomic"

	"github.com/hedui/hedui/engine/household"
)

// FileInfo says what a table was found to be.
type FileInfo struct {
	Name           string
	Format         string // csv, jsonl, fixed, dbf, xlsx, parquet
	Encoding       string // utf-8 or gb18030
	Delimiter      string // of csv
	UnknownColumns []string
	SkippedSheets  []string // of a workbook: sheets whose first row names no columns of the department
	Deleted        int64    // rows marked as deleted, which DBF files keep and which are not counted
	Bytes          int64    // of the whole file as it lies on disk
	SHA256         [32]byte // of the whole file as it lies on disk; valid after the table's end
}

// Table is one table of a department's file. It is used by one goroutine;
// Progress may be called by any.
type Table struct {
	// Name is the file's base name, "a.zip/b.csv" for an entry of an archive and
	// "a.xlsx/Sheet2" for a further sheet of a workbook.
	Name string

	typer
	maxRow  int
	piece   int // bytes read at once
	rows    rows
	open    func(*Table) error       // opens rows, for a table that is opened at its first row
	raw     *rawFile                 // that the table alone is read from; nil for an entry of an archive
	digest  func() ([32]byte, error) // of the whole file, at the table's end
	enc     encoding                 // asked for
	feed    bool                     // its rows come one by one
	mapping *Mapping

	progress *atomic.Int64 // bytes read of total
	total    int64
	info     FileInfo
	count    int64
	err      error
	closers  []io.Closer
}

// Next reads the next row into rec, whose text is borrowed until the next call.
// It returns nil; a *Fault for a row that must be quarantined, in which case
// IDType, IDNumber and Name are set as far as they were readable; io.EOF at the
// table's end; or the error that ends the table.
func (t *Table) Next(rec *household.Record) error {
	if err := t.ready(); err != nil {
		return err
	}
	if err := t.rows.next(&t.row); err != nil {
		t.err = t.finish(err)
		return t.err
	}
	t.count++
	if t.row.number > 0 {
		t.count = t.row.number
	}
	return t.record(rec, t.count)
}

// ready opens the rows of a table that is opened at its first one.
func (t *Table) ready() error {
	if t.rows == nil && t.err == nil {
		t.err = t.open(t)
	}
	return t.err
}

// finish turns the end of the rows into that of the table.
func (t *Table) finish(err error) error {
	if !errors.Is(err, io.EOF) {
		return t.wrap(err)
	}
	sum, err := t.digest()
	if err != nil {
		return &FileError{File: t.Name, err: err}
	}
	t.info.SHA256 = sum
	return io.EOF
}

// Progress is how far into the file the table is, in bytes of the file on disk.
func (t *Table) Progress() (done, total int64) {
	return t.progress.Load(), t.total
}

// Info says what the table was found to be.
func (t *Table) Info() FileInfo {
	i := t.info
	if i.Encoding == "" {
		i.Encoding = encUTF8.String()
	}
	if e, ok := t.rows.(interface{ encoding() encoding }); ok {
		i.Encoding = e.encoding().String()
	}
	if e, ok := t.rows.(interface{ unknownColumns() []string }); ok {
		i.UnknownColumns = e.unknownColumns()
	}
	if e, ok := t.rows.(interface{ deleted() int64 }); ok {
		i.Deleted = e.deleted()
	}
	return i
}

// Close releases the table. It may be called at any time, and more than once.
func (t *Table) Close() error {
	err := t.release()
	if t.err == nil {
		t.err = errClosed
	}
	return err
}

// release gives back what an open table holds. Its information stays.
func (t *Table) release() error {
	var errs []error
	if t.rows != nil {
		t.info = t.Info()
		errs = append(errs, t.rows.Close())
		t.rows = nil
	}
	for _, v := range slices.Backward(t.closers) {
		errs = append(errs, v.Close())
	}
	t.closers = nil
	return errors.Join(errs...)
}

var errClosed = errors.New("the table is closed")

// unpacker closes a decompressor, whose error was told when it was read.
type unpacker struct{ io.Closer }

func (u unpacker) Close() error {
	_ = u.Closer.Close()
	return nil
}
