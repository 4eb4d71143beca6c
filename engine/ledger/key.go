package ledger

import (
	"encoding/binary"
	"strings"
)

// The sections of the key space. docs/ledger-format.md has the layout.
const (
	sectionMeta    = 0x01
	sectionJournal = 0x02
	sectionRow     = 0x10
	sectionIndex   = 0x20
	sectionUnique  = 0x30
)

// indexes of the kinds; the numbers are part of the format.
const (
	byHousehold uint8 = 1 + iota
	byPerson
	byDivision
	byRecord
	byState
	byAssignee
	byAuthorization
	byCase
	byUser
	byVerdict
)

// rowKey is where an entry lies: section, kind, id.
func rowKey(k Kind, id string) []byte {
	b := make([]byte, 0, 2+len(id))
	return append(append(b, sectionRow, byte(k)), id...)
}

// uniqueKey is where the id of the owner of a unique name lies.
func uniqueKey(k Kind, unique string) []byte {
	b := make([]byte, 0, 2+len(unique))
	return append(append(b, sectionUnique, byte(k)), unique...)
}

// indexKey is what an entry is found by in one index: the number of the index and
// its parts, without section, kind, id and version. Parts are appended in order.
type indexKey []byte

func index(n uint8) indexKey { return indexKey{n} }

// text appends a string and its end, so that "3401" is not found under "34" unless
// a query leaves the end out.
func (k indexKey) text(s string) indexKey { return append(append(k, s...), 0) }

// up appends a number so that small ones come first.
func (k indexKey) up(v int64) indexKey {
	return binary.BigEndian.AppendUint64(k, uint64(v)^1<<63)
}

// down appends a number so that large ones come first.
func (k indexKey) down(v int64) indexKey { return k.up(^v) }

func (k indexKey) pseudonym(p Pseudonym) indexKey { return append(k, p[:]...) }

// query is the query for all keys that begin with these parts.
func (k indexKey) query(kind Kind) Query {
	return Query{Kind: kind, Prefix: append([]byte{sectionIndex, byte(kind)}, k...)}
}

// inIndex is the whole key of an entry in an index. It ends in the id, the version
// and the length of the id, so that it is read from its end.
func inIndex(kind Kind, k indexKey, id string, v Version) []byte {
	b := make([]byte, 0, 2+len(k)+len(id)+5)
	b = append(b, sectionIndex, byte(kind))
	b = append(b, k...)
	b = append(b, id...)
	b = binary.BigEndian.AppendUint32(b, uint32(v))
	return append(b, byte(len(id)))
}

// splitIndex takes parts, id and version out of a key of an index.
func splitIndex(key []byte) (parts indexKey, id string, v Version, ok bool) {
	if len(key) < 2+1+5 {
		return nil, "", 0, false
	}
	tail := len(key) - 5
	n := int(key[len(key)-1])
	if n > tail-3 {
		return nil, "", 0, false
	}
	return key[2 : tail-n], string(key[tail-n : tail]), Version(binary.BigEndian.Uint32(key[tail:])), true
}

// Every is the query for all entries of a kind in the order of their ids.
func Every(kind Kind) Query { return Query{Kind: kind, Prefix: []byte{sectionRow, byte(kind)}} }

// validText says that a string may be part of a key.
func validText(s string) bool { return len(s) <= maxID && strings.IndexByte(s, 0) < 0 }
