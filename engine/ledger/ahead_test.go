package ledger_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/ledger"
)

// What was read ahead is what is read, entries, pages and errors, as it was then; what was
// not is read as always; and an answer that would be too large is cut, not refused.
func TestReadAhead(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	defer l.Close()
	var asks []ledger.Ask
	var entries []ledger.Entry
	for i := range 150 {
		h := fmt.Sprint("h", i)
		e := &ledger.Household{Number: h, Scheme: "dibao", Division: "340104"}
		e.Body = []byte(strings.Repeat(h, 1+i%7*20000))
		if entries = append(entries, e); len(entries) == 10 { // as many as go into one change
			put(t, l, entries...)
			entries = nil
		}
		asks = append(asks, ledger.Ask{Kind: ledger.KindHousehold, ID: e.Key()}, ledger.AskAll(ledger.HouseholdsNumbered(h)),
			ledger.Ask{Kind: ledger.KindHousehold, ID: "nobody" + h}, ledger.AskAll(ledger.CasesOf(h)))
	}
	client, err := ledger.Connect(t.Context(), dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, of := range []ledger.Ledger{client, l} {
		a := ledger.ReadAhead(of)
		if err := a.Read(t.Context(), asks...); err != nil {
			t.Fatal(err)
		}
		if a.Useful() != (of == ledger.Ledger(client)) {
			t.Error("it is useful where nothing is gained, or not where it is")
		}
		for _, q := range append(asks, ledger.Ask{Kind: ledger.KindHousehold, ID: "h1/dibao"}) {
			if q.Query != nil {
				want, err1 := l.List(t.Context(), *q.Query)
				got, err2 := a.List(t.Context(), *q.Query)
				if !reflect.DeepEqual(want, got) || err1 != nil || err2 != nil {
					t.Fatalf("a page of %s: %v %v", q.Query.Kind, err1, err2)
				}
				continue
			}
			want, err1 := l.Get(t.Context(), q.Kind, q.ID)
			got, err2 := a.Get(t.Context(), q.Kind, q.ID)
			if !reflect.DeepEqual(want, got) || errors.Is(err1, ledger.ErrNotFound) != errors.Is(err2, ledger.ErrNotFound) || (err1 == nil) != (err2 == nil) {
				t.Fatalf("%s: %v, %v", q.ID, err1, err2)
			}
		}
	}
	a := ledger.ReadAhead(client)
	if err := a.Read(t.Context(), asks[0]); err != nil {
		t.Fatal(err)
	}
	e, err := ledger.Get[ledger.Household](t.Context(), l, asks[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	put(t, l, e)
	if old, err := ledger.Get[ledger.Household](t.Context(), a, asks[0].ID); err != nil || old.Version != 1 {
		t.Errorf("it is not as it was: %v", err)
	}
}
