package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/store"
)

// sampled is how a sample of households fared among more people.
type sampled struct {
	Households, Collided int
	Reference            int // whose verdict by the reference pack differs
	Outcomes, Findings   int // by the pack with weaker links: outcome, findings without amounts of proof
	Counted              int // counts of links
	Notes                int // tiers, uses or reasons of links
	Changes              map[string]int
	First                string // difference by the reference pack
}

// sample asks for the same households twice: among the people of their province, and
// with three times as many of another one in the same files.
func sample(ctx context.Context, o options, n int, dir string, seed uint64) (sampled, error) {
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for _, x := range []struct {
		out    string
		people int
		seed   uint64
	}{{a, o.people, seed}, {b, 3 * o.people, seed + 1000}} {
		log.Printf("generating %d people", x.people)
		if _, err := province.Generate(ctx, province.Options{People: x.people, Seed: x.seed, Out: x.out, Corrupt: o.corrupt, Register: true}); err != nil {
			return sampled{}, err
		}
	}
	if err := moveAway(b); err != nil {
		return sampled{}, err
	}
	requests, err := spread(filepath.Join(a, "batch.jsonl"), 2*n)
	if err != nil {
		return sampled{}, err
	}
	kept, collided, err := unknownTo(b, requests)
	if err != nil {
		return sampled{}, err
	}
	kept = kept[:min(n, len(kept))]
	small, large := filepath.Join(dir, "small"), filepath.Join(dir, "large")
	log.Printf("taking in %d people", o.people)
	if err := deploy(ctx, small, o.register, a); err != nil {
		return sampled{}, err
	}
	log.Printf("taking in %d people", 4*o.people)
	if err := deploy(ctx, large, o.register, a, b); err != nil {
		return sampled{}, err
	}
	r, err := compareIn(ctx, small, large, kept)
	r.Collided = collided
	return r, err
}

// spread picks lines from a whole file.
func spread(path string, n int) (out [][]byte, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	n = min(n, len(lines))
	for i := range n {
		out = append(out, []byte(lines[len(lines)*i/n]))
	}
	return out, nil
}

