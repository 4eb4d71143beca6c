package main

import (
	"cmp"
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
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/staff"
)

// office is the ledger of a data directory and who a command acts for in it.
type office struct {
	ledger   ledger.Ledger
	accounts *account.Accounts
	caller   desk.Caller
	// unjudged says that there are no accounts: whoever may write into the directory
	// may do everything, as before the first account.
	unjudged bool
}

// operations says which operation of the policy each command is that works on a data
// directory.
func operations() map[string]access.Operation {
	return map[string]access.Operation{
		"audit alerts":            access.AuditAlerts,
		"audit honey":             access.AuditAlertClose,
		"audit staff":             access.UserChange,
		"audit head":              access.AuditHead,
		"audit prune":             access.RetentionRun,
		"audit search":            access.AuditSearch,
		"audit subject":           access.AuditSubject,
		"authorizations amend":    access.AuthorizationAmend,
		"authorizations list":     access.AuthorizationSearch,
		"authorizations register": access.AuthorizationRegister,
		"authorizations show":     access.AuthorizationRead,
		"authorizations withdraw": access.AuthorizationWithdraw,
		"batch cancel":            access.BatchCancel,
		"batch close":             access.BatchSubmit,
		"batch export":            access.BatchExport,
		"batch list":              access.BatchList,
		"batch open":              access.BatchSubmit,
		"batch retry":             access.BatchSubmit,
		"batch show":              access.BatchRead,
		"batch submit":            access.BatchSubmit,
		"cases list":              access.CaseList,
		"cases show":              access.CaseRead,
		"check":                   access.Check,
		"corrections export":      access.CorrectionSend,
		"export identify":         access.AuditSearch,
		"export public-notice":    access.PublicNotice,
		"generations drop":        access.SnapshotDrop,
		"generations list":        access.SnapshotList,
		"generations diff":        access.SnapshotList,
		"keys retire":             access.KeyRotate,
		"keys rotate":             access.KeyRotate,
		"keys show":               access.KeyList,
		"snapshots quarantine":    access.Ingest,
		"ingest":                  access.Ingest,
		"match conflicts":         access.ConflictList,
		"publish":                 access.Publish,
		"recheck":                 access.RecheckRun,
		"report issue":            access.ReportIssue,
		"report make":             access.ReportIssue,
		"retention plan":          access.RetentionRun,
		"retention run":           access.RetentionRun,
		"retention show":          access.RetentionRun,
		"simulate":                access.RulesSimulate,
		"snapshots drop":          access.SnapshotDrop,
		"snapshots list":          access.SnapshotList,
		"snapshots verify":        access.SnapshotVerify,
		"verify":                  access.BatchSubmit,
	}
}

// ownersCommands are those of the owner of the machine: that ask who is there themselves,
// hold the keys, or show nothing of anybody and must work when the ledger does not.
func ownersCommands() []string {
	return []string{"audit verify", "backup", "doctor", "keys export", "keys init", "users bootstrap", "users rescue", "users token"}
}

// admit asks the policy whether whoever gave the command may do anything of its kind,
// before it begins. What depends on the household is asked where the household is known.
func (a *app) admit(cmd *cobra.Command) error {
	op, judged := operations()[commandName(cmd)]
	f := cmd.Flags().Lookup("data")
	if !judged || f == nil || f.Value.String() == "" {
		return nil
	}
	data := f.Value.String()
	if _, err := os.Stat(filepath.Join(data, "ledger")); errors.Is(err, fs.ErrNotExist) {
		return nil // nobody has an account here
	}
	o, err := a.openOffice(cmd.Context(), data)
	if err != nil || o.unjudged {
		return err
	}
	if reason := access.May(o.caller.Subject, op); reason != "" {
		return a.denied(data, op, o.caller, reason)
	}
	return nil
}

