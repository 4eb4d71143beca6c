package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/watch"
)

var errNotHours = fmt.Errorf("not hours of work, want 08:00-18:00")

type auditAlertsOptions struct {
	data            string
	honey, calendar string
	hours           string
	from, to        instantFlag
	asJSON          bool
}

func newAuditAlertsCommand(a *app) *cobra.Command {
	var o auditAlertsOptions
	cmd := &cobra.Command{
		Use:   "alerts --data DIR",
		Short: "Find look-ups in the audit log that an auditor should ask about",
		Long: `alerts goes through the audit log and prints look-ups that honest work does not make:
of a honey household, far more than the peers, many out of hours, numbers in a row,
households of another division, households that never had a case, and those of relatives
and colleagues. Cases, relations and the list of honey households are read from the
ledger, through the service while it runs; in a directory without one their signs stay
silent. A service watches by itself: what it found is at /api/v1/audit/alerts.

--honey is a further file of household numbers, one a line, that no lawful case touches. --calendar
is one of days, as in "2026-10-01 free" and "2026-10-10 work", where they differ from
Monday to Friday. The question is taken down in the log before it is read.
` + exitStatuses,
		Example: "  hedui audit alerts --data store --honey honey.txt --from 2026-11-01 --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return runAuditAlerts(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.honey, "honey", "", "`file` of honey households, one number a line")
	f.StringVar(&o.calendar, "calendar", "", "`file` of days that are free or worked against the week")
	f.StringVar(&o.hours, "hours", "08:00-18:00", "`hours` of work")
	f.Var(&o.from, "from", "`day` or time from which on alerts are shown; earlier looks still count")
	f.Var(&o.to, "to", "`day` or time before which")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object an alert")
	return cmd
}

// readCalendar reads days that differ from the week; no file, no days.
func readCalendar(name string, into *snoop.Plain) error {
	into.Holidays, into.Workdays = map[string]bool{}, map[string]bool{}
	return eachLine(name, func(line string) error {
		day, kind, _ := strings.Cut(line, " ")
		_, err := time.Parse(time.DateOnly, day)
		switch kind = strings.TrimSpace(kind); {
		case err == nil && kind == "free":
			into.Holidays[day] = true
		case err == nil && kind == "work":
			into.Workdays[day] = true
		default:
			return fmt.Errorf("not a day and free or work")
		}
		return nil
	})
}

// heldLedger opens the ledger of a data directory, or speaks to who has it open; nil when
// there is none.
func heldLedger(ctx context.Context, a *app, data string) (ledger.Ledger, error) {
	if _, err := os.Stat(filepath.Join(data, "ledger")); errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // none is no error
	}
	return a.dialLedger(ctx, data)
}

// knownOf is what is known beside the log: by the ledger, where there is one.
func knownOf(ctx context.Context, a *app, data string, plain snoop.Plain) (snoop.Context, func() error, error) {
	l, err := heldLedger(ctx, a, data)
	if l == nil || err != nil {
		return plain, func() error { return nil }, err
	}
	c := watch.NewContext(l, plain)
	if err := c.Begin(ctx); err != nil {
		return nil, nil, errors.Join(err, l.Close())
	}
	return c, l.Close, nil
}

func runAuditAlerts(cmd *cobra.Command, a *app, o auditAlertsOptions) (err error) {
	plain := snoop.Plain{Location: time.Local, HoneyPots: map[string]bool{}}
	if plain.From, plain.To, err = parseHours(o.hours); err != nil {
		return wrongUsage("as in --hours 08:00-18:00", "--hours: %w", err)
	}
	err = eachLine(o.honey, func(line string) error { plain.HoneyPots[line] = true; return nil })
	if err != nil {
		return err
	}
	if err := readCalendar(o.calendar, &plain); err != nil {
		return err
	}
	scope, err := a.readable(o.data, access.AuditAlerts, "")
	if err != nil {
		return err
	}
	if err := noteAudit(a, o.data, audit.Event{Operation: "audit_alerts"}); err != nil {
		return err
	}
	known, done, err := knownOf(cmd.Context(), a, o.data, plain)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	d := snoop.New(known, snoop.Options{Location: time.Local})
	looks, alerts := 0, 0
	err = audit.Entries(cmd.Context(), o.data, func(e *audit.Entry) error {
		for _, x := range snoop.AccessesOf(e) {
			seen := scope == "" || access.Within(x.Division, scope)
			if seen {
				looks++
			}
			alert, is := d.Observe(x)
			if k, ok := known.(*watch.Context); ok && k.Err() != nil {
				return k.Err()
			}
			if !is || !seen || x.Time.Before(o.from.at) || !o.to.at.IsZero() && !x.Time.Before(o.to.at) {
				continue
			}
			alerts++
			if err := printAlert(a, alert, o.asJSON); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !o.asJSON {
		_, err = fmt.Fprintf(a.stdout, "%s in %s\n", counted(alerts, "alert"), counted(looks, "look"))
	}
	return err
}

func printAlert(a *app, x snoop.Alert, asJSON bool) error {
	if asJSON {
		return printJSON(a.stdout, x)
	}
	signs := make([]string, len(x.Signs))
	for i, s := range x.Signs {
		signs[i] = string(s)
	}
	line := fmt.Sprintf("%d  %s  %s  %s  household %s  %s", x.Seq, x.Time, x.Actor, x.Operation, x.Household, strings.Join(signs, ","))
	if x.Count > 0 {
		line += fmt.Sprintf("  %d that day", x.Count)
	}
	if x.Urgent {
		line += "  URGENT"
	}
	_, err := fmt.Fprintln(a.stdout, line)
	return err
}

// parseHours reads hours of work into minutes of the day.
func parseHours(text string) (from, to int, err error) {
	a, b, _ := strings.Cut(text, "-")
	x, errA := time.Parse("15:04", a)
	y, errB := time.Parse("15:04", b)
	if errA != nil || errB != nil || !x.Before(y) {
		return 0, 0, errNotHours
	}
	return x.Hour()*60 + x.Minute(), y.Hour()*60 + y.Minute(), nil
}

// eachLine takes the lines of a file that are neither empty nor a comment; no file, no
// lines.
func eachLine(name string, take func(line string) error) error {
	if name == "" {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	for n := 1; in.Scan(); n++ {
		line := strings.TrimSpace(in.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := take(line); err != nil {
			return fmt.Errorf("%s, line %d: %w", name, n, err)
		}
	}
	return in.Err()
}
