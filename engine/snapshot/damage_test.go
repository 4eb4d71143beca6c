package snapshot_test

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
)

var damageCases = flag.Int("damage", 240, "number of damaged snapshots to try")

// key is the key of person i: residents first, then people without a document.
func key(i int) household.PersonKey {
	if i < 900 {
		return household.PersonKey{Num: 34010419800101000 + uint64(i)*7}
	}
	return household.PersonKey{Num: household.NoDocument, Text: fmt.Sprintf("姓名%04d", i)}
}

const people = 1000

// answers is everything a snapshot says.
type answers struct {
	hot  map[household.PersonKey]string
	cold map[household.PersonKey]string
}

// build makes a data directory with one snapshot. odd changes one record of it.
func build(t testing.TB, root string, odd int) (id string) {
	t.Helper()
	return buildWith(t, root, odd, snapshot.Options{})
}

func buildWith(t testing.TB, root string, odd int, o snapshot.Options) (id string) {
	t.Helper()
	d, err := snapshot.OpenDirWith(root, o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Unlock(); err != nil {
			t.Error(err)
		}
	}()
	staging := filepath.Join(l.Tmp(), "snapshot")
	sealer, err := l.Key()
	if err != nil {
		t.Fatal(err)
	}
	w, err := snapshot.NewWriter(staging, sealer)
	if err != nil {
		t.Fatal(err)
	}
	var b profile.Builder
	for i := range people {
		b.Reset()
		var cold []byte
		for k := range 1 + i%5 {
			r := household.Record{Vehicle: household.VehicleRecord{VIN: fmt.Appendf(nil, "VIN%08d%d", i, k), Plate: []byte("皖A12345"), Class: 1, Status: 1, Value: household.Fen(i)}}
			if i == odd {
				r.Vehicle.Value++
			}
			b.Add(household.Vehicle, profile.Origin{File: 1, Row: int64(10*i + k)}, profile.AppendOwner(nil, profile.Owner{Name: "王秀英"}), profile.AppendContent(nil, household.Vehicle, &r))
			text := snapshot.AppendText(nil, snapshot.Address, binary.BigEndian.AppendUint64(nil, uint64(i)*0x9e3779b97f4a7c15))
			cold = snapshot.AppendColdRecord(cold, 1, int64(10*i+k), text[:1], text[1:])
		}
		if err := w.Add(key(i), b.Append(nil), cold); err != nil {
			t.Fatal(err)
		}
	}
	m := &snapshot.Manifest{
		Source: household.Vehicle, Provider: "vehicle", AsOf: 20261031, ByCode: map[string]int64{}, Persons: 900,
		Files:  []snapshot.FileAccount{{Name: "f.csv", Counts: snapshot.Counts{RowsIn: 3000, Accepted: 3000, Unlinked: 300}}},
		Counts: snapshot.Counts{RowsIn: 3000, Accepted: 3000, Unlinked: 300},
	}
	digest, err := w.Seal(m)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err = l.Adopt(staging, m, digest); err != nil {
		t.Fatal(err)
	}
	e := snapshot.Entry{ID: m.ID, Source: m.Source, Provider: m.Provider, AsOf: m.AsOf, State: snapshot.Active, Accepted: 3000, Persons: 900, Manifest: digest}
	if err := l.SetCatalogue([]snapshot.Entry{e}); err != nil {
		t.Fatal(err)
	}
	return m.ID
}

// read asks a data directory everything. Errors end what they concern.
func read(root, id string) (a answers, errs []error) { return readWith(root, id, snapshot.Options{}) }

