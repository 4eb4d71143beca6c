package dock

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/program"
	"github.com/hedui/hedui/bench/visitor"
	"github.com/hedui/hedui/engine/household"
)

// A household that the city checks while the node above answers, while it is gone, and
// after it has come back.
func TestTwoNodes(t *testing.T) {
	s := open(t)
	ctx := t.Context()

	// The node above answers.
	s.register(1)
	v := s.check(1)
	bank := v.Coverage[household.Bank]
	if bank.State != household.Upstream || len(bank.Providers) != 1 || bank.Providers[0].Node != "省平台" || bank.Providers[0].State != household.Found {
		t.Fatalf("bank %+v", bank)
	}
	if v.Outcome != household.SuspectedIneligible || v.Assets.Financial != 10_000_000 || len(v.Findings[0].Evidence) != 1 || v.Findings[0].Evidence[0].Node != "省平台" {
		t.Errorf("%s, %+v, %+v", v.Outcome, v.Assets, v.Findings)
	}
	s.register(2)
	if v := s.check(2); v.Coverage[household.Bank].Providers[0].State != household.None || v.Outcome != household.NoDiscrepancy {
		t.Errorf("nobody's account: %s, %+v", v.Outcome, v.Coverage[household.Bank])
	}

	// It is killed.
	must(t, s.upper.server.Kill())
	s.register(3)
	began := time.Now()
	v = s.check(3)
	if c := v.Coverage[household.Bank]; c.State != household.Pending || v.Outcome != household.Unverifiable {
		t.Fatalf("%s, bank %+v", v.Outcome, c)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the counter waited %s for a node that is gone", took)
	}
	if err := s.visit().get(ctx, "/api/v1/recheck/changes", nil); err != nil {
		t.Error(err)
	}

	// It comes back, and nobody asks.
	s.upper.start()
	var changes struct {
		Items []struct {
			Household, Was, Is string
			Why, Sources       []string
		} `json:"items"`
	}
	for end := time.Now().Add(time.Minute); len(changes.Items) == 0; time.Sleep(100 * time.Millisecond) {
		must(t, s.visit().get(ctx, "/api/v1/recheck/changes", &changes))
		if time.Now().After(end) {
			t.Fatalf("nobody asked again within a minute:\n%s", s.city.server.Last())
		}
	}
	x := changes.Items[0]
	if x.Household != number(3) || x.Was != "unverifiable" || x.Is != "suspected_ineligible" || fmt.Sprint(x.Why, x.Sources) != "[upstream] [bank]" {
		t.Errorf("change %+v", x)
	}
	var h struct {
		Verdicts []string `json:"verdicts"`
	}
	must(t, s.visit().get(ctx, "/api/v1/households/"+number(3), &h))
	if len(h.Verdicts) != 2 {
		t.Fatalf("%d verdicts", len(h.Verdicts))
	}
	var newest struct {
		Verdict json.RawMessage `json:"verdict"`
	}
	must(t, s.visit().get(ctx, "/api/v1/verdicts/"+h.Verdicts[0], &newest))
	if !strings.Contains(string(newest.Verdict), `"bank":{"state":"upstream"`) {
		t.Errorf("%s", newest.Verdict)
	}

	t.Run("certificates", s.certificates)
	t.Run("logs", s.logs)
}

// certificates: neither the token nor the certificate opens anything alone, and only the
// pair that belongs together does.
func (s *site) certificates(t *testing.T) {
	own, other, expired, foreign := s.certificate, s.ca.issue(t, "other", time.Hour), s.ca.issue(t, "expired", -time.Hour), newCA(t).issue(t, "foreign", time.Hour)
	path := "/api/v1/dock/catalogue?nonce=" + strings.Repeat("0", 32)
	ask := func(certs []tls.Certificate, token string) (int, error) {
		c := visitor.Over(s.upper.base, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.ca.pool, Certificates: certs}}).As(token, "")
		defer c.Close()
		r, err := c.Send(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			return 0, err
		}
		return r.Status, nil
	}
	for _, tt := range []struct {
		what  string
		certs []tls.Certificate
		token string
		want  int // 0: no connection
	}{
		{"both", []tls.Certificate{own}, s.token, 200},
		{"the token alone", nil, s.token, 401},
		{"the certificate alone", []tls.Certificate{own}, "", 401},
		{"another certificate of the authority", []tls.Certificate{other}, s.token, 401},
		{"an expired certificate", []tls.Certificate{expired}, s.token, 0},
		{"a certificate of another authority", []tls.Certificate{foreign}, s.token, 0},
	} {
		status, err := ask(tt.certs, tt.token)
		if status != tt.want || tt.want == 0 && err == nil {
			t.Errorf("%s: %d, %v; want %d", tt.what, status, err, tt.want)
		}
	}
}

