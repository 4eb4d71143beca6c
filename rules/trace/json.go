package trace

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// Errors of Parse.
var (
	// ErrSeal says that a trace was cut off or changed since it was written.
	ErrSeal = errors.New("the trace is not as it was sealed")
	// ErrVersion says that a trace is of a version that this program does not read.
	ErrVersion = fmt.Errorf("not a trace of version %d", Version)
	// ErrForm says that a sealed text is not written as traces are.
	ErrForm = errors.New("not written as a trace is")
)

const (
	sealBefore = `,"seal":"`
	sealAfter  = `"}`
	sealDigits = 32
	sealLen    = len(sealBefore) + sealDigits + len(sealAfter)
)

// Append appends the trace as one JSON object without a line break, sealed. It returns
// an error when a text of the pack or the generation can't be written as JSON.
func (t *Trace) Append(b []byte) ([]byte, error) {
	body, err := t.body()
	if err != nil {
		return nil, err
	}
	b = append(b, body...)
	b = append(b, sealBefore...)
	b = append(b, sealOf(body)...)
	return append(b, sealAfter...), nil
}

// body is the object without its last brace.
func (t *Trace) body() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t); err != nil {
		return nil, fmt.Errorf("write a trace: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("}\n")), nil
}

// sealOf is the first half of a SHA-256 in hexadecimal.
func sealOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:sealDigits]
}

// Parse reads what Append writes, and nothing else. The error is ErrSeal, ErrVersion or
// ErrForm, with the place of what is wrong.
func Parse(b []byte) (*Trace, error) {
	if len(b) < sealLen {
		return nil, ErrSeal
	}
	body, seal := b[:len(b)-sealLen], b[len(b)-sealLen:]
	if string(seal) != sealBefore+sealOf(body)+sealAfter {
		return nil, ErrSeal
	}
	var version struct {
		Trace int `json:"trace"`
	}
	whole := append(bytes.Clone(body), '}')
	if err := json.Unmarshal(whole, &version); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrForm, placeOf(err))
	}
	if version.Trace != Version {
		return nil, ErrVersion
	}
	t := &Trace{}
	if err := json.Unmarshal(whole, t); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrForm, placeOf(err))
	}
	again, err := t.body()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrForm, placeOf(err))
	}
	if !bytes.Equal(again, body) {
		at := 0
		for at < len(again) && at < len(body) && again[at] == body[at] {
			at++
		}
		return nil, fmt.Errorf("%w: byte %d", ErrForm, at)
	}
	return t, nil
}

// placeOf says where JSON is wrong and nothing of what stands there.
func placeOf(err error) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return "byte " + strconv.FormatInt(syntax.Offset, 10)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return "byte " + strconv.FormatInt(kind.Offset, 10)
	}
	if part, ok := errors.AsType[*household.ParseError](err); ok {
		return part.Error()
	}
	return "some part of it"
}
