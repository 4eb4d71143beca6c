package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// citizen is a person of the register, as a household would declare them.
type citizen struct {
	number, name, idType, birth, sex string
	division, house                  string
}

// id is how the truth names a person.
func (c *citizen) id() string {
	if c.idType == "" || c.idType == "resident_id" || c.idType == "hmt_permit" {
		return c.number
	}
	return c.idType + ":" + c.number
}

const nobody = int32(-1)

// truth is whose every record of the departments is, and what was done to it.
type truth struct {
	people  []citizen
	index   map[string]int32
	owner   [household.NumChecked][]int32  // by source and row
	codes   [household.NumChecked][]uint32 // bits into names
	names   []string                       // of corruptions
	records int
}

func readTruth(dir string) (*truth, error) {
	t := &truth{index: map[string]int32{}}
	if err := t.readRegister(filepath.Join(dir, "register.csv")); err != nil {
		return nil, err
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		if err := t.readFile(filepath.Join(dir, s.String()+".csv"), s); err != nil {
			return nil, err
		}
	}
	return t, t.readIdentity(filepath.Join(dir, "identity.csv"))
}

// rows calls fn with the wanted columns of every data row.
func rows(path string, want []string, fn func(cells []string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := make([]int, len(want))
	for i, w := range want {
		if at[i] = slices.Index(header, w); at[i] < 0 {
			return fmt.Errorf("%s has no column %s", path, w)
		}
	}
	cells := make([]string, len(want))
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i, c := range at {
			cells[i] = record[c]
		}
		if err := fn(cells); err != nil {
			return err
		}
	}
}

// has reports whether a kind of corruption was done to a row.
func (t *truth) has(s household.Source, row int, code string) bool {
	i := slices.Index(t.names, code)
	return i >= 0 && row < len(t.codes[s]) && t.codes[s][row]>>i&1 != 0
}

func (t *truth) readRegister(path string) error {
	return rows(path, []string{"id_number", "name", "id_type", "birth_date", "sex", "division", "household_no"}, func(c []string) error {
		p := citizen{number: strings.Clone(c[0]), name: strings.Clone(c[1]), idType: strings.Clone(c[2]), birth: strings.Clone(c[3]), sex: strings.Clone(c[4]), division: strings.Clone(c[5]), house: strings.Clone(c[6])}
		// Two people with one number are both asked for; the truth names the first.
		if _, ok := t.index[p.id()]; !ok {
			t.index[p.id()] = int32(len(t.people))
		}
		t.people = append(t.people, p)
		return nil
	})
}

func (t *truth) readFile(path string, s household.Source) error {
	t.owner[s], t.codes[s] = []int32{nobody}, []uint32{0} // rows count from 1
	return rows(path, []string{"id_number", "id_type"}, func(c []string) error {
		// Rows of planted households may be written in another lossless form.
		p := citizen{number: match.NumberText([]byte(c[0])), idType: c[1]}
		owner, ok := t.index[p.id()]
		if !ok {
			owner = nobody
		}
		t.owner[s] = append(t.owner[s], owner)
		t.codes[s] = append(t.codes[s], 0)
		t.records++
		return nil
	})
}

func (t *truth) readIdentity(path string) error {
	return rows(path, []string{"source", "row", "person", "corruption"}, func(c []string) error {
		s, ok := household.ParseSource(c[0])
		row, err := strconv.Atoi(c[1])
		if !ok || err != nil || row < 1 || row >= len(t.owner[s]) {
			return fmt.Errorf("%s: a row that no file has", path)
		}
		owner, ok := t.index[c[2]]
		if !ok {
			owner = nobody
		}
		t.owner[s][row] = owner
		for name := range strings.SplitSeq(c[3], "+") {
			i := slices.Index(t.names, name)
			if i < 0 {
				i = len(t.names)
				t.names = append(t.names, strings.Clone(name))
			}
			t.codes[s][row] |= 1 << i
		}
		return nil
	})
}
