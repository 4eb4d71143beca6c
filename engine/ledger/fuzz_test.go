package ledger_test

import (
	"bytes"
	"testing"

	"github.com/hedui/hedui/engine/ledger"
)

// A value with the right checksum is an entry or an error, whatever is in it; and an
// entry that was read is the one that is written.
func FuzzEntry(f *testing.F) {
	key := []byte("\x10\x03v")
	for _, body := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("long "), 500)} {
		v, err := ledger.ValueOf(key, []byte(`{"id":"v"}`), body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if len(value) < 8 {
			return
		}
		value = ledger.Resum(key, bytes.Clone(value))
		again, err := ledger.EntryOf(key, value)
		if err != nil {
			return
		}
		twice, err := ledger.EntryOf(key, again)
		if err != nil || !bytes.Equal(again, twice) {
			t.Errorf("%x is read as another: %v", again, err)
		}
	})
}

func FuzzIndexKey(f *testing.F) {
	f.Add([]byte("\x20\x03\x01household\x00v1\x00\x00\x00\x01\x02"))
	f.Fuzz(func(t *testing.T, key []byte) {
		if again, ok := ledger.SplitIndex(key); ok && (len(key) < 1 || key[0] != 0x20 || !bytes.Equal(key, again)) && key[0] == 0x20 {
			t.Errorf("%x becomes %x", key, again)
		}
	})
}
