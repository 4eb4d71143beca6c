package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/enrol"
)

// newAuthorizationsCommand holds what is done with registered authorisations.
func newAuthorizationsCommand(a *app) *cobra.Command {
	return newGroup("authorizations", "Register, show and withdraw authorisations (授权书)",
		"authorizations works with the register of what households allow. From the first one\nthat is registered on, check and verify look at no household whose authorisation is not.",
		newAuthorizationsRegisterCommand(a), newAuthorizationsListCommand(a), newAuthorizationsShowCommand(a),
		newAuthorizationsWithdrawCommand(a), newAuthorizationsAmendCommand(a))
}

type registerOptions struct {
	data, fromBatch, refused string
	asJSON                   bool
}

func newAuthorizationsRegisterCommand(a *app) *cobra.Command {
	var o registerOptions
	cmd := &cobra.Command{
		Use:   "register --data DIR {FILE.jsonl|FILE.csv|FILE.xlsx | --from-batch BATCH.jsonl}",
		Short: "Register a list of authorisations",
		Long: `register takes down a list of authorisations: JSON with the fields of
POST /api/v1/authorizations on each line, or a table with a row for each person, as
hedui template authorizations makes one. Each is registered, a duplicate (registered
before, with the same content) or refused; what is refused is named by line, code and
field in the file --refused, without content. The same list may come again: what was
registered stays.

With --from-batch they are made of what the requests of a batch claim of their own
authorisations, for moving to registered ones. There is no scan then: the digest is that
of the batch, and signatures refer to its lines.
` + exitStatuses + "  3  done, but authorisations were refused\n",
		Example: `  hedui authorizations register --data store authorizations.xlsx
  hedui authorizations register --data store --refused refused.csv authorizations.jsonl
  hedui authorizations register --data store --from-batch batch.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if (len(args) == 1) == (o.fromBatch != "") {
				return wrongUsage("usage: "+cmd.UseLine(), "want one list, a file or --from-batch")
			}
			path := o.fromBatch
			if path == "" {
				path = args[0]
			}
			return runAuthorizationsRegister(cmd, a, o, path)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.fromBatch, "from-batch", "", "`file` of requests whose claims become registered authorisations")
	f.StringVar(&o.refused, "refused", "", "`file` of what is refused (default the list's name with .refused.csv)")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

func runAuthorizationsRegister(cmd *cobra.Command, a *app, o registerOptions, path string) (err error) {
	open := enrol.Open
	if o.fromBatch != "" {
		open = enrol.OpenRequests
	}
	list, err := open(path)
	if err != nil {
		if errors.Is(err, enrol.ErrHeader) {
			err = withHint(err, "hedui template authorizations --out FILE.xlsx writes a table with every column")
		}
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	of, err := a.openOffice(cmd.Context(), o.data)
	if err != nil {
		return err
	}
	log, err := a.openLog(o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	e, err := desk.NewEnroller(desk.EnrolOptions{Ledger: of.ledger, Audit: log, Now: time.Now, Caller: of.caller, Unjudged: of.unjudged})
	if err != nil {
		return a.refusal(err)
	}
	if o.refused == "" {
		o.refused = path + ".refused.csv"
	}
	refused, err := os.OpenFile(o.refused, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	t := a.track("register", "authorizations")
	account, err := enrol.Run(cmd.Context(), enrol.Options{Source: list, Enroller: e, Refusals: refused, Progress: func(n int64) { t.update(n, 0) }})
	t.stop()
	if err = errors.Join(err, refused.Close()); err != nil {
		return withHint(err, "the same list again goes on: what is registered stays, as a duplicate")
	}
	if account.Refused == 0 {
		_ = os.Remove(o.refused)
		o.refused = ""
	}
	if err := printEnrolled(a, o, account); err != nil {
		return err
	}
	if account.Refused > 0 {
		return errPartial
	}
	return nil
}

func printEnrolled(a *app, o registerOptions, c enrol.Account) error {
	if o.asJSON {
		return printJSON(a.stdout, struct {
			enrol.Account
			RefusedFile string `json:"refused_file,omitempty"`
		}{c, o.refused})
	}
	line := "%d authorisations in = %d registered + %d duplicates + %d refused\n"
	if a.language == chinese {
		line = "收到授权书 %d 份 = 登记 %d + 重复 %d + 未登记 %d\n"
	}
	if _, err := fmt.Fprintf(a.stdout, line, c.RowsIn, c.Registered, c.Duplicates, c.Refused); err != nil || c.Refused == 0 {
		return err
	}
	for _, code := range slices.Sorted(maps.Keys(c.ByCode)) {
		if _, err := fmt.Fprintf(a.stdout, "  %d %s\n", c.ByCode[code], a.refusalText(code)); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.stderr, "what was refused:", o.refused)
	if o.fromBatch != "" {
		fmt.Fprintln(a.stderr, "their scan digest is that of the batch: there is no scan")
	}
	return nil
}

// openLog opens the audit log in the name of whoever the command acts for.
func (a *app) openLog(data string) (*audit.Log, error) {
	who, err := a.actor()
	if err != nil {
		return nil, err
	}
	return audit.Open(data, audit.Options{Actor: who, Now: time.Now})
}

// refusal is a refusal of the desk as an error with its words.
func (a *app) refusal(err error) error {
	r, ok := desk.Refused(err)
	if !ok {
		return err
	}
	text := "refused: " + a.refusalText(string(r.Code))
	if r.Reason != "" {
		text += ": " + a.refusalText(r.Reason)
	}
	return errors.New(strings.Join(append([]string{text}, r.Fields...), "; "))
}
