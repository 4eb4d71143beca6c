package wire_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/api/wire"
)

func TestCodes(t *testing.T) {
	seen := map[wire.Code]bool{}
	for _, e := range wire.Codes {
		if seen[e.Code] {
			t.Errorf("%s stands twice in the table", e.Code)
		}
		seen[e.Code] = true
		if http.StatusText(e.Status) == "" || e.Status < 400 || e.Zh == "" || e.En == "" {
			t.Errorf("%s: %+v", e.Code, e)
		}
		if wire.Lookup(e.Code) != e {
			t.Errorf("%s is not found", e.Code)
		}
	}
	if got := wire.Lookup("no_such_code"); got.Code != wire.Internal {
		t.Errorf("an unknown code is %+v", got)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	const secret = "open sesame"
	s := wire.SignIn{Account: "a", Password: secret}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "password", s.Password)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %s %q", s, s, s.Password, s.Password), log.String()} {
		if strings.Contains(text, secret) {
			t.Errorf("it prints: %s", text)
		}
	}
	session, err := json.Marshal(wire.Session{Token: secret})
	if err != nil || strings.Contains(string(session), secret) {
		t.Errorf("a session's token is in its body: %s %v", session, err)
	}
}

func TestRefuse(t *testing.T) {
	r := wire.Refuse(wire.InvalidField, "members[0].signed_on:required", "number")
	want := []wire.Field{{Name: "members[0].signed_on", Rule: "required"}, {Name: "number"}}
	if len(r.Fields) != 2 || r.Fields[0] != want[0] || r.Fields[1] != want[1] {
		t.Errorf("fields %v", r.Fields)
	}
}
