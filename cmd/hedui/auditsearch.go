package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
)

// instantFlag is a flag whose value is a day in the local zone or a time of it.
type instantFlag struct{ at time.Time }

func (f *instantFlag) String() string {
	if f.at.IsZero() {
		return ""
	}
	return f.at.Format(time.RFC3339)
}

func (f *instantFlag) Set(text string) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			f.at = t
			return nil
		}
	}
	return errNotATime
}

func (*instantFlag) Type() string { return "time" }

type auditSearchOptions struct {
	data     string
	q        audit.Query
	from, to instantFlag
	asJSON   bool
}

func newAuditSearchCommand(a *app) *cobra.Command {
	var o auditSearchOptions
	cmd := &cobra.Command{
		Use:   "search --data DIR",
		Short: "Find looks and events in the audit log, newest first",
		Long: `search prints the entries of the audit log that fit every flag, newest first. Of an entry
of many households it shows those that fit. The search is taken down in the log before
it is read. Where there are accounts, an auditor reads what the bodies of the division
they look after did, and no more.
` + exitStatuses,
		Example: `  hedui audit search --data store --household 340104-000123
  hedui audit search --data store --actor li --from 2026-11-01 --to 2026-11-08 --json
  hedui audit search --data store --outcome denied --limit 20`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			o.q.From, o.q.To = o.from.at, o.to.at
			return runAuditSearch(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.q.Actor, "actor", "", "`account` that looked")
	f.StringVar(&o.q.Operation, "operation", "", "`word` of what was done, as in check or unmask")
	f.StringVar(&o.q.Household, "household", "", "`number` of a household")
	f.StringVar(&o.q.Authorization, "authorization", "", "`number` of an authorisation")
	f.StringVar(&o.q.Division, "division", "", "`code` of the division of the body that looked, or of one above it")
	f.StringVar(&o.q.Request, "request", "", "`id` of a request")
	f.StringVar(&o.q.Outcome, "outcome", "", "`word`: done, denied, failed, open, or an outcome of a household as in needs_review")
	f.Var(&o.from, "from", "`day` or time from which on")
	f.Var(&o.to, "to", "`day` or time before which")
	f.IntVar(&o.q.Limit, "limit", 100, "`number` of entries at most; 0 for all")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object an entry")
	return cmd
}

func runAuditSearch(cmd *cobra.Command, a *app, o auditSearchOptions) (err error) {
	if o.q.Division, err = a.readable(o.data, access.AuditSearch, o.q.Division); err != nil {
		return err
	}
	e := audit.Event{Operation: "audit_search"}
	if o.q.Household != "" {
		e.Subjects = []audit.Subject{{Household: o.q.Household, Authorization: o.q.Authorization}}
	}
	if err := noteAudit(a, o.data, e); err != nil {
		return err
	}
	found := 0
	err = audit.Search(cmd.Context(), o.data, o.q, func(h audit.Hit) error {
		found++
		if o.asJSON {
			return printJSON(a.stdout, h)
		}
		return printHit(a.stdout, h)
	})
	if err == nil && found == 0 {
		fmt.Fprintln(a.stderr, "nothing in the audit log fits")
	}
	if err == nil && found == o.q.Limit {
		fmt.Fprintf(a.stderr, "only the newest %d are shown; --limit 0 shows all\n", found)
	}
	return err
}

// householdsShown of one entry; --json has all.
const householdsShown = 5

func printHit(w io.Writer, h audit.Hit) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d  %s  %s", h.Seq, h.Time, h.Actor)
	for _, s := range []string{h.Role, h.Division, h.Operation, h.Outcome, h.Code, h.Purpose, h.Object, h.Reason} {
		if s != "" {
			b.WriteString("  " + s)
		}
	}
	if len(h.Fields) > 0 {
		b.WriteString("  fields " + strings.Join(h.Fields, ","))
	}
	if h.Reveal {
		b.WriteString("  unmasked")
	}
	if h.Of > 1 {
		fmt.Fprintf(&b, "  %d households", h.Of)
	}
	b.WriteByte('\n')
	for i, s := range h.Households {
		if i == householdsShown {
			fmt.Fprintf(&b, "    … %d more\n", len(h.Households)-i)
			break
		}
		fmt.Fprintf(&b, "    household %s", s.Household)
		if s.Authorization != "" {
			b.WriteString("  authorisation " + s.Authorization)
		}
		if s.Outcome != "" {
			b.WriteString("  " + s.Outcome)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
