package index

import (
	"bytes"
	"encoding/binary"

	"github.com/hedui/hedui/engine/household"
)

// The kinds of sort items, in the order of their sections.
const (
	kindFormer = iota + 1
	kindLoose
	kindRegister
	kindFrequency
	kindHousehold
	// In the sorter of the filters.
	kindLooseFilter
	kindInvalidFilter
)

// An item is kind (1), number of the key (8, big endian) and what follows from the
// kind. Its bytes order as section, key and reference do:
//
//	former                       text of the key, reference
//	loose, register, household   reference
//	frequency                    cell (5, big endian), person (as a key)
//	filters                      nothing
//
// A reference is a key and its flags (1); a key is its number (8, big endian) and
// its text with every zero byte followed by 0xff, ended by two zero bytes.

func itemHead(b []byte, kind byte, num uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b[:0], kind), num)
}

func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		b = append(b, text[i])
		if text[i] == 0 {
			b = append(b, 0xff)
		}
	}
	return append(b, 0, 0)
}

func appendKey(b []byte, key household.PersonKey) []byte {
	return appendText(binary.BigEndian.AppendUint64(b, key.Num), key.Text)
}

func appendCell(b []byte, c cell) []byte {
	b = append(binary.BigEndian.AppendUint16(b, c.decade), c.sex)
	return binary.BigEndian.AppendUint16(b, c.area)
}

const cellBytes = 5

func parseCell(b []byte) cell {
	return cell{binary.BigEndian.Uint16(b), b[2], binary.BigEndian.Uint16(b[3:])}
}

// cutText takes an escaped text from the front.
func cutText(b []byte) (text string, rest []byte, ok bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 && i+1 < len(b) && b[i+1] == 0 { // nearly all
		return string(b[:i]), b[i+2:], true
	}
	var out []byte
	for i := 0; i+1 < len(b); i++ {
		if b[i] == 0 {
			switch b[i+1] {
			case 0:
				return string(out), b[i+2:], true
			case 0xff:
				out = append(out, 0)
				i++
				continue
			}
			return "", nil, false
		}
		out = append(out, b[i])
	}
	return "", nil, false
}

// parseRef reads what is left of an item as a reference.
func parseRef(b []byte) (ref, bool) {
	if len(b) < 8 {
		return ref{}, false
	}
	r := ref{key: household.PersonKey{Num: binary.BigEndian.Uint64(b)}}
	text, rest, ok := cutText(b[8:])
	if !ok || len(rest) != 1 {
		return ref{}, false
	}
	r.key.Text, r.flags = text, Flags(rest[0])
	return r, true
}
