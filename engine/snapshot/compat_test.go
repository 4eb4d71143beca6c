package snapshot_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
)

var update = flag.Bool("update", false, "write the data directory of today's format into testdata/compat")

const compat = "testdata/compat/v1"

// writeCompat makes a small data directory. It is only ever run to add a format.
func writeCompat(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(compat); err != nil {
		t.Fatal(err)
	}
	d, err := snapshot.OpenDir(compat)
	if err != nil {
		t.Fatal(err)
	}
	l, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	staging := filepath.Join(l.Tmp(), "snapshot")
	w, err := snapshot.NewWriter(staging, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b profile.Builder
	r := household.Record{Tax: household.TaxRecord{RecordNo: []byte("T1"), Period: household.MonthPeriod(24312), IncomeType: 1, Income: 400000}}
	b.Add(household.Tax, profile.Origin{File: 1, Row: 1}, profile.AppendOwner(nil, profile.Owner{Name: "王秀英"}), profile.AppendContent(nil, household.Tax, &r))
	cold := snapshot.AppendColdRecord(nil, 1, 1, snapshot.AppendText(nil, snapshot.PayerName, []byte("合肥市第一公司")), nil)
	if err := w.Add(household.PersonKey{Num: 11010519491231002}, b.Append(nil), cold); err != nil {
		t.Fatal(err)
	}
	c := snapshot.Counts{RowsIn: 3, Accepted: 1, Quarantined: 1, Duplicates: 1}
	m := &snapshot.Manifest{
		Source: household.Tax, Provider: "tax", AsOf: 20261031, Counts: c, ByCode: map[string]int64{"bad_period": 1}, Persons: 1,
		Files: []snapshot.FileAccount{{Name: "tax.csv", Bytes: 1, SHA256: "00", FileFormat: "csv", Encoding: "utf-8", Counts: c}},
	}
	m.Covers, _ = household.ParseMonths("2026-01..2026-10")
	digest, err := w.Seal(m)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err = l.Adopt(staging, m, digest); err != nil {
		t.Fatal(err)
	}
	e := snapshot.Entry{ID: m.ID, Source: m.Source, Provider: m.Provider, AsOf: m.AsOf, Covers: m.Covers, State: snapshot.Active, Accepted: 1, Persons: 1, Manifest: digest}
	if err := errors.Join(l.SetCatalogue([]snapshot.Entry{e}), l.Unlock()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(compat, "lock")), os.Remove(filepath.Join(compat, "tmp"))); err != nil {
		t.Fatal(err)
	}
}

// What an earlier program wrote is read for ever.
func TestCompat(t *testing.T) {
	if *update {
		writeCompat(t)
	}
	d, err := snapshot.OpenDir(compat)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	list, err := d.List()
	if err != nil || len(list) != 1 || list[0].Covers.String() != "2026-01..2026-10" {
		t.Fatal(list, err)
	}
	s, err := d.Open(list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key, entry, err := s.Entries().Next()
	if err != nil || key.Num != 11010519491231002 {
		t.Fatal(err)
	}
	var p profile.Profile
	if err := profile.Decode(entry, &p); err != nil || len(p.Tax) != 1 || p.Tax[0].Income != 400000 || p.Owners[0].Name != "王秀英" {
		t.Errorf("%+v %v", p, err)
	}
	if text, ok, err := s.Cold(key, 1, 1); err != nil || !ok || len(text) != 1 || text[0].Value != "合肥市第一公司" {
		t.Errorf("%v %v %v", text, ok, err)
	}
}

// A format that this program does not know is refused by that name, also when
// every checksum is right.
func TestUnknownFormat(t *testing.T) {
	d, _ := snapshot.OpenDir(compat)
	list, err := d.List()
	if err != nil {
		t.Fatal(err)
	}
	id := list[0].ID
	pages := func(b []byte) []byte {
		b[4]++
		binary.LittleEndian.PutUint64(b[56:], xxhash.Sum64(b[:56]))
		return b
	}
	json := func(b []byte) []byte { return bytes.Replace(b, []byte(`"format": 1`), []byte(`"format": 2`), 1) }
	for file, change := range map[string]func([]byte) []byte{
		"snapshots/" + id + "/hot.blocks": pages, "snapshots/" + id + "/cold.blocks": pages,
		"snapshots/" + id + "/manifest.json": json, "catalogue.json": json,
	} {
		dir := filepath.Join(t.TempDir(), "data")
		copyTree(t, compat, dir)
		name := filepath.Join(dir, filepath.FromSlash(file))
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b = change(b)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "manifest.json") {
			sum := sha256.Sum256(b)
			seal := "hedui-seal 1 " + hex.EncodeToString(sum[:]) + "\n"
			if err := os.WriteFile(filepath.Join(filepath.Dir(name), "seal"), []byte(seal), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d, _ := snapshot.OpenDir(dir)
		if _, err := d.Open(id); !errors.Is(err, snapshot.ErrFormat) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestNeedSpace(t *testing.T) {
	d, _ := snapshot.OpenDir(t.TempDir())
	l, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.NeedSpace(1); err != nil {
		t.Error(err)
	}
	var space *snapshot.SpaceError
	if err := l.NeedSpace(1 << 60); !errors.As(err, &space) || space.Need != 1<<60 || space.Free <= 0 || !strings.Contains(err.Error(), "MiB needed") {
		t.Error(err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
}
