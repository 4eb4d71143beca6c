package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/watch"
)

// lockedBuffer is written to by a program and read by its test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// watched is a service in this process, and accounts with tokens that open it.
type watched struct {
	t       *testing.T
	dir     string
	address string
	role    access.Role // that commands act for; 0 for none
	log     lockedBuffer
	end     context.CancelFunc
	done    chan error
}

func (w *watched) app(out, errs io.Writer) *app {
	owner := func() (string, error) { return "root", nil }
	return &app{
		stdin: strings.NewReader(""), stdout: out, stderr: errs, actor: owner, machineUser: owner,
		token: func() (string, error) {
			if w.role == 0 {
				return "", nil
			}
			return token(w.role), nil
		},
		logger: slog.New(slog.NewTextHandler(&w.log, nil)), language: english,
	}
}

func (w *watched) hedui(args ...string) string {
	w.t.Helper()
	var out bytes.Buffer
	a := w.app(&out, &w.log)
	root := newRootCommand(a)
	root.SetArgs(args)
	if err := errors.Join(root.ExecuteContext(w.t.Context()), a.closeOffice()); err != nil && exitStatus(err) != exitPartial {
		w.t.Fatalf("hedui %v: %v", args, err)
	}
	return out.String()
}

func (w *watched) file(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *watched) data() string { return filepath.Join(w.dir, "store") }

// token is the API token of a role's account.
func token(role access.Role) string {
	b := bytes.Repeat([]byte{byte(role) + 1}, 32)
	return account.TokenPrefix + base64.RawURLEncoding.EncodeToString(b)
}

// hire makes an account for a role, and a token for everything that it may do.
func (w *watched) hire(l ledger.Ledger, role access.Role) {
	w.t.Helper()
	name := strings.ReplaceAll(role.String(), "_", "") + "01"
	u := account.User{ID: "u-" + name, Name: name, Person: "P-" + name, Display: name, Roles: []account.Role{account.Role(role.String())}, Division: "34", Purposes: []string{"dibao"}, State: account.Active}
	body, err := account.EncodeUser(u)
	if err != nil {
		w.t.Fatal(err)
	}
	user := &ledger.User{ID: u.ID, Name: name, Person: u.Person}
	user.Body = body
	var operations []string
	for _, rule := range access.Policy {
		operations = append(operations, rule.Name)
	}
	x := account.Token{ID: "t-" + name, Hash: account.HashOf(account.Secret(token(role))), User: u.ID, Label: "test", Operations: operations, Division: u.Division, Created: time.Now(), Expires: time.Now().Add(24 * time.Hour)}
	opens := &ledger.Token{ID: x.ID, User: x.User, Hash: x.Hash.String()}
	if opens.Body, err = json.Marshal(x); err != nil {
		w.t.Fatal(err)
	}
	if err := l.Commit(w.t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(user), ledger.Put(opens)}}); err != nil {
		w.t.Fatal(err)
	}
}

