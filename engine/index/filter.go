package index

import (
	"encoding/binary"
)

// A filter is a blocked Bloom filter: a key has one bit in each of the eight words
// of one cache line. It has no false negatives. At 24 bits a key about one of
// 15,000 other keys passes, at 16 bits one of 1,500.
type filter struct{ lines [][8]uint64 }

const (
	lineBytes  = 64
	chunkLines = 512 // 32 KiB in one entry of a section
)

// lineCount is the number of lines of a filter for so many keys.
func lineCount(keys, bitsPerKey uint64) uint64 { return (keys*bitsPerKey + 511) / 512 }

// spread is independent enough of the high bits, which choose the line.
func spread(h uint64) uint64 { return h * 0x9e3779b97f4a7c15 }

func (f *filter) has(h uint64) bool {
	if len(f.lines) == 0 {
		return false
	}
	line := &f.lines[scale(h, uint64(len(f.lines)))]
	x := spread(h)
	// Most keys fail at the first word or the second.
	return line[0]>>(x>>58)&1 != 0 &&
		line[1]>>(x>>52&63)&1 != 0 &&
		line[2]>>(x>>46&63)&1 != 0 &&
		line[3]>>(x>>40&63)&1 != 0 &&
		line[4]>>(x>>34&63)&1 != 0 &&
		line[5]>>(x>>28&63)&1 != 0 &&
		line[6]>>(x>>22&63)&1 != 0 &&
		line[7]>>(x>>16&63)&1 != 0
}

func set(line *[8]uint64, h uint64) {
	x := spread(h)
	for i := range line {
		line[i] |= 1 << (x >> (58 - 6*i) & 63)
	}
}

// filterWriter makes a filter of ascending hashes, a chunk at a time.
type filterWriter struct {
	lines uint64 // of the whole filter
	chunk uint64 // number of the one being filled
	open  [chunkLines][8]uint64
	bytes []byte
	emit  func(chunk uint64, b []byte) error
}

func (w *filterWriter) add(h uint64) error {
	at := scale(h, w.lines)
	for at/chunkLines > w.chunk {
		if err := w.flush(); err != nil {
			return err
		}
	}
	set(&w.open[at%chunkLines], h)
	return nil
}

func (w *filterWriter) flush() error {
	w.bytes = w.bytes[:0]
	for i := range min(w.lines-w.chunk*chunkLines, chunkLines) {
		for _, word := range w.open[i] {
			w.bytes = binary.LittleEndian.AppendUint64(w.bytes, word)
		}
	}
	w.open = [chunkLines][8]uint64{}
	w.chunk++
	return w.emit(w.chunk-1, w.bytes)
}

// finish writes the chunks that are left, empty ones too.
func (w *filterWriter) finish() error {
	for w.chunk*chunkLines < w.lines {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return nil
}

// load takes the next chunk; it reports false when there is more than belongs in.
func (f *filter) load(b []byte) bool {
	if len(b)%lineBytes != 0 || len(b)/lineBytes > cap(f.lines)-len(f.lines) {
		return false
	}
	for ; len(b) > 0; b = b[lineBytes:] {
		var line [8]uint64
		for i := range line {
			line[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
		f.lines = append(f.lines, line)
	}
	return true
}
