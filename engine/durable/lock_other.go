//go:build !linux && !darwin && !freebsd

package durable

import (
	"errors"
	"os"
)

// ErrLocked is returned by TryLock when somebody else holds the lock.
var ErrLocked = errors.New("locked by another process")

// A Lock is held on a file until Unlock. On this system it excludes nobody.
type Lock struct{ f *os.File }

// TryLock opens the file of the lock.
func TryLock(name string) (*Lock, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	return &Lock{f}, err
}

// WaitLock opens the file of the lock.
func WaitLock(name string) (*Lock, error) { return TryLock(name) }

// WaitShared opens the file of the lock.
func WaitShared(name string) (*Lock, error) {
	f, err := os.Open(name)
	return &Lock{f}, err
}

// Unlock gives the lock back. The file stays.
func (l *Lock) Unlock() error { return l.f.Close() }
