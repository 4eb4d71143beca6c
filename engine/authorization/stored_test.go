package authorization_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
)

func TestStored(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		q, _ := ask(r)
		q.a.Members[0].Relation, q.a.Members[0].LeftWhy = uint8(r.IntN(len(household.Relations))), "离异"
		q.a.RegisteredAt = q.a.RegisteredAt.Add(time.Duration(r.Int64()))
		back, err := authorization.Decode(authorization.Encode(q.a))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(q.a, back); diff != "" {
			t.Fatal(diff)
		}
	}
	none, err := authorization.Decode(authorization.Encode(&authorization.Authorization{}))
	if diff := cmp.Diff(&authorization.Authorization{}, none); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// TestStoredBytes pins format 1: what was written once is read for ever.
func TestStoredBytes(t *testing.T) {
	const want = "010353513108333430313034" + "2d31" + "09333430313034303033" + "02" + // number, household, division, members
		"0012333430313034313938303031303130303230" + "09e78e8be7a780e88bb1" + "00" + "00" + "00" + // a person
		"03312f31" + "86cad409" + "00" + "00"
	got := hex.EncodeToString(authorization.Encode(registered()))
	if !strings.HasPrefix(got, want) {
		t.Errorf("the form changed: a new format needs a new number\n%s\n%s", want, got[:len(want)])
	}
}

// TestStoredDamaged: cut short at any place, with anything left over, or with a first byte
// of another format, it is refused; with any other bit turned it is refused or reads as
// what would be written so.
func TestStoredDamaged(t *testing.T) {
	good := authorization.Encode(registered())
	for n := range good {
		if a, err := authorization.Decode(good[:n]); !errors.Is(err, authorization.ErrFormat) || a != nil {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := authorization.Decode(append(bytes.Clone(good), 0)); !errors.Is(err, authorization.ErrFormat) {
		t.Errorf("a byte left over: %v", err)
	}
	for _, format := range []byte{0, 2, 0x81} {
		bad := bytes.Clone(good)
		bad[0] = format
		if _, err := authorization.Decode(bad); !errors.Is(err, authorization.ErrFormat) {
			t.Errorf("format %d: %v", format, err)
		}
	}
	refused := 0
	for bit := range 8 * len(good) {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		a, err := authorization.Decode(bad)
		switch {
		case err != nil:
			refused++
		case !bytes.Equal(authorization.Encode(a), bad):
			t.Errorf("bit %d: what was read is written otherwise", bit)
		}
	}
	if refused == 0 {
		t.Error("no damage was noticed")
	}
}

func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 10 {
		q, _ := ask(r)
		f.Add(authorization.Encode(q.a))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := authorization.Decode(b)
		if err != nil {
			return
		}
		_ = a.Validate() // must bear anything
		code, _ := authorization.Judge(a, authorization.Query{Number: a.Number, Household: a.Household, On: a.From, At: a.RegisteredAt})
		if code == "" {
			t.Fatal("a query for nobody is allowed")
		}
		if again := authorization.Encode(a); !bytes.Equal(again, b) {
			t.Fatalf("read from %x and written as %x", b, again)
		}
	})
}
