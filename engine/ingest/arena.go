package ingest

import (
	"sync"
	"unsafe"
)

// minMapped is the size from which memory for items is not the collector's: a
// large page of the machine.
const minMapped = 2 << 20

// arenas gives out memory for items, all pieces of one size. Large pieces lie
// outside the heap: the collector neither waits for twice as much before it runs
// nor clears them again, and the system backs them with large pages where it can.
type arenas struct {
	size int

	mu     sync.Mutex // guards what follows
	mapped map[*byte][]byte
}

func newArenas(size int) *arenas { return &arenas{size: size, mapped: map[*byte][]byte{}} }

// get returns an empty piece.
func (a *arenas) get() []byte {
	if a.size >= minMapped {
		if b := mapMemory(a.size); b != nil {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.mapped[unsafe.SliceData(b)] = b
			return b[:0]
		}
	}
	return make([]byte, 0, a.size)
}

// put gives a piece back to the system. Nothing may refer to it any more. Other
// memory is left to the collector.
func (a *arenas) put(b []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if whole, ok := a.mapped[unsafe.SliceData(b)]; ok {
		delete(a.mapped, unsafe.SliceData(b))
		unmapMemory(whole)
	}
}

// close gives everything back.
func (a *arenas) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.mapped {
		unmapMemory(b)
	}
	clear(a.mapped)
}
