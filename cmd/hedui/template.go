package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/enrol"
	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/household"
)

// newTemplateCommand writes an empty request for people to fill in.
func newTemplateCommand(a *app) *cobra.Command {
	var out string
	var example bool
	cmd := &cobra.Command{
		Use:   "template --out FILE.xlsx [--example]",
		Short: "Write an XLSX form with the fields of a request",
		Long: `template writes a workbook with the fields of a request for people: one row for each
household, member, attribute, obligor and expense, each on a sheet of its own, and a
sheet that says what the columns mean. Amounts are in yuan; cells with a fixed list of
values offer it. What is left empty counts as not known. With --example it shows two
households of nobody, which have to be deleted. hedui requests convert reads it when it
is filled in.
` + exitStatuses,
		Example: "  hedui template --out requests.xlsx\n  hedui template --example --out example.xlsx",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "out"); err != nil {
				return err
			}
			if err := writeBook(out, func(w io.Writer) error { return form.WriteTemplate(w, example) }); err != nil {
				return err
			}
			fmt.Fprintln(a.stderr, "wrote", out)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`file` to write, ending in .xlsx (required)")
	cmd.Flags().BoolVar(&example, "example", false, "fill in two households of nobody")
	cmd.AddCommand(newTemplateAuthorizationsCommand(a))
	return cmd
}

// newTemplateAuthorizationsCommand writes an empty list of authorisations.
func newTemplateAuthorizationsCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "authorizations --out FILE.xlsx",
		Short: "Write an XLSX form for a list of authorisations",
		Long: `authorizations writes a workbook with the columns that hedui authorizations register
reads: a row for each person, those of one authorisation together. What is said of the
authorisation stands on its first row.
` + exitStatuses,
		Example: "  hedui template authorizations --out authorizations.xlsx",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "out"); err != nil {
				return err
			}
			sheet := form.Sheet{Name: "authorizations 授权书"}
			for _, c := range enrol.Columns() {
				sheet.Columns = append(sheet.Columns, form.Column{Name: c.Name, Zh: c.Zh, Help: household.Text{En: c.Doc}, Values: c.Codes, Offered: len(c.Codes) > 0, Required: c.Required})
			}
			if err := writeBook(out, func(w io.Writer) error { return form.WriteSheets(w, []form.Sheet{sheet}) }); err != nil {
				return err
			}
			fmt.Fprintln(a.stderr, "wrote", out)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`file` to write, ending in .xlsx (required)")
	return cmd
}

// writeBook writes a workbook to a file. It has to end in .xlsx, or no spreadsheet opens it.
func writeBook(path string, write func(io.Writer) error) error {
	if !hasExtension(path, ".xlsx") {
		return wrongUsage("as in --out requests.xlsx", "--out %s does not end in .xlsx", path)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(b.Bytes())
	return errors.Join(err, f.Close())
}