// serve starts the service and returns when it answers.
func (w *watched) serve() {
	w.t.Helper()
	config := w.file("hedui.yaml", fmt.Sprintf("data: %q\nschemes: {dibao: reference}\nlisten: 127.0.0.1:0\noffice_hours: 00:00-23:59\ncalendar: %q\n", w.data(), w.file("calendar.txt", "2026-10-01 free\n")))
	ctx, end := context.WithCancel(context.Background())
	var out lockedBuffer
	w.end, w.done = end, make(chan error, 1)
	root := newRootCommand(w.app(&out, &w.log))
	root.SetArgs([]string{"serve", "--config", config})
	go func() { w.done <- root.ExecuteContext(ctx) }()
	for range 2000 {
		if _, address, ok := strings.Cut(out.String(), "serving on "); ok {
			w.address = strings.TrimSpace(address)
			return
		}
		select {
		case err := <-w.done:
			w.t.Fatalf("serve: %v\n%s", err, w.log.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	w.t.Fatal("serve does not answer")
}

func (w *watched) stop() {
	w.t.Helper()
	w.end()
	if err := <-w.done; err != nil {
		w.t.Errorf("serve: %v\n%s", err, w.log.String())
	}
}

func (w *watched) ask(role access.Role, method, path, body string) (int, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+w.address+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token(role))
	r.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return a.StatusCode, string(text)
}

// alerts are the ids of the open alerts, newest first.
func (w *watched) alerts() (ids []string) {
	w.t.Helper()
	status, text := w.ask(access.Auditor, http.MethodGet, "/api/v1/audit/alerts", "")
	var page struct {
		Items []struct{ ID, Rule string }
	}
	if err := json.Unmarshal([]byte(text), &page); status != http.StatusOK || err != nil {
		w.t.Fatalf("%d %s %v", status, text, err)
	}
	for _, x := range page.Items {
		ids = append(ids, x.ID)
	}
	return ids
}

// wait waits for so many alerts, and says how long that took.
func (w *watched) wait(n int) ([]string, time.Duration) {
	w.t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if ids := w.alerts(); len(ids) >= n {
			return ids, time.Since(began)
		}
		if time.Since(began) > 60*time.Second {
			w.t.Fatalf("%d alerts after a minute, want %d\n%s", len(w.alerts()), n, w.log.String())
		}
	}
}

// soon waits until something is so.
func (w *watched) soon(what string, so func() bool) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%s: not after ten seconds\n%s", what, w.log.String())
		}
	}
}

