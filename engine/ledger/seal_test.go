package ledger_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/engine/ledger"
)

type sealer struct{ a cipher.AEAD }

func newSealer(t testing.TB, secret string) sealer {
	t.Helper()
	key := sha256.Sum256([]byte(secret))
	b, err := aes.NewCipher(key[:])
	if err != nil {
		t.Fatal(err)
	}
	a, err := cipher.NewGCM(b)
	if err != nil {
		t.Fatal(err)
	}
	return sealer{a}
}

func (s sealer) Seal(dst, plain, aad []byte) ([]byte, error) {
	nonce := make([]byte, s.a.NonceSize())
	_, _ = rand.Read(nonce)
	return s.a.Seal(append(dst, nonce...), nonce, plain, aad), nil
}

func (s sealer) Open(dst, sealed, aad []byte) ([]byte, error) {
	n := s.a.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("too short")
	}
	return s.a.Open(dst, sealed[:n], sealed[n:], aad)
}

// What is personal is not in the files of a sealed ledger, and another key opens
// nothing. The same search finds it in one that is not sealed.
func TestSealed(t *testing.T) {
	const canary = "CANARY-340104199001011234"
	for name, opt := range map[string]ledger.Options{"sealed": {Reserve: 1, Sealer: newSealer(t, "k")}, "plain": {Reserve: 1}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l, err := ledger.Open(dir, opt)
			if err != nil {
				t.Fatal(err)
			}
			v := &ledger.Verdict{ID: "v", Household: "h", Outcome: "OUTCOME-CANARY"}
			v.Body = []byte(canary)
			put(t, l, v)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{canary, "OUTCOME-CANARY"} {
				if got := grep(t, dir, word); got != (opt.Sealer == nil) {
					t.Errorf("%s in the files: %v", word, got)
				}
			}
			for other, o := range map[string]ledger.Options{"no key": {Reserve: 1}, "another key": {Reserve: 1, Sealer: newSealer(t, "other")}} {
				if opt.Sealer == nil && o.Sealer == nil {
					continue
				}
				l, err := ledger.Open(dir, o)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := l.Get(t.Context(), ledger.KindVerdict, "v"); !errors.Is(err, ledger.ErrDamaged) {
					t.Errorf("with %s: %v", other, err)
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func grep(t *testing.T, dir, word string) (found bool) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		files++
		b, err := os.ReadFile(name)
		found = found || bytes.Contains(b, []byte(word))
		return err
	})
	if err != nil || files < 3 {
		t.Fatalf("%d files, %v", files, err)
	}
	return found
}

func put(t testing.TB, l ledger.Ledger, entries ...ledger.Entry) {
	t.Helper()
	c := ledger.Change{}
	for _, e := range entries {
		c.Ops = append(c.Ops, ledger.Put(e))
	}
	if err := l.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}
