package connectortest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Outcome is what became of one row: the record, or the fault.
type Outcome struct {
	Record household.Record // its text copied; of a quarantined row only who it is about
	Fault  *connectors.Fault
}

// File writes a file into a temporary folder and returns its path.
func File(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Mapping loads a mapping from its text.
func Mapping(t testing.TB, text string) *connectors.Mapping {
	t.Helper()
	m, err := connectors.LoadMapping(File(t, "mapping.yaml", []byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Read reads all tables of a file. It fails the test when the file is refused,
// when a row is not numbered in its order, or when a table goes on after its end.
func Read(t testing.TB, path string, d *connectors.Department, o connectors.Options) []Outcome {
	t.Helper()
	out, err := TryRead(t, path, d, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TryRead is Read for files that may be refused.
func TryRead(t testing.TB, path string, d *connectors.Department, o connectors.Options) ([]Outcome, error) {
	t.Helper()
	tables, err := connectors.Open(path, d, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, table := range tables {
			if err := table.Close(); err != nil {
				t.Error(err)
			}
		}
	}()
	var out []Outcome
	for _, table := range tables {
		rows := int64(0)
		for {
			var rec household.Record
			err := table.Next(&rec)
			if errors.Is(err, io.EOF) {
				break
			}
			var fault *connectors.Fault
			if err != nil && !errors.As(err, &fault) {
				return out, err
			}
			rows++
			if rec.Row != rows || fault != nil && fault.Row != rows {
				t.Fatalf("row %d came as %d", rows, rec.Row)
			}
			out = append(out, Outcome{Record: own(rec), Fault: fault})
		}
		var rec household.Record
		if err := table.Next(&rec); !errors.Is(err, io.EOF) {
			t.Fatalf("after its end the table gave %v", err)
		}
	}
	return out, nil
}

// own copies the text that a record borrows.
func own(r household.Record) household.Record {
	for _, b := range []*[]byte{
		&r.IDNumber, &r.Name, &r.Country, &r.Division, &r.Tax.RecordNo, &r.Tax.PayerName, &r.Tax.PayerCode, &r.Vehicle.VIN,
		&r.Vehicle.Plate, &r.Property.UnitCode, &r.Property.CertificateNo, &r.Property.Address, &r.Bank.Institution,
		&r.Bank.AccountNo, &r.Insurance.RecordNo, &r.Insurance.EmployerName, &r.Insurance.EmployerCode,
		&r.Register.FormerNames, &r.Register.FormerNumbers, &r.Register.HouseholdNo,
	} {
		if len(*b) == 0 {
			*b = nil
		}
		*b = bytes.Clone(*b)
	}
	return r
}
