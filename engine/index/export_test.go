package index

// SkipSubstitutions makes the cursor leave out the substitutions at one place of a
// number, so that a test can see that it would notice.
func (c *Cursor) SkipSubstitutions(place int) { c.skip = place }
