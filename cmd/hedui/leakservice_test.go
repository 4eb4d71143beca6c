package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha1" // RFC 6238, as an authenticator application computes it
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// encodings are forms in which a text could get out that a search for it would miss.
var encodings = map[string]func(string) []byte{
	"base64":        func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(s))) },
	"base64 within": func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte("a:" + s))) },
	"GBK": func(s string) []byte {
		text, _ := simplifiedchinese.GB18030.NewEncoder().String(s)
		return []byte(text)
	},
	"UTF-16": func(s string) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = binary.BigEndian.AppendUint16(b, u)
		}
		return b
	},
}

// first is where the first pattern begins, -1 for none.
func (c *canary) first(b []byte) int {
	for i := 0; i+6 <= len(b); i++ {
		for _, p := range c.patterns[[6]byte(b[i:])] {
			if bytes.HasPrefix(b[i:], p) {
				return i
			}
		}
	}
	return -1
}

// leakService is a running service that is asked good and bad things.
type leakService struct {
	*leaks

	base   string
	stop   func()
	client *http.Client
	first  string // password of the first account
}

func startLeakService(l *leaks, top, data string) *leakService {
	t := l.t
	t.Helper()
	secret := strings.TrimSpace(l.run("users", "bootstrap", "--data", data, "--account", "security01", "--person", "P0001", "--display", "安全管理员", "--division", "34"))
	conf := filepath.Join(top, "hedui.yaml")
	writeFile(t, conf, "data: "+data+"\nschemes:\n  dibao: reference\nlisten: 127.0.0.1:0\nlimits:\n  per_minute: 600000\n")
	cmd := started(t, []string{"serve", "--config", conf})
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("%v\n%s", err, log.Bytes())
	}
	s := &leakService{leaks: l, base: "http://" + strings.TrimSpace(strings.TrimPrefix(line, "serving on ")), client: &http.Client{Timeout: time.Minute}}
	s.stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the service ended with %v\n%s", err, log.Bytes())
		}
		l.none("log of the service", log.Bytes())
		if strings.Count(log.String(), "\n") < 100 {
			t.Errorf("the service logged only %d lines", strings.Count(log.String(), "\n"))
		}
	}
	s.first = secret
	return s
}

// clerk is somebody who has signed in.
type clerk struct{ cookie, password, key string }

// ask sends one request and looks at all of the answer.
func (s *leakService) ask(c *clerk, method, path string, body any, more ...string) (status int, text []byte, header http.Header) {
	s.t.Helper()
	raw, isRaw := body.([]byte)
	if !isRaw && body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			s.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	if c != nil {
		r.AddCookie(&http.Cookie{Name: "hedui", Value: c.cookie})
	}
	a, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer a.Body.Close()
	if text, err = io.ReadAll(a.Body); err != nil {
		s.t.Fatal(err)
	}
	if path != "/api/v1/unmask" || a.StatusCode != 200 {
		s.none("answers", text)
	}
	var h bytes.Buffer
	_ = a.Header.Write(&h) // into memory
	s.none("headers of answers", h.Bytes())
	return a.StatusCode, text, a.Header
}

// want is ask for what must be answered.
func (s *leakService) want(c *clerk, method, path string, body any) map[string]any {
	s.t.Helper()
	status, text, header := s.ask(c, method, path, body)
	if status/100 != 2 {
		s.t.Fatalf("%s %s: status %d: %s", method, path, status, text)
	}
	out := map[string]any{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &out); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, x := range (&http.Response{Header: header}).Cookies() {
		out["cookie"] = x.Value
	}
	out["X-Verdict-Id"] = header.Get("X-Verdict-Id")
	return out
}

// settle sets somebody's password and second factor and signs them in. A code is good
// once, and that of the next half minute already.
func (s *leakService) settle(account, first string) *clerk {
	s.t.Helper()
	c := &clerk{password: "长亭外古道边芳草碧连天晚风拂柳"}
	signIn := func(password, code string) {
		body := map[string]any{"account": account, "password": password}
		if code != "" {
			body["code"] = code
		}
		c.cookie, _ = s.want(nil, "POST", "/api/v1/sign-in", body)["cookie"].(string)
	}
	signIn(first, "")
	s.want(c, "POST", "/api/v1/me/password", map[string]any{"old": first, "new": c.password})
	signIn(c.password, "")
	c.key, _ = s.want(c, "POST", "/api/v1/me/factor", map[string]any{"password": c.password})["secret"].(string)
	s.want(c, "POST", "/api/v1/me/factor", map[string]any{"confirm": true, "code": oneTimeCode(c.key, time.Now())})
	signIn(c.password, oneTimeCode(c.key, time.Now().Add(30*time.Second)))
	return c
}

