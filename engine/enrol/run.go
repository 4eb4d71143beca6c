package enrol

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
)

// Account says what became of a list.
type Account struct {
	RowsIn     int64            `json:"rows_in"` // authorisations, not lines
	Registered int64            `json:"registered"`
	Duplicates int64            `json:"duplicates"`
	Refused    int64            `json:"refused"`
	ByCode     map[string]int64 `json:"refused_by_code"`
}

// Options of Run.
type Options struct {
	Source   Source
	Enroller *desk.Enroller
	// Refusals gets a line for every field of what is refused: line, code, field, what to
	// do. Nil writes none.
	Refusals io.Writer
	Progress func(done int64) // may be nil
}

// part is a part of a list on its way.
type part struct {
	rows     []*Row
	index    []int // of the rows that could be read
	enrols   *desk.Enrolling
	err      error         // of preparing it
	prepared chan struct{} // closed when it is
}

// ahead is how many parts are prepared while one is committed.
const ahead = 2

// Run registers what a source hands out. While a part is committed the next are read and
// judged. With an error the account says how far it came: the same list may come again.
func Run(ctx context.Context, o Options) (Account, error) {
	account := Account{ByCode: map[string]int64{}}
	refusals := csv.NewWriter(io.Discard)
	if o.Refusals != nil {
		refusals = csv.NewWriter(o.Refusals)
	}
	_ = refusals.Write([]string{"line", "code", "field", "do"}) // Error says what went wrong
	ctx, cancel := context.WithCancel(ctx)
	parts, ended := make(chan *part, ahead), make(chan error, 1)
	go func() {
		defer close(parts)
		ended <- read(ctx, o, parts)
	}()
	defer func() {
		cancel()
		for p := range parts { // what is on its way is nobody's
			<-p.prepared
		}
	}()
	for p := range parts {
		if <-p.prepared; p.err != nil {
			return account, p.err
		}
		done, err := o.Enroller.Commit(ctx, p.enrols)
		if err != nil {
			return account, err
		}
		account.take(p, done, refusals)
		if o.Progress != nil {
			o.Progress(account.RowsIn)
		}
	}
	refusals.Flush()
	if err := errors.Join(<-ended, refusals.Error()); err != nil {
		return account, err
	}
	if account.RowsIn != account.Registered+account.Duplicates+account.Refused {
		return account, fmt.Errorf("internal: %d authorisations read, %d accounted for", account.RowsIn, account.Registered+account.Duplicates+account.Refused)
	}
	return account, nil
}

// read cuts a list into parts and begins to judge them.
func read(ctx context.Context, o Options, parts chan<- *part) error {
	for more := true; more; {
		p := &part{prepared: make(chan struct{})}
		for len(p.rows) < desk.EnrolAtOnce {
			row, err := o.Source.Next()
			if errors.Is(err, io.EOF) {
				more = false
				break
			}
			if err != nil {
				return err
			}
			p.rows = append(p.rows, row)
		}
		if len(p.rows) == 0 {
			return nil
		}
		var list []authorization.Authorization
		for i, row := range p.rows {
			if len(row.Faults) == 0 {
				p.index = append(p.index, i)
				list = append(list, row.Authorization)
			}
		}
		go func() {
			defer close(p.prepared)
			p.enrols, p.err = o.Enroller.Prepare(list)
		}()
		select {
		case parts <- p:
		case <-ctx.Done():
			<-p.prepared
			return ctx.Err()
		}
	}
	return nil
}

// take counts what became of a part and writes down what was refused.
func (a *Account) take(p *part, done []desk.Enrolled, refusals *csv.Writer) {
	a.RowsIn += int64(len(p.rows))
	next := 0
	for i, row := range p.rows {
		refused := desk.Enrolled{State: desk.NotEnrolled, Code: desk.InvalidField, Fields: row.Faults}
		if next < len(p.index) && p.index[next] == i {
			refused = done[next]
			next++
		}
		switch refused.State {
		case desk.Registered:
			a.Registered++
			continue
		case desk.Duplicate:
			a.Duplicates++
			continue
		}
		a.Refused++
		a.ByCode[string(refused.Code)]++
		fields := refused.Fields
		if len(fields) == 0 {
			fields = []string{""}
		}
		for _, f := range fields {
			field, do, _ := strings.Cut(f, ": ")
			_ = refusals.Write([]string{strconv.FormatInt(row.Line, 10), string(refused.Code), field, do})
		}
	}
}
