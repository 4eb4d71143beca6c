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

// Format is the format version of manifests and catalogues that this package
// writes and the only one it reads. History: 1, first.
const Format = 1

// Counts is the accounting of a file or a snapshot:
// RowsIn = Accepted + Quarantined + Duplicates. Unlinked is a part of Accepted.
type Counts struct {
	RowsIn      int64 `json:"rows_in"`
	Accepted    int64 `json:"accepted"`
	Quarantined int64 `json:"quarantined"`
	Duplicates  int64 `json:"duplicates"`
	Unlinked    int64 `json:"unlinked"`
}

// Add adds the counts of another file.
func (c *Counts) Add(o Counts) {
	c.RowsIn += o.RowsIn
	c.Accepted += o.Accepted
	c.Quarantined += o.Quarantined
	c.Duplicates += o.Duplicates
	c.Unlinked += o.Unlinked
}

// Balanced reports whether every row is accounted for exactly once.
func (c Counts) Balanced() bool {
	return c.RowsIn == c.Accepted+c.Quarantined+c.Duplicates && c.Unlinked <= c.Accepted &&
		c.Accepted >= 0 && c.Quarantined >= 0 && c.Duplicates >= 0 && c.Unlinked >= 0
}

// FileAccount is one file of a department, or one table of an archive.
type FileAccount struct {
	Name           string   `json:"name"` // base name; no part of the id
	Bytes          int64    `json:"bytes"`
	SHA256         string   `json:"sha256"`
	FileFormat     string   `json:"format"`
	Encoding       string   `json:"encoding"`
	UnknownColumns []string `json:"unknown_columns,omitempty"`
	Counts
	Stream *Span `json:"stream,omitempty"` // where the rows come from a stream; no part of the id
}

// Span is a run of messages of one partition of a topic: From and all behind it, before
// To. The row of a message is its offset and one.
type Span struct {
	Topic     string `json:"topic"`
	ID        string `json:"topic_id,omitempty"` // tells topics of one name apart; "" where brokers know none
	Partition int32  `json:"partition"`
	From      int64  `json:"from"`
	To        int64  `json:"to"`
}

// ColumnSum is the sum of an amount column over the accepted rows.
type ColumnSum struct {
	Column string `json:"column"`
	Sum    Total  `json:"sum_fen"`
}

// Manifest says what a snapshot holds. It is sealed with it.
type Manifest struct {
	ID            string // 32 hexadecimal digits, from content only
	Source        household.Source
	Provider      string
	AsOf          household.Date
	Covers        household.Months // zero for stocks
	Encoding      string           // that was asked for, "" to find it out
	MappingDigest string           // SHA-256, "" without a mapping
	Counts        Counts
	Files         []FileAccount
	ByCode        map[string]int64 // quarantined rows
	Persons       int64            // identified people with an accepted row
	Sums          []ColumnSum
	Institutions  []string // of a bank, normalised, ascending
	Hot           FileSeal
	Cold          FileSeal
	Quarantine    FileSeal
	Key           uint32 // number of the data key of the files, 0 when they are not sealed
}

// manifestJSON is the form on disk.
type manifestJSON struct {
	Format        int              `json:"format"`
	ID            string           `json:"id"`
	Source        string           `json:"source"`
	Provider      string           `json:"provider"`
	AsOf          string           `json:"as_of"`
	Covers        string           `json:"covers,omitempty"`
	Encoding      string           `json:"encoding,omitempty"`
	MappingDigest string           `json:"mapping_sha256,omitempty"`
	Counts        Counts           `json:"counts"`
	Files         []FileAccount    `json:"files"`
	ByCode        map[string]int64 `json:"quarantined_by_code"`
	Persons       int64            `json:"persons"`
	Sums          []ColumnSum      `json:"sums"`
	Institutions  []string         `json:"institutions,omitempty"`
	Hot           FileSeal         `json:"hot"`
	Cold          FileSeal         `json:"cold"`
	Quarantine    FileSeal         `json:"quarantine"`
	Key           uint32           `json:"key,omitempty"`
}

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// Encode returns the canonical JSON of the manifest.
func (m *Manifest) Encode() ([]byte, error) {
	return encodeJSON(&manifestJSON{
		Format, m.ID, m.Source.String(), m.Provider, m.AsOf.String(), m.Covers.String(), m.Encoding, m.MappingDigest,
		m.Counts, m.Files, m.ByCode, m.Persons, m.Sums, m.Institutions, m.Hot, m.Cold, m.Quarantine, m.Key,
	})
}

