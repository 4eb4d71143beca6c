package dock

import (
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// Catalogue is what a node holds: the generation that answers, and the deliveries in it.
// It says nothing of anybody.
type Catalogue struct {
	Version    int        `json:"version"`
	Nonce      string     `json:"nonce"`
	At         string     `json:"at"`
	Generation string     `json:"generation"`
	Profile    int        `json:"profile_version"` // of the entries that answers hold
	Snapshots  []Snapshot `json:"snapshots"`
}

// Snapshot is one delivery.
type Snapshot struct {
	Ordinal  int      `json:"ordinal"` // how entries refer to it
	ID       string   `json:"id"`
	Source   string   `json:"source"`
	Provider string   `json:"provider"`
	AsOf     string   `json:"as_of"`
	Covers   string   `json:"covers,omitempty"`
	Supplies []string `json:"supplies,omitempty"`
}

// SealCatalogue signs what a generation holds of the sources, for whoever asked with this
// nonce.
func SealCatalogue(s Signer, m *store.Manifest, sources [household.NumChecked]bool, nonce string, at time.Time) (*Sealed, error) {
	c := Catalogue{Version: version, Nonce: nonce, At: timeText(at), Generation: m.ID, Profile: m.ProfileVersion, Snapshots: []Snapshot{}}
	for i := range m.Snapshots {
		x := &m.Snapshots[i]
		if x.Source >= household.NumChecked || !sources[x.Source] {
			continue
		}
		out := Snapshot{Ordinal: x.Ordinal, ID: x.ID, Source: x.Source.String(), Provider: x.Provider, AsOf: x.AsOf.String(), Covers: monthsText(x.Covers)}
		for _, r := range x.Supplies {
			out.Supplies = append(out.Supplies, monthsText(r))
		}
		c.Snapshots = append(c.Snapshots, out)
	}
	return seal(s, aCatalogue, &c)
}

// OpenCatalogue reads a catalogue that was asked for with a nonce. The error is a *Failure.
func OpenCatalogue(s *Sealed, by PublicKey, nonce string, now time.Time) (*Catalogue, error) {
	var c Catalogue
	if err := s.open(by, aCatalogue, &c); err != nil {
		return nil, err
	}
	switch {
	case c.Nonce != nonce:
		return nil, fail(Nonce)
	case !fresh(c.At, now):
		return nil, fail(Time)
	case c.Version != version || c.Profile != profile.Version:
		return nil, fail(Version)
	case c.Generation == "":
		return nil, fail(Form)
	}
	if _, err := c.refs(); err != nil {
		return nil, err
	}
	return &c, nil
}

// Upstream is the catalogue of a node as a verifier takes it.
func (c *Catalogue) Upstream(node string, sources [household.NumChecked]bool) (*engine.Upstream, error) {
	refs, err := c.refs()
	return &engine.Upstream{Node: node, Sources: sources, Generation: c.Generation, Snapshots: refs}, err
}

// refs are the snapshots of a catalogue.
func (c *Catalogue) refs() ([]store.SnapshotRef, error) {
	var out []store.SnapshotRef
	last := -1
	for i := range c.Snapshots {
		s := &c.Snapshots[i]
		x := store.SnapshotRef{Ordinal: s.Ordinal, ID: s.ID, Provider: s.Provider}
		var ok [3]bool
		x.Source, ok[0] = household.ParseSource(s.Source)
		x.AsOf, ok[1] = household.ParseDate([]byte(s.AsOf))
		x.Covers, ok[2] = parseMonths(s.Covers)
		if ok != [3]bool{true, true, true} || x.Source >= household.NumChecked || !isID(s.ID) || s.Provider == "" || s.Ordinal <= last || s.Ordinal > maxOrdinal {
			return nil, fail(Form)
		}
		last = s.Ordinal
		for _, text := range s.Supplies {
			r, ok := parseMonths(text)
			if !ok {
				return nil, fail(Form)
			}
			x.Supplies = append(x.Supplies, r)
		}
		out = append(out, x)
	}
	return out, nil
}

// maxOrdinal bounds the ordinals of a node, so that they stand behind the asker's own.
const maxOrdinal = 1 << 19

// isID reports whether a text can be the id of a snapshot or a generation: it goes into
// verdicts as it is.
func isID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return false
		}
	}
	return true
}

func monthsText(m household.Months) string {
	if m == (household.Months{}) {
		return ""
	}
	return m.From.String() + ".." + m.To.String()
}

func parseMonths(text string) (household.Months, bool) {
	if text == "" {
		return household.Months{}, true
	}
	return household.ParseMonths(text)
}
