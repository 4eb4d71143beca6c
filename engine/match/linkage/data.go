package linkage

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/match/names"
)

// value is one normalised value. Value 0 of a dictionary is the missing one.
type value struct {
	text  string
	mask  uint64 // which of 64 classes of characters occur
	runes int32
	ascii bool
}

// dictionary holds each different value once. Fields that are compared crosswise
// share one, so that equal values have equal ids.
type dictionary struct {
	fields []int
	ids    map[string]int32 // while building
	values []value
	hashes []uint64
	names  []names.Name // by value, when a field is a Chinese name
	words  [][]string   // by value, when a level or a key looks at words
}

// Data are the prepared records of one or two tables. Records stand in an order
// that follows from their content alone: left ones first, then by a hash.
type Data struct {
	model  *Model
	two    bool
	n      int     // records
	left   int     // of the left table
	ids    []int32 // n × fields, the values of a record together
	row    []int32 // in its table, from 0
	hash   []uint64
	dicts  []*dictionary
	dictOf []*dictionary // by field
}

// Builder collects rows until Data is called. It is for one goroutine; Add uses
// as many workers as it was given.
type Builder struct {
	d       *Data
	workers int
	table   *names.Table
	ids     [2][]int32 // by side: rows × fields
	rows    [2]int
}

// NewBuilder begins the data of a model. With two, rows of side 0 and side 1 are
// compared with each other, else all rows of side 0 among themselves.
func NewBuilder(m *Model, two bool, o Options) (*Builder, error) {
	return newBuilder(m, two, o, nil)
}

// newBuilder reads the tables of names when they are needed and not given.
func newBuilder(m *Model, two bool, o Options, table *names.Table) (*Builder, error) {
	b := &Builder{table: table, d: &Data{model: m, two: two, dictOf: make([]*dictionary, len(m.Fields))}, workers: max(1, o.Workers)}
	for f := range m.Fields {
		if b.d.dictOf[f] == nil {
			b.d.share(f, &dictionary{ids: map[string]int32{"": 0}, values: []value{{}}, hashes: []uint64{0}})
		}
		if m.Fields[f].Kind == kindHanName && b.table == nil {
			var err error
			if b.table, err = names.Embedded(); err != nil {
				return nil, fmt.Errorf("read the tables of names: %w", err)
			}
		}
	}
	for f, dict := range b.d.dictOf {
		dict.fields = append(dict.fields, f)
		if !slices.Contains(b.d.dicts, dict) {
			b.d.dicts = append(b.d.dicts, dict)
		}
	}
	return b, nil
}

// share gives a dictionary to a field and to all it is swapped with.
func (d *Data) share(f int, dict *dictionary) {
	d.dictOf[f] = dict
	for g := range d.model.Fields {
		linked := false
		for _, l := range d.model.Fields[f].Levels {
			linked = linked || l.When == swapped && d.model.field(l.With) == g
		}
		for _, l := range d.model.Fields[g].Levels {
			linked = linked || l.When == swapped && d.model.field(l.With) == f
		}
		if linked && d.dictOf[g] == nil {
			d.share(g, dict)
		}
	}
}

// Add takes rows of a side, in the order of its table. Each holds one text for
// every field of the model, in their order; nothing of them is kept.
func (b *Builder) Add(side int, rows [][]string) {
	d, fields := b.d, len(b.d.model.Fields)
	from := len(b.ids[side])
	b.ids[side] = slices.Grow(b.ids[side], len(rows)*fields)[:from+len(rows)*fields]
	out := b.ids[side][from:]
	b.rows[side] += len(rows)
	split(len(d.dicts), min(b.workers, len(d.dicts)), func(from, to int) {
		var buf []byte
		for _, dict := range d.dicts[from:to] {
			for _, f := range dict.fields {
				field := &d.model.Fields[f]
				for i, texts := range rows {
					if texts[f] == "" {
						out[i*fields+f] = 0
						continue
					}
					buf = appendNormal(buf[:0], field, texts[f])
					out[i*fields+f] = dict.id(buf)
				}
			}
		}
	})
}

func (dict *dictionary) id(text []byte) int32 {
	if id, ok := dict.ids[string(text)]; ok {
		return id
	}
	v := value{text: string(text), ascii: true}
	for _, c := range v.text {
		v.mask |= 1 << (c & 63)
		v.runes++
		v.ascii = v.ascii && c < utf8.RuneSelf
	}
	id := int32(len(dict.values))
	dict.ids[v.text] = id
	dict.values = append(dict.values, v)
	dict.hashes = append(dict.hashes, xxhash.Sum64String(v.text))
	return id
}

