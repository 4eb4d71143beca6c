package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedui/hedui/engine/audit"
)

func keys(t testing.TB) (*audit.PrivateKey, *audit.PublicKey) {
	t.Helper()
	private, public, err := audit.NewKey()
	must(t, err)
	key, err := audit.ParsePrivateKey(private)
	must(t, err)
	pub, err := audit.ParsePublicKey(public)
	must(t, err)
	return key, pub
}

func TestAnchors(t *testing.T) {
	t.Parallel()
	dir, place := t.TempDir(), filepath.Join(t.TempDir(), "heads")
	key, public := keys(t)
	_, stranger := keys(t)
	a, err := audit.Open(dir, audit.Options{Actor: "tester", Now: clock, SegmentBytes: 1 << 10, Anchors: audit.AnchorOptions{Key: key, Path: place}})
	must(t, err)
	for i := range 6 {
		_, err := a.Anchor(t.Context())
		must(t, err)
		record(t, a, fmt.Sprintf("340104-%d", i))
	}
	last, err := a.Anchor(t.Context())
	must(t, err)
	if r := check(t, dir); last.Seq != r.Entries || last.Hash != r.Head {
		t.Errorf("the anchored head is %+v of %+v", last, r)
	}
	// Half a line of a process that died does not spoil the next.
	f, err := os.OpenFile(place, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`{"seq":7,"ha`)
	must(t, err)
	must(t, f.Close())
	_, err = a.Anchor(t.Context())
	must(t, err)
	text, err := os.ReadFile(place)
	must(t, err)
	heads, unread, err := audit.ReadHeads(bytes.NewReader(text), []*audit.PublicKey{stranger, public})
	if err != nil || len(heads) != 8 || unread != 1 {
		t.Errorf("%d heads, %d unread, %v", len(heads), unread, err)
	}
	r, err := audit.Verify(t.Context(), dir, audit.VerifyOptions{Heads: heads})
	if err != nil || !r.OK() || r.Anchors != 7 || r.Anchored != last.Seq { // the first was of no entry
		t.Errorf("%+v, %v", r, err)
	}
	if _, _, err := audit.ReadHeads(bytes.NewReader(text), []*audit.PublicKey{stranger}); !errors.Is(err, audit.ErrSignature) {
		t.Errorf("heads of another key: %v", err)
	}
	for _, change := range [][2]string{{`"seq":2,`, `"seq":4,`}, {`"segment":1`, `"segment":2`}, {`"time":"2026`, `"time":"2025`}, {`"signature":"30`, `"signature":"31`}, {`"key":"`, `"key":"0`}} {
		if !strings.Contains(string(text), change[0]) {
			t.Fatalf("no %s", change[0])
		}
		if _, _, err := audit.ReadHeads(strings.NewReader(strings.Replace(string(text), change[0], change[1], 1)), []*audit.PublicKey{public}); !errors.Is(err, audit.ErrSignature) {
			t.Errorf("%s: %v", change, err)
		}
	}
	// A log put back while the process runs is noticed at the next anchor.
	must(t, os.RemoveAll(filepath.Join(dir, "audit")))
	record(t, open(t, dir), "340104-0")
	if _, err := a.Anchor(t.Context()); !errors.Is(err, audit.ErrDamaged) {
		t.Errorf("a log put back was anchored: %v", err)
	}
	if r, err := audit.Verify(t.Context(), dir, audit.VerifyOptions{Heads: heads}); err != nil || r.OK() {
		t.Errorf("the whole log was rewritten: %+v, %v", r, err)
	}
	must(t, os.RemoveAll(filepath.Join(dir, "audit")))
	if r, err := audit.Verify(t.Context(), dir, audit.VerifyOptions{Heads: heads}); err != nil || r.FirstBad != 1 {
		t.Errorf("the whole log was removed: %+v, %v", r, err)
	}
	if _, err := open(t, dir).Anchor(t.Context()); !errors.Is(err, audit.ErrNoAnchor) {
		t.Errorf("no place: %v", err)
	}
}

func TestKeepAnchoredNeverWaitsLonger(t *testing.T) {
	t.Parallel()
	dir, place := t.TempDir(), filepath.Join(t.TempDir(), "heads")
	key, public := keys(t)
	synctest.Test(t, func(t *testing.T) {
		a, err := audit.Open(dir, audit.Options{Actor: "tester", Now: time.Now, Anchors: audit.AnchorOptions{Key: key, Path: place}})
		must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 35*time.Minute)
		defer cancel()
		a.KeepAnchored(ctx, time.Hour, func(err error) { t.Error(err) })
		must(t, a.Close())
	})
	text, err := os.ReadFile(place)
	must(t, err)
	heads, _, err := audit.ReadHeads(bytes.NewReader(text), []*audit.PublicKey{public})
	must(t, err)
	if len(heads) != 5 { // at once, after 10, 20 and 30 minutes, and at the end
		t.Errorf("%d heads", len(heads))
	}
}

func TestKeysAreNotTakenForEachOther(t *testing.T) {
	t.Parallel()
	private, public, err := audit.NewKey()
	must(t, err)
	if _, err := audit.ParsePrivateKey(public); err == nil {
		t.Error("a public key signs")
	}
	if _, err := audit.ParsePublicKey(private); err == nil {
		t.Error("a private key is given away")
	}
}

func FuzzReadHeads(f *testing.F) {
	dir := f.TempDir()
	record(f, open(f, dir), "340104-1")
	key, public := keys(f)
	h, err := audit.TakeHead(dir, key, clock())
	must(f, err)
	f.Add(fmt.Appendf(nil, `{"seq":%d,"hash":%q,"segment":1,"bytes":%d,"time":%q,"key":%q,"signature":%q}`, h.Seq, h.Hash, h.Bytes, h.Time, h.Key, h.Signature.Signature))
	f.Fuzz(func(t *testing.T, text []byte) {
		heads, _, err := audit.ReadHeads(bytes.NewReader(text), []*audit.PublicKey{public})
		for _, got := range heads {
			if err == nil && got != h.Head {
				t.Fatalf("a head that nobody signed: %+v", got)
			}
		}
	})
}
