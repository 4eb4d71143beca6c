package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// errPartial says that the work is done, but rows were quarantined or requests
// were refused. The command has already printed how many.
var errPartial = errors.New("done, but not everything was accepted")

// usageError is a command line that can't be run: an unknown flag, a missing
// flag, a date that is none.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// wrongUsage returns a usageError with what to do about it.
func wrongUsage(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// hintedError is an error together with what its reader can do about it.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }

// withHint adds a hint to an error; a nil error stays nil.
func withHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &hintedError{err, hint}
}

// knownHints say what to do about errors whose text does not.
var knownHints = []struct {
	err  error
	hint string
}{
	{keyring.ErrLocked, "name the key file with --key-file FILE or in HEDUI_KEY_FILE"},
	{keyring.ErrNotEncrypted, "leave the key file out, or make a new directory an encrypted one first: hedui keys init"},
	{keyring.ErrNotEmpty, "run hedui keys init on a new directory and ingest the departments' files again"},
	{keyring.ErrForeign, "every encrypted data directory has a key file of its own: name that one"},
	{keyring.ErrLoose, "only its owner may read it: chmod 600"},
	{keyring.ErrInside, "who has the directory would have the keys: keep the key file on another disk or in another backup"},
	{keyring.ErrNoMaster, "the directory was restored from before a rotation, or the key file from another day: use those of one time"},
	{keyring.ErrDestroyed, "this is for good: ingest the department's files again if the data are still wanted"},
	{context.Canceled, "it was interrupted; the same command again goes on or starts over, nothing half done is visible"},
	{store.ErrNoCurrent, "hedui publish --data DIR makes a generation of the ingested snapshots"},
	{store.ErrCurrent, "publish a newer one first"},
	{store.ErrNotFound, "hedui generations list --data DIR shows what is held"},
	{store.ErrBusy, "wait for the other hedui command to finish"},
	{snapshot.ErrNoData, "hedui ingest --data DIR … makes it; look for a typing error in the directory"},
	{fs.ErrNotExist, "look for a typing error in the path"},
	{fs.ErrPermission, "ask for the right to this path, or choose another"},
}

// hintOf returns what to do about an error, or "".
func hintOf(err error) string {
	var usage *usageError
	var hinted *hintedError
	var file *connectors.FileError
	switch {
	case errors.As(err, &usage):
		return usage.hint
	case errors.As(err, &hinted):
		return hinted.hint
	case errors.As(err, &file):
		return file.Hint
	}
	for _, known := range knownHints {
		if errors.Is(err, known.err) {
			return known.hint
		}
	}
	return ""
}

// sentence is the text of an error without its hint.
func sentence(err error) string {
	text := err.Error()
	if hint := hintOf(err); hint != "" {
		text = strings.Replace(text, "; "+hint, "", 1)
		text = strings.TrimSuffix(text, ": "+hint)
	}
	return text
}
