package durable

import (
	"errors"
	"os"
	"syscall"
)

// dataSync makes the content and the length of an open file durable; times may lag.
func dataSync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