// A honey household alarms within seconds, whoever looks and however; the alert is shown,
// counted, told without content, closed once, and survives the service.
func TestHoneyAlarmsThroughTheService(t *testing.T) {
	t.Parallel()
	const honey = "340104-777777"
	w := &watched{t: t, dir: t.TempDir()}
	vehicles := w.file("vehicles.csv", "姓名,证件号码,车辆识别代号,号牌号码,车辆类型,状态,初次登记日期\n赵伟,340104199410246653,LSVAM4187C2184841,皖A·12345,轿车,正常,2021-03-05\n")
	w.hedui("ingest", "--data", w.data(), "--source", "vehicle", "--as-of", "2026-10-31", vehicles)
	w.hedui("publish", "--data", w.data())
	l, err := ledger.Open(w.data(), ledger.Options{Reserve: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []access.Role{access.Verifier, access.Auditor, access.Metrics} {
		w.hire(l, role)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	w.serve()
	request := `{"household_id":"` + honey + `","region":"340104","scheme":"dibao","residence":"urban","authorization":{"number":"SQ1"},"members":[{"name":"赵伟","id_number":"340104199410246653","relation":"head"}],"declared_assets":{"financial_fen":0}}`
	w.role = access.Auditor
	if out := w.hedui("audit", "honey", "--data", w.data(), "--add", w.file("honey.txt", honey+"\n")); !strings.Contains(out, "1 added") {
		t.Fatal(out)
	}
	w.ask(access.Verifier, http.MethodPost, "/api/v1/checks", request)
	first, took := w.wait(1)
	t.Logf("a honey household alarmed after %s", took)
	// Another process that looks is watched too.
	w.role = access.Verifier
	w.hedui("check", "--data", w.data(), "--rules", "reference", "--on", "2026-11-01", w.file("household.json", request))
	both, took := w.wait(2)
	t.Logf("one that another process looked at after %s", took)
	if both[1] != first[0] {
		t.Errorf("%v are not newest first", both)
	}
	// An alert is in the ledger before anybody is told.
	w.soon("two warnings in the log", func() bool { return strings.Count(w.log.String(), "signs=[honey") == 2 })
	if text := w.log.String(); strings.Contains(text, honey) {
		t.Error(text)
	}
	closing := "/api/v1/audit/alerts/" + first[0] + "/close"
	for _, tt := range []struct {
		role access.Role
		body string
		want int
	}{
		{access.Verifier, `{"reason":"已核实"}`, http.StatusForbidden},
		{access.Auditor, `{"reason":" "}`, http.StatusUnprocessableEntity},
		{access.Auditor, `{"reason":"已核实"}`, http.StatusOK},
		{access.Auditor, `{"reason":"已核实"}`, http.StatusConflict},
	} {
		if status, text := w.ask(tt.role, http.MethodPost, closing, tt.body); status != tt.want {
			t.Errorf("%s closes with %s: %d %s", tt.role, tt.body, status, text)
		}
	}
	w.soon("two alerts in the metrics", func() bool {
		status, text := w.ask(access.Metrics, http.MethodGet, "/metrics", "")
		return status == http.StatusOK && strings.Contains(text, `hedui_audit_alerts_total{sign="honey"} 2`) && strings.Contains(text, "hedui_audit_unwatched_entries")
	})
	w.stop()
	// What happened while nobody watched is found at the next start, and nothing twice.
	w.hedui("check", "--data", w.data(), "--rules", "reference", "--on", "2026-11-01", filepath.Join(w.dir, "household.json"))
	w.serve()
	if ids, _ := w.wait(2); len(ids) != 2 || ids[1] != both[0] {
		t.Errorf("%v after another start, %v before", ids, both)
	}
	w.stop()
}

// A person asks by the number of their card, which is in no argument and nowhere in what is
// printed or logged, and is told about every household they are or were of.
func TestWhoLookedAtMe(t *testing.T) {
	t.Parallel()
	const number = "340104199410246653"
	w := &watched{t: t, dir: t.TempDir()}
	vehicles := w.file("vehicles.csv", "姓名,证件号码,车辆识别代号,号牌号码,车辆类型,状态,初次登记日期\n赵伟,"+number+",LSVAM4187C2184841,皖A·12345,轿车,正常,2021-03-05\n")
	w.hedui("ingest", "--data", w.data(), "--source", "vehicle", "--as-of", "2026-10-31", vehicles)
	w.hedui("publish", "--data", w.data())
	for _, h := range []string{"340104-000001", "340104-000002", "340104-000003"} {
		request := `{"household_id":"` + h + `","region":"340104","scheme":"dibao","residence":"urban","authorization":{"number":"SQ` + h + `","valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["` + number + `"]},"members":[{"name":"赵伟","id_number":"` + number + `","relation":"head"}],"declared_assets":{"financial_fen":0}}`
		w.hedui("check", "--data", w.data(), "--rules", "reference", "--on", "2026-11-01", w.file("household.json", request))
	}
	l, err := ledger.Open(w.data(), ledger.Options{Reserve: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []string{"340104-000001", "340104-000003"} {
		e := &ledger.Authorization{Number: "SQ" + h, Household: h, Division: "340104", From: 20260101, To: 20261231, Persons: []ledger.Pseudonym{watch.Person(l, 0, number)}}
		if err := l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	mine := w.file("number.txt", "\ufeff"+number+"\r\n")
	for _, page := range []struct {
		language string
		want     []string
	}{ // asking is taken down too: the second page has the question of the first
		{"zh", []string{"查询记录告知单\n打印时间：", "家庭编号：340104-000001\n家庭编号：340104-000003\n", "人员1   核对家庭", "共 4 次查询。", "日志不能修改"}},
		{"en", []string{"Who looked\nprinted ", "household 340104-000001\nhousehold 340104-000003\n", "person 1", "6 looks", "may ask the centre's auditor"}},
	} {
		language := page.language
		out := w.hedui("audit", "subject", "--data", w.data(), "--id-number-file", mine, "--lang", language)
		for _, part := range page.want {
			if !strings.Contains(out, part) {
				t.Errorf("%s: %q is not in\n%s", language, part, out)
			}
		}
		if strings.Contains(out, number) || strings.Contains(out, "340104-000002") || strings.Contains(out, "root") {
			t.Errorf("%s: the page says too much\n%s", language, out)
		}
	}
	if out := w.hedui("audit", "search", "--data", w.data()); strings.Contains(out, number) || strings.Count(out, "audit_subject") != 2 {
		t.Error(out)
	}
	other := w.file("other.txt", "34010419700101101X")
	if out := w.hedui("audit", "subject", "--data", w.data(), "--id-number-file", other, "--lang", "zh"); !strings.Contains(out, "没有登记过包含本人的家庭") {
		t.Error(out)
	}
}
