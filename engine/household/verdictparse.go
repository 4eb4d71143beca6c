package household

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// ParseError says where text is not what the writer of verdicts writes. It holds
// nothing of the text itself.
type ParseError struct {
	Place   string // byte 17, or findings 3, evidence 2
	Problem string
}

func (e *ParseError) Error() string { return e.Place + ": " + e.Problem }

// ParseVerdict reads what AppendJSON writes, and nothing else: AppendJSON of the verdict
// gives the same bytes. What is not part of the JSON stays empty. The error is a
// *ParseError.
func ParseVerdict(b []byte) (*Verdict, error) {
	v, err := parseVerdict(b)
	if err != nil {
		return nil, err
	}
	if v.Outcome == 0 {
		return nil, &ParseError{"verdict", "no outcome"}
	}
	if err := sameBytes(b, v.AppendJSON(nil)); err != nil {
		return nil, err
	}
	return v, nil
}

// AppendFrame appends the verdict without what was judged, its findings and its
// outcome, as one JSON object.
func (v *Verdict) AppendFrame(b []byte) []byte {
	b = v.appendHead(b, nil)
	if v.Outcome != Refused {
		b = v.appendSheets(b, nil)
	}
	return append(b, '}')
}

// ParseFrame reads what AppendFrame writes, and nothing else. The outcome is Refused for
// the frame of a refusal and otherwise not given. The error is a *ParseError.
func ParseFrame(b []byte) (*Verdict, error) {
	v, err := parseVerdict(b)
	if err != nil {
		return nil, err
	}
	if err := sameBytes(b, v.AppendFrame(nil)); err != nil {
		return nil, err
	}
	return v, nil
}

// ParseEvidence reads what AppendEvidence writes. The error is a *ParseError.
func ParseEvidence(b []byte) ([]Evidence, error) {
	var wire []wireEvidence
	if err := unmarshal(b, &wire); err != nil {
		return nil, err
	}
	r := &verdictReader{}
	out := r.evidence(wire)
	if r.err != nil {
		return nil, r.err
	}
	if err := sameBytes(b, AppendEvidence(nil, out)); err != nil {
		return nil, err
	}
	return out, nil
}

// ParseValues reads what AppendValues writes. The error is a *ParseError.
func ParseValues(b []byte) ([]CitedValue, error) {
	var wire []wireValue
	if err := unmarshal(b, &wire); err != nil {
		return nil, err
	}
	r := &verdictReader{}
	out := r.values(wire)
	if r.err != nil {
		return nil, r.err
	}
	if err := sameBytes(b, AppendValues(nil, out)); err != nil {
		return nil, err
	}
	return out, nil
}

// sameBytes is what makes the readers strict: whatever JSON allows and the writer would
// not write, another order of keys or a key that is unknown, comes out differently.
func sameBytes(read, written []byte) error {
	if bytes.Equal(read, written) {
		return nil
	}
	at := 0
	for at < len(read) && at < len(written) && read[at] == written[at] {
		at++
	}
	return &ParseError{"byte " + strconv.Itoa(at), "not as a verdict is written"}
}

// unmarshal is json.Unmarshal with an error that holds nothing of the text.
func unmarshal(b []byte, into any) error {
	err := json.Unmarshal(b, into)
	if err == nil {
		return nil
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &ParseError{"byte " + strconv.FormatInt(kind.Offset, 10), "another kind of value than expected"}
	}
	at := int64(len(b))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = syntax.Offset
	}
	return &ParseError{"byte " + strconv.FormatInt(at, 10), "not JSON"}
}

// verdictReader keeps the first thing that is wrong, and where.
type verdictReader struct {
	at  string
	err error
}

func (r *verdictReader) fail(what string) {
	if r.err == nil {
		r.err = &ParseError{r.at, "no such " + what}
	}
}

// code is the value of a name in a code list.
func (r *verdictReader) code(l CodeList, name, what string) uint8 {
	v, ok := l.Named(name)
	if !ok {
		r.fail(what)
	}
	return v
}

func (r *verdictReader) date(s string) Date {
	if s == "" {
		return 0
	}
	d, ok := ParseDate([]byte(s))
	if !ok {
		r.fail("date")
	}
	return d
}

func (r *verdictReader) month(s string) Month {
	if s == "" {
		return 0
	}
	m, ok := ParseMonth([]byte(s))
	if !ok {
		r.fail("month")
	}
	return m
}

func (r *verdictReader) period(s string) Period {
	if s == "" {
		return 0
	}
	p, ok := ParsePeriod([]byte(s))
	if !ok {
		r.fail("period")
	}
	return p
}

func (r *verdictReader) grade(s string) Grade {
	for g := GradeNone; g <= GradeC; g++ {
		if g.String() == s {
			return g
		}
	}
	r.fail("grade")
	return GradeNone
}

// fen is an amount that may be absent.
func fen(n *int64) (Fen, bool) {
	if n == nil {
		return 0, false
	}
	return Fen(*n), true
}
