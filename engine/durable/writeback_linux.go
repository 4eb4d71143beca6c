package durable

import (
	"os"
	"syscall"
)

// StartWriting has the system begin to write to the disk what was written to a file so
// far, so that less is left for a later sync. It makes nothing durable, and where the
// system cannot do it nothing happens.
func StartWriting(f *os.File) {
	const write = 2                                     // SYNC_FILE_RANGE_WRITE
	_ = syscall.SyncFileRange(int(f.Fd()), 0, 0, write) // a hint only: the sync will tell
}
