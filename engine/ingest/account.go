package ingest

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/snapshot"
)

// copyFaults writes the faults of the parsers, file after file, to the quarantine.
func (j *job) copyFaults(quarantine io.Writer) error {
	for _, f := range j.files {
		r, err := f.faults.read()
		if err != nil {
			return err
		}
		if _, err := io.Copy(quarantine, r); err != nil {
			return err
		}
		if err := f.faults.close(); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the accounting into the manifest and checks it.
func (j *job) fill(m *snapshot.Manifest, assemblers []*assembler) error {
	var byCode [connectors.NumCodes]int64
	sums := make([]snapshot.Total, len(j.o.Department.Amounts))
	institutions := map[string]string{}
	for _, a := range assemblers {
		for i := range a.counts {
			j.files[i].account.Add(a.counts[i])
		}
		for c, n := range a.byCode {
			byCode[c] += n
		}
		for i := range sums {
			sums[i].AddTotal(a.sums[i])
		}
		m.Persons += a.persons
		maps.Copy(institutions, a.institutions)
	}
	if len(institutions) > maxInstitutions {
		return errInstitutions
	}
	for i, f := range j.files {
		for c, n := range f.byCode {
			byCode[c] += n
		}
		if !f.account.Balanced() {
			return fmt.Errorf("internal error: the rows of file %d do not add up: %+v", i+1, f.account.Counts)
		}
		m.Files = append(m.Files, f.account)
		m.Counts.Add(f.account.Counts)
	}
	m.ByCode = map[string]int64{}
	total := int64(0)
	for c, n := range byCode {
		if n > 0 {
			m.ByCode[connectors.Code(c).String()] = n
			total += n
		}
	}
	if total != m.Counts.Quarantined || !m.Counts.Balanced() {
		return fmt.Errorf("internal error: the rows do not add up: %+v, %d by code", m.Counts, total)
	}
	for i, c := range j.o.Department.Amounts {
		m.Sums = append(m.Sums, snapshot.ColumnSum{Column: c.Name, Sum: sums[i]})
	}
	if j.o.Department.Source == household.Bank {
		m.Institutions = slices.Sorted(maps.Keys(institutions))
	}
	return nil
}
