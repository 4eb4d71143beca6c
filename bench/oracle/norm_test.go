package oracle

import (
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestReadDocument(t *testing.T) {
	for _, c := range []struct {
		name, kind, raw, number string
		valid                   bool
	}{
		{"published example", "resident_id", "11010519491231002X", "11010519491231002X", true},
		{"lower case x, spaces", "resident_id", " 110105 19491231002x", "11010519491231002X", true},
		{"full width", "resident_id", "４４０５２４188001010014", "440524188001010014", true},
		{"wrong check character", "resident_id", "110105194912310021", "110105194912310021", false},
		{"no such day", "resident_id", "110105194902300020", "110105194902300020", false},
		{"15 digits", "resident_id", "110105491231002", "11010519491231002X", true},
		{"15 digits, no such day", "resident_id", "110105490230002", "110105490230002", false},
		{"17 digits", "resident_id", "11010519491231002", "11010519491231002", false},
		{"letters", "resident_id", "ABCDEFGHIJKLMNOPQR", "ABCDEFGHIJKLMNOPQR", false},
		{"empty", "resident_id", "　", "", false},
		{"passport", "passport", "e1234 5678", "E12345678", true},
		{"15 digit passport stays", "passport", "110105491231002", "110105491231002", true},
		{"only dashes", "military", "---", "---", false},
		{"unknown kind", "library_card", "A1", "A1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, valid := readDocument(c.kind, c.raw)
			if d.kind != c.kind || d.number != c.number || valid != c.valid {
				t.Errorf("got %q %v, want %q %v", d.number, valid, c.number, c.valid)
			}
		})
	}
}

func TestNormName(t *testing.T) {
	const same = "阿依·古丽"
	for _, dot := range []string{"·", "•", "‧", "∙", "⋅", "・", "．", "･"} {
		if got := normName("阿依" + dot + "古丽"); got != normName(same) {
			t.Errorf("dot %U: %q", []rune(dot)[0], got)
		}
	}
	for _, name := range []string{" 阿依 ·　古丽\t", "阿\u200b依\u200c·\u200d古\u2060丽\ufeff"} {
		if got := normName(name); got != same {
			t.Errorf("%q: %q", name, got)
		}
	}
	if normName("Ｗａｎｇ") != "Wang" {
		t.Error("NFKC is not applied")
	}
	for _, other := range []string{"阿依.古丽", "阿依古丽", "阿依-古丽"} {
		if normName(other) == same {
			t.Errorf("%q is equal", other)
		}
	}
	if normName("髙") == normName("高") || normName("wang") == normName("WANG") {
		t.Error("variants or case are folded")
	}
}

func TestNormAsset(t *testing.T) {
	for _, plate := range []string{"皖A·12345", "皖a12345", "皖Ａ 12345", "皖A・１２３４５"} {
		if got := normAsset(plate); got != "皖A12345" {
			t.Errorf("%q: %q", plate, got)
		}
	}
	if normAsset("皖A-12345") == "皖A12345" {
		t.Error("a hyphen is dropped")
	}
}

func TestParseYuan(t *testing.T) {
	for _, c := range []struct {
		cell string
		fen  int64
		code string
	}{
		{"0", 0, ""},
		{"1234.5", 123450, ""},
		{"1,234.50", 123450, ""},
		{"12,345,678", 1234567800, ""},
		{"１２３４．５", 123450, ""},
		{" 7.05 ", 705, ""},
		{"-0.00", 0, ""},
		{"4000.00", 400000, ""},
		{"1.234", 0, badAmount},
		{"1.230", 0, badAmount},
		{"1,23", 0, badAmount},
		{",123", 0, badAmount},
		{"1.", 0, badAmount},
		{".5", 0, badAmount},
		{"1e3", 0, badAmount},
		{"¥5", 0, badAmount},
		{"五", 0, badAmount},
		{"1.2.3", 0, badAmount},
		{"99999999999999999", 0, badAmount},
		{"-0.01", 0, negativeAmount},
		{"－5", 0, negativeAmount},
		{"-1.234", 0, badAmount},
	} {
		if fen, code := parseYuan(c.cell); fen != c.fen || code != c.code {
			t.Errorf("%q: %d %q, want %d %q", c.cell, fen, code, c.fen, c.code)
		}
	}
}

