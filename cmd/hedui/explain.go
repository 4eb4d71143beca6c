package main

import (
	"bytes"
	"errors"

	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/rules"
)

// explainCheck prints what a verdict says.
func explainCheck(a *app, o checkOptions, d *looking, r *household.Request, v *household.Verdict) error {
	cold, err := openColdText(a, o, r)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	err = explain.Write(&page, explain.Input{
		Verdict: v, Request: r, Texts: rules.Texts{Pack: d.pack}, Lang: a.language, Reveal: o.reveal, Cold: cold.of,
		LinkTexts: identity.Words{},
	})
	if err = errors.Join(err, cold.close()); err != nil {
		return err
	}
	_, err = a.stdout.Write(page.Bytes())
	return err
}

// coldText reads the text of records from the snapshots that a verdict names.
type coldText struct {
	dir      *snapshot.Dir
	request  *household.Request
	reveal   bool
	language string
	open     map[string]*snapshot.Snapshot
	err      error // the first of of
}

func openColdText(a *app, o checkOptions, r *household.Request) (*coldText, error) {
	dir, err := a.openSnapshots(o.data)
	if err != nil {
		return nil, err
	}
	return &coldText{dir: dir, request: r, reveal: o.reveal, language: a.language, open: map[string]*snapshot.Snapshot{}}, nil
}

// of returns the text of one record. An error is kept for close: an answer that
// lacks a part must not be printed.
func (c *coldText) of(e household.Evidence) []explain.Pair {
	if c.err != nil || e.Member < 1 || e.Member > len(c.request.Members) {
		return nil
	}
	s := c.open[e.Snapshot]
	if s == nil {
		if s, c.err = c.dir.Open(e.Snapshot); c.err != nil {
			return nil
		}
		c.open[e.Snapshot] = s
	}
	var columns []snapshot.Text
	if columns, _, c.err = s.Cold(e.Key, e.File, e.Row); c.err != nil {
		return nil
	}
	var pairs []explain.Pair
	for _, column := range columns {
		if c.reveal || impersonal(column.Column) {
			pairs = append(pairs, explain.Pair{Key: c.columnName(e.Source, column.Column.String()), Value: column.Value})
		}
	}
	return pairs
}

// impersonal says which texts of a record are shown without --reveal: who paid, not
// who was paid or where they live.
func impersonal(c snapshot.Column) bool {
	return c == snapshot.PayerName || c == snapshot.EmployerName
}

// columnName is a column in the language.
func (c *coldText) columnName(source household.Source, name string) string {
	if d := departments.Of(source); d != nil && c.language == chinese {
		for _, column := range d.Columns {
			if column.Name == name {
				return column.Zh
			}
		}
	}
	return name
}

// close gives the snapshots back and returns the first error of reading them.
func (c *coldText) close() error {
	err := c.err
	for _, s := range c.open {
		err = errors.Join(err, s.Close())
	}
	return err
}
