//go:build linux || darwin || freebsd

package durable

import "syscall"

// FreeBytes is the space that an ordinary user may still fill on the file system
// of a directory. known is false where the system cannot tell.
func FreeBytes(dir string) (free int64, known bool, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false, err
	}
	return int64(s.Bavail) * int64(s.Bsize), true, nil
}
