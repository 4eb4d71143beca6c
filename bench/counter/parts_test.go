package main

import (
	"encoding/base32"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// The codes are those of RFC 6238, appendix B, cut to six digits.
func TestTOTP(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if got, err := totp(secret, time.Unix(at, 0)); got != want || err != nil {
			t.Errorf("at %d: %s, %v, want %s", at, got, err, want)
		}
	}
	if _, err := totp("no base 32!", time.Unix(0, 0)); err == nil {
		t.Error("a secret that is none has a code")
	}
}

func TestSlopes(t *testing.T) {
	s := soaked{Slopes: map[string]float64{}}
	for i := range 90 {
		s.Samples = append(s.Samples, sample{At: float64(i), Goroutines: 50, RSS: int64(i) << 20, Files: 20 + i%2})
	}
	s.slopes()
	if s.Slopes["goroutines"] != 0 || math.Abs(s.Slopes["rss_mib"]-3600) > 1e-6 || math.Abs(s.Slopes["open_files"]) > 10 {
		t.Errorf("%v", s.Slopes)
	}
}

func TestUsage(t *testing.T) {
	u, err := usageOf(os.Getpid())
	if err != nil || u.RSS <= 0 || u.Own <= 0 || u.Own >= u.RSS || u.Files < 3 || u.Threads < 1 {
		t.Errorf("%+v, %v", u, err)
	}
	if machineCPU() < u.CPU {
		t.Error("the machine has used less than this process")
	}
}

// The page says what was measured, and the parts that were not asked for are not in it.
func TestPage(t *testing.T) {
	var b strings.Builder
	r := &report{Households: 7}
	r.page(&b)
	if strings.Contains(b.String(), "##") {
		t.Errorf("a part that was not done is in the page:\n%s", b.String())
	}
	run := &loaded{Name: "hedui", Rate: 10, Goodput: 9, OK: spread{P50: 1.25}}
	r.Runs, r.Overload = []*loaded{run}, &overloaded{Capacity: 10, Run: run, Share: .9}
	r.page(&b)
	for _, want := range []string{"| hedui |  | 10 | 9 | 1.25 |", "(90 % of the capacity)"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page does not say %q:\n%s", want, b.String())
		}
	}
}
