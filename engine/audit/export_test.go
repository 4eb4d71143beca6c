package audit

// NewHeadFile is a head file that names an entry.
func NewHeadFile(seq int64, hash string, segment int, size int64) []byte {
	return newHeadFile(head{Seq: seq, Hash: hash, Segment: segment, Bytes: size})
}

// InBlocks has workers take so many bytes at a time.
func (o VerifyOptions) InBlocks(n int) VerifyOptions {
	o.block = n
	return o
}

// WithRoom has a log make room behind its text from the first entry on.
func (o Options) WithRoom() Options {
	o.early = true
	return o
}
