package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/household"
)

// Format is the format version of generations that this package writes and the
// only one it reads. History: 1, first.
const Format = 1

// Manifest says what a generation holds. It is sealed with it.
type Manifest struct {
	Format         int
	ID             string // 32 hexadecimal digits, from content only
	ProfileVersion int
	Sections       []Section
	Snapshots      []SnapshotRef // by ascending ordinal
	Files          []FileSeal    // none in a store in memory
}

// Section is one named, versioned set of blocks.
type Section struct {
	Name        string
	Version     int
	Blocks      int64
	Entries     int64
	Bytes       int64  // sum of the sizes of the blocks
	FenceDigest string // SHA-256 of the fence of the section, hexadecimal
}

// SnapshotRef is a snapshot that a generation was made of.
type SnapshotRef struct {
	Ordinal  int // how profiles refer to it
	ID       string
	Source   household.Source
	Provider string
	AsOf     household.Date
	Covers   household.Months // zero for stocks
	// Supplies are the months that this snapshot supplies in this generation; empty
	// for stocks.
	Supplies []household.Months
	Rows     int64
	Persons  int64
}

// FileSeal fixes the bytes of one file of a generation.
type FileSeal struct {
	Name     string // within the directory of the generation
	Size     int64
	Digest   string // xxhash64 of the whole file, hexadecimal
	TailFrom int64  // where the tail starts: the part that is verified at open
	Tail     string // xxhash64 from TailFrom to the end
}

// Section returns the section of a name.
func (m *Manifest) Section(name string) (Section, bool) {
	for _, s := range m.Sections {
		if s.Name == name {
			return s, true
		}
	}
	return Section{}, false
}

// The forms on disk. They are separate so that the Go types can speak dates.
type manifestJSON struct {
	Format         int            `json:"format"`
	ID             string         `json:"id"`
	ProfileVersion int            `json:"profile_version"`
	Sections       []sectionJSON  `json:"sections"`
	Snapshots      []snapshotJSON `json:"snapshots"`
	Files          []fileJSON     `json:"files"`
}

type sectionJSON struct {
	Name        string `json:"name"`
	Version     int    `json:"version"`
	Blocks      int64  `json:"blocks"`
	Entries     int64  `json:"entries"`
	Bytes       int64  `json:"bytes"`
	FenceDigest string `json:"fence_sha256"`
}

type snapshotJSON struct {
	Ordinal  int      `json:"ordinal"`
	ID       string   `json:"id"`
	Source   string   `json:"source"`
	Provider string   `json:"provider"`
	AsOf     string   `json:"as_of"`
	Covers   string   `json:"covers,omitempty"`
	Supplies []string `json:"supplies,omitempty"`
	Rows     int64    `json:"rows"`
	Persons  int64    `json:"persons"`
}

type fileJSON struct {
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	Digest   string `json:"xxh64"`
	TailFrom int64  `json:"tail_from"`
	Tail     string `json:"tail_xxh64"`
}

// Encode returns the canonical JSON of the manifest.
func (m *Manifest) Encode() ([]byte, error) {
	w := manifestJSON{
		Format: m.Format, ID: m.ID, ProfileVersion: m.ProfileVersion,
		Sections: []sectionJSON{}, Snapshots: []snapshotJSON{}, Files: []fileJSON{},
	}
	for _, s := range m.Sections {
		w.Sections = append(w.Sections, sectionJSON(s))
	}
	for _, s := range m.Snapshots {
		x := snapshotJSON{
			Ordinal: s.Ordinal, ID: s.ID, Source: s.Source.String(), Provider: s.Provider,
			AsOf: s.AsOf.String(), Covers: monthsText(s.Covers), Rows: s.Rows, Persons: s.Persons,
		}
		for _, r := range s.Supplies {
			x.Supplies = append(x.Supplies, monthsText(r))
		}
		w.Snapshots = append(w.Snapshots, x)
	}
	for _, f := range m.Files {
		w.Files = append(w.Files, fileJSON(f))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(w); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func monthsText(m household.Months) string {
	if m == (household.Months{}) {
		return ""
	}
	return m.From.String() + ".." + m.To.String()
}

func parseMonths(text string) (household.Months, error) {
	if text == "" {
		return household.Months{}, nil
	}
	m, ok := household.ParseMonths(text)
	if !ok {
		return m, errors.New("bad range of months")
	}
	return m, nil
}

// ParseManifest reads a manifest. It returns ErrFormat for a format that this
// program does not know, and accepts only what Encode writes.
func ParseManifest(b []byte) (*Manifest, error) {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, fmt.Errorf("manifest is not JSON: %w", err)
	}
	if head.Format != Format {
		return nil, fmt.Errorf("%w: format %d, this program reads format %d", ErrFormat, head.Format, Format)
	}
	var w manifestJSON
	if err := json.Unmarshal(b, &w); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	m := &Manifest{Format: w.Format, ID: w.ID, ProfileVersion: w.ProfileVersion}
	for _, s := range w.Sections {
		m.Sections = append(m.Sections, Section(s))
	}
	for _, s := range w.Snapshots {
		x, err := s.parse()
		if err != nil {
			return nil, fmt.Errorf("manifest, snapshot %d: %w", s.Ordinal, err)
		}
		m.Snapshots = append(m.Snapshots, x)
	}
	for _, f := range w.Files {
		m.Files = append(m.Files, FileSeal(f))
	}
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	again, err := m.Encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, errors.New("manifest is not in its canonical form")
	}
	return m, nil
}

