package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/staff"
)

// dataCommands are the names of all commands that work on a data directory.
func dataCommands(cmd *cobra.Command) (out []string) {
	if cmd.Runnable() && cmd.Flags().Lookup("data") != nil {
		out = append(out, commandName(cmd))
	}
	for _, c := range cmd.Commands() {
		out = append(out, dataCommands(c)...)
	}
	return out
}

// Every command that works on a data directory is an operation of the policy, or the
// owner's of the machine.
func TestEveryCommandIsAnOperation(t *testing.T) {
	known := ownersCommands()
	for name, op := range operations() {
		if _, ok := op.Rule(); !ok {
			t.Errorf("%s is no operation of the policy", name)
		}
		known = append(known, name)
	}
	found := dataCommands(newRootCommand(testApp()))
	if len(found) < 20 {
		t.Fatalf("only %d commands were found", len(found))
	}
	for _, name := range found {
		if !slices.Contains(known, name) {
			t.Errorf("hedui %s is judged by nobody", name)
		}
	}
	for _, name := range known {
		if !slices.Contains(found, name) {
			t.Errorf("there is no command %s", name)
		}
	}
}

func testApp() *app {
	owner := func() (string, error) { return "owner", nil }
	return &app{
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, actor: owner, machineUser: owner,
		token: func() (string, error) { return "", nil }, logger: slog.New(slog.DiscardHandler), language: english,
	}
}

// staffed makes a data directory with an account of each role, and returns their tokens.
func staffed(t *testing.T) (data string, tokens map[access.Role]string) {
	t.Helper()
	data, tokens = t.TempDir(), map[access.Role]string{}
	l, err := ledger.Open(data, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range access.Policy {
		all = append(all, r.Name)
	}
	var change account.Change
	for i, r := range access.AllRoles() {
		u := account.User{
			ID: "u-" + r.String(), Name: r.String(), Person: "P" + r.String(), Display: r.String(), Roles: []account.Role{account.Role(r.String())},
			Division: "34", Purposes: []string{"dibao"}, State: account.Active, Created: time.Now(), Epoch: 1,
		}
		text := account.TokenPrefix + base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{byte(i + 1)}, 32))
		tokens[r] = text
		change.Users = append(change.Users, u)
		change.Tokens = append(change.Tokens, account.Token{
			ID: "t-" + r.String(), Hash: account.HashOf(account.Secret(text)), User: u.ID, Label: "test", Operations: all,
			Division: "34", Purposes: u.Purposes, Created: time.Now(), Expires: time.Now().Add(time.Hour),
		})
	}
	if err := staff.NewStore(l).Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	// It stays open, as while the service runs: commands ask it by the socket.
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return data, tokens
}

// give runs a command line in the name of a token.
func give(t *testing.T, token string, args ...string) error {
	t.Helper()
	a := testApp()
	a.token = func() (string, error) { return token, nil }
	root := newRootCommand(a)
	root.SetArgs(args)
	return errors.Join(root.ExecuteContext(t.Context()), a.closeOffice())
}

// Each command is for the roles that the policy names, and what is denied is in the audit
// log. The three administrators get no case data by any of them.
func TestCommandsByRole(t *testing.T) {
	data, tokens := staffed(t)
	names := dataCommands(newRootCommand(testApp()))
	var denied atomic.Int64
	t.Run("roles", func(t *testing.T) {
		for _, role := range access.AllRoles() {
			t.Run(role.String(), func(t *testing.T) {
				t.Parallel()
				for _, name := range names {
					if op, judged := operations()[name]; judged && commandByRole(t, data, tokens[role], role, name, op) {
						denied.Add(1)
					}
				}
			})
		}
	})
	hits := 0
	err := audit.Search(t.Context(), data, audit.Query{Outcome: audit.Denied}, func(h audit.Hit) error {
		if h.Code == "role_denied" {
			hits++
		}
		return nil
	})
	if n := denied.Load(); err != nil || int64(hits) != n || n < 50 {
		t.Errorf("%d denials, %d in the audit log, %v", n, hits, err)
	}
}

// commandByRole gives one command in the name of one role, and reports whether the policy
// denied it.
func commandByRole(t *testing.T, data, token string, role access.Role, name string, op access.Operation) bool {
	t.Helper()
	args := append(strings.Fields(name), "--data", data)
	cmd, _, err := newRootCommand(testApp()).Find(strings.Fields(name))
	if err != nil {
		t.Fatal(err)
	}
	for more := []string(nil); cmd.Args(cmd, more) != nil && len(more) < 3; { // whatever they are
		more = append(more, "x")
		args = append(args, "x")
	}
	rule, _ := op.Rule()
	allowed := (rule.Roles | rule.Own).Has(role)
	err = give(t, token, args...)
	denied := err != nil && strings.Contains(err.Error(), "is not for account "+role.String())
	if denied == allowed {
		t.Errorf("hedui %s: allowed %v, got %v", name, allowed, err)
	}
	if denied && (!strings.Contains(err.Error(), "role_denied (") || exitStatus(err) != exitError) {
		t.Errorf("hedui %s: %v", name, err)
	}
	if access.RolesOf(role)&access.Administrators != 0 && !denied && rule.Shows != 0 {
		t.Errorf("hedui %s shows households", name)
	}
	return denied
}

// Where there are accounts nobody is nobody, and a token that is none opens nothing.
func TestCommandsNeedAToken(t *testing.T) {
	data, tokens := staffed(t)
	for what, token := range map[string]string{"no token": "", "nonsense": "x", "unknown": tokens[access.Verifier][:len(tokens[access.Verifier])-3] + "AAA"} {
		err := give(t, token, "snapshots", "list", "--data", data)
		if err == nil || hintOf(err) == "" || strings.Contains(err.Error(), "snapshot") && !strings.Contains(err.Error(), "account") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
