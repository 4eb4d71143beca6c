package keyring_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/keyring"
)

var seals = flag.Int("keyring.seals", 100_000, "seals whose nonces are compared")

func temporary(t testing.TB, suite string) *keyring.Key {
	t.Helper()
	p, err := keyring.ProviderOf(suite)
	if err != nil {
		t.Fatal(err)
	}
	k, err := keyring.NewTemporary(p)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// form is a way to seal, with what it makes and reads.
type form struct {
	name string
	seal func(k *keyring.Key, b []byte, p keyring.Place) ([]byte, error)
	open func(k *keyring.Key, b []byte, p keyring.Place) ([]byte, error)
}

var forms = []form{
	{
		"field",
		func(k *keyring.Key, b []byte, p keyring.Place) ([]byte, error) { return k.Seal([]byte("x"), b, 16, p) },
		func(k *keyring.Key, b []byte, p keyring.Place) ([]byte, error) {
			return k.Open([]byte("x"), b[1:], 16, p)
		},
	},
	{
		"envelope",
		func(k *keyring.Key, b []byte, p keyring.Place) ([]byte, error) {
			return k.AppendEnvelope([]byte("x"), b, p)
		},
		func(k *keyring.Key, b []byte, p keyring.Place) ([]byte, error) {
			return k.OpenEnvelope([]byte("x"), b[1:], p)
		},
	},
}

// TestSealedBytesOpenAtTheirPlaceOnly seals anything, opens it, and changes one thing at
// a time: every change is refused, and nothing behind the sealed bytes is touched.
func TestSealedBytesOpenAtTheirPlaceOnly(t *testing.T) {
	for _, suite := range keyring.Suites() {
		for _, f := range forms {
			t.Run(suite+" "+f.name, func(t *testing.T) {
				k, other := temporary(t, suite), temporary(t, suite)
				rapid.Check(t, func(t *rapid.T) {
					plain := append(make([]byte, 48), rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "body")...)
					plain[3] = 7 // what stays clear
					p := keyring.Place{
						Kind: keyring.KindBlock, Part: rapid.Uint32().Draw(t, "part"), Number: rapid.Uint64().Draw(t, "number"),
					}
					sealed, err := f.seal(k, plain, p)
					if err != nil {
						t.Fatal(err)
					}
					behind := bytes.Repeat([]byte{0xee}, 16)
					if rapid.Bool().Draw(t, "room") {
						sealed = append(sealed, behind...)[:len(sealed)]
					} else {
						sealed, behind = slices.Clip(slices.Clone(sealed)), nil
					}
					got, err := f.open(k, sealed, p)
					if err != nil || !bytes.Equal(got, append([]byte("x"), plain...)) {
						t.Fatalf("opened %x, %v, want %x", got, err, plain)
					}
					if behind != nil && !bytes.Equal(sealed[len(sealed):len(sealed)+16], behind) {
						t.Fatal("what follows the sealed bytes was changed")
					}
					refused := func(what string, k *keyring.Key, b []byte, p keyring.Place) {
						if got, err := f.open(k, b, p); !errors.Is(err, keyring.ErrSealed) || len(got) > 1 {
							t.Fatalf("%s: %d bytes, %v", what, len(got), err)
						}
					}
					refused("another key", other, sealed, p)
					refused("another number", k, sealed, keyring.Place{Kind: p.Kind, Part: p.Part, Number: p.Number + 1})
					refused("another part", k, sealed, keyring.Place{Kind: p.Kind, Part: p.Part ^ 1, Number: p.Number})
					refused("another kind", k, sealed, keyring.Place{Kind: keyring.KindFence, Part: p.Part, Number: p.Number})
					refused("cut", k, sealed[:len(sealed)-1], p)
					changed := slices.Clone(sealed)
					at := rapid.IntRange(1, len(sealed)-1).Draw(t, "byte")
					changed[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
					refused("a bit", k, changed, p)
				})
			})
		}
	}
}

// TestNoncesDoNotRepeat compares the nonces of many seals from several goroutines, and
// of two openings of one key. It sees a repetition that is put in.
func TestNoncesDoNotRepeat(t *testing.T) {
	const workers = 4
	k := temporary(t, keyring.AES)
	nonces := make([][12]byte, *seals)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var b []byte
			for i := w; i < len(nonces); i += workers {
				var err error
				if b, err = k.AppendEnvelope(b[:0], nil, keyring.Place{}); err != nil {
					t.Error(err)
					return
				}
				nonces[i] = [12]byte(b[12:24])
			}
		})
	}
	wg.Wait()
	repeated := func(all [][12]byte) bool {
		slices.SortFunc(all, func(a, b [12]byte) int { return bytes.Compare(a[:], b[:]) })
		return len(slices.Compact(all)) < *seals
	}
	if len(nonces) < 2 || repeated(slices.Clone(nonces)) {
		t.Fatalf("a nonce repeats in %d", len(nonces))
	}
	nonces[0] = nonces[len(nonces)-1]
	if !repeated(nonces) {
		t.Fatal("a nonce that repeats is not seen")
	}
}

// TestPseudonyms holds that a pseudonym depends on key, domain and bytes, each.
func TestPseudonyms(t *testing.T) {
	k := temporary(t, keyring.SM)
	of := func(k *keyring.Key, domain, text string) [16]byte {
		p, err := keyring.Pseudonym(k, domain, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a := of(k, "ledger", "1")
	if a != of(k, "ledger", "1") {
		t.Fatal("not the same twice")
	}
	for what, b := range map[string][16]byte{
		"text": of(k, "ledger", "2"), "domain": of(k, "audit", "1"), "key": of(temporary(t, keyring.SM), "ledger", "1"),
	} {
		if a == b {
			t.Errorf("another %s has the same pseudonym", what)
		}
	}
}

// FuzzOpen gives anything to what opens: it refuses it.
func FuzzOpen(f *testing.F) {
	k := temporary(f, keyring.AES)
	good, err := k.AppendEnvelope(nil, []byte("text"), keyring.Place{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("HDSE"))
	f.Add(binary.LittleEndian.AppendUint32([]byte("HDSE"), 1<<31))
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Equal(b, good) {
			return
		}
		keyring.EnvelopeOf(b)
		if _, err := k.OpenEnvelope(nil, b, keyring.Place{}); !errors.Is(err, keyring.ErrSealed) {
			t.Fatalf("opened: %v", err)
		}
		if _, err := k.Open(nil, b, 8, keyring.Place{}); !errors.Is(err, keyring.ErrSealed) {
			t.Fatalf("opened: %v", err)
		}
	})
}

func BenchmarkOpenBlock(b *testing.B) {
	for _, suite := range keyring.Suites() {
		b.Run("suite="+suite+"/bytes=49152", func(b *testing.B) {
			k := temporary(b, suite)
			sealed, err := k.Seal(nil, make([]byte, 48<<10), 16, keyring.Place{})
			if err != nil {
				b.Fatal(err)
			}
			sealed = append(sealed, make([]byte, 16)...)[:len(sealed)]
			var out []byte
			b.SetBytes(48 << 10)
			b.ReportAllocs()
			for b.Loop() {
				if out, err = k.Open(out[:0], sealed, 16, keyring.Place{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
