package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/staff"
)

type tokenOptions struct {
	data, account, label, operations string
	life                             time.Duration
}

// newUsersTokenCommand issues a token for the commands of one person.
func newUsersTokenCommand(a *app) *cobra.Command {
	var o tokenOptions
	cmd := &cobra.Command{
		Use:   "token --data DIR --account NAME",
		Short: "Sign in and get a token for commands",
		Long: `token signs an account in with its password and its code, which are asked for or read
from two lines of standard input, and prints a token that commands act by: put it into
HEDUI_TOKEN or into a file for --token-file. It may do what the account may, of that
only --operations, and ends by itself. A session in a browser ends by it, as an account
has one at most. Tokens of programs are issued by a security administrator over HTTP.
` + exitStatuses,
		Example: "  hedui users token --data store --account wang01 --for 4h >token",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "account"); err != nil {
				return err
			}
			return runUsersToken(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.account, "account", "", "`name` of the account (required)")
	f.StringVar(&o.label, "label", "commands", "what the token is for, as lists show it")
	f.StringVar(&o.operations, "operations", "", "`operations` it may do, as in check,batch.submit (default those of commands that the roles may)")
	f.DurationVar(&o.life, "for", 8*time.Hour, "`time` after which it ends, at most 24h")
	return cmd
}

func runUsersToken(cmd *cobra.Command, a *app, o tokenOptions) (err error) {
	if o.life <= 0 || o.life > 24*time.Hour {
		return wrongUsage("--for takes up to 24h", "%s is no life of a token", o.life)
	}
	ctx := cmd.Context()
	accounts, err := a.accounts(cmd, o.data)
	if err != nil {
		return err
	}
	lines := bufio.NewReader(a.stdin)
	password, err := a.secret(lines, "password")
	if err != nil {
		return err
	}
	code, err := a.secret(lines, "code")
	if err != nil {
		return err
	}
	session, event, err := accounts.SignIn(ctx, account.Credentials{Name: o.account, Password: password, Code: code}, time.Now())
	if noted := a.noteAccount(o.data, event); err != nil || noted != nil {
		return errors.Join(err, noted)
	}
	defer func() {
		event, ended := accounts.SignOut(ctx, session, "")
		err = errors.Join(err, ended, a.noteAccount(o.data, event))
	}()
	who, _, err := accounts.ResolveSession(ctx, session, "", time.Now())
	if err != nil {
		return err
	}
	if who.Setup {
		return withHint(errors.New("the account still has to set a password or a second factor"), "sign in at the interface first")
	}
	r := account.TokenRequest{Label: o.label, Expires: time.Now().Add(o.life), Operations: commandOperations(staff.Subject(&who))}
	if o.operations != "" {
		r.Operations = strings.Split(o.operations, ",")
	}
	for _, name := range r.Operations {
		if _, ok := access.ParseOperation(name); !ok {
			return wrongUsage("docs/access.md lists the operations", "there is no operation %q", name)
		}
	}
	if len(r.Operations) == 0 {
		return fmt.Errorf("no command is for the roles of account %s", who.Name)
	}
	token, _, event, err := accounts.IssueToken(ctx, who, r, time.Now())
	if noted := a.noteAccount(o.data, event); err != nil || noted != nil {
		return errors.Join(err, noted)
	}
	fmt.Fprintf(a.stderr, "a token for %s until %s\n", strings.Join(r.Operations, ", "), r.Expires.Format(time.DateTime))
	_, err = fmt.Fprintln(a.stdout, token.Reveal())
	return err
}

// commandOperations are the operations of commands that somebody may do.
func commandOperations(s access.Subject) (out []string) {
	for _, op := range operations() {
		if access.May(s, op) == "" && !slices.Contains(out, op.String()) {
			out = append(out, op.String())
		}
	}
	slices.Sort(out)
	return out
}

// accounts opens the accounts of a data directory without asking who is there.
func (a *app) accounts(cmd *cobra.Command, data string) (*account.Accounts, error) {
	if a.office == nil {
		l, err := a.dialLedger(cmd.Context(), data)
		if err != nil {
			return nil, err
		}
		a.office = &office{ledger: l}
	}
	return account.New(account.Options{Store: staff.NewStore(a.office.ledger), Rules: staff.Rules{}, Policy: account.DefaultPolicy()})
}

// secret reads a secret: from the terminal without showing it, or a line of standard
// input. What is there no line for is empty.
func (a *app) secret(lines *bufio.Reader, what string) (account.Secret, error) {
	if f, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(a.stderr, "%s: ", what)
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.stderr)
		return account.Secret(text), err
	}
	line, err := lines.ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return account.Secret(strings.TrimRight(line, "\r\n")), err
}

type rescueOptions struct {
	data, account string
	others        bool
}

// newUsersRescueCommand opens an account again that nobody else can.
func newUsersRescueCommand(a *app) *cobra.Command {
	var o rescueOptions
	cmd := &cobra.Command{
		Use:   "rescue --data DIR --account NAME",
		Short: "Open a security administrator's account again",
		Long: `rescue takes password and second factor from the account of a security administrator,
ends its sessions and tokens, and prints a first password, which is shown this once. It
is for when nobody else can help, and is refused while another security administrator
could, unless --others-unreachable says that they can't be had. Whoever owns the machine
could do it anyway: this way the audit log has it.
` + exitStatuses,
		Example: "  hedui users rescue --data store --account security01",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "account"); err != nil {
				return err
			}
			return runUsersRescue(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.account, "account", "", "`name` of the account (required)")
	f.BoolVar(&o.others, "others-unreachable", false, "go on although another security administrator has an account")
	return cmd
}

func runUsersRescue(cmd *cobra.Command, a *app, o rescueOptions) error {
	accounts, err := a.accounts(cmd, o.data)
	if err != nil {
		return err
	}
	// Taken down before it is done: nobody gets in without a trace.
	if err := a.noteAccount(o.data, account.Event{Kind: "user_rescue", Account: strings.ToLower(o.account)}); err != nil {
		return fmt.Errorf("the audit log can't be written, so nothing was done: %w", err)
	}
	secret, event, err := accounts.Rescue(cmd.Context(), o.account, !o.others, time.Now())
	if noted := a.noteAccount(o.data, event); err != nil || noted != nil {
		switch {
		case errors.Is(err, account.ErrOthers):
			err = withHint(err, "ask them; --others-unreachable if they can't be had")
		case errors.Is(err, account.ErrNotAllowed):
			err = withHint(err, "a security administrator resets other accounts: POST /api/v1/users/{id}/reset")
		}
		return errors.Join(err, noted)
	}
	fmt.Fprintf(a.stderr, "account %s; its first password, shown this once:\n", o.account)
	_, err = fmt.Fprintln(a.stdout, secret.Reveal())
	return err
}
