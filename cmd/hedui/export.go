package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/export"
)

// newExportCommand makes lists that leave the centre.
func newExportCommand(a *app) *cobra.Command {
	return newGroup("export", "Make lists that leave the centre, and find out whose copy one is",
		"export makes lists that leave the centre. Each copy is marked for its recipient: it says so at\nits end, and its rows stand in an order that only this recipient has.",
		newPublicNoticeCommand(a), newIdentifyCommand(a))
}

type publicNoticeOptions struct {
	data, out, places string
	query             desk.NoticeQuery
	from, to          dateFlag
}

func newPublicNoticeCommand(a *app) *cobra.Command {
	var o publicNoticeOptions
	cmd := &cobra.Command{
		Use:   "public-notice --data DIR --scheme SCHEME --from DATE --to DATE --recipient R --objects WHERE --reason TEXT --out FILE.{csv|xlsx}",
		Short: "Make a copy of a public notice (公示)",
		Long: `public-notice writes the list of a public notice for one recipient: of each household the
name of the applicant, the scheme, the number of members, and the village or community.
Nothing else of anybody can stand on it. On it are the households about which it came out in
the period that all is in order, and about which nobody decides any more.

The rows of each copy stand in an order of its own: whoever puts the notice up leaves them
so. The copy is in the audit log, and its marks are kept in the data directory.

--places names villages, communities and towns: a CSV file of code and name.
` + exitStatuses,
		Example: "  hedui export public-notice --data store --division 340104 --scheme dibao --from 2026-10-01 --to 2026-10-31 \\\n" +
			"    --recipient 三里庵街道办事处 --objects 区民政局社会救助科 --reason 10月审核确认公示 --out 公示.xlsx",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "scheme", "from", "to", "recipient", "objects", "reason", "out"); err != nil {
				return err
			}
			return runPublicNotice(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.query.Division, "division", "", "division `code` (default the account's own)")
	f.StringVar(&o.query.Scheme, "scheme", "", "`scheme` of the notice, as in dibao (required)")
	f.Var(&o.from, "from", "first `date` on which it came out (required)")
	f.Var(&o.to, "to", "last such `date` (required)")
	f.StringVar(&o.query.Recipient, "recipient", "", "`who` puts the notice up (required)")
	f.StringVar(&o.query.Objects, "objects", "", "`where` to object, for people (required)")
	f.StringVar(&o.query.Reason, "reason", "", "`text` that says why (required)")
	f.IntVar(&o.query.Days, "days", 7, "`number` of days that it is up")
	f.StringVar(&o.places, "places", "", "CSV `file` of codes and names of villages, communities and towns")
	f.StringVar(&o.out, "out", "", "`file` to write, .csv or .xlsx (required)")
	return cmd
}

// exportFormat is the format that the name of a file asks for.
func exportFormat(name string) (export.Format, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return export.CSV, nil
	case ".xlsx":
		return export.XLSX, nil
	}
	return 0, wrongUsage("name it .csv or .xlsx", "--out %q says no format", filepath.Base(name))
}

func runPublicNotice(cmd *cobra.Command, a *app, o publicNoticeOptions) (err error) {
	format, err := exportFormat(o.out)
	if err != nil {
		return err
	}
	o.query.From, o.query.To = o.from.date, o.to.date
	if o.places != "" {
		if o.query.Places, err = readPlaces(o.places); err != nil {
			return err
		}
	}
	shelf, err := a.openShelf(o.data)
	if err != nil {
		return err
	}
	d, err := a.openDeskWith(cmd.Context(), o.data, shelf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	c, err := d.owner(o.query.Division, everyScheme(), access.Approver)
	if err != nil {
		return err
	}
	n, err := d.PublicNotice(cmd.Context(), c, o.query)
	if err != nil {
		return a.refusal(err)
	}
	if err := listTo(o.out, func(w io.Writer) error { return export.WriteNotice(w, format, n.Entries, n.Foot(centreZone())) }); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "wrote %s to %s for %s\n", counted(len(n.Entries), "household"), o.out, n.Recipient)
	_, err = fmt.Fprintln(a.stdout, n.Number)
	return err
}

// readPlaces reads names of divisions by code; the first row may be titles.
func readPlaces(name string) (map[string]string, error) {
	f, err := readExport(name)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for i, row := range append([][]string{f.Titles}, f.Rows...) {
		switch {
		case len(row) == 2 && access.Significant(row[0]) != "" && row[1] != "":
			out[access.Significant(row[0])] = row[1]
		case i > 0:
			return nil, fmt.Errorf("%s row %d: want a division code and its name", filepath.Base(name), i+1)
		}
	}
	return out, nil
}

