package ingest

// InPieces has files of delimited text read in pieces of about this many bytes.
func InPieces(o Options, size int) Options {
	o.piece = size
	return o
}
