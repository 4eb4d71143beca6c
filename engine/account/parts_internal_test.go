package account

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vectors of RFC 6238, appendix B, for SHA-1.
func TestTOTPVectors(t *testing.T) {
	key := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471",
		1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := totpCode(key, at/totpPeriod, 8); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
	// RFC 4226, appendix D.
	for step, want := range []string{
		"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
	} {
		if got := totpCode(key, int64(step), 6); got != want {
			t.Errorf("step %d: %s, want %s", step, got, want)
		}
	}
}

func TestTOTPWindow(t *testing.T) {
	key := []byte("12345678901234567890")
	now := time.Unix(1_800_000_015, 0) // the middle of a step
	step := now.Unix() / totpPeriod
	for _, c := range []struct {
		name string
		skew time.Duration
		last int64
		ok   bool
	}{
		{"now", 0, 0, true},
		{"a step early", -30 * time.Second, 0, true},
		{"a step late", 30 * time.Second, 0, true},
		{"two steps early", -60 * time.Second, 0, false},
		{"two steps late", 60 * time.Second, 0, false},
		{"five minutes early", -5 * time.Minute, 0, false},
		{"five minutes late", 5 * time.Minute, 0, false},
		{"used", 0, step, false},
		{"before the one used", -30 * time.Second, step, false},
		{"after the one used", 30 * time.Second, step, true},
	} {
		code := totpCode(key, now.Add(c.skew).Unix()/totpPeriod, totpDigits)
		if got, ok := totpMatch(key, code, c.last, now); ok != c.ok || ok && got <= c.last {
			t.Errorf("%s: %v, step %d", c.name, ok, got)
		}
	}
	for _, code := range []string{"", "1", "0000000", "abcdef", strings.Repeat("1", 1<<16)} {
		if _, ok := totpMatch(key, code, 0, now); ok {
			t.Errorf("%.10q accepted", code)
		}
	}
}

func TestHashTextForm(t *testing.T) {
	cost := Cost{KiB: 64, Passes: 2, Lanes: 1}
	h := cost.hash("correct horse", []byte("0123456789abcdef"))
	c, salt, key, err := parseHash(h)
	if err != nil || c != cost || string(salt) != "0123456789abcdef" || len(key) != hashBytes {
		t.Fatalf("%v %q %d %v", c, salt, len(key), err)
	}
	for _, bad := range []passwordHash{
		"", "$", h + "$", h[1:], h + "=", "x" + h,
		passwordHash(strings.Replace(string(h), "argon2id", "argon2i", 1)),
		passwordHash(strings.Replace(string(h), "v=19", "v=16", 1)),
		passwordHash(strings.Replace(string(h), "m=64", "m=064", 1)),
		passwordHash(strings.Replace(string(h), "m=64", "m=4294967295", 1)),
		passwordHash(strings.Replace(string(h), "m=64", "m=1", 1)),
		passwordHash(strings.Replace(string(h), "t=2", "t=0", 1)),
		passwordHash(strings.Replace(string(h), "t=2", "t=999999", 1)),
		passwordHash(strings.Replace(string(h), "p=1", "p=257", 1)),
		h[:len(h)-4],
	} {
		if _, _, _, err := parseHash(bad); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(string(Cost{KiB: 8, Passes: 1, Lanes: 1}.hash("x", []byte("0123456789abcdef"))))
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, key, err := parseHash(passwordHash(s))
		if err != nil {
			return
		}
		if !c.valid() || len(salt) != saltBytes || len(key) != hashBytes {
			t.Fatalf("%q gave %v", s, c)
		}
		// One text for one hash: only what hash writes is read.
		if c.KiB*c.Passes <= 1<<12 {
			want := c.hash("", salt)
			if cut := strings.LastIndexByte(s, '$'); string(want[:cut]) != s[:cut] {
				t.Fatalf("%q is not the text of what it says", s)
			}
		}
	})
}

func FuzzIsToken(f *testing.F) {
	f.Add(string(newOpaque(TokenPrefix)))
	f.Add(TokenPrefix + strings.Repeat("A", 43))
	f.Add(TokenPrefix + strings.Repeat("A", 42) + "B")
	f.Add(TokenPrefix + strings.Repeat("A", 42) + "\n")
	f.Fuzz(func(t *testing.T, s string) {
		if !IsToken(Secret(s)) {
			return
		}
		if len(s) != len(TokenPrefix)+43 || strings.ContainsAny(s, "+/= \r\n") {
			t.Fatalf("%q taken for a token", s)
		}
	})
}

func FuzzOtpauth(f *testing.F) {
	f.Add("hedui", "wang")
	f.Add("核对中心 & co: a/b?c#d", "x+y=z%")
	f.Fuzz(func(t *testing.T, issuer, name string) {
		if issuer == "" || name == "" || strings.ContainsAny(issuer+name, "\x00") {
			return
		}
		key := newTOTPKey()
		u, err := url.Parse(otpauthURI(issuer, name, key).Reveal())
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/"+issuer+":"+name || u.Fragment != "" ||
			q.Get("secret") != key.Reveal() || q.Get("issuer") != issuer || q.Get("digits") != "6" || len(q) != 5 {
			t.Fatalf("%q %q read back from %s", issuer, name, u)
		}
		if strings.Contains(u.RawQuery, "+") {
			t.Fatal("a blank as plus")
		}
	})
}

