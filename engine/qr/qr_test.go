package qr_test

import (
	"fmt"
	"strings"
	"testing"

	upstream "rsc.io/qr"

	"github.com/hedui/hedui/engine/qr"
)

// TestDraw reads the picture back module by module.
func TestDraw(t *testing.T) {
	for _, text := range []string{"", "a", "otpauth://totp/hedui:hedui01?secret=ABC", strings.Repeat("核", 600)} {
		p, err := qr.Draw(text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := upstream.Encode(text, upstream.M)
		if err != nil {
			t.Fatal(err)
		}
		dark := map[[2]int]bool{}
		for run := range strings.SplitSeq(strings.TrimSuffix(p.Path, "z"), "z") {
			var x, y, n, m int
			if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &n, &m); err != nil || n != m {
				t.Fatalf("%q: %v", run, err)
			}
			for i := range n {
				dark[[2]int{x + i - 4, y - 4}] = true
			}
		}
		n := 0
		for y := range want.Size {
			for x := range want.Size {
				if want.Black(x, y) != dark[[2]int{x, y}] {
					t.Fatalf("module %d %d", x, y)
				}
				if want.Black(x, y) {
					n++
				}
			}
		}
		if n != len(dark) || n == 0 || p.Size != want.Size+8 {
			t.Errorf("%d dark of %d, size %d", len(dark), n, p.Size)
		}
	}
	if _, err := qr.Draw(strings.Repeat("x", 3000)); err == nil || strings.Contains(err.Error(), "xx") {
		t.Errorf("too long: %v", err)
	}
}