// logs: both sides have the look, their chains are whole, and nothing of anybody is in what
// the services wrote.
func (s *site) logs(t *testing.T) {
	for _, n := range []*node{s.city, s.upper} {
		if _, err := n.hedui.Run(t.Context(), "", "audit", "verify", "--data", n.data); err != nil {
			t.Error(err)
		}
		for i := 1; i <= 3; i++ {
			if strings.Contains(n.server.Log(), idNumber(i)) || strings.Contains(n.server.Log(), "王秀英") {
				t.Errorf("the log of %s names somebody", n.name)
			}
		}
	}
	for _, tt := range []struct {
		of     *node
		action string
		want   int
	}{{s.upper, `"action":"dock.evidence"`, 3}, {s.city, `"action":"dock.ask"`, 3}} {
		got := 0
		for i := 1; i <= 3; i++ {
			for _, line := range auditLines(t, tt.of.data) {
				if strings.Contains(line, tt.action) && strings.Contains(line, number(i)) && !strings.Contains(line, `"outcome":"denied"`) && !strings.Contains(line, `"outcome":"failed"`) {
					got++
					break
				}
			}
		}
		if got != tt.want {
			t.Errorf("%s has %s of %d households, want %d", tt.of.name, tt.action, got, tt.want)
		}
	}
	if !slices.ContainsFunc(auditLines(t, s.city.data), func(line string) bool {
		return strings.Contains(line, `"action":"dock.ask"`) && strings.Contains(line, number(3)) && strings.Contains(line, `"code":"unreachable"`)
	}) {
		t.Error("the city's audit log does not say that the node above could not be reached")
	}
}

func auditLines(t *testing.T, data string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "audit", "*"))
	must(t, err)
	var out []string
	for _, f := range files {
		if st, err := os.Stat(f); err != nil || st.IsDir() {
			continue
		}
		text, err := os.ReadFile(f)
		must(t, err)
		out = append(out, strings.Split(string(text), "\n")...)
	}
	if len(out) < 5 {
		t.Fatalf("%s has %d lines of audit in %v", data, len(out), files)
	}
	return out
}

// site is the two nodes and who works there.
type site struct {
	t           *testing.T
	ca          *authority
	city, upper *node
	certificate tls.Certificate // the city's, as a client
	token       string          // the city's, of the node above
	clerk       *visitor.Client
}

// node is one centre.
type node struct {
	t      *testing.T
	name   string
	hedui  program.Hedui
	dir    string
	data   string
	config string
	base   string
	server *program.Server
	speak  func() *visitor.Client
}

