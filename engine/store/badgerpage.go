package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
)

// What follows writes and reads Badger's tables, uncompressed and unencrypted ones. A
// table is pages, an index of them, and a footer. Nothing that is read in them is taken
// on trust: a block that is found is verified against the fence afterwards, and
// everything else is an error.
//
// A page is
//
//	entries: length of what the key shares with the first key of the page (2 bytes,
//	  little endian), length of the rest (2), the rest, marks (2), expiry (uvarint), value
//	offset of each entry, 4 bytes little endian
//	number of entries, 4 bytes big endian
//	checksum, its length in 4 bytes big endian
//
// Keys carry the version in their last 8 bytes.

// appendPage appends a page of one entry.
func appendPage(b, key, value []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(key)))
	b = append(b, key...)
	b = append(b, 0, 0, 0)
	b = append(b, value...)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, 1)
	return appendTableChecksum(b, b[at:])
}

// appendTableChecksum appends the checksum of something and its length: a CRC32-C in
// the wire form of pb.Checksum, where it is field 2.
func appendTableChecksum(b, of []byte) []byte {
	at := len(b)
	b = binary.AppendUvarint(append(b, 2<<3), uint64(crc32.Checksum(of, crc32.MakeTable(crc32.Castagnoli))))
	return binary.BigEndian.AppendUint32(b, uint32(len(b)-at))
}

// pageRef is a page that was written, for the index: its key and its size.
type pageRef struct {
	key  string
	size uint32
}

// appendTableIndex appends the index and the footer of a table to its pages. Badger
// makes the index, of pages that have the keys of ours and nothing else; then they are
// told where ours lie.
func appendTableIndex(b []byte, pages []pageRef) ([]byte, error) {
	w := table.NewTableBuilder(table.Options{BlockSize: 1, TableSize: 64 << 10}) // every key is above a size of 1
	defer w.Close()
	for _, p := range pages {
		w.Add([]byte(p.key), y.ValueStruct{}, 0)
	}
	made := w.Finish()
	index, err := readTableIndex(bytes.NewReader(made), int64(len(made)))
	if err != nil {
		return nil, err
	}
	t := fb.GetRootAsTableIndex(index, 0)
	var page fb.BlockOffset
	off := uint32(0)
	for i, p := range pages {
		// The first lies at 0 in both.
		if !t.Offsets(&page, i) || i > 0 && !page.MutateOffset(off) || !page.MutateLen(p.size) {
			return nil, errIndex
		}
		off += p.size
	}
	if t.OffsetsLength() != len(pages) || !t.MutateUncompressedSize(off) || !t.MutateOnDiskSize(off+uint32(len(index))) {
		return nil, errIndex
	}
	b = append(b, index...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(index)))
	return appendTableChecksum(b, index), nil
}

var (
	errTable = errors.New("the table is damaged")
	errIndex = errors.New("another index of a table was made than was expected")
)

// readTableIndex returns the index of a table. A table ends with
// the index, its length, a checksum and the checksum's length, lengths being 4 bytes
// big endian.
func readTableIndex(f io.ReaderAt, size int64) (index []byte, err error) {
	read := func(off, n int64) ([]byte, error) {
		if off < 0 || n > size-off {
			return nil, errTable
		}
		b := make([]byte, n)
		_, err := f.ReadAt(b, off)
		return b, err
	}
	var length int64
	at := size
	for range 2 { // the checksum, then the index
		b, err := read(at-4, 4)
		if err != nil {
			return nil, err
		}
		length = int64(binary.BigEndian.Uint32(b))
		at -= 4 + length
	}
	return read(at, length)
}

// findEntry returns the value of a key in a page. The checksum of the page is not
// looked at: the value has one of ours.
func findEntry(page, key []byte) ([]byte, error) {
	rest, n, ok := cutLength(page)
	if !ok || n > len(rest) {
		return nil, errTable
	}
	rest, count, ok := cutLength(rest[:len(rest)-n])
	if !ok || count == 0 || count > len(rest)/4 {
		return nil, errTable
	}
	entries, offsets := rest[:len(rest)-4*count], rest[len(rest)-4*count:]
	entry := func(i int) ([]byte, bool) {
		from, to := binary.LittleEndian.Uint32(offsets[4*i:]), uint32(len(entries))
		if i+1 < count {
			to = binary.LittleEndian.Uint32(offsets[4*i+4:])
		}
		if from > to || to > uint32(len(entries)) || to-from < 4 {
			return nil, false
		}
		return entries[from:to], true // a sealed block is opened with the room behind it
	}
	var base []byte
	// Few blocks of ours share a page, mostly there is one.
	for i := range count {
		e, ok := entry(i)
		if !ok {
			return nil, errTable
		}
		shared, own := int(binary.LittleEndian.Uint16(e)), int(binary.LittleEndian.Uint16(e[2:]))
		e = e[4:]
		if own > len(e) || shared > len(base) {
			return nil, errTable
		}
		if i == 0 {
			base = e[:own]
		}
		if shared+own == len(key) && bytes.Equal(key[:shared], base[:shared]) && bytes.Equal(key[shared:], e[:own]) {
			return entryValue(e[own:])
		}
	}
	return nil, errMissing
}

// entryValue is the value behind the marks of an entry, which has none.
func entryValue(e []byte) ([]byte, error) {
	if len(e) < 3 {
		return nil, errTable
	}
	if e[0] != 0 || e[1] != 0 || e[2] != 0 {
		return nil, errors.New("the entry has marks that nobody made")
	}
	return e[3:], nil
}

// cutLength takes a length off the end.
func cutLength(b []byte) (rest []byte, n int, ok bool) {
	if len(b) < 4 {
		return nil, 0, false
	}
	rest = b[:len(b)-4]
	return rest, int(binary.BigEndian.Uint32(b[len(rest):])), true
}
