package linkage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The derived parts of a blocking key; first and last carry a number.
const (
	keyFirst   = "first"
	keyLast    = "last"
	keyYear    = "year"
	keySoundex = "soundex"
	keyWord    = "word"
	keyFolded  = "folded"
	keyPinyin  = "pinyin"
	keyBirth   = "birth"
	keyCounty  = "county"
)

// keyPart derives a part of a blocking key from a field. Two of them, word and
// pinyin, give several keys for one value.
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
	kind := m.Fields[k.field].Kind
	switch {
	case !derived, how == keyYear, how == keySoundex, how == keyWord:
		return k, nil
	case how == keyFolded || how == keyPinyin:
		if kind != kindHanName {
			return k, fmt.Errorf("key %q is for fields of kind %s", how, kindHanName)
		}
		return k, nil
	case how == keyBirth || how == keyCounty:
		if kind != kindResident {
			return k, fmt.Errorf("key %q is for fields of kind %s", how, kindResident)
		}
		return k, nil
	}
	for _, prefix := range []string{keyFirst, keyLast} {
		if digits, ok := strings.CutPrefix(how, prefix); ok {
			n, err := strconv.Atoi(digits)
			if err == nil && n > 0 && n <= maxRunes {
				k.how, k.n = prefix, n
				return k, nil
			}
		}
	}
	return k, fmt.Errorf("unknown key %q, want first4, last4, year, soundex, word, folded, pinyin, birth or county", how)
}

// several reports whether a value may have more than one key.
func (k keyPart) several() bool { return k.how == keyWord || k.how == keyPinyin }

// of is the part for a value, or "" when the value is missing or too short.
func (k keyPart) of(d *Data, id int32) string {
	dict := d.dictOf[k.field]
	v := &dict.values[id]
	switch k.how {
	case keyFirst:
		return firstRunes(v, k.n)
	case keyLast:
		return lastRunes(v, k.n)
	case keyYear:
		return v.text[:min(4, len(v.text))]
	case keySoundex:
		return soundex(v.text)
	case keyFolded:
		// A name with an illegible character is not found by its keys.
		if id == 0 || dict.names[id].Lost() > 0 {
			return ""
		}
		return dict.names[id].FoldedKey()
	case keyBirth:
		return residentPart(v.text, 6, 14)
	case keyCounty:
		return residentPart(v.text, 0, 6)
	}
	return v.text
}

// maxKeys is the most keys that one value has for a part with several.
const maxKeys = 32

// all is of for a part with several keys.
func (k keyPart) all(d *Data, id int32) []string {
	var keys []string
	if k.how == keyWord {
		keys = d.wordsOf(k.field)[id]
	} else if id != 0 && d.dictOf[k.field].names[id].Lost() == 0 {
		keys, _ = d.dictOf[k.field].names[id].PinyinKeys()
	}
	return keys[:min(len(keys), maxKeys)]
}

// residentPart is a part of a resident number of 18 characters.
func residentPart(text string, from, to int) string {
	if len(text) != 18 {
		return ""
	}
	return text[from:to]
}

func firstRunes(v *value, n int) string {
	if int(v.runes) < n {
		return ""
	}
	if v.ascii {
		return v.text[:n]
	}
	at := 0
	for range n {
		_, size := utf8.DecodeRuneInString(v.text[at:])
		at += size
	}
	return v.text[:at]
}

func lastRunes(v *value, n int) string {
	if int(v.runes) < n {
		return ""
	}
	at := len(v.text)
	for range n {
		_, size := utf8.DecodeLastRuneInString(v.text[:at])
		at -= size
	}
	return v.text[at:]
}

// keyTable is what a part makes of every value: a number for each different key,
// 0 for none.
type keyTable struct {
	single  []int32   // by value id
	several [][]int32 // by value id, in ascending order, for parts with several keys
	keys    int       // one more than the largest number
}

func (d *Data) keyTable(k keyPart) *keyTable {
	values := d.dictOf[k.field].values
	t := &keyTable{}
	if k.how == "" { // the value is its own key
		t.keys = len(values)
		return t
	}
	numbers := map[string]int32{"": 0}
	number := func(key string) int32 {
		id, ok := numbers[key]
		if !ok {
			id = int32(len(numbers))
			numbers[key] = id
		}
		return id
	}
	if k.several() {
		t.several = make([][]int32, len(values))
		for id := range values {
			for _, key := range k.all(d, int32(id)) {
				t.several[id] = append(t.several[id], number(key))
			}
			slices.Sort(t.several[id])
		}
	} else {
		t.single = make([]int32, len(values))
		for id := range values {
			t.single[id] = number(k.of(d, int32(id)))
		}
	}
	t.keys = len(numbers)
	return t
}

// of is the number of a value's key.
func (t *keyTable) of(id int32) int32 {
	if t.single == nil {
		return id
	}
	return t.single[id]
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
