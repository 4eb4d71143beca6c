package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
)

func newAuditKeygenCommand(a *app) *cobra.Command {
	var private, public string
	cmd := &cobra.Command{
		Use:   "keygen --private FILE --public FILE",
		Short: "Make a key that signs heads of the audit log",
		Long: `keygen makes an SM2 key. The private half signs heads and belongs to who anchors them;
the public half is for everybody who verifies. Neither file may exist.
` + exitStatuses,
		Example: "  hedui audit keygen --private audit.key --public audit.pub",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "private", "public"); err != nil {
				return err
			}
			secret, open, err := audit.NewKey()
			if err != nil {
				return err
			}
			key, err := audit.ParsePublicKey(open)
			if err != nil {
				return err
			}
			if err := writeNew(private, secret, 0o600); err != nil {
				return err
			}
			if err := writeNew(public, open, 0o644); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "key %s\n", key.ID())
			return err
		},
	}
	cmd.Flags().StringVar(&private, "private", "", "`file` to write the private half to (required)")
	cmd.Flags().StringVar(&public, "public", "", "`file` to write the public half to (required)")
	return cmd
}

// writeNew writes a file that must not exist, and syncs it.
func writeNew(name string, text []byte, perm os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

func readPrivateKey(name string) (*audit.PrivateKey, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	key, err := audit.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

func newAuditHeadCommand(a *app) *cobra.Command {
	var data, key string
	cmd := &cobra.Command{
		Use:   "head --data DIR --key FILE",
		Short: "Print the signed head of the audit log, to be kept elsewhere",
		Long: `head prints one line: the newest entry of the audit log, its hash and where it ends,
signed. Kept where nobody who can write to the log can write, it proves for ever that
the log once ended in that entry; hedui audit verify --head asks for the proof.
` + exitStatuses,
		Example: "  hedui audit head --data store --key audit.key >> /mnt/elsewhere/heads.jsonl",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "key"); err != nil {
				return err
			}
			k, err := readPrivateKey(key)
			if err != nil {
				return err
			}
			h, err := audit.TakeHead(data, k, time.Now())
			if err != nil {
				return err
			}
			return printJSON(a.stdout, h)
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().StringVar(&key, "key", "", "`file` of the private key (required)")
	return cmd
}

type auditPruneOptions struct {
	data, key string
	months    int
	dryRun    bool
	asJSON    bool
}

func newAuditPruneCommand(a *app) *cobra.Command {
	var o auditPruneOptions
	cmd := &cobra.Command{
		Use:   "prune --data DIR --key FILE",
		Short: "Remove segments of the audit log at the end of their time",
		Long: `prune removes the oldest segments whose every entry is older than it is kept, and
leaves a signed stub for each, so that the chain still verifies. What is kept is never
less than 6 months. A log that verify finds a fault in is not touched.
` + exitStatuses,
		Example: "  hedui audit prune --data store --key audit.key --dry-run",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if o.months < audit.LeastMonths {
				return wrongUsage("the law wants 6 months at the least", "--months %d keeps too little", o.months)
			}
			if !o.dryRun && o.key == "" {
				return wrongUsage("--key FILE signs what stands for a segment", "--key is missing")
			}
			return runAuditPrune(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	cmd.Flags().StringVar(&o.key, "key", "", "`file` of the private key that signs the stubs")
	cmd.Flags().IntVar(&o.months, "months", audit.KeepMonths, "`number` of months that entries are kept")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would be removed")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object a segment")
	return cmd
}

func runAuditPrune(cmd *cobra.Command, a *app, o auditPruneOptions) (err error) {
	p := audit.PruneOptions{Months: o.months, DryRun: o.dryRun}
	if o.key != "" {
		key, err := readPrivateKey(o.key)
		if err != nil {
			return err
		}
		p.Key = key
	}
	log, err := openAudit(a, o.data)
	if err != nil {
		return err
	}
	stubs, err := log.Prune(cmd.Context(), p)
	if closed := log.Close(); err == nil {
		err = closed
	}
	for _, s := range stubs {
		if o.asJSON {
			if e := printJSON(a.stdout, s); e != nil {
				return e
			}
			continue
		}
		fmt.Fprintf(a.stdout, "segment %d  entries %d..%d  newest of %s\n", s.Segment, s.From, s.To, s.Newest)
	}
	if err == nil && !o.asJSON {
		did := "removed"
		if o.dryRun {
			did = "would be removed"
		}
		_, err = fmt.Fprintf(a.stdout, "%s %s\n", counted(len(stubs), "segment"), did)
	}
	return err
}
