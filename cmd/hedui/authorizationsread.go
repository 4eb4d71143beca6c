package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// counterDesk is a desk for a command, with its audit log.
type counterDesk struct {
	*desk.Desk

	office *office
	log    *audit.Log
}

// openDesk opens a desk in which nobody is verified: whatever else is done with the ledger.
func (a *app) openDesk(ctx context.Context, data string) (*counterDesk, error) {
	return a.openDeskWith(ctx, data, nil)
}

// openDeskWith is openDesk for lists that leave, with the shelf for their marks.
func (a *app) openDeskWith(ctx context.Context, data string, shelf desk.Shelf) (*counterDesk, error) {
	of, err := a.openOffice(ctx, data)
	if err != nil {
		return nil, err
	}
	st, err := store.OpenDir(data)
	if err != nil {
		return nil, err
	}
	pack, err := rules.Load(anyPack)
	if err != nil {
		return nil, err
	}
	log, err := a.openLog(data)
	if err != nil {
		return nil, err
	}
	d, err := desk.New(desk.Options{Store: st, Ledger: of.ledger, Audit: log, Packs: map[string]*rules.Pack{"dibao": pack}, Now: time.Now, Location: centreZone(), Exports: shelf})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return &counterDesk{d, of, log}, nil
}

// anyPack is a pack for a desk that judges nothing.
const anyPack = "reference"

func (d *counterDesk) close() error { return errors.Join(d.Close(), d.log.Close()) }

// caller is who acts. Where there are no accounts it is whoever the machine belongs to,
// who reaches the one authorisation that is meant.
func (d *counterDesk) caller(ctx context.Context, number string) (desk.Caller, error) {
	c := d.office.caller
	if !d.office.unjudged {
		return c, nil
	}
	c.Person, c.Roles, c.Classes = c.Account, access.RolesOf(access.Intake, access.Verifier), access.AllClasses()
	row, err := d.office.ledger.Get(ctx, ledger.KindAuthorization, number)
	if err != nil {
		if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) || errors.Is(err, ledger.ErrInvalid) {
			return c, nil // the desk says so
		}
		return c, err
	}
	held, err := authorization.Decode(row.Body)
	if err != nil {
		return c, err
	}
	c.Division, c.Purposes = held.Division, held.Purposes
	return c, nil
}

type authorizationsListOptions struct {
	data, household, division, cursor string
	limit                             int
	asJSON                            bool
}