func open(t *testing.T) *site {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	h := build(t, dir)
	s := &site{t: t, ca: newCA(t)}
	s.upper, s.city = newNode(t, h, dir, "upper"), newNode(t, h, dir, "city")
	s.upper.takeIn("tax", "vehicle", "property", "bank", "insurance")
	s.city.takeIn("tax", "vehicle", "property", "insurance")

	// The node above speaks TLS and takes certificates of the authority.
	s.ca.write(t, filepath.Join(dir, "ca.crt"))
	serverCert := filepath.Join(s.upper.dir, "server")
	s.ca.keep(t, s.ca.issue(t, "127.0.0.1", time.Hour), serverCert)
	key := filepath.Join(s.upper.dir, "answers")
	s.upper.run("audit", "keygen", "--private", key, "--public", key+".pub")
	s.upper.configure("https", fmt.Sprintf("tls: {certificate: %[1]s.crt, key: %[1]s.key, clients: %[2]s}\nanswers: {key: %[3]s}\n", serverCert, filepath.Join(dir, "ca.crt"), key))
	s.upper.speak = func() *visitor.Client {
		return visitor.Over(s.upper.base, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.ca.pool}})
	}
	boss := s.upper.open("34")
	s.certificate = s.ca.issue(t, "city-3401", time.Hour)
	sum := sha256.Sum256(s.certificate.Certificate[0])
	hire(t, boss, "city-3401", "centre", "3401")
	var issued struct {
		Secret string `json:"secret"`
	}
	_, err := boss.Do(ctx, http.MethodPost, "/api/v1/tokens", map[string]any{
		"account": "city-3401", "operations": []string{"dock.catalogue", "dock.evidence", "authorization.register"}, "certificate": hex.EncodeToString(sum[:]),
		"note": "城市节点", "expires": time.Now().AddDate(0, 3, 0).Format(time.DateOnly), "reason": "对接",
	}, &issued)
	must(t, err)
	s.token = issued.Secret

	// The city lacks the bank.
	clientCert, token := filepath.Join(s.city.dir, "client"), filepath.Join(s.city.dir, "token")
	s.ca.keep(t, s.certificate, clientCert)
	must(t, os.WriteFile(token, []byte(s.token+"\n"), 0o600))
	s.city.configure("http", fmt.Sprintf("dock: {upper: '%s', node: 省平台, ca: %s, certificate: %[3]s.crt, key: %[3]s.key, token_file: %[4]s, signer: %[5]s.pub, sources: [bank]}\n",
		s.upper.base, filepath.Join(dir, "ca.crt"), clientCert, token, key))
	s.city.speak = func() *visitor.Client { return visitor.New(s.city.base) }
	boss = s.city.open("3401")
	first := hire(t, boss, "verifier01", "verifier", "3401")
	session, _, err := visitor.Settle(ctx, s.city.speak(), "verifier01", first, password)
	must(t, err)
	s.clerk = s.city.speak().As("", session)
	for end := time.Now().Add(time.Minute); !s.knows("bank"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the city does not know what the node above holds:\n%s", s.city.server.Last())
		}
	}
	return s
}

// knows reports whether the city knows what the node above holds of a source.
func (s *site) knows(source string) bool {
	var c struct {
		Sources []struct {
			Source, Upstream string
			Deliveries       []any
		} `json:"sources"`
	}
	must(s.t, s.visit().get(s.t.Context(), "/api/v1/coverage", &c))
	for _, x := range c.Sources {
		if x.Source == source {
			return x.Upstream == "省平台" && len(x.Deliveries) == 1
		}
	}
	return false
}

const password = "drei Birnen unter 7 Dachziegeln"

func newNode(t *testing.T, h program.Hedui, dir, name string) *node {
	n := &node{t: t, name: name, hedui: h, dir: filepath.Join(dir, name)}
	n.data = filepath.Join(n.dir, "store")
	must(t, os.MkdirAll(n.dir, 0o700))
	return n
}

func (n *node) run(args ...string) string {
	n.t.Helper()
	out, err := n.hedui.Run(n.t.Context(), "", args...)
	must(n.t, err)
	return strings.TrimSpace(string(out))
}

// takeIn publishes the departments' files. The first and the third household are rich at
// the bank.
func (n *node) takeIn(sources ...string) {
	n.t.Helper()
	last := time.Now().AddDate(0, -1, 0)
	rows := map[string]string{
		"tax":       "record_no,id_number,name,period,income_type,income\n",
		"vehicle":   "vin,plate,vehicle_class,status,id_number,name\n",
		"property":  "unit_code,kind,status,id_number,name\n",
		"bank":      "institution,account_no,kind,balance,balance_on,id_number,name\n",
		"insurance": "record_no,id_number,name,scheme,role,month\n",
	}
	add := map[string]string{
		"tax": "T1,%s,王秀英," + last.Format("2006-01") + ",wage,1.00\n", "vehicle": "LSV1,皖A00001,car,scrapped,%s,王秀英\n", "property": "U1,residential,transferred,%s,王秀英\n",
		"insurance": "S1,%s,王秀英,resident_medical,contributing," + last.Format("2006-01") + "\n",
	}
	today := time.Now().Format(time.DateOnly)
	for _, source := range sources {
		text := rows[source]
		if source == "bank" {
			for _, i := range []int{1, 3} {
				text += fmt.Sprintf("工商银行,622200000000000%d,demand,100000.00,%s,%s,王秀英\n", i, today, idNumber(i))
			}
		} else {
			text += fmt.Sprintf(add[source], idNumber(9))
		}
		file := filepath.Join(n.dir, source+".csv")
		must(n.t, os.WriteFile(file, []byte(text), 0o600))
		args := []string{"ingest", "--data", n.data, "--source", source, "--as-of", today}
		if source == "tax" || source == "insurance" {
			args = append(args, "--covers", time.Now().AddDate(-2, 0, 0).Format("2006-01")+".."+last.Format("2006-01"))
		}
		n.run(append(args, file)...)
	}
	n.run("publish", "--data", n.data)
}