// openOffice opens the ledger of a data directory and finds out who is there. It is done
// once; closeOffice ends it.
func (a *app) openOffice(ctx context.Context, data string) (_ *office, err error) {
	if a.office != nil {
		return a.office, nil
	}
	o := &office{}
	if o.ledger, err = a.dialLedger(ctx, data); err != nil {
		return nil, err
	}
	a.office = o
	if o.accounts, err = account.Resolver(account.Options{Store: staff.NewStore(o.ledger), Rules: staff.Rules{}, Policy: account.DefaultPolicy()}); err != nil {
		return nil, err
	}
	return o, a.whoIsThere(ctx, data, o)
}

// closeOffice lets the ledger go.
func (a *app) closeOffice() error {
	if a.office == nil {
		return nil
	}
	o := a.office
	a.office = nil
	return o.ledger.Close()
}

// whoIsThere fills in who the command acts for: the account of the token, or where there
// are no accounts the user of the operating system.
func (a *app) whoIsThere(ctx context.Context, data string, o *office) error {
	none, err := noAccounts(ctx, o.ledger)
	if err != nil {
		return err
	}
	if none {
		o.unjudged = true
		o.caller.Account, err = a.actor()
		return err
	}
	text, err := a.token()
	if err != nil {
		return err
	}
	if text == "" {
		return withHint(errors.New("there are accounts in "+data+", so a command acts for one of them"),
			"hedui users token makes a token; hand it over in HEDUI_TOKEN or with --token-file")
	}
	who, event, err := o.accounts.ResolveToken(ctx, account.Secret(text), "", time.Now())
	if err != nil {
		if errors.Is(err, account.ErrNoSession) {
			err = withHint(errors.Join(errors.New("the token opens nothing: it is unknown, expired or taken back"), a.noteAccount(data, event)),
				"hedui users token makes another one")
		}
		return err
	}
	if who.Certificate != "" { // a command has no connection that could show it
		return withHint(errors.New("the token is bound to a certificate and opens nothing here"), "hedui users token makes one for commands")
	}
	o.caller.Subject = staff.Subject(&who)
	name := o.caller.Account
	a.actor = func() (string, error) { return name, nil }
	return nil
}

// noteAccount takes an event of the accounts down.
func (a *app) noteAccount(data string, e account.Event) (err error) {
	if e.Kind == "" {
		return nil
	}
	who, err := a.machineUser()
	if err != nil {
		return err
	}
	log, err := audit.Open(data, audit.Options{Actor: who, Now: time.Now})
	if err != nil {
		return err
	}
	x := audit.Event{Who: audit.Who{Actor: cmp.Or(e.By, e.Account)}, Operation: string(e.Kind), Outcome: audit.Done, Object: e.Account}
	if strings.HasSuffix(string(e.Kind), "_refused") {
		x.Outcome, x.Code = audit.Denied, strings.ReplaceAll(e.Reason, ",", "_")
	}
	return errors.Join(log.Note(x), log.Close())
}

// denied takes a denial down and says so.
func (a *app) denied(data string, op access.Operation, c desk.Caller, reason access.Reason) error {
	log, err := audit.Open(data, audit.Options{Actor: c.Account, Now: time.Now})
	if err != nil {
		return err
	}
	err = errors.Join(log.Note(audit.Event{Who: c.Who(), Operation: op.String(), Outcome: audit.Denied, Code: string(reason)}), log.Close())
	if err != nil {
		return err
	}
	return fmt.Errorf("%s is not for account %s: %s", op, c.Account, a.refusalText(string(reason)))
}

// refusalText is a code of a refusal with its words.
func (a *app) refusalText(code string) string {
	text := explain.RefusalText(code)
	words := text.En
	if a.language == chinese {
		words = text.Zh
	}
	if words == "" {
		return code
	}
	return code + " (" + words + ")"
}

// readToken reads a token from a file that only its owner can read.
func readToken(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", withHint(fmt.Errorf("%s can be read by others than its owner", name), "chmod 600 "+name)
	}
	text, err := os.ReadFile(name)
	return strings.TrimSpace(string(text)), err
}
