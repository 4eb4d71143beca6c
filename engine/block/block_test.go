package block_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
)

type entry struct {
	Key     household.PersonKey
	Payload string
}

func key(num uint64, text ...string) household.PersonKey {
	return household.PersonKey{Num: num, Text: strings.Join(text, "")}
}

func build(t testing.TB, low, high household.PersonKey, last bool, entries ...entry) []byte {
	t.Helper()
	b := block.Builder{ProfileVersion: 7}
	for _, e := range entries {
		if err := b.Add(e.Key, []byte(e.Payload)); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := b.Finish(low, high, last)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// reseal repairs the checksum, so that what lies behind it is tested too.
func reseal(b []byte) {
	if len(b) >= 56 {
		d := xxhash.New()
		_, _ = d.Write(b[:48])
		_, _ = d.Write(b[56:])
		binary.LittleEndian.PutUint64(b[48:], d.Sum64())
	}
}

var some = []entry{
	{key(5), "five"},
	{key(7), ""},
	{key(7, "a"), "seven a"},
	{key(7, "a\x00"), "seven a nul"},
	{key(7, strings.Repeat("长", 300)), "long"},
	{key(household.OtherDocuments+2, "E123"), strings.Repeat("x", 5000)},
}

func TestRoundTrip(t *testing.T) {
	for _, c := range []struct {
		name      string
		low, high household.PersonKey
		last      bool
		entries   []entry
	}{
		{"empty section", key(0), key(0), true, nil},
		{"empty range", key(3), key(3, "a"), false, nil},
		{"bounded", key(5), key(household.OtherDocuments+2, "E123\x00"), false, some},
		{"last", key(0), key(0), true, some},
		{"text bounds", key(7, "a"), key(7, "a\x00"), false, some[2:3]},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := build(t, c.low, c.high, c.last, c.entries...)
			b, err := block.Open(raw)
			if err != nil {
				t.Fatal(err)
			}
			if b.Low() != c.low || b.High() != c.high || b.Last() != c.last || b.ProfileVersion() != 7 || b.Size() != len(raw) {
				t.Error("header does not come back")
			}
			var got []entry
			for i := range b.Len() {
				got = append(got, entry{b.Key(i), string(b.Payload(i))})
				if b.Num(i) != b.Key(i).Num {
					t.Error("number differs from key")
				}
			}
			if d := cmp.Diff(c.entries, got); d != "" {
				t.Error(d)
			}
			for _, e := range c.entries {
				p, ok := b.Find(e.Key)
				if !ok || string(p) != e.Payload || !b.Covers(e.Key) {
					t.Errorf("entry with payload %.10q not found", e.Payload)
				}
			}
		})
	}
}

func TestFindProvesAbsence(t *testing.T) {
	b, err := block.Open(build(t, key(5), key(100, "m"), false, some[:4]...))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key    household.PersonKey
		covers bool
	}{
		{key(0), false},
		{key(4, "zzz"), false},
		{key(5, "a"), true},
		{key(6), true},
		{key(7, "A"), true},
		{key(7, "b"), true},
		{key(100), true},
		{key(100, "l"), true},
		{key(100, "m"), false},
		{key(100, "ma"), false},
		{key(1 << 63), false},
	} {
		if _, ok := b.Find(c.key); ok {
			t.Errorf("found %d %q", c.key.Num, c.key.Text)
		}
		if got := b.Covers(c.key); got != c.covers {
			t.Errorf("covers %d %q: %v", c.key.Num, c.key.Text, got)
		}
	}
}

func TestBuilderRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b *block.Builder) error
		want error
	}{
		{"same key", func(b *block.Builder) error { return b.Add(key(9, "x"), nil) }, block.ErrOrder},
		{"lower key", func(b *block.Builder) error { return b.Add(key(9), nil) }, block.ErrOrder},
		{"long text", func(b *block.Builder) error { return b.Add(key(9, strings.Repeat("y", block.MaxText+1)), nil) }, block.ErrTooLarge},
		{"entry below", func(b *block.Builder) error { _, err := b.Finish(key(9, "xx"), key(10), false); return err }, block.ErrOrder},
		{"entry at the upper bound", func(b *block.Builder) error { _, err := b.Finish(key(0), key(9, "x"), false); return err }, block.ErrOrder},
		{"upside down", func(b *block.Builder) error { _, err := b.Finish(key(9), key(9), false); return err }, block.ErrOrder},
		{"long bound", func(b *block.Builder) error {
			_, err := b.Finish(key(0), key(9, strings.Repeat("y", block.MaxText+1)), false)
			return err
		}, block.ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b block.Builder
			if err := b.Add(key(9, "x"), nil); err != nil {
				t.Fatal(err)
			}
			if err := c.do(&b); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestBuilderIsReusable(t *testing.T) {
	var b block.Builder
	for range 2 {
		if err := b.Add(key(1), []byte("a")); err != nil {
			t.Fatal(err)
		}
		raw, err := b.Finish(key(0), key(2), false)
		if err != nil {
			t.Fatal(err)
		}
		if x, err := block.Open(raw); err != nil || x.Len() != 1 {
			t.Fatalf("%v, %d entries", err, x.Len())
		}
	}
}

func TestEveryByteCounts(t *testing.T) {
	raw := build(t, key(5), key(100, "m"), false, some[:4]...)
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			if _, err := block.Open(raw); err == nil {
				t.Fatalf("bit %d of byte %d flipped without a sign", bit, i)
			}
			raw[i] ^= 1 << bit
		}
	}
	for n := range raw {
		if _, err := block.Open(raw[:n]); err == nil {
			t.Fatalf("cut to %d bytes without a sign", n)
		}
	}
	if _, err := block.Open(append(bytes.Clone(raw), 0)); err == nil {
		t.Error("grown without a sign")
	}
}

func TestUnknownVersions(t *testing.T) {
	for _, c := range []struct {
		name string
		at   int
		text string
	}{
		{"format", 4, "format 2, this program reads format 1"},
		{"flags", 12, "unknown flags"},
		{"key id", 16, "encrypted"},
		{"nonce", 20, "encrypted"},
		{"tag", 47, "encrypted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := build(t, key(0), key(0), true)
			raw[c.at] ^= 3
			reseal(raw)
			_, err := block.Open(raw)
			if !errors.Is(err, block.ErrVersion) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestHostileLengths(t *testing.T) {
	// With the checksum repaired, no value of any header field may panic, and
	// what is accepted must be canonical.
	good := build(t, key(5), key(100, "m"), false, some[:4]...)
	for off := 0; off+4 <= len(good); off++ {
		for _, v := range []uint32{0, 1, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff} {
			raw := bytes.Clone(good)
			binary.LittleEndian.PutUint32(raw[off:], v)
			reseal(raw)
			canonical(t, raw)
		}
	}
}

// canonical opens bytes and requires that an accepted block is what the builder
// makes of its contents.
func canonical(t *testing.T, raw []byte) {
	t.Helper()
	x, err := block.Open(raw)
	if err != nil {
		if !errors.Is(err, block.ErrDamaged) && !errors.Is(err, block.ErrVersion) {
			t.Fatalf("unclassified error %v", err)
		}
		return
	}
	b := block.Builder{ProfileVersion: x.ProfileVersion()}
	for i := range x.Len() {
		k := x.Key(i)
		if err := b.Add(k, x.Payload(i)); err != nil {
			t.Fatalf("accepted block has a bad entry: %v", err)
		}
		if p, ok := x.Find(k); !ok || !bytes.Equal(p, x.Payload(i)) || !x.Covers(k) {
			t.Fatal("own entry not found")
		}
	}
	again, err := b.Finish(x.Low(), x.High(), x.Last())
	if err != nil {
		t.Fatalf("accepted block has a bad range: %v", err)
	}
	if !bytes.Equal(again, raw) {
		t.Fatal("accepted block is not canonical")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(build(f, key(0), key(0), true))
	f.Add(build(f, key(5), key(100, "m"), false, some[:4]...))
	f.Add(build(f, key(0), key(0), true, some...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		canonical(t, raw)
		raw = bytes.Clone(raw)
		reseal(raw)
		canonical(t, raw)
	})
}

func page(tb testing.TB, people, payload int) []byte {
	var b block.Builder
	for i := range people {
		if err := b.Add(key(uint64(340104_19700101_000+i*13)), make([]byte, payload)); err != nil {
			tb.Fatal(err)
		}
	}
	raw, err := b.Finish(key(0), key(0), true)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func TestOpenAndFindDoNotAllocate(t *testing.T) {
	raw := page(t, 128, 300)
	n := testing.AllocsPerRun(100, func() {
		b, err := block.Open(raw)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := b.Find(b.Key(77)); !ok {
			t.Fatal("not found")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, people := range []int{64, 128, 256} {
		raw := page(b, people, 300)
		b.Run(fmt.Sprintf("people=%d/bytes=%d", people, len(raw)), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if _, err := block.Open(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	for _, people := range []int{64, 128, 256} {
		x, err := block.Open(page(b, people, 300))
		if err != nil {
			b.Fatal(err)
		}
		k := x.Key(people / 3)
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := x.Find(k); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}
