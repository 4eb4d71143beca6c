package batches

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/broker/kraft"
	"github.com/hedui/hedui/bench/program"
	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/bench/visitor"
	"github.com/hedui/hedui/engine/household"
)

const (
	scheme = "dibao"
	day    = 20261101
	// division is the province that the city's account works for.
	division = "34"
	centre   = "city01"
	password = "drei Birnen unter 7 Dachziegeln" // of accounts that nobody else has
)

// site is a centre with a broker beside it.
type site struct {
	t      testing.TB
	node   *kraft.Node
	hedui  program.Hedui
	dir    string
	data   string
	config string
	base   string // of the service
	lines  [][]byte
	serve  *process
}

// newSite makes a province, takes it in, registers what households signed, and serves.
func newSite(t testing.TB, households int) *site {
	t.Helper()
	dir := *work
	if dir == "" {
		dir = t.TempDir()
	} else {
		dir = filepath.Join(dir, t.Name())
		must(t, os.RemoveAll(dir))
	}
	s := &site{t: t, dir: dir, data: filepath.Join(dir, "data"), hedui: program.Hedui{Path: *hedui}}
	must(t, os.MkdirAll(dir, 0o700))
	if s.hedui.Path == "" {
		s.hedui.Path = filepath.Join(dir, "hedui")
		out, err := exec.Command("go", "build", "-o", s.hedui.Path, "github.com/hedui/hedui/cmd/hedui").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	s.node = kraft.ForTest(t)
	files := filepath.Join(dir, "files")
	_, err := province.Generate(t.Context(), province.Options{People: households * 7 / 2, Seed: 7, BatchPercent: 100, Out: files})
	must(t, err)
	for _, source := range []string{"tax", "vehicle", "property", "bank", "insurance"} {
		args := []string{"ingest", "--data", s.data, "--source", source, "--as-of", "2026-10-31"}
		if source == "tax" || source == "insurance" {
			args = append(args, "--covers", "2025-01..2026-10")
		}
		s.run("", append(args, filepath.Join(files, source+".csv"))...)
	}
	s.run("", "publish", "--data", s.data)
	s.choose(filepath.Join(files, "batch.jsonl"), households)
	must(t, os.RemoveAll(files))
	s.run("", "authorizations", "register", "--data", s.data, "--from-batch", s.batchFile())
	first := s.run("", "users", "bootstrap", "--data", s.data, "--account", "security01", "--person", "P1", "--display", "security", "--division", division)
	s.configure()
	s.serve = supervise(t, dir, "serve", s.hedui.Path, "serve", "--config", s.config)
	s.serve.wait = 3 * time.Second // a worker that ends with it is back before
	s.ready()
	s.employ(strings.TrimSpace(string(first)))
	return s
}

func (s *site) run(token string, args ...string) []byte {
	s.t.Helper()
	h := s.hedui
	h.Env = []string{"HEDUI_TOKEN=" + token}
	out, err := h.Run(s.t.Context(), "", args...)
	must(s.t, err)
	return out
}

func (s *site) batchFile() string { return filepath.Join(s.dir, "requests.jsonl") }

// choose takes some of the requests of a province, of the lines that are any.
func (s *site) choose(path string, n int) {
	s.t.Helper()
	text, err := os.ReadFile(path)
	must(s.t, err)
	known := map[string]bool{}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if _, err := household.ParseRequest(line); err == nil && !known[string(line)] {
			known[string(line)] = true
			s.lines = append(s.lines, line)
		}
	}
	rand.New(rand.NewPCG(*seed, 1)).Shuffle(len(s.lines), func(i, j int) { s.lines[i], s.lines[j] = s.lines[j], s.lines[i] })
	if len(s.lines) < n {
		s.t.Fatalf("the province has %d households, %d are wanted", len(s.lines), n)
	}
	s.lines = s.lines[:n]
	must(s.t, os.WriteFile(s.batchFile(), append(bytes.Join(s.lines, []byte("\n")), '\n'), 0o600))
}

func (s *site) configure() {
	s.t.Helper()
	address, err := program.FreeAddress()
	must(s.t, err)
	s.base, s.config = "http://"+address, filepath.Join(s.dir, "hedui.yaml")
	text := fmt.Sprintf("data: %s\nschemes:\n  %s: reference\nlisten: %s\nlimits:\n  per_minute: 600000\nbatches:\n  rows: 1000000\n  daily: 10000000\n  elsewhere: true\nkafka:\n  brokers: [%s]\n",
		s.data, scheme, address, strings.Join(s.node.Brokers(), ","))
	must(s.t, os.WriteFile(s.config, []byte(text), 0o600))
}