func readWith(root, id string, o snapshot.Options) (a answers, errs []error) {
	a = answers{map[household.PersonKey]string{}, map[household.PersonKey]string{}}
	d, err := snapshot.OpenDirWith(root, o)
	if err != nil {
		return a, []error{err}
	}
	list, err := d.List()
	if err != nil {
		return a, []error{err}
	}
	if len(list) != 1 || list[0].ID != id {
		return a, []error{fmt.Errorf("the catalogue lists something else")}
	}
	s, err := d.Open(id)
	if err != nil {
		return a, []error{err}
	}
	defer s.Close()
	for c := s.Entries(); ; {
		k, entry, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			errs = append(errs, err)
			break
		}
		a.hot[k] = string(entry)
	}
	for i := 0; i < people; i += 13 {
		k := key(i)
		text, ok, err := s.Cold(k, 1, int64(10*i))
		switch {
		case err != nil:
			errs = append(errs, err)
		case !ok:
			a.cold[k] = "nothing"
		default:
			a.cold[k] = fmt.Sprint(text)
		}
	}
	return a, errs
}

// judge compares answers with the right ones. Where there was an error a missing
// answer is fine; a wrong one never is.
func judge(want, got answers, errs []error) (wrong string) {
	for _, err := range errs {
		if !snapshot.IsDamaged(err) {
			return "an error that is no damage: " + err.Error()
		}
	}
	for k, v := range got.hot {
		if want.hot[k] != v {
			return "a wrong entry"
		}
	}
	for k, v := range got.cold {
		if want.cold[k] != v {
			return "a wrong text"
		}
	}
	if len(errs) == 0 && (len(got.hot) != len(want.hot) || len(got.cold) != len(want.cold)) {
		return "missing answers and no error"
	}
	return ""
}

