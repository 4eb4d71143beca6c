package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
)

// newAuditCommand holds what is done with the audit log.
func newAuditCommand(a *app) *cobra.Command {
	return newGroup("audit", "Verify, anchor and search the audit log",
		"audit works with the chained log of who looked at which household, when and on\nwhat authorisation. Looking into it is taken down in it.",
		newAuditVerifyCommand(a), newAuditKeygenCommand(a), newAuditHeadCommand(a), newAuditSearchCommand(a), newAuditSubjectCommand(a),
		newAuditAlertsCommand(a), newAuditHoneyCommand(a), newAuditStaffCommand(a), newAuditPruneCommand(a))
}

type auditVerifyOptions struct {
	data          string
	heads, public []string
	asJSON        bool
}

func newAuditVerifyCommand(a *app) *cobra.Command {
	var o auditVerifyOptions
	cmd := &cobra.Command{
		Use:   "verify --data DIR [--head FILE --public FILE]",
		Short: "Check every entry of the audit log and the chain between them",
		Long: `verify reads the whole audit log and checks every hash, the chain, the segments and
its newest entry. Who can rewrite the log and its head can rewrite history, but not the
signed heads that were taken elsewhere: with --head it proves that the log still holds
each of them, so that a log that was cut short, put back from a copy, forked or written
anew is found too. With --public the stubs of pruned segments must be signed.
` + exitStatuses,
		Example: "  hedui audit verify --data store\n  hedui audit verify --data store --head heads.jsonl --public audit.pub",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if len(o.heads) > 0 && len(o.public) == 0 {
				return wrongUsage("--public FILE is the public half of the key that signed them", "--public is missing")
			}
			return runAuditVerify(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	cmd.Flags().StringArrayVar(&o.heads, "head", nil, "`file` of signed heads, one a line; may be repeated")
	cmd.Flags().StringArrayVar(&o.public, "public", nil, "`file` of a public key that heads or stubs are signed by; may be repeated")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

func runAuditVerify(cmd *cobra.Command, a *app, o auditVerifyOptions) error {
	v := audit.VerifyOptions{}
	var err error
	if v.Keys, v.Heads, err = readKeysAndHeads(a, o.public, o.heads); err != nil {
		return err
	}
	t := a.track("audit", "bytes")
	v.Progress = t.update
	r, err := audit.Verify(cmd.Context(), o.data, v)
	t.stop()
	if err != nil {
		return err
	}
	if o.asJSON {
		err = printJSON(a.stdout, r)
	} else if r.OK() {
		_, err = fmt.Fprintf(a.stdout, "the audit log is whole: %d entries, head %s\n", r.Entries, r.Head)
		if err == nil && r.Pruned > 0 {
			_, err = fmt.Fprintf(a.stdout, "entries up to %d were pruned at the end of their time\n", r.Pruned)
		}
		if err == nil && len(v.Heads) > 0 {
			_, err = fmt.Fprintf(a.stdout, "it holds %s, the newest of entry %d\n", counted(r.Anchors, "anchored head"), r.Anchored)
		}
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

// readKeysAndHeads reads what an audit log is compared with: public keys, and files of heads
// that were anchored elsewhere, whose signatures are checked.
func readKeysAndHeads(a *app, public, anchored []string) (keys []*audit.PublicKey, heads []audit.Head, err error) {
	for _, name := range public {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		key, err := audit.ParsePublicKey(text)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		keys = append(keys, key)
	}
	for _, name := range anchored {
		list, err := readHeads(a, name, keys)
		if err != nil {
			return nil, nil, err
		}
		heads = append(heads, list...)
	}
	return keys, heads, nil
}

// readHeads reads a file of signed heads. One that holds none proves nothing.
func readHeads(a *app, name string, keys []*audit.PublicKey) ([]audit.Head, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	heads, unread, err := audit.ReadHeads(f, keys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if unread > 0 {
		fmt.Fprintf(a.stderr, "%s: %s of no head\n", name, counted(unread, "line"))
	}
	if len(heads) == 0 {
		return nil, fmt.Errorf("%s holds no signed head", name)
	}
	return heads, nil
}

// openAudit opens the audit log of a data directory that has one.
func openAudit(a *app, data string) (*audit.Log, error) {
	who, err := a.actor()
	if err != nil {
		return nil, err
	}
	if err := durable.Usable(data); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(data, "audit")); errors.Is(err, fs.ErrNotExist) {
		return nil, withHint(fmt.Errorf("%s has no audit log", data), "nothing was looked at yet, or there is a typing error in the directory")
	}
	return audit.Open(data, audit.Options{Actor: who, Now: time.Now})
}

// noteAudit takes down that somebody looks into the log before it is read. A damaged log
// can still be searched, to find out what happened to it: that is all it is good for.
func noteAudit(a *app, data string, e audit.Event) error {
	log, err := openAudit(a, data)
	if err != nil {
		return err
	}
	e.Outcome = audit.Done
	if err = log.Note(e); errors.Is(err, audit.ErrDamaged) {
		fmt.Fprintln(a.stderr, "the audit log is damaged and this search is not taken down; hedui audit verify names the place")
		err = nil
	}
	return errors.Join(err, log.Close())
}