// Data ends the building: everything behind it sees content, not the order of rows.
func (b *Builder) Data() *Data {
	d, fields := b.d, len(b.d.model.Fields)
	d.left, d.n = b.rows[0], b.rows[0]+b.rows[1]
	for _, dict := range d.dicts {
		dict.ids = nil
	}
	b.prepareNames()
	type place struct {
		hash uint64
		at   int32 // in the order of reading, left rows first
	}
	order := make([]place, d.n)
	at := func(i int32) []int32 {
		if int(i) < d.left {
			return b.ids[0][int(i)*fields:][:fields]
		}
		return b.ids[1][(int(i)-d.left)*fields:][:fields]
	}
	split(d.n, b.workers, func(from, to int) {
		for i := from; i < to; i++ {
			h := uint64(0)
			for f, id := range at(int32(i)) {
				h = bits.RotateLeft64(h, 5)*0x9e3779b97f4a7c15 + d.dictOf[f].hashes[id]
			}
			order[i] = place{mix(h), int32(i)}
		}
	})
	for _, side := range [][]place{order[:d.left], order[d.left:]} {
		slices.SortFunc(side, func(x, y place) int {
			if x.hash != y.hash {
				return cmp.Compare(x.hash, y.hash)
			}
			xs, ys := at(x.at), at(y.at)
			for f := range xs {
				if xs[f] != ys[f] {
					return strings.Compare(d.dictOf[f].values[xs[f]].text, d.dictOf[f].values[ys[f]].text)
				}
			}
			return int(x.at - y.at)
		})
	}
	d.ids, d.row, d.hash = make([]int32, d.n*fields), make([]int32, d.n), make([]uint64, d.n)
	for i, p := range order {
		copy(d.ids[i*fields:], at(p.at))
		d.hash[i] = p.hash
		if d.row[i] = p.at; int(p.at) >= d.left {
			d.row[i] -= int32(d.left)
		}
	}
	b.ids = [2][]int32{}
	for _, dict := range d.dicts {
		dict.hashes = nil
	}
	return d
}

// mix spreads a hash over all its bits.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// prepareNames prepares each different Chinese name once. A name without a legible
// character says nothing: it becomes the missing value.
func (b *Builder) prepareNames() {
	d, fields := b.d, len(b.d.model.Fields)
	for _, dict := range d.dicts {
		if !slices.ContainsFunc(dict.fields, func(f int) bool { return d.model.Fields[f].Kind == kindHanName }) {
			continue
		}
		dict.names = make([]names.Name, len(dict.values))
		gone := make([]bool, len(dict.values))
		split(len(dict.values), b.workers, func(from, to int) {
			for i := from; i < to; i++ {
				dict.names[i] = b.table.Name(dict.values[i].text)
				gone[i] = names.Compare(dict.names[i], dict.names[i]) == names.Absent
			}
		})
		for side := range b.ids {
			for i := range b.rows[side] {
				for _, f := range dict.fields {
					if id := &b.ids[side][i*fields+f]; gone[*id] {
						*id = 0
					}
				}
			}
		}
	}
}

// Prepare is the data of rows that are in memory; right is nil to look for
// duplicates in the left table.
func Prepare(m *Model, left, right [][]string) (*Data, error) {
	b, err := NewBuilder(m, right != nil, Options{})
	if err != nil {
		return nil, err
	}
	b.Add(0, left)
	b.Add(1, right)
	return b.Data(), nil
}

// record is the values of a record.
func (d *Data) record(i int32) []int32 {
	n := len(d.model.Fields)
	return d.ids[int(i)*n:][:n]
}

// find is the place of a row of a side (0 for both when there is one table).
func (d *Data) find(side, row int) (int32, bool) {
	from, to := 0, d.left
	if side == 1 && d.two {
		from, to = d.left, d.n
	}
	i := slices.Index(d.row[from:to], int32(row))
	return int32(from + i), i >= 0
}

// pairsInAll is the number of pairs that blocking chooses from.
func (d *Data) pairsInAll() float64 {
	if !d.two {
		n := float64(d.n)
		return n * (n - 1) / 2
	}
	return float64(d.left) * float64(d.n-d.left)
}

// wordsOf are the words of each value of a field, made on first use.
func (d *Data) wordsOf(f int) [][]string {
	dict := d.dictOf[f]
	if dict.words == nil {
		dict.words = make([][]string, len(dict.values))
		for i := range dict.values {
			dict.words[i] = words(dict.values[i].text)
		}
	}
	return dict.words
}

// split cuts n things into one range for each worker and waits for all.
func split(n, workers int, do func(from, to int)) {
	workers = max(1, workers)
	if workers == 1 || n < 2 {
		do(0, n)
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { do(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}
