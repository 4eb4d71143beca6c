package visitor_test

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// The codes are those of RFC 6238, appendix B, cut to six digits.
func TestTOTP(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if got, err := visitor.TOTP(secret, time.Unix(at, 0)); got != want || err != nil {
			t.Errorf("at %d: %s, %v, want %s", at, got, err, want)
		}
	}
	if _, err := visitor.TOTP("no base 32!", time.Unix(0, 0)); err == nil {
		t.Error("a secret that is none has a code")
	}
}
