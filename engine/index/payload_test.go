package index

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
)

// What the decoders accept is, byte for byte, what the encoders make of it.
func FuzzReadRefs(f *testing.F) {
	f.Add([]byte{0})
	f.Add(appendRefs(nil, nil, 201))
	f.Add(appendRefs(nil, []ref{{household.PersonKey{Num: 11010519491231002}, CurrentName}, {household.PersonKey{Num: household.NoDocument, Text: "a\x00b"}, 0}}, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		refs, count, _, err := readRefs(nil, b)
		if err != nil {
			return
		}
		if again := appendRefs(nil, refs, count); !bytes.Equal(again, b) {
			t.Errorf("%x is read and written %x", b, again)
		}
	})
}

func FuzzReadCounts(f *testing.F) {
	f.Add(appendCounts(nil, nil))
	f.Add(appendCounts(nil, []counted{{cell{}, 3}, {cell{195, 1, 1101}, 2}, {cell{195, 1, 1102}, 1}, {cell{195, 2, 0}, 9}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		want := cell{195, 1, 1101}
		n, err := readCounts(b, want, true)
		if err != nil {
			return
		}
		if n.cell > n.group || n.group > n.all {
			t.Errorf("%+v", n)
		}
		if part, err := readCounts(b, want, false); err != nil || part != n {
			t.Errorf("%+v of the whole, %+v of a part, %v", n, part, err)
		}
	})
}

func FuzzReadSummary(f *testing.F) {
	f.Add((&summary{register: true, looseKeys: 5, invalidKeys: 1000}).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := readSummary(b)
		if err == nil && !bytes.Equal(s.append(nil), b) {
			t.Errorf("%x is written in another way", b)
		}
	})
}

func FuzzParseItem(f *testing.F) {
	f.Add(append(appendKey(appendText(itemHead(nil, kindFormer, 7), "x\x00y"), household.PersonKey{Num: 9, Text: "\x00"}), 1))
	f.Fuzz(func(_ *testing.T, b []byte) {
		if len(b) >= 9 {
			_, _ = parseItem(b)
		}
	})
}

func TestItemsOrderAsReferencesDo(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune{0, 1, 'a', 0xff}), 0, 3, -1)
	rapid.Check(t, func(t *rapid.T) {
		draw := func() (ref, []byte) {
			r := ref{household.PersonKey{Num: rapid.Uint64Range(1, 3).Draw(t, "num"), Text: text.Draw(t, "text")}, Flags(rapid.IntRange(0, 15).Draw(t, "flags"))}
			return r, append(appendKey(itemHead(nil, kindLoose, 5), r.key), byte(r.flags))
		}
		a, x := draw()
		b, y := draw()
		if c := a.key.Compare(b.key); c != 0 && c != bytes.Compare(x, y) {
			t.Fatalf("%q and %q order in another way than their items", a.key.Text, b.key.Text)
		}
		back, err := parseItem(x)
		if err != nil || back.ref != a {
			t.Fatalf("an item does not come back, %v", err)
		}
	})
}

// A packed number is exact, and a filter forgets nothing.
func TestFilter(t *testing.T) {
	for _, n := range []uint64{0, 1, 30, 5000, 200_000} {
		keys := make([]uint64, 0, n)
		for i := range n { // ascending, as sorted hashes are
			keys = append(keys, (^uint64(0)/max(n, 1))*i+mix(i)%(1<<20))
		}
		var f filter
		f.lines = make([][8]uint64, 0, lineCount(n, invalidBits))
		w := filterWriter{lines: lineCount(n, invalidBits), emit: func(_ uint64, b []byte) error {
			if !f.load(b) {
				t.Fatal("a chunk does not fit")
			}
			return nil
		}}
		for _, k := range keys {
			if err := w.add(k); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.finish(); err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if !f.has(k) {
				t.Fatalf("%d keys: one is forgotten", n)
			}
		}
		wrong := 0
		for i := range uint64(100_000) {
			if f.has(mix(i + 1<<40)) {
				wrong++
			}
		}
		if wrong > 40 {
			t.Errorf("%d keys: %d of 100,000 others pass", n, wrong)
		}
	}
}

func TestShareIsNeverZeroNorTooLarge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.Uint64Range(1, 1<<34).Draw(t, "all")
		group := rapid.Uint64Range(0, all).Draw(t, "group")
		here := rapid.Uint64Range(0, group).Draw(t, "cell")
		name := counts{all: rapid.Uint64Range(0, all).Draw(t, "n")}
		name.group = rapid.Uint64Range(0, min(name.all, group)).Draw(t, "n in group")
		name.cell = rapid.Uint64Range(0, min(name.group, here)).Draw(t, "n in cell")
		if p := share(name, counts{all, group, here}, cell{195, 1, 1101}); p < 1 || p > billion {
			t.Fatalf("%d parts per billion", p)
		}
	})
}
