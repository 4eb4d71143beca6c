package profile

import "github.com/hedui/hedui/engine/household"

// Choice says of a record, or with file and row 0 of a mark, whether it is taken and under
// which ordinal of a snapshot.
type Choice func(s household.Source, snapshot, file int, row int64) (ordinal int, taken bool)

// Take adds those marks and records of another entry that are chosen, as they are written
// there. Unlike Merge it leaves each in a snapshot of its own, so that a part of an entry,
// or the entries that two nodes hold of one person, become one. Owners that no record
// taken describes stay behind.
func (b *Builder) Take(entry []byte, choose Choice) error {
	f := &b.frame
	if err := f.open(entry); err != nil {
		return err
	}
	for _, m := range f.marks {
		ordinal, taken := choose(m.Source, m.Snapshot, 0, 0)
		if !taken {
			continue
		}
		if ordinal < 0 || ordinal > maxOrdinal {
			return ErrDamaged
		}
		b.AddMark(Mark{m.Source, ordinal})
	}
	b.numbers = b.numbers[:0]
	for range f.raw {
		b.numbers = append(b.numbers, unmapped)
	}
	var r rawRecord
	for {
		more, err := f.next(&r)
		if err != nil || !more {
			return err
		}
		ordinal, taken := choose(r.source, r.origin.Snapshot, r.origin.File, r.origin.Row)
		if !taken {
			continue
		}
		if ordinal < 0 || ordinal > maxOrdinal {
			return ErrDamaged
		}
		b.copy(&r, ordinal)
	}
}
