package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

type checkOptions struct {
	lookOptions
	reveal bool
	asJSON bool
}

// newCheckCommand checks one household.
func newCheckCommand(a *app) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check --data DIR --rules PACK --on DATE HOUSEHOLD.json|-",
		Short: "Check one household and explain the answer",
		Long: `check answers one request, read from a file or from standard input (-), and explains
the answer: per member what was declared, found and counted, the assets, the
findings with their legal reference and source rows, and what would clear them.

Who is looked at is written into the audit log first; if that can't be done,
nothing is read. Identity numbers and names are masked unless --reveal is given,
which the audit log says. With --json exactly the line is printed that verify
would write.
` + exitStatuses + "  3  done, but the request was refused\n",
		Example: `  hedui check --data store --rules reference --on 2026-11-01 household.json
  hedui check --data store --rules reference --on 2026-11-01 --lang zh --reveal household.json
  hedui check --data store --rules reference --on 2026-11-01 --json - <household.json`,
		Args: exactArgs(1, "one request, a file or -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data", "rules", "on"); err != nil {
				return err
			}
			if o.reveal && o.asJSON {
				return wrongUsage("leave one of them out: verdicts in JSON are always masked", "--reveal and --json don't go together")
			}
			return runCheck(cmd, a, o, args[0])
		},
	}
	o.declare(cmd)
	cmd.Flags().BoolVar(&o.reveal, "reveal", false, "show identity numbers and names in full")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the verdict as one line of JSON")
	return cmd
}

func runCheck(cmd *cobra.Command, a *app, o checkOptions, path string) (err error) {
	line, err := readRequest(a, path)
	if err != nil {
		return err
	}
	d, err := openDesk(cmd.Context(), a, o.lookOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.generation.Close()) }()

	w := d.verifier.Worker()
	var p engine.Plan
	w.Prepare(line, 1, &p)
	token, err := d.audit.Begin(ledger.Look{
		Action: "check", Generation: d.generation.Manifest().ID, On: d.verifier.On(), Reveal: o.reveal,
		Rules:    d.pack.Name + " " + d.pack.Version + " " + d.pack.Digest,
		Subjects: []ledger.Subject{{Household: p.Request.HouseholdID, Authorization: p.AuthorizationNumber()}},
	})
	if err != nil {
		return withHint(fmt.Errorf("the audit log can't be written, so nothing was read: %w", err),
			"whoever checks a household needs the right to write into "+o.data)
	}
	verdict, err := w.Look(cmd.Context(), d.generation, &p)
	if err != nil {
		return errors.Join(err, d.audit.End(token, nil))
	}
	if err := d.audit.End(token, []household.Outcome{verdict.Outcome}); err != nil {
		return fmt.Errorf("the audit log can't be written: %w", err)
	}
	if o.asJSON {
		_, err = a.stdout.Write(append(verdict.AppendJSON(nil), '\n'))
	} else {
		err = explainCheck(a, o, d, p.Request, verdict)
	}
	if err == nil && verdict.Outcome == household.Refused {
		return errPartial
	}
	return err
}

// readRequest reads one request, which may be written over many lines, and makes
// one line of it. What is no JSON is handed on as it is: it gets the answer that
// it would get in a batch.
func readRequest(a *app, path string) ([]byte, error) {
	var text []byte
	var err error
	if path == "-" {
		path = "standard input"
		text, err = io.ReadAll(a.stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // some editors put it there
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		fmt.Fprintf(a.stderr, "%s is not one JSON object: %v\n", path, err)
		return bytes.Join(bytes.Fields(text), []byte(" ")), nil
	}
	return line.Bytes(), nil
}