func newAuthorizationsListCommand(a *app) *cobra.Command {
	var o authorizationsListOptions
	cmd := &cobra.Command{
		Use:   "list --data DIR {--household NUMBER | --division CODE}",
		Short: "List registered authorisations",
		Long: `list shows the authorisations of a household, newest first, or those registered in a
division and below it: their numbers and days, nothing of anybody on them.
` + exitStatuses,
		Example: "  hedui authorizations list --data store --household 340104-000123\n  hedui authorizations list --data store --division 340104",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if (o.household == "") == (o.division == "") {
				return wrongUsage("one of them says which", "want --household or --division")
			}
			return runAuthorizationsList(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.household, "household", "", "`number` of the household")
	f.StringVar(&o.division, "division", "", "division `code`, as in 340104")
	f.IntVar(&o.limit, "limit", ledger.DefaultPage, "show at most this `number`")
	f.StringVar(&o.cursor, "after", "", "`place` where the page before ended")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// listedAuthorization is one line of a list.
type listedAuthorization struct {
	Number    string `json:"number"`
	Household string `json:"household"`
	Division  string `json:"division"`
	From      string `json:"valid_from"`
	To        string `json:"valid_to"`
	Withdrawn bool   `json:"withdrawn"`
	Version   int    `json:"version"`
}

func runAuthorizationsList(cmd *cobra.Command, a *app, o authorizationsListOptions) (err error) {
	d, err := a.openDesk(cmd.Context(), o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	list, next, err := d.list(cmd.Context(), o)
	if err != nil {
		return a.refusal(err)
	}
	if o.asJSON {
		return printJSON(a.stdout, struct {
			Items []listedAuthorization `json:"items"`
			Next  string                `json:"next,omitempty"`
		}{list, next})
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stderr, "there are none, or none that the account may know of")
		return nil
	}
	w := newTable()
	w.AppendHeader(table.Row{"number", "household", "division", "from", "to", "state"})
	for _, x := range list {
		state := "stands"
		if x.Withdrawn {
			state = "withdrawn"
		}
		w.AppendRow(table.Row{x.Number, x.Household, x.Division, x.From, x.To, state})
	}
	if next != "" {
		fmt.Fprintln(a.stderr, "there are more: --after", next)
	}
	_, err = fmt.Fprintln(a.stdout, w.Render())
	return err
}

// list asks the desk, or where there are no accounts the ledger.
func (d *counterDesk) list(ctx context.Context, o authorizationsListOptions) (out []listedAuthorization, next string, err error) {
	out = []listedAuthorization{}
	if !d.office.unjudged {
		list, next, err := d.Authorizations(ctx, d.office.caller, desk.AuthorizationQuery{Household: o.household, Division: o.division, Cursor: o.cursor, Limit: o.limit})
		for _, x := range list {
			out = append(out, listedAuthorization{x.Number, x.Household, x.Division, x.From.String(), x.To.String(), x.Withdrawn != nil, int(x.Version)})
		}
		return out, next, err
	}
	q := ledger.AuthorizationsOf(o.household)
	if o.household == "" {
		q = ledger.AuthorizationsIn(access.Significant(o.division))
	}
	q.Cursor, q.Limit = o.cursor, o.limit
	page, next, err := ledger.List[ledger.Authorization](ctx, d.office.ledger, q)
	if err != nil {
		return nil, "", err
	}
	e := audit.Event{Who: d.office.caller.Who(), Operation: access.AuthorizationSearch.String(), Outcome: audit.Done}
	for _, x := range page {
		out = append(out, listedAuthorization{x.Number, x.Household, x.Division, x.From.String(), x.To.String(), x.Withdrawn, int(x.Version)})
		e.Subjects = append(e.Subjects, audit.Subject{Household: x.Household, Authorization: x.Number})
	}
	return out, next, d.log.Note(e)
}

func newAuthorizationsShowCommand(a *app) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "show --data DIR NUMBER",
		Short: "Show one authorisation, numbers and names masked",
		Long: `show prints what an authorisation allows, whom it covers and who signed. Numbers of
documents and names are masked.
` + exitStatuses,
		Example: "  hedui authorizations show --data store SQ340104-000123",
		Args:    exactArgs(1, "the number of one authorisation"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			d, err := a.openDesk(cmd.Context(), data)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, d.close()) }()
			c, err := d.caller(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			held, _, err := d.Authorization(cmd.Context(), c, args[0])
			if err != nil {
				return a.refusal(err)
			}
			return printAuthorization(a.stdout, held)
		},
	}
	dataFlag(cmd, &data)
	return cmd
}

// printAuthorization prints an authorisation. Numbers and names mask themselves.
func printAuthorization(w io.Writer, x *authorization.Authorization) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Authorisation %s\nHousehold %s\nDivision %s\n", x.Number, x.Household, x.Division)
	fmt.Fprintf(&b, "Days %s to %s\nPurposes %s\n", x.From, x.To, strings.Join(x.Purposes, ", "))
	var classes []string
	for s := household.Tax; s < household.NumSources; s++ {
		if x.Classes[s] {
			classes = append(classes, s.String())
		}
	}
	fmt.Fprintf(&b, "Data classes %s\nScan %s\n", strings.Join(classes, ", "), x.ScanDigest)
	fmt.Fprintf(&b, "Registered by %s, %s, version %d\n", x.RegisteredBy, x.RegisteredAt.In(centreZone()).Format(time.DateTime), x.Version)
	if x.Withdrawn != nil {
		fmt.Fprintf(&b, "WITHDRAWN by %s, %s\n", x.Withdrawn.By, x.Withdrawn.At.In(centreZone()).Format(time.DateTime))
	}
	t := newTable()
	t.AppendHeader(table.Row{"member", "name", "document", "signed", "guardian", "left"})
	for i := range x.Members {
		m := &x.Members[i]
		signed, guardian, left := day(m.Signature.On), "", day(m.Left)
		if m.Guardian != nil {
			guardian = m.Guardian.Name.String() + " " + m.Guardian.Document.String()
			if signed == "" {
				signed = day(m.Guardian.Signature.On)
			}
		}
		t.AppendRow(table.Row{strconv.Itoa(i + 1), m.Name.String(), m.Document.String(), signed, guardian, left})
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n", b.String(), t.Render())
	return err
}