func copyTree(t testing.TB, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// damage changes a file in one of the ways that disks do and says how.
func damage(t testing.TB, name string, r *rand.Rand) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	what := ""
	switch at := r.IntN(len(b)); r.IntN(5) {
	case 0:
		b[at] ^= 1 << r.IntN(8)
		what = fmt.Sprintf("bit flipped at %d", at)
	case 1:
		at -= at % page
		clear(b[at:min(at+page, len(b))])
		what = fmt.Sprintf("zeros at %d", at)
	case 2:
		if len(b) < 2*page {
			b = b[:at]
			what = fmt.Sprintf("cut at %d", at)
			break
		}
		i, j := r.IntN(len(b)/page), r.IntN(len(b)/page)
		var x [page]byte
		copy(x[:], b[i*page:])
		copy(b[i*page:(i+1)*page], b[j*page:(j+1)*page])
		copy(b[j*page:], x[:])
		what = fmt.Sprintf("pages %d and %d swapped", i, j)
	case 3:
		b = b[:at]
		what = fmt.Sprintf("cut at %d", at)
	default:
		b = append(b, byte(r.IntN(256)))
		what = "a byte at the end"
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return what
}

// Whatever happens to the bytes, an answer is right or an error.
func TestDamage(t *testing.T) {
	t.Run("clear", func(t *testing.T) { testDamage(t, t.TempDir(), snapshot.Options{}) })
	t.Run("sealed", func(t *testing.T) {
		dir, o := sealedDir(t, keyring.AES)
		testDamage(t, dir, o)
	})
}

func testDamage(t *testing.T, whole string, o snapshot.Options) {
	id := buildWith(t, whole, -1, o)
	want, errs := readWith(whole, id, o)
	if len(errs) > 0 || len(want.hot) != people {
		t.Fatal(errs, len(want.hot))
	}
	targets := []string{"catalogue.json"}
	for _, f := range []string{"hot.blocks", "cold.blocks", "quarantine.csv", "manifest.json", "seal"} {
		targets = append(targets, filepath.Join("snapshots", id, f))
	}
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	noticed, unseen := 0, 0
	for i := range *damageCases {
		dir := filepath.Join(t.TempDir(), "data")
		copyTree(t, whole, dir)
		target := targets[i%len(targets)]
		original, _ := os.ReadFile(filepath.Join(dir, target))
		what := damage(t, filepath.Join(dir, target), r)
		changed, _ := os.ReadFile(filepath.Join(dir, target))
		got, errs := readWith(dir, id, o)
		if wrong := judge(want, got, errs); wrong != "" {
			t.Errorf("seed %d, case %d: %s: %s: %s", seed, i, target, what, wrong)
		}
		d, _ := snapshot.OpenDirWith(dir, o)
		err := d.Verify(context.Background(), nil)
		switch same := reflect.DeepEqual(original, changed); {
		case same && err != nil:
			t.Errorf("seed %d, case %d: nothing changed, but %v", seed, i, err)
		case !same && !snapshot.IsDamaged(err):
			t.Errorf("seed %d, case %d: %s: %s: verify says %v", seed, i, target, what, err)
		case same:
			unseen++
		case len(errs) > 0:
			noticed++
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d: %d cases, %d noticed by reading, %d changed nothing, all others by verify", seed, *damageCases, noticed, unseen)
	if noticed < *damageCases/3 {
		t.Error("most damage was not noticed: the test tests nothing")
	}
}

// The judge of the damage test finds a wrong answer when there is one: here a
// snapshot whose seals are all right but whose content is not.
func TestDamageTestNoticesWrongAnswers(t *testing.T) {
	right, wrong := t.TempDir(), t.TempDir()
	id := build(t, right, -1)
	want, _ := read(right, id)
	got, errs := read(wrong, build(t, wrong, 500))
	if judge(want, got, errs) == "" {
		t.Error("a wrong amount is not noticed")
	}
	delete(want.cold, key(0))
	got, errs = read(right, id)
	if judge(want, got, errs) == "" {
		t.Error("an answer too many is not noticed")
	}
	want, errs = read(right, id)
	delete(got.hot, key(3))
	if judge(want, got, errs) == "" {
		t.Error("a missing answer is not noticed")
	}
}

func TestMissingFiles(t *testing.T) {
	whole := t.TempDir()
	id := build(t, whole, -1)
	for _, f := range []string{"hot.blocks", "cold.blocks", "manifest.json", "seal", "quarantine.csv", "", "../../catalogue.json"} {
		dir := filepath.Join(t.TempDir(), "data")
		copyTree(t, whole, dir)
		if err := os.RemoveAll(filepath.Join(dir, "snapshots", id, f)); err != nil {
			t.Fatal(err)
		}
		d, _ := snapshot.OpenDir(dir)
		if err := d.Verify(context.Background(), nil); !snapshot.IsDamaged(err) {
			t.Errorf("without %q: %v", f, err)
		}
	}
	// A catalogue that is lost is not replaced by an empty one.
	dir := filepath.Join(t.TempDir(), "data")
	copyTree(t, whole, dir)
	if err := os.Remove(filepath.Join(dir, "catalogue.json")); err != nil {
		t.Fatal(err)
	}
	d, _ := snapshot.OpenDir(dir)
	if _, err := d.Lock(); !snapshot.IsDamaged(err) {
		t.Errorf("locked: %v", err)
	}
	if _, err := os.Stat(d.Path(id)); err != nil {
		t.Error(err)
	}
}

// A snapshot of one place is not taken for that of another.
func TestSwappedSnapshots(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	idA, idB := build(t, a, -1), build(t, b, 3)
	for _, f := range []string{"hot.blocks", "cold.blocks", "manifest.json", "seal"} {
		dir := filepath.Join(t.TempDir(), "data")
		copyTree(t, a, dir)
		other, err := os.ReadFile(filepath.Join(b, "snapshots", idB, f))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "snapshots", idA, f)
		same, _ := os.ReadFile(name)
		if err := os.WriteFile(name, other, 0o600); err != nil {
			t.Fatal(err)
		}
		d, _ := snapshot.OpenDir(dir)
		err = d.Verify(context.Background(), nil)
		if equal := string(same) == string(other); snapshot.IsDamaged(err) == equal {
			t.Errorf("%s of another snapshot: %v", f, err)
		}
	}
}
