package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// newCasesCommand shows what people have to decide.
func newCasesCommand(a *app) *cobra.Command {
	return newGroup("cases", "See the cases that people decide",
		"cases shows the households whose outcome a person has to look at. Deciding them is done\nin the review, where the evidence is opened.",
		newCasesListCommand(a), newCasesShowCommand(a))
}

type casesListOptions struct {
	data, division, state, cursor string
	limit                         int
	asJSON                        bool
}

func newCasesListCommand(a *app) *cobra.Command {
	var o casesListOptions
	cmd := &cobra.Command{
		Use:   "list --data DIR [--division CODE] [--state STATE]",
		Short: "List cases, the most severe first",
		Long: `list shows the queue of cases of a division and below it in one state, the most severe
first, of equal ones the oldest.
` + exitStatuses,
		Example: "  hedui cases list --data store --division 340104\n  hedui cases list --data store --division 34 --state disputed",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if !slices.Contains(review.States(), review.State(o.state)) {
				return wrongUsage(fmt.Sprintf("one of %v", review.States()), "--state %q is no state of a case", o.state)
			}
			return runCasesList(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.division, "division", "", "division `code` (default the account's own)")
	f.StringVar(&o.state, "state", string(review.Proposed), "`state` of the cases")
	f.IntVar(&o.limit, "limit", ledger.DefaultPage, "show at most this `number`")
	f.StringVar(&o.cursor, "after", "", "`place` where the page before ended")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// owner is who acts where there are no accounts: whoever the machine belongs to, with the
// roles of those who would do it, in a division.
func (d *counterDesk) owner(division string, purposes []string, roles ...access.Role) (desk.Caller, error) {
	c := d.office.caller
	if !d.office.unjudged {
		return c, nil
	}
	if access.Significant(division) == "" {
		return c, wrongUsage("2 digits are a province, 4 a city, 6 a county", "--division is missing: there are no accounts that say whose")
	}
	c.Person, c.Roles, c.Classes, c.Division, c.Purposes = c.Account, access.RolesOf(roles...), access.AllClasses(), division, purposes
	return c, nil
}

// everyScheme are the schemes that cases are of where no account says which.
func everyScheme() []string {
	return []string{"dibao", "dibao_edge", "tekun", "rigid_expenditure", "medical", "temporary", "housing", "education", "employment"}
}

// listedCase is one line of a list.
type listedCase struct {
	ID        string `json:"id"`
	Household string `json:"household"`
	Scheme    string `json:"scheme"`
	Division  string `json:"division"`
	Outcome   string `json:"outcome"`
	State     string `json:"state"`
	Since     string `json:"since"`
	Verdict   string `json:"verdict"`
}

func listed(c *desk.Case) listedCase {
	return listedCase{c.ID, c.Household, c.Scheme, c.Division, c.Outcome.String(), string(c.State), c.Since.In(centreZone()).Format(time.RFC3339), c.Verdict}
}

func runCasesList(cmd *cobra.Command, a *app, o casesListOptions) (err error) {
	d, err := a.openDesk(cmd.Context(), o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	c, err := d.owner(o.division, everyScheme(), access.Reviewer)
	if err != nil {
		return err
	}
	list, next, err := d.Cases(cmd.Context(), c, desk.CaseQuery{Division: o.division, State: review.State(o.state), Cursor: o.cursor, Limit: o.limit})
	if err != nil {
		return a.refusal(err)
	}
	out := []listedCase{}
	w := newTable()
	w.AppendHeader(table.Row{"case", "household", "scheme", "division", "outcome", "since"})
	for _, x := range list {
		l := listed(x)
		out = append(out, l)
		w.AppendRow(table.Row{l.ID, l.Household, l.Scheme, l.Division, l.Outcome, l.Since})
	}
	if o.asJSON {
		return printJSON(a.stdout, struct {
			Items []listedCase `json:"items"`
			Next  string       `json:"next,omitempty"`
		}{out, next})
	}
	if next != "" {
		fmt.Fprintln(a.stderr, "there are more: --after", next)
	}
	if len(out) == 0 {
		fmt.Fprintln(a.stderr, "there are none, or none that the account may know of")
		return nil
	}
	_, err = fmt.Fprintln(a.stdout, w.Render())
	return err
}

func newCasesShowCommand(a *app) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "show --data DIR CASE",
		Short: "Show one case and its history",
		Long: `show prints where a case stands, what it rests on by number of evidence, its objections
and who did what. The evidence itself is opened in the review.
` + exitStatuses,
		Example: "  hedui cases show --data store 0f1e2d3c-4b5a6978-8796a5b4-c3d2e1f0",
		Args:    exactArgs(1, "the id of one case"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			d, err := a.openDesk(cmd.Context(), data)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, d.close()) }()
			c, err := d.caseOwner(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			x, err := d.Case(cmd.Context(), c, args[0])
			if err != nil {
				return a.refusal(err)
			}
			return printCase(a.stdout, x)
		},
	}
	dataFlag(cmd, &data)
	return cmd
}

