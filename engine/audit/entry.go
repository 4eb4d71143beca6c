package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/household"
)

// Entry is one line of the log, without its hash. Members that an entry does not have
// are left out of its line, so that a line of an older version reads the same.
//
// The order of the members is part of the format: seq comes first and prev last, where
// Verify finds them without parsing the line.
type Entry struct {
	Seq        int64       `json:"seq"`
	Time       string      `json:"time"` // RFC 3339, UTC
	Actor      string      `json:"actor"`
	Action     string      `json:"action"`             // the operation: check, verify, sign_in …; segment and recover are the log's own
	Phase      string      `json:"phase"`              // begin, end, failed of a look; note of an event
	Role       string      `json:"role,omitempty"`     // in which the actor acted
	Division   string      `json:"division,omitempty"` // of the body the actor belongs to
	Client     string      `json:"client,omitempty"`   // address the request came from
	Request    string      `json:"request,omitempty"`  // id that ties the entries of one request together
	Purpose    string      `json:"purpose,omitempty"`
	Object     string      `json:"object,omitempty"` // number of what an event was about: authorisation, case, account, key
	Outcome    string      `json:"outcome,omitempty"`
	Code       string      `json:"code,omitempty"`   // why it was denied
	Reason     string      `json:"reason,omitempty"` // why the actor said it was needed, as a word
	Fields     []string    `json:"fields,omitempty"` // seen unmasked
	Batch      string      `json:"batch,omitempty"`
	Generation string      `json:"generation,omitempty"`
	Rules      string      `json:"rules,omitempty"`
	On         string      `json:"on,omitempty"`
	Reveal     bool        `json:"reveal,omitempty"`
	Households [][2]string `json:"households,omitempty"` // number, number of the authorisation
	Begin      int64       `json:"begin,omitempty"`      // seq of the begin entry that ends
	Outcomes   string      `json:"outcomes,omitempty"`   // one letter a household, see OutcomeOf
	TornBytes  int64       `json:"torn_bytes,omitempty"`
	Sealed     *Sealed     `json:"sealed,omitempty"` // first in every segment but the first
	Prev       string      `json:"prev"`
}

// Sealed names the segment before the one that it stands first in.
type Sealed struct {
	Segment int    `json:"segment"`
	From    int64  `json:"from"` // seq of its first and its last entry
	To      int64  `json:"to"`
	Bytes   int64  `json:"bytes"`
	Root    string `json:"root"` // of the tree over the hashes of its entries
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

// OutcomeOf is the outcome of a letter in an end entry.
func OutcomeOf(letter byte) (household.Outcome, bool) {
	i := bytes.IndexByte([]byte(outcomeLetters), letter)
	return household.Outcome(max(i, 0)), i > 0
}

const hashKey = `,"hash":"`

// hashLen is the length of the end of a line: the hash and what stands around it.
const hashLen = len(hashKey) + 2*sm3.Size + len(`"}`)

// zeroHash stands before the first entry.
var zeroHash = hex.EncodeToString(make([]byte, sm3.Size)) //nolint:gochecknoglobals // a constant

// appendEntry appends the line of an entry with its line break, and returns the
// entry's hash: the SM3 of everything in the line before the hash itself.
func appendEntry(b []byte, e *Entry) (line []byte, hash string, err error) {
	from := len(b)
	if b, err = appendText(b, e); err != nil {
		return b[:from], "", err
	}
	sum := sm3.Sum(b[from:])
	hash = hex.EncodeToString(sum[:])
	b = append(b, hashKey...)
	b = append(b, hash...)
	return append(b, "\"}\n"...), hash, nil
}

// appendText appends the entry as JSON without its closing brace, which comes after the
// hash. Households, of which there may be thousands, are written by hand.
func appendText(b []byte, e *Entry) ([]byte, error) {
	households := e.Households
	byHand := len(households) > 0 && e.Begin == 0 && e.Outcomes == "" && e.TornBytes == 0 && e.Sealed == nil
	short := *e
	if byHand {
		short.Households = nil
	}
	text, err := json.Marshal(&short)
	if err != nil {
		return b, err
	}
	text = text[:len(text)-1]
	if !byHand {
		return append(b, text...), nil
	}
	// Only the hash before follows them, and it is plain.
	prev := len(text) - len(`,"prev":""`) - len(e.Prev)
	b = append(b, text[:prev]...)
	b = append(b, `,"households":[`...)
	for i, h := range households {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		if b, err = appendString(b, h[0]); err != nil {
			return b, err
		}
		b = append(b, ',')
		if b, err = appendString(b, h[1]); err != nil {
			return b, err
		}
		b = append(b, ']')
	}
	b = append(b, ']')
	return append(b, text[prev:]...), nil
}

// appendString appends a string as encoding/json writes it.
func appendString(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '-', c == '_':
		default:
			text, err := json.Marshal(s)
			return append(b, text...), err
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), nil
}

var errEntry = errors.New("not an entry of an audit log")

// parseEntry reads a line without its break and checks its own hash.
func parseEntry(line []byte) (e Entry, hash string, err error) {
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
