// Package strictyaml reads one YAML document into a struct: unknown keys are errors,
// every error has its place, and no input makes the reader panic. The library behind
// it does panic on some hostile documents (a tag that means nothing before a value of
// another kind), and policies and models come from people.
package strictyaml

import (
	"bytes"
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error is why a document can't be read.
type Error struct {
	Problem      string
	Line, Column int // from 1; 0 when the place is not known
}

func (e *Error) Error() string { return e.Problem }

// Decode reads a document into a struct and returns its tree, by which places of
// values are found. Every error is an *Error.
func Decode(content []byte, into any) (tree *ast.File, err error) {
	defer func() {
		if recover() != nil {
			tree, err = nil, &Error{Problem: "the reader gave up on it: a tag or an anchor that nothing uses?"}
		}
	}()
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(into); err != nil {
		return nil, place(err)
	}
	if tree, err = parser.ParseBytes(content, 0); err != nil {
		return nil, place(err)
	}
	return tree, nil
}

func place(err error) *Error {
	e := &Error{Problem: strings.SplitN(err.Error(), "\n", 2)[0]}
	if y, ok := errors.AsType[yaml.Error](err); ok {
		e.Problem = y.GetMessage()
		if t := y.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
	}
	return e
}
