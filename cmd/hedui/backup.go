package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/upkeep"
)

type backupOptions struct {
	data, to, keysTo string
	keep             int
	asJSON           bool
}

// newBackupCommand takes backups and holds what is done with them.
func newBackupCommand(a *app) *cobra.Command {
	var o backupOptions
	cmd := &cobra.Command{
		Use:   "backup --data DIR --to POOL",
		Short: "Back up a data directory while it is in use",
		Long: `backup copies a data directory into a pool of backups while it is in use: ledger,
snapshots, generations and audit log, of one moment. What is in the pool already is not
written again. A backup that was interrupted is none; the next one uses what it wrote.

The keys of an encrypted directory are never in a pool: who destroys a key has shredded
what it sealed in every backup. To restore one both are needed: the key file (hedui keys
export) and a copy of keys.json, which --keys-to keeps up to date outside the pool.

That a backup was begun and ended is in the audit log of the directory.
` + exitStatuses,
		Example: `  hedui backup --data store --to /mnt/backup/hedui
  hedui backup --data store --to /mnt/backup/hedui --keep 14 --json
  hedui backup --data store --to /mnt/backup/hedui --keys-to /mnt/safe/keys.json
  hedui backup verify --to /mnt/backup/hedui`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "to"); err != nil {
				return err
			}
			if cmd.Flags().Changed("keep") && o.keep < 1 {
				return wrongUsage("at least one backup is kept", "--keep %d", o.keep)
			}
			return runBackup(cmd.Context(), a, o)
		},
	}
	dataFlag(cmd, &o.data)
	cmd.Flags().StringVar(&o.to, "to", "", "`directory` of the pool, made when it is not there (required)")
	cmd.Flags().IntVar(&o.keep, "keep", 0, "`number` of backups to keep; older ones are removed afterwards")
	cmd.Flags().StringVar(&o.keysTo, "keys-to", "", "`file` to replace by a copy of keys.json, outside the pool")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	cmd.AddCommand(newBackupListCommand(a), newBackupVerifyCommand(a), newBackupPruneCommand(a))
	return cmd
}

// backupReport is what hedui backup --json prints.
type backupReport struct {
	backupLine
	Removed []string `json:"removed,omitempty"`
	Freed   int64    `json:"freed,omitempty"`
}

// backupLine is one backup.
type backupLine struct {
	Backup     string `json:"backup"`
	At         string `json:"at"`
	Generation string `json:"generation,omitempty"`
	Files      int    `json:"files"`
	Bytes      int64  `json:"bytes"`
	Ledger     string `json:"ledger_digest,omitempty"`
	Encrypted  bool   `json:"encrypted,omitempty"`
}

func backupLineOf(l *upkeep.List) backupLine {
	out := backupLine{Backup: l.ID, At: l.At.Format(time.RFC3339), Generation: l.Generation, Files: len(l.Files), Bytes: l.Bytes(), Encrypted: l.Encrypted}
	if l.Ledger != nil {
		out.Ledger = l.Ledger.Digest
	}
	return out
}

