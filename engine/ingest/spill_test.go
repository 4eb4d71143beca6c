package ingest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
)

// memoryRun is a run of items that are in order.
func memoryRun(items [][]byte) *run {
	s := &slab{arena: make([]byte, 0, 16<<20)}
	for _, b := range items {
		if !s.add(b) {
			panic("no room")
		}
	}
	return s.sort(&sorting{})
}

func mergeAll(t interface{ Fatal(args ...any) }, runs ...*run) *merger {
	m, err := newMerger(runs, place{}, place{highest, highest})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

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

// drain reads to the end. It copies an item only when the next one was read, as the
// assembler does.
func drain(t *rapid.T, m *merger) [][]byte {
	var all [][]byte
	var before []byte
	for {
		c, err := m.next()
		if err != nil {
			t.Fatal(err)
		}
		if before != nil {
			all = append(all, bytes.Clone(before))
		}
		if c == nil {
			return all
		}
		before = c.item
	}
}

func temporaryKey(t testing.TB) *keyring.Key {
	t.Helper()
	p, err := keyring.ProviderOf(keyring.AES)
	if err != nil {
		t.Fatal(err)
	}
	k, err := keyring.NewTemporary(p)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// However items are cut into slabs, runs and spans, they come back in the one order,
// and nobody's items lie in two spans.
func TestSortedRuns(t *testing.T) {
	dir := t.TempDir()
	keys := []*keyring.Key{nil, temporaryKey(t)}
	rapid.Check(t, func(t *rapid.T) {
		items := drawItems(t)
		want := slices.Clone(items)
		slices.SortFunc(want, compareItems)
		var runs []*run
		for i := 0; i < len(items); {
			n := rapid.IntRange(1, len(items)-i).Draw(t, "cut")
			r := memoryRun(items[i : i+n])
			i += n
			if rapid.Bool().Draw(t, "spill") {
				name := filepath.Join(dir, "run")
				_ = os.Remove(name)
				f, err := writeRun(name, mergeAll(t, r), rapid.SampledFrom(keys).Draw(t, "key"), uint32(i))
				if err != nil {
					t.Fatal(err)
				}
				defer f.close()
				if err := f.check(); err != nil {
					t.Fatal(err)
				}
				r = f
			}
			runs = append(runs, r)
		}
		var got [][]byte
		for _, s := range spansOf(runs, rapid.Int64Range(1, 100_000).Draw(t, "span")) {
			m, err := newMerger(runs, s.from, s.to)
			if err != nil {
				t.Fatal(err)
			}
			part := drain(t, m)
			if len(got) > 0 && len(part) > 0 {
				var a, b item
				if a.decode(got[len(got)-1]) != nil || b.decode(part[0]) != nil || a.samePerson(&b) {
					t.Fatal("a person in two spans")
				}
			}
			got = append(got, part...)
		}
		if len(got) != len(want) {
			t.Fatalf("%d items, want %d", len(got), len(want))
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) && compareItems(got[i], want[i]) != 0 {
				t.Fatalf("item %d out of order", i)
			}
		}
	})
}

// A large slab, which is sorted by passes, comes into the same order as by comparing.
func TestRadix(t *testing.T) {
	for name, number := range map[string]func(r *rand.Rand) uint64{
		"one county": func(r *rand.Rand) uint64 {
			return 34010119000101000 + r.Uint64N(100)*10_000_000 + r.Uint64N(12_000_000)
		},
		"all provinces": func(r *rand.Rand) uint64 {
			return 11010119000101000 + r.Uint64N(55)*1_000_000_000_000_000 + r.Uint64N(100_000_000)
		},
		"few people":      func(r *rand.Rand) uint64 { return 34010119000101000 + r.Uint64N(7) },
		"one person":      func(*rand.Rand) uint64 { return 34010119000101000 },
		"nobody":          func(*rand.Rand) uint64 { return household.NoDocument },
		"other documents": func(r *rand.Rand) uint64 { return r.Uint64N(2)*household.OtherDocuments + r.Uint64N(1000) },
		"any number":      func(r *rand.Rand) uint64 { return r.Uint64() },
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			var items [][]byte
			for i := range uint64(3 * minRadix) {
				num, text := number(r), ""
				if num >= household.OtherDocuments {
					text = strconv.Itoa(r.IntN(50))
				}
				items = append(items, testItem(num, text, r.IntN(9) == 0, strconv.Itoa(r.IntN(9)), 0, 1, i, nil))
			}
			want := slices.Clone(items)
			slices.SortFunc(want, compareItems)
			m := mergeAll(t, memoryRun(items))
			for i := range want {
				c, err := m.next()
				if err != nil {
					t.Fatal(err)
				}
				if compareItems(c.item, want[i]) != 0 {
					t.Fatalf("item %d out of order", i)
				}
			}
			if c, err := m.next(); c != nil || err != nil {
				t.Fatal("more items than there were", err)
			}
		})
	}
}

