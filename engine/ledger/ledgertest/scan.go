package ledgertest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/ledger"
)

// A scan shows what Get shows of every entry of its kind, in their order, also those
// whose values are large or compressed, and nothing that was erased.
func scans(t *testing.T, l ledger.Ledger) {
	var gone *ledger.Task
	for i := range 1500 {
		e := &ledger.Task{ID: fmt.Sprintf("scan-%04d", i), Queue: "scan", State: "open", Division: "340104"}
		e.Body = bytes.Repeat([]byte{byte(i), byte(i >> 8), 7}, i%700)
		if i == 7 {
			e.Body = bytes.Repeat([]byte("large"), 100_000)
			gone = &ledger.Task{ID: "scan-gone", Queue: "scan", State: "open"}
			put(t, l, gone)
		}
		put(t, l, e)
		if i%300 == 0 {
			e.Version, e.State = 1, "done"
			put(t, l, e)
		}
	}
	gone.Version = 1
	if err := l.Commit(t.Context(), ops(ledger.Erase(gone))); err != nil {
		t.Fatal(err)
	}
	var got []ledger.Row
	err := l.Scan(t.Context(), ledger.KindTask, func(r *ledger.Row) error {
		got = append(got, clone(*r))
		return nil
	})
	if err != nil || len(got) != 1500 {
		t.Fatalf("%d entries: %v", len(got), err)
	}
	for i := range got {
		want, err := l.Get(t.Context(), ledger.KindTask, fmt.Sprintf("scan-%04d", i))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got[i]); d != "" {
			t.Fatal(d)
		}
	}
	stop := errors.New("enough")
	n := 0
	err = l.Scan(t.Context(), ledger.KindTask, func(*ledger.Row) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || n != 3 {
		t.Errorf("%d entries: %v", n, err)
	}
	if err := l.Scan(t.Context(), 99, func(*ledger.Row) error { return nil }); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("a kind that there is not: %v", err)
	}
}