func (s snapshotJSON) parse() (SnapshotRef, error) {
	x := SnapshotRef{Ordinal: s.Ordinal, ID: s.ID, Provider: s.Provider, Rows: s.Rows, Persons: s.Persons}
	ok := false
	if x.Source, ok = household.ParseSource(s.Source); !ok {
		return x, errors.New("unknown source")
	}
	if s.AsOf != "" {
		if x.AsOf, ok = household.ParseDate([]byte(s.AsOf)); !ok {
			return x, errors.New("bad date")
		}
	}
	var err error
	if x.Covers, err = parseMonths(s.Covers); err != nil {
		return x, err
	}
	for _, t := range s.Supplies {
		r, err := parseMonths(t)
		if err != nil {
			return x, err
		}
		x.Supplies = append(x.Supplies, r)
	}
	return x, nil
}

// maxSections keeps the section byte of a key clear of Badger's own keys.
const maxSections = 32

func (m *Manifest) validate() error {
	if m.ProfileVersion < 0 || len(m.Sections) > maxSections {
		return errors.New("impossible profile version or number of sections")
	}
	names := map[string]bool{}
	for _, s := range m.Sections {
		if s.Name == "" || !utf8.ValidString(s.Name) || names[s.Name] || s.Version < 0 || s.Version > 0xffff ||
			s.Blocks < 1 || s.Entries < 0 || s.Bytes < 0 {
			return fmt.Errorf("impossible section %q", s.Name)
		}
		names[s.Name] = true
	}
	for i, s := range m.Snapshots {
		if i > 0 && s.Ordinal <= m.Snapshots[i-1].Ordinal {
			return errors.New("ordinals of the snapshots do not ascend")
		}
		if s.Source == 0 || s.Source.String() == "" || s.ID == "" || s.Rows < 0 || s.Persons < 0 ||
			!utf8.ValidString(s.Provider) || !utf8.ValidString(s.ID) {
			return fmt.Errorf("impossible snapshot %d", s.Ordinal)
		}
	}
	for i, f := range m.Files {
		if f.Name == "" || filepath.Base(f.Name) != f.Name || f.Name == "." || f.Name == ".." || !utf8.ValidString(f.Name) ||
			f.Size < 0 || f.TailFrom < 0 || f.TailFrom > f.Size || i > 0 && f.Name <= m.Files[i-1].Name {
			return errors.New("impossible file seal")
		}
	}
	return nil
}

// contentID is the id of a generation: the digest of what it holds, without its
// files, whose bytes may differ between builds of the same content.
func (m *Manifest) contentID() (string, error) {
	c := *m
	c.ID, c.Files = "", nil
	b, err := c.Encode()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16]), nil
}

// newManifest makes the manifest of loaded sections, without files.
func newManifest(c Contents, fences []*fence) (*Manifest, error) {
	m := &Manifest{Format: Format, ProfileVersion: c.ProfileVersion, Snapshots: c.Snapshots}
	for _, f := range fences {
		m.Sections = append(m.Sections, f.section())
	}
	if len(m.Sections) == 0 {
		return nil, errors.New("a generation needs a section")
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	var err error
	m.ID, err = m.contentID()
	return m, err
}

// isID reports whether a name can be the id of a generation.
func isID(s string) bool {
	if len(s) != 32 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
