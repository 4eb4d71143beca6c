package profile

import "github.com/hedui/hedui/engine/household"

// Scanner reads of an entry who its records say that they belong to, and what the
// register says of them, without decoding the other records. It belongs to one
// goroutine; what it holds is views into the entry, until the next Scan.
type Scanner struct {
	Owners   []Owner
	Register []Registration

	p Profile
}

// Scan reads an entry. It returns ErrDamaged for bytes that are none.
func (s *Scanner) Scan(entry []byte) error {
	s.p.Reset()
	f := &s.p.frame
	if err := f.open(entry); err != nil {
		return err
	}
	var r rawRecord
	for {
		more, err := f.next(&r)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if r.source == household.Register {
			if !decodeContent(&s.p, r.source, &r.origin, r.content) {
				return ErrDamaged
			}
		}
	}
	s.Owners, s.Register = f.owners, s.p.Register
	return nil
}
