package store

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of a Store, a Builder and a Generation.
var (
	// ErrNotFound is returned for a generation that is not held.
	ErrNotFound = errors.New("no such generation")
	// ErrNoCurrent is returned when no generation has been activated yet.
	ErrNoCurrent = errors.New("no generation is current: nothing has been published yet")
	// ErrCurrent is returned when the current generation is to be dropped.
	ErrCurrent = errors.New("the generation is current and cannot be dropped")
	// ErrBusy is returned while another generation is being loaded.
	ErrBusy = errors.New("another generation is being built")
	// ErrFormat is returned for a generation of a format that this program does not know.
	ErrFormat = errors.New("generation of an unknown format")
	// ErrNoSection is returned for a section that the generation does not have.
	ErrNoSection = errors.New("the generation has no such section")
	// ErrClosed is returned when a closed generation is read or a finished builder used.
	ErrClosed = errors.New("already closed")
)

// DamageError says that something sealed is missing or is not what was sealed. No
// answer may be given from it; restore the file or publish again.
type DamageError struct {
	Generation string // id, when known
	File       string // the file, or the directory when the file is not known
	Section    string // "" when no section is concerned
	Block      int    // number of the block in its section from 0, -1 when none is concerned
	Err        error  // what was found; never content
}

func (e *DamageError) Error() string {
	var b strings.Builder
	b.WriteString("damaged generation")
	if e.Generation != "" {
		b.WriteString(" " + e.Generation)
	}
	fmt.Fprintf(&b, ": %s", e.File)
	if e.Section != "" {
		fmt.Fprintf(&b, ", section %s", e.Section)
	}
	if e.Block >= 0 {
		fmt.Fprintf(&b, ", block %d", e.Block)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

func (e *DamageError) Unwrap() error { return e.Err }

// IsDamaged reports whether an error comes from damaged data.
func IsDamaged(err error) bool {
	var d *DamageError
	return errors.As(err, &d)
}

// SpaceError says that the disk is too full to start or to go on with a build.
type SpaceError struct {
	Dir        string
	Need, Free int64 // bytes
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("not enough space for a generation in %s: %d MiB needed, %d MiB free", e.Dir, (e.Need+1<<20-1)>>20, e.Free>>20)
}
