package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/watch"
)

func newAuditHoneyCommand(a *app) *cobra.Command {
	var data, add, remove string
	cmd := &cobra.Command{
		Use:   "honey --data DIR [--add FILE] [--remove FILE]",
		Short: "Keep the list of households that nobody has a reason to look at",
		Long: `honey keeps the list of honey households (虚拟户) in the ledger: numbers that no lawful
case touches. Whoever looks at one, or tries to, is an urgent alert within seconds while a
service runs. Register no authorisation for one, so that no queue shows it.

FILE holds numbers, one a line; - is the standard input. The numbers are neither printed nor
written into the audit log: who can read the log must not learn them.
` + exitStatuses,
		Example: "  hedui audit honey --data store --add honey.txt\n  hedui audit honey --data store",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return withLists(cmd.Context(), a, data, audit.Event{Operation: "audit_honey"}, func(l ledger.Ledger) error {
				for _, x := range []struct {
					file, verb string
					on         bool
				}{{add, "added", true}, {remove, "removed", false}} {
					if x.file == "" {
						continue
					}
					numbers, err := readNumbers(a, x.file)
					if err != nil {
						return err
					}
					n, err := watch.SetHoney(cmd.Context(), l, numbers, x.on, time.Now())
					if err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%d %s\n", n, x.verb)
				}
				honey, _, err := watch.Counts(cmd.Context(), l)
				if err == nil {
					_, err = fmt.Fprintf(a.stdout, "%s on the list\n", counted(honey, "household"))
				}
				return err
			})
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().StringVar(&add, "add", "", "`file` of numbers that go on the list")
	cmd.Flags().StringVar(&remove, "remove", "", "`file` of numbers that are taken from it")
	return cmd
}

func newAuditStaffCommand(a *app) *cobra.Command {
	var data, person, own, kin string
	cmd := &cobra.Command{
		Use:   "staff --data DIR --person NUMBER [--own-file FILE] [--kin-file FILE]",
		Short: "Register a staff member and their relatives, so that looks at them alarm",
		Long: `staff registers the numbers of the identity card of somebody who works here (--own-file),
and of their relatives and who lives with them (--kin-file), under the personnel number that
their accounts have. The ledger keeps pseudonyms and never the numbers. A look of theirs at
a household with one of these people is an alert, and so is one of a colleague at their own.
What was registered before is replaced.

FILE holds numbers, one a line; - is the standard input.
` + exitStatuses,
		Example: "  hedui audit staff --data store --person P0001 --own-file own.txt --kin-file kin.txt",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "person"); err != nil {
				return err
			}
			if own == "-" && kin == "-" {
				return wrongUsage("one of them is a file", "the standard input is read once")
			}
			return withLists(cmd.Context(), a, data, audit.Event{Operation: "audit_staff", Object: person}, func(l ledger.Ledger) error {
				var s watch.Staff
				for _, x := range []struct {
					file string
					into *[]ledger.Pseudonym
				}{{own, &s.Own}, {kin, &s.Kin}} {
					if x.file == "" {
						continue
					}
					numbers, err := readNumbers(a, x.file)
					if err != nil {
						return err
					}
					for _, n := range numbers {
						*x.into = append(*x.into, watch.Person(l, 0, n))
					}
				}
				if err := watch.SetStaff(cmd.Context(), l, person, s); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.stdout, "%s of their own, %s\n", counted(len(s.Own), "number"), counted(len(s.Kin), "relative"))
				return err
			})
		},
	}
	dataFlag(cmd, &data)
	f := cmd.Flags()
	f.StringVar(&person, "person", "", "personnel `number`, as the accounts have it (required)")
	f.StringVar(&own, "own-file", "", "`file` with the number of their identity card")
	f.StringVar(&kin, "kin-file", "", "`file` of the numbers of relatives and who lives with them")
	return cmd
}

// withLists does something with the lists in the ledger, and takes down that it is done.
func withLists(ctx context.Context, a *app, data string, e audit.Event, do func(ledger.Ledger) error) (err error) {
	who, err := a.actor()
	if err != nil {
		return err
	}
	if _, err := os.Stat(data); err != nil {
		return err
	}
	l, err := a.dialLedger(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	log, err := audit.Open(data, audit.Options{Actor: who, Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	e.Outcome = audit.Done
	if err := log.Note(e); err != nil {
		return err
	}
	return do(l)
}