// oneTimeCode is what an authenticator application shows.
func oneTimeCode(secret string, now time.Time) string {
	key, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(now.Unix()/30)))
	sum := mac.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// drive asks for everything, as it is meant and as it is not.
func (s *leakService) drive() {
	t := s.t
	t.Helper()
	security := s.settle("security01", s.first)
	hire := func(role string) *clerk {
		account := strings.ReplaceAll(role, "_", "-") + "01"
		first, _ := s.want(security, "POST", "/api/v1/users", map[string]any{
			"account": account, "person": "P-" + account, "display": account, "roles": []string{role}, "division": "34", "purposes": []string{"dibao"}, "reason": "新到岗",
		})["first_password"].(string)
		return s.settle(account, first)
	}
	intake, verifier, reviewer, approver, auditor := hire("intake"), hire("verifier"), hire("reviewer"), hire("approver"), hire("auditor")
	system := hire("system_admin")
	opened := 0
	for i := range *leakHouseholds {
		o := oddPerson(i)
		registration := map[string]any{
			"number": "SQ" + oddNumber(i), "household": oddNumber(i), "division": "340104", "purposes": []string{"dibao"},
			"data_classes": []string{"tax", "vehicle", "property", "bank", "insurance"}, "valid_from": "2020-01-01", "valid_to": "2099-12-31",
			"scan_digest": strings.Repeat("0a", 32),
			"members":     []any{map[string]any{"name": o.name, "id_number": o.id, "signed_on": "2026-01-01"}},
		}
		if i%5 == 0 {
			s.badRegistrations(intake, registration, o)
		}
		s.want(intake, "POST", "/api/v1/authorizations", registration)
		s.ask(intake, "POST", "/api/v1/authorizations", registration) // again
		s.want(verifier, "GET", "/api/v1/authorizations/SQ"+oddNumber(i), nil)
		checked := s.want(verifier, "POST", "/api/v1/checks", []byte(oddRequest(i)))
		s.badChecks(verifier, i, o)
		verdict, _ := checked["X-Verdict-Id"].(string)
		held := s.want(reviewer, "GET", "/api/v1/verdicts/"+verdict, nil)
		id, _ := held["case"].(string)
		if id == "" {
			continue
		}
		for n := 1; n <= 3; n++ {
			if status, _, _ := s.ask(reviewer, "POST", fmt.Sprintf("/api/v1/verdicts/%s/evidence/%d/open", verdict, n), nil); status == 200 {
				opened++
			}
		}
		if i < 5 {
			s.want(reviewer, "POST", "/api/v1/unmask", map[string]any{"verdict": verdict, "evidence": 1, "field": "name", "reason": "与" + o.name + "当面核对"})
		}
		for _, text := range o.texts() { // what people write stays in the ledger
			s.ask(reviewer, "POST", "/api/v1/unmask", map[string]any{"verdict": text, "evidence": 1, "field": text, "reason": text + "当面核对"})
			s.ask(approver, "POST", "/api/v1/cases/"+id+"/assign", map[string]any{"version": 0, "assignee": text})
		}
		s.ask(verifier, "POST", "/api/v1/cases/"+id+"/propose", map[string]any{"version": 0, "reason": "有账户"})
		s.ask(intake, "POST", "/api/v1/cases/"+id+"/objections", map[string]any{"evidence": 1, "ground": "不是我的"})
		s.want(approver, "GET", "/api/v1/cases/"+id, nil)
		if i%10 != 0 {
			continue
		}
		s.badAddresses([]*clerk{nil, intake, verifier, auditor, security}, o)
	}
	if opened < *leakHouseholds {
		t.Errorf("only %d records were opened", opened)
	}
	for path, c := range map[string]*clerk{
		"/api/v1/authorizations?limit=200": intake, "/api/v1/cases?limit=200": approver, "/api/v1/audit/entries?limit=200": auditor,
		"/api/v1/audit/subjects/" + oddNumber(1): auditor, "/api/v1/statistics": approver, "/api/v1/users": security, "/api/v1/households/" + oddNumber(1): verifier,
	} {
		s.want(c, "GET", path, nil)
	}
	_, text, _ := s.ask(system, "GET", "/metrics", nil)
	s.none("metrics", text)
}

