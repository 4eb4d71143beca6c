package replay_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/replay"
	"github.com/hedui/hedui/rules/trace"
)

// number is a number in a trace: where it stands and by which keys.
type number struct {
	from, to int
	path     string // rules.applications.value.all
}

// numbers finds every number of a JSON text.
func numbers(t *testing.T, text []byte) []number {
	t.Helper()
	var out []number
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	type level struct {
		object, value bool
		key           string
	}
	stack := []level{{}}
	for {
		token, err := d.Token()
		if err != nil {
			return out
		}
		top := &stack[len(stack)-1]
		if top.object && !top.value {
			if key, ok := token.(string); ok {
				top.key, top.value = key, true
				continue
			}
		}
		top.value = false
		switch x := token.(type) {
		case json.Delim:
			if x == '{' || x == '[' {
				stack = append(stack, level{object: x == '{'})
			} else {
				stack = stack[:len(stack)-1]
				stack[len(stack)-1].value = false
			}
		case json.Number:
			var keys []string
			for _, l := range stack {
				if l.key != "" {
					keys = append(keys, l.key)
				}
			}
			end := int(d.InputOffset())
			out = append(out, number{end - len(x.String()), end, strings.Join(keys, ".")})
		}
	}
}

const sealLen = len(`,"seal":""}`) + 32

// sealed seals what a trace says, as somebody would who changes it on purpose.
func sealed(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(bytes.Clone(body), `,"seal":"`+hex.EncodeToString(sum[:])[:32]+`"}`...)
}

// shownOnly are numbers on which no verdict depends and which nothing else in a trace
// repeats; see docs/replay.md.
var shownOnly = map[string]string{
	"facts.int":                       "of a condition that something else decides",
	"rules.applications.facts.int":    "likewise",
	"values.line":                     "where a value stands in a pack that does not cite its values",
	"rules.applications.value.linked": "of a rule that fires anyhow, when other records have to be confirmed",
}

// TestEveryNumberCounts changes every number of the traces, one at a time, and seals the
// trace again. Some change of each must be refused or give another verdict.
func TestEveryNumberCounts(t *testing.T) {
	var r replay.Replayer
	tried, never := 0, map[string]int{}
	for i, s := range allSamples(t) {
		if i%5 != 0 && !strings.HasPrefix(s.name, ownSituations) {
			continue // enough, and quick
		}
		body := s.trace[:len(s.trace)-sealLen]
		if !bytes.Equal(sealed(body), s.trace) {
			t.Fatalf("%s is sealed otherwise", s.name)
		}
		for _, n := range numbers(t, body) {
			old, err := strconv.ParseInt(string(body[n.from:n.to]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			tried++
			noticed := false
			for _, value := range []int64{old + 1, old - 1, 0, 1 << 50, -(1 << 50)} {
				if value == old {
					continue
				}
				changed := fmt.Appendf(bytes.Clone(body[:n.from]), "%d%s", value, body[n.to:])
				if got, err := r.Replay(sealed(changed)); err != nil || !bytes.Equal(got, s.verdict) {
					noticed = true
					break
				}
			}
			if !noticed {
				never[n.path]++
			}
		}
	}
	for path, n := range never {
		if shownOnly[path] == "" {
			t.Errorf("%s: no change of %d numbers is noticed", path, n)
		}
	}
	if tried < 3000 || never["values.line"] == 0 {
		t.Errorf("only %d numbers were changed, and these unnoticed: %v", tried, never)
	}
}

// TestChangesAreRefused changes traces without sealing them again.
func TestChangesAreRefused(t *testing.T) {
	s := allSamples(t)[0]
	for i := range s.trace {
		changed := bytes.Clone(s.trace)
		changed[i] ^= 1
		if _, err := replay.Replay(changed); !errors.Is(err, trace.ErrSeal) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	if _, err := replay.Replay(s.trace[:len(s.trace)-1]); !errors.Is(err, trace.ErrSeal) {
		t.Errorf("cut off: %v", err)
	}
}
