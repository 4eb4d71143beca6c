package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/staff"
)

// newUsersCommand holds what is done with accounts on the machine itself. Everything else
// is done over HTTP, by a security administrator who has signed in.
func newUsersCommand(a *app) *cobra.Command {
	return newGroup("users", "The first account, a lost one, and tokens for commands",
		"users makes the first account of a data directory, that of a security administrator,\nwho makes all others over HTTP; opens it again when it is lost; and gives tokens that\ncommands act by.",
		newUsersBootstrapCommand(a), newUsersRescueCommand(a), newUsersTokenCommand(a))
}

type bootstrapOptions struct {
	data, account, person, display, division string
}

func newUsersBootstrapCommand(a *app) *cobra.Command {
	var o bootstrapOptions
	cmd := &cobra.Command{
		Use:   "bootstrap --data DIR --account NAME --person NUMBER --display TEXT --division CODE",
		Short: "Make the first security administrator",
		Long: `bootstrap makes the first account, that of a security administrator, and prints its first
password, which is shown this once, must be changed at the first sign-in, and ends soon.
It is refused once there are accounts. Register two security administrators: one who
loses the second factor and the recovery codes can be helped by the other only.

A security administrator makes accounts and sees no household.
` + exitStatuses,
		Example: "  hedui users bootstrap --data store --account security01 --person P0001 --display 安全管理员 --division 34",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "account", "person", "display", "division"); err != nil {
				return err
			}
			return runUsersBootstrap(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.account, "account", "", "`name` to sign in with: 3 to 32 of a-z, 0-9, dot, dash, underscore (required)")
	f.StringVar(&o.person, "person", "", "personnel `number`, never an identity document (required)")
	f.StringVar(&o.display, "display", "", "how people know the account (required)")
	f.StringVar(&o.division, "division", "", "division `code` whose accounts it looks after, as in 34 (required)")
	return cmd
}

func runUsersBootstrap(cmd *cobra.Command, a *app, o bootstrapOptions) (err error) {
	who, err := a.actor()
	if err != nil {
		return err
	}
	l, err := a.dialLedger(cmd.Context(), o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	log, err := audit.Open(o.data, audit.Options{Actor: who, Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	accounts, err := account.New(account.Options{Store: staff.NewStore(l), Rules: staff.Rules{}, Policy: account.DefaultPolicy()})
	if err != nil {
		return err
	}
	if access.Significant(o.division) == "" {
		return wrongUsage("2 digits are a province, 4 a city, 6 a county", "--division %q is not a division code", o.division)
	}
	// Taken down before it is done: nobody gets in without a trace.
	if err := log.Note(audit.Event{Operation: "accounts_bootstrap", Outcome: audit.Done, Object: o.account}); err != nil {
		return fmt.Errorf("the audit log can't be written, so nothing was done: %w", err)
	}
	u, secret, _, err := accounts.Bootstrap(cmd.Context(), account.NewUser{
		Name: o.account, Person: o.person, Display: o.display, Roles: []account.Role{account.Role(access.SecurityAdmin.String())}, Division: o.division,
	}, time.Now())
	if errors.Is(err, account.ErrNotEmpty) {
		return withHint(err, "a security administrator makes further accounts: POST /api/v1/users")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "account %s; its first password, shown this once:\n", u.Name)
	_, err = fmt.Fprintln(a.stdout, secret.Reveal())
	return err
}
