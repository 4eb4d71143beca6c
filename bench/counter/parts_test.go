package main

import (
	"math"
	"os"
	"strings"
	"testing"
)

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