// ready waits until the service is.
func (s *site) ready() {
	s.t.Helper()
	nobody := visitor.New(s.base)
	defer nobody.Close()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if r, err := nobody.Send(s.t.Context(), http.MethodGet, "/readyz", nil); err == nil && r.Status == http.StatusOK {
			return
		}
	}
	s.t.Fatal("the service is not ready after a minute")
}

// employ makes the account of the city, and keeps its token.
func (s *site) employ(first string) {
	s.t.Helper()
	ctx := s.t.Context()
	c := visitor.New(s.base)
	defer c.Close()
	session, _, err := visitor.Settle(ctx, c, "security01", first, password)
	must(s.t, err)
	boss := c.As("", session)
	_, err = boss.Do(ctx, http.MethodPost, "/api/v1/users", map[string]any{
		"account": centre, "person": "P2", "display": "city", "roles": []string{"centre"}, "division": division, "purposes": []string{scheme}, "reason": "a test",
	}, nil)
	must(s.t, err)
	var token struct {
		Secret string `json:"secret"`
	}
	_, err = boss.Do(ctx, http.MethodPost, "/api/v1/tokens", map[string]any{
		"account": centre, "operations": []string{"batch.submit"}, "note": "a test", "expires": time.Now().AddDate(0, 6, 0).Format(time.DateOnly), "reason": "a test",
	}, &token)
	must(s.t, err)
	must(s.t, os.WriteFile(s.tokenFile(), []byte(token.Secret), 0o600))
}

func (s *site) tokenFile() string { return filepath.Join(s.dir, "token") }

func (s *site) token() string {
	text, err := os.ReadFile(s.tokenFile())
	must(s.t, err)
	return string(text)
}

// open opens a batch for so many rows, for the city.
func (s *site) open(rows int) string { s.t.Helper(); return s.openFor(day, rows) }

func (s *site) openFor(on household.Date, rows int) string {
	s.t.Helper()
	var b struct {
		ID string `json:"id"`
	}
	out := s.run(s.token(), "batch", "open", "--data", s.data, "--config", s.config, "--scheme", scheme, "--on", on.String(), "--rows", strconv.Itoa(rows), "--json")
	if err := json.Unmarshal(out, &b); err != nil || b.ID == "" {
		s.t.Fatalf("batch open says no id: %v", err)
	}
	return b.ID
}

// worker starts a worker that is started again when it ends.
func (s *site) worker(n int, args ...string) *process {
	s.t.Helper()
	return supervise(s.t, s.dir, fmt.Sprintf("worker%d", n), s.hedui.Path, append([]string{"worker", "--config", s.config}, args...)...)
}

// verify has hedui answer the requests from a file, and returns what it writes for each.
func (s *site) verify(file string) (lines [][]byte, took time.Duration) {
	s.t.Helper()
	out := filepath.Join(s.dir, "verified.jsonl")
	must(s.t, os.RemoveAll(out))
	began := time.Now()
	s.run(s.token(), "verify", "--data", s.data, "--rules", "reference", "--on", "2026-11-01", "--restart", "--out", out, file)
	took = time.Since(began)
	text, err := os.ReadFile(out)
	must(s.t, err)
	for line := range bytes.Lines(text) {
		lines = append(lines, bytes.TrimSuffix(line, []byte("\n")))
	}
	return lines, took
}

// whose is what must never be in a log: numbers and names of the members of households.
func whose(lines [][]byte) map[string]bool {
	secret := map[string]bool{}
	for _, line := range lines {
		var q struct {
			Members []struct {
				Name   string `json:"name"`
				Number string `json:"id_number"`
			} `json:"members"`
		}
		if json.Unmarshal(line, &q) != nil {
			continue
		}
		for _, m := range q.Members {
			for _, x := range []string{m.Name, m.Number} {
				if len(x) >= 6 {
					secret[x] = true
				}
			}
		}
	}
	return secret
}

// leaks counts what of it is in the logs of the processes.
func (s *site) leaks(secret map[string]bool) (n int, bytes int64) {
	s.t.Helper()
	lengths := map[int]bool{}
	for x := range secret {
		lengths[len(x)] = true
	}
	logs, err := filepath.Glob(filepath.Join(s.dir, "*.log"))
	must(s.t, err)
	if len(logs) == 0 {
		s.t.Error("there are no logs")
	}
	for _, path := range logs {
		text, err := os.ReadFile(path)
		must(s.t, err)
		bytes += int64(len(text))
		for i := range text {
			for l := range lengths {
				if i+l <= len(text) && secret[string(text[i:i+l])] {
					n++
				}
			}
		}
	}
	return n, bytes
}
