package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"os"
	"sort"
	"syscall"
	"unsafe"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// array is every entry of a section in one mapped file: numbers of the keys in
// ascending order, then where each entry begins, then the entries, each as the length
// of the key's text, the text and what is held. It trusts what it reads.
type array struct {
	mapped  []byte
	nums    []uint64
	starts  []uint64 // one more than nums
	entries []byte
}

// newArray writes the people of a generation to a file, which it removes again, and
// maps it.
func newArray(ctx context.Context, gen store.Generation, dir string) (*array, error) {
	f, err := os.CreateTemp(dir, "array-*")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	defer os.Remove(f.Name())
	var nums, starts []uint64
	size := uint64(0)
	err = eachEntry(ctx, gen, func(key household.PersonKey, payload []byte) error {
		nums, starts = append(nums, key.Num), append(starts, size)
		size += uint64(len(binary.AppendUvarint(nil, uint64(len(key.Text))))+len(key.Text)) + uint64(len(payload))
		return nil
	})
	if err != nil {
		return nil, err
	}
	starts = append(starts, size)
	w := bufio.NewWriterSize(f, 1<<20)
	for _, words := range [][]uint64{nums, starts} {
		if _, err := w.Write(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 8*len(words))); err != nil {
			return nil, err
		}
	}
	err = eachEntry(ctx, gen, func(key household.PersonKey, payload []byte) error {
		_, err := w.Write(append(binary.AppendUvarint(nil, uint64(len(key.Text))), key.Text...))
		if err == nil {
			_, err = w.Write(payload)
		}
		return err
	})
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return nil, err
	}
	n := len(nums)
	a := &array{}
	if a.mapped, err = syscall.Mmap(int(f.Fd()), 0, 8*n+8*(n+1)+int(size), syscall.PROT_READ, syscall.MAP_SHARED|syscall.MAP_POPULATE); err != nil {
		return nil, err
	}
	a.nums = unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(a.mapped))), n)
	a.starts = unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(a.mapped[8*n:]))), n+1)
	a.entries = a.mapped[8*n+8*(n+1):]
	return a, nil
}

func (a *array) close() error { return syscall.Munmap(a.mapped) }

// eachEntry walks all people of a generation.
func eachEntry(ctx context.Context, gen store.Generation, fn func(household.PersonKey, []byte) error) error {
	return gen.Walk(ctx, store.SectionPeople, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
		for i := range b.Len() {
			if err := fn(b.Key(i), b.Payload(i)); err != nil {
				return household.PersonKey{}, false, err
			}
		}
		return b.High(), !b.Last(), nil
	})
}

// walk fills in the entries of sorted keys, from one sweep over the array that skips
// by doubling steps.
func (a *array) walk(want []wanted, entries [][]byte) {
	at := sort.Search(len(a.nums), func(i int) bool { return a.nums[i] >= want[0].key.Num })
	for _, w := range want {
		at = a.gallop(at, w.key.Num)
		entries[w.slot] = nil
		for i := at; i < len(a.nums) && a.nums[i] == w.key.Num; i++ {
			e := a.entries[a.starts[i]:a.starts[i+1]:a.starts[i+1]]
			n, head := binary.Uvarint(e)
			text := e[head : head+int(n)]
			if string(text) == w.key.Text {
				entries[w.slot] = e[head+int(n):]
				break
			}
		}
	}
}

// gallop returns the first position at or after from whose number is not below num.
func (a *array) gallop(from int, num uint64) int {
	step := 1
	high := from
	for high < len(a.nums) && a.nums[high] < num {
		from = high + 1
		high += step
		step *= 2
	}
	high = min(high, len(a.nums))
	for from < high {
		mid := int(uint(from+high) >> 1)
		if a.nums[mid] < num {
			from = mid + 1
		} else {
			high = mid
		}
	}
	return from
}