func readExport(name string) (*export.File, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	f, err := export.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return f, nil
}

// openShelf opens the marks of a data directory.
func (a *app) openShelf(data string) (*export.Shelf, error) {
	keys, err := a.keys(data)
	if err != nil {
		return nil, err
	}
	return export.OpenShelf(data, keys)
}

func newIdentifyCommand(a *app) *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "identify --data DIR FILE",
		Short: "Find out for whom a copy of a list was made",
		Long: `identify says for which recipient a list was made, from the order of its rows, also when
columns were dropped, rows deleted or the format changed. It names nobody when chance could
agree as well: a file that was sorted, or of which few rows are left, tells nothing.
` + exitStatuses + "  3  done, but nobody can be named\n",
		Example: "  hedui export identify --data store leaked.xlsx",
		Args:    exactArgs(1, "one CSV or XLSX file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return runIdentify(cmd.Context(), a, data, args[0], asJSON)
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// identifiedCopy is one line of the answer.
type identifiedCopy struct {
	Number    string `json:"number"`
	Recipient string `json:"recipient"`
	Purpose   string `json:"purpose"`
	By        string `json:"by"`
	At        string `json:"at"`
	Rows      int    `json:"rows"`
	Bits      int    `json:"bits"`
	Agree     int    `json:"agree"`
	Chance    string `json:"chance"`
}

func runIdentify(ctx context.Context, a *app, data, name string, asJSON bool) error {
	f, err := readExport(name)
	if err != nil {
		return err
	}
	shelf, err := a.openShelf(data)
	if err != nil {
		return err
	}
	got, err := shelf.Identify(ctx, f)
	if err != nil {
		return err
	}
	out := []identifiedCopy{}
	for i := range got.Named {
		out = append(out, identifiedOf(&got.Named[i]))
	}
	if err := a.noteIdentified(data, out); err != nil {
		return err
	}
	if asJSON {
		err = printJSON(a.stdout, struct {
			Named    []identifiedCopy `json:"named"`
			Compared int              `json:"compared"`
			Foot     string           `json:"foot,omitempty"`
		}{out, got.Compared, f.Foot})
	} else {
		err = printIdentified(a, got, out, f.Foot)
	}
	if err == nil && len(out) == 0 {
		return errPartial
	}
	return err
}

// noteIdentified takes down that somebody looked whose copy a file is, and whose it is.
func (a *app) noteIdentified(data string, named []identifiedCopy) error {
	log, err := a.openLog(data)
	if err != nil {
		return err
	}
	e := audit.Event{Operation: "export.identify", Outcome: audit.Done, Code: "nobody_named"}
	if len(named) > 0 {
		e.Object, e.Code = named[0].Number, ""
	}
	if a.office != nil {
		e.Who = a.office.caller.Who()
	}
	return errors.Join(log.Note(e), log.Close())
}

func identifiedOf(n *export.Finding) identifiedCopy {
	return identifiedCopy{
		n.Number, n.Recipient, n.Purpose, n.By, n.At.In(centreZone()).Format(time.DateTime), n.Rows, n.Bits, n.Agree, chanceText(n.Chance),
	}
}

func chanceText(p float64) string {
	if p < 1e-30 {
		return "below 1e-30"
	}
	return fmt.Sprintf("%.0e", p)
}

func printIdentified(a *app, got *export.Identified, named []identifiedCopy, foot string) error {
	var b strings.Builder
	for _, x := range named {
		fmt.Fprintf(&b, "%s\n  export %s, made %s by %s for: %s\n  %s of the file are of the list; at %d of %d places they stand as in this copy\n  chance agrees so well with somebody's copy: %s\n",
			x.Recipient, x.Number, x.At, x.By, x.Purpose, counted(x.Rows, "row"), x.Agree, x.Bits, x.Chance)
	}
	if len(named) == 0 {
		fmt.Fprintf(&b, "nobody can be named: %s compared", counted(got.Compared, "export"))
		if c := got.Closest; c != nil {
			fmt.Fprintf(&b, "; %s of the file are of export %s, and their order agrees at %d of %d places", counted(c.Rows, "row"), c.Number, c.Agree, c.Bits)
		}
		b.WriteString("\n")
	}
	if foot != "" {
		fmt.Fprintf(&b, "The file itself says: %s\n", foot)
	}
	_, err := io.WriteString(a.stdout, b.String())
	return err
}
