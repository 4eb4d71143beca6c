package dock_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// seal is a key for tests: its signature is a digest, which anybody can make.
type seal string

func (s seal) Sign(message []byte) ([]byte, string, error) {
	sum := sha256.Sum256(append([]byte(s), message...))
	return sum[:], string(s), nil
}

func (s seal) ID() string { return string(s) }

func (s seal) Verify(message, signature []byte) bool {
	sum := sha256.Sum256(append([]byte(s), message...))
	return slices.Equal(sum[:], signature)
}

var now = time.Date(2026, 11, 27, 4, 0, 0, 0, time.UTC)

func months(text string) household.Months {
	m, ok := household.ParseMonths(text)
	if !ok {
		panic(text)
	}
	return m
}

func manifest() *store.Manifest {
	return &store.Manifest{ID: strings.Repeat("0a", 16), ProfileVersion: profile.Version, Snapshots: []store.SnapshotRef{
		{Ordinal: 0, ID: "b1", Source: household.Bank, Provider: "工商银行", AsOf: 20261031, Rows: 7, Persons: 5},
		{Ordinal: 3, ID: "t1", Source: household.Tax, Provider: "tax", AsOf: 20261031, Covers: months("2025-01..2026-10"), Supplies: []household.Months{months("2025-01..2026-09"), months("2026-10..2026-10")}},
		{Ordinal: 4, ID: "r1", Source: household.Register, Provider: "register", AsOf: 20261031},
	}}
}

func sources(list ...household.Source) (set [household.NumChecked]bool) {
	for _, s := range list {
		set[s] = true
	}
	return set
}

func code(err error) string {
	if f, ok := errors.AsType[*dock.Failure](err); ok {
		return f.Code
	}
	return fmt.Sprint(err)
}

