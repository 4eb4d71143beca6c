package export

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// byteOrderMark makes spreadsheets read the file as UTF-8.
const byteOrderMark = "\ufeff"

// csvWriter writes RFC 4180. encoding/csv is not used: with lines that end in CR LF it
// drops lone carriage returns and turns line feeds inside a text into CR LF, and its reader
// turns them back, so that a text does not come back as it was.
type csvWriter struct {
	w       *bufio.Writer
	columns []Column
}

func newCSV(w io.Writer, t Table) (*csvWriter, error) {
	c := &csvWriter{bufio.NewWriter(w), t.Columns}
	_, _ = c.w.WriteString(byteOrderMark) // an error stays
	titles := make([]string, len(t.Columns))
	for i := range t.Columns {
		titles[i] = Guard(clean(t.Columns[i].Title))
	}
	return c, c.line(titles)
}

// Row implements Writer.
func (c *csvWriter) Row(cells []Cell) error {
	if err := fits(c.columns, cells); err != nil {
		return err
	}
	texts := make([]string, len(cells))
	for i := range cells {
		if texts[i] = cells[i].Plain(); cells[i].kind == Text {
			texts[i] = Guard(texts[i])
		}
	}
	return c.line(texts)
}

// Finish implements Writer: the foot is one more line, whose first cell holds it.
func (c *csvWriter) Finish(foot []string) error {
	if len(foot) > 0 {
		texts := make([]string, len(c.columns))
		texts[0] = footText(foot)
		if err := c.line(texts); err != nil {
			return err
		}
	}
	return c.w.Flush()
}

// footText is a foot in one cell, on one line.
func footText(foot []string) string {
	return clean(strings.Join(strings.Fields(strings.Join(foot, "；")), " "))
}

func (c *csvWriter) line(texts []string) error {
	for i, s := range texts {
		if i > 0 {
			_ = c.w.WriteByte(',')
		}
		// A line of one empty cell would be an empty line, which readers leave out.
		if strings.ContainsAny(s, ",;\"\r\n\t") || strings.TrimSpace(s) != s || s == "" && len(texts) == 1 {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		_, _ = c.w.WriteString(s)
	}
	_, err := c.w.WriteString("\r\n")
	return err
}

// errQuotes is of text that is no CSV.
var errQuotes = errors.New("quotes that don't match")

// readCSV reads records as they were written. It takes lines that end in LF, and cells of
// which only some are quoted; comma is the byte between cells.
func readCSV(s string, comma byte) ([][]string, error) {
	var out [][]string
	for s != "" {
		var record []string
		for more := true; more; {
			var cell string
			var err error
			if cell, s, more, err = readCell(s, comma); err != nil {
				return nil, err
			}
			record = append(record, cell)
		}
		if len(record) == 1 && record[0] == "" && len(out) > 0 && len(out[0]) > 1 {
			continue // an empty line
		}
		out = append(out, record)
	}
	return out, nil
}

// readCell reads one cell; more says that the line goes on.
func readCell(s string, comma byte) (cell, rest string, more bool, err error) {
	if !strings.HasPrefix(s, `"`) {
		n := 0
		for n < len(s) && s[n] != comma && s[n] != '\r' && s[n] != '\n' {
			n++
		}
		cell, s = s[:n], s[n:]
	} else {
		var b strings.Builder
		for s = s[1:]; ; {
			n := strings.IndexByte(s, '"')
			if n < 0 {
				return "", "", false, errQuotes
			}
			b.WriteString(s[:n])
			if s = s[n+1:]; !strings.HasPrefix(s, `"`) {
				break
			}
			b.WriteByte('"')
			s = s[1:]
		}
		cell = b.String()
	}
	switch {
	case s == "":
		return cell, "", false, nil
	case s[0] == comma:
		return cell, s[1:], true, nil
	case strings.HasPrefix(s, "\r\n"):
		return cell, s[2:], false, nil
	case s[0] == '\n' || s[0] == '\r':
		return cell, s[1:], false, nil
	}
	return "", "", false, errQuotes
}
