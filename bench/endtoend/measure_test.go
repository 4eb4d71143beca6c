package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test program be its own runner.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == runnerArg {
		os.Exit(runner(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func shell(t *testing.T) string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	return sh
}

func TestAStepThatNeverEndsIsStopped(t *testing.T) {
	start := time.Now()
	// The child of the shell has to end too, or its stdout keeps the step waiting.
	_, err := measure(t.Context(), 500*time.Millisecond, command{shell(t), "-c", "sleep 60; true"})
	if !errors.Is(err, errTimeout) || time.Since(start) > 20*time.Second {
		t.Fatalf("after %v: %v", time.Since(start), err)
	}
}

func TestTheMemoryMeasuredIsTheProcessesOwn(t *testing.T) {
	large := make([]byte, 256<<20)
	for i := 0; i < len(large); i += 4096 {
		large[i] = 1
	}
	m, err := measure(t.Context(), time.Minute, command{shell(t), "-c", "echo told"})
	if err != nil {
		t.Fatal(err)
	}
	if m.RSS <= 0 || m.RSS > 128<<20 {
		t.Errorf("a shell took %d MB beside %d MB of this process", m.RSS>>20, len(large)>>20)
	}
	if string(m.stdout) != "told\n" {
		t.Errorf("stdout %q", m.stdout)
	}
}

func TestTheStatusOfAProcessIsKept(t *testing.T) {
	if _, err := measure(t.Context(), time.Minute, command{shell(t), "-c", "exit 3"}); err != nil {
		t.Errorf("status 3: %v", err)
	}
	if _, err := measure(t.Context(), time.Minute, command{shell(t), "-c", "echo why >&2; exit 1"}); err == nil || !strings.Contains(err.Error(), "why") {
		t.Errorf("status 1: %v", err)
	}
	if _, err := measure(t.Context(), time.Minute, command{shell(t), "-c", "kill -9 $$"}); err == nil {
		t.Error("killed: no error")
	}
}
