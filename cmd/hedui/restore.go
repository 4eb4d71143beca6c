package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/upkeep"
)

type restoreOptions struct {
	from, backup, into, keys, reason string
	asJSON                           bool
}

func newRestoreCommand(a *app) *cobra.Command {
	var o restoreOptions
	cmd := &cobra.Command{
		Use:   "restore --from POOL --into DIR --reason WORD",
		Short: "Put a backup back into an empty directory, proven",
		Long: `restore writes a backup into an empty directory and proves it: every byte against its
digest, every seal of snapshots and generations, the chain of the audit log, the digest
of the ledger. A restore that failed or was interrupted leaves a directory that says
RESTORING and that every command refuses: remove it and restore again.

A backup of an encrypted directory needs its key file and a copy of its keys.json
(hedui backup --keys-to). What was shredded since is named and stays unreadable.

That it was restored, by whom and why, becomes the next entry of the restored audit log.
What happened after the backup is not in it: compare the heads that were anchored
elsewhere, and enter what is on paper again.
` + exitStatuses,
		Example: `  hedui restore --from /mnt/backup/hedui --into /var/lib/hedui --reason disk_lost
  hedui restore --from /mnt/backup/hedui --backup 000001-20261101T010000Z --into drill --reason drill
  hedui restore --from /mnt/backup/hedui --into store --keys /mnt/safe/keys.json --key-file master.key --reason move`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "from", "into", "reason"); err != nil {
				return err
			}
			return runRestore(cmd.Context(), a, o)
		},
	}
	poolFlag(cmd, &o.from, "from")
	cmd.Flags().StringVar(&o.backup, "backup", "", "`id` of the backup (default the newest)")
	cmd.Flags().StringVar(&o.into, "into", "", "`directory` that is empty or not there (required)")
	cmd.Flags().StringVar(&o.keys, "keys", "", "`file`: copy of keys.json of an encrypted directory")
	reasonFlag(cmd, &o.reason)
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// reasonFlag is a flag for why something is done, as the audit log takes it.
func reasonFlag(cmd *cobra.Command, reason *string) {
	cmd.Flags().StringVar(reason, "reason", "", "`word` that says why, for the audit log (required)")
}

// restoreReport is what hedui restore --json prints.
type restoreReport struct {
	Backup     string   `json:"backup"`
	At         string   `json:"at"`
	Generation string   `json:"generation,omitempty"`
	Snapshots  int      `json:"snapshots"`
	Ledger     string   `json:"ledger_digest,omitempty"`
	Entries    int64    `json:"audit_entries"`
	Head       string   `json:"audit_head"`
	Destroyed  []string `json:"destroyed,omitempty"`
	Bytes      int64    `json:"bytes"`
}

func runRestore(ctx context.Context, a *app, o restoreOptions) error {
	who, err := a.actor()
	if err != nil {
		return err
	}
	event := audit.Event{Operation: "restore", Outcome: audit.Done, Reason: o.reason}
	if err := event.Validate(); err != nil {
		return wrongUsage("--reason drill", "--reason %q is not a word of a-z, 0-9 and _", o.reason)
	}
	pool, err := upkeep.FindPool(o.from, durable.Disk{})
	if err != nil {
		return err
	}
	l, err := pool.Read(o.backup)
	if err != nil {
		return err
	}
	t := a.track("restore", "bytes")
	r, err := pool.Restore(ctx, l, upkeep.RestoreOptions{
		Into: o.into, KeyTable: o.keys, KeyFile: a.keyFile, Progress: t.update,
		Ledger: func(ctx context.Context, dir string, r io.Reader) (string, error) {
			lo, err := a.ledgerOptions(dir)
			if err != nil {
				return "", err
			}
			return ledger.Load(ctx, dir, r, lo)
		},
	})
	t.stop()
	if err != nil {
		return err
	}
	log, err := audit.Open(o.into, audit.Options{Actor: who, Now: time.Now})
	if err != nil {
		return err
	}
	event.Object = l.ID
	if err := errors.Join(log.Note(event), log.Close()); err != nil {
		return err
	}
	for _, id := range r.Destroyed {
		fmt.Fprintf(a.stderr, a.in("%s can't be read: its key was destroyed\n", "%s 无法读取：其密钥已销毁\n"), id)
	}
	if o.asJSON {
		return printJSON(a.stdout, restoreReport{
			l.ID, l.At.Format(time.RFC3339), r.Generation, len(r.Snapshots), r.Ledger, r.Entries, r.Head, r.Destroyed, l.Bytes(),
		})
	}
	_, err = fmt.Fprintf(a.stdout, a.in("restored %s of %s: %s, %s; every seal holds, %d entries in the audit log\n",
		"已恢复 %s（%s）：%s，%s；全部封印完好，审计日志 %d 条\n"),
		l.ID, l.At.Format(time.RFC3339), a.files(len(l.Files)), bytesText(l.Bytes()), r.Entries)
	return err
}
