//go:build !linux

package durable

import "os"

// StartWriting has the system begin to write to the disk what was written to a file so
// far, so that less is left for a later sync. It makes nothing durable, and where the
// system cannot do it nothing happens.
func StartWriting(*os.File) {}
