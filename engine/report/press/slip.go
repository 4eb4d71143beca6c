package press

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hedui/hedui/engine/report"
)

// Slip is what the square code on a report says: enough to know the paper by.
type Slip struct {
	Number, Household, Scheme, Outcome, On string
	Code                                   string // of the content, as it is printed beside
	Generation, Pack                       string // digests, their first 16 characters
	Key                                    string // number of the key; "" when nobody signed
}

// slipMark begins the text of a square code.
const slipMark = "HEDUI1"

const slipWords = "hedui report slip 1\n"

// ErrNoSlip is returned for a text that is none of a square code of hedui.
var ErrNoSlip = errors.New("the text is no square code of a report")

// slipOf is what the square code of a document says.
func slipOf(d *report.Document) Slip {
	return Slip{
		Number: d.Head.Number, Household: d.Head.Household, Scheme: d.Head.Scheme, Outcome: d.Outcome.Title, On: d.Head.On, Code: d.Code(),
		Generation: first(d.Basis.Generation), Pack: first(d.Basis.Digest),
	}
}

func first(s string) string { return s[:min(16, len(s))] }

func (s *Slip) fields() string {
	var out []string
	for _, f := range []string{s.Number, s.Household, s.Scheme, s.Outcome, s.On, s.Code, s.Generation, s.Pack} {
		out = append(out, url.PathEscape(f))
	}
	return strings.Join(out, "|")
}

// text is the square code, signed where there is a key.
func (s *Slip) text(signer Signer) (string, error) {
	fields := s.fields()
	key, signature, err := signed([]byte(slipWords+fields), signer)
	if err != nil {
		return "", fmt.Errorf("sign report %s: %w", s.Number, err)
	}
	return strings.Join([]string{slipMark, fields, key, signature}, "|"), nil
}

// ReadSlip reads what a telephone reads of the square code on a paper. Its errors are those of
// Verify, and ErrNoSlip.
func ReadSlip(text string, keys []Verifier) (Slip, error) {
	parts := strings.Split(strings.TrimSpace(text), "|")
	if len(parts) != 11 || parts[0] != slipMark || len(text) > 4096 {
		return Slip{}, ErrNoSlip
	}
	fields := parts[1:9]
	plain := make([]string, len(fields))
	for i, f := range fields {
		var err error
		if plain[i], err = url.PathUnescape(f); err != nil || url.PathEscape(plain[i]) != f {
			return Slip{}, ErrNoSlip
		}
	}
	s := Slip{plain[0], plain[1], plain[2], plain[3], plain[4], plain[5], plain[6], plain[7], strings.TrimPrefix(parts[9], unsigned)}
	if s.Number == "" || s.Code == "" {
		return Slip{}, ErrNoSlip
	}
	return s, checked([]byte(slipWords+strings.Join(fields, "|")), parts[9], parts[10], keys)
}
