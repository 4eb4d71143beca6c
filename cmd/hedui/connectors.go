package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/household"
)

// newConnectorsCommand lists the departments and their columns.
func newConnectorsCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "connectors [SOURCE…]",
		Short: "List the departments whose files can be read, with columns and codes",
		Long: `connectors lists, for each source, the columns its files have, in the order in
which faults are reported, with their Chinese names, types and code lists. A
header may use either name; a code may be written in English or in Chinese.

Files are CSV, TSV or semicolon text, XLSX, fixed width, DBF, Parquet or JSON
lines, plain, gzip or zip, in UTF-8 or GB18030; which of them is found out. A file
with other headers or codes is read with hedui ingest --mapping.
` + exitStatuses,
		Example: `  hedui connectors
  hedui connectors bank
  hedui connectors --json`,
		RunE: func(_ *cobra.Command, args []string) error { return runConnectors(a, args, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func runConnectors(a *app, args []string, asJSON bool) error {
	list := departments.All()
	if len(args) > 0 {
		list = nil
		for _, arg := range args {
			s, ok := household.ParseSource(arg)
			if !ok {
				return wrongUsage("hedui connectors lists them all", "%q is %w", arg, errNotASource)
			}
			list = append(list, departments.Of(s))
		}
	}
	if asJSON {
		return printJSON(a.stdout, describe(list))
	}
	for i, d := range list {
		if i > 0 {
			if _, err := fmt.Fprintln(a.stdout); err != nil {
				return err
			}
		}
		if err := printDepartment(a.stdout, d); err != nil {
			return err
		}
	}
	return nil
}

func printDepartment(out io.Writer, d *connectors.Department) error {
	title := d.Source.String() + " " + household.Sources.At(uint8(d.Source)).Zh
	if d.Source.IsFlow() {
		title += " (flows of months: ingest needs --covers)"
	}
	w := newTable()
	w.AppendHeader(table.Row{"column", "名称", "type", "", "meaning"})
	for i, c := range d.Columns {
		w.AppendRow(table.Row{"  " + c.Name, c.Zh, kindName(c.Kind), need(d, i), c.Doc})
	}
	if _, err := fmt.Fprintf(out, "%s\n%s\n", title, w.Render()); err != nil {
		return err
	}
	for _, c := range d.Columns {
		if c.Kind != connectors.KindCode {
			continue
		}
		var codes []string
		for _, code := range c.Codes[1:] {
			codes = append(codes, code.Name+" "+code.Zh)
		}
		if _, err := fmt.Fprintf(out, "  %s: %s\n", c.Name, strings.Join(codes, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// need says whether a file can do without a column.
func need(d *connectors.Department, i int) string {
	switch {
	case slices.Contains(d.Either, i):
		return "one of these"
	case d.Columns[i].Required && d.Columns[i].MayBeEmpty:
		return "required, may be empty"
	case d.Columns[i].Required:
		return "required"
	default:
		return ""
	}
}

// kindName is the type of a column as people say it.
func kindName(k connectors.Kind) string {
	switch k {
	case connectors.KindText, connectors.KindNote:
		return "text"
	case connectors.KindAmount:
		return "yuan"
	case connectors.KindDate:
		return "date"
	case connectors.KindMonth:
		return "month"
	case connectors.KindPeriod:
		return "month or year"
	case connectors.KindCode:
		return "code"
	case connectors.KindShare:
		return "share"
	case connectors.KindArea:
		return "m²"
	default:
		return fmt.Sprintf("kind %d", k)
	}
}

// The JSON form of hedui connectors.
type (
	connectorList struct {
		Connectors []connectorEntry `json:"connectors"`
	}
	connectorEntry struct {
		Source  string           `json:"source"`
		Zh      string           `json:"zh"`
		Flow    bool             `json:"flow"` // its files need --covers
		OneOf   []string         `json:"one_of,omitempty"`
		Columns []connectorField `json:"columns"`
	}
	connectorField struct {
		Name       string          `json:"name"`
		Zh         string          `json:"zh"`
		Aliases    []string        `json:"aliases,omitempty"`
		Type       string          `json:"type"`
		Required   bool            `json:"required"`
		MayBeEmpty bool            `json:"may_be_empty"`
		Doc        string          `json:"doc"`
		Codes      []connectorCode `json:"codes,omitempty"`
	}
	connectorCode struct {
		Name string `json:"name"`
		Zh   string `json:"zh"`
	}
)

// describe is the JSON form of departments.
func describe(list []*connectors.Department) connectorList {
	var out connectorList
	for _, d := range list {
		e := connectorEntry{Source: d.Source.String(), Zh: household.Sources.At(uint8(d.Source)).Zh, Flow: d.Source.IsFlow()}
		for _, i := range d.Either {
			e.OneOf = append(e.OneOf, d.Columns[i].Name)
		}
		for _, c := range d.Columns {
			f := connectorField{
				Name: c.Name, Zh: c.Zh, Aliases: c.Aliases, Type: kindName(c.Kind),
				Required: c.Required, MayBeEmpty: !c.Required || c.MayBeEmpty, Doc: c.Doc,
			}
			if c.Kind == connectors.KindCode {
				for _, code := range c.Codes[1:] {
					f.Codes = append(f.Codes, connectorCode{code.Name, code.Zh})
				}
			}
			e.Columns = append(e.Columns, f)
		}
		out.Connectors = append(out.Connectors, e)
	}
	return out
}