// badRegistrations sends registrations with values where they do not belong.
func (s *leakService) badRegistrations(c *clerk, good map[string]any, o odd) {
	for _, text := range o.texts() {
		for _, field := range []string{"number", "household", "division", "purposes", "data_classes", "valid_from", "scan_digest", "members", text} {
			if text == o.vin && (field == "number" || field == "household") {
				continue // nothing tells it from a number of the centre's
			}
			bad := maps.Clone(good)
			bad[field] = text
			s.ask(c, "POST", "/api/v1/authorizations", bad)
		}
		for _, field := range []string{"id_type", "birth_date", "signed_on", "id_number", text} {
			bad := maps.Clone(good)
			bad["number"] = fmt.Sprint("B", good["number"]) // with the right number it is no bad one
			bad["members"] = []any{map[string]any{"name": o.name, "id_number": o.id, "signed_on": "2026-01-01", field: text}}
			s.ask(c, "POST", "/api/v1/authorizations", bad)
		}
	}
}

// badChecks sends requests that are broken in every way.
func (s *leakService) badChecks(c *clerk, i int, o odd) {
	good := oddRequest(i)
	for _, bad := range []string{
		good[:len(good)/2], good + good, strings.Replace(good, `"relation":"head"`, `"relation":"`+o.name+`"`, 1),
		strings.Replace(good, `"members":[`, `"members":["`+o.id+`",`, 1), strings.Replace(good, `"region":"340104"`, `"region":"`+o.address+`"`, 1),
		strings.Replace(good, `"scheme":"dibao"`, `"scheme":"`+o.account+`"`, 1), strings.Replace(good, `"household_id":"`, `"household_id":"`+o.id, 1),
		strings.Replace(good, `"number":"SQ`, `"number":"`+o.account, 1), strings.Replace(good, `{"household_id"`, `{"`+o.name+`":1,"household_id"`, 1),
		strings.Replace(good, `"name":`, `"name":1,"name":`, 1), strings.Replace(good, "12916", `"`+o.account+`"`, 1), `"` + o.id + `"`,
	} {
		s.ask(c, "POST", "/api/v1/checks", []byte(bad))
	}
	s.ask(c, "POST", "/api/v1/checks?rules="+url.QueryEscape(o.id)+"&on="+url.QueryEscape(o.name), []byte(good))
	s.ask(c, "POST", "/api/v1/checks?"+url.QueryEscape(o.id)+"=1", []byte(good))
}

// badAddresses asks for values as if they were numbers, and sends them where credentials
// and names of accounts stand.
func (s *leakService) badAddresses(clerks []*clerk, o odd) {
	for _, text := range o.texts() {
		x, q := url.PathEscape(text), url.QueryEscape(text)
		for _, c := range clerks {
			for _, path := range []string{
				"/api/v1/verdicts/" + x, "/api/v1/authorizations/" + x, "/api/v1/households/" + x, "/api/v1/cases/" + x, "/api/v1/objections/" + x,
				"/api/v1/users/" + x, "/api/v1/audit/subjects/" + x, "/api/v1/audit/entries?household=" + q, "/api/v1/audit/entries?account=" + q,
				"/api/v1/audit/entries?cursor=" + q, "/api/v1/authorizations?household=" + q, "/api/v1/cases?household=" + q, "/api/v1/cases?state=" + q,
				"/api/v1/statistics?division=" + q, "/" + x, "/api/v1/" + x + "?" + q + "=" + q,
			} {
				s.ask(c, "GET", path, nil, "User-Agent", "x", "X-Request-Id", q)
			}
			s.ask(c, "DELETE", "/api/v1/tokens/"+x, nil)
			s.ask(c, "POST", "/api/v1/users", map[string]any{
				"account": strings.ToLower(text), "person": text, "display": text, "roles": []string{text}, "division": text, "purposes": []string{text}, "reason": text,
			})
			if text == o.vin {
				continue // nothing tells it from a name
			}
			s.ask(c, "POST", "/api/v1/users", map[string]any{
				"account": strings.ToLower(text), "person": "P-1", "display": "x", "roles": []string{"leader"}, "division": "34", "purposes": []string{}, "reason": "x",
			})
			s.ask(c, "POST", "/api/v1/tokens", map[string]any{"account": text, "operations": []string{text}, "note": text, "expires": "2027-01-01", "reason": text})
		}
	}
	// Those who sign in with a value: few, since each counts as a try.
	for _, text := range []string{o.id, o.account, o.plate} {
		s.ask(nil, "POST", "/api/v1/sign-in", map[string]any{"account": text, "password": text, "code": "000000"})
		s.ask(&clerk{cookie: url.QueryEscape(text)}, "GET", "/api/v1/me", nil)
		s.ask(nil, "GET", "/api/v1/me", nil, "Authorization", "Bearer "+url.QueryEscape(text))
	}
}
