package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/audit/snoop"
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
households of another division. What needs the ledger, whether there was a case and who
is related to whom, stays silent here.

--honey is a file of household numbers, one a line, that no lawful case touches. --calendar
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

func runAuditAlerts(cmd *cobra.Command, a *app, o auditAlertsOptions) error {
	plain := snoop.Plain{Location: time.Local, HoneyPots: map[string]bool{}, Holidays: map[string]bool{}, Workdays: map[string]bool{}}
	var err error
	if plain.From, plain.To, err = parseHours(o.hours); err != nil {
		return wrongUsage("as in --hours 08:00-18:00", "--hours: %w", err)
	}
	err = eachLine(o.honey, func(line string) error { plain.HoneyPots[line] = true; return nil })
	if err != nil {
		return err
	}
	err = eachLine(o.calendar, func(line string) error {
		day, kind, _ := strings.Cut(line, " ")
		_, err := time.Parse(time.DateOnly, day)
		switch kind = strings.TrimSpace(kind); {
		case err == nil && kind == "free":
			plain.Holidays[day] = true
		case err == nil && kind == "work":
			plain.Workdays[day] = true
		default:
			return fmt.Errorf("not a day and free or work")
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := noteAudit(a, o.data, audit.Event{Operation: "audit_alerts"}); err != nil {
		return err
	}
	d := snoop.New(plain, snoop.Options{Location: time.Local})
	looks, alerts := 0, 0
	err = audit.Entries(cmd.Context(), o.data, func(e *audit.Entry) error {
		for _, x := range snoop.AccessesOf(e) {
			looks++
			alert, is := d.Observe(x)
			if !is || x.Time.Before(o.from.at) || !o.to.at.IsZero() && !x.Time.Before(o.to.at) {
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
