package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"hash/fnv"
	"os"
	"slices"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// perturb writes a bank's file again: the rows in another order, and for some of its
// people every balance a thousand yuan or more higher.
func perturb(in, out string, percent float64) (err error) {
	text, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	header, rest, _ := bytes.Cut(text, []byte("\n"))
	columns, err := csv.NewReader(bytes.NewReader(append(header, '\n'))).Read()
	if err != nil {
		return err
	}
	balance := slices.Index(columns, "balance")
	if columns[0] != "id_number" || balance < 0 {
		return errors.New("not a bank's file as the generator writes it")
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	put := func(b []byte) { _, _ = w.Write(b) } // Flush tells of errors
	put(header)
	put([]byte("\n"))
	half := len(rest)/2 + bytes.IndexByte(rest[len(rest)/2:], '\n') + 1
	for _, part := range [...][]byte{rest[half:], rest[:half]} {
		for line := range bytes.Lines(part) {
			id, _, _ := bytes.Cut(line, []byte(","))
			h := fnv.New32a()
			h.Write(id)
			if float64(h.Sum32()%10000) >= percent*100 || bytes.IndexByte(line, '"') >= 0 {
				put(line)
				continue
			}
			for i, field := range bytes.SplitAfter(line, []byte(",")) {
				if i == balance && len(field) > 1 {
					put([]byte("1"))
				}
				put(field)
			}
		}
	}
	return w.Flush()
}

// heads reads the digest of every entry out of the profiles of two generations, as a
// comparison without the section of digests would.
func heads(ctx context.Context, gens ...store.Generation) error {
	for _, g := range gens {
		sum := byte(0)
		err := g.Walk(ctx, store.SectionPeople, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
			for i := range b.Len() {
				sum ^= b.Payload(i)[0] ^ byte(b.Num(i))
			}
			return b.High(), !b.Last(), nil
		})
		if err != nil {
			return err
		}
		_ = sum
	}
	return nil
}
