//go:build !(linux || darwin || freebsd)

package durable

// NoCore does nothing where there are no core files.
func NoCore() {}
