package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// cityBatch is the batch of a city beside those at the counter.
type cityBatch struct {
	Rows     int     `json:"rows"`
	Bytes    int     `json:"bytes"`
	Submit   float64 `json:"submit_seconds"`  // until it is accepted
	Answered float64 `json:"answered_second"` // until its last row is, from then on
	Fetch    float64 `json:"fetch_seconds"`   // of the verdicts, as lines
	Book     float64 `json:"book_seconds"`    // of the same as a workbook
	Alone    *loaded `json:"alone"`
	Beside   *loaded `json:"beside"`
	Quiet    float64 `json:"quiet_seconds"` // the same batch with nobody at the counter
}

// city measures single checks alone, and while the server answers the batch of a city that
// came over HTTP.
func (d *driver) city(ctx context.Context) error {
	v, err := d.site.start(ctx, d.extra())
	if err != nil {
		return err
	}
	return errors.Join(d.cityOf(ctx, v), v.Stop())
}

func (d *driver) cityOf(ctx context.Context, v *server) (err error) {
	lines := d.site.lines[:min(len(d.site.lines), d.o.rows)]
	file := append(bytes.Join(lines, []byte("\n")), '\n')
	out := &cityBatch{Rows: len(lines), Bytes: len(file)}
	c := visitor.New(v.Base).As(d.site.people.Machine, "")
	defer c.Close()
	if out.Alone, err = d.sender.send(ctx, d.shot(v, "hedui"), v.cpu); err != nil {
		return err
	}
	d.report.add(out.Alone)

	began := time.Now()
	id, err := submit(ctx, c, d.site.on.String(), file)
	if err != nil {
		return err
	}
	out.Submit = time.Since(began).Seconds()
	done := make(chan error, 1)
	began = time.Now()
	go func() {
		err := follow(ctx, c, id, int64(len(lines)))
		out.Answered = time.Since(began).Seconds()
		done <- err
	}()
	if out.Beside, err = d.sender.send(ctx, d.shot(v, "hedui"), v.cpu); err != nil {
		return err
	}
	select {
	case err := <-done:
		if err != nil {
			return err
		}
		return fmt.Errorf("the batch was over after %.1f s, before the measurement: take a larger one or a shorter measurement", out.Answered)
	default:
	}
	out.Beside.Beside = "the batch of a city"
	d.report.add(out.Beside)
	if err := <-done; err != nil {
		return err
	}
	if out.Fetch, err = fetch(ctx, c, id, "jsonl", len(lines)); err != nil {
		return err
	}
	if out.Book, err = fetch(ctx, c, id, "xlsx", 0); err != nil {
		return err
	}
	began = time.Now()
	if id, err = submit(ctx, c, d.site.on.String(), file); err != nil {
		return err
	}
	if err := follow(ctx, c, id, int64(len(lines))); err != nil {
		return err
	}
	out.Quiet = time.Since(began).Seconds()
	d.report.City = out
	return nil
}

func submit(ctx context.Context, c *visitor.Client, on string, file []byte) (id string, err error) {
	var b struct {
		ID string `json:"id"`
	}
	_, err = c.Do(ctx, http.MethodPost, "/api/v1/batches?scheme=dibao&on="+on, file, &b)
	return b.ID, err
}

// follow asks until the batch is over, and fails unless every row was answered.
func follow(ctx context.Context, c *visitor.Client, id string, rows int64) error {
	for {
		var b struct {
			State    string `json:"state"`
			Finished int64  `json:"finished"`
			Dead     int64  `json:"set_aside"`
			Unread   int64  `json:"unread"`
		}
		if _, err := c.Do(ctx, http.MethodGet, "/api/v1/batches/"+id, nil, &b); err != nil {
			if refused, ok := errors.AsType[*visitor.StatusError](err); !ok || refused.Status != http.StatusServiceUnavailable {
				return err
			}
		}
		switch b.State {
		case "accepted", "running", "": // or too busy to say
		case "done":
			if b.Finished != rows || b.Dead+b.Unread > 0 {
				return fmt.Errorf("%d of %d rows are finished, %d set aside, %d unread", b.Finished, rows, b.Dead, b.Unread)
			}
			return nil
		default:
			return fmt.Errorf("the batch is %s", b.State)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// fetch fetches the results, and fails when they have another number of lines; 0 asks for
// none.
func fetch(ctx context.Context, c *visitor.Client, id, format string, lines int) (seconds float64, err error) {
	began := time.Now()
	r, err := c.Send(ctx, http.MethodGet, "/api/v1/batches/"+id+"/results?format="+format, nil)
	if err != nil {
		return 0, err
	}
	if n := bytes.Count(r.Body, []byte("\n")); r.Status != http.StatusOK || lines > 0 && n != lines {
		return 0, fmt.Errorf("the results as %s: %d, %d lines for %d rows", format, r.Status, n, lines)
	}
	return time.Since(began).Seconds(), nil
}

func (b *cityBatch) page(w io.Writer) {
	if b == nil {
		return
	}
	fmt.Fprintf(w, "\n## The batch of a city over HTTP\n\n%d households, %.1f MB: accepted after %.1f s, answered after %.1f s beside the checks above (%.0f a second), "+
		"after %.1f s with nobody at the counter (%.0f a second, the way there with it). Its verdicts are fetched in %.1f s as lines, in %.1f s as a workbook. "+
		"p99 of single checks meanwhile: %.2f ms, alone %.2f ms, so %.2f times.\n",
		b.Rows, float64(b.Bytes)/1e6, b.Submit, b.Answered, float64(b.Rows)/b.Answered, b.Quiet, float64(b.Rows)/b.Quiet, b.Fetch, b.Book,
		b.Beside.OK.P99, b.Alone.OK.P99, b.Beside.OK.P99/b.Alone.OK.P99)
}