// ParseManifest reads a manifest. It accepts only what Encode writes.
func ParseManifest(b []byte) (*Manifest, error) {
	if err := checkFormat(b); err != nil {
		return nil, err
	}
	var w manifestJSON
	if err := json.Unmarshal(b, &w); err != nil {
		return nil, errors.New("manifest: not the JSON that was written")
	}
	m := &Manifest{
		ID: w.ID, Provider: w.Provider, Encoding: w.Encoding, MappingDigest: w.MappingDigest, Counts: w.Counts,
		Files: w.Files, ByCode: w.ByCode, Persons: w.Persons, Sums: w.Sums, Institutions: w.Institutions,
		Hot: w.Hot, Cold: w.Cold, Quarantine: w.Quarantine, Key: w.Key,
	}
	var err error
	if m.Source, m.AsOf, m.Covers, err = parseScope(w.Source, w.AsOf, w.Covers); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	var sum Counts
	for _, f := range m.Files {
		sum.Add(f.Counts)
		if !f.Balanced() {
			return nil, errors.New("manifest: a file's rows do not add up")
		}
	}
	if sum != m.Counts {
		return nil, errors.New("manifest: the files' rows do not add up")
	}
	for _, f := range []FileSeal{m.Hot, m.Cold, m.Quarantine} {
		if (f.Stored != nil) != (m.Key != 0) {
			return nil, errors.New("manifest: a file is sealed without a key, or a key given without")
		}
	}
	again, err := m.Encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, errors.New("manifest: not in its canonical form")
	}
	return m, nil
}

func checkFormat(b []byte) error {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return errors.New("not JSON")
	}
	if head.Format != Format {
		return fmt.Errorf("format %d, this program reads format %d: %w", head.Format, Format, ErrFormat)
	}
	return nil
}

func parseScope(source, asOf, covers string) (s household.Source, d household.Date, m household.Months, err error) {
	s, ok := household.ParseSource(source)
	if !ok || s.String() != source {
		return s, d, m, errors.New("unknown source")
	}
	if d, ok = household.ParseDate([]byte(asOf)); !ok {
		return s, d, m, errors.New("bad as-of date")
	}
	if covers != "" {
		if m, ok = household.ParseMonths(covers); !ok {
			return s, d, m, errors.New("bad range of months")
		}
	}
	if s.IsFlow() != (m.From != 0) {
		return s, d, m, errors.New("covered months do not fit the source")
	}
	return s, d, m, nil
}

// ContentID derives the id of a snapshot from what it was made of and what came
// out: never from a time, a path or the name of a file.
func (m *Manifest) ContentID() string {
	h := sha256.New()
	field := func(s string) { _, _ = fmt.Fprintf(h, "%d:%s,", len(s), s) }
	field("hedui snapshot 1")
	for _, s := range []string{m.Source.String(), m.Provider, m.AsOf.String(), m.Covers.String(), m.Encoding, m.MappingDigest} {
		field(s)
	}
	for i := range m.Files {
		field(m.Files[i].SHA256)
	}
	field(m.Hot.SHA256)
	field(m.Cold.SHA256)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// sealText is the content of the seal of a manifest.
func sealText(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return "hedui-seal 1 " + hex.EncodeToString(sum[:]) + "\n"
}

// isID reports whether a text has the form of an id.
func isID(s string) bool {
	if len(s) != 32 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
