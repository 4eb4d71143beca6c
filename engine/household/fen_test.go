package household_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
)

func TestParseYuan(t *testing.T) {
	tests := map[string]struct {
		in   string
		want household.Fen
		err  error
	}{
		"plain":                  {"1234.5", 123450, nil},
		"separators":             {"1,234.50", 123450, nil},
		"two groups":             {"12,345,678", 1234567800, nil},
		"full width":             {"１，２３４．５６", 123456, nil},
		"spaces around":          {" 7 　", 700, nil},
		"zero":                   {"0", 0, nil},
		"minus zero":             {"-0.00", 0, nil},
		"largest":                {"10000000000000", household.MaxFen, nil},
		"above the largest":      {"10000000000001", 0, household.ErrBadAmount},
		"third decimal":          {"1.234", 0, household.ErrBadAmount},
		"third decimal zero":     {"1.230", 0, household.ErrBadAmount},
		"point without decimals": {"1.", 0, household.ErrBadAmount},
		"no digits":              {".5", 0, household.ErrBadAmount},
		"empty":                  {"", 0, household.ErrBadAmount},
		"short group":            {"1,23", 0, household.ErrBadAmount},
		"long first group":       {"1234,567", 0, household.ErrBadAmount},
		"comma first":            {",123", 0, household.ErrBadAmount},
		"exponent":               {"1e3", 0, household.ErrBadAmount},
		"plus":                   {"+5", 0, household.ErrBadAmount},
		"currency":               {"¥5", 0, household.ErrBadAmount},
		"negative":               {"-5.01", 0, household.ErrNegativeAmount},
		"full width negative":    {"－５", 0, household.ErrNegativeAmount},
		"two minus":              {"--5", 0, household.ErrBadAmount},
		"overflow":               {"99999999999999999999999999", 0, household.ErrBadAmount},
		"very long":              {"000000000000000000000000000000000000000000000001", 0, household.ErrBadAmount},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := household.ParseYuan([]byte(tt.in))
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("ParseYuan(%q) = %d, %v; want %d, %v", tt.in, got, err, tt.want, tt.err)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		f := household.Fen(rapid.Int64Range(0, int64(household.MaxFen)).Draw(t, "fen"))
		got, err := household.ParseYuan([]byte(f.Yuan()))
		if err != nil || got != f {
			t.Fatalf("%d written as %s reads as %d, %v", f, f.Yuan(), got, err)
		}
	})
}

func TestShare(t *testing.T) {
	tests := map[string]struct {
		in   string
		want household.Share
		err  error
	}{
		"percent":         {"50", household.Share{Num: 1, Den: 2}, nil},
		"percent sign":    {"50%", household.Share{Num: 1, Den: 2}, nil},
		"decimals":        {"33.33", household.Share{Num: 3333, Den: 10000}, nil},
		"fraction":        {"1/3", household.Share{Num: 1, Den: 3}, nil},
		"whole":           {"100", household.Whole, nil},
		"nothing":         {"0", household.Share{Num: 0, Den: 1}, nil},
		"above the whole": {"101", household.Share{}, household.ErrBadShare},
		"above in parts":  {"3/2", household.Share{}, household.ErrBadShare},
		"by zero":         {"1/0", household.Share{}, household.ErrBadShare},
		"negative":        {"-5", household.Share{}, household.ErrNegativeAmount},
		"text":            {"half", household.Share{}, household.ErrBadShare},
		"empty":           {"", household.Share{}, household.ErrBadShare},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := household.ParseShare([]byte(tt.in))
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("ParseShare(%q) = %v, %v; want %v, %v", tt.in, got, err, tt.want, tt.err)
			}
		})
	}
	if got := (household.Share{Num: 1, Den: 3}).Of(100); got != 33 {
		t.Errorf("a third of 100 fen is %d, want 33", got)
	}
	if got := (household.Share{Num: 999_999_999, Den: 1_000_000_000}).Of(household.MaxFen); got != 999_999_999_000_000 {
		t.Errorf("a large product overflowed: %d", got)
	}
	if got := (household.Share{}).Of(7); got != 7 {
		t.Errorf("a share not given is the whole, got %d", got)
	}
}

func TestDates(t *testing.T) {
	good := map[string]household.Date{
		"2026-11-01": 20261101, "20261101": 20261101, "2026/1/2": 20260102, "2026/11/01": 20261101, "2024-02-29": 20240229, "0001-01-01": 10101,
	}
	for in, want := range good {
		if got, ok := household.ParseDate([]byte(in)); !ok || got != want {
			t.Errorf("ParseDate(%q) = %d, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "2026-02-29", "2026-13-01", "2026-1-1", "2026-11-1", "2026/11-01", "20261301", "2026.11.01", "2026-11-01T00", "1900-02-29", "0000-01-01", "2026/111/1"} {
		if got, ok := household.ParseDate([]byte(in)); ok {
			t.Errorf("ParseDate(%q) = %d, want a refusal", in, got)
		}
	}
	for _, in := range []string{"2026-13", "202600", "2026-1", "26-01", "2026/01"} {
		if got, ok := household.ParseMonth([]byte(in)); ok {
			t.Errorf("ParseMonth(%q) = %d, want a refusal", in, got)
		}
	}
	m, _ := household.ParseMonth([]byte("2026-10"))
	if m2, _ := household.ParseMonth([]byte("202610")); m2 != m || m.String() != "2026-10" {
		t.Errorf("the two forms of a month differ")
	}
	if p, ok := household.ParsePeriod([]byte("2025")); !ok || p.String() != "2025" {
		t.Errorf("a bare year reads as %v, %v", p, ok)
	}
	r, ok := household.ParseMonths("2025-01..2026-10")
	if !ok || r.Len() != 22 || r.String() != "2025-01..2026-10" {
		t.Errorf("range %v %v", r, ok)
	}
	if _, ok := household.ParseMonths("2026-10..2025-01"); ok {
		t.Errorf("a range that ends before it starts was read")
	}
	if got := household.Date(70101).String(); got != "0007-01-01" {
		t.Errorf("early year %q", got)
	}
}

func TestAge(t *testing.T) {
	tests := []struct {
		birth, on household.Date
		want      int
	}{
		{20081101, 20261101, 18},
		{20081102, 20261101, 17},
		{20081031, 20261101, 18},
		{20080229, 20260228, 17},
		{20080229, 20260301, 18},
		{20080229, 20280229, 20},
	}
	for _, tt := range tests {
		if got := tt.birth.Age(tt.on); got != tt.want {
			t.Errorf("born %v, on %v: %d, want %d", tt.birth, tt.on, got, tt.want)
		}
	}
}

func TestDays(t *testing.T) {
	if got := household.Date(20261101).Days() - household.Date(20260504).Days(); got != 181 {
		t.Errorf("181 days counted as %d", got)
	}
	if got := household.Date(20240301).Days() - household.Date(20240228).Days(); got != 2 {
		t.Errorf("a leap day counted as %d", got)
	}
	if got := household.Date(20010101).Days() - household.Date(20000101).Days(); got != 366 {
		t.Errorf("the year 2000 has %d days", got)
	}
}

func FuzzParseYuan(f *testing.F) {
	for _, s := range []string{"1,234.50", "１２", "-1", "1.234", "99999999999999999"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if fen, err := household.ParseYuan(b); err == nil {
			if again, err := household.ParseYuan([]byte(fen.Yuan())); err != nil || again != fen {
				t.Fatalf("%d does not survive writing", fen)
			}
		}
		_, _ = household.ParseShare(b)
		_, _ = household.ParseDate(b)
		_, _ = household.ParsePeriod(b)
	})
}
