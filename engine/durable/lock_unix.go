//go:build linux || darwin || freebsd

package durable

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrLocked is returned by TryLock when somebody else holds the lock.
var ErrLocked = errors.New("locked by another process")

// A Lock is held on a file until Unlock or the end of the process, however it ends.
type Lock struct{ f *os.File }

// TryLock takes the lock of a file, which it creates, or returns ErrLocked at once.
// Two locks of one process exclude each other too.
func TryLock(name string) (*Lock, error) {
	return lock(name, os.O_CREATE|os.O_RDWR, syscall.LOCK_EX|syscall.LOCK_NB)
}

// WaitLock takes the lock of a file, which it creates, and waits for it. Only for
// locks that are held for a moment.
func WaitLock(name string) (*Lock, error) { return lock(name, os.O_CREATE|os.O_RDWR, syscall.LOCK_EX) }

// WaitShared takes a lock that keeps out TryLock and WaitLock but not others of its
// kind, and waits for it. The file must be there; reading it is enough.
func WaitShared(name string) (*Lock, error) { return lock(name, os.O_RDONLY, syscall.LOCK_SH) }

func lock(name string, open, how int) (*Lock, error) {
	f, err := os.OpenFile(name, open, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return &Lock{f}, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%s: %w", name, ErrLocked)
	}
	return nil, fmt.Errorf("lock %s: %w", name, err)
}

// Unlock gives the lock back. The file stays.
func (l *Lock) Unlock() error { return l.f.Close() }
