package ledger_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/ledger"
)

var (
	kills   = flag.Int("ledger.kills", 10, "committing processes to kill")
	writeTo = flag.String("ledger.write", "", "internal: commit to this data directory and say what was acknowledged")
)

func TestMain(m *testing.M) {
	// Each round opens and closes a database several times; a release asks for more.
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	flag.Parse()
	if *writeTo != "" {
		if err := writer(*writeTo); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if *readFrom != "" {
		if err := inspect(*readFrom); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if *fillTo != "" {
		l, err := ledger.Open(*fillTo, options())
		if err == nil {
			err = fill(l, 0, inspected)
		}
		if err == nil {
			err = errors.New("filled")
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) // without closing: what is not on the disk now never is
	}
	os.Exit(m.Run())
}

// pair is a change of two entries that only make sense together, with enough in it
// that memory tables fill up and are flushed while the kills go on.
func pair(n int) ledger.Change {
	body := make([]byte, 8<<10)
	r := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range body {
		body[i] = byte(r.Uint32())
	}
	v := &ledger.Verdict{ID: fmt.Sprintf("v%08d", n), Household: fmt.Sprint("h", n%50), At: ledger.Instant(n)}
	v.Body = body
	h := &ledger.Household{Number: fmt.Sprint("h", n%50), Scheme: "dibao", Verdict: v.ID, At: ledger.Instant(n)}
	return ledger.Change{Ops: []ledger.Op{ledger.Put(v), ledger.PutOver(h)}}
}

// writer commits from several goroutines until it is killed, and prints each number
// that was acknowledged.
func writer(dir string) error {
	l, err := ledger.Open(dir, options())
	if err != nil {
		return err
	}
	next := 0
	err = ledger.All(context.Background(), l, ledger.Every(ledger.KindVerdict), func(v *ledger.Verdict) error {
		n, err := strconv.Atoi(v.ID[1:])
		next = max(next, n+1)
		return err
	})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	take := func() int {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1
	}
	fmt.Fprintln(os.Stdout, "ready")
	failed := make(chan error)
	for range 8 {
		go func() {
			for {
				n := take()
				if err := l.Commit(context.Background(), pair(n)); err != nil {
					failed <- err
					return
				}
				fmt.Fprintln(os.Stdout, n) // one write, so that a kill leaves whole lines
			}
		}()
	}
	return <-failed
}

// Nothing acknowledged is lost and nothing is half there, however often the process
// that owns the ledger is killed.
func TestKills(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	acked := map[int]struct{}{}
	for k := range *kills {
		cmd := exec.CommandContext(t.Context(), self, "-ledger.write", dir)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() {
			t.Fatalf("kill %d: %v: %s", k, cmd.Wait(), stderr.String())
		}
		timer := time.AfterFunc(time.Duration(1+rand.IntN(250))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for lines.Scan() {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				t.Fatal(err)
			}
			acked[n] = struct{}{}
		}
		timer.Stop()
		_ = cmd.Wait()
		if k%10 == 9 || k == *kills-1 {
			checkPairs(t, dir, acked)
		}
	}
	if len(acked) < *kills {
		t.Errorf("only %d changes were acknowledged in %d processes", len(acked), *kills)
	}
	t.Logf("%d changes acknowledged, %d kills", len(acked), *kills)
}

func checkPairs(t *testing.T, dir string, acked map[int]struct{}) {
	t.Helper()
	l := open(t, dir)
	defer l.Close()
	newest, seen := map[string]string{}, 0
	err := ledger.All(t.Context(), l, ledger.Every(ledger.KindVerdict), func(v *ledger.Verdict) error {
		n, err := strconv.Atoi(v.ID[1:])
		if _, ok := acked[n]; ok {
			seen++
		}
		if want := pair(n).Ops[0]; string(v.Body) != string(want.Body) {
			t.Errorf("verdict %d is another", n)
		}
		newest[v.Household] = "there"
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != len(acked) {
		t.Fatalf("%d of %d acknowledged changes are there", seen, len(acked))
	}
	// Each household names a verdict that is there: no half of a change is.
	households := 0
	err = ledger.All(t.Context(), l, ledger.Every(ledger.KindHousehold), func(h *ledger.Household) error {
		households++
		v, err := ledger.Get[ledger.Verdict](t.Context(), l, h.Verdict)
		if err == nil && v.Household != h.Number {
			return errors.New("a household has the verdict of another")
		}
		return err
	})
	if err != nil || households != len(newest) {
		t.Fatalf("%d households, want %d: %v", households, len(newest), err)
	}
	if r, err := l.Verify(t.Context()); err != nil || !r.OK() {
		t.Fatalf("%v %v", r.Damage, err)
	}
}
