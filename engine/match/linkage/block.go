package linkage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// keyPart derives a part of a blocking key from a field: the whole value, its first
// or last characters (first4, last3), the year of a date, or soundex.
type keyPart struct {
	field int
	how   string
	n     int
}

func parseKey(m *Model, text string) (keyPart, error) {
	name, how, derived := strings.Cut(text, ":")
	k := keyPart{field: m.field(name), how: how}
	if k.field < 0 {
		return k, fmt.Errorf("unknown field %q", name)
	}
	if !derived || how == "year" || how == "soundex" {
		return k, nil
	}
	for _, prefix := range []string{"first", "last"} {
		if digits, ok := strings.CutPrefix(how, prefix); ok {
			n, err := strconv.Atoi(digits)
			if err == nil && n > 0 && n <= maxRunes {
				k.how, k.n = prefix, n
				return k, nil
			}
		}
	}
	return k, fmt.Errorf("unknown key %q, want first4, last4, year or soundex", how)
}

// of is the part for a value, or "" when the value is missing or too short.
func (k keyPart) of(v *value) string {
	switch k.how {
	case "first", "last":
		if len(v.runes) < k.n {
			return ""
		}
		if k.how == "first" {
			return string(v.runes[:k.n])
		}
		return string(v.runes[len(v.runes)-k.n:])
	case "year":
		return v.text[:min(4, len(v.text))]
	case "soundex":
		return soundex(v.text)
	}
	return v.text
}

// soundex is the American phonetic code of a Latin word, "" for anything else.
func soundex(s string) string {
	const codes = "01230120022455012623010202"
	var out []byte
	last := byte('0')
	for _, r := range s {
		if r < 'a' || r > 'z' {
			continue
		}
		code := codes[r-'a']
		switch {
		case len(out) == 0:
			out = append(out, byte(r))
		case code != '0' && code != last:
			out = append(out, code)
		}
		if r != 'h' && r != 'w' {
			last = code
		}
		if len(out) == 4 {
			break
		}
	}
	for len(out) > 0 && len(out) < 4 {
		out = append(out, '0')
	}
	return string(out)
}

// pair is two records by their places in content order, the smaller first.
type pair struct{ a, b int32 }

// candidates are the pairs that some rule brings together, each once, and the
// number of blocks passed over because they were too large.
func (d *Data) candidates() (pairs []pair, skipped int, err error) {
	for _, rule := range d.model.Blocking {
		parts := make([]keyPart, len(rule))
		for i, text := range rule {
			if parts[i], err = parseKey(d.model, text); err != nil {
				return nil, 0, err
			}
		}
		blocks := map[string][]int32{}
		for i := range d.records {
			if key, ok := blockKey(parts, &d.records[i]); ok {
				blocks[key] = append(blocks[key], int32(i))
			}
		}
		for _, block := range blocks {
			if len(block) > d.model.MaxBlock {
				skipped++
				continue
			}
			for i, a := range block {
				for _, b := range block[i+1:] {
					if !d.two || d.records[a].side != d.records[b].side {
						pairs = append(pairs, pair{a, b})
					}
				}
			}
		}
	}
	slices.SortFunc(pairs, comparePairs)
	return slices.Compact(pairs), skipped, nil
}

func comparePairs(x, y pair) int {
	if x.a != y.a {
		return int(x.a - y.a)
	}
	return int(x.b - y.b)
}

func blockKey(parts []keyPart, r *record) (string, bool) {
	var key strings.Builder
	for _, p := range parts {
		part := p.of(&r.values[p.field])
		if part == "" {
			return "", false
		}
		key.WriteString(part)
		key.WriteByte(0)
	}
	return key.String(), true
}

// pairsInAll is the number of pairs that blocking chooses from.
func (d *Data) pairsInAll() float64 {
	if !d.two {
		n := float64(len(d.records))
		return n * (n - 1) / 2
	}
	left := 0
	for i := range d.records {
		if d.records[i].side == 0 {
			left++
		}
	}
	return float64(left) * float64(len(d.records)-left)
}
