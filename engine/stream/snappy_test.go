package stream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/klauspost/compress/s2"
)

func TestSnappyReader(t *testing.T) {
	one, two := bytes.Repeat([]byte("一"), 1000), bytes.Repeat([]byte("two"), 500)
	framed := []byte(snappyMagic + "\x00\x00\x00\x01\x00\x00\x00\x01")
	for _, text := range [][]byte{one, two} {
		block := s2.EncodeSnappy(nil, text)
		framed = append(binary.BigEndian.AppendUint32(framed, uint32(len(block))), block...)
	}
	for _, c := range []struct {
		name  string
		src   []byte
		limit int
		want  []byte
		err   error
	}{
		{"one block", s2.EncodeSnappy(nil, one), 3000, one, nil},
		{"frames", framed, 3000, append(bytes.Clone(one), two...), nil},
		{"a block too large", s2.EncodeSnappy(nil, one), 2999, nil, errUnpacked},
		{"the second too large is read up to it", framed, 2999, nil, errUnpacked},
		{"frames cut", framed[:len(framed)-1], 3000, one, io.ErrUnexpectedEOF},
		{"frames without a length", framed[:snappyHead+2], 3000, nil, io.ErrUnexpectedEOF},
		{"claims four gigabytes", []byte{0xff, 0xff, 0xff, 0xff, 0x0f}, 16 << 20, nil, errUnpacked},
		{"no block", []byte{0x05, 0xff}, 3000, nil, errBatch},
	} {
		got, err := io.ReadAll(newSnappyReader(c.src, c.limit))
		if !errors.Is(err, c.err) || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %d bytes, %v", c.name, len(got), err)
		}
	}
}
