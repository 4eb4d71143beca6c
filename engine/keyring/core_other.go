//go:build !linux && !darwin && !freebsd

package keyring

// NoCoreDumps does nothing here: the system writes none that this program could forbid.
func NoCoreDumps() error { return nil }
