package publish_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

var kills = flag.Int("kills", 20, "number of processes to kill while they ingest and publish")

// childVariable tells the test binary to be the victim: data directory, file,
// as-of date and the step before which it kills itself, 0 for none.
const childVariable = "HEDUI_TEST_VICTIM"

func TestMain(m *testing.M) {
	if args := os.Getenv(childVariable); args != "" {
		if err := victim(strings.Split(args, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// victim ingests and publishes and says on stdout what was acknowledged.
func victim(args []string) error {
	asOf, _ := household.ParseDate([]byte(args[2]))
	point, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	n := 0
	disk := durable.Disk{Before: func(durable.Step) error {
		if n++; n == point {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}}
	fmt.Println("started")
	r, err := ingest.Run(context.Background(), ingest.Options{
		Dir: args[0], Department: departments.Of(household.Bank), AsOf: asOf, Files: []string{args[1]}, Disk: disk, MemoryBudget: 1 << 20,
	})
	if err != nil {
		return err
	}
	fmt.Println("ingested", r.Snapshot)
	p, err := publish.Run(context.Background(), publish.Options{Dir: args[0], Disk: disk})
	if err != nil {
		return err
	}
	fmt.Println("published", p.Generation)
	fmt.Println("steps", n)
	return nil
}

// acknowledged is what a victim said before it ended.
type acknowledged struct {
	ingested, published string // ids
	steps               int    // on the disk, of a whole run
	took                time.Duration
	killed              bool
}

// runVictim starts a victim, kills it after a while (0: it does so itself) and
// returns what it acknowledged.
func runVictim(t *testing.T, dir, file string, asOf household.Date, point int, after time.Duration) (v acknowledged) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%s|%d", childVariable, dir, file, asOf, point))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var started time.Time
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		switch word, rest, _ := strings.Cut(lines.Text(), " "); word {
		case "started":
			started = time.Now()
			if after > 0 {
				time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			}
		case "ingested":
			v.ingested = rest
		case "published":
			v.published = rest
		case "steps":
			if v.steps, err = strconv.Atoi(rest); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		t.Fatalf("the victim failed by itself: %s", complaints.String())
	}
	v.took, v.killed = time.Since(started), err != nil
	return v
}

// balance is what the current generation says person 1 has, and its id.
func balance(t *testing.T, dir string) (household.Fen, string) {
	t.Helper()
	s, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Current()
	if err != nil {
		t.Fatal(err)
	}
	p, _ := lookUp(t, dir, store.SectionPeople, person(1))
	if len(p.Bank) != 1 {
		t.Fatalf("%d accounts", len(p.Bank))
	}
	return p.Bank[0].Balance, id
}

// Killed at any step or moment, a command leaves the old state or the new one,
// nothing that was acknowledged is lost, and the next command clears up.
func TestKill(t *testing.T) {
	rows := func(amount int) []string {
		var list []string
		for i := range 3000 {
			list = append(list, bankRow(i, "工行", amount))
		}
		return list
	}
	file := func(amount int) string {
		name := filepath.Join(t.TempDir(), "f.csv")
		if err := os.WriteFile(name, []byte(headers[household.Bank]+strings.Join(rows(amount), "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	one, two := file(1), file(2)
	start := t.TempDir()
	first := runVictim(t, start, one, 20260930, 0, 0)
	if first.ingested == "" || first.published == "" {
		t.Fatal("the victim does nothing")
	}
	// A whole run tells how many steps there are and within which time to kill.
	whole := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(whole, os.DirFS(start)); err != nil {
		t.Fatal(err)
	}
	unharmed := runVictim(t, whole, two, 20261031, 0, 0)

	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	order := r.Perm(unharmed.steps) // so that with enough kills every step has its turn
	states := map[string]int{}
	for i := range *kills {
		dir := filepath.Join(t.TempDir(), "data")
		if err := os.CopyFS(dir, os.DirFS(start)); err != nil {
			t.Fatal(err)
		}
		point, after := 0, time.Duration(0)
		if i%2 == 0 {
			point = 1 + order[i/2%len(order)]
		} else {
			after = time.Duration(1 + r.Int64N(int64(unharmed.took)))
		}
		what := fmt.Sprintf("seed %d, kill %d (step %d, after %v)", seed, i, point, after)
		v := runVictim(t, dir, two, 20261031, point, after)

		d, _ := snapshot.OpenDir(dir)
		list, err := d.List()
		if err != nil || len(list) < 1 || list[0].ID != first.ingested || len(list) > 2 || v.ingested != "" && len(list) != 2 {
			t.Errorf("%s: acknowledged %q, listed %v, %v", what, v.ingested, list, err)
			continue
		}
		if err := d.Verify(context.Background(), nil); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		have, id := balance(t, dir)
		if v.published != "" && (id != v.published || have != 200) || have != 100 && have != 200 {
			t.Errorf("%s: %d fen, published %q", what, have, v.published)
		}
		states[fmt.Sprintf("killed %v, %d snapshots, %d fen", v.killed, len(list), have)]++

		// The same again, unharmed.
		o := ingest.Options{Dir: dir, Department: departments.Of(household.Bank), AsOf: 20261031, Files: []string{two}, Supersede: true}
		if _, err := ingest.Run(context.Background(), o); err != nil {
			t.Errorf("%s: the next ingest: %v", what, err)
			continue
		}
		run(t, dir)
		if have, _ := balance(t, dir); have != 200 {
			t.Errorf("%s: the next publish gives %d fen", what, have)
		}
		for _, tmp := range []string{"tmp", "snapshots"} {
			left, err := os.ReadDir(filepath.Join(dir, tmp))
			if want := map[string]int{"tmp": 0, "snapshots": 2}[tmp]; err != nil || len(left) != want {
				t.Errorf("%s: %d leftovers in %s, %v", what, len(left)-want, tmp, err)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d, %d steps: %v", seed, unharmed.steps, states)
	if *kills >= 20 && len(states) < 2 {
		t.Error("all kills hit the same state: the test tests nothing")
	}
}
