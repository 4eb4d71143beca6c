package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Every thread stands back. In a process of its own: what is lowered stays so.
func TestLowerPriority(t *testing.T) {
	if os.Getenv("HEDUI_TEST_YIELD") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLowerPriority$", "-test.v")
		cmd.Env = append(os.Environ(), "HEDUI_TEST_YIELD=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "threads stand back") {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	lowerPriority()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil || len(threads) == 0 {
		t.Fatal(err)
	}
	for _, x := range threads {
		stat, err := os.ReadFile("/proc/self/task/" + x.Name() + "/stat")
		if err != nil {
			continue // it ended
		}
		f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if nice, err := strconv.Atoi(f[16]); err != nil || nice < niceness {
			t.Errorf("thread %s has the niceness %s", x.Name(), f[16])
		}
	}
	t.Logf("%d threads stand back", len(threads))
}