func FuzzDecodeUser(f *testing.F) {
	u := User{
		ID: "1", Name: "wang", Person: "P1", Display: "王", Roles: []Role{"r"}, Division: "34", State: Active, Epoch: 1,
		credentials: credentials{
			Password: Cost{KiB: 8, Passes: 1, Lanes: 1}.hash("x", []byte("0123456789abcdef")),
			TOTP:     newTOTPKey().Reveal(), Recovery: []Hash{{1}},
		},
	}
	b, err := EncodeUser(u)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"form":1,"credentials":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := DecodeUser(b)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		once, err := EncodeUser(u)
		if err != nil {
			return // a state that was never one
		}
		again, err := DecodeUser(once)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := EncodeUser(again)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s\n%s\n%v", once, twice, err)
		}
	})
}

func TestPasswordRules(t *testing.T) {
	p := DefaultPolicy().Password
	for _, c := range []struct{ password, rule string }{
		{"short", "short"},
		{"elevenchars", "short"},
		{"一二三四五六七八九十一", "short"},
		{"春眠不觉晓处处闻啼鸟夜来风雨声", ""},
		{"correct horse battery", ""},
		{"Wangxiuying-likes-tea", "name"},
		{"ＷＡＮＧＸＩＵＹＩＮＧ likes tea", "name"},
		{"password1234", "common"},
		{"Password2026!", "common"},
		{"qwertyuiop123456", "common"},
		{"woaini1314520", "common"},
		{"minzhengju2026", "common"},
		{"aaaaaaaaaaaaaaaa", "common"},
		{"abababababababab", "common"},
		{strings.Repeat("a1b2c3d4", 100), "long"},
	} {
		err := p.check(normalise(Secret(c.password)), "wangxiuying")
		rule := ""
		if weak, ok := errors.AsType[*WeakPasswordError](err); ok {
			rule = weak.Rule
		}
		if rule != c.rule {
			t.Errorf("%.20q: %q, want %q", c.password, rule, c.rule)
		}
		if err != nil && strings.Contains(err.Error(), c.password) {
			t.Errorf("the error quotes the password: %v", err)
		}
	}
	if len(commonWords()) < 50 {
		t.Errorf("%d common words", len(commonWords()))
	}
}

// TestLockoutHoldsGuessesDown plays somebody who tries whenever it is allowed, with
// pauses of any length.
func TestLockoutHoldsGuessesDown(t *testing.T) {
	p := DefaultPolicy().Account
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
		var a Attempts
		var admitted []time.Time
		prev := time.Duration(0)
		for range rapid.IntRange(1, 300).Draw(t, "tries") {
			wait := p.wait(a, now)
			if wait < 0 || wait > p.Longest {
				t.Fatalf("wait %v", wait)
			}
			if wait > 0 {
				switch rapid.IntRange(0, 3).Draw(t, "patience") {
				case 0:
					now = now.Add(wait - time.Nanosecond)
					if p.wait(a, now) == 0 {
						t.Fatal("a lock ended early")
					}
					continue
				default:
					now = now.Add(wait)
					if p.wait(a, now) != 0 {
						t.Fatal("a lock lasts longer than it said")
					}
				}
			}
			a = p.fail(a, now)
			admitted = append(admitted, now)
			if w := p.wait(a, now); w > 0 {
				if gap := a.Locks > 1; gap && w < prev {
					t.Fatalf("lock %d of %v after one of %v", a.Locks, w, prev)
				}
				prev = w
			}
			if len(a.Recent) > p.Failures {
				t.Fatalf("%d failures kept", len(a.Recent))
			}
			now = now.Add(time.Duration(rapid.SampledFrom([]int64{0, 1, 20, 59, 60, 400, 899, 900, 3600}).Draw(t, "pause")) * time.Second)
		}
		// Five at once, then after locks of 1, 2, 4 minutes; a day of locks of an hour.
		if n := most(admitted, p.Window); n > p.Failures+3 {
			t.Fatalf("%d guesses in %v", n, p.Window)
		}
		if n := most(admitted, 24*time.Hour); n > 24*p.Failures+8*p.Failures {
			t.Fatalf("%d guesses in a day", n)
		}
	})
}

// most is the largest number of times within a span.
func most(times []time.Time, span time.Duration) int {
	best := 0
	for i, from := range times {
		j := i + slices.IndexFunc(append(slices.Clone(times[i:]), from.Add(span)), func(t time.Time) bool { return t.Sub(from) >= span })
		best = max(best, j-i)
	}
	return best
}

func TestLockoutUndo(t *testing.T) {
	p := DefaultPolicy().Address
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
		var a Attempts
		for range rapid.IntRange(0, 12).Draw(t, "before") {
			now = now.Add(max(p.wait(a, now), time.Duration(rapid.IntRange(1, 400).Draw(t, "s"))*time.Second))
			a = p.fail(a, now)
		}
		now = now.Add(max(p.wait(a, now), time.Second))
		b := p.undo(p.fail(a, now), now)
		if p.wait(b, now) != 0 {
			t.Fatal("a try that was none locks")
		}
		if b.Locks != a.Locks && now.Sub(a.Last) <= p.Forget {
			t.Fatalf("locks %d, before %d", b.Locks, a.Locks)
		}
		if len(b.Recent) > len(a.Recent) {
			t.Fatalf("%d failures, before %d", len(b.Recent), len(a.Recent))
		}
		// It forgives nothing: as many more lock as before.
		x, y := a, b
		for i := 0; p.wait(x, now) == 0 || p.wait(y, now) == 0; i++ {
			if i > p.Failures {
				t.Fatal("never locks")
			}
			x, y = p.fail(x, now), p.fail(y, now)
			if (p.wait(x, now) == 0) != (p.wait(y, now) == 0) {
				t.Fatal("one more try than before")
			}
		}
	})
}

func TestPolicyValidate(t *testing.T) {
	if err := DefaultPolicy().Validate(); err != nil {
		t.Fatal(err)
	}
	if err := (Policy{}).Validate(); err == nil {
		t.Fatal("the zero policy is accepted")
	}
}
