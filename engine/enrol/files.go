package enrol

import (
	"bufio"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/emmansun/gmsm/sm3"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// ErrFormat is returned for a file whose name ends in nothing that is known.
var ErrFormat = errors.New("a list of authorisations ends in .jsonl, .csv or .xlsx")

// File is an open list.
type File struct {
	Source

	closers []io.Closer
}

// Close ends the reading.
func (f *File) Close() error {
	var err error
	for _, c := range f.closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

// Open opens a list of authorisations by the end of its name.
func Open(path string) (*File, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jsonl", ".json":
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		return &File{JSONLines(f), []io.Closer{f}}, nil
	case ".csv":
		return openCSV(path)
	case ".xlsx":
		return openWorkbook(path)
	}
	return nil, fmt.Errorf("%s: %w", path, ErrFormat)
}

// OpenRequests opens a batch of requests, of whose claims authorisations are made.
func OpenRequests(path string) (file *File, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	h := sm3.New()
	if _, err = io.Copy(h, f); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &File{Requests(f, hex.EncodeToString(h.Sum(nil))), []io.Closer{f}}, nil
}

// sample is how much of a text tells its encoding.
const sample = 64 << 10

func openCSV(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	source, err := CSV(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return &File{source, []io.Closer{f}}, nil
}

// CSV reads a table as comma-separated text, in UTF-8 or GB18030.
func CSV(r io.Reader) (Source, error) {
	b := bufio.NewReaderSize(r, sample)
	head, err := b.Peek(sample)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if i := strings.LastIndexByte(string(head), '\n'); i >= 0 {
		head = head[:i] // a character may be cut in the last line
	}
	var text io.Reader = b
	if !utf8.Valid(head) {
		text = simplifiedchinese.GB18030.NewDecoder().Reader(b)
	}
	c := csv.NewReader(text)
	c.FieldsPerRecord, c.ReuseRecord, c.LazyQuotes = -1, true, true
	return Table(csvRows{c})
}

type csvRows struct{ r *csv.Reader }

// Read implements Rows. The text of an error of CSV is a place and no content.
func (c csvRows) Read() ([]string, int64, error) {
	row, err := c.r.Read()
	if err != nil {
		return nil, 0, err
	}
	line, _ := c.r.FieldPos(0)
	return row, int64(line), nil
}

// Limits of workbooks: what a small file may unpack to.
const (
	maxWorkbook = 4 << 30
	maxInMemory = 64 << 20
)

func openWorkbook(path string) (file *File, err error) {
	w, err := excelize.OpenFile(path, excelize.Options{UnzipSizeLimit: maxWorkbook, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		return nil, fmt.Errorf("%s: the workbook can't be read: %w", path, err)
	}
	rows, err := w.Rows(w.GetSheetName(0))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: the workbook can't be read: %w", path, err), w.Close())
	}
	f := &File{closers: []io.Closer{rows, w}}
	if f.Source, err = Table(&sheetRows{rows: rows}); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return f, nil
}

type sheetRows struct {
	rows *excelize.Rows
	line int64
}

// Read implements Rows.
func (s *sheetRows) Read() ([]string, int64, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return nil, 0, err
		}
		return nil, 0, io.EOF
	}
	s.line++
	cells, err := s.rows.Columns()
	return cells, s.line, err
}