// day is a date, or nothing.
func day(d household.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func newAuthorizationsWithdrawCommand(a *app) *cobra.Command {
	var data, reason string
	cmd := &cobra.Command{
		Use:   "withdraw --data DIR --reason TEXT NUMBER",
		Short: "Record that a household took its authorisation back",
		Long: `withdraw ends an authorisation. From the moment it returns nobody is looked at under it,
also in a batch that is under way; its open cases end. A second withdrawal changes
nothing.
` + exitStatuses,
		Example: "  hedui authorizations withdraw --data store --reason 申请人书面撤回 SQ340104-000123",
		Args:    exactArgs(1, "the number of one authorisation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data", "reason"); err != nil {
				return err
			}
			return a.change(cmd, data, args[0], func(ctx context.Context, d *counterDesk, c desk.Caller) (string, error) {
				_, err := d.WithdrawAuthorization(ctx, c, args[0], reason)
				return "withdrawn: " + args[0], err
			})
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().StringVar(&reason, "reason", "", "`text` that says why (required)")
	return cmd
}

// change changes an authorisation and says so.
func (a *app) change(cmd *cobra.Command, data, number string, f func(context.Context, *counterDesk, desk.Caller) (string, error)) (err error) {
	d, err := a.openDesk(cmd.Context(), data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	c, err := d.caller(cmd.Context(), number)
	if err != nil {
		return err
	}
	said, err := f(cmd.Context(), d, c)
	if err != nil {
		return a.refusal(err)
	}
	fmt.Fprintln(a.stderr, said)
	return nil
}

type amendOptions struct {
	data, reason, idType, signature string
	left, signed                    dateFlag
}

func newAuthorizationsAmendCommand(a *app) *cobra.Command {
	var o amendOptions
	cmd := &cobra.Command{
		Use:   "amend --data DIR --reason TEXT {--left DATE | --signed DATE --signature PLACE} NUMBER <DOCUMENT",
		Short: "Record that a member left or signed",
		Long: `amend records that a member is no longer of the household from a day on, or has signed
for themselves, as a child who turned 18. The number of the member's document is read
from standard input, so that it stands in no list of processes and no history.
` + exitStatuses,
		Example: "  hedui authorizations amend --data store --reason 离婚 --left 2026-06-30 SQ340104-000123 <document.txt",
		Args:    exactArgs(1, "the number of one authorisation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data", "reason"); err != nil {
				return err
			}
			if (o.left.date == 0) == (o.signed.date == 0) || (o.signed.date != 0) != (o.signature != "") {
				return wrongUsage("usage: "+cmd.UseLine(), "want --left, or --signed with --signature")
			}
			return runAmend(cmd, a, o, args[0])
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.reason, "reason", "", "`text` that says why (required)")
	f.StringVar(&o.idType, "id-type", "resident_id", "`type` of the member's document")
	f.Var(&o.left, "left", "first `date` on which the member is no longer of the household")
	f.Var(&o.signed, "signed", "`date` of the member's own signature")
	f.StringVar(&o.signature, "signature", "", "`place` of the signature on the paper")
	return cmd
}

func runAmend(cmd *cobra.Command, a *app, o amendOptions, number string) error {
	kind, ok := household.DocumentTypes.Find(o.idType)
	if !ok {
		return wrongUsage("as in resident_id or passport", "--id-type %q is not a type of document", o.idType)
	}
	text, err := io.ReadAll(io.LimitReader(a.stdin, 256))
	if err != nil {
		return err
	}
	t, document := household.DocumentType(kind), household.IDNumber(strings.TrimSpace(string(text)))
	return a.change(cmd, o.data, number, func(ctx context.Context, d *counterDesk, c desk.Caller) (string, error) {
		if o.left.date != 0 {
			_, err := d.MemberLeft(ctx, c, number, t, document, o.left.date, o.reason)
			return "a member left: " + number, err
		}
		_, err := d.MemberSigned(ctx, c, number, t, document, authorization.Signature{Ref: o.signature, On: o.signed.date}, o.reason)
		return "a member signed: " + number, err
	})
}
