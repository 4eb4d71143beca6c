//go:build !linux && !darwin && !freebsd

package durable

// FreeBytes is the space that an ordinary user may still fill on the file system
// of a directory. known is false where the system cannot tell.
func FreeBytes(dir string) (free int64, known bool, err error) { return 0, false, nil }
