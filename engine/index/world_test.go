package index_test

import (
	"fmt"
	"sync"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/store"
)

var table = sync.OnceValue(func() *names.Table {
	t, err := names.Embedded()
	if err != nil {
		panic(err)
	}
	return t
})

// world is what an index is built of.
type world struct {
	loose      []index.Loose
	registered []index.Registered
}

// fataler is what tests, benchmarks and random checks have in common.
type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func must[T any](t fataler) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
		return v
	}
}

// build makes a sealed generation of a world, with an unlinked section that has
// the entries of the loose records which lie there.
func build(t fataler, s store.Store, w world, dir string, memory int64) store.Generation {
	t.Helper()
	return seal(t, s, w, dir, memory, nil)
}

// seal makes a generation; wrap may put something between the index and the store.
func seal(t fataler, s store.Store, w world, dir string, memory int64, wrap func(store.Builder) store.Builder) store.Generation {
	t.Helper()
	out := must[store.Builder](t)(s.Begin(store.BuildOptions{}))
	for _, section := range []string{store.SectionPeople, store.SectionUnlinked} {
		sw := must[store.SectionWriter](t)(out.Section(section, 1))
		if section == store.SectionUnlinked {
			for _, key := range unlinked(w) {
				check(t, sw.Add(key, []byte{1}))
			}
		}
		check(t, sw.Close())
	}
	o := index.BuildOptions{Memory: memory, TempDir: dir}
	if memory == 1 { // everything is spilled: sealed, as other memory is in the clear
		o.Key = must[*keyring.Key](t)(keyring.NewTemporary(must[keyring.Provider](t)(keyring.ProviderOf(keyring.AES))))
	}
	b := must[*index.Builder](t)(index.NewBuilder(table(), o))
	for _, l := range w.loose {
		check(t, b.AddLoose(l))
	}
	for _, p := range w.registered {
		check(t, b.AddRegistered(p))
	}
	to := out
	if wrap != nil {
		to = wrap(out)
	}
	check(t, b.WriteTo(tctx, to))
	check(t, b.Close())
	m := must[*store.Manifest](t)(out.Seal(store.Contents{ProfileVersion: 1}))
	return must[store.Generation](t)(s.Open(m.ID))
}

func check(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

func open(t fataler, g store.Generation) *index.Reader {
	t.Helper()
	return must[*index.Reader](t)(index.Open(tctx, g, table()))
}

func invalid(text string) household.PersonKey {
	return household.PersonKey{Num: household.InvalidDocuments + uint64(household.ResidentID), Text: text}
}

func resident(num uint64) household.PersonKey { return household.PersonKey{Num: num} }

func passport(text string) household.PersonKey {
	return household.PersonKey{Num: household.OtherDocuments + uint64(household.Passport), Text: text}
}

func nobody(name string) household.PersonKey {
	return household.PersonKey{Num: household.NoDocument, Text: name}
}

func name(written string) names.Name { return table().Name(written) }

// number is a resident number of the test, valid.
func number(division int, birth household.Date, sequence int) string {
	return match.ResidentText(uint64(division)*1_0000_0000_000 + uint64(birth)*1000 + uint64(sequence))
}

func numOf(text string) (n uint64) {
	if _, err := fmt.Sscanf(text[:17], "%d", &n); err != nil {
		panic(err)
	}
	return n
}
