package press

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// Form is what a report is printed in.
type Form string

// The forms.
const (
	HTML Form = "html"
	PDF  Form = "pdf"
	XLSX Form = "xlsx"
)

// Signer signs with a key of the centre; *audit.PrivateKey is one.
type Signer interface {
	// Sign returns the SM2 signature of a message, in ASN.1, and the number of the key.
	Sign(message []byte) (signature []byte, key string, err error)
}

// Verifier is a public key of a centre; *audit.PublicKey is one.
type Verifier interface {
	ID() string
	Verify(message, signature []byte) bool
}

// Facts are what a seal says of a file.
type Facts struct {
	Form   Form
	Number string // of the report
	Code   string // of its content, the same in every form
	Digest string // SM3 of the file up to the seal, in hexadecimal
	Key    string // number of the key that signed it; "" when nobody did
}

// What is wrong with a file.
var (
	ErrNoSeal    = errors.New("the file has no seal: it is no report of hedui, or was saved again by another program")
	ErrChanged   = errors.New("the file was changed after it was sealed")
	ErrUnsigned  = errors.New("the file is as it was sealed, and nobody signed it: it does not prove which centre it is from")
	ErrKey       = errors.New("the file is signed by a key that was not given")
	ErrSignature = errors.New("the signature is wrong: the seal was made up or changed")
)

// sealMark begins a seal. What signs it says first what it is for, so that a signature of
// another thing is none of a seal.
const (
	sealMark  = "hedui-seal 1 "
	sealWords = "hedui report seal 1\n"
)

// sealLine is what a seal says: number, code, digest, key, signature. What is not there is a
// dash.
var sealLine = regexp.MustCompile(`^hedui-seal 1 (\S{1,64}) (\S{1,64}) ([0-9a-f]{64}) (-|[0-9a-f]{32}) (-|[A-Za-z0-9+/=]{16,200})$`)

func (f *Facts) message() []byte {
	return []byte(sealWords + strings.Join([]string{string(f.Form), f.Number, f.Code, f.Digest}, "\n"))
}

// Seal adds to a finished file, as its tail, which report it is and what its bytes are. s is
// nil where there is no key; the seal then says so.
func Seal(file []byte, form Form, number, code string, s Signer) ([]byte, error) {
	body, err := sealed(file, form)
	if err != nil {
		return nil, err
	}
	sum := sm3.Sum(body)
	f := Facts{Form: form, Number: number, Code: code, Digest: hex.EncodeToString(sum[:])}
	key, signature, err := signed(f.message(), s)
	if err != nil {
		return nil, fmt.Errorf("seal report %s: %w", number, err)
	}
	line := sealMark + strings.Join([]string{number, code, f.Digest, key, signature}, " ")
	if !sealLine.MatchString(line) || strings.Contains(number+code, "--") { // two dashes end a comment
		return nil, errors.New("a seal needs the number and the code of a report")
	}
	return append(body, tail(form, line)...), nil
}

// endOfZip is the record that ends an archive without a comment.
const endOfZip = 22

// sealed is the part of a file that a seal covers: all of it, but of an archive the length
// of its comment, which is the seal.
func sealed(file []byte, form Form) ([]byte, error) {
	switch form {
	case HTML, PDF:
		return append(bytes.TrimRight(file, "\n"), '\n'), nil
	case XLSX:
		n := len(file)
		if n < endOfZip || !bytes.Equal(file[n-endOfZip:n-endOfZip+4], []byte("PK\x05\x06")) || binary.LittleEndian.Uint16(file[n-2:]) != 0 {
			return nil, errors.New("internal: the workbook is no archive without a comment")
		}
		return bytes.Clone(file[:n-2]), nil
	}
	return nil, fmt.Errorf("there is no form %q", form)
}

// tail is a seal as the end of a file: a comment of its form.
func tail(form Form, line string) []byte {
	switch form {
	case HTML:
		return []byte("<!-- " + line + " -->\n")
	case PDF:
		return []byte("%" + line + "\n")
	}
	return append(binary.LittleEndian.AppendUint16(nil, uint16(len(line))), line...) //nolint:gosec // some hundred bytes
}

// split takes a file apart into what its seal covers and the seal.
func split(file []byte) (form Form, body []byte, line string, ok bool) {
	at := bytes.LastIndex(file, []byte(sealMark))
	if at < 2 {
		return "", nil, "", false
	}
	line = string(file[at:])
	switch {
	case bytes.HasSuffix(file[:at], []byte("\n<!-- ")) && strings.HasSuffix(line, " -->\n"):
		return HTML, file[:at-len("<!-- ")], strings.TrimSuffix(line, " -->\n"), true
	case bytes.HasSuffix(file[:at], []byte("\n%")) && strings.HasSuffix(line, "\n"):
		return PDF, file[:at-1], strings.TrimSuffix(line, "\n"), true
	case int(binary.LittleEndian.Uint16(file[at-2:at])) == len(line):
		return XLSX, file[:at-2], line, true
	}
	return "", nil, "", false
}

// Verify reads the seal of a file. The facts are good when the error is nil, or is
// ErrUnsigned: then the file is as it was sealed and nobody says where it is from.
func Verify(file []byte, keys []Verifier) (Facts, error) {
	form, body, line, ok := split(file)
	m := sealLine.FindStringSubmatch(line)
	if !ok || m == nil {
		return Facts{}, ErrNoSeal
	}
	f := Facts{Form: form, Number: m[1], Code: m[2], Digest: m[3], Key: strings.TrimPrefix(m[4], unsigned)}
	sum := sm3.Sum(body)
	if hex.EncodeToString(sum[:]) != f.Digest {
		return f, ErrChanged
	}
	return f, checked(f.message(), m[4], m[5], keys)
}

// unsigned stands where there is no key, and no signature.
const unsigned = "-"

// signed is the number of the key that signs a message, and the signature in base 64.
func signed(message []byte, s Signer) (key, signature string, err error) {
	if s == nil {
		return unsigned, unsigned, nil
	}
	raw, key, err := s.Sign(message)
	return key, base64.StdEncoding.EncodeToString(raw), err
}

// checked judges what signed returned.
func checked(message []byte, key, signature string, keys []Verifier) error {
	if (key == unsigned) != (signature == unsigned) {
		return ErrSignature
	}
	if key == unsigned {
		return ErrUnsigned
	}
	// Strict, or the unused bits of the last character could be changed.
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil {
		return ErrSignature
	}
	for _, k := range keys {
		if k.ID() != key {
			continue
		}
		if k.Verify(message, raw) {
			return nil
		}
		return ErrSignature
	}
	return ErrKey
}
