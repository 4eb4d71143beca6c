package connectors

import (
	"crypto/sha256"
	"hash"
	"io"
	"os"
	"sync/atomic"
)

// digestBlock is the size of the blocks that are hashed beside the parser.
const digestBlock = 256 << 10

// rawFile reads a file once from front to back and digests what it reads in a
// goroutine of its own, so that the digest costs the parser a copy and no more; or at
// once, where the goroutine that reads does little else. One goroutine reads;
// progress may be asked for by any.
type rawFile struct {
	file *os.File
	size int64
	read atomic.Int64

	sum     hash.Hash
	blocks  chan []byte // to the hasher; nil until the file turns out to be large
	free    chan []byte // blocks the hasher is done with
	done    chan struct{}
	current []byte
	atOnce  bool
}

func openRaw(path string) (*rawFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &rawFile{file: f, size: st.Size(), sum: sha256.New()}, nil
}

// Read reads from the file and passes what it read to the digest.
func (f *rawFile) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	if n > 0 {
		f.read.Add(int64(n))
		f.digest(p[:n])
	}
	return n, err
}

// digestAtOnce has what is read from now on digested by whoever reads it.
func (f *rawFile) digestAtOnce() {
	if !f.atOnce {
		f.stop()
		f.sum.Write(f.current)
		f.current, f.atOnce = nil, true
	}
}

func (f *rawFile) digest(p []byte) {
	if f.atOnce {
		f.sum.Write(p)
		return
	}
	for len(p) > 0 {
		if f.current == nil {
			f.current = make([]byte, 0, digestBlock)
		}
		n := copy(f.current[len(f.current):cap(f.current)], p)
		f.current = f.current[:len(f.current)+n]
		p = p[n:]
		if len(f.current) == cap(f.current) {
			f.hand()
		}
	}
}

// hand gives the full block to the hasher, starting it at the first one.
func (f *rawFile) hand() {
	if f.blocks == nil {
		f.blocks, f.free, f.done = make(chan []byte, 4), make(chan []byte, 6), make(chan struct{})
		go func() {
			defer close(f.done)
			for b := range f.blocks {
				f.sum.Write(b)
				f.free <- b[:0]
			}
		}()
		for range 5 {
			f.free <- make([]byte, 0, digestBlock)
		}
	}
	f.blocks <- f.current
	f.current = <-f.free
}

// finish reads what is left of the file and returns the digest of all of it.
func (f *rawFile) finish() ([32]byte, error) {
	if _, err := io.Copy(io.Discard, struct{ io.Reader }{f}); err != nil {
		return [32]byte{}, err
	}
	f.stop()
	f.sum.Write(f.current)
	f.current = nil
	return [32]byte(f.sum.Sum(nil)), nil
}

// stop ends the hasher and waits for it.
func (f *rawFile) stop() {
	if f.blocks != nil {
		close(f.blocks)
		<-f.done
		f.blocks = nil
	}
}

// Close releases the file.
func (f *rawFile) Close() error {
	f.stop()
	return f.file.Close()
}

// digestFile is the digest of a whole file.
func digestFile(path string) ([32]byte, error) {
	f, err := openRaw(path)
	if err != nil {
		return [32]byte{}, err
	}
	sum, err := f.finish()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return sum, err
}
