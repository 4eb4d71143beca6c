package changes

import "github.com/hedui/hedui/engine/household"

// ReadEntry reads an entry of the section and calls fn with everybody in it.
func ReadEntry(first household.PersonKey, entry []byte, fn func(household.PersonKey, uint64)) error {
	var c cursor
	if err := c.open(first, entry); err != nil {
		return err
	}
	for {
		fn(c.key, c.digest)
		if !c.left() {
			return nil
		}
		if err := c.next(); err != nil {
			return err
		}
	}
}
