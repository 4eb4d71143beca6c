package account

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretsMaskThemselves(t *testing.T) {
	const canary = "CANARY-7731"
	u := User{
		ID: "1", Name: "wang",
		credentials: credentials{Password: canary, History: []passwordHash{canary}, TOTP: canary, Pending: canary},
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "user", u, "secret", Secret(canary), "enrolment", Enrolment{canary, canary})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "user", u, "secret", Secret(canary), "enrolment", Enrolment{canary, canary})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&log, verb+"\n", u)
		fmt.Fprintf(&log, verb+"\n", []User{u})
		fmt.Fprintf(&log, verb+"\n", Secret(canary))
		fmt.Fprintf(&log, verb+"\n", Credentials{Password: canary, Code: canary})
		fmt.Fprintf(&log, verb+"\n", []any{Enrolment{canary, canary}, []Secret{canary}})
	}
	for _, v := range []any{u, &u, Secret(canary), Credentials{Password: canary, Code: canary}, []Secret{canary}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		log.Write(b)
	}
	for _, leak := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if strings.Contains(log.String(), leak) {
			t.Errorf("%s leaks:\n%s", leak, log.String())
		}
	}
	if !strings.Contains(log.String(), "wang (1)") || !strings.Contains(log.String(), "***") {
		t.Error("nothing was printed")
	}
}
