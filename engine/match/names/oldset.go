package names

import (
	"fmt"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The characters that GBK took over from the first edition of Unicode.
const (
	oldFirst = 0x4e00
	oldLast  = 0x9fa5
)

// oldSet notes which characters GB 2312-80 has: the 6,763 that the systems of its
// time could write. A name with any other had to be written with one of these.
func (t *Table) oldSet() error {
	text := make([]rune, 0, len(t.old))
	for r := rune(oldFirst); r <= oldLast; r++ {
		text = append(text, r)
	}
	bytes, err := simplifiedchinese.GBK.NewEncoder().String(string(text))
	if err != nil || len(bytes) != 2*len(text) {
		return fmt.Errorf("names: GBK does not hold its own characters: %w", err)
	}
	for i := range t.old {
		// Rows 16 to 87 of GB 2312 are Han; in GBK both bytes are above 0xa0 there.
		t.old[i] = bytes[2*i] >= 0xb0 && bytes[2*i] <= 0xf7 && bytes[2*i+1] >= 0xa1
	}
	return nil
}

// old2312 reports whether GB 2312 has a character.
func (t *Table) old2312(r rune) bool { return r >= oldFirst && r <= oldLast && t.old[r-oldFirst] }

// substitutes reports whether one of two characters is what an old system wrote for
// the other, which it lacked: a character of the same sound.
func (t *Table) substitutes(a, b *unit) bool {
	return t.old2312(a.r) != t.old2312(b.r) && t.likeness(a, b) == Homophone
}
