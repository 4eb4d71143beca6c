package stream

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Nothing goes in the clear to another machine, whatever the brokers call themselves.
func TestLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:9092": true, "127.8.9.10:1": true, "[::1]:9092": true, "10.0.0.1:9092": false, "[fe80::1]:9092": false, "0.0.0.0:1": false,
	} {
		a, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if loopback(a) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
	if loopback(&net.UnixAddr{}) {
		t.Error("an address that is not known")
	}
}

// frame is an answer with these records.
func frame(id int32, code int16, end int64, gone []aborted, records []byte) []byte {
	b := make([]byte, 4)
	b = binary.BigEndian.AppendUint32(b, uint32(id))
	b = append(b, make([]byte, 10)...)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = append(b, 0, 1, 't')
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(code))
	b = binary.BigEndian.AppendUint64(b, uint64(end))
	b = binary.BigEndian.AppendUint64(b, uint64(end))
	b = append(b, make([]byte, 8)...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(gone)))
	for _, g := range gone {
		b = binary.BigEndian.AppendUint64(b, uint64(g.producer))
		b = binary.BigEndian.AppendUint64(b, uint64(g.first))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(records)))
	b = append(b, records...)
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

func TestReadAnswer(t *testing.T) {
	gone := []aborted{{7, 3}, {8, 9}}
	b := frame(5, 0, 77, gone, []byte("records"))
	in := bufio.NewReader(bytes.NewReader(b))
	a, err := readAnswer(in, 5)
	if diff := cmp.Diff(answer{end: 77, aborted: gone, records: 7}, a, cmp.AllowUnexported(answer{}, aborted{})); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if rest, _ := io.ReadAll(in); string(rest) != "records" {
		t.Errorf("%q is left", rest)
	}
	if _, err := readAnswer(bufio.NewReader(bytes.NewReader(b)), 6); !errors.Is(err, errForm) {
		t.Errorf("an answer to another question: %v", err)
	}
	for n := range len(b) - 8 {
		if _, err := readAnswer(bufio.NewReader(bytes.NewReader(b[:n])), 5); err == nil {
			t.Fatalf("the first %d bytes are an answer", n)
		}
	}
}

// Whatever a broker sends, it neither breaks this process nor fills its memory.
func FuzzAnswer(f *testing.F) {
	records := []byte{}
	f.Add(frame(1, 0, 9, []aborted{{1, 2}}, records))
	f.Add(frame(1, 1, 0, nil, nil))
	f.Add([]byte{0, 0, 0, 4, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bufio.NewReader(bytes.NewReader(b))
		a, err := readAnswer(in, 1)
		if err == nil && a.code == 0 && (a.records < 0 || len(a.aborted) > len(b)/16) {
			t.Errorf("%+v", a)
		}
	})
}

func FuzzTopicID(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x40\x00\x00\x00\x01\x00\x00\x00\x00\x00\x02\x00\x00\x00\x01\x02h\x00\x00\x00\x01\x00\x00\x02c\x00\x00\x00\x01\x02\x00\x00\x02t0123456789abcdef"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if id, err := readTopicID(bufio.NewReader(bytes.NewReader(b)), "t"); err == nil && len(id) != 32 {
			t.Errorf("%q", id)
		}
	})
}

// Whatever is in a batch, its records end, stay within its offsets and are not too large.
func FuzzBatch(f *testing.F) {
	head := make([]byte, batchHead)
	head[magicAt] = 2
	for _, records := range [][]byte{nil, {0x10, 0, 0, 0, 1, 2, 'a', 0}, {0xff, 0xff, 0xff, 0xff, 0x0f}} {
		for attrs := range byte(6) {
			b := append(bytes.Clone(head), records...)
			b[attrsAt+1] = attrs
			b[60] = 3
			b[26] = 9
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < batchHead {
			return
		}
		h, err := parseHead(b)
		if err != nil || h.size < batchHead {
			return
		}
		h.crc = checksum(b)
		x, err := openBatch(b, h, 4096)
		if err != nil {
			return
		}
		defer x.close()
		begun := time.Now()
		for i := 0; ; i++ {
			m, err := x.next(512)
			if err != nil {
				break
			}
			if m.Offset < h.base || m.Offset > h.last || len(m.Key) > oversizeKey || len(m.Value) > 512 || i > h.count {
				t.Fatalf("record %d: %d, %d bytes", i, m.Offset, len(m.Value))
			}
			if i%1000 == 0 && time.Since(begun) > 5*time.Second {
				t.Fatal("it takes too long")
			}
		}
	})
}
