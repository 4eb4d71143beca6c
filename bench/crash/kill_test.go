package crash

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/province"
)

var (
	kills = flag.Int("kills", 12, "processes to kill")
	seed  = flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the moments")
)

// program is the real hedui, built once.
type program struct {
	t   *testing.T
	bin string
}

func build(t *testing.T) program {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "hedui")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/hedui/hedui/cmd/hedui").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program{t, bin}
}

// run runs a command to its end; statuses 0 and 3 are fine.
func (p program) run(args ...string) []byte {
	p.t.Helper()
	cmd := exec.Command(p.bin, args...)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 {
		err = nil
	}
	if err != nil {
		p.t.Fatalf("hedui %s: %v\n%s", strings.Join(args, " "), err, talk.Bytes())
	}
	return out.Bytes()
}

// kill runs a command and kills it after a moment. It reports whether the command
// had still been running.
func (p program) kill(after time.Duration, args ...string) bool {
	p.t.Helper()
	cmd := exec.Command(p.bin, args...)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return true
		}
		if exit.ExitCode() != 3 {
			p.t.Fatalf("hedui %s: %v\n%s", strings.Join(args, " "), err, talk.Bytes())
		}
		return false
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return false
}

var sources = []string{"tax", "vehicle", "property", "bank", "insurance"}

func ingestArgs(data, files, source, asOf string) []string {
	args := []string{"ingest", "--data", data, "--source", source, "--as-of", asOf, "--json"}
	if source == "tax" || source == "insurance" {
		args = append(args, "--covers", "2025-01..2026-10")
	}
	return append(args, filepath.Join(files, source+".csv"))
}

// Whatever is killed, wherever: what was acknowledged is there, nothing half is
// visible, and going on ends in the same bytes as never having been killed.
func TestKill(t *testing.T) {
	p := build(t)
	t.Logf("seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 1))
	files := t.TempDir()
	if _, err := province.Generate(context.Background(), province.Options{People: 8000, Seed: 7, BatchPercent: 100, Dirty: 20, Out: files}); err != nil {
		t.Fatal(err)
	}
	batch := filepath.Join(files, "batch.jsonl")

	// The run that nobody kills, timed.
	calm := t.TempDir()
	took := map[string]time.Duration{}
	timed := func(name string, args ...string) []byte {
		start := time.Now()
		out := p.run(args...)
		took[name] = time.Since(start)
		return out
	}
	for _, s := range sources {
		timed(s, ingestArgs(calm, files, s, "2026-10-31")...)
	}
	timed("publish", "publish", "--data", calm)
	verify := func(data, out string) []string {
		return []string{"verify", "--data", data, "--rules", "reference", "--on", "2026-11-01", "--json", "--out", out, batch}
	}
	calmOut := filepath.Join(calm, "verdicts.jsonl")
	timed("verify", verify(calm, calmOut)...)
	want, err := os.ReadFile(calmOut)
	if err != nil || len(want) == 0 {
		t.Fatalf("no verdicts: %v", err)
	}

	killed := map[string]int{}
	for landed := 0; landed < *kills; {
		data := t.TempDir()
		out := filepath.Join(data, "verdicts.jsonl")
		// One command after another; each is killed a few times or not at all, then
		// gets through.
		step := func(name string, done func() bool, args ...string) {
			for tries := 0; !done(); tries++ {
				if tries >= 2 || landed >= *kills || random.IntN(2) == 0 {
					p.run(args...)
					return
				}
				if p.kill(time.Duration(random.Int64N(int64(took[name])+1)), args...) {
					landed++
					killed[name]++
				}
				checkStore(p, data)
			}
		}
		for _, s := range sources {
			step(s, func() bool { return holds(p, data, s) }, ingestArgs(data, files, s, "2026-10-31")...)
		}
		published := func() bool {
			_, err := os.Stat(filepath.Join(data, "CURRENT"))
			return err == nil
		}
		step("publish", published, "publish", "--data", data)
		step("verify", func() bool { _, err := os.Stat(out); return err == nil }, verify(data, out)...)
		got, err := os.ReadFile(out)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("after %v the verdicts differ from an undisturbed run (%d and %d bytes): %v", killed, len(got), len(want), err)
		}
		p.run("audit", "verify", "--data", data)
	}
	t.Logf("killed %v", killed)
	if len(killed) < 3 || *kills >= 100 && len(killed) < len(took) {
		t.Errorf("kills landed in %v only", killed)
	}
}

// checkStore fails when anything visible does not verify.
func checkStore(p program, data string) {
	p.t.Helper()
	if _, err := os.Stat(filepath.Join(data, "snapshots")); err == nil {
		p.run("snapshots", "verify", "--data", data)
	}
}

// holds reports whether a snapshot of the source has been acknowledged.
func holds(p program, data, source string) bool {
	p.t.Helper()
	if _, err := os.Stat(filepath.Join(data, "snapshots")); err != nil {
		return false
	}
	return bytes.Contains(p.run("snapshots", "list", "--data", data, "--json"), []byte(fmt.Sprintf("%q", source)))
}
