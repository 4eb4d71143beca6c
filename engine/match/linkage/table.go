package linkage

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/hedui/hedui/engine/match"
)

// value is one normalised value. Equal text within one Data has the same id; id 0
// is a missing value.
type value struct {
	id    int32
	mask  uint64 // which of 64 classes of characters occur
	runes []rune
	text  string
}

// record is a row in the order of its content.
type record struct {
	row    int // in its table, from 0
	side   int // 0 left, 1 right
	values []value
}

// Data are the prepared records of one or two tables.
type Data struct {
	model   *Model
	records []record
	two     bool
	counts  [][]int32 // by field and value id
}

// Prepare normalises rows. Each row holds one text per field of the model, in that
// order. With right nil the left table is searched for duplicates in itself.
func Prepare(m *Model, left, right [][]string) *Data {
	d := &Data{model: m, two: right != nil}
	for side, rows := range [][][]string{left, right} {
		for row, texts := range rows {
			r := record{row: row, side: side, values: make([]value, len(m.Fields))}
			for f := range m.Fields {
				r.values[f].text = normal(m.Fields[f].Kind, texts[f])
			}
			d.records = append(d.records, r)
		}
	}
	// Everything behind this line sees content, not the order of rows.
	slices.SortFunc(d.records, func(a, b record) int {
		if a.side != b.side {
			return a.side - b.side
		}
		for f := range a.values {
			if c := cmp.Compare(a.values[f].text, b.values[f].text); c != 0 {
				return c
			}
		}
		return a.row - b.row
	})
	ids := map[string]int32{"": 0}
	d.counts = make([][]int32, len(m.Fields))
	for i := range d.records {
		for f := range d.records[i].values {
			v := &d.records[i].values[f]
			id, ok := ids[v.text]
			if !ok {
				id = int32(len(ids))
				ids[v.text] = id
			}
			v.id, v.runes = id, []rune(v.text)
			for _, c := range v.runes {
				v.mask |= 1 << (c & 63)
			}
		}
	}
	for f := range d.counts {
		d.counts[f] = make([]int32, len(ids))
		for i := range d.records {
			d.counts[f][d.records[i].values[f].id]++
		}
	}
	return d
}

// normal brings a text into the form in which its kind is compared.
func normal(kind, text string) string {
	switch kind {
	case "name":
		return strings.ToLower(string(match.NormalName([]byte(text))))
	case "id", "postcode", "number":
		return match.NormalNumber([]byte(text))
	case "date":
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, match.NormalNumber([]byte(text)))
	}
	return strings.ToLower(strings.Join(strings.Fields(text), " "))
}
