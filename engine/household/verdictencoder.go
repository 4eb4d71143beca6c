package household

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// VerdictEncoder writes verdicts as AppendJSON does and keeps what verdicts of one
// generation and one pack have in common in its written form. Whatever it has kept is
// compared before it is used, so that it may be given any verdicts at all. The zero value
// is ready; it belongs to one goroutine.
type VerdictEncoder struct {
	coverage [NumChecked][NumCoverageStates]coverageText // by source and state
	evidence [NumSources]evidenceText                    // by source
	pack     packText
	on       Date
	onText   []byte
	window   Months
	income   []byte // what an income sheet of the window begins with
}

// Append appends the verdict as one JSON object without a line break.
func (e *VerdictEncoder) Append(b []byte, v *Verdict) []byte { return v.appendJSON(b, e) }

// coverageText is the coverage of a source and its JSON.
type coverageText struct {
	of   SourceCoverage
	text []byte
}

func (e *VerdictEncoder) appendCoverage(b []byte, s Source, c *SourceCoverage) []byte {
	if e == nil || c.State >= NumCoverageStates {
		return c.appendJSON(b)
	}
	k := &e.coverage[s][c.State]
	if k.text != nil && slices.Equal(k.of.Providers, c.Providers) {
		return append(b, k.text...)
	}
	from := len(b)
	b = c.appendJSON(b)
	k.text = append(k.text[:0], b[from:]...)
	k.of.Providers = k.of.Providers[:0]
	for _, p := range c.Providers {
		p.Provider, p.Snapshot, p.Node = strings.Clone(p.Provider), strings.Clone(p.Snapshot), strings.Clone(p.Node)
		k.of.Providers = append(k.of.Providers, p)
	}
	return b
}

// evidenceText is what a piece of evidence begins with, up to its row.
type evidenceText struct {
	provider, snapshot, node string
	file                     int
	text                     []byte
}

func (e *VerdictEncoder) appendPlace(b []byte, x *Evidence) []byte {
	if e == nil || x.Source >= NumSources {
		return x.appendPlace(b)
	}
	k := &e.evidence[x.Source]
	if k.text != nil && k.file == x.File && k.snapshot == x.Snapshot && k.provider == x.Provider && k.node == x.Node {
		return append(b, k.text...)
	}
	from := len(b)
	b = x.appendPlace(b)
	k.text = append(k.text[:0], b[from:]...)
	k.provider, k.snapshot, k.node, k.file = strings.Clone(x.Provider), strings.Clone(x.Snapshot), strings.Clone(x.Node), x.File
	return b
}

// packText is what a verdict says of the generation and the law.
type packText struct {
	generation string
	pack       PackRef
	text       []byte
}

func (e *VerdictEncoder) appendPack(b []byte, v *Verdict) []byte {
	if e == nil {
		return v.appendPack(b)
	}
	k, p := &e.pack, &v.Pack
	if k.text != nil && k.generation == v.Generation && k.pack.Name == p.Name && k.pack.Version == p.Version && k.pack.Digest == p.Digest &&
		k.pack.Region == p.Region && sameList(k.pack.Values, p.Values) {
		return append(b, k.text...)
	}
	from := len(b)
	b = v.appendPack(b)
	k.text = append(k.text[:0], b[from:]...)
	k.generation = strings.Clone(v.Generation)
	k.pack = PackRef{Name: strings.Clone(p.Name), Version: strings.Clone(p.Version), Digest: strings.Clone(p.Digest), Region: strings.Clone(p.Region), Values: p.Values}
	return b
}

// sameList reports whether two lists of values say the same. Those of a verifier are
// shared by its verdicts, which saves to compare them.
func sameList(a, b []CitedValue) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b))
}

func (e *VerdictEncoder) appendOn(b []byte, on Date) []byte {
	if e == nil {
		b, _ = on.AppendText(b)
		return b
	}
	if e.on != on || e.onText == nil {
		e.on = on
		e.onText, _ = on.AppendText(e.onText[:0])
	}
	return append(b, e.onText...)
}

func (e *VerdictEncoder) appendWindow(b []byte, w Months) []byte {
	if e == nil {
		return appendWindow(b, w)
	}
	if e.window != w || e.income == nil {
		e.window, e.income = w, appendWindow(e.income[:0], w)
	}
	return append(b, e.income...)
}

// appendText appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	i, raw := 0, unsafe.Slice(unsafe.StringData(s), len(s))
	for ; i+8 <= len(raw); i += 8 {
		w := binary.LittleEndian.Uint64(raw[i:])
		if special(w)|del(w) != 0 {
			break
		}
	}
	ascii := true
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' || c == '"' || c == '\\' || c == 0x7f:
			return appendEscaped(b, s)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	// U+2028 and U+2029 are escaped, too.
	if !ascii && (!utf8.ValidString(s) || strings.Contains(s, "\u2028") || strings.Contains(s, "\u2029")) {
		return appendEscaped(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// del marks the first byte of eight that is DEL, as special does.
func del(w uint64) uint64 {
	x := w ^ lowBits*0x7f
	return (x - lowBits) &^ x & highBits
}
