package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/household"
)

// The example that is shipped is what its comments say: every default it names is the
// default, and every key in a comment is a key.
func TestShippedConfig(t *testing.T) {
	shipped := filepath.Join("..", "..", "packaging", "hedui.yaml")
	c, err := loadConfig(shipped)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	// With its comments opened it says the same where it names defaults.
	var all strings.Builder
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "# "); ok {
			if key, _, isKey := strings.Cut(strings.TrimLeft(rest, " "), ":"); isKey && !strings.ContainsAny(key, " `,") {
				line = rest
			}
		}
		all.WriteString(line)
	}
	opened := filepath.Join(t.TempDir(), "hedui.yaml")
	if err := os.WriteFile(opened, []byte(all.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := loadConfig(opened)
	if err != nil {
		t.Fatalf("with its comments opened: %v\n%s", err, all.String())
	}
	if o.OIDC == nil || o.KeyFile == "" || o.Audit.Anchor == "" || o.TLS.Key == "" || o.TLS.Clients == "" || o.Metrics == "" || o.Answers.Key == "" || o.Dock == nil || !o.Dock.set[household.Insurance] || o.Dock.wait != defaultDockWait {
		t.Fatalf("some comment was not opened: %+v", o)
	}
	if o.Limits.ChecksAtOnce != c.Limits.ChecksAtOnce || o.Limits.ChecksWaiting != c.Limits.ChecksWaiting || o.Limits.PerMinute != c.Limits.PerMinute ||
		o.body != c.body || o.every != c.every || o.request != c.request || o.stop != c.stop || o.ContestDays != c.ContestDays || o.work.From != c.work.From || o.work.To != c.work.To {
		t.Errorf("the comments name other defaults:\n%+v\n%+v", c, o)
	}
	if c.work.From != 8*60 || c.work.To != 18*60+30 || c.body != 1<<20 {
		t.Errorf("%+v", c)
	}
}

// dockTo is a node above, with more said of it.
func dockTo(more string) string {
	return "dock: {upper: 'https://x:1', certificate: c, key: k, token_file: t, signer: s, " + more + "}"
}

func TestConfigErrors(t *testing.T) {
	const good = "data: store\nschemes: {dibao: reference}\n"
	tests := map[string]struct{ text, want string }{
		"no data":                             {"schemes: {dibao: reference}", "data: say where"},
		"no schemes":                          {"data: store", "schemes: name at least one"},
		"unknown key":                         {good + "dta: x", ":3:1: unknown field"},
		"not YAML":                            {good + "tls: [", ":3:"},
		"open to the network":                 {good + "listen: 0.0.0.0:80", "listen: without TLS"},
		"a name is no address of the machine": {good + "listen: hedui.example.org:80", "listen: without TLS"},
		"no port":                             {good + "listen: localhost", "listen: an address and a port"},
		"relative socket":                     {good + "listen: unix:hedui.sock", "listen: the path"},
		"half a certificate":                  {good + "tls: {certificate: x}", "tls: a certificate needs"},
		"metrics in the clear":                {good + "metrics: 10.0.0.1:9090", "metrics: without TLS"},
		"anchor without a key":                {good + "audit: {anchor: /mnt}", "audit: key and anchor"},
		"anchor too rarely":                   {good + "audit: {key: k, anchor: /mnt, every: 1h}", "audit.every: a duration up to 10m0s"},
		"no time to object":                   {good + "contest_days: 3", "contest_days: a family needs time"},
		"negative":                            {good + "limits: {per_minute: -1}", "limits: numbers"},
		"not a duration":                      {good + "limits: {stop: soon}", "limits.stop: a duration"},
		"not a size":                          {good + "limits: {body: big}", "limits.body: a size"},
		"hours":                               {good + "office_hours: 18:00-08:00", "office_hours: two times"},
		"issuer in the clear":                 {good + "oidc: {issuer: 'http://x', client_id: a, redirect: 'https://y'}", "oidc.issuer: an https"},
		"no groups":                           {good + "oidc: {issuer: 'https://x', client_id: a, redirect: 'https://y'}", "oidc.groups: say which"},
		"clients without TLS":                 {good + "tls: {clients: ca}", "tls.clients: clients show"},
		"answers to anybody":                  {good + "answers: {key: k}", "answers: nodes below show"},
		"an upper node in the clear":          {good + "dock: {upper: 'http://x', sources: [bank]}", "dock.upper: the https"},
		"an upper node with a path":           {good + "dock: {upper: 'https://x/api', sources: [bank]}", "dock.upper: the https"},
		"an upper node without a key":         {good + "dock: {upper: 'https://x', certificate: c, key: k, token_file: t, sources: [bank]}", "dock.signer: is needed"},
		"an upper node for nothing":           {good + dockTo("sources: []"), "dock.sources: say which"},
		"an upper node for the register":      {good + dockTo("sources: [register]"), "dock.sources: there is no source register"},
		"an upper node for too long":          {good + dockTo("sources: [bank], wait: 1m"), "dock.wait: a duration up to 8s"},
		"a name with a space":                 {good + dockTo("sources: [bank], node: a b"), "dock.node: a name"},
		"a group of no role":                  {good + "oidc: {issuer: 'https://x', client_id: a, redirect: 'https://y', groups: {g: [root]}}", "oidc.groups.g: there is no role"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hedui.yaml")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := loadConfig(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), path) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := loadConfig(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	for _, text := range []string{"listen: unix:/run/hedui.sock", "listen: '[::1]:80'", "listen: localhost:80", "listen: 0.0.0.0:443\ntls: {certificate: a, key: b}"} {
		path := filepath.Join(t.TempDir(), "hedui.yaml")
		if err := os.WriteFile(path, []byte(good+text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(path); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
