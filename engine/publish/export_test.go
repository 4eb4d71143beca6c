package publish

// SetRangeBytes makes a merge of little data go in several ranges. It returns what was
// set before.
func SetRangeBytes(n int) (before int) {
	before, rangeBytes = rangeBytes, n
	return before
}
