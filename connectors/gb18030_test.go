package connectors

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestGB18030TwoBytes(t *testing.T) {
	base := simplifiedchinese.GB18030.NewDecoder()
	private := 0
	seen := make(map[rune][]byte)
	for lead := 0x81; lead <= 0xfe; lead++ {
		for trail := 0x40; trail <= 0xfe; trail++ {
			if trail == 0x7f {
				continue
			}
			code := []byte{byte(lead), byte(trail)}
			out, ok := appendGB18030(nil, code)
			r, n := utf8.DecodeRune(out)
			if !ok || n != len(out) || r == utf8.RuneError {
				t.Fatalf("%X is not one character: %q", code, out)
			}
			// A3A0 is the one code of the zones that the base decoder knows: everybody
			// writes it for the ideographic space.
			if before := seen[r]; before != nil && !bytes.Equal(code, []byte{0xa3, 0xa0}) {
				t.Errorf("%X and %X are both %U", before, code, r)
			}
			seen[r] = code
			if r >= 0xe000 && r <= 0xf8ff {
				private++
			}
			want, err := base.Bytes(code)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(want, []byte("\ufffd")) && !bytes.Equal(want, out) {
				t.Errorf("%X is %q, the base decoder has %q", code, out, want)
			}
		}
	}
	// The user-defined zones, and what the standard left without a character.
	if zones, left := 6*94+7*94+7*96-1, 174-1-18; private != zones+left {
		t.Errorf("%d private-use characters, want %d", private, zones+left)
	}
}

func TestGB18030Codes(t *testing.T) {
	tests := []struct {
		name, in, want string
		bad            bool
	}{
		{name: "plain", in: "abc", want: "abc"},
		{name: "common name", in: "\xcd\xf5\xd0\xe3\xd3\xa2", want: "王秀英"},
		{name: "zone 1 first", in: "\xaa\xa1", want: "\ue000"},
		{name: "zone 1 last", in: "\xaf\xfe", want: "\ue233"},
		{name: "zone 2 first", in: "\xf8\xa1", want: "\ue234"},
		{name: "zone 2 last", in: "\xfe\xfe", want: "\ue4c5"},
		{name: "zone 3 first", in: "\xa1\x40", want: "\ue4c6"},
		{name: "zone 3 last", in: "\xa7\xa0", want: "\ue765"},
		{name: "zone 3 over 7f", in: "\xa6\x80", want: "\ue6e5"},
		{name: "2022 ideograph", in: "\xfe\x59\xfe\x61\xfe\x66\xfe\x67\xfe\x6d\xfe\x7e\xfe\x90\xfe\xa0", want: "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb"},
		{name: "2022 vertical forms", in: "\xa6\xd9\xa6\xda\xa6\xdb\xa6\xdf\xa6\xec\xa6\xed\xa6\xf3", want: "\ufe10\ufe12\ufe11\ufe16\ufe17\ufe18\ufe19"},
		{name: "private by the standard", in: "\xa2\xab\xfe\x51\xd7\xfa\xa9\xf0", want: "\ue766\ue816\ue810\ue801"},
		{name: "2005", in: "\xa8\xbc", want: "ḿ"},
		{name: "four bytes", in: "\x82\x30\xb7\x31", want: "㛃"},
		{name: "four bytes of the same ideograph", in: "\x82\x35\x90\x37", want: "\u9fb4"},
		{name: "beyond the first plane", in: "\x95\x32\x82\x36", want: "\U00020000"},
		{name: "last", in: "\xe3\x32\x9a\x35", want: "\U0010ffff"},
		{name: "behind the last", in: "\xe3\x32\x9a\x36", bad: true},
		{name: "unassigned four bytes", in: "\x84\x31\xa5\x30", bad: true},
		{name: "a lost character", in: "\x84\x31\xa4\x37", bad: true},
		{name: "cut pair", in: "a\xcd", bad: true},
		{name: "cut four", in: "\x81\x30\x81", bad: true},
		{name: "bad third", in: "\x81\x30\x30\x30", bad: true},
		{name: "bad trail", in: "\xcd\x7f", bad: true},
		{name: "bad trail ff", in: "\xcd\xff", bad: true},
		{name: "low trail", in: "\xcd\x20", bad: true},
		{name: "lone 80", in: "\x80", bad: true},
		{name: "lone ff", in: "\xff", bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := appendGB18030([]byte("x"), []byte(tt.in))
			if ok == tt.bad {
				t.Fatalf("well formed: %v", ok)
			}
			if ok && string(got) != "x"+tt.want {
				t.Errorf("got %+q, want %+q", got[1:], tt.want)
			}
		})
	}
}

// FuzzGB18030 holds the decoder to valid UTF-8 without lost characters, to the
// walk over whole codes, and to the way back where the base encoder knows one.
func FuzzGB18030(f *testing.F) {
	f.Add([]byte("\xcd\xf5\xd0\xe3\xd3\xa2|\x81\x7c\x82\x30\xc3\x39\xaa\xa1\xfe\x59"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, ok := appendGB18030(nil, in)
		if !ok {
			return
		}
		if !utf8.Valid(out) || bytes.Contains(out, []byte("\ufffd")) {
			t.Fatalf("%x became %q", in, out)
		}
		codes := 0
		for rest := in; len(rest) > 0; rest = rest[gbWidth(rest):] {
			codes++
		}
		if codes != utf8.RuneCount(out) {
			t.Fatalf("%x has %d codes and %d characters", in, codes, utf8.RuneCount(out))
		}
	})
}
