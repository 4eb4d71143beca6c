package batch

import (
	"errors"
	"os"

	"github.com/hedui/hedui/engine/durable"
)

// ErrTraceResumed is returned when traces are asked for and an unfinished output is
// there: those of the households it has answered are gone.
var ErrTraceResumed = errors.New("an unfinished output can't be gone on with when traces are written")

// traceFile is the file of traces being written. It has no checkpoint: an interrupted
// batch with traces starts over.
type traceFile struct {
	path string // final name
	f    *os.File
}

func newTraces(path string) (*traceFile, error) {
	t := &traceFile{path: path}
	var err error
	t.f, err = os.OpenFile(t.partPath(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	return t, err
}

func (t *traceFile) partPath() string { return t.path + ".part" }

// finish gives the whole file its name.
func (t *traceFile) finish(disk durable.Disk) error {
	if err := disk.SyncFile(t.partPath()); err != nil {
		return err
	}
	if err := t.f.Close(); err != nil {
		return err
	}
	return disk.Rename(t.partPath(), t.path)
}
