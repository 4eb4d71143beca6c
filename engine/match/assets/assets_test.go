package assets

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/match"
)

func account(s string) Key { return BankAccount("工商银行", s) }

var makers = map[string]func(string) Key{
	"vin": VehicleVIN, "plate": VehiclePlate, "unit": PropertyUnit,
	"certificate": PropertyCertificate, "account": account, "employer": EmployerCode,
}

func TestKeys(t *testing.T) {
	tests := map[string]struct {
		key  Key
		text string
		weak bool
		note string // codes
	}{
		"vin":                 {VehicleVIN("1m8gdm9axkp042788"), "1M8GDM9AXKP042788", false, ""},
		"vin check":           {VehicleVIN("1M8GDM9A1KP042788"), "1M8GDM9A1KP042788", false, "check_failed"},
		"vin with O":          {VehicleVIN("1M8GDM9AXKPO42788"), "1M8GDM9AXKPO42788", true, "look_alike"},
		"chassis":             {VehicleVIN("012345"), "012345", true, "form_unknown"},
		"plate":               {VehiclePlate("皖ａ·12345 "), "皖A12345", true, ""},
		"plate dash":          {VehiclePlate("皖A-1234O"), "皖A1234O", true, "look_alike"},
		"new energy small":    {VehiclePlate("皖AD12345"), "皖AD12345", true, "new_energy"},
		"new energy large":    {VehiclePlate("皖A12345F"), "皖A12345F", true, "new_energy"},
		"trailer":             {VehiclePlate("皖A1234挂"), "皖A1234挂", true, "special_plate"},
		"Hong Kong":           {VehiclePlate("粤Z1234港"), "粤Z1234港", true, "special_plate"},
		"embassy":             {VehiclePlate("使123456"), "使123456", true, "special_plate"},
		"plate nonsense":      {VehiclePlate("123"), "123", true, "form_unknown"},
		"unit":                {PropertyUnit("340104 001001 GB00001 F00010001"), "340104001001GB00001F00010001", false, ""},
		"unit short":          {PropertyUnit("340104001"), "340104001", true, "form_unknown"},
		"certificate":         {PropertyCertificate("皖〔２０１９〕合肥市不动产权第０012345号"), "皖(2019)合肥市不动产权第12345", false, "zeros_dropped"},
		"certificate old":     {PropertyCertificate("合房权证 蜀山字第110号"), "合房权证蜀山字第110", false, ""},
		"certificate zero":    {PropertyCertificate("合房权证字第000号"), "合房权证字第0", false, "zeros_dropped"},
		"certificate bare":    {PropertyCertificate("0012345"), "0012345", true, "form_unknown"},
		"card":                {BankAccount("工商银行", "6222 0212 3456 7895"), "工商银行/6222021234567895", false, ""},
		"card with luhn":      {BankAccount("工商银行", "4111111111111111"), "工商银行/4111111111111111", false, "card"},
		"masked account":      {BankAccount("工商银行", "6222****7894"), "工商银行/6222****7894", true, "masked"},
		"without institution": {BankAccount("", "12345"), "/12345", true, "no_institution"},
		"employer":            {EmployerCode("91350100m000100y43"), "91350100M000100Y43", false, ""},
		"employer typo":       {EmployerCode("91350100M000100Y44"), "91350100M000100Y44", true, "check_failed"},
		"empty":               {VehicleVIN(" "), "", true, "empty"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var codes []string
			for n := range tt.key.Notes.All() {
				codes = append(codes, n.Code())
			}
			if got := strings.Join(codes, " "); tt.key.Text != tt.text || tt.key.Weak != tt.weak || got != tt.note {
				t.Errorf("got %q weak %v notes %q", tt.key.Text, tt.key.Weak, got)
			}
		})
	}
	p, ok := SplitUnit("340104001001GB00001F00010001")
	if !ok || p != (UnitParts{"340104", "001", "001", "GB00001", "F00010001"}) {
		t.Errorf("parts %v", p)
	}
}

