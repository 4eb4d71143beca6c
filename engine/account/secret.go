package account

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// Secret is a text that opens something: a password, a code, a session, a token.
// Every printed form of it is three stars.
type Secret string

// Reveal returns the text itself, for the one place that shows it to its owner.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// Format masks every verb: %x and %d would print the text otherwise.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText gives the masked form, so that JSON and text encoders never leak.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue gives the masked form.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Hash is the SM3 hash under which a random secret is kept and found. Of 32 random
// bytes a fast hash is enough; passwords are hashed slowly.
type Hash [sm3.Size]byte

// HashOf is the hash of a session's or token's text.
func HashOf(s Secret) Hash { return sm3.Sum([]byte(s)) }

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash in hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 2*len(h) {
		return ErrFormat
	}
	if _, err := hex.Decode(h[:], b); err != nil {
		return ErrFormat
	}
	return nil
}

// opaqueBytes is the length of a session or token before it is written down.
const opaqueBytes = 32

// TokenPrefix begins every API token, so that one that strayed into a file or a
// repository is recognised.
const TokenPrefix = "hdt_"

// newOpaque makes a random text. crypto/rand never fails: it ends the process first.
func newOpaque(prefix string) Secret {
	var b [opaqueBytes]byte
	rand.Read(b[:])
	return Secret(prefix + base64.RawURLEncoding.EncodeToString(b[:]))
}

// isOpaque reports whether s has the form of what newOpaque makes. There is one text
// for each 32 bytes: unused bits at the end must be zero.
func isOpaque(s Secret, prefix string) bool {
	text, ok := strings.CutPrefix(string(s), prefix)
	if !ok || len(text) != base64.RawURLEncoding.EncodedLen(opaqueBytes) || strings.ContainsAny(text, "\r\n") {
		return false
	}
	_, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil
}

// IsToken reports whether s has the form of an API token.
func IsToken(s Secret) bool { return isOpaque(s, TokenPrefix) }

// newID makes the number of an account or a token: random, so that it tells nothing.
func newID() string {
	var b [10]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// easyAlphabet is read aloud and copied by hand: it has neither o nor 0, neither l
// nor i beside 1. Its 32 characters carry five bits each.
const easyAlphabet = "123456789abcdefghjkmnpqrstuvwxyz"

// newSpoken makes a secret that a person copies from paper: groups of four.
func newSpoken(groups int) Secret {
	b := make([]byte, 4*groups)
	rand.Read(b)
	var text strings.Builder
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			text.WriteByte('-')
		}
		text.WriteByte(easyAlphabet[c&31])
	}
	return Secret(text.String())
}
