//go:build linux || darwin || freebsd

package durable

import "syscall"

// NoCore keeps this process from leaving a core file, which would hold in the clear what
// the disk holds sealed. Where it can't be done nothing happens: it is a second line.
func NoCore() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // see above
}
