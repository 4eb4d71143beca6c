package register

import (
	"encoding/binary"
	"errors"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/recheck"
)

// State is what stands of a registered household in one scheme, the body of its entry in
// the ledger.
type State struct {
	recheck.Last // without the household

	// Stale says that something was recorded since that the verdict rests on: the
	// authorisation was amended or withdrawn.
	Stale bool
	// Judged is when the authorisation was judged, and Until the day from which it may
	// say otherwise by itself, 0 for none: see authorization.Until.
	Judged ledger.Instant
	Until  int
	// Asked is the id of the request in the ledger that the standing verdict answers.
	Asked string
}

// version of the form. A state of another version is verified again.
const version = 1

// What the byte of flags says.
const (
	flagStale = 1 << iota
	flagElsewhere
	flagAccepted
	flagsAll = 1<<iota - 1
)

// AppendState appends the stored form of a state. Equal states have equal forms.
func AppendState(b []byte, s *State) []byte {
	flags := byte(0)
	for _, f := range [...]struct {
		is   bool
		flag byte
	}{{s.Stale, flagStale}, {s.Elsewhere, flagElsewhere}, {s.Basis.Accepted, flagAccepted}} {
		if f.is {
			flags |= f.flag
		}
	}
	b = append(b, version, flags)
	b = binary.AppendVarint(b, int64(s.Judged))
	b = text(binary.AppendVarint(b, int64(s.Until)), s.Asked)
	for _, n := range [...]uint64{s.Request, s.View, s.Index, uint64(s.Substance)} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, t := range [...]string{s.Generation, s.Program, s.Pack, s.Basis.Region} {
		b = text(b, t)
	}
	b = binary.AppendVarint(b, int64(s.On))
	b = append(b, s.Basis.Residence, s.Basis.Sources)
	b = binary.AppendVarint(b, int64(s.Basis.Applied))
	b = binary.AppendUvarint(b, uint64(len(s.Keys)))
	for _, k := range s.Keys {
		b = text(binary.LittleEndian.AppendUint64(b, k.Num), k.Text)
	}
	b = append(b, byte(s.Outcome))
	for _, state := range s.States {
		b = append(b, byte(state))
	}
	b = binary.AppendUvarint(b, uint64(len(s.Findings)))
	for i := range s.Findings {
		f := &s.Findings[i]
		b = text(text(b, f.Code), f.Item)
		b = append(b, byte(f.Effect), byte(f.Grade), byte(f.Type), byte(f.Sources))
		for _, n := range [...]int64{int64(f.Member), int64(f.Amount), int64(f.Limit)} {
			b = binary.AppendVarint(b, n)
		}
	}
	return b
}

func text(b []byte, s string) []byte { return append(binary.AppendUvarint(b, uint64(len(s))), s...) }

// The errors of Decode. They never quote what they read.
var (
	ErrVersion = errors.New("the state of a household was written by another version")
	ErrState   = errors.New("the state of a household is none")
)

// Decoder reads states. It keeps the texts that most of them share, and belongs to one
// goroutine; the zero value is ready.
type Decoder struct {
	b     []byte
	bad   bool
	texts map[string]string
}

// maxTexts bounds what is kept: regions and items are whatever was written.
const maxTexts = 4096

// Decode reads the stored form of a state into one whose memory is used again. It takes
// exactly what AppendState writes.
func (d *Decoder) Decode(b []byte, s *State) error {
	keys, findings := s.Keys[:0], s.Findings[:0]
	*s = State{}
	if len(b) < 2 {
		return ErrState
	}
	if b[0] != version {
		return ErrVersion
	}
	flags := b[1]
	d.b, d.bad = b[2:], flags > flagsAll
	s.Stale, s.Elsewhere, s.Basis.Accepted = flags&flagStale != 0, flags&flagElsewhere != 0, flags&flagAccepted != 0
	s.Judged, s.Until = ledger.Instant(d.varint()), int(d.varint())
	s.Asked = string(d.bytes())
	s.Request, s.View, s.Index, s.Substance = d.fixed(), d.fixed(), d.fixed(), recheck.Substance(d.fixed())
	s.Generation, s.Program, s.Pack, s.Basis.Region = d.text(), d.text(), d.text(), d.text()
	s.On = d.date()
	s.Basis.Residence, s.Basis.Sources = d.byte(), d.byte()
	s.Basis.Applied = d.date()
	for n := d.count(9); n > 0 && !d.bad; n-- {
		k := household.PersonKey{Num: d.fixed()}
		if at := d.bytes(); len(at) > 0 {
			k.Text = string(at) // hardly two have it
		}
		keys = append(keys, k)
	}
	s.Outcome = household.Outcome(d.byte())
	for i := range s.States {
		s.States[i] = household.CoverageState(d.byte())
	}
	for n := d.count(9); n > 0 && !d.bad; n-- {
		f := recheck.Brief{Code: d.text(), Item: d.text()}
		f.Effect, f.Grade = household.Outcome(d.byte()), household.Grade(d.byte())
		f.Type, f.Sources = household.LineType(d.byte()), recheck.Sources(d.byte())
		f.Member, f.Amount, f.Limit = int(d.varint()), household.Fen(d.varint()), household.Fen(d.varint())
		findings = append(findings, f)
	}
	if len(keys) > 0 {
		s.Keys = keys
	}
	if len(findings) > 0 {
		s.Findings = findings
	}
	if d.bad || len(d.b) > 0 {
		*s = State{}
		return ErrState
	}
	return nil
}

func (d *Decoder) take(n int) []byte {
	if d.bad || n > len(d.b) {
		d.bad, d.b = true, nil
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *Decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *Decoder) fixed() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// number is one that is written as short as it can be: others are no form of ours.
func (d *Decoder) number() uint64 {
	n, w := binary.Uvarint(d.b)
	if w <= 0 || w > 1 && d.b[w-1] == 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[w:]
	return n
}

func (d *Decoder) varint() int64 {
	n := d.number()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *Decoder) date() household.Date {
	n := d.varint()
	if n != int64(household.Date(n)) {
		d.bad = true
	}
	return household.Date(n)
}

// count is how many follow that take least bytes each.
func (d *Decoder) count(least int) int {
	n := d.number()
	if n > uint64(len(d.b)/least) {
		d.bad, d.b = true, nil
		return 0
	}
	return int(n)
}

func (d *Decoder) bytes() []byte {
	n := d.number()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return nil
	}
	return d.take(int(n))
}

func (d *Decoder) text() string {
	b := d.bytes()
	if len(b) == 0 {
		return ""
	}
	s, ok := d.texts[string(b)]
	if !ok {
		if d.texts == nil || len(d.texts) >= maxTexts {
			d.texts = map[string]string{}
		}
		s = string(b)
		d.texts[s] = s
	}
	return s
}
