package ingest

import "encoding/binary"

// textAt returns the text at a place of b, its length as a uvarint before it, and
// where the next value begins: negative after one that does not fit, and then for
// every one after it.
func textAt(b []byte, at int) (text []byte, next int) {
	if uint(at) < uint(len(b)) {
		if end := at + 1 + int(b[at]); b[at] < 0x80 && end <= len(b) {
			return b[at+1 : end], end
		}
	}
	return longTextAt(b, at)
}

func longTextAt(b []byte, at int) (text []byte, next int) {
	n, at := longNumberAt(b, at)
	if at < 0 || n > uint64(len(b)-at) {
		return nil, -1
	}
	return b[at : at+int(n)], at + int(n)
}

// numberAt is textAt for a uvarint.
func numberAt(b []byte, at int) (v uint64, next int) {
	if uint(at) < uint(len(b)) && b[at] < 0x80 {
		return uint64(b[at]), at + 1
	}
	return longNumberAt(b, at)
}

func longNumberAt(b []byte, at int) (v uint64, next int) {
	if at < 0 || at > len(b) {
		return 0, -1
	}
	v, n := binary.Uvarint(b[at:])
	if n <= 0 {
		return 0, -1
	}
	return v, at + n
}
