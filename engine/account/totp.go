package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // RFC 6238 as every authenticator implements it
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The second factor is RFC 6238 with what every authenticator application can do:
// SHA-1, six digits, thirty seconds. SHA-1's collisions do not touch HMAC.
const (
	totpPeriod = 30
	totpDigits = 6
	totpBytes  = 20
	totpSteps  = 1 // accepted before and after the current step
)

// totpCode is the code of one step (RFC 4226, 5.3).
func totpCode(key []byte, step int64, digits int) string {
	mac := hmac.New(sha1.New, key)
	var count [8]byte
	binary.BigEndian.PutUint64(count[:], uint64(step))
	mac.Write(count[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := uint64(binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff)
	mod := uint64(1)
	for range digits {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%mod)
}

// totpMatch returns the step whose code this is, among the current one and its
// neighbours, and later than the last one that was used. Every step is compared,
// whichever fits.
func totpMatch(key []byte, code string, last int64, now time.Time) (step int64, ok bool) {
	current := now.Unix() / totpPeriod
	for s := current - totpSteps; s <= current+totpSteps; s++ {
		same := subtle.ConstantTimeCompare([]byte(totpCode(key, s, totpDigits)), []byte(code)) == 1
		if same && s > last && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

// Enrolment is what an authenticator application is told once: the secret in
// base32, for typing, and as an otpauth address, for a picture.
type Enrolment struct{ Key, URI Secret }

func newTOTPKey() Secret {
	b := make([]byte, totpBytes)
	rand.Read(b)
	return Secret(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

func totpKey(s Secret) ([]byte, error) {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(s))
	if err != nil || len(b) != totpBytes {
		return nil, fmt.Errorf("second factor: %w", ErrFormat)
	}
	return b, nil
}

// otpauthURI writes the address in the form applications agree on: the label names
// issuer and account, and a space is %20, which some do not read as a plus sign.
func otpauthURI(issuer, name string, key Secret) Secret {
	issuer, name = queryEscape(issuer), queryEscape(name)
	return Secret("otpauth://totp/" + issuer + ":" + name + "?secret=" + string(key) + "&issuer=" + issuer +
		fmt.Sprintf("&algorithm=SHA1&digits=%d&period=%d", totpDigits, totpPeriod))
}

// queryEscape escapes everything that means something in an address.
func queryEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