func TestParseShare(t *testing.T) {
	for _, c := range []struct{ cell, share, code string }{
		{"100", "1/1", ""},
		{"50", "1/2", ""},
		{"50%", "1/2", ""},
		{"1/2", "1/2", ""},
		{"2/4", "1/2", ""},
		{"33.33", "3333/10000", ""},
		{"１／３", "1/3", ""},
		{"0", "0/1", ""},
		{"101", "", badAmount},
		{"3/2", "", badAmount},
		{"1/0", "", badAmount},
		{"half", "", badAmount},
		{"-5", "", negativeAmount},
	} {
		if share, code := parseShare(c.cell); share != c.share || code != c.code {
			t.Errorf("%q: %q %q, want %q %q", c.cell, share, code, c.share, c.code)
		}
	}
}

func TestParseDates(t *testing.T) {
	for cell, want := range map[string]string{
		"2026-01-02": "2026-01-02", "20260102": "2026-01-02", "2026/1/2": "2026-01-02", "２０２６-01-02": "2026-01-02",
		"2026-13-01": "", "2026-02-29": "", "2026-1-2": "", "2026年1月2日": "",
	} {
		if got, code := parseDay(cell); got != want || (code != "") != (want == "") {
			t.Errorf("%q: %q %q, want %q", cell, got, code, want)
		}
	}
	for cell, want := range map[string]string{"2026-01": "2026-01", "202612": "2026-12", "2026": "", "2026-13": "", "2026-01-01": ""} {
		m, code := parseMonth(cell)
		if (code != "") != (want == "") || want != "" && m.String() != want {
			t.Errorf("%q: %v %q, want %q", cell, m, code, want)
		}
	}
}

func TestMonths(t *testing.T) {
	window, err := parseCovers("2025-11..2026-10")
	if err != nil {
		t.Fatal(err)
	}
	year, err := parseCovers("2025-01..2025-12")
	if err != nil {
		t.Fatal(err)
	}
	if window.isYear(2025) || window.isYear(2026) || !year.isYear(2025) || year.isYear(2026) {
		t.Error("isYear")
	}
	if window.touches(2024) || !window.touches(2025) || !window.touches(2026) || window.touches(2027) {
		t.Error("touches")
	}
	if window.lastOf(2025).String() != "2025-12" || window.lastOf(2026).String() != "2026-10" {
		t.Error("lastOf")
	}
	for _, bad := range []string{"", "2025-01", "2025-02..2025-01", "2025..2026"} {
		if _, err := parseCovers(bad); err == nil {
			t.Errorf("covers %q are read", bad)
		}
	}
}

func TestAdult(t *testing.T) {
	day := func(s string) time.Time {
		d, err := isoDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		name, birth, on string
		want            bool
	}{
		{"day before", "2008-11-02", "2026-11-01", false},
		{"birthday", "2008-11-01", "2026-11-01", true},
		{"leap day, 28 February", "2008-02-29", "2026-02-28", false},
		{"leap day, 1 March", "2008-02-29", "2026-03-01", true},
		{"unknown", "", "2026-11-01", true},
	} {
		m := member{IDType: "passport", IDNumber: "E1", BirthDate: c.birth}
		if got := m.adult(day(c.on)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	m := member{IDType: "resident_id", IDNumber: "11010519491231002X", BirthDate: "2020-01-01"}
	if !m.adult(day("2026-11-01")) {
		t.Error("the document does not decide")
	}
}

func TestDecode(t *testing.T) {
	const plain = "证件号码,姓名\n1,王秀英\n2,𠀀\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"UTF-8": plain, "with mark": "\ufeff" + plain, "GB18030": gb} {
		if got, err := decode([]byte(raw)); err != nil || string(got) != plain {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	// One bad line does not turn the file into another encoding.
	got, err := decode([]byte("姓名\n王\xff\n李\n"))
	if err != nil || string(got) != "姓名\n王\ufffd\n李\n" {
		t.Errorf("bad byte: %q %v", got, err)
	}
	// User-defined zones and later code points, which the library does not know.
	got, err = decodeGB18030([]byte("\xaa\xa1\xf8\xa1\xa1\x40\xa7\xa0\xfe\x59\xb0\xa1"))
	if err != nil || string(got) != "\ue000\ue234\ue4c6\ue765\u9fb4啊" {
		t.Errorf("zones: %+q %v", got, err)
	}
}
