package audit

import "errors"

// AnchorOptions say where a running process writes signed heads.
type AnchorOptions struct{}

// Head names an entry that was once the newest.
type Head struct {
	Seq     int64  `json:"seq"`
	Hash    string `json:"hash"`
	Segment int    `json:"segment"`
	Bytes   int64  `json:"bytes"` // length of the segment with the entry
	Time    string `json:"time"`  // RFC 3339, UTC, when the head was taken
}

// Stub stands for a segment that was removed at the end of its time.
type Stub struct {
	Sealed
	Before string `json:"before"` // hash of the entry before its first
	Hash   string `json:"hash"`   // of its last entry
}

var errStub = errors.New("not a stub")

func readStub(string) (Stub, error) { return Stub{}, errStub }
