package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// How many households are checked before their pages are asked for, and how often each
// page is.
const (
	pageChecks  = 400
	pageRounds  = 3
	pageReports = 20
)

// paged is how long pages of the console take, one after the other.
type paged struct {
	Rows []pageTime `json:"rows"`
}

// pageTime is one kind of page.
type pageTime struct {
	Name  string  `json:"name"`
	Count int     `json:"count"`
	Bytes int     `json:"bytes"` // of the largest
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

func (p *paged) page(w io.Writer) {
	if p == nil {
		return
	}
	fmt.Fprint(w, "\n## Pages of the console\n\nAsked one after the other over HTTP by one reviewer, each page whole: policy, ledger, audit entry synced, words, HTML.\nThe first PDF starts the browser.\n\n| page | asked | largest | p50 ms | p99 ms | max ms |\n|---|---|---|---|---|---|\n")
	for _, r := range p.Rows {
		fmt.Fprintf(w, "| %s | %d | %d KB | %.1f | %.1f | %.1f |\n", r.Name, r.Count, r.Bytes>>10, r.P50, r.P99, r.Max)
	}
}

// pages measures the pages that a caseworker waits for.
func (d *driver) pages(ctx context.Context) error {
	v, err := d.site.start(ctx, d.extra())
	if err != nil {
		return err
	}
	return errors.Join(d.turnPages(ctx, v), v.Stop())
}

func (d *driver) turnPages(ctx context.Context, v *server) error {
	c := visitor.New(v.Base)
	defer c.Close()
	if err := d.site.people.arrive(ctx, c); err != nil {
		return err
	}
	verifier := c.As("", d.site.people.verifier)
	var verdicts, households []string
	for i, line := range d.site.lines {
		if i >= pageChecks*50 || len(verdicts) == pageChecks {
			break
		}
		if i%50 != 0 { // from all over the province
			continue
		}
		r, err := verifier.Do(ctx, http.MethodPost, "/api/v1/checks", line, nil)
		if err != nil {
			return err
		}
		if id := r.Header.Get("X-Verdict-Id"); id != "" {
			verdicts = append(verdicts, id)
			_, rest, _ := strings.Cut(string(line), `"household_id":"`)
			number, _, _ := strings.Cut(rest, `"`)
			households = append(households, number)
		}
	}
	if len(verdicts) < pageChecks/2 {
		return fmt.Errorf("only %d of the checks gave a verdict", len(verdicts))
	}
	out := &paged{}
	of := func(prefix string, ids []string) (list []string) {
		for range pageRounds {
			for _, id := range ids {
				list = append(list, prefix+id)
			}
		}
		return list
	}
	for _, kind := range []struct {
		name  string
		paths []string
	}{
		{"verdict", of("/console/verdicts/", verdicts)},
		{"household", of("/console/households/", households)},
		{"work queue", of("/console/cases", make([]string, 50))},
		{"first page", of("/console/home", make([]string, 50))},
	} {
		row := pageTime{Name: kind.name}
		var times []float64
		for _, path := range kind.paths {
			ms, size, err := turn(ctx, verifier, http.MethodGet, path)
			if err != nil {
				return err
			}
			times, row.Bytes = append(times, ms), max(row.Bytes, size)
		}
		out.Rows = append(out.Rows, row.of(times))
	}
	forms := map[string][]float64{}
	sizes := map[string]int{}
	for _, id := range verdicts[:pageReports] {
		var issued struct {
			Number string `json:"number"`
		}
		began := time.Now()
		if _, err := verifier.Do(ctx, http.MethodPost, "/api/v1/verdicts/"+id+"/reports", map[string]string{"recipient": "load test"}, &issued); err != nil {
			return err
		}
		forms["report issued"] = append(forms["report issued"], float64(time.Since(began).Microseconds())/1000)
		for _, form := range []string{"html", "pdf", "xlsx"} {
			ms, size, err := turn(ctx, verifier, http.MethodGet, "/console/reports/"+url.PathEscape(issued.Number)+"/"+form)
			if err != nil {
				return err
			}
			forms["report as "+form] = append(forms["report as "+form], ms)
			sizes["report as "+form] = max(sizes["report as "+form], size)
		}
	}
	for _, name := range []string{"report issued", "report as html", "report as pdf", "report as xlsx"} {
		row := pageTime{Name: name, Bytes: sizes[name]}
		out.Rows = append(out.Rows, row.of(forms[name]))
	}
	d.report.Pages = out
	return nil
}

// turn asks for one page and says how long it took, in milliseconds, and how large it is.
func turn(ctx context.Context, c *visitor.Client, method, path string) (ms float64, size int, err error) {
	began := time.Now()
	r, err := c.Send(ctx, method, path, nil)
	took := float64(time.Since(began).Microseconds()) / 1000
	if err == nil && r.Status != http.StatusOK {
		err = fmt.Errorf("%s is answered with %d", path, r.Status)
	}
	if err != nil {
		return 0, 0, err
	}
	return took, len(r.Body), nil
}

func (r pageTime) of(ms []float64) pageTime {
	slices.Sort(ms)
	at := func(permille int) float64 { return ms[min(len(ms)-1, len(ms)*permille/1000)] }
	r.Count, r.P50, r.P99, r.Max = len(ms), at(500), at(990), ms[len(ms)-1]
	return r
}
