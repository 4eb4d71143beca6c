package ledger

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/household"
)

// entry is one line of the log, without its hash.
type entry struct {
	Seq        int64       `json:"seq"`
	Time       string      `json:"time"` // RFC 3339, UTC
	Actor      string      `json:"actor"`
	Action     string      `json:"action"` // check, verify, conflicts, recover
	Phase      string      `json:"phase"`  // begin, end, failed
	Batch      string      `json:"batch,omitempty"`
	Generation string      `json:"generation,omitempty"`
	Rules      string      `json:"rules,omitempty"`
	On         string      `json:"on,omitempty"`
	Reveal     bool        `json:"reveal,omitempty"`
	Households [][2]string `json:"households,omitempty"` // number, number of the authorisation
	Begin      int64       `json:"begin,omitempty"`      // seq of the begin entry that ends
	Outcomes   string      `json:"outcomes,omitempty"`   // one letter a household, see outcomeLetters
	TornBytes  int64       `json:"torn_bytes,omitempty"`
	Prev       string      `json:"prev"`
}

// outcomeLetters are the letters of outcomes in an end entry: no discrepancy,
// needs review, suspected ineligible, unverifiable, refused.
const outcomeLetters = "-nrsux"

func letters(outcomes []household.Outcome) string {
	b := make([]byte, len(outcomes))
	for i, o := range outcomes {
		b[i] = outcomeLetters[0]
		if int(o) < len(outcomeLetters) {
			b[i] = outcomeLetters[o]
		}
	}
	return string(b)
}

const hashKey = `,"hash":"`

// hashLen is the length of the end of a line: the hash and what stands around it.
const hashLen = len(hashKey) + 2*sm3.Size + len(`"}`)

// zeroHash stands before the first entry.
var zeroHash = hex.EncodeToString(make([]byte, sm3.Size)) //nolint:gochecknoglobals // a constant

// appendEntry appends the line of an entry with its line break, and returns the
// entry's hash: the SM3 of everything in the line before the hash itself.
func appendEntry(b []byte, e *entry) (line []byte, hash string, err error) {
	text, err := json.Marshal(e)
	if err != nil {
		return b, "", err
	}
	text = text[:len(text)-1] // the closing brace comes after the hash
	sum := sm3.Sum(text)
	hash = hex.EncodeToString(sum[:])
	b = append(b, text...)
	b = append(b, hashKey...)
	b = append(b, hash...)
	return append(b, "\"}\n"...), hash, nil
}

var errEntry = errors.New("not an entry of an audit log")

// parseEntry reads a line without its break and checks its own hash.
func parseEntry(line []byte) (e entry, hash string, err error) {
	cut := len(line) - hashLen
	if cut <= 0 || !bytes.HasPrefix(line[cut:], []byte(hashKey)) || !bytes.HasSuffix(line, []byte(`"}`)) {
		return e, "", errEntry
	}
	hash = string(line[cut+len(hashKey) : len(line)-len(`"}`)])
	sum := sm3.Sum(line[:cut])
	if hex.EncodeToString(sum[:]) != hash {
		return e, "", fmt.Errorf("%w: its hash is not that of its text", errEntry)
	}
	if err := json.Unmarshal(append(bytes.Clone(line[:cut]), '}'), &e); err != nil {
		// The text of a decoding error may quote the line.
		return e, "", errEntry
	}
	return e, hash, nil
}
