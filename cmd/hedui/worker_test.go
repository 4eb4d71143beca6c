package main

import (
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/ledger"
)

// unlistened leaves a socket at which nobody listens.
func unlistened(path string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

// A worker that is started while serve, which was killed, is not back yet waits for it and
// does not own the ledger in its place. Where nobody was killed it owns the ledger.
func TestWorkerWaitsForServe(t *testing.T) {
	a := &app{logger: slog.New(slog.DiscardHandler)}
	data := t.TempDir()
	l, err := a.dialServed(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if _, owns := l.(*ledger.Owner); !owns {
		t.Fatalf("alone it gets a %T", l)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if ledger.Abandoned(data) {
		t.Fatal("an owner that ended leaves its socket")
	}
	// What a kill leaves.
	if err := unlistened(filepath.Join(data, "ledger", "owner.sock")); err != nil {
		t.Fatal(err)
	}
	if !ledger.Abandoned(data) {
		t.Fatal("a socket that nobody listens at is not seen")
	}
	served := make(chan *ledger.Owner, 1)
	time.AfterFunc(500*time.Millisecond, func() {
		o, err := ledger.Open(data, ledger.Options{})
		if err != nil {
			t.Error(err)
		}
		served <- o
	})
	l, err = a.dialServed(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if _, asks := l.(*ledger.Client); !asks {
		t.Errorf("beside serve it gets a %T", l)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := (<-served).Close(); err != nil {
		t.Fatal(err)
	}
}
