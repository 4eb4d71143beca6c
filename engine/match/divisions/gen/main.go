// Command gen derives the division table from a list of codes, names and the
// first and last published list each was seen in.
package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

type row struct{ code, name, from, to, successor string }

func main() {
	in := flag.String("in", "", "TSV: code, name, first_seen, last_seen (2006-01, empty when current)")
	out := flag.String("out", "table.txt", "derived table")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	f, err := os.Open(in)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := read(bufio.NewScanner(f))
	if err != nil {
		return err
	}
	derive(rows)
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\n", r.code, r.from, r.to, r.successor, r.name)
	}
	return os.WriteFile(out, []byte(b.String()), 0o644)
}

func read(s *bufio.Scanner) ([]row, error) {
	var rows []row
	for line := 1; s.Scan(); line++ {
		t := strings.TrimSuffix(s.Text(), "\r")
		if t == "" || t[0] == '#' || strings.HasPrefix(t, "code\t") {
			continue
		}
		c := strings.Split(t, "\t")
		if len(c) != 4 || len(c[0]) != 6 || len(c[2]) != 7 || len(c[3]) != 0 && len(c[3]) != 7 {
			return nil, fmt.Errorf("line %d: want code, name, first month, last month", line)
		}
		rows = append(rows, row{code: c[0], name: c[1], from: strings.Replace(c[2], "-", "", 1), to: strings.Replace(c[3], "-", "", 1)})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.from, b.from)) })
	return rows, s.Err()
}

// derive fills in successors: the same code under its next name, or the only
// code of the same name (without 县, 市, 区) that appears in the very next list,
// looked for in the prefecture, then the province, then the country.
func derive(rows []row) {
	var lists []string
	live := map[string]bool{} // code of a row that begins it
	for i, r := range rows {
		lists = append(lists, r.from)
		live[r.code+r.from] = i == 0 || rows[i-1].code != r.code
	}
	slices.Sort(lists)
	lists = slices.Compact(lists)
	begins := map[string][]row{}
	for _, r := range rows {
		begins[r.from] = append(begins[r.from], r)
	}
	for i := range rows {
		r := &rows[i]
		if r.to == "" {
			continue
		}
		if i+1 < len(rows) && rows[i+1].code == r.code {
			if stem(rows[i+1].name) == stem(r.name) || adjacent(lists, r.to, rows[i+1].from) {
				r.successor = r.code
				continue
			}
		}
		at, _ := slices.BinarySearch(lists, r.to+"~")
		if at == len(lists) || strings.HasSuffix(r.name, "市辖区") || len([]rune(stem(r.name))) < 2 {
			continue
		}
		for _, n := range []int{4, 2, 0} {
			var found []string
			for _, o := range begins[lists[at]] {
				if o.code != r.code && level(o.code) == level(r.code) && live[o.code+o.from] &&
					strings.HasPrefix(o.code, r.code[:n]) && stem(o.name) == stem(r.name) {
					found = append(found, o.code)
				}
			}
			if len(found) == 1 {
				r.successor = found[0]
			}
			if len(found) > 0 {
				break
			}
		}
	}
}

func adjacent(lists []string, to, from string) bool {
	at, _ := slices.BinarySearch(lists, to+"~")
	return at < len(lists) && lists[at] == from
}

func level(code string) int {
	switch {
	case code[2:] == "0000":
		return 1
	case code[4:] == "00":
		return 2
	}
	return 3
}

func stem(name string) string {
	for _, s := range []string{"自治县", "地区", "县", "市", "区"} {
		if t, ok := strings.CutSuffix(name, s); ok && len([]rune(t)) >= 2 {
			return t
		}
	}
	return name
}
