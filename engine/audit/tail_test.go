package audit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/audit"
)

// A tail gives out every entry once, in order, over segments, while others write.
func TestTail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := func() time.Time { return time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC) }
	open := func() *audit.Log {
		l, err := audit.Open(dir, audit.Options{Actor: "li", Now: now, SegmentBytes: 2000})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
		return l
	}
	a, b := open(), open()
	tail := audit.Follow(dir, 0)
	defer tail.Close()
	var got []int64
	next := func(tl *audit.Tail, limit int) (seqs []int64) {
		t.Helper()
		n, err := tl.Next(t.Context(), limit, func(e *audit.Entry) error { seqs = append(seqs, e.Seq); return nil })
		if err != nil || n != len(seqs) {
			t.Fatalf("%d of %d: %v", n, len(seqs), err)
		}
		return seqs
	}
	if got = next(tail, 10); len(got) != 0 {
		t.Fatalf("an empty log has %v", got)
	}
	for i := range 60 {
		l := a
		if i%3 == 0 {
			l = b
		}
		if err := l.Note(audit.Event{Operation: "sign_in", Outcome: audit.Done}); err != nil {
			t.Fatal(err)
		}
		if i%7 == 0 {
			got = append(got, next(tail, 4)...)
		}
	}
	for {
		more := next(tail, 7)
		got = append(got, more...)
		if len(more) < 7 {
			break
		}
	}
	if len(got) <= 60 { // the entries of the segments come too
		t.Fatalf("%d entries", len(got))
	}
	for i, seq := range got {
		if seq != int64(i+1) {
			t.Fatalf("entry %d came as number %d", seq, i+1)
		}
	}
	// From any entry on, what is behind it comes and nothing else.
	for after := range int64(len(got)) {
		from := audit.Follow(dir, after)
		if rest := next(from, 1000); len(rest) != len(got)-int(after) || rest[0] != after+1 {
			t.Fatalf("behind %d: %v", after, rest)
		}
		if err := from.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// What fails comes again.
	again, boom := audit.Follow(dir, 5), errors.New("boom")
	defer again.Close()
	if _, err := again.Next(t.Context(), 10, func(*audit.Entry) error { return boom }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if rest := next(again, 1); rest[0] != 6 {
		t.Fatalf("%v", rest)
	}
	// A log that was put back is not followed.
	ahead := audit.Follow(dir, int64(len(got))+1)
	if _, err := ahead.Next(t.Context(), 1, nil); !errors.Is(err, audit.ErrDamaged) {
		t.Errorf("a log that was put back: %v", err)
	}
	// A changed line stops it at its entry.
	name := filepath.Join(dir, "audit", "000001.log")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	changed := audit.Follow(dir, 0)
	defer changed.Close()
	if _, err := changed.Next(context.Background(), 1000, func(*audit.Entry) error { return nil }); !errors.Is(err, audit.ErrDamaged) {
		t.Errorf("a changed line: %v", err)
	}
}
