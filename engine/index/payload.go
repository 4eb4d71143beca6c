package index

import (
	"encoding/binary"
	"errors"

	"github.com/hedui/hedui/engine/household"
)

var errPayload = errors.New("an entry of the index can't be read")

// Flags say how a reference relates to the key it is kept under.
type Flags uint8

// The flags.
const (
	CurrentName   Flags = 1 << iota // register: found under the name of today
	FormerName                      // register: found under a former name
	CurrentNumber                   // former: the reference is the number of today
	FormerNumber                    // former: the reference is a former number
	allFlags      = CurrentName | FormerName | CurrentNumber | FormerNumber
)

// ref is one reference of an entry.
type ref struct {
	key   household.PersonKey
	flags Flags
}

// appendRefs encodes references, ascending and unique, or only their number when
// they are too many to be kept.
func appendRefs(b []byte, refs []ref, count uint64) []byte {
	if count > HotKey {
		return binary.AppendUvarint(b, count<<1|1)
	}
	b = binary.AppendUvarint(b, count<<1)
	before := uint64(0)
	for _, r := range refs {
		b = binary.AppendUvarint(b, r.key.Num-before)
		before = r.key.Num
		b = append(b, byte(r.flags))
		if r.key.Num >= household.OtherDocuments { // resident numbers have no text
			b = binary.AppendUvarint(b, uint64(len(r.key.Text)))
			b = append(b, r.key.Text...)
		}
	}
	return b
}

// readRefs appends the references of an entry to dst. common tells that they are
// too many and were not kept. Only what appendRefs writes is read.
func readRefs(dst []ref, b []byte) (_ []ref, count uint64, common bool, err error) {
	v, b, ok := uvarint(b)
	count, common = v>>1, v&1 == 1
	if !ok || common != (count > HotKey) || common && len(b) != 0 || count == 0 {
		return dst, 0, false, errPayload
	}
	if common {
		return dst, count, true, nil
	}
	start := len(dst)
	num := uint64(0)
	for range count {
		delta, rest, ok := uvarint(b)
		if !ok || len(rest) == 0 || num+delta < num {
			return dst, 0, false, errPayload
		}
		num += delta
		r := ref{key: household.PersonKey{Num: num}, flags: Flags(rest[0])}
		b = rest[1:]
		if r.flags&^allFlags != 0 {
			return dst, 0, false, errPayload
		}
		if num >= household.OtherDocuments {
			n, rest, ok := uvarint(b)
			if !ok || n > uint64(len(rest)) {
				return dst, 0, false, errPayload
			}
			r.key.Text, b = string(rest[:n]), rest[n:]
		}
		if len(dst) > start && dst[len(dst)-1].key.Compare(r.key) >= 0 {
			return dst, 0, false, errPayload
		}
		dst = append(dst, r)
	}
	if len(b) != 0 {
		return dst, 0, false, errPayload
	}
	return dst, count, false, nil
}

// uvarint reads a number in its shortest form.
func uvarint(b []byte) (uint64, []byte, bool) {
	v, n := binary.Uvarint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 {
		return 0, b, false
	}
	return v, b[n:], true
}
