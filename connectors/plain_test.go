package connectors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
)

func TestPlainDates(t *testing.T) {
	// Every byte at every place, beside every date.
	for _, date := range []string{"2026-10-31", "2024-02-29", "2023-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "2026-13-01", "2026-00-10"} {
		for at := range len(date) {
			for b := range 256 {
				s := []byte(date)
				s[at] = byte(b)
				want, ok := household.ParseDate(s)
				if got, plain := plainDate(s); plain && (!ok || got != want) {
					t.Fatalf("%q is %v", s, got)
				}
				if at >= 7 {
					continue
				}
				wantMonth, ok := household.ParseMonth(s[:7])
				if got, plain := plainMonth(s[:7]); plain && (!ok || got != wantMonth) {
					t.Fatalf("%q is %v", s[:7], got)
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(rapid.OneOf(rapid.StringMatching(`[0-9]{4}-[01][0-9]-[0-3][0-9]`), rapid.StringMatching(`[0-9 /.-]{5,12}`)).Draw(t, "date"))
		want, ok := household.ParseDate(s)
		got, plain := plainDate(s)
		if plain && (!ok || got != want) || ok && !plain && len(s) == 10 && bytes.Count(s, []byte("-")) == 2 {
			t.Fatalf("%q is %v %v, want %v %v", s, got, plain, want, ok)
		}
		m := s[:min(7, len(s))]
		wantMonth, ok := household.ParseMonth(m)
		gotMonth, plain := plainMonth(m)
		if plain && (!ok || gotMonth != wantMonth) || ok && !plain && len(m) == 7 && m[4] == '-' {
			t.Fatalf("%q is %v %v, want %v %v", m, gotMonth, plain, wantMonth, ok)
		}
	})
}

func TestPlainAmounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(rapid.OneOf(rapid.StringMatching(`[0-9]{1,14}(\.[0-9]{0,3})?`), rapid.StringMatching(`[0-9.,+-]{0,16}`)).Draw(t, "amount"))
		if got, plain := plainYuan(s); plain {
			if want, code := parseDecimal(s, unitYuan); code != OK || got != want || got > int64(household.MaxFen) {
				t.Fatalf("%q is %v, want %v %v", s, got, want, code)
			}
		}
	})
}

// A table of codes knows no text that the map does not, and all codes as they are
// written in the departments.
func TestCodeTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		codes := rapid.MapOf(rapid.OneOf(rapid.StringMatching(`[a-d]{0,3}`), rapid.String()), rapid.Uint8()).Draw(t, "codes")
		table := newCodeTable(codes)
		texts := rapid.SliceOf(rapid.OneOf(rapid.StringMatching(`[a-d]{0,3}`), rapid.String())).Draw(t, "texts")
		for text := range codes {
			texts = append(texts, text)
		}
		for _, text := range texts {
			want, known := codes[text]
			if got, ok := table.find([]byte(text)); ok && (!known || got != want) {
				t.Fatalf("%q is %d, want %d %v", text, got, want, known)
			}
		}
	})
	for _, list := range []household.CodeList{household.IncomeTypes, household.AccountKinds, household.InsuranceSchemes, household.VehicleClasses, household.PropertyKinds, household.DocumentTypes} {
		var m *Mapping
		table := newCodeTable(m.codesOf(&Column{Codes: list}))
		for i, c := range list[1:] {
			if got, ok := table.find([]byte(c.Name)); !ok || int(got) != i+1 {
				t.Errorf("%s is not in its table", c.Name)
			}
		}
	}
}

// Plain text needs nothing that other text may need.
func TestPlainText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(strings.Join(rapid.SliceOf(rapid.OneOf(
			rapid.StringMatching(`[一-龥0-9a-zA-Z ()]{0,6}`), rapid.String(),
			rapid.SampledFrom([]string{"\u3000", "\ufffd", "\u0085", "Ａ", "\xe4", "\xe4\xb8", "\xff", "\t", "\x7f", "㐀", "鿿", "ꀀ", " "}),
		)).Draw(t, "parts"), ""))
		if !isPlain(s) {
			return
		}
		text, _, state := appendText(encUTF8, nil, s)
		if state != textClean || !bytes.Equal(text, s) || !bytes.Equal(trim(s), trimSpaces(s)) || !bytes.Equal(foldWidth(nil, s), s) {
			t.Fatalf("%q is not plain", s)
		}
	})
}

// Plain text of GB18030 is what it is decoded to in general, and every common
// character is plain.
func TestPlainGB(t *testing.T) {
	plain := 0
	for lead := range 256 {
		for trail := range 256 {
			src := []byte{byte(lead), byte(trail)}
			got, ok := appendPlainGB([]byte("x"), src)
			if !ok {
				if string(got) != "x" {
					t.Fatalf("% x left %q behind", src, got)
				}
				continue
			}
			plain++
			if text, _, state := appendText(encGB18030, nil, src); state != textClean || string(got[1:]) != string(text) || !isPlain(text) {
				t.Fatalf("% x is %q, want %q", src, got[1:], text)
			}
		}
	}
	if plain < 20_900 {
		t.Errorf("only %d codes are plain", plain)
	}
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte{0xb0, 0xc4, 0x81, 0x30, 'a', '1', ' '})), 0, 12).Draw(t, "bytes")
		if got, ok := appendPlainGB(nil, src); ok {
			if text, _, state := appendText(encGB18030, nil, src); state != textClean || string(got) != string(text) || !isPlain(text) {
				t.Fatalf("% x is %q, want %q", src, got, text)
			}
		}
	})
}

// What the splitter says of a field is true.
func TestSplitKnowsASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 6).Draw(t, "rows") {
			fields := rapid.SliceOfN(rapid.OneOf(
				rapid.StringMatching(`[ -~]{0,12}`), rapid.StringMatching(`[一-龥]{0,4}`), rapid.StringMatching(`[a-z一\x00-\x1f\x7f]{0,4}`), rapid.Just(`"q`),
			), 1, rapid.SampledFrom([]int{5, 80}).Draw(t, "most")).Draw(t, "fields")
			fmt.Fprintf(&b, "%s%s", strings.Join(fields, ","), rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end"))
		}
		c := newCSVRows(strings.NewReader(b.String()), defaultMaxRow, 64)
		c.enc = encUTF8
		for {
			var r row
			if err := c.next(&r); errors.Is(err, io.EOF) {
				return
			}
			odd := false
			for i, f := range r.fields {
				odd = odd || !isPrintable(f)
				if r.ascii>>uint(i)&1 != 0 && !isPrintable(f) {
					t.Fatalf("field %d of %q is called ASCII", i, r.fields)
				}
			}
			if odd && !r.special {
				t.Fatalf("%q is not called special", r.fields)
			}
		}
	})
}