// The key of an account that is read from the content orders as the whole key does.
func TestKeyOfContent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items [2][]byte
		var keys [2][]byte
		var decoded [2]item
		for i := range items {
			institution := rapid.SampledFrom([]string{"", "1", "建设银行", "工商银行"}).Draw(t, "institution")
			account := rapid.SampledFrom([]string{"", "6", "62170", "621700090204", "6217000902041592246", "6217000902041592247"}).Draw(t, "account")
			day := rapid.SampledFrom([]uint32{20261030, 20261031}).Draw(t, "day")
			keys[i] = append([]byte(account), institution...)
			keys[i] = binary.BigEndian.AppendUint32(keys[i], day)
			keys[i] = binary.BigEndian.AppendUint32(keys[i], uint32(len(account)))

			content := appendBytes(appendBytes(nil, []byte(institution)), []byte(account))
			content = binary.AppendUvarint(append(content, 1), rapid.Uint64().Draw(t, "balance"))
			content = append(binary.AppendUvarint(content, uint64(day)), 0, 0, 0)
			b := append(binary.BigEndian.AppendUint64(nil, 34010119000101000), kindAccount, 0)
			b = appendBytes(b, content)
			items[i] = append(b, 0, 0, 0, 0, 1, 1, 0)
			if err := decoded[i].decode(items[i]); err != nil {
				t.Fatal(err)
			}
		}
		want := bytes.Compare(keys[0], keys[1])
		if got := compareItems(items[0], items[1]); got != want {
			t.Errorf("compare %d, want %d", got, want)
		}
		if _, a := prefixes(items[0]); want != 0 {
			if _, b := prefixes(items[1]); cmp.Compare(a, b)*want < 0 {
				t.Error("the prefixes order otherwise")
			}
		}
		if decoded[0].sameRecord(&decoded[1]) != (want == 0) {
			t.Error("the same record by one of two")
		}
	})
}

// A run whose bytes changed is an error, never other items.
func TestDamagedRun(t *testing.T) {
	for name, key := range map[string]*keyring.Key{"clear": nil, "sealed": temporaryKey(t)} {
		t.Run(name, func(t *testing.T) { damagedRun(t, key) })
	}
}

func damagedRun(t *testing.T, key *keyring.Key) {
	var items [][]byte
	for i := range uint64(3000) {
		items = append(items, testItem(i, "", false, "KEY", 0, 1, i, bytes.Repeat([]byte{byte(i)}, 100)))
	}
	var b bytes.Buffer
	written := run{key: key, n: 3}
	posts, err := written.writeItems(&b, mergeAll(t, memoryRun(items)))
	if err != nil {
		t.Fatal(err)
	}
	read := func(raw []byte) (n int, err error) {
		r := &run{posts: posts, file: bytes.NewReader(raw), key: key, n: 3}
		if err := r.check(); err != nil {
			return 0, err
		}
		m, err := newMerger([]*run{r}, place{}, place{highest, highest})
		if err != nil {
			return 0, err
		}
		for {
			c, err := m.next()
			if err != nil || c == nil {
				return n, err
			}
			if !bytes.Equal(c.item, items[n]) {
				return n, errors.New("another item")
			}
			n++
		}
	}
	if bytes.Contains(b.Bytes(), []byte("KEY")) != (key == nil) {
		t.Error("a record key in the clear, or none where nothing is sealed")
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
	for at := b.Len() - lastFrame - 9; at < b.Len(); at++ {
		raw := bytes.Clone(b.Bytes())
		raw[at] ^= 0x10
		if _, err := read(raw); !errors.Is(err, errSpill) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
	if _, err := read(append(bytes.Clone(b.Bytes()), 0)); !errors.Is(err, errSpill) {
		t.Errorf("a byte more: %v", err)
	}
}

func FuzzRun(f *testing.F) {
	var b bytes.Buffer
	items := [][]byte{testItem(1, "", false, "K", 0, 1, 1, []byte{0, 0, 0, 0}), testItem(1, "", true, "", 0, 0, 0, nil)}
	if _, err := (&run{}).writeItems(&b, mergeAll(f, memoryRun(items))); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes()[spillHeader:])
	f.Fuzz(func(_ *testing.T, raw []byte) {
		p := post{size: uint32(len(raw))}
		if len(raw) >= frameHead { // with the right length and checksum, so that what follows them is reached
			p.count = binary.LittleEndian.Uint32(raw[4:])
			sealFrame(raw, p.count)
		}
		r := &run{posts: []post{p}, file: bytes.NewReader(raw)}
		m, err := newMerger([]*run{r}, place{}, place{highest, highest})
		if err != nil {
			return
		}
		var it item
		for {
			c, err := m.next()
			if err != nil || c == nil {
				return
			}
			_ = it.decode(c.item)
			_ = compareItems(c.item, c.item)
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