func runBackup(ctx context.Context, a *app, o backupOptions) (err error) {
	if err := durable.Usable(o.data); err != nil {
		return err
	}
	if !holdsData(o.data) {
		return fmt.Errorf("%s: %w", o.data, upkeep.ErrNothing)
	}
	pool, err := upkeep.OpenPool(o.to, durable.Disk{})
	if err != nil {
		return err
	}
	who, err := a.actor()
	if err != nil {
		return err
	}
	log, err := audit.Open(o.data, audit.Options{Actor: who, Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	u := upkeep.Options{Data: o.data, Now: time.Now}
	from, done, err := a.backsUp(ctx, o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	u.Ledger = from
	// Everything that is held is about to be read: a look without subjects.
	var look *audit.Token
	u.Begun = func(id string) error {
		t, err := log.Begin(audit.Look{Action: "backup", Request: id})
		look = &t
		return err
	}
	t := a.track("backup", "bytes")
	u.Progress = t.update
	l, err := pool.Backup(ctx, u)
	t.stop()
	if err == nil && o.keysTo != "" {
		err = saveTable(o)
	}
	if err != nil {
		if look != nil {
			err = errors.Join(err, log.Fail(*look))
		}
		return err
	}
	if err := log.End(*look, nil); err != nil {
		return err
	}
	r := backupReport{backupLine: backupLineOf(l)}
	if o.keep > 0 {
		if r.Removed, r.Freed, err = pool.Prune(o.keep); err != nil {
			return err
		}
	}
	if l.Encrypted && o.keysTo == "" {
		fmt.Fprintln(a.stderr, a.in("the directory is encrypted and the backup holds no keys: keep a copy of keys.json (--keys-to) and of the key file (hedui keys export)",
			"目录已加密，备份不含密钥：请另行保存 keys.json（--keys-to）和密钥文件（hedui keys export）"))
	}
	if o.asJSON {
		return printJSON(a.stdout, r)
	}
	_, err = fmt.Fprintf(a.stdout, a.in("backup %s: %s, %s\n", "备份 %s：%s，%s\n"), l.ID, a.files(len(l.Files)), bytesText(l.Bytes()))
	if err == nil && len(r.Removed) > 0 {
		_, err = fmt.Fprintf(a.stdout, a.in("removed %s, freed %s\n", "已删除 %s，释放 %s\n"), strings.Join(r.Removed, " "), bytesText(r.Freed))
	}
	return err
}

// saveTable copies keys.json to where neither the data nor a backup is.
func saveTable(o backupOptions) error {
	if !keyring.Encrypted(o.data) {
		return wrongUsage("leave --keys-to out", "%s is not encrypted", o.data)
	}
	if upkeep.Inside(o.keysTo, o.to) {
		return wrongUsage("who has the pool would have the keys: choose another place", "--keys-to %s lies in the pool", o.keysTo)
	}
	return keyring.SaveTable(durable.Disk{}, o.data, o.keysTo)
}

// holdsData reports whether a directory is a data directory with something in it.
func holdsData(data string) bool {
	for _, name := range []string{"catalogue.json", "CURRENT", "ledger", "audit"} {
		if _, err := os.Stat(filepath.Join(data, name)); err == nil {
			return true
		}
	}
	return false
}

// hasLedger reports whether a directory has a ledger, or something in its place.
func hasLedger(data string) bool {
	_, err := os.Stat(filepath.Join(data, "ledger"))
	return !errors.Is(err, fs.ErrNotExist)
}

// backsUp gives how the ledger of a directory is backed up, nil when it has none, and how
// to end it.
func (a *app) backsUp(ctx context.Context, data string) (from func(context.Context, io.Writer) (string, error), done func() error, err error) {
	if !hasLedger(data) {
		return nil, func() error { return nil }, nil
	}
	l, err := a.dialLedger(ctx, data)
	if err != nil {
		return nil, nil, err
	}
	s, ok := l.(ledger.Streamer)
	if !ok {
		return nil, nil, errors.Join(errors.New("internal: this ledger can't be backed up"), l.Close())
	}
	return s.Backup, l.Close, nil
}

// in chooses between the languages of summaries.
func (a *app) in(en, zh string) string {
	if a.language == chinese {
		return zh
	}
	return en
}

func (a *app) files(n int) string {
	return a.in(counted(n, "file"), fmt.Sprintf("%d 个文件", n))
}

// bytesText is a number of bytes for people.
func bytesText(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, u := float64(n)/1024, 0
	for f >= 1024 && u < len(units)-1 {
		f, u = f/1024, u+1
	}
	return fmt.Sprintf("%.1f %ciB", f, units[u])
}

func newBackupListCommand(a *app) *cobra.Command {
	var to string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list --to POOL",
		Short:   "List the backups of a pool",
		Long:    "list prints one line for each backup, the oldest first.\n" + exitStatuses,
		Example: "  hedui backup list --to /mnt/backup/hedui",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pool, err := findPool(cmd, to, "to")
			if err != nil {
				return err
			}
			ids, err := pool.IDs()
			if err != nil {
				return err
			}
			lines := make([]backupLine, 0, len(ids))
			for _, id := range ids {
				l, err := pool.Read(id)
				if err != nil {
					return err
				}
				lines = append(lines, backupLineOf(l))
			}
			if asJSON {
				return printJSON(a.stdout, struct {
					Backups []backupLine `json:"backups"`
				}{lines})
			}
			w := newTable()
			w.AppendHeader(table.Row{"backup", "taken", "files", "size", "generation"})
			for _, l := range lines {
				w.AppendRow(table.Row{l.Backup, l.At, l.Files, bytesText(l.Bytes), l.Generation})
			}
			_, err = fmt.Fprintln(a.stdout, w.Render())
			return err
		},
	}
	poolFlag(cmd, &to, "to")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func newBackupVerifyCommand(a *app) *cobra.Command {
	var to, id string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify --to POOL",
		Short: "Read a backup and compare every byte with its digest",
		Long: `verify reads everything a backup refers to. It finds what the medium has lost; that a
backup can be put back is proven by hedui restore into an empty directory.
` + exitStatuses,
		Example: "  hedui backup verify --to /mnt/backup/hedui\n  hedui backup verify --to /mnt/backup/hedui --backup 000001-20261101T010000Z",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pool, err := findPool(cmd, to, "to")
			if err != nil {
				return err
			}
			l, err := pool.Read(id)
			if err != nil {
				return err
			}
			t := a.track("verify backup", "bytes")
			err = pool.Verify(cmd.Context(), l, t.update)
			t.stop()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, backupLineOf(l))
			}
			_, err = fmt.Fprintf(a.stdout, a.in("backup %s is whole: %s, %s\n", "备份 %s 完整：%s，%s\n"), l.ID, a.files(len(l.Files)), bytesText(l.Bytes()))
			return err
		},
	}
	poolFlag(cmd, &to, "to")
	cmd.Flags().StringVar(&id, "backup", "", "`id` of the backup (default the newest)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func newBackupPruneCommand(a *app) *cobra.Command {
	var to string
	var keep int
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "prune --to POOL --keep N",
		Short:   "Remove all but the newest backups",
		Long:    "prune removes all but the newest backups and what only they refer to.\n" + exitStatuses,
		Example: "  hedui backup prune --to /mnt/backup/hedui --keep 14",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "to", "keep"); err != nil {
				return err
			}
			if keep < 1 {
				return wrongUsage("at least one backup is kept", "--keep %d", keep)
			}
			pool, err := findPool(cmd, to, "to")
			if err != nil {
				return err
			}
			removed, freed, err := pool.Prune(keep)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, struct {
					Removed []string `json:"removed"`
					Freed   int64    `json:"freed"`
				}{append([]string{}, removed...), freed})
			}
			_, err = fmt.Fprintf(a.stdout, a.in("removed %s, freed %s\n", "已删除 %s，释放 %s\n"),
				a.in(counted(len(removed), "backup"), fmt.Sprintf("%d 个备份", len(removed))), bytesText(freed))
			return err
		},
	}
	poolFlag(cmd, &to, "to")
	cmd.Flags().IntVar(&keep, "keep", 0, "`number` of backups to keep (required)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func poolFlag(cmd *cobra.Command, to *string, name string) {
	cmd.Flags().StringVar(to, name, "", "`directory` of the pool (required)")
}

func findPool(cmd *cobra.Command, dir, flag string) (*upkeep.Pool, error) {
	if err := requireFlags(cmd, flag); err != nil {
		return nil, err
	}
	return upkeep.FindPool(dir, durable.Disk{})
}
