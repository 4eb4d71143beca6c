package export

import (
	"bufio"
	"errors"
	"io"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// BatchCover is what stands on the front of the results of a batch.
type BatchCover struct {
	Batch      string // its id
	Sender     string // who submitted it
	Division   string // of the sender
	Scheme     string
	Name       string // of what was submitted
	Channel    string // how it came
	On         household.Date
	Generation string
	Rules      household.PackRef
	Accepted   time.Time
	Done       time.Time
}

// BatchResult is the answer to one row of a batch.
type BatchResult struct {
	Row       int64  // of the batch, from 1
	Sheet     string // where it begins in the file that was submitted
	At        int64
	Household string
	Division  string
	Verdict   string // its number in the ledger; "" for a refusal
	Case      string // "" when nobody has to look at it
	// Line is the verdict as hedui verify writes it. Empty when the row could not be asked;
	// Problems say why then.
	Line     []byte
	Problems []BatchProblem
	Members  []household.Name // as they were declared, where they are known
}

// BatchProblem is one thing for which a row was refused.
type BatchProblem struct {
	Sheet  string
	Row    int64
	Column string
	Code   string
	Text   string // what it means and what to do
}

// BatchOptions say how the results of a batch are written.
type BatchOptions struct {
	Format Format
	Cover  BatchCover
	Slip   Slip // for whom
	Key    Key
	Where  *time.Location // in which times are told
	// Masks say how names and amounts are shown. They are not looked at for JSONL, which is
	// for those to whom everything may be shown.
	Masks access.Masks
	// Titles are what findings are called, by their codes; nil or "" leaves the code.
	Titles func(code string) string
	Temp   string // where pieces of a large workbook are kept meanwhile; "" where the system does
}

// BatchBook writes the results of a batch, row by row, in memory that does not grow with
// them but for the marks: a few bytes a row. Add the rows in the order of the batch, then
// Close. What it writes may leave the centre only when Marks are kept.
//
// JSONL is the lines as they are, each row one line: byte for byte what hedui verify writes,
// so that nothing in it says for whom it was made. CSV is one table. XLSX has a cover, a
// sheet of results, one of refusals and one that counts by county. The rows of the table
// stand in the order of the recipient's copy; each has its number in the batch.
type BatchBook struct {
	o      BatchOptions
	lines  *bufio.Writer // of JSONL
	sheets *batchSheets  // of the others
	marker *Marker
	counts batchCounts
	last   int64
	failed error
}

// NewBatchBook begins the results of a batch.
func NewBatchBook(w io.Writer, o BatchOptions) (*BatchBook, error) {
	if o.Where == nil {
		return nil, errors.New("say where times are told")
	}
	b := &BatchBook{o: o, counts: batchCounts{}}
	var out Writer
	var err error
	switch o.Format {
	case JSONL:
		b.lines = bufio.NewWriterSize(w, 64<<10)
		return b, nil
	case CSV:
		out, err = newCSV(w, Table{Columns: b.columns(true)})
	case XLSX:
		b.sheets, err = newBatchSheets(w, b)
		out = b.sheets
	default:
		err = errors.New("unknown format")
	}
	if err != nil {
		return nil, err
	}
	b.marker = NewMarker(out, o.Key, o.Slip, o.Where)
	return b, nil
}

// Add takes the answer to the next row.
func (b *BatchBook) Add(r *BatchResult) error {
	if b.failed == nil {
		b.failed = b.add(r)
	}
	return b.failed
}

// errOrder says that rows don't come in the order of the batch.
var errOrder = errors.New("the rows of a batch come in its order, each once")

func (b *BatchBook) add(r *BatchResult) error {
	if r.Row <= b.last {
		return errOrder
	}
	b.last = r.Row
	v, err := b.verdict(r)
	if err != nil {
		return err
	}
	if b.lines != nil {
		line := r.Line
		if len(line) == 0 {
			line = v.AppendJSON(nil)
		}
		_, _ = b.lines.Write(line) // an error stays
		return b.lines.WriteByte('\n')
	}
	b.counts.add(r.Division, v.Outcome)
	problems := b.problems(r, v)
	switch {
	case b.sheets == nil:
		return b.marker.Row(b.row(r, v, problems, true))
	case v.Outcome == household.Refused:
		return b.sheets.refuse(r, problems)
	}
	return b.marker.Row(b.row(r, v, nil, false))
}

// verdict is what a row's line says, or the refusal that it is without one.
func (b *BatchBook) verdict(r *BatchResult) (*household.Verdict, error) {
	if len(r.Line) > 0 {
		if b.lines != nil {
			return nil, nil //nolint:nilnil // nobody looks into it
		}
		return household.ParseVerdict(r.Line)
	}
	v := &household.Verdict{HouseholdID: r.Household, Scheme: b.o.Cover.Scheme, On: b.o.Cover.On, Outcome: household.Refused}
	if v.HouseholdID == "" {
		v.Line = r.Row
	}
	seen := map[string]bool{}
	for _, p := range r.Problems {
		if !seen[p.Code] {
			v.Findings = append(v.Findings, household.Finding{Code: p.Code, Effect: household.Refused})
		}
		seen[p.Code] = true
	}
	if v.Findings == nil {
		return nil, errors.New("a row without a verdict needs a reason")
	}
	return v, nil
}

// problems are why a row was refused: those that are told, or what its verdict says.
func (b *BatchBook) problems(r *BatchResult, v *household.Verdict) []BatchProblem {
	if v.Outcome != household.Refused || len(r.Problems) > 0 {
		return r.Problems
	}
	var out []BatchProblem
	for i := range v.Findings {
		code := v.Findings[i].Code
		title, clear := explain.RefusalTitle(code, explain.Zh)
		if b.o.Titles != nil && title == "" {
			title = b.o.Titles(code)
		}
		if clear != "" {
			title += "。" + clear
		}
		out = append(out, BatchProblem{Sheet: r.Sheet, Row: r.At, Code: code, Text: title})
	}
	return out
}

// Close ends the file. It does not close what it is written to.
func (b *BatchBook) Close() error {
	switch {
	case b.lines != nil:
		return errors.Join(b.failed, b.lines.Flush())
	case b.failed != nil && b.sheets != nil:
		return errors.Join(b.failed, b.sheets.book.drop())
	case b.failed != nil:
		return b.failed
	}
	return b.marker.Finish(b.cover())
}

// Marks are those of the copy; of JSONL they say for whom it was made and nothing else.
func (b *BatchBook) Marks() *Marks {
	if b.marker == nil {
		return NewMarks(b.o.Slip)
	}
	return b.marker.Marks()
}