// caseOwner is who sees one case where there are no accounts.
func (d *counterDesk) caseOwner(ctx context.Context, id string) (desk.Caller, error) {
	if !d.office.unjudged {
		return d.office.caller, nil
	}
	division := "00"
	if e, err := ledger.Get[ledger.Case](ctx, d.office.ledger, id); err == nil {
		division = e.Division
	} else if !errors.Is(err, ledger.ErrNotFound) && !errors.Is(err, ledger.ErrErased) && !errors.Is(err, ledger.ErrInvalid) {
		return desk.Caller{}, err
	}
	c := d.office.caller
	c.Person, c.Roles, c.Classes, c.Division, c.Purposes = c.Account, access.RolesOf(access.Reviewer), access.AllClasses(), division, everyScheme()
	return c, nil
}

func printCase(w io.Writer, x *desk.Case) error {
	var b strings.Builder
	l := listed(x)
	fmt.Fprintf(&b, "Case %s\nHousehold %s, scheme %s, division %s\nAuthorisation %s\nOutcome %s, verdict %s\nState %s, since %s\n",
		l.ID, l.Household, l.Scheme, l.Division, x.Authorization, l.Outcome, l.Verdict, l.State, l.Since)
	for _, r := range x.Records {
		if r.Bears {
			fmt.Fprintf(&b, "Rests on evidence %d\n", r.Number)
		}
	}
	for _, o := range x.Objections {
		fmt.Fprintf(&b, "Objection %s, %s, filed %s\n", o.ID, o.State, o.Filed.In(centreZone()).Format(time.DateTime))
	}
	for _, h := range x.History {
		fmt.Fprintf(&b, "%s  %s  %s  to %s\n", h.At.In(centreZone()).Format(time.DateTime), h.Actor.Account, h.Kind, h.To)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// newCorrectionsCommand hands departments what they must put right.
func newCorrectionsCommand(a *app) *cobra.Command {
	return newGroup("corrections", "Export records that departments must put right (疑义数据)",
		"corrections works with the tickets that upheld objections make: where a record lies in\nwhat a department delivered, and why it is wrong. They say nothing of the household.",
		newCorrectionsExportCommand(a))
}

type correctionsOptions struct {
	data, department, division, out string
	again                           bool
}

func newCorrectionsExportCommand(a *app) *cobra.Command {
	var o correctionsOptions
	cmd := &cobra.Command{
		Use:   "export --data DIR --department NAME --out FILE",
		Short: "Write a department's tickets into a file and mark them as sent",
		Long: `export writes the open tickets of a department into a CSV file: snapshot, its date, file
and row of what it delivered, and the reason. They are marked as sent when the file is on
the disk; with --again those that were sent before are written once more.
` + exitStatuses,
		Example: "  hedui corrections export --data store --department bank --out bank-corrections.csv",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "department", "out"); err != nil {
				return err
			}
			return runCorrectionsExport(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.department, "department", "", "`name` of the department or provider, as in bank (required)")
	f.StringVar(&o.out, "out", "", "`file` to write (required)")
	f.StringVar(&o.division, "division", "", "division `code` where there are no accounts that say whose")
	f.BoolVar(&o.again, "again", false, "write those that were sent before once more")
	return cmd
}

func runCorrectionsExport(cmd *cobra.Command, a *app, o correctionsOptions) (err error) {
	ctx := cmd.Context()
	d, err := a.openDesk(ctx, o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	c, err := d.owner(o.division, everyScheme(), access.DataSteward)
	if err != nil {
		return err
	}
	var all []desk.Correction
	q := desk.CorrectionQuery{Department: o.department, Sent: o.again, Limit: ledger.MaxPage}
	for {
		page, next, err := d.Corrections(ctx, c, q)
		if err != nil {
			return a.refusal(err)
		}
		all = append(all, page...)
		if q.Cursor = next; next == "" {
			break
		}
	}
	if len(all) == 0 {
		fmt.Fprintln(a.stderr, "there are none for", o.department)
		return nil
	}
	if err := listTo(o.out, func(w io.Writer) error { return writeCorrections(w, all) }); err != nil {
		return err
	}
	if !o.again {
		var ids []string
		for _, x := range all {
			ids = append(ids, x.ID)
		}
		for part := range slices.Chunk(ids, ledger.MaxPage) {
			if _, err := d.SendCorrections(ctx, c, part); err != nil {
				return a.refusal(err)
			}
		}
	}
	fmt.Fprintf(a.stderr, "wrote %s to %s\n", counted(len(all), "ticket"), o.out)
	return nil
}

func writeCorrections(w io.Writer, all []desk.Correction) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"ticket", "source", "snapshot", "as_of", "file", "row", "reason"}); err != nil {
		return err
	}
	for _, x := range all {
		err := out.Write([]string{x.ID, x.SourceName, x.Snapshot, x.AsOf, strconv.Itoa(x.File), strconv.FormatInt(x.Row, 10), export.Guard(x.Reason)})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
