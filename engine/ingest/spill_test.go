package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type listStream struct{ items [][]byte }

func (l *listStream) next() (entry, bool, error) {
	if len(l.items) == 0 {
		return entry{}, false, nil
	}
	b := l.items[0]
	l.items = l.items[1:]
	num, second := prefixes(b)
	return entry{num, second, b}, true, nil
}

func (l *listStream) close() error { return nil }

func testItem(num uint64, text string, mark bool, key string, form byte, file, row uint64, rest []byte) []byte {
	b := binary.BigEndian.AppendUint64(nil, num)
	if mark {
		return appendText(append(b, kindMark), text)
	}
	b = appendBytes(appendText(append(b, kindRecord), text), []byte(key))
	b = append(b, 0, 0, 0, 0, form) // no content, owner, cold text or text as written
	b = binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(b, file), row), row+1)
	return append(b, rest...)
}

func drawItems(t *rapid.T) [][]byte {
	var items [][]byte
	for range rapid.IntRange(0, 60).Draw(t, "items") {
		num := rapid.SampledFrom([]uint64{1, 2, 1 << 60, 0x8000_0000_0000_0002, 0xf100_0000_0000_0000}).Draw(t, "num")
		text := ""
		if num >= 1<<63 {
			text = rapid.SampledFrom([]string{"", "王", "王秀英", "王秀英英", "王秀英\x00"}).Draw(t, "text")
		}
		key := rapid.SampledFrom([]string{"", "\x00", "A", "AAAAAAAA", "AAAAAAAAB", "AAAAAAAB", "B"}).Draw(t, "key")
		items = append(items, testItem(num, text, rapid.Bool().Draw(t, "mark"), key, byte(rapid.IntRange(0, 2).Draw(t, "form")),
			rapid.Uint64Range(1, 300).Draw(t, "file"), rapid.Uint64Range(1, 300).Draw(t, "row"), bytes.Repeat([]byte{7}, rapid.IntRange(0, 90_000).Draw(t, "rest"))))
	}
	return items
}

func drain(t *rapid.T, s stream) [][]byte {
	var all [][]byte
	for {
		e, ok, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return all
		}
		all = append(all, bytes.Clone(e.item))
	}
}

// However items are cut into slabs and runs, they come back in the one order.
func TestSortedStreams(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		items := drawItems(t)
		want := slices.Clone(items)
		slices.SortFunc(want, compareItems)
		var streams []stream
		for i := 0; i < len(items); {
			n := rapid.IntRange(1, len(items)-i).Draw(t, "cut")
			s := newSlab(minSlab)
			s.arena = make([]byte, 0, 8<<20)
			s.refs = make([]ref, 0, n)
			for _, b := range items[i : i+n] {
				if !s.add(b) {
					t.Fatal("no room")
				}
			}
			s.sort()
			i += n
			if rapid.Bool().Draw(t, "spill") {
				name := filepath.Join(dir, "run")
				_ = os.Remove(name)
				if _, err := writeRun(name, &slabCursor{slab: s}); err != nil {
					t.Fatal(err)
				}
				r, err := openRun(name)
				if err != nil {
					t.Fatal(err)
				}
				defer r.close()
				streams = append(streams, r)
			} else {
				streams = append(streams, &slabCursor{slab: s})
			}
		}
		got := drain(t, newMerger(streams))
		if len(got) != len(want) {
			t.Fatalf("%d items, want %d", len(got), len(want))
		}
		for i := range got {
			if compareItems(got[i], want[i]) != 0 {
				t.Fatalf("item %d out of order", i)
			}
		}
	})
}

// A run whose bytes changed is an error, never other items.
func TestDamagedRun(t *testing.T) {
	var items [][]byte
	for i := range uint64(3000) {
		items = append(items, testItem(i, "", false, "KEY", 0, 1, i, bytes.Repeat([]byte{byte(i)}, 100)))
	}
	var b bytes.Buffer
	if _, err := writeItems(&b, &listStream{items}); err != nil {
		t.Fatal(err)
	}
	read := func(raw []byte) (n int, err error) {
		r := &runReader{r: bytes.NewReader(raw)}
		if err := r.header(); err != nil {
			return 0, err
		}
		for {
			e, ok, err := r.next()
			if err != nil || !ok {
				return n, err
			}
			if !bytes.Equal(e.item, items[n]) {
				return n, errors.New("another item")
			}
			n++
		}
	}
	if n, err := read(b.Bytes()); n != len(items) || err != nil {
		t.Fatal(n, err)
	}
	for at := 0; at < b.Len(); at += 1 + at/50 {
		raw := bytes.Clone(b.Bytes())
		raw[at] ^= 0x10
		if _, err := read(raw); !errors.Is(err, errSpill) {
			t.Errorf("byte %d changed: %v", at, err)
		}
		if _, err := read(b.Bytes()[:at]); !errors.Is(err, errSpill) {
			t.Errorf("cut at %d: %v", at, err)
		}
	}
	if _, err := read(append(bytes.Clone(b.Bytes()), 0)); !errors.Is(err, errSpill) {
		t.Errorf("a byte more: %v", err)
	}
}

func FuzzRun(f *testing.F) {
	var b bytes.Buffer
	if _, err := writeItems(&b, &listStream{[][]byte{testItem(1, "", false, "K", 0, 1, 1, []byte{0, 0, 0, 0}), testItem(1, "", true, "", 0, 0, 0, nil)}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes()[spillHeader:])
	f.Fuzz(func(_ *testing.T, raw []byte) {
		if len(raw) >= frameHead { // with the right checksum, so that what follows it is reached
			size := binary.LittleEndian.Uint32(raw)
			if end := frameHead + int(size); size < 1<<20 && end <= len(raw) {
				binary.LittleEndian.PutUint64(raw[8:], frameSum(raw[:end]))
			}
		}
		r := &runReader{r: bytes.NewReader(raw)}
		var it item
		for {
			e, ok, err := r.next()
			if err != nil || !ok {
				return
			}
			_ = it.decode(e.item)
			_ = compareItems(e.item, e.item)
		}
	})
}

func TestSpool(t *testing.T) {
	l := rowLog{spool: spool{name: filepath.Join(t.TempDir(), "record")}}
	for round := range 3 {
		n := []int64{5, 200_000, 7}[round]
		for i := range n {
			if err := l.add(int(i%3)+1, i, i+1); err != nil {
				t.Fatal(err)
			}
		}
		if onDisk := l.spool.f != nil; onDisk != (round > 0) {
			t.Error("on disk:", onDisk)
		}
		i := int64(0)
		err := l.each(func(file int, row, line int64) error {
			if file != int(i%3)+1 || row != i || line != i+1 {
				return io.ErrUnexpectedEOF
			}
			i++
			return nil
		})
		if err != nil || i != n {
			t.Fatal(round, i, err)
		}
		if err := l.reset(); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.spool.close(); err != nil {
		t.Fatal(err)
	}
}

func TestQuarantineLine(t *testing.T) {
	for want, column := range map[string]string{
		"1,2,3,a,bad_date,x\n": "a", "1,2,3,\"a,b\",bad_date,x\n": "a,b", "1,2,3,\"a\"\"\",bad_date,x\n": `a"`, "1,2,3,'=a,bad_date,x\n": "=a",
		"1,2,3,-5.00,bad_date,x\n": "-5.00", "1,2,3,'-a,bad_date,x\n": "-a", "1,2,3,'＝a,bad_date,x\n": "＝a",
	} {
		if got := string(appendLine(nil, 1, 2, 3, column, 4, "x")); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
