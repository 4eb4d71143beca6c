package authorization_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
)

func TestStored(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		q, _ := ask(r)
		q.a.Members[0].Relation, q.a.Members[0].LeftWhy = uint8(r.IntN(len(household.Relations))), "离异"
		b, err := authorization.Encode(q.a)
		if err != nil {
			t.Fatal(err)
		}
		back, err := authorization.Decode(b)
		if err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		// The types mask themselves in JSON, not for cmp.
		if diff := cmp.Diff(q.a, back); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestStoredRefuses(t *testing.T) {
	b, err := authorization.Encode(registered())
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	for what, bad := range map[string]string{
		"nothing":            "",
		"half":               good[:len(good)/2],
		"another format":     strings.Replace(good, `"format":1`, `"format":2`, 1),
		"no format":          strings.Replace(good, `"format":1,`, ``, 1),
		"an unknown key":     strings.Replace(good, `"format":1`, `"format":1,"more":1`, 1),
		"an unknown class":   strings.Replace(good, `"tax"`, `"taxes"`, 1),
		"a Chinese class":    strings.Replace(good, `"tax"`, `"税务"`, 1),
		"no date":            strings.Replace(good, `2026-01-01`, `2026-02-30`, 1),
		"a date otherwise":   strings.Replace(good, `2026-01-01`, `20260101`, 1),
		"a number of digits": strings.Replace(good, `"id_number":"`, `"id_number":340104198001010029,"x":"`, 1),
		"something left":     good + "{}",
		"a list":             "[" + good + "]",
	} {
		if bad == good {
			t.Errorf("%s: nothing was changed", what)
		}
		a, err := authorization.Decode([]byte(bad))
		if !errors.Is(err, authorization.ErrFormat) || a != nil || strings.Contains(err.Error(), "3401") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 10 {
		q, _ := ask(r)
		b, err := authorization.Encode(q.a)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
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
		once, err := authorization.Encode(a)
		if err != nil {
			return // a year that JSON's times don't have
		}
		again, err := authorization.Decode(once)
		if err != nil {
			t.Fatalf("what was written can't be read: %s", once)
		}
		if twice, err := authorization.Encode(again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s\n%s", once, twice)
		}
	})
}
