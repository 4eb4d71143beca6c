package names

import "github.com/cespare/xxhash/v2"

// What those need who store keys of names.

// Spelled reports whether the name is written in Latin letters, wholly (LI YAN) or
// in one stretch (李yan), so that it is compared by pinyin.
func (n Name) Spelled() bool { return n.d != nil && (n.d.latin != "" || n.d.runText != "") }

// Digest tells tables apart: keys that were stored with one are not found with
// another. It is no signature.
func (t *Table) Digest() uint64 { return t.digest }

// digest covers every table that a key depends on.
func digest(variants, readings string) uint64 {
	var d xxhash.Digest
	d.Reset()
	add := func(text string) {
		d.WriteString(text)
		d.Write([]byte{0})
	}
	add(variants)
	add(readings)
	for _, entry := range surnameReadings {
		add(entry[0])
		add(entry[1])
	}
	for _, lists := range [][]string{surnameSwaps[:], compounds[:]} {
		for _, text := range lists {
			add(text)
		}
	}
	add(surnames) // decides whether a wrong encoding is undone
	return d.Sum64()
}
