package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// csvForm is how CSV files are written, as far as it is given.
type csvForm struct {
	encoding, delimiter string
	lazyQuotes          bool
}

func (f *csvForm) declare(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.encoding, "encoding", "auto", "`encoding` of the files: auto, utf-8, gb18030, utf-16 or latin1")
	flags.StringVar(&f.delimiter, "delimiter", "auto", "`character` between cells: auto, or one of , ; | tab")
	flags.BoolVar(&f.lazyQuotes, "lazy-quotes", false, "take a quote inside a cell as it stands")
}

// csvFile is an open CSV file behind its header.
type csvFile struct {
	name   string
	header []string
	file   *os.File
	csv    *csv.Reader
}

func (c *csvFile) close() { _ = c.file.Close() }

func openCSV(path string, form csvForm) (*csvFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	c := &csvFile{name: filepath.Base(path), file: file}
	if err := c.begin(form); err != nil {
		file.Close()
		return nil, err
	}
	return c, nil
}

func (c *csvFile) begin(form csvForm) error {
	enc, err := c.encoding(form.encoding)
	if err != nil {
		return err
	}
	text := bufio.NewReaderSize(c.file, 1<<20)
	if enc != nil {
		text = bufio.NewReaderSize(transform.NewReader(text, enc.NewDecoder()), 1<<20)
	}
	if head, _ := text.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = text.Discard(3)
	}
	c.csv = csv.NewReader(text)
	if c.csv.Comma, err = delimiter(text, form.delimiter); err != nil {
		return err
	}
	// A tab is white space: trimming it would eat empty cells.
	c.csv.TrimLeadingSpace = c.csv.Comma != '\t'
	c.csv.LazyQuotes = form.lazyQuotes
	c.csv.FieldsPerRecord = -1
	if c.header, err = c.csv.Read(); errors.Is(err, io.EOF) {
		return withHint(fmt.Errorf("%s is empty", c.name), "the first line names the columns")
	}
	if err != nil {
		return c.placed(err)
	}
	for i, h := range c.header {
		c.header[i] = strings.TrimSpace(h)
	}
	return nil
}

// encoding is the encoding to decode with, nil for UTF-8.
func (c *csvFile) encoding(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "utf-8", "utf8":
		return nil, nil
	case "gb18030", "gbk", "gb2312":
		return simplifiedchinese.GB18030, nil
	case "latin1", "iso-8859-1":
		return charmap.ISO8859_1, nil
	case "utf-16", "utf16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "auto", "":
	default:
		return nil, wrongUsage("one of auto, utf-8, gb18030, utf-16, latin1", "unknown encoding %q", name)
	}
	found, err := c.look()
	if err != nil {
		return nil, err
	}
	_, err = c.file.Seek(0, io.SeekStart)
	return found, err
}

// look reads the file once: UTF-16 has a mark, and what is not UTF-8 from end to end
// must be GB18030 from end to end.
func (c *csvFile) look() (encoding.Encoding, error) {
	r := bufio.NewReaderSize(c.file, 1<<20)
	head, _ := r.Peek(2)
	if bytes.Equal(head, []byte("\xff\xfe")) || bytes.Equal(head, []byte("\xfe\xff")) {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	}
	whole, err := valid(r, false)
	if err != nil || whole {
		return nil, err
	}
	if _, err := c.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	decoded := transform.NewReader(c.file, simplifiedchinese.GB18030.NewDecoder())
	if whole, err = valid(decoded, true); err == nil && !whole {
		err = withHint(fmt.Errorf("%s is neither UTF-8 nor GB18030 throughout", c.name), "give --encoding: gb18030 shows what can't be read as �, latin1 is for western files")
	}
	return simplifiedchinese.GB18030, err
}

// valid reports whether a text is UTF-8 and, when it was decoded from something
// else, without the character that stands for what could not be read.
func valid(r io.Reader, decoded bool) (bool, error) {
	buf := make([]byte, 1<<20)
	rest := 0
	for {
		n, err := r.Read(buf[rest:])
		text := buf[:rest+n]
		// The last character may be cut: it waits for the next piece.
		cut := len(text)
		for k := 1; k < utf8.UTFMax && k <= len(text) && err == nil; k++ {
			if utf8.RuneStart(text[len(text)-k]) {
				if !utf8.FullRune(text[len(text)-k:]) {
					cut = len(text) - k
				}
				break
			}
		}
		if !utf8.Valid(text[:cut]) || decoded && bytes.Contains(text[:cut], []byte(string(utf8.RuneError))) {
			return false, nil
		}
		rest = copy(buf, text[cut:])
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// delimiters are what may stand between cells, the likeliest first.
const delimiters = ",;\t|"

// delimiter is what is given, or what stands most often in the first line outside
// quotes.
func delimiter(text *bufio.Reader, given string) (rune, error) {
	switch {
	case given == "tab" || given == `\t`:
		return '\t', nil
	case len(given) == 1 && strings.Contains(delimiters, given):
		return rune(given[0]), nil
	case given != "auto" && given != "":
		return 0, wrongUsage("one of auto , ; | tab", "unknown delimiter %q", given)
	}
	head, _ := text.Peek(64 << 10)
	var counts [256]int
	quoted := false
	for _, b := range head {
		if b == '"' {
			quoted = !quoted
		}
		if b == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[b]++
		}
	}
	best := delimiters[0]
	for i := range len(delimiters) {
		if counts[delimiters[i]] > counts[best] {
			best = delimiters[i]
		}
	}
	return rune(best), nil
}

// placed says where in the file an error is.
func (c *csvFile) placed(err error) error {
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		err = fmt.Errorf("%s:%d:%d: %w", c.name, p.Line, p.Column, p.Err)
		if errors.Is(p.Err, csv.ErrQuote) || errors.Is(p.Err, csv.ErrBareQuote) {
			return withHint(err, "double a quote inside a quoted cell, or give --lazy-quotes")
		}
		return err
	}
	return fmt.Errorf("read %s: %w", c.name, err)
}

// row is the next row with its line, io.EOF at the end.
func (c *csvFile) row() ([]string, int, error) {
	row, err := c.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, 0, io.EOF
	}
	if err != nil {
		return nil, 0, c.placed(err)
	}
	line, _ := c.csv.FieldPos(0)
	if len(row) != len(c.header) {
		return nil, line, withHint(fmt.Errorf("%s:%d: %s, the header has %d", c.name, line, counted(len(row), "cell"), len(c.header)),
			"a cell with a delimiter in it needs quotes; --delimiter says what stands between cells")
	}
	return row, line, nil
}

// slab is the next rows, none at the end.
func (c *csvFile) slab(most int) ([][]string, error) {
	rows := make([][]string, 0, most)
	for len(rows) < most {
		row, _, err := c.row()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// find is where columns stand.
func (c *csvFile) find(names []string) ([]int, error) {
	at := make([]int, len(names))
	for i, name := range names {
		at[i] = slices.Index(c.header, name)
		if at[i] < 0 {
			return nil, withHint(fmt.Errorf("%s has no column %q", c.name, name), "it has "+strings.Join(c.header, ", "))
		}
		if slices.Contains(c.header[at[i]+1:], name) {
			return nil, withHint(fmt.Errorf("%s has several columns %q", c.name, name), "rename one in the file's first line")
		}
	}
	return at, nil
}

// clean is a cell without white space about it, that keeps nothing else of its line
// in memory.
func clean(cell string) string { return strings.Clone(strings.TrimSpace(cell)) }
