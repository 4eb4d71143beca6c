package changes

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Section is the name of the section of digests in a generation.
const Section = "digests"

// Version is the version of the section. History: 1, first.
const Version = 1

// runPeople is how many people an entry of the section has at most: some 26 KB, so that
// a block holds one or two.
const runPeople = 2048

// maxText is the longest text of a key, that of a block.
const maxText = 16 << 10

// Builder gathers the digests of a generation. It keeps them all, some 13 bytes each.
// The zero value is ready; it belongs to one goroutine.
type Builder struct {
	runs []run
	keys []byte // of all runs
	sums []byte
	last household.PersonKey
}

// run is the people of one entry of the section.
type run struct {
	first          household.PersonKey
	people         int
	keysTo, sumsTo int // ends in the builder's keys and sums
}

// errOrder says that keys do not ascend.
var errOrder = errors.New("the people of a generation do not ascend")

// Add takes the digest of one person. Keys ascend strictly, over both sections of a
// generation.
func (b *Builder) Add(key household.PersonKey, digest uint64) error {
	n := len(b.runs)
	if n > 0 && key.Compare(b.last) <= 0 {
		return errOrder
	}
	if n == 0 || b.runs[n-1].people == runPeople {
		b.runs = append(b.runs, run{first: key})
		b.last.Num = key.Num
		n++
	}
	b.keys = binary.AppendUvarint(b.keys, key.Num-b.last.Num)
	if key.Num >= household.OtherDocuments {
		b.keys = append(binary.AppendUvarint(b.keys, uint64(len(key.Text))), key.Text...)
	}
	b.sums = binary.LittleEndian.AppendUint64(b.sums, digest)
	b.last = key
	r := &b.runs[n-1]
	r.people++
	r.keysTo, r.sumsTo = len(b.keys), len(b.sums)
	return nil
}

// WriteTo writes the section.
func (b *Builder) WriteTo(to store.Builder) error {
	w, err := to.Section(Section, Version)
	if err != nil {
		return err
	}
	var entry []byte
	keys, sums := 0, 0
	for i := range b.runs {
		r := &b.runs[i]
		entry = binary.AppendUvarint(entry[:0], uint64(r.people))
		entry = append(entry, b.keys[keys:r.keysTo]...)
		entry = append(entry, b.sums[sums:r.sumsTo]...)
		keys, sums = r.keysTo, r.sumsTo
		if err := w.Add(r.first, entry); err != nil {
			return err
		}
	}
	return w.Close()
}

// ErrDamaged is returned for an entry of the section that is none.
var ErrDamaged = errors.New("a list of digests is damaged")

func damaged(what string) error { return fmt.Errorf("%w: %s", ErrDamaged, what) }

// cursor reads one entry of the section, person after person.
type cursor struct {
	keys, sums []byte
	key        household.PersonKey
	digest     uint64
}

// open starts an entry that lies under the key of its first person.
func (c *cursor) open(first household.PersonKey, entry []byte) error {
	n, w := binary.Uvarint(entry)
	if w <= 0 || n == 0 || n > runPeople || uint64(len(entry)-w) < 9*n {
		return damaged("its length")
	}
	at := len(entry) - int(8*n)
	c.keys, c.sums = entry[w:at], entry[at:]
	c.key = household.PersonKey{Num: first.Num}
	if err := c.next(); err != nil {
		return err
	}
	if c.key != first {
		return damaged("it does not begin with its key")
	}
	return nil
}

// left reports whether the entry has more people.
func (c *cursor) left() bool { return len(c.sums) > 0 }

// next reads the next person.
func (c *cursor) next() error {
	delta, w := binary.Uvarint(c.keys)
	num := c.key.Num + delta
	if w <= 0 || num < c.key.Num {
		return damaged("a key")
	}
	c.keys = c.keys[w:]
	text := ""
	if num >= household.OtherDocuments {
		n, w := binary.Uvarint(c.keys)
		if w <= 0 || n > maxText || n > uint64(len(c.keys)-w) {
			return damaged("the text of a key")
		}
		text = string(c.keys[w : w+int(n)])
		c.keys = c.keys[w+int(n):]
	}
	c.key = household.PersonKey{Num: num, Text: text}
	c.digest = binary.LittleEndian.Uint64(c.sums)
	c.sums = c.sums[8:]
	if len(c.sums) == 0 && len(c.keys) != 0 {
		return damaged("bytes left over")
	}
	return nil
}
