package batch

import (
	"bufio"
	"errors"
	"io"
)

// maxLine is the longest line taken for a request, in bytes. A longer one is
// answered like any other line that is no request.
const maxLine = 1 << 20

// lineReader hands out the lines of a batch with their byte counts.
type lineReader struct {
	r      *bufio.Reader
	offset int64 // bytes consumed
	line   int64 // lines consumed
}

func newLineReader(r io.Reader, offset, line int64) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 1<<20), offset: offset, line: line}
}

// next appends one line without its end to slab. A line over maxLine is consumed
// whole and appended as nothing. io.EOF comes after the last line.
func (l *lineReader) next(slab []byte) ([]byte, error) {
	start := len(slab)
	seen, long := 0, false
	for {
		part, err := l.r.ReadSlice('\n')
		l.offset += int64(len(part))
		seen += len(part)
		if !long {
			slab = append(slab, part...)
			if len(slab)-start > maxLine {
				slab, long = slab[:start], true
			}
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			if seen == 0 {
				return slab, io.EOF
			}
		case err != nil:
			return slab[:start], err
		}
		break
	}
	l.line++
	for len(slab) > start && (slab[len(slab)-1] == '\n' || slab[len(slab)-1] == '\r') {
		slab = slab[:len(slab)-1]
	}
	if l.line == 1 && len(slab)-start >= 3 && string(slab[start:start+3]) == "\ufeff" {
		slab = append(slab[:start], slab[start+3:]...)
	}
	return slab, nil
}