// configure writes the configuration of the service.
func (n *node) configure(scheme, more string) {
	n.t.Helper()
	address, err := program.FreeAddress()
	must(n.t, err)
	n.base, n.config = scheme+"://"+address, filepath.Join(n.dir, "hedui.yaml")
	text := fmt.Sprintf("centre: %s\ndata: %s\nschemes: {dibao: reference}\nlisten: %s\nlimits: {per_minute: 60000}\n%s", n.name, n.data, address, more)
	must(n.t, os.WriteFile(n.config, []byte(text), 0o600))
}

// open starts the service for the first time and gives its security administrator.
func (n *node) open(division string) *visitor.Client {
	n.t.Helper()
	first := n.run("users", "bootstrap", "--data", n.data, "--account", "security01", "--person", "P0001", "--display", "安全管理员", "--division", division)
	n.start()
	session, _, err := visitor.Settle(n.t.Context(), n.speak(), "security01", first, password)
	must(n.t, err)
	n.t.Cleanup(func() {
		if err := n.server.Stop(); err != nil {
			n.t.Errorf("%s: %v", n.name, err)
		}
	})
	return n.speak().As("", session)
}

func (n *node) start() {
	n.t.Helper()
	_, address, _ := strings.Cut(n.base, "://")
	var err error
	n.server, err = n.hedui.Serve(address, filepath.Join(n.dir, "serve.log"), "--config", n.config)
	must(n.t, err)
	nobody := n.speak()
	defer nobody.Close()
	must(n.t, n.server.AwaitBy(n.t.Context(), nobody))
}

// hire makes an account and returns its first password.
func hire(t *testing.T, boss *visitor.Client, account, role, division string) string {
	t.Helper()
	var made struct {
		Password string `json:"first_password"`
	}
	_, err := boss.Do(t.Context(), http.MethodPost, "/api/v1/users", map[string]any{
		"account": account, "person": "P-" + account, "display": account, "roles": []string{role}, "division": division, "purposes": []string{"dibao"}, "reason": "新到岗",
	}, &made)
	must(t, err)
	return made.Password
}

// visitorOf asks and reads.
type visitorOf struct{ *visitor.Client }

func (s *site) visit() visitorOf { return visitorOf{s.clerk} }

func (v visitorOf) get(ctx context.Context, path string, into any) error {
	_, err := v.Do(ctx, http.MethodGet, path, nil, into)
	return err
}

// register registers the authorisation of a household of one.
func (s *site) register(i int) {
	s.t.Helper()
	year := time.Now().Year()
	_, err := s.clerk.Do(s.t.Context(), http.MethodPost, "/api/v1/authorizations", map[string]any{
		"number": "SQ" + number(i), "household": number(i), "division": "340104", "purposes": []string{"dibao"},
		"data_classes": []string{"tax", "vehicle", "property", "bank", "insurance"},
		"valid_from":   fmt.Sprintf("%d-01-01", year), "valid_to": fmt.Sprintf("%d-12-31", year+1), "scan_digest": strings.Repeat("0a", 32),
		"members": []any{map[string]any{"name": "王秀英", "id_number": idNumber(i), "signed_on": fmt.Sprintf("%d-01-01", year)}},
	}, nil)
	must(s.t, err)
}

// check checks a household.
func (s *site) check(i int) *household.Verdict {
	s.t.Helper()
	r, err := s.clerk.Do(s.t.Context(), http.MethodPost, "/api/v1/checks", map[string]any{
		"household_id": number(i), "region": "340104", "scheme": "dibao", "residence": "urban", "authorization": map[string]any{"number": "SQ" + number(i)},
		"members":         []any{map[string]any{"name": "王秀英", "id_number": idNumber(i), "relation": "head"}},
		"declared_assets": map[string]any{"financial_fen": 0},
	}, nil)
	must(s.t, err)
	v, err := household.ParseVerdict(bytes.TrimSuffix(r.Body, []byte("\n")))
	must(s.t, err)
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
