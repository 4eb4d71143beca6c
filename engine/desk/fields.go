package desk

import (
	"bytes"
	"encoding/json"

	"github.com/hedui/hedui/engine/household"
)

// fields are some fields of an entry of the ledger, read without the rest. Most of the time
// that it takes to count a ledger would go into decoding what is not counted.
type fields struct {
	text [5]string
	on   household.Date
}

// read reads the fields of these names, and "on". A field that is not there is empty. It is
// false for what is no entry.
//
// The entry was written by encoding/json: no space stands between a key and its value, and a
// quote inside of a text has a backslash before it, so that a key and the quote behind it
// stand nowhere else. A text with a backslash is left to encoding/json.
func (f *fields) read(entry []byte, names ...string) bool {
	if len(entry) < 2 || entry[0] != '{' || entry[len(entry)-1] != '}' {
		return false
	}
	var key [32]byte
	for i, name := range names {
		k := append(append(append(key[:0], '"'), name...), '"', ':', '"')
		_, rest, ok := bytes.Cut(entry, k)
		if !ok {
			continue
		}
		value, _, ok := bytes.Cut(rest, []byte{'"'})
		if !ok {
			return false
		}
		if bytes.IndexByte(value, '\\') < 0 {
			f.text[i] = string(value)
			continue
		}
		var all map[string]json.RawMessage
		if json.Unmarshal(entry, &all) != nil || json.Unmarshal(all[name], &f.text[i]) != nil {
			return false
		}
	}
	_, rest, ok := bytes.Cut(entry, []byte(`"on":`))
	if !ok {
		return true
	}
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		f.on = f.on*10 + household.Date(c-'0')
	}
	return true
}
