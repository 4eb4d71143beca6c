package audit

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/emmansun/gmsm/sm3"
	"pgregory.net/rapid"
)

// rootByHand computes the root level by level.
func rootByHand(hashes [][]byte) string {
	for first := true; first || len(hashes) > 1; first = false {
		var up [][]byte
		for len(hashes) > 0 {
			n := min(len(hashes), fanout)
			sum := sm3.Sum(append([]byte{1}, bytes.Join(hashes[:n], nil)...))
			up, hashes = append(up, sum[:]), hashes[n:]
		}
		hashes = up
	}
	return hex.EncodeToString(hashes[0])
}

// The root is that of the entries whatever the tree held before.
func TestTree(t *testing.T) {
	var tr tree
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1, 40), rapid.SampledFrom([]int{255, 256, 257, 4095, 4096, 4097})).Draw(t, "entries")
		tr.reset()
		var hashes [][]byte
		for i := range n {
			sum := sm3.Sum([]byte{byte(i), byte(i >> 8)})
			hashes = append(hashes, sum[:])
			tr.add(sum[:])
		}
		if got, want := tr.root(), rootByHand(hashes); got != want || tr.root() != want || tr.n != int64(n) {
			t.Fatalf("%d entries: %s, want %s", n, got, want)
		}
	})
}
