package audit_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/audit"
)

// forge changes a word of an entry and gives the entry the hash of its new text, as
// somebody would who knows the format.
func forge(t *testing.T, line []byte, from, to string) []byte {
	t.Helper()
	text, _, found := bytes.Cut(line, []byte(`,"hash":"`))
	if !found || !bytes.Contains(text, []byte(from)) {
		t.Fatal("nothing to forge")
	}
	text = bytes.Replace(text, []byte(from), []byte(to), 1)
	sum := sm3.Sum(text)
	return []byte(string(text) + `,"hash":"` + hex.EncodeToString(sum[:]) + "\"}\n")
}

// An entry whose own hash is right again is only found by the entry after it, and
// the last one only by the head.
func TestForgedEntryIsFoundByTheChain(t *testing.T) {
	for forged, first := range map[int]int64{1: 2, 4: 5, 9: 10, 10: 10} {
		t.Run(fmt.Sprintf("entry %d", forged), func(t *testing.T) {
			dir := t.TempDir()
			a := open(t, dir)
			for i := range 5 {
				record(t, a, fmt.Sprintf("340104-%d", i))
			}
			path := filepath.Join(dir, "audit", "000001.log")
			text, err := os.ReadFile(path)
			must(t, err)
			lines := slices.Collect(bytes.Lines(text))
			lines[forged-1] = forge(t, lines[forged-1], `"tester"`, `"nobody"`)
			must(t, os.WriteFile(path, bytes.Join(lines, nil), 0o600))
			for _, block := range []int{0, 64, 700} { // one, one a line, and between
				r, err := audit.Verify(t.Context(), dir, audit.VerifyOptions{}.InBlocks(block))
				if err != nil || r.FirstBad != first {
					t.Errorf("in blocks of %d: found at %d (%s), want %d, %v", block, r.FirstBad, r.Reason, first, err)
				}
			}
		})
	}
}

// The log holds these fields and no other, so that nothing personal gets into it
// unnoticed.
func TestEntriesHoldNothingElse(t *testing.T) {
	known := []string{
		"seq", "time", "actor", "action", "phase", "batch", "generation", "rules", "on", "reveal", "households", "begin", "outcomes", "torn_bytes", "prev", "hash",
	}
	dir := t.TempDir()
	record(t, open(t, dir), "340104-1")
	text, err := os.ReadFile(filepath.Join(dir, "audit", "000001.log"))
	must(t, err)
	for line := range bytes.Lines(text) {
		var e map[string]json.RawMessage
		must(t, json.Unmarshal(line, &e))
		for key := range e {
			if !slices.Contains(known, key) {
				t.Errorf("an entry holds %s", key)
			}
		}
		var households [][]string
		if raw, ok := e["households"]; ok {
			must(t, json.Unmarshal(raw, &households))
			if len(households) != 1 || !slices.Equal(households[0], []string{"340104-1", "SQ340104-1"}) {
				t.Errorf("households are %s, not numbers of a household and its authorisation", raw)
			}
		}
	}
}
