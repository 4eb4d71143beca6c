package report

import (
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// canonical begins what a digest is taken of: the form of the document. A change of the
// form is a change of the number.
const (
	canonical        = "hedui report 1\n"
	canonicalSummary = "hedui report summary 1\n"
)

// Digest is the SM3 digest of the document's content, which is its JSON form: fields in
// their order, nothing that depends on where it was made.
func (d *Document) Digest() [32]byte { return digestOf(canonical, d) }

// Digest is the SM3 digest of the summary's content.
func (d *SummaryDocument) Digest() [32]byte { return digestOf(canonicalSummary, d) }

func digestOf(form string, d any) [32]byte {
	text, err := json.Marshal(d)
	if err != nil { // plain data always has a form
		panic("report: a document without a form: " + err.Error())
	}
	return sm3.Sum(append([]byte(form), text...))
}

// Code is the verification code of the summary.
func (d *SummaryDocument) Code() string { return CodeOf(d.Digest()) }

// DigestHex is Digest as it is printed.
func (d *Document) DigestHex() string {
	sum := d.Digest()
	return hex.EncodeToString(sum[:])
}

// codeLetters are digits and letters that nobody takes for one another: no I, L, O, U.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Code is the verification code for people: the first 100 bits of the digest in four
// groups of five letters.
func (d *Document) Code() string {
	return CodeOf(d.Digest())
}

// CodeOf is the verification code of a digest.
func CodeOf(digest [32]byte) string {
	letters := base32.NewEncoding(codeLetters).WithPadding(base32.NoPadding).EncodeToString(digest[:13])[:20]
	var groups []string
	for i := 0; i < len(letters); i += 5 {
		groups = append(groups, letters[i:i+5])
	}
	return strings.Join(groups, "-")
}
