package register_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/register"
)

// some draws a state with something in every field.
func some(r *rapid.T) *register.State {
	text := func(label string) string { return rapid.StringN(0, 40, 80).Draw(r, label) }
	number := func(label string) uint64 { return rapid.Uint64().Draw(r, label) }
	byt := func(label string) uint8 { return rapid.Byte().Draw(r, label) }
	date := func(label string) household.Date { return household.Date(rapid.Int32().Draw(r, label)) }
	s := &register.State{
		Last: recheck.Last{
			Request: number("request"), Generation: text("generation"), Program: text("program"), Pack: text("pack"), On: date("on"),
			Basis: engine.Basis{Accepted: rapid.Bool().Draw(r, "accepted"), Region: text("region"), Residence: byt("residence"), Sources: byt("sources"), Applied: date("applied")},
			View:  number("view"), Index: number("index"), Elsewhere: rapid.Bool().Draw(r, "elsewhere"),
			Substance: recheck.Substance(number("substance")), Outcome: household.Outcome(byt("outcome")),
		},
		Stale: rapid.Bool().Draw(r, "stale"), Judged: ledger.Instant(rapid.Int64().Draw(r, "judged")), Until: rapid.Int().Draw(r, "until"), Asked: text("asked"),
	}
	for i := range s.States {
		s.States[i] = household.CoverageState(byt("state"))
	}
	for range rapid.IntRange(0, 3).Draw(r, "keys") {
		s.Keys = append(s.Keys, household.PersonKey{Num: number("key"), Text: text("key")})
	}
	for range rapid.IntRange(0, 3).Draw(r, "findings") {
		s.Findings = append(s.Findings, recheck.Brief{
			Code: text("code"), Item: text("item"), Effect: household.Outcome(byt("effect")), Grade: household.Grade(byt("grade")),
			Member: rapid.Int().Draw(r, "member"), Type: household.LineType(byt("type")), Amount: household.Fen(rapid.Int64().Draw(r, "amount")),
			Limit: household.Fen(rapid.Int64().Draw(r, "limit")), Sources: recheck.Sources(byt("of")),
		})
	}
	return s
}

// What is stored is what was kept, nothing before its end is a state, and memory that is
// used again holds nothing of the state before.
func TestState(t *testing.T) {
	var d register.Decoder
	var got register.State
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		want := some(r)
		b := register.AppendState(nil, want)
		if err := d.Decode(b, &got); err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(want, &got); diff != "" {
			r.Fatal(diff)
		}
		short := b[:rapid.IntRange(0, len(b)-1).Draw(r, "short")]
		if d.Decode(short, &got) == nil {
			r.Fatalf("%d of %d bytes are a state", len(short), len(b))
		}
		if d.Decode(append(b, 0), &got) == nil {
			r.Fatal("bytes that are left over are no mistake")
		}
		n++
	})
	if n == 0 {
		t.Error("nothing was stored")
	}
}

func TestStateOfAnotherVersion(t *testing.T) {
	b := register.AppendState(nil, &register.State{})
	b[0]++
	var s register.State
	if err := new(register.Decoder).Decode(b, &s); err != register.ErrVersion { //nolint:errorlint // the very one
		t.Error(err)
	}
}

// Whatever is read is written the same again.
func FuzzDecode(f *testing.F) {
	s := &register.State{Asked: "q", Until: 7}
	s.Keys = []household.PersonKey{{Num: 34010419700101001}, {Num: household.OtherDocuments, Text: "E1"}}
	s.Findings = []recheck.Brief{{Code: "over", Amount: 100, Limit: 50, Member: 1}}
	f.Add(register.AppendState(nil, s))
	f.Add(register.AppendState(nil, &register.State{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s register.State
		if new(register.Decoder).Decode(b, &s) != nil {
			return
		}
		if again := register.AppendState(nil, &s); !bytes.Equal(again, b) {
			t.Errorf("%x is read and written as %x", b, again)
		}
	})
}
