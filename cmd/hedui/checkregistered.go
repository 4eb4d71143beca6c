package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
)

// checkRegistered checks one household the way of every request: the policy, the
// registered authorisation, the audit log, the look, the ledger.
func (a *app) checkRegistered(ctx context.Context, o checkOptions, d *looking, r *household.Request, line []byte) error {
	if o.reveal || o.trace != "" {
		return wrongUsage("leave it out; the review shows single fields in full, and verify --trace writes traces",
			"--reveal and --trace are not for a directory with registered authorisations or accounts")
	}
	number := ""
	if r.Authorization != nil {
		number = r.Authorization.Number
	}
	schemes := []string{""} // the one that the request asks for
	if d.schemes != nil {
		schemes = nil
		for _, s := range d.schemes {
			schemes = append(schemes, s.Name)
		}
	}
	c, err := d.register.caller(ctx, number, append([]string{r.Scheme}, schemes...))
	if err != nil {
		return err
	}
	if _, err := d.register.desk.Refresh(ctx); err != nil {
		return err
	}
	var h batch.Household
	var lines [][]byte
	refused := false
	for i, scheme := range schemes {
		show := &looking{pack: d.pack}
		if d.schemes != nil {
			show.pack = d.schemes[i].Verifier.Pack()
		}
		var explain func(*household.Request, *household.Verdict, *desk.Answer) error
		if !o.asJSON {
			explain = func(r *household.Request, v *household.Verdict, _ *desk.Answer) error {
				if err := printScheme(a, i, scheme); err != nil {
					return err
				}
				return explainCheck(a, o, show, r, v)
			}
		}
		answer, err := d.register.desk.Check(ctx, c, line, desk.CheckOptions{On: o.on.date, Scheme: scheme, Explain: explain})
		if err != nil {
			return a.refusal(err)
		}
		refused = refused || answer.Outcome == household.Refused
		lines = append(lines, answer.JSON)
		if answer.Verdict != "" {
			fmt.Fprintf(a.stderr, "verdict %s\n", answer.Verdict)
		}
		if d.schemes != nil {
			v, err := household.ParseVerdict(answer.JSON)
			if err != nil {
				return errors.New("internal: a verdict does not read as one")
			}
			h.Verdicts = append(h.Verdicts, *v)
		}
	}
	switch {
	case d.schemes != nil:
		h.Receiving, h.ReceivingGiven = r.Receiving, r.ReceivingGiven
		w := batch.Weigh(d.schemes, &h)
		if o.asJSON {
			_, err = a.stdout.Write(append(w.AppendJSON(nil), '\n'))
		} else {
			err = printAnswer(a, &w)
		}
	case o.asJSON:
		_, err = a.stdout.Write(append(lines[0], '\n'))
	}
	if err == nil && refused {
		return errPartial
	}
	return err
}

// printScheme prints the title over what one of several schemes says.
func printScheme(a *app, i int, scheme string) error {
	if scheme == "" {
		return nil
	}
	title := fmt.Sprintf("=== %s ===\n", scheme)
	if i > 0 {
		title = "\n" + title
	}
	_, err := fmt.Fprint(a.stdout, title)
	return err
}
