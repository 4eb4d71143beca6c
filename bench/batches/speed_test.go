package batches

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/hedui/hedui/bench/program"
	"github.com/hedui/hedui/engine/household"
)

// run is what one way of answering the requests took.
type run struct {
	what      string
	took      time.Duration
	workerCPU float64 // seconds
	ownerCPU  float64
	brokerCPU float64
	more      string
}

func (r run) String() string {
	n := float64(*load)
	return fmt.Sprintf("| %s | %.1f | %.0f | %.1f | %.1f | %.1f | %.2f | %s |", r.what, r.took.Seconds(), n/r.took.Seconds(), r.workerCPU, r.ownerCPU, r.brokerCPU,
		1000*(r.workerCPU+r.ownerCPU)/n, r.more)
}

// cpuOf is the processor time that a process has used, in seconds.
func cpuOf(pid int) float64 {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / 100
}

// Workers, 1, 2 and 4, answer the same households by a topic that hedui verify answers from a
// file. Each run is for a day of its own: what was answered before is not there again.
func TestBrokerLongSpeed(t *testing.T) {
	*requests, *partitions = *load, 12
	s := newSite(t, *load)
	address, err := program.FreeAddress()
	must(t, err)
	s.serve.end()
	s.serve = supervise(t, s.dir, "serve", s.hedui.Path, "serve", "--config", s.config, "--profiles", address)
	s.ready()
	admin := client(t, s)
	for topic, n := range map[string]int{topicRequests: *partitions, topicVerdicts: *partitions, topicDead: 1} {
		must(t, makeTopic(t.Context(), admin, topic, n))
	}
	on := 0
	var table []run
	add := func(r run) { table = append(table, r); t.Log(r) }
	for round := range *rounds {
		add(s.verified(dayOf(on), "verify beside serve"))
		on++
		for _, n := range []int{1, 2, 4} {
			profiles := ""
			if round == 0 && n == 2 {
				profiles = address
			}
			add(s.worked(n, dayOf(on), 1, profiles))
			on++
		}
		add(s.worked(2, dayOf(on), 2, ""))
		on++
	}
	s.serve.end()
	add(s.verified(dayOf(on), "verify alone"))
	text := "| what | seconds | households/s | CPU s of workers or verify | of serve | of the broker | ms CPU a household | |\n|---|---|---|---|---|---|---|---|\n"
	for _, r := range table {
		text += r.String() + "\n"
	}
	must(t, os.WriteFile(filepath.Join(s.dir, "speed.md"), []byte(text), 0o600))
	answered.Add(int64(*load))
}

func dayOf(n int) household.Date { return household.Date(20261101 + n) }

// verified has verify answer all from a file.
func (s *site) verified(on household.Date, what string) run {
	out := filepath.Join(s.dir, "verified.jsonl")
	must(s.t, os.RemoveAll(out))
	cmd := exec.Command(s.hedui.Path, "verify", "--data", s.data, "--rules", "reference", "--on", on.String(), "--priority", "normal", "--out", out, s.batchFile())
	cmd.Env = append(os.Environ(), "HEDUI_TOKEN="+s.token())
	owner, broker, began := cpuOf(s.serve.pid()), cpuOf(s.node.Pid()), time.Now()
	text, err := cmd.CombinedOutput()
	r := run{what: what, took: time.Since(began), workerCPU: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
	if err != nil && cmd.ProcessState.ExitCode() != 3 {
		s.t.Fatalf("%v: %s", err, text)
	}
	r.ownerCPU, r.brokerCPU = max(0, cpuOf(s.serve.pid())-owner), cpuOf(s.node.Pid())-broker
	return r
}

// worked has workers answer all from the topic. It counts from the first verdict to the last.
func (s *site) worked(workers int, on household.Date, batches int, profiles string) run {
	ctx := s.t.Context()
	s.t.Helper()
	var ids []string
	for i := range batches {
		ids = append(ids, s.openFor(on, (len(s.lines)+i)/batches))
	}
	c := client(s.t, s, kgo.DefaultProduceTopic(topicRequests), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	defer c.Close()
	for i, line := range s.lines {
		c.Produce(ctx, &kgo.Record{Key: []byte(keyOf(line)), Value: line, Headers: []kgo.RecordHeader{{Key: "batch", Value: []byte(ids[len(ids)-1-i%len(ids)])}}}, nil)
	}
	must(s.t, c.Flush(ctx))
	l := s.listen(ctx)
	for before := -1; ; time.Sleep(500 * time.Millisecond) { // what earlier runs said
		_, _, said, _ := l.heard()
		if said == before {
			break
		}
		before = said
	}
	before, _, _, _ := l.heard()
	var list []*process
	owner, broker := cpuOf(s.serve.pid()), cpuOf(s.node.Pid())
	for i := range workers {
		args := []string{}
		if profiles != "" && i == 0 {
			address, err := program.FreeAddress()
			must(s.t, err)
			args = append(args, "--profiles", address)
			go s.profile(address, "worker")
			go s.profile(profiles, "serve")
		}
		list = append(list, s.worker(i, args...))
	}
	began := time.Now()
	var first, last time.Time
	for {
		n, _, _, since := l.heard()
		if first.IsZero() && n > before {
			first = time.Now()
		}
		if n >= before+len(s.lines) {
			last = time.Now().Add(-since)
			break
		}
		if time.Since(began) > 10*time.Minute {
			s.t.Fatalf("%d of %d after ten minutes", n-before, len(s.lines))
		}
		time.Sleep(5 * time.Millisecond)
	}
	r := run{what: fmt.Sprintf("%d workers", workers), took: last.Sub(first), ownerCPU: cpuOf(s.serve.pid()) - owner, brokerCPU: cpuOf(s.node.Pid()) - broker}
	if batches > 1 {
		r.what += fmt.Sprintf(", %d batches in turn", batches)
	}
	for _, p := range list {
		r.workerCPU += cpuOf(p.pid())
		r.more += fmt.Sprintf("%d MiB ", rssOf(p.pid())>>20)
	}
	for _, p := range list {
		p.end()
	}
	r.more = "RSS " + strings.TrimSpace(r.more)
	return r
}

// rssOf is the memory that a process holds, in bytes.
func rssOf(pid int) int64 {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "statm"))
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return n * int64(os.Getpagesize())
}

// profile keeps a profile of some seconds of work.
func (s *site) profile(address, name string) {
	time.Sleep(5 * time.Second)
	r, err := http.Get("http://" + address + "/debug/pprof/profile?seconds=8")
	if err != nil {
		s.t.Log(err)
		return
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = os.WriteFile(filepath.Join(s.dir, name+".pprof"), text, 0o600)
	}
	if err != nil {
		s.t.Log(err)
	}
}
