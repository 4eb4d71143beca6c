package filing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/submission"
)

// errEnough ends the reading of a file whose rows nobody wants any more.
var errEnough = errors.New("no more rows are wanted")

// Rows are the rows of a file of so many bytes as they come, numbered from 1. An error that
// is a form.Problem refuses the file whole. between is called between some rows, by whoever
// gives way to others; nil is nobody.
func Rows(ctx context.Context, r io.ReaderAt, size int64, o form.Options, between func(context.Context) error) iter.Seq2[submission.Coming, error] {
	return func(yield func(submission.Coming, error) bool) {
		n := int64(0)
		_, err := form.ReadBatch(r, size, o, func(row form.BatchRow) error {
			if err := giveWay(ctx, n, between); err != nil {
				return err
			}
			n++
			if !yield(coming(n, &row), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(submission.Coming{}, err)
		}
	}
}

// someRows is how many rows are written or read before others may go first: some
// milliseconds of work.
const someRows = 32

func giveWay(ctx context.Context, n int64, between func(context.Context) error) error {
	if between == nil || n%someRows != 0 {
		return ctx.Err()
	}
	return between(ctx)
}

// mostProblems is how many things are said of one row.
const mostProblems = 20

func coming(n int64, row *form.BatchRow) submission.Coming {
	c := submission.Coming{Number: n, Line: row.Line}
	if !row.Refused() {
		return c
	}
	for i := range row.Problems {
		if i == mostProblems {
			break
		}
		p := &row.Problems[i]
		u := submission.Unread{Code: string(p.Code), Place: place(p), Text: p.Do()}
		if c.Unread == nil {
			u.Household, u.Region = row.Household, row.Region
			c.Unread = &u
		} else {
			c.Unread.Also = append(c.Unread.Also, u)
		}
	}
	return c
}

// place is where something stands, as the headings of the form say it: members 成员!7!证件号码
// id_number. None of the form's names has an exclamation mark.
func place(p *form.Problem) string {
	return fmt.Sprintf("%s!%d!%s", p.Sheet, p.Row, strings.TrimSpace(p.Label().Zh+" "+p.Column))
}

// placed is the reverse of place; what is none is the sheet.
func placed(place string) (sheet string, row int64, column string) {
	parts := strings.Split(place, "!")
	if len(parts) != 3 {
		return place, 0, ""
	}
	if _, err := fmt.Sscan(parts[1], &row); err != nil {
		return place, 0, ""
	}
	return parts[0], row, parts[2]
}
