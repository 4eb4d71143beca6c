package connectors

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Limits of the pages of a Parquet file. Writers aim at a megabyte.
const (
	maxPageBytes  = 64 << 20
	maxPageValues = 8 << 20
	maxFooter     = 64 << 20
	pageHeader    = 64 << 10 // bytes a page's header may have
)

var errCutOff = errors.New("the Parquet file has no end that can be read: it was cut off or damaged")

var errDamagedPages = errors.New("the Parquet file is damaged: its pages are not what it says of them")

// checkFooter makes sure that the footer lies in the file, because the library
// makes room for whatever length the file's end claims.
func checkFooter(src io.ReaderAt, size int64) error {
	end := make([]byte, 4+len(parquetMagic))
	if size < int64(len(parquetMagic)+len(end)) {
		return errCutOff
	}
	if _, err := src.ReadAt(end, size-int64(len(end))); err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(end))
	if string(end[4:]) != parquetMagic || length > maxFooter || length > size-int64(len(parquetMagic)+len(end)) {
		return errCutOff
	}
	return nil
}

// checkPages walks over the headers of all pages before anything is decoded. The
// library trusts what they say: a changed bit makes it allocate gigabytes, or give
// values that the file does not hold. flat tells which columns have one value per row.
func checkPages(f *parquet.File, src io.ReaderAt, size int64, flat []bool) error {
	rows := int64(0)
	for i := range f.Metadata().RowGroups {
		group := &f.Metadata().RowGroups[i]
		if group.NumRows < 0 || len(group.Columns) != len(flat) {
			return errDamagedPages
		}
		rows += group.NumRows
		for j := range group.Columns {
			meta := &group.Columns[j].MetaData
			want := meta.NumValues
			if flat[j] && want != group.NumRows {
				return errDamagedPages
			}
			from := meta.DataPageOffset
			if d := meta.DictionaryPageOffset; d > 0 && d < from {
				from = d
			}
			end := from + meta.TotalCompressedSize
			if from < int64(len(parquetMagic)) || end < from || end > size {
				return errDamagedPages
			}
			values, err := countValues(src, from, end)
			if err != nil {
				return err
			}
			if values != want {
				return errDamagedPages
			}
		}
	}
	if rows != f.NumRows() {
		return errDamagedPages
	}
	return nil
}

// countValues adds up the values of the data pages between two places of a file.
func countValues(src io.ReaderAt, from, end int64) (int64, error) {
	protocol := new(thrift.CompactProtocol)
	window := make([]byte, min(pageHeader, end-from))
	values := int64(0)
	for from < end {
		n, err := src.ReadAt(window[:min(int64(len(window)), end-from)], from)
		if n == 0 && err != nil {
			return 0, err
		}
		reader := protocol.NewReaderFromBytes(window[:n])
		var header format.PageHeader
		if err := thrift.NewDecoder(reader).Decode(&header); err != nil {
			return 0, errDamagedPages
		}
		counter, ok := reader.(interface{ BytesRead() int })
		if !ok {
			return 0, errors.New("the Parquet library does not tell how long a header is")
		}
		packed, unpacked := int64(header.CompressedPageSize), int64(header.UncompressedPageSize)
		from += int64(counter.BytesRead()) + packed
		if packed < 0 || unpacked < 0 || from > end || unpacked > maxPageBytes {
			return 0, errDamagedPages
		}
		held := int64(0)
		switch {
		case header.DataPageHeader.Valid:
			held = int64(header.DataPageHeader.V.NumValues)
			values += held
		case header.DataPageHeaderV2.Valid:
			held = int64(header.DataPageHeaderV2.V.NumValues)
			values += held
		case header.DictionaryPageHeader.Valid:
			if held = int64(header.DictionaryPageHeader.V.NumValues); held > unpacked {
				return 0, errDamagedPages
			}
		}
		if held < 0 || held > maxPageValues {
			return 0, errDamagedPages
		}
	}
	return values, nil
}
