package enrol

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine is the longest line taken for an authorisation, in bytes.
const maxLine = 1 << 20

// jsonLines is a list with one JSON object a line.
type jsonLines struct{ lines lines }

// JSONLines reads a list of one JSON object a line, with the fields of
// POST /api/v1/authorizations. Empty lines are passed over.
func JSONLines(r io.Reader) Source { return &jsonLines{newLines(r)} }

// Next implements Source.
func (j *jsonLines) Next() (*Row, error) {
	for {
		line, n, err := j.lines.next()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			continue
		}
		return parseLine(line, n), nil
	}
}

// parseLine reads one line. What JSON says is wrong may quote the line, so none of it is
// passed on.
func parseLine(line []byte, n int64) *Row {
	var f form
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if d.Decode(&f) != nil {
		return &Row{Line: n, Faults: []string{"line: one JSON object with the fields of an authorisation and no others"}}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &Row{Line: n, Faults: []string{"line: one JSON object and nothing behind it"}}
	}
	return f.read(n)
}

// lines hands out the lines of a list.
type lines struct {
	s *bufio.Scanner
	n int64
}

func newLines(r io.Reader) lines {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	return lines{s: s}
}

// next is the next line without blanks around it. It is valid until the next call.
func (l *lines) next() ([]byte, int64, error) {
	if !l.s.Scan() {
		if err := l.s.Err(); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", l.n+1, err)
		}
		return nil, 0, io.EOF
	}
	l.n++
	line := l.s.Bytes()
	if l.n == 1 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")) // some editors put it there
	}
	return bytes.TrimSpace(line), l.n, nil
}
