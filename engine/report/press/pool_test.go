package press_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/report/press"
)

// deaf is a browser that starts, says that it did in a file, and never answers.
func deaf(t *testing.T) (browser, started string) {
	t.Helper()
	dir := t.TempDir()
	browser, started = filepath.Join(dir, "chromium"), filepath.Join(dir, "started")
	script := "#!/bin/sh\necho $$ >" + started + ".new\nmv " + started + ".new " + started + "\nexec sleep 300\n"
	if err := os.WriteFile(browser, []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return browser, started
}

func pidIn(t *testing.T, file string) int {
	t.Helper()
	for range 3000 {
		if text, err := os.ReadFile(file); err == nil {
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the browser was not started")
	return 0
}

func mustBeGone(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", pid, err)
	}
}

// soon is far less than a deaf browser sleeps, and much for a busy machine.
const soon = time.Minute

// A browser that never answers is left with the patience of whoever waits, and does not stay.
func TestDeafBrowser(t *testing.T) {
	browser, started := deaf(t)
	p, err := press.NewPool(press.PoolOptions{Browser: browser, Patience: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := p.Print(ctx, []byte("<p>"), "HD1")
		first <- err
	}()
	pid := pidIn(t, started)

	// One who waits for their turn does so no longer than they may.
	short, done := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer done()
	second := make(chan error, 1)
	go func() {
		_, err := p.Print(short, []byte("<p>"), "HD2")
		second <- err
	}()
	await := func(what string, c <-chan error, want error) {
		t.Helper()
		select {
		case err := <-c:
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		case <-time.After(soon):
			t.Fatalf("%s still waits", what)
		}
	}
	await("who waits for a turn", second, context.DeadlineExceeded)
	cancel()
	await("who has the turn", first, context.Canceled)
	mustBeGone(t, pid)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// Without a word of the caller the patience of the pool ends it, after a second browser got
// its try.
func TestPatience(t *testing.T) {
	browser, started := deaf(t)
	p, err := press.NewPool(press.PoolOptions{Browser: browser, Patience: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan error, 1)
	go func() {
		_, err := p.Print(t.Context(), []byte("<p>"), "HD1")
		out <- err
	}()
	select {
	case err := <-out:
		if err == nil {
			t.Error("a deaf browser printed")
		}
	case <-time.After(soon):
		t.Fatal("it still waits")
	}
	if text, err := os.ReadFile(started); err == nil { // it may have been too slow to say so
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		mustBeGone(t, pid)
	}
}