// unknownTo leaves out the requests with a member whose number a file of a province
// has: by chance, two provinces give out one number twice.
func unknownTo(dir string, requests [][]byte) (kept [][]byte, collided int, err error) {
	asked := map[household.PersonKey]bool{}
	keys := make([][]household.PersonKey, len(requests))
	for i, line := range requests {
		r, err := household.ParseRequest(line)
		if err != nil {
			continue // is answered without a look
		}
		for k := range r.Members {
			d := match.ParseDocument(r.Members[k].IDType, []byte(r.Members[k].IDNumber))
			keys[i] = append(keys[i], d.Key)
			asked[d.Key] = false
		}
	}
	for s := household.Tax; s < household.NumSources; s++ {
		err := rows(filepath.Join(dir, s.String()+".csv"), []string{"id_number", "id_type"}, func(c []string) error {
			t, _ := household.DocumentTypes.Find(c[1])
			d := match.ParseDocument(household.DocumentType(t), []byte(c[0]))
			if _, ok := asked[d.Key]; ok {
				asked[d.Key] = true
			}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	for i, line := range requests {
		if slices.ContainsFunc(keys[i], func(k household.PersonKey) bool { return asked[k] }) {
			collided++
		} else {
			kept = append(kept, line)
		}
	}
	return kept, collided, nil
}

// moveAway moves a province elsewhere: two of them number their households and their
// people alike. Divisions and numbers get another first digit, and the check character
// that makes a number as right or wrong as it was.
func moveAway(dir string) error {
	for s := household.Tax; s < household.NumSources; s++ {
		path := filepath.Join(dir, s.String()+".csv")
		err := rewrite(path, func(column, cell string) string {
			switch {
			case cell == "":
			case column == "household_no":
				return "B" + cell
			case column == "division":
				return "7" + cell[1:]
			case column == "id_number":
				return elsewhere(cell)
			case column == "former_numbers":
				parts := strings.Split(cell, ";")
				for i := range parts {
					parts[i] = elsewhere(parts[i])
				}
				return strings.Join(parts, ";")
			}
			return cell
		})
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// elsewhere is a resident number, whole, masked or mistyped, of another province.
func elsewhere(number string) string {
	b := []byte(number)
	if len(b) < 15 || b[0] < '1' || b[0] > '6' {
		return number
	}
	moved := int('7' - b[0])
	b[0] = '7'
	if last := strings.IndexByte("0123456789X", b[len(b)-1]); len(b) == 18 && last >= 0 {
		b[17] = "0123456789X"[((last-7*moved)%11+11)%11]
	}
	return string(b)
}

// rewrite replaces cells of a file.
func rewrite(path string, change func(column, cell string) string) (err error) {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	r, w := csv.NewReader(bufio.NewReaderSize(in, 1<<20)), csv.NewWriter(bufio.NewWriterSize(out, 1<<20))
	r.ReuseRecord = true
	var header []string
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.Join(err, out.Close())
		}
		if header == nil {
			header = slices.Clone(record)
		} else {
			for i, cell := range record {
				record[i] = change(header[i], cell)
			}
		}
		if err := w.Write(record); err != nil {
			return errors.Join(err, out.Close())
		}
	}
	w.Flush()
	if err := errors.Join(w.Error(), out.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// compareIn verifies requests in two data directories by both packs.
func compareIn(ctx context.Context, small, large string, requests [][]byte) (sampled, error) {
	r := sampled{Households: len(requests), Changes: map[string]int{}}
	for _, pack := range []string{"reference", "reference_links"} {
		before, err := answers(ctx, small, pack, requests)
		if err != nil {
			return r, err
		}
		after, err := answers(ctx, large, pack, requests)
		if err != nil {
			return r, err
		}
		for i := range before {
			if pack == "reference" {
				r.reference(before[i], after[i])
			} else {
				r.links(before[i], after[i])
			}
		}
	}
	return r, nil
}

type object = map[string]any

// reference compares all of two verdicts but ids.
func (r *sampled) reference(a, b object) {
	if reflect.DeepEqual(a, b) {
		return
	}
	if r.Reference++; r.First == "" {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		r.First = string(x) + "\n" + string(y)
	}
}

// links compares the parts of two verdicts that uniqueness and rarity of a name may
// change, one by one.
func (r *sampled) links(a, b object) {
	differ := func(get func(object) any) int {
		if reflect.DeepEqual(get(a), get(b)) {
			return 0
		}
		return 1
	}
	r.Outcomes += differ(func(v object) any { return v["outcome"] })
	r.Findings += differ(func(v object) any { return v["findings"] })
	r.Counted += differ(func(v object) any {
		links, _ := v["links"].(object)
		return []any{links["strong"], links["review"], links["conflicts"], links["hidden"], links["turned_down"]}
	})
	x, y := notes(a), notes(b)
	if slices.Equal(x, y) {
		return
	}
	r.Notes++
	for _, s := range x {
		if i := slices.Index(y, s); i >= 0 {
			y = slices.Delete(y, i, i+1)
		} else {
			r.Changes["no longer: "+s]++
		}
	}
	for _, s := range y {
		r.Changes["new: "+s]++
	}
}

// notes are the notes of links without bits, which depend on how common names are.
func notes(v object) (out []string) {
	links, _ := v["links"].(object)
	list, _ := links["notes"].([]any)
	for _, n := range list {
		n := n.(object)
		out = append(out, fmt.Sprint(n["tier"], " ", n["use"], " ", n["reasons"]))
	}
	slices.Sort(out)
	return out
}

// answers verifies requests from the current generation of a data directory.
func answers(ctx context.Context, data, pack string, requests [][]byte) (out []object, err error) {
	s, err := store.OpenDir(data)
	if err != nil {
		return nil, err
	}
	id, err := s.Current()
	if err != nil {
		return nil, err
	}
	gen, err := s.Open(id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, gen.Close()) }()
	v, err := verifierBy(ctx, gen, pack)
	if err != nil {
		return nil, err
	}
	w := v.Worker()
	var plan engine.Plan
	for i, line := range requests {
		w.Prepare(line, int64(i+1), &plan)
		verdict, err := w.Look(ctx, gen, &plan)
		if err != nil {
			return nil, err
		}
		var o object
		if err := json.Unmarshal(verdict.AppendJSON(nil), &o); err != nil {
			return nil, err
		}
		out = append(out, withoutIDs(o))
	}
	return out, nil
}

// withoutIDs takes the ids of generation and snapshots out, which are of the content.
func withoutIDs(v object) object {
	delete(v, "generation")
	drop := func(list any) {
		items, _ := list.([]any)
		for _, x := range items {
			delete(x.(object), "snapshot")
		}
	}
	findings, _ := v["findings"].([]any)
	for _, f := range findings {
		drop(f.(object)["evidence"])
	}
	coverage, _ := v["coverage"].(object)
	for _, c := range coverage {
		drop(c.(object)["providers"])
	}
	return v
}

// print says what came out and reports whether the reference pack changed its mind.
func (r *sampled) print(out io.Writer, people int) (failed bool) {
	fmt.Fprintf(out, "sample: %d households of %d people, again among %d; %d others left out because the other province has a number of theirs\n", r.Households, people, 4*people, r.Collided)
	fmt.Fprintf(out, "reference: %d verdicts differ\n", r.Reference)
	fmt.Fprintf(out, "reference_links: %d outcomes, %d lists of findings, %d counts of links, %d households' notes differ\n", r.Outcomes, r.Findings, r.Counted, r.Notes)
	for _, k := range slices.Sorted(maps.Keys(r.Changes)) {
		fmt.Fprintf(out, "  %d × %s\n", r.Changes[k], k)
	}
	if r.First != "" {
		fmt.Fprintln(out, r.First)
	}
	return r.Reference > 0 || r.Households == 0
}
