package snapshot

import (
	"encoding/binary"
	"errors"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"

	"github.com/hedui/hedui/engine/block"
)

// Column is a column of cold text. Values are stored, so entries are only ever
// added at the end.
type Column uint8

// The columns of cold text. Those from WrittenDocument to WrittenRecord hold a value
// as the department wrote it, kept only where it differs from its normalised form.
const (
	PayerName Column = iota + 1
	PayerCode
	Address
	EmployerName
	EmployerCode
	Country
	BirthDate
	Sex
	Division
	RecordNo
	WrittenDocument
	WrittenName
	WrittenRecord
	FormerNames
	FormerNumbers
	numColumns
)

var columnNames = [numColumns]string{
	"", "payer_name", "payer_code", "address", "employer_name", "employer_code", "country", "birth_date", "sex", "division",
	"record_no", "id_number", "name", "record_key", "former_names", "former_numbers",
}

func (c Column) String() string {
	if c < numColumns {
		return columnNames[c]
	}
	return ""
}

// Text is one column of cold text of a record.
type Text struct {
	Column Column
	Value  string
}

// AppendText appends one column to the cold text of a record; an empty value
// appends nothing.
func AppendText(b []byte, c Column, value []byte) []byte {
	if len(value) == 0 {
		return b
	}
	b = append(b, byte(c))
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

// AppendColdRecord appends the cold text of one record, in two pieces, to the cold
// entry of its person. Records follow in the order of the hot entry.
func AppendColdRecord(b []byte, file int, row int64, text, more []byte) []byte {
	b = binary.AppendUvarint(b, uint64(file))
	b = binary.AppendUvarint(b, uint64(row))
	b = binary.AppendUvarint(b, uint64(len(text)+len(more)))
	return append(append(b, text...), more...)
}

var errColdEntry = errors.New("a person's cold text is damaged")

// findCold returns the columns of one record of a cold entry; ok is false when the
// entry does not hold it. Every record of the entry is looked at.
func findCold(entry []byte, file int, row int64) (columns []Text, ok bool, err error) {
	for len(entry) > 0 {
		var v [3]uint64
		for i := range v {
			x, n := binary.Uvarint(entry)
			if n <= 0 {
				return nil, false, errColdEntry
			}
			v[i], entry = x, entry[n:]
		}
		if v[2] > uint64(len(entry)) {
			return nil, false, errColdEntry
		}
		text := entry[:v[2]]
		entry = entry[v[2]:]
		if v[0] != uint64(file) || v[1] != uint64(row) {
			continue
		}
		ok = true
		for len(text) > 0 {
			c := Column(text[0])
			l, n := binary.Uvarint(text[1:])
			if n <= 0 || c == 0 || c >= numColumns || l > uint64(len(text)-1-n) {
				return nil, false, errColdEntry
			}
			columns = append(columns, Text{c, string(text[1+n : 1+n+int(l)])})
			text = text[1+n+int(l):]
		}
	}
	return columns, ok, nil
}

// A cold page is a block of package block, compressed, behind a header.
const (
	coldMagic  = "HDCP"
	coldHeader = 56
)

func newEncoder() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
}

// packPage appends the page of a block and returns its checksum.
func packPage(dst, raw []byte, enc *zstd.Encoder) ([]byte, uint64) {
	le := binary.LittleEndian
	start := len(dst)
	dst = append(dst, coldMagic...)
	dst = le.AppendUint16(dst, pageFormat)
	dst = append(dst, make([]byte, 34)...) // padding; key id, nonce, tag (reserved)
	dst = le.AppendUint32(dst, uint32(len(raw)))
	dst = append(dst, make([]byte, 12)...) // compressed length and checksum
	dst = enc.EncodeAll(raw, dst)
	p := dst[start:]
	le.PutUint32(p[44:], uint32(len(p)-coldHeader))
	sum := coldChecksum(p)
	le.PutUint64(p[48:], sum)
	return dst, sum
}

// coldChecksum covers every byte of a page but the eight of the checksum.
func coldChecksum(p []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.Write(p[:48])
	_, _ = d.Write(p[coldHeader:])
	return d.Sum64()
}

// unpackPage appends the block of a page. The page must have this checksum.
func unpackPage(dst, p []byte, sum uint64) ([]byte, error) {
	le := binary.LittleEndian
	if len(p) < coldHeader || string(p[:4]) != coldMagic {
		return dst, errors.New("no page of cold text")
	}
	if le.Uint64(p[48:]) != sum || coldChecksum(p) != sum {
		return dst, errors.New("checksum mismatch")
	}
	if le.Uint16(p[4:]) != pageFormat {
		return dst, ErrFormat
	}
	for _, c := range p[6:40] {
		if c != 0 {
			return dst, ErrFormat
		}
	}
	size := uint64(le.Uint32(p[40:]))
	var h zstd.Header
	if err := h.Decode(p[coldHeader:]); err != nil || !h.HasFCS || h.FrameContentSize != size || size > block.MaxSize ||
		uint64(le.Uint32(p[44:])) != uint64(len(p)-coldHeader) {
		return dst, errors.New("lengths do not add up")
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(max(size, 1<<10)))
	if err != nil {
		return dst, err
	}
	defer dec.Close()
	dst, err = dec.DecodeAll(p[coldHeader:], dst)
	if err != nil || uint64(len(dst)) != size {
		return dst, errors.New("compressed text does not unfold")
	}
	return dst, nil
}
