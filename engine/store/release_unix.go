//go:build linux || darwin || freebsd

package store

import "syscall"

// release takes mapped pages of a file off the process; they are read again when they are
// touched. A walk over a generation would hold all of it otherwise.
func release(mapped []byte) {
	if len(mapped) > 0 {
		_ = syscall.Madvise(mapped, syscall.MADV_DONTNEED) // of no consequence when it fails
	}
}
