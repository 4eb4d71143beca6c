package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
)

// State says what a snapshot is good for.
type State string

// The states of a snapshot.
const (
	Active     State = "active"     // publish may use it
	Held       State = "held"       // it shrank too much: ingest it again with --accept-shrink
	Superseded State = "superseded" // another of the same provider and date took its place
)

// Entry is one snapshot in the catalogue.
type Entry struct {
	ID       string
	Source   household.Source
	Provider string
	AsOf     household.Date
	Covers   household.Months
	State    State
	Accepted int64  // rows
	Persons  int64  // identified people
	Manifest string // SHA-256 of the manifest
}

// Same reports whether two snapshots are of the same source and provider.
func (e *Entry) Same(o *Entry) bool { return e.Source == o.Source && e.Provider == o.Provider }

type entryJSON struct {
	ID       string `json:"id"`
	Source   string `json:"source"`
	Provider string `json:"provider"`
	AsOf     string `json:"as_of"`
	Covers   string `json:"covers,omitempty"`
	State    State  `json:"state"`
	Accepted int64  `json:"accepted"`
	Persons  int64  `json:"persons"`
	Manifest string `json:"manifest_sha256"`
}

// The checksum is that of the encoding with an empty checksum.
type catalogueJSON struct {
	Format    int         `json:"format"`
	Snapshots []entryJSON `json:"snapshots"`
	Checksum  string      `json:"sha256"`
}

// encodeCatalogue returns the canonical JSON of a catalogue.
func encodeCatalogue(entries []Entry) ([]byte, error) {
	w := catalogueJSON{Format: Format, Snapshots: []entryJSON{}}
	for _, e := range entries {
		w.Snapshots = append(w.Snapshots, entryJSON{
			e.ID, e.Source.String(), e.Provider, e.AsOf.String(), e.Covers.String(), e.State, e.Accepted, e.Persons, e.Manifest,
		})
	}
	b, err := encodeJSON(&w)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	w.Checksum = hex.EncodeToString(sum[:])
	return encodeJSON(&w)
}

// parseCatalogue reads a catalogue. It accepts only what encodeCatalogue writes.
func parseCatalogue(b []byte) ([]Entry, error) {
	if err := checkFormat(b); err != nil {
		return nil, err
	}
	var w catalogueJSON
	if err := json.Unmarshal(b, &w); err != nil {
		return nil, errors.New("not the JSON that was written")
	}
	entries := make([]Entry, 0, len(w.Snapshots))
	for _, s := range w.Snapshots {
		e := Entry{ID: s.ID, Provider: s.Provider, State: s.State, Accepted: s.Accepted, Persons: s.Persons, Manifest: s.Manifest}
		var err error
		if e.Source, e.AsOf, e.Covers, err = parseScope(s.Source, s.AsOf, s.Covers); err != nil {
			return nil, fmt.Errorf("snapshot: %w", err)
		}
		if !isID(e.ID) || e.State != Active && e.State != Held && e.State != Superseded {
			return nil, errors.New("impossible snapshot")
		}
		entries = append(entries, e)
	}
	again, err := encodeCatalogue(entries)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, errors.New("checksum mismatch")
	}
	return entries, nil
}
