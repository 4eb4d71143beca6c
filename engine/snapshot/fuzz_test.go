package snapshot

import (
	"encoding/binary"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
)

func FuzzFence(f *testing.F) {
	posts := []post{{low: household.PersonKey{}, offset: headerSize, size: 10, checksum: 1, entries: 2}, {low: household.PersonKey{Num: 5, Text: "x"}, offset: headerSize + 10, size: 7}}
	b := appendTrailer(appendBounds(nil, posts), headerSize+17)
	f.Add(b[:len(b)-trailerSize], int64(headerSize+17))
	f.Add([]byte{1, 0, 0, 0}, int64(0))
	f.Fuzz(func(t *testing.T, b []byte, end int64) {
		// With the right checksum, so that what follows it is reached.
		posts, err := parseFence(b, xxhash.Sum64(b), end)
		if err != nil {
			return
		}
		again := appendTrailer(appendBounds(nil, posts), end)
		if string(again[:len(again)-trailerSize]) != string(b) {
			t.Fatal("a fence that is read is not written alike")
		}
	})
}

func FuzzTrailer(f *testing.F) {
	b := appendTrailer(appendBounds(nil, []post{{size: 1}}), headerSize+1)
	f.Add(b[len(b)-trailerSize:], int64(headerSize+1+len(b)))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		if len(b) == trailerSize {
			binary.LittleEndian.PutUint64(b[24:], xxhash.Sum64(b[:24]))
		}
		offset, n, _, err := parseTrailer(b, size)
		if err == nil && (offset < headerSize || n < 0 || offset+n+trailerSize != size) {
			t.Fatal("an impossible place")
		}
	})
}

func FuzzManifest(f *testing.F) {
	m := &Manifest{ID: "00112233445566778899aabbccddeeff", Source: household.Tax, Provider: "tax", AsOf: 20261031, ByCode: map[string]int64{"bad_date": 1}}
	m.Covers, _ = household.ParseMonths("2026-01..2026-10")
	m.Files = []FileAccount{{Name: "a", Counts: Counts{RowsIn: 3, Accepted: 1, Quarantined: 1, Duplicates: 1}}}
	m.Counts = m.Files[0].Counts
	m.Sums = []ColumnSum{{"income", Total{1, 2}}}
	b, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	if _, err := ParseManifest(b); err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = ParseManifest(b) })
}

func FuzzCatalogue(f *testing.F) {
	b, err := encodeCatalogue([]Entry{{ID: "00112233445566778899aabbccddeeff", Source: household.Bank, Provider: "x", AsOf: 20261031, State: Held}})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := parseCatalogue(b); err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parseCatalogue(b) })
}

func FuzzColdPage(f *testing.F) {
	enc, err := newEncoder()
	if err != nil {
		f.Fatal(err)
	}
	var b block.Builder
	entry := AppendColdRecord(nil, 1, 7, AppendText(nil, Address, []byte("合肥市")), nil)
	if err := b.Add(household.PersonKey{Num: 7}, entry); err != nil {
		f.Fatal(err)
	}
	raw, err := b.Finish(household.PersonKey{}, household.PersonKey{}, true)
	if err != nil {
		f.Fatal(err)
	}
	p, sum := packPage(nil, raw, enc)
	if got, err := unpackPage(nil, p, sum); err != nil || string(got) != string(raw) {
		f.Fatal(err)
	}
	f.Add(p)
	f.Fuzz(func(_ *testing.T, p []byte) {
		if len(p) >= coldHeader {
			binary.LittleEndian.PutUint64(p[48:], coldChecksum(p))
		}
		sum := uint64(0)
		if len(p) >= coldHeader {
			sum = binary.LittleEndian.Uint64(p[48:])
		}
		_, _ = unpackPage(nil, p, sum)
	})
}

func FuzzColdEntry(f *testing.F) {
	f.Add(AppendColdRecord(nil, 1, 7, AppendText(nil, Address, []byte("合肥市")), nil), 1, int64(7))
	f.Fuzz(func(_ *testing.T, entry []byte, file int, row int64) { _, _, _ = findCold(entry, file, row) })
}

func TestTotal(t *testing.T) {
	var a Total
	for range 20_000 {
		a.Add(household.MaxFen)
	}
	if a.String() != "20000000000000000000" { // above 2^64
		t.Error(a)
	}
	b := a
	b.AddTotal(a)
	text, err := b.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var c Total
	if err := c.UnmarshalJSON(text); err != nil || c != b || c.String() != "40000000000000000000" {
		t.Error(c, err)
	}
	if c.UnmarshalJSON([]byte("-1")) == nil || c.UnmarshalJSON([]byte("1.5")) == nil {
		t.Error("reads what is no sum")
	}
}
