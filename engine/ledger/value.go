package ledger

import (
	"encoding/binary"
	"errors"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

// The first byte of every value.
const (
	formatPlain  = 1
	formatSealed = 2
)

// The flags of an entry.
const (
	flagErased     = 1 << iota // nothing is left but id and version
	flagCompressed             // what follows the versions is a zstd frame
)

// Entries below this are not worth compressing. Nor are those of households, which
// scans read all of: opening one takes longer than reading it.
const compressFrom = 512

// kept is an entry as its value holds it.
type kept struct {
	version Version
	indexed Version // the version whose keys are in the indexes
	erased  bool
	fields  []byte
	body    []byte
}

// codec turns entries into values and back.
type codec struct {
	sealer Sealer
	enc    *zstd.Encoder
	dec    *zstd.Decoder
}

func newCodec(s Sealer) (*codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	// The checksum of the value is checked first, so a frame is never hostile; the
	// bound is for what would be a bug.
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(4<<20), zstd.WithDecoderConcurrency(2))
	return &codec{sealer: s, enc: enc, dec: dec}, err
}

func (c *codec) close() {
	_ = c.enc.Close()
	c.dec.Close()
}

// payload is fields and body, compressed when that pays. It does not depend on
// the version, so callers make it before they wait for the committer.
func (c *codec) payload(kind Kind, fields, body []byte) (b []byte, flags byte) {
	b = make([]byte, 0, len(fields)+len(body)+4)
	b = binary.AppendUvarint(b, uint64(len(fields)))
	b = append(append(b, fields...), body...)
	if len(b) < compressFrom || kind == KindHousehold {
		return b, 0
	}
	if z := c.enc.EncodeAll(b, make([]byte, 0, len(b)/2)); len(z) < len(b) {
		return z, flagCompressed
	}
	return b, 0
}

// value is the value of an entry at a key.
func (c *codec) value(key []byte, version, indexed Version, flags byte, payload []byte) ([]byte, error) {
	b := make([]byte, 0, len(payload)+32)
	b = append(b, formatPlain, flags)
	b = binary.AppendUvarint(b, uint64(version))
	b = binary.AppendUvarint(b, uint64(indexed))
	b = append(b, payload...)
	if c.sealer != nil {
		sealed, err := c.sealer.Seal([]byte{formatSealed}, b[1:], key)
		if err != nil {
			return nil, err
		}
		b = sealed
	}
	return sum(b, key), nil
}

// Values that hold nothing but what is in keys anyway are not sealed.
func plainValue(key, content []byte) []byte {
	return sum(append([]byte{formatPlain}, content...), key)
}

func sum(b, key []byte) []byte {
	return binary.LittleEndian.AppendUint64(b, checksum(b, key))
}

// The key is part of the checksum: a value that lies elsewhere is damaged.
func checksum(b, key []byte) uint64 {
	d := xxhash.New()
	d.Write(key)
	d.Write(b)
	return d.Sum64()
}

// What can be wrong with a value.
var (
	errShort    = errors.New("too short")
	errChecksum = errors.New("the checksum is not that of the content")
	errFormat   = errors.New("not a format of this version")
	errSealed   = errors.New("sealed, and no key is given")
	errUnsealed = errors.New("not sealed, though a key is given")
	errContent  = errors.New("the content is none")
)

// checked takes checksum and format off.
func checked(key, value []byte) (format byte, content []byte, err error) {
	n := len(value) - 8
	if n < 1 {
		return 0, nil, errShort
	}
	if binary.LittleEndian.Uint64(value[n:]) != checksum(value[:n], key) {
		return 0, nil, errChecksum
	}
	return value[0], value[1:n], nil
}

func plainContent(key, value []byte) ([]byte, error) {
	format, content, err := checked(key, value)
	if err == nil && format != formatPlain {
		err = errFormat
	}
	return content, err
}

// entry reads a value. What it returns is not part of the value.
func (c *codec) entry(key, value []byte) (kept, error) {
	var unsealed, plain []byte
	return c.entryInto(key, value, &unsealed, &plain)
}

// entryInto is entry with memory that it may use again: what it returns lies in it.
func (c *codec) entryInto(key, value []byte, unsealed, plain *[]byte) (kept, error) {
	format, b, err := checked(key, value)
	if err != nil {
		return kept{}, err
	}
	switch {
	case format == formatSealed && c.sealer == nil:
		return kept{}, errSealed
	case format == formatPlain && c.sealer != nil:
		// Otherwise whoever can write the files could put what nobody sealed.
		return kept{}, errUnsealed
	case format == formatSealed:
		if b, err = c.sealer.Open((*unsealed)[:0], b, key); err != nil {
			return kept{}, err
		}
		*unsealed = b
	case format != formatPlain:
		return kept{}, errFormat
	}
	if len(b) < 3 || b[0]&^(flagErased|flagCompressed) != 0 {
		return kept{}, errContent
	}
	k := kept{erased: b[0]&flagErased != 0}
	compressed := b[0]&flagCompressed != 0
	b = b[1:]
	for _, v := range []*Version{&k.version, &k.indexed} {
		u, n := binary.Uvarint(b)
		if n <= 0 || u > 1<<32-1 {
			return kept{}, errContent
		}
		*v, b = Version(u), b[n:]
	}
	if compressed {
		if b, err = c.dec.DecodeAll(b, (*plain)[:0]); err != nil {
			return kept{}, errContent
		}
	} else {
		b = append((*plain)[:0], b...)
	}
	*plain = b
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) || k.version == 0 || k.indexed > k.version {
		return kept{}, errContent
	}
	end := w + int(n)
	k.fields = b[w:end:end]
	if end < len(b) {
		k.body = b[end:]
	}
	return k, nil
}
