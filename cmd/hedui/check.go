package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
)

type checkOptions struct {
	lookOptions
	reveal bool
	asJSON bool
	trace  string
}

// newCheckCommand checks one household.
func newCheckCommand(a *app) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check --data DIR {--rules PACK | --scheme A,B} --on DATE HOUSEHOLD.json|-",
		Short: "Check one household and explain the answer",
		Long: `check answers one request, read from a file or from standard input (-), and explains
the answer: per member what was declared, found and counted, the assets, the
findings with their legal reference and source rows, and what would clear them.

Who is looked at is written into the audit log first; if that can't be done,
nothing is read. Identity numbers and names are masked unless --reveal is given,
which the audit log says. With --json exactly the line is printed that verify
would write.

With --scheme the household is judged by the pack of each scheme, as verify does it.

Where authorisations are registered, or there are accounts, the register decides, and
request and verdict are kept in the ledger. --reveal and --trace are not for that: single
fields are shown in full by the review, with a reason, and verify --trace writes traces.

With --trace what the verdict rests on is written into a file, from which hedui replay
recomputes it.
` + exitStatuses + "  3  done, but the request was refused\n",
		Example: `  hedui check --data store --rules reference --on 2026-11-01 household.json
  hedui check --data store --rules reference --on 2026-11-01 --lang zh --reveal household.json
  hedui check --data store --rules reference --on 2026-11-01 --json - <household.json
  hedui check --data store --rules ./packs --scheme dibao,dibao_edge --on 2026-11-01 household.json`,
		Args: exactArgs(1, "one request, a file or -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.require(cmd); err != nil {
				return err
			}
			if o.reveal && o.asJSON {
				return wrongUsage("leave one of them out: verdicts in JSON are always masked", "--reveal and --json don't go together")
			}
			if err := o.requireOwnFile(o.trace, args[0]); err != nil {
				return err
			}
			return runCheck(cmd, a, o, args[0])
		},
	}
	o.declare(cmd)
	cmd.Flags().BoolVar(&o.reveal, "reveal", false, "show identity numbers and names in full")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the verdict as one line of JSON")
	cmd.Flags().StringVar(&o.trace, "trace", "", "`file` to write what the verdict rests on into, for hedui replay")
	return cmd
}

func runCheck(cmd *cobra.Command, a *app, o checkOptions, path string) (err error) {
	line, err := readRequest(a, path)
	if err != nil {
		return err
	}
	d, err := openLooking(cmd.Context(), a, o.lookOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	request, _ := household.ParseRequest(line)
	if err := d.registered(cmd.Context(), a, o.data, access.Check, request.Scheme); err != nil {
		return err
	}
	if d.register != nil {
		return a.checkRegistered(cmd.Context(), o, d, request, line)
	}

	var answer *batch.Answer
	var plans []engine.Plan
	if d.schemes != nil {
		answer, plans, err = d.lookAll(cmd.Context(), o, line)
	} else {
		answer, plans, err = d.lookOne(cmd.Context(), o, line)
	}
	if err != nil {
		return err
	}
	switch {
	case o.asJSON && d.schemes != nil:
		_, err = a.stdout.Write(append(answer.AppendJSON(nil), '\n'))
	case o.asJSON:
		_, err = a.stdout.Write(append(answer.Verdicts[0].AppendJSON(nil), '\n'))
	default:
		err = explainAnswer(a, o, d, plans, answer)
	}
	if err == nil && answer.Refused() {
		return errPartial
	}
	return err
}

// lookOne looks at the household by the one pack.
func (d *looking) lookOne(ctx context.Context, o checkOptions, line []byte) (*batch.Answer, []engine.Plan, error) {
	plans := make([]engine.Plan, 1)
	w := d.verifier.Worker()
	var rests engine.Trace
	if o.trace != "" {
		w.Record(&rests)
	}
	w.Prepare(line, 1, &plans[0])
	answer := &batch.Answer{}
	err := d.logged(o, batch.RulesOf(d.verifier), d.verifier.On(), &plans[0], func() (household.Outcome, error) {
		v, err := w.Look(ctx, d.generation, &plans[0])
		if err != nil {
			return 0, err
		}
		answer.Verdicts = []household.Verdict{*v}
		return v.Outcome, nil
	})
	if err == nil && o.trace != "" {
		err = writeTrace(o.trace, &rests)
	}
	return answer, plans, err
}

// lookAll looks at the household by every scheme.
func (d *looking) lookAll(ctx context.Context, o checkOptions, line []byte) (*batch.Answer, []engine.Plan, error) {
	plans := make([]engine.Plan, len(d.schemes))
	var workers []*engine.Worker
	for i, s := range d.schemes {
		workers = append(workers, s.Verifier.Worker())
		workers[i].PrepareAs(line, 1, s.Name, &plans[i])
	}
	var answer batch.Answer
	err := d.logged(o, batch.RulesOfAll(d.schemes), d.schemes[0].Verifier.On(), &plans[0], func() (household.Outcome, error) {
		h := batch.Household{Request: plans[0].Request}
		h.Receiving, h.ReceivingGiven = plans[0].Receiving()
		for i, w := range workers {
			v, err := w.Look(ctx, d.generation, &plans[i])
			if err != nil {
				return 0, err
			}
			h.Verdicts = append(h.Verdicts, *v)
		}
		answer = batch.Weigh(d.schemes, &h)
		return answer.Outcome(), nil
	})
	return &answer, plans, err
}

// logged looks between the two entries of the audit log.
func (d *looking) logged(o checkOptions, by string, on household.Date, p *engine.Plan, look func() (household.Outcome, error)) error {
	token, err := d.audit.Begin(audit.Look{
		Action: "check", Generation: d.generation.Manifest().ID, On: on, Reveal: o.reveal, Rules: by,
		Subjects: []audit.Subject{{Household: p.Request.HouseholdID, Authorization: p.AuthorizationNumber()}},
	})
	if err != nil {
		return withHint(fmt.Errorf("the audit log can't be written, so nothing was read: %w", err),
			"whoever checks a household needs the right to write into "+o.data)
	}
	outcome, err := look()
	if err != nil {
		return errors.Join(err, d.audit.End(token, nil))
	}
	if err := d.audit.End(token, []household.Outcome{outcome}); err != nil {
		return fmt.Errorf("the audit log can't be written: %w", err)
	}
	return nil
}

// explainAnswer explains every verdict, and by several schemes which of them helps.
func explainAnswer(a *app, o checkOptions, d *looking, plans []engine.Plan, answer *batch.Answer) error {
	if d.schemes == nil {
		return explainCheck(a, o, d, plans[0].Request, &answer.Verdicts[0])
	}
	for i, s := range d.schemes {
		title := fmt.Sprintf("=== %s ===\n", s.Name)
		if i > 0 {
			title = "\n" + title
		}
		if _, err := fmt.Fprint(a.stdout, title); err != nil {
			return err
		}
		if err := explainCheck(a, o, &looking{pack: s.Verifier.Pack()}, plans[i].Request, &answer.Verdicts[i]); err != nil {
			return err
		}
	}
	return printAnswer(a, answer)
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
