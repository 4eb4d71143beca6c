package store_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/store"
)

func golden(f *testing.F, name string) []byte {
	files, err := filepath.Glob(filepath.Join("testdata", "compat", "v1", "generations", "*", name))
	if err != nil || len(files) != 1 {
		f.Fatalf("%v, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		f.Fatal(err)
	}
	return b
}

// FuzzManifest requires that an accepted manifest is what encoding it gives.
func FuzzManifest(f *testing.F) {
	f.Add(golden(f, "manifest.json"))
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := store.ParseManifest(b)
		if err != nil {
			return
		}
		again, err := m.Encode()
		if err != nil || !bytes.Equal(b, again) {
			t.Errorf("accepted, but encodes differently: %v", err)
		}
	})
}

// FuzzFence requires the same of a fence file, also behind a good checksum.
func FuzzFence(f *testing.F) {
	f.Add(golden(f, "fence"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= 8 {
			b = bytes.Clone(b)
			body := b[:len(b)-8]
			binary.LittleEndian.PutUint64(b[len(b)-8:], xxhash.Sum64(body))
		}
		fences, err := store.DecodeFences(b)
		if err != nil {
			return
		}
		if !bytes.Equal(store.EncodeFences(fences), b) {
			t.Error("accepted, but encodes differently")
		}
	})
}

// FuzzPage requires that a key is found in the page made for it, and that whatever is
// found in any bytes lies in them.
func FuzzPage(f *testing.F) {
	f.Add([]byte("page"), []byte("key"), []byte("value"))
	f.Add(store.AppendPage(nil, []byte("key of eight"), []byte("value")), []byte("key of eight"), []byte{})
	f.Fuzz(func(t *testing.T, page, key, value []byte) {
		if len(key) > 1<<15 {
			return
		}
		if got, err := store.FindEntry(store.AppendPage(nil, key, value), key); err != nil || !bytes.Equal(got, value) {
			t.Errorf("%v, another value", err)
		}
		if got, err := store.FindEntry(page, key); err == nil && !bytes.Contains(page, got) {
			t.Error("the value is not in the page")
		}
	})
}
