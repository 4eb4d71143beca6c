package publish

// WithRangeBytes makes a merge of little data go in several ranges.
func (o Options) WithRangeBytes(n int) Options {
	o.rangeBytes = n
	return o
}
