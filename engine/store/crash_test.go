package store_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/store/storetest"
)

// The crash test kills a child at every durable step of publishing a generation
// over an older one, and requires that the store then holds the old or the new
// one, whole, and that publishing again works.
var (
	crashChild = flag.String("crash.child", "", "internal: directory of the store to publish in")
	crashStep  = flag.Int("crash.step", 0, "internal: the step to die before, from 1; 0 is while loading")
)

const crashCode = 86

// publish loads, seals and activates data and drops every other generation.
func publish(s store.Store, seed uint64) (string, error) {
	m, err := storetest.NewData(seed, 300).Load(s)
	if err != nil {
		return "", err
	}
	if err := s.Activate(m.ID); err != nil {
		return "", err
	}
	ids, err := s.List()
	for _, id := range ids {
		if id != m.ID {
			err = errors.Join(err, s.Drop(id))
		}
	}
	return m.ID, err
}

func TestCrashChild(t *testing.T) {
	if *crashChild == "" {
		t.Skip("runs as a child only")
	}
	n := 0
	s, err := store.OpenDirWith(*crashChild, store.DirOptions{Disk: durable.Disk{Before: func(s durable.Step) error {
		if n++; n == *crashStep {
			fmt.Printf("dying before %s %s\n", s.Op, filepath.Base(s.Path))
			os.Exit(crashCode)
		}
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if *crashStep == 0 {
		b, err := s.Begin(store.BuildOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w, err := b.Section(store.SectionPeople, 1)
		if err != nil {
			t.Fatal(err)
		}
		for n := range uint64(200) { // more than is handed to Badger at a time
			if err := w.Add(household.PersonKey{Num: n}, make([]byte, 40<<10)); err != nil {
				t.Fatal(err)
			}
		}
		os.Exit(crashCode)
	}
	if _, err := publish(s, 2); err != nil {
		t.Fatal(err)
	}
}

func TestCrash(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]uint64{}
	for _, seed := range []uint64{1, 2} {
		m := storetest.NewData(seed, 300).MustLoad(t, store.NewMemory())
		ids[m.ID] = seed
	}
	seen := map[uint64]int{}
	var places []string
	for step := 0; ; step++ {
		dir := t.TempDir()
		s, err := store.OpenDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := publish(s, 1); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestCrashChild$", "-crash.child="+dir, fmt.Sprint("-crash.step=", step))
		out, err := cmd.Output()
		if err == nil {
			break // fewer steps than that
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != crashCode {
			t.Fatalf("step %d: child: %v\n%s", step, err, out)
		}
		places = append(places, strings.TrimSpace(string(out)))

		current, err := s.Current()
		if err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		listed, err := s.List()
		if err != nil || !slices.Contains(listed, current) {
			t.Fatalf("step %d: current %s of %v, %v", step, current, listed, err)
		}
		seen[ids[current]]++
		for _, id := range listed { // whatever has a name is whole
			g := storetest.MustOpen(t, s, id)
			storetest.NewData(ids[id], 300).MustRead(t, g)
			if err := g.Sweep(t.Context(), nil); err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
		}
		if _, err := publish(s, 2); err != nil {
			t.Fatalf("step %d: publishing again: %v", step, err)
		}
		left, err := os.ReadDir(filepath.Join(dir, "generations"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range left {
			if strings.HasPrefix(e.Name(), ".building") || strings.HasPrefix(e.Name(), ".dropped") {
				t.Errorf("step %d: %s is left behind", step, e.Name())
			}
		}
	}
	t.Logf("%d steps; the old generation was current after %d, the new one after %d", len(places), seen[1], seen[2])
	for _, want := range []string{"write fence.tmp", "sync fence.tmp", "rename fence", "write manifest.json.tmp", "rename manifest.seal", "syncdir generations", "write CURRENT.tmp", "rename CURRENT", "remove .dropped"} {
		if !slices.ContainsFunc(places, func(p string) bool { return strings.HasPrefix(p, "dying before "+want) }) {
			t.Errorf("no crash before %q", want)
		}
	}
	if seen[1] == 0 || seen[2] == 0 {
		t.Error("one of the two generations was never current")
	}
}

// TestFaults fails every durable step instead of dying there.
func TestFaults(t *testing.T) {
	fault := errors.New("fault")
	for step := 1; ; step++ {
		dir := t.TempDir()
		s, err := store.OpenDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		old, err := publish(s, 1)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		faulty, err := store.OpenDirWith(dir, store.DirOptions{Disk: durable.Disk{Before: func(durable.Step) error {
			if n++; n == step {
				return fault
			}
			return nil
		}}})
		if err != nil {
			t.Fatal(err)
		}
		id, err := publish(faulty, 2)
		if n < step {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if !errors.Is(err, fault) {
			t.Fatalf("step %d: the fault was swallowed: %v", step, err)
		}
		current, err := s.Current()
		if err != nil || current != old && id != "" && current != id {
			t.Fatalf("step %d: current %s, %v", step, current, err)
		}
		g := storetest.MustOpen(t, s, current)
		seed := uint64(1)
		if current != old {
			seed = 2
		}
		storetest.NewData(seed, 300).MustRead(t, g)
		if _, err := publish(s, 2); err != nil {
			t.Fatalf("step %d: publishing again: %v", step, err)
		}
	}
}

// TestSyncedBeforeNamed checks the order that a power cut needs: every file and
// directory of a generation is synced before the generation gets its name, the name
// before CURRENT speaks of it. Without syncing the same check must fail.
func TestSyncedBeforeNamed(t *testing.T) {
	for _, noSync := range []bool{false, true} {
		var problems []string
		synced := map[string]bool{} // what is on disk whatever happens
		s, err := store.OpenDirWith(t.TempDir(), store.DirOptions{Disk: durable.Disk{NoSync: noSync, Before: func(s durable.Step) error {
			switch s.Op {
			case "sync", "syncdir":
				// The step may still be left out; it is on disk if it is not.
				synced[s.Path] = !noSync
			case "rename":
				if strings.HasSuffix(s.Path, "CURRENT") && !synced[filepath.Join(filepath.Dir(s.Path), "generations")] {
					problems = append(problems, "CURRENT before the name of the generation")
				}
				if filepath.Base(filepath.Dir(s.Path)) == "generations" {
					problems = append(problems, unsynced(t, filepath.Dir(s.Path), synced)...)
				}
			}
			return nil
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := publish(s, 1); err != nil {
			t.Fatal(err)
		}
		if noSync == (len(problems) == 0) {
			t.Errorf("without sync %v: %d problems: %s", noSync, len(problems), strings.Join(problems, ", "))
		}
	}
}

// unsynced lists what below the building directory was never synced.
func unsynced(t *testing.T, generations string, synced map[string]bool) (problems []string) {
	building, err := filepath.Glob(filepath.Join(generations, ".building-*"))
	if err != nil || len(building) != 1 {
		t.Fatalf("%v, %v", building, err)
	}
	names, err := filepath.Glob(filepath.Join(building[0], "*"))
	if err != nil || len(names) < 6 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, n := range append(names, building[0]) {
		if !synced[n] {
			problems = append(problems, filepath.Base(n)+" is not synced")
		}
	}
	return problems
}
