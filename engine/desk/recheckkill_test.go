package desk_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

var (
	recheckKills = flag.Int("desk.kills", 3, "rechecks to kill")
	recheckIn    = flag.String("desk.recheck", "", "internal: recheck in this directory and say how far it is")
)

// anyDisk has free space, whatever the machine's has.
func anyDisk(dir string) (*store.Dir, error) {
	return store.OpenDirWith(filepath.Join(dir, "store"), store.DirOptions{Free: func(string) (int64, bool, error) { return 0, false, nil }})
}

// recheckOn rechecks over the store, the ledger and the audit log in a directory.
func recheckOn(t testing.TB, dir string, full bool, progress func(done, of int64)) (*desk.Rechecked, *world) {
	t.Helper()
	files, err := anyDisk(dir)
	must(t, err)
	w := &world{t: t, store: &reads{Store: files}, clock: &clock{now: noon}}
	l, err := ledger.Open(dir, ledger.Options{Reserve: 1})
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	log, err := audit.Open(dir, audit.Options{Actor: "serve", Now: w.clock.Now})
	must(t, err)
	t.Cleanup(func() { must(t, log.Close()) })
	pack, err := rules.Load("reference")
	must(t, err)
	w.ledger = &books{Ledger: l}
	w.desk, err = desk.New(desk.Options{Store: w.store, Ledger: l, Audit: log, Packs: map[string]*rules.Pack{"dibao": pack}, Now: w.clock.Now})
	must(t, err)
	t.Cleanup(func() { must(t, w.desk.Close()) })
	r, err := w.desk.Recheck(t.Context(), clerk, desk.RecheckOptions{Scheme: "dibao", On: 20261101, Full: full, Workers: 2, Progress: progress})
	must(t, err)
	return r, w
}

// A recheck that is killed, and killed again, loses nothing and does nothing twice: when
// one ends, the ledger is what one run over everybody leaves.
func TestRecheckKilled(t *testing.T) {
	if *recheckIn != "" { // the process to be killed
		recheckOn(t, *recheckIn, false, func(done, of int64) { fmt.Fprintln(os.Stdout, "at", done, of) })
		fmt.Fprintln(os.Stdout, "done")
		return
	}
	const people = 1300
	start := t.TempDir()
	t.Run("start", func(t *testing.T) { // what it opens is closed at its end
		files, err := anyDisk(start)
		must(t, err)
		w := newWorldIn(t, files, people)
		l, err := ledger.Open(start, ledger.Options{Reserve: 1})
		must(t, err)
		t.Cleanup(func() { must(t, l.Close()) })
		pack, err := rules.Load("reference")
		must(t, err)
		d, err := desk.New(desk.Options{Store: w.store, Ledger: l, Audit: w.audit, Packs: map[string]*rules.Pack{"dibao": pack}, Now: w.clock.Now})
		must(t, err)
		t.Cleanup(func() { must(t, d.Close()) })
		w.ledger, w.desk = &books{Ledger: l}, d
		var g sync.WaitGroup
		var lines strings.Builder
		for h := range people {
			fmt.Fprintf(&lines, "%s\n", request(h, h))
		}
		for worker := range 16 {
			g.Go(func() {
				for h := worker; h < people; h += 16 {
					w.register(h, h)
				}
			})
		}
		g.Wait()
		_, err = w.batch(centre, lines.String())
		must(t, err)
		w.publish(people, func(i int) household.Fen { return balance(i) + 100*household.Fen(i%3) + 1 })
	})
	if t.Failed() {
		return
	}
	full, whole := t.TempDir(), map[string]string{}
	must(t, os.CopyFS(full, os.DirFS(start)))
	t.Run("full", func(t *testing.T) {
		r, w := recheckOn(t, full, true, nil)
		if r.Changed < people/2 {
			t.Fatalf("%+v", r)
		}
		whole = kept(t, w)
	})
	middle := 0
	for round := range *recheckKills {
		dir := t.TempDir()
		must(t, os.CopyFS(dir, os.DirFS(start)))
		for kill := range 2 {
			if killOnce(t, dir, 1+(round+kill)%2) {
				middle++
			}
		}
		t.Run(fmt.Sprint("after ", round), func(t *testing.T) {
			r, w := recheckOn(t, dir, false, nil)
			if d := cmp.Diff(whole, kept(t, w)); d != "" {
				t.Errorf("another ledger than without a kill: %+v\n%.3000s", r, d)
			}
			if r.Again == people {
				t.Error("it began from the start")
			}
		})
	}
	if middle == 0 {
		t.Error("nothing was killed in its middle")
	}
}

// killOnce lets a child recheck until it has said so often how far it is.
func killOnce(t *testing.T, dir string, times int) (inTheMiddle bool) {
	t.Helper()
	// Its socket may be there still, which is nobody's.
	if err := os.Remove(filepath.Join(dir, "ledger", "owner.sock")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRecheckKilled$", "-desk.recheck="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	said, last := 0, ""
	in := bufio.NewScanner(out)
	for in.Scan() {
		last = in.Text()
		if !strings.HasPrefix(last, "at ") {
			continue
		}
		if said++; said == times {
			must(t, cmd.Process.Kill())
			break
		}
	}
	err = cmd.Wait()
	if said == 0 {
		t.Fatalf("the child did nothing: %q %v", last, err)
	}
	return said == times && err != nil
}
