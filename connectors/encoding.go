package connectors

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// encoding is how the bytes of a file's text are read.
type encoding uint8

const (
	encUnknown encoding = iota // only ASCII was seen so far
	encUTF8
	encGB18030
)

func (e encoding) String() string {
	if e == encGB18030 {
		return "gb18030"
	}
	return "utf-8"
}

// parseEncoding reads the name of an encoding; GBK and GB2312 are read as
// GB18030, which contains them.
func parseEncoding(name string) (encoding, error) {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "", "auto":
		return encUnknown, nil
	case "utf-8", "utf8":
		return encUTF8, nil
	case "gb18030", "gbk", "gb2312", "cp936":
		return encGB18030, nil
	}
	return encUnknown, fmt.Errorf("unknown encoding %q: use utf-8 or gb18030", name)
}

// judgeEncoding decides by the lines of a sample. Every line with non-ASCII
// bytes votes for the encoding it is well formed in, for UTF-8 where it is in
// both; UTF-8 wins a tie. One broken line so never turns a file over. A sample
// without a vote is UTF-8, whose strictness then shows what is wrong.
func judgeEncoding(sample []byte, whole bool) encoding {
	utf, gb := 0, 0
	var scratch []byte
	for len(sample) > 0 {
		line := sample
		if i := bytes.IndexAny(sample, "\r\n"); i >= 0 {
			line, sample = sample[:i], sample[i+1:]
		} else {
			// The sample may end within a character.
			if !whole && utf+gb > 0 {
				break
			}
			sample = nil
			if !whole {
				line = line[:max(0, len(line)-3)]
				for len(line) > 0 && line[len(line)-1] >= utf8.RuneSelf {
					line = line[:len(line)-1]
				}
			}
		}
		if isASCII(line) {
			continue
		}
		if utf8.Valid(line) {
			utf++
		} else {
			var ok bool
			if scratch, ok = appendGB18030(scratch[:0], line); ok {
				gb++
			}
		}
	}
	if gb > utf {
		return encGB18030
	}
	return encUTF8
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// textState says what a field's bytes are as text.
type textState uint8

const (
	textClean   textState = iota
	textBroken            // not well formed, or holds U+FFFD, the trace of a lost character
	textControl           // well formed, with control characters
	textBreaks            // well formed, with tabs or line breaks and no other control characters
)

// appendText appends raw as UTF-8, or returns raw itself where that needs no
// change (dst is then as it was), and says what kind of text it is.
func appendText(enc encoding, dst, raw []byte) (text, out []byte, state textState) {
	text, out = raw, dst
	plain := true
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			plain = false
		} else if c < ' ' || c == 0x7f {
			if c == '\t' || c == '\r' || c == '\n' {
				state = max(state, textClean)
				if state == textClean {
					state = textBreaks
				}
			} else {
				state = textControl
			}
		}
	}
	if plain {
		return text, out, state
	}
	if enc == encGB18030 {
		n := len(dst)
		var ok bool
		if out, ok = appendGB18030(dst, raw); !ok {
			return nil, dst, textBroken
		}
		text = out[n:len(out):len(out)]
	} else if !utf8.Valid(raw) {
		return nil, dst, textBroken
	}
	if bytes.Contains(text, []byte("\ufffd")) {
		return nil, dst, textBroken
	}
	// C1 controls are no characters of any text either.
	for i := 0; i+1 < len(text); i++ {
		if text[i] == 0xc2 && text[i+1] >= 0x80 && text[i+1] <= 0x9f {
			return text, out, textControl
		}
	}
	return text, out, state
}

// foldWidth returns text with full-width ASCII and the ideographic space as
// their ASCII forms. It returns text itself where there are none.
func foldWidth(dst, text []byte) []byte {
	dst = dst[:0]
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			dst = append(dst, byte(r-0xff01+'!'))
		case r == 0x3000:
			dst = append(dst, ' ')
		default:
			dst = append(dst, text[i:i+n]...)
		}
		i += n
	}
	return dst
}

// trim drops spaces, tabs, line breaks and ideographic spaces around text.
func trim(s []byte) []byte {
	for len(s) > 0 {
		if c := s[0]; c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			s = s[1:]
		} else if c == 0xe3 && bytes.HasPrefix(s, []byte("\u3000")) {
			s = s[3:]
		} else {
			break
		}
	}
	for len(s) > 0 {
		if c := s[len(s)-1]; c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			s = s[:len(s)-1]
		} else if c == 0x80 && bytes.HasSuffix(s, []byte("\u3000")) {
			s = s[:len(s)-3]
		} else {
			break
		}
	}
	return s
}
