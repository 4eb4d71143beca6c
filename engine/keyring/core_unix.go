//go:build linux || darwin || freebsd

package keyring

import "syscall"

// NoCoreDumps keeps the system from writing the memory of this process, and its keys,
// to a file when it dies.
func NoCoreDumps() error { return syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
