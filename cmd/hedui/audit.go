package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
)

// newAuditCommand holds what is done with the audit log.
func newAuditCommand(a *app) *cobra.Command {
	return newGroup("audit", "Verify the audit log",
		"audit works with the chained log of who looked at which household, when and on\nwhat authorisation.",
		newAuditVerifyCommand(a))
}

func newAuditVerifyCommand(a *app) *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify --data DIR",
		Short: "Check every entry of the audit log and the chain between them",
		Long: `verify reads the whole audit log and checks every hash, the chain and its newest
entry. The head it prints can be kept in another place: who can rewrite the log and
its head can rewrite history, but not what was written down elsewhere.
` + exitStatuses,
		Example: "  hedui audit verify --data store\n  hedui audit verify --data store --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return runAuditVerify(cmd, a, data, asJSON)
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func runAuditVerify(cmd *cobra.Command, a *app, data string, asJSON bool) error {
	t := a.track("audit", "bytes")
	r, err := audit.Verify(cmd.Context(), data, audit.VerifyOptions{Progress: t.update})
	t.stop()
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(a.stdout, r)
	} else if r.OK() {
		_, err = fmt.Fprintf(a.stdout, "the audit log is whole: %d entries, head %s\n", r.Entries, r.Head)
	}
	if err != nil {
		return err
	}
	if r.TornBytes > 0 {
		fmt.Fprintf(a.stderr, "%d bytes at the end were never acknowledged; the next look moves them aside\n", r.TornBytes)
	}
	if !r.OK() {
		return withHint(fmt.Errorf("the audit log is damaged at entry %d, segment %d, byte %d: %s", r.FirstBad, r.Segment, r.Offset, r.Reason),
			"keep the log as it is and find out who could write to it; nothing can be looked at until then")
	}
	return nil
}
