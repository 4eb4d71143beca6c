package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/emmansun/gmsm/sm3"
)

// maxLine is more than any entry is long.
const maxLine = 16 << 20

const defaultBlock = 1 << 20

// block is a piece of a segment that one worker checks: whole lines.
type block struct {
	text  []byte
	whole int // what of text ends in a line break; more only in a segment's last block
	err   error
	done  chan struct{}

	// What the worker found. Entries up to the first fault are good by themselves and
	// among each other.
	first  int64 // seq of the first entry
	prev   [sm3.Size]byte
	hashes []byte  // of the good entries
	ends   []int32 // where each ends in text
	sealed map[int]Sealed
	reason string // of the first fault; "" when all are good
	torn   bool   // the first fault is a page that never reached the disk
}

// segment checks one segment: a reader cuts it into blocks, workers check those in
// parallel, and their results are joined in order.
func (v *verifier) segment(ctx context.Context, p piece, last bool) error {
	f, err := os.Open(p.path)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	workers := v.o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	size := v.o.block
	if size <= 0 {
		size = defaultBlock
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	work, ordered := make(chan *block, workers), make(chan *block, 2*workers)
	free := make(chan *block, 4*workers)
	wg.Go(func() {
		defer close(work)
		defer close(ordered)
		cut(ctx, io.LimitReader(f, p.size), size, free, func(b *block) bool {
			select {
			case ordered <- b:
			case <-ctx.Done():
				return false
			}
			select {
			case work <- b:
				return true
			case <-ctx.Done():
				close(b.done)
				return false
			}
		})
	})
	for range workers {
		wg.Go(func() {
			for b := range work {
				b.check()
				close(b.done)
			}
		})
	}
	v.tree.reset()
	begin := v.r.Entries
	for b := range ordered {
		<-b.done
		if err := ctx.Err(); err != nil {
			return err
		}
		if b.err != nil {
			return b.err
		}
		if v.join(b, p, begin, last); !v.r.OK() || v.r.TornBytes > 0 {
			return nil
		}
		if v.o.Progress != nil {
			v.o.Progress(v.done+v.r.Offset, v.total)
		}
		select {
		case free <- b:
		default:
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	v.sealed = Sealed{Segment: p.number, From: begin + 1, To: v.r.Entries, Bytes: v.r.Offset, Root: v.tree.root()}
	return nil
}

// cut hands out the blocks of a segment until it ends or hand says to stop.
func cut(ctx context.Context, r io.Reader, size int, free <-chan *block, hand func(*block) bool) {
	var carry []byte
	for ctx.Err() == nil {
		b := &block{}
		select {
		case b = <-free:
		default:
		}
		*b = block{text: append(b.text[:0], carry...), hashes: b.hashes[:0], ends: b.ends[:0], done: make(chan struct{})}
		eof := false
		for {
			from := len(b.text)
			b.text = append(b.text, make([]byte, size)...)
			n, err := io.ReadFull(r, b.text[from:])
			b.text = b.text[:from+n]
			if eof = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF); err != nil && !eof {
				b.err = fmt.Errorf("audit log: %w", err)
			}
			if i := bytes.LastIndexByte(b.text[from:], '\n'); i >= 0 {
				b.whole = from + i + 1
			}
			if b.whole > 0 || eof || b.err != nil || len(b.text) > maxLine {
				break
			}
		}
		if len(b.text) > maxLine && b.whole == 0 {
			b.reason = "a line longer than any entry"
		}
		carry = append(carry[:0], b.text[b.whole:]...)
		stop := eof || b.err != nil || b.reason != ""
		if !stop {
			b.text = b.text[:b.whole]
		}
		if !hand(b) || stop {
			return
		}
	}
}

var (
	prevKey   = []byte(`,"prev":"`)
	seqKey    = []byte(`{"seq":`)
	sealedKey = []byte(`"sealed":{`)

	// What a search looks for in lines that it does not parse.
	beginKey    = []byte(`,"begin":`)
	outcomesKey = []byte(`,"outcomes":"`)
	failedKey   = []byte(`"phase":"failed"`)
	timeKey     = []byte(`,"time":"`)
)

// check checks the entries of a block: each one's hash, and that it follows from the
// one before it in the block.
func (b *block) check() {
	if b.err != nil || b.reason != "" {
		return
	}
	var prev, claimed [sm3.Size]byte
	seq := int64(0)
	for at := 0; at < b.whole; {
		line := b.text[at : at+bytes.IndexByte(b.text[at:b.whole], '\n')]
		n, sum, ok := sums(line, &claimed)
		switch {
		case !ok:
			b.reason, b.torn = "the entry was changed", tornLine(line)
			return
		case at == 0:
			b.first, b.prev = n, claimed
		case n != seq+1:
			b.reason = fmt.Sprintf("entry %d stands where entry %d should", n, seq+1)
			return
		case claimed != prev:
			b.reason = "the entry does not follow from the one before it"
			return
		}
		if bytes.Contains(line, sealedKey) {
			e, _, err := parseEntry(line)
			if err != nil || e.Sealed == nil {
				b.reason = "the entry was changed"
				return
			}
			if b.sealed == nil {
				b.sealed = map[int]Sealed{}
			}
			b.sealed[len(b.ends)] = *e.Sealed
		}
		seq, prev = n, sum
		at += len(line) + 1
		b.hashes = append(b.hashes, sum[:]...)
		b.ends = append(b.ends, int32(at))
	}
}

// sums reads the seq of an entry and the hash it claims to follow from, and computes its
// own; ok is false when that is not the hash it holds, or nothing of it an entry.
func sums(line []byte, prev *[sm3.Size]byte) (seq int64, sum [sm3.Size]byte, ok bool) {
	cut := len(line) - hashLen
	link := cut - len(prevKey) - 2*sm3.Size - 1
	if link <= len(seqKey) || !bytes.HasPrefix(line, seqKey) || !bytes.HasPrefix(line[link:], prevKey) || line[cut-1] != '"' ||
		string(line[cut:cut+len(hashKey)]) != hashKey || string(line[len(line)-2:]) != `"}` {
		return 0, sum, false
	}
	i := len(seqKey)
	for ; line[i] >= '0' && line[i] <= '9' && i < len(seqKey)+18; i++ {
		seq = seq*10 + int64(line[i]-'0')
	}
	if line[i] != ',' || line[len(seqKey)] == '0' {
		return 0, sum, false
	}
	if _, err := hex.Decode(prev[:], line[link+len(prevKey):cut-1]); err != nil {
		return 0, sum, false
	}
	sum = sm3.Sum(line[:cut])
	var text [2 * sm3.Size]byte
	hex.Encode(text[:], sum[:])
	return seq, sum, bytes.Equal(text[:], line[cut+len(hashKey):len(line)-2])
}

// join puts what a worker found behind what was found before.
func (v *verifier) join(b *block, p piece, begin int64, last bool) {
	r := &v.r
	n, before := len(b.ends), r.Entries
	defer func() {
		if good := r.Entries - before; good > 0 {
			r.Head = hex.EncodeToString(b.hashes[(good-1)*sm3.Size : good*sm3.Size])
		}
	}()
	if n > 0 {
		if b.first != r.Entries+1 {
			v.bad("entry %d stands where entry %d should", b.first, r.Entries+1)
			return
		}
		if hex.EncodeToString(b.prev[:]) != r.Head {
			v.bad("the entry does not follow from the one before it")
			return
		}
	}
	start := r.Offset
	for i := range n {
		hash := b.hashes[i*sm3.Size : (i+1)*sm3.Size]
		seq := r.Entries + 1
		s, seals := b.sealed[i]
		switch first := seq == begin+1 && p.number > 1; {
		case first && (!seals || s != v.sealed):
			v.bad("the first entry of segment %d does not name the one before as it is", p.number)
			return
		case !first && seals:
			v.bad("the entry names a segment where none begins")
			return
		}
		if seq == v.want.Seq && v.headErr == nil {
			h := v.want
			v.seen = hex.EncodeToString(hash) == h.Hash && h.Segment == p.number && h.Bytes == start+int64(b.ends[i])
			if !v.seen {
				v.bad("the head names another entry")
				return
			}
		}
		for len(v.heads) > 0 && v.heads[0].Seq == seq {
			if hex.EncodeToString(hash) != v.heads[0].Hash {
				v.bad("the entry is not the one that an anchored head names")
				return
			}
			r.Anchors, r.Anchored = r.Anchors+1, seq
			v.heads = v.heads[1:]
		}
		v.tree.add(hash)
		r.Entries, r.Offset = seq, start+int64(b.ends[i])
	}
	rest := p.size - r.Offset
	switch {
	case b.reason != "" && b.torn && last && v.seen:
		r.TornBytes = rest
	case b.reason != "":
		v.bad("%s", b.reason)
	case len(b.text) > b.whole && last:
		r.TornBytes = rest
	case len(b.text) > b.whole:
		v.bad("the segment ends in the middle of an entry")
	}
}
