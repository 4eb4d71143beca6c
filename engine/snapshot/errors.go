package snapshot

import (
	"errors"
	"fmt"
)

// Errors of a data directory.
var (
	// ErrUnknown is returned for a snapshot that the catalogue does not list.
	ErrUnknown = errors.New("no such snapshot: `hedui snapshots list` shows what is held")
	// ErrPinned is returned when a snapshot that a generation was made of is to be dropped.
	ErrPinned = errors.New("a generation was made of this snapshot: publish newer data and drop that generation first")
	// ErrNoData is returned for a directory that holds no catalogue.
	ErrNoData = errors.New("not a data directory: nothing has been ingested into it")
	// ErrBusy is returned while another process changes the data directory.
	ErrBusy = errors.New("another hedui command is changing this data directory: wait for it to finish")
	// ErrFormat is returned for files of a format that this program does not know.
	ErrFormat = errors.New("written by another version of hedui, in a format this program does not know")
)

// DamageError says that a sealed file is missing or is not what was sealed. No
// answer may be given from it: restore the file, or ingest the department's files
// again.
type DamageError struct {
	Snapshot string // id; empty for the catalogue
	File     string // path of the file
	Err      error  // what was found; never content
}

func (e *DamageError) Error() string {
	if e.Snapshot == "" {
		return fmt.Sprintf("damaged file %s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("damaged snapshot %s: %s: %v", e.Snapshot, e.File, e.Err)
}

func (e *DamageError) Unwrap() error { return e.Err }

// IsDamaged reports whether an error comes from damaged data.
func IsDamaged(err error) bool {
	var d *DamageError
	return errors.As(err, &d)
}

// SpaceError says that the disk is too full to begin.
type SpaceError struct {
	Dir        string
	Need, Free int64 // bytes
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("not enough space in %s: about %d MiB needed, %d MiB free", e.Dir, (e.Need+1<<20-1)>>20, e.Free>>20)
}
