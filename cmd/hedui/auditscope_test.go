package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
)

// An auditor reads what the bodies of their own division did; and of a household only who
// looks after it is told.
func TestAuditCommandsStayInTheirDivision(t *testing.T) {
	data, tokens := staffed(t)
	log, err := audit.Open(data, audit.Options{Actor: "test", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for place, household := range map[string]string{"340104": "340104-000001", "350102": "350102-000002"} {
		e := audit.Event{
			Who: audit.Who{Actor: "verifier" + place, Role: "verifier", Division: place}, Operation: "check", Outcome: audit.Done,
			Subjects: []audit.Subject{{Household: household, Authorization: "SQ" + household}},
		}
		if err := log.Note(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	said := func(role access.Role, args ...string) (string, error) {
		var out bytes.Buffer
		a := testApp()
		a.stdout, a.token = &out, func() (string, error) { return tokens[role], nil }
		root := newRootCommand(a)
		root.SetArgs(append(args, "--data", data))
		err := root.ExecuteContext(t.Context())
		return out.String(), errors.Join(err, a.closeOffice())
	}
	for name, args := range map[string][]string{
		"everything":    {"audit", "search", "--operation", "check"},
		"a county":      {"audit", "search", "--operation", "check", "--division", "340104"},
		"by the number": {"audit", "search", "--household", "340104-000001"},
	} {
		if got, err := said(access.Auditor, args...); err != nil || !strings.Contains(got, "verifier340104") || strings.Contains(got, "350102") {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	if got, err := said(access.Auditor, "audit", "search", "--household", "350102-000002"); err != nil || got != "" {
		t.Errorf("a household elsewhere: %v\n%s", err, got)
	}
	honey := filepath.Join(t.TempDir(), "honey")
	if err := os.WriteFile(honey, []byte("340104-000001\n350102-000002\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := said(access.Auditor, "audit", "alerts", "--honey", honey); err != nil || strings.Contains(got, "350102") || !strings.Contains(got, "verifier340104") {
		t.Errorf("alerts: %v\n%s", err, got)
	}
	for name, try := range map[string]struct {
		role access.Role
		args []string
		code string
	}{
		"another province":      {access.Auditor, []string{"audit", "search", "--division", "35"}, "not_found"},
		"above":                 {access.Auditor, []string{"audit", "search", "--division", "3"}, "not_found"},
		"who is not registered": {access.Intake, []string{"audit", "subject", "--household", "340104-000001"}, "not_found"},
		"accounts":              {access.Intake, []string{"audit", "subject", "--household", "340104-000001", "--actors"}, "role_denied"},
	} {
		if got, err := said(try.role, try.args...); err == nil || !strings.Contains(err.Error(), try.code) || got != "" {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}

	// Registered where the caller looks, it is told; elsewhere, it is not.
	l, err := testApp().dialLedger(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	for place, number := range map[string]string{"340104": "340104-000001", "350102": "350102-000002"} {
		if err := l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(&ledger.Authorization{Number: "SQ" + number, Household: number, Division: place})}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := said(access.Intake, "audit", "subject", "--household", "340104-000001"); err != nil || !strings.Contains(got, "340104-000001") || strings.Contains(got, "verifier340104") {
		t.Errorf("one's own: %v\n%s", err, got)
	}
	if got, err := said(access.Auditor, "audit", "subject", "--household", "350102-000002"); err == nil || got != "" {
		t.Errorf("elsewhere: %v\n%s", err, got)
	}
}
