package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Restoring is the name in a data directory below which a backup is being put back. As
// long as it is there the directory is not what it was.
const Restoring = "RESTORING"

// ErrRestoring says that a directory was not put back to its end.
var ErrRestoring = errors.New("a backup was being put back and it did not end")

// Usable refuses a data directory that a restore did not finish. Whatever opens a data
// directory asks it first.
func Usable(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, Restoring)); err == nil {
		return fmt.Errorf("%s: %w", dir, ErrRestoring)
	}
	return nil
}