func TestDuplicates(t *testing.T) {
	tests := map[string]struct {
		a, b           Key
		same, possible bool
	}{
		"same vin":         {VehicleVIN("1M8GDM9AXKP042788"), VehicleVIN("1m8gdm9axkp042788 "), true, false},
		"O for 0":          {VehicleVIN("1M8GDM9AXKP042788"), VehicleVIN("1M8GDM9AXKPO42788"), false, true},
		"same plate":       {VehiclePlate("皖A12345"), VehiclePlate("皖A·12345"), false, true},
		"other digit":      {VehiclePlate("皖A12345"), VehiclePlate("皖A12346"), false, false},
		"zeros":            {PropertyCertificate("皖(2019)合肥市不动产权第0001号"), PropertyCertificate("皖（2019）合肥市不动产权第1号"), true, false},
		"other words":      {PropertyCertificate("皖(2019)合肥市不动产权第1号"), PropertyCertificate("皖(2019)合肥不动产权第1号"), false, true},
		"other year":       {PropertyCertificate("皖(2019)合肥市不动产权第1号"), PropertyCertificate("皖(2018)合肥市不动产权第1号"), false, false},
		"masked":           {account("6222021234567894"), account("6222****7894"), false, true},
		"masked, other":    {account("6222021234567894"), account("6222****7895"), false, false},
		"other bank":       {account("12345678"), BankAccount("农业银行", "12345678"), false, false},
		"bank missing":     {account("12345678"), BankAccount("", "12345678"), false, true},
		"nothing, nothing": {VehicleVIN(""), VehicleVIN(""), false, false},
		"kinds never mix":  {VehicleVIN("123"), PropertyUnit("123"), false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if Same(tt.a, tt.b) != tt.same || PossibleDuplicate(tt.a, tt.b) != tt.possible || PossibleDuplicate(tt.b, tt.a) != tt.possible {
				t.Errorf("same %v possible %v", Same(tt.a, tt.b), PossibleDuplicate(tt.a, tt.b))
			}
		})
	}
}

func rekey(name, text string) Key {
	if name == "account" {
		_, text, _ = strings.Cut(text, "/")
	}
	return makers[name](text)
}

func TestIdempotentAndDigitsStay(t *testing.T) {
	chars := []rune("0123456789０５ABOIQX*()（〔·- 第号字皖京挂使/")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom(chars), 0, 30, -1).Draw(t, "text")
		for name, make := range makers {
			k := make(s)
			if again := rekey(name, k.Text); again.Text != k.Text {
				t.Fatalf("%s: %q becomes %q", name, k.Text, again.Text)
			}
			if name == "certificate" {
				continue
			}
			if got, want := strings.Join(digitRuns(k.Text), ""), strings.Join(digitRuns(normal(s)), ""); got != want {
				t.Fatalf("%s: digits %s became %s", name, want, got)
			}
		}
		// A canonical certificate and the same with one digit changed stay apart.
		c := PropertyCertificate(s).Text
		b := []byte(c)
		for i := range b {
			if b[i] < '1' || b[i] > '8' {
				continue
			}
			b[i]++
			if PropertyCertificate(string(b)).Text == c {
				t.Fatalf("two certificates became one")
			}
			b[i]--
		}
	})
}

func TestNotesAreComplete(t *testing.T) {
	for n := range noteCount {
		if n.Code() == "" || n.ZH() == "" || n.EN() == "" {
			t.Errorf("note %d", n)
		}
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("皖(2019)合肥市不动产权第0012345号")
	f.Add("1M8GDM9AXKP042788")
	f.Fuzz(func(t *testing.T, s string) {
		for name, make := range makers {
			k := make(s)
			if again := rekey(name, k.Text); again.Text != k.Text {
				t.Fatalf("%s: not idempotent", name)
			}
			if !utf8.ValidString(k.Text) || k.Text == "" && !k.Weak {
				t.Fatalf("%s: bad key", name)
			}
		}
	})
}

func BenchmarkKeys(b *testing.B) {
	for name, text := range map[string]string{"vin": "1M8GDM9AXKP042788", "plate": "皖A·12345", "certificate": "皖(2019)合肥市不动产权第0012345号"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				makers[name](text)
			}
		})
	}
}

// The short way gives what the long one gives.
func TestPlain(t *testing.T) {
	for _, s := range []string{"", "6222021001", "皖A12345", "交通银行", "LSVAA0000A0000001", "䶮A1", "鿿", "䀀"} {
		if !plain(s) || match.NormalPlate([]byte(s)) != s {
			t.Errorf("%q is not left alone", s)
		}
	}
	for _, s := range []string{"皖a12345", "皖A 1", "皖A·1", "６２", "é", "\xe4\xb8", "㐀a"} {
		if plain(s) {
			t.Errorf("%q passes for plain", s)
		}
	}
}