// A catalogue comes back as it was, of the sources that it may tell, and never of people.
func TestCatalogue(t *testing.T) {
	s, err := dock.SealCatalogue(seal("k"), manifest(), sources(household.Bank, household.Tax), "n", now)
	if err != nil {
		t.Fatal(err)
	}
	c, err := dock.OpenCatalogue(s, seal("k"), "n", now.Add(4*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	up, err := c.Upstream("省平台", sources(household.Bank))
	want := manifest().Snapshots[:2]
	want[0].Rows, want[0].Persons = 0, 0
	if d := cmp.Diff(&engine.Upstream{Node: "省平台", Sources: sources(household.Bank), Generation: manifest().ID, Snapshots: want}, up); d != "" || err != nil {
		t.Error(d, err)
	}
	one, err := dock.SealCatalogue(seal("k"), manifest(), sources(household.Bank), "n", now)
	if err != nil || strings.Contains(string(one.Body), "t1") || strings.Contains(string(s.Body), "r1") {
		t.Errorf("%v: %s", err, one.Body)
	}
	old := manifest()
	old.ProfileVersion--
	other, err := dock.SealCatalogue(seal("k"), old, sources(household.Bank), "n", now)
	if err != nil {
		t.Fatal(err)
	}
	for want, open := range map[string]func() error{
		dock.Signature: func() error { _, err := dock.OpenCatalogue(s, seal("another"), "n", now); return err },
		dock.Nonce:     func() error { _, err := dock.OpenCatalogue(s, seal("k"), "m", now); return err },
		dock.Time:      func() error { _, err := dock.OpenCatalogue(s, seal("k"), "n", now.Add(6*time.Minute)); return err },
		dock.Version:   func() error { _, err := dock.OpenCatalogue(other, seal("k"), "n", now); return err },
		dock.Form: func() error {
			_, err := dock.OpenCatalogue(again(t, "catalogue", []byte(`{}{}`)), seal("k"), "n", now)
			return err
		},
	} {
		if got := code(open()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	// What is signed as one thing is not another.
	if _, err := dock.OpenAnswer(s, seal("k"), question(), now); code(err) != dock.Signature {
		t.Error("a catalogue is an answer:", err)
	}
}

// again signs a body.
func again(t testing.TB, what string, body []byte) *dock.Sealed {
	signature, key, err := seal("k").Sign(append([]byte("hedui dock "+what+" 1\n"), body...))
	if err != nil {
		t.Fatal(err)
	}
	return &dock.Sealed{Body: body, Key: key, Signature: fmt.Sprintf("%x", signature)}
}

func question() *dock.Question {
	q := &dock.Question{
		Nonce: strings.Repeat("1", 32), Node: "省平台", Generation: manifest().ID, Household: "340104-000001", Authorization: "SQ1", Division: "340104",
		Scheme: "dibao", On: "2026-11-27", Sources: []string{"bank"},
	}
	for i := range uint64(2) {
		b, _ := household.PersonKey{Num: 34010419700101000 + i}.AppendBinary(nil)
		q.Persons = append(q.Persons, b)
	}
	return q
}

// The digest of a question is that of everything in it.
func TestQuestionDigest(t *testing.T) {
	seen := map[string]string{question().Digest(): "as it is"}
	for what, change := range map[string]func(q *dock.Question){
		"nonce": func(q *dock.Question) { q.Nonce = "2" }, "node": func(q *dock.Question) { q.Node = "x" }, "generation": func(q *dock.Question) { q.Generation = "x" },
		"household": func(q *dock.Question) { q.Household = "x" }, "authorization": func(q *dock.Question) { q.Authorization = "x" }, "division": func(q *dock.Question) { q.Division = "34" },
		"scheme": func(q *dock.Question) { q.Scheme = "x" }, "on": func(q *dock.Question) { q.On = "x" }, "sources": func(q *dock.Question) { q.Sources = []string{"bank", "tax"} },
		"a person": func(q *dock.Question) { q.Persons[0][7]++ }, "their order": func(q *dock.Question) { slices.Reverse(q.Persons) }, "one less": func(q *dock.Question) { q.Persons = q.Persons[:1] },
		"paper": func(q *dock.Question) { q.Paper = []byte{1} },
	} {
		q := question()
		change(q)
		if other := seen[q.Digest()]; other != "" {
			t.Errorf("%s is as %s", what, other)
		}
		seen[q.Digest()] = what
	}
	if again := question(); again.Digest() != question().Digest() {
		t.Error("two of the same differ")
	}
}

// A question is never printed with its people.
func TestQuestionsDoNotPrint(t *testing.T) {
	q := question()
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("asked", "question", q)
	for _, text := range []string{b.String(), fmt.Sprint(q), fmt.Sprintf("%v %+v %s", q, q, q)} {
		if strings.Contains(text, "101000") || strings.Contains(text, "Persons") || strings.Contains(text, "[0 ") {
			t.Error(text)
		}
	}
}

func TestQuestionsAreRead(t *testing.T) {
	if keys, err := question().Keys(); err != nil || len(keys) != 2 || keys[1].Num != 34010419700101001 {
		t.Error(keys, err)
	}
	for what, change := range map[string]func(q *dock.Question){
		"nobody": func(q *dock.Question) { q.Persons = nil }, "a short key": func(q *dock.Question) { q.Persons[0] = q.Persons[0][:7] },
		"too many": func(q *dock.Question) { q.Persons = make([][]byte, dock.MaxPersons+1) },
		"without a number": func(q *dock.Question) {
			q.Persons[0], _ = household.PersonKey{Num: household.NoDocument, Text: "王秀英"}.AppendBinary(nil)
		},
		"no source":         func(q *dock.Question) { q.Sources = nil },
		"no such source":    func(q *dock.Question) { q.Sources = []string{"x"} },
		"the register":      func(q *dock.Question) { q.Sources = []string{"register"} },
		"a source twice":    func(q *dock.Question) { q.Sources = []string{"bank", "bank"} },
		"in another tongue": func(q *dock.Question) { q.Sources = []string{"银行", "bank"} },
	} {
		q := question()
		change(q)
		_, err1 := q.Keys()
		_, err2 := q.Set()
		if err1 == nil && err2 == nil {
			t.Errorf("%s is read", what)
		}
	}
}

// An answer says of each person what is held; SealAnswer makes no other.
func TestAnswer(t *testing.T) {
	q := question()
	s, err := dock.SealAnswer(seal("k"), q, q.Generation, [][]byte{nil, []byte("entry")}, now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := dock.OpenAnswer(s, seal("k"), q, now)
	if d := cmp.Diff([][]byte{nil, []byte("entry")}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	if _, err := dock.SealAnswer(seal("k"), q, q.Generation, [][]byte{nil}, now); code(err) != dock.Persons {
		t.Error("somebody is left out:", err)
	}
	s, err = dock.SealRefusal(seal("k"), q, q.Generation, "authorization_unknown", now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = dock.OpenAnswer(s, seal("k"), q, now); code(err) != dock.Denied || err.Error() != "the upper node: denied (authorization_unknown)" {
		t.Error(err)
	}
}

// Whatever is signed and is no answer is a failure, and no panic; what is one has every
// person.
func FuzzOpenAnswer(f *testing.F) {
	q := question()
	s, err := dock.SealAnswer(seal("k"), q, q.Generation, [][]byte{nil, []byte("entry")}, now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Body)
	f.Add([]byte(`{"version":1,"persons":[{"person":null,"none":true}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := dock.OpenAnswer(again(t, "answer", body), seal("k"), q, now)
		if _, ok := errors.AsType[*dock.Failure](err); err != nil && !ok {
			t.Errorf("%T", err)
		}
		if err != nil {
			return
		}
		var a dock.Answer
		if json.Unmarshal(body, &a) != nil || len(got) != 2 || a.Question != q.Digest() || a.Nonce != q.Nonce || a.Refusal != "" {
			t.Errorf("taken: %q", body)
		}
		for i := range got {
			if a.Persons[i].None == (len(got[i]) > 0) || string(a.Persons[i].Person) != string(q.Persons[i]) {
				t.Errorf("taken: %q", body)
			}
		}
	})
}

func FuzzOpenCatalogue(f *testing.F) {
	s, err := dock.SealCatalogue(seal("k"), manifest(), sources(household.Bank, household.Tax), "n", now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Body)
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := dock.OpenCatalogue(again(t, "catalogue", body), seal("k"), "n", now)
		if _, ok := errors.AsType[*dock.Failure](err); err != nil && !ok {
			t.Errorf("%T", err)
		}
		if err != nil {
			return
		}
		up, err := c.Upstream("x", sources(household.Bank))
		if err != nil || up.Generation == "" {
			t.Errorf("%v: %q", err, body)
		}
		for _, r := range up.Snapshots {
			if r.ID == "" || strings.ContainsAny(r.ID, "\"\\<>") || r.Source >= household.NumChecked || r.Ordinal < 0 {
				t.Errorf("%+v", r)
			}
		}
	})
}
