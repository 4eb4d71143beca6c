package mutate

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/hedui/hedui/engine/match/strictyaml"
	"github.com/hedui/hedui/engine/situation"
)

// Equivalent is a mutant that no situation can tell from the pack, and why.
type Equivalent struct {
	Mutant

	Why string
}

// AllowError is a fault of tests/mutants.yaml.
type AllowError struct {
	File, What string // of the entry; "" when the whole file is meant
	Problem    string
}

func (e *AllowError) Error() string {
	if e.File == "" && e.What == "" {
		return situation.MutantsFile + ": " + e.Problem
	}
	return fmt.Sprintf("%s: %q of %s %s", situation.MutantsFile, e.What, e.File, e.Problem)
}

// allowed is the content of tests/mutants.yaml.
type allowed struct {
	Equivalent []struct {
		File string `yaml:"file"`
		What string `yaml:"what"`
		Why  string `yaml:"why"`
	} `yaml:"equivalent"`
}

// readAllowed reads the mutants that may survive; a pack need not have any.
func readAllowed(dir fs.FS) (*allowed, error) {
	content, err := fs.ReadFile(dir, situation.MutantsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return &allowed{}, nil
	}
	if err != nil {
		return nil, err
	}
	a := &allowed{}
	if _, err := strictyaml.Decode(content, a); err != nil {
		problem := err.Error()
		if e, ok := errors.AsType[*strictyaml.Error](err); ok && e.Line > 0 {
			problem = fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
		}
		return nil, &AllowError{Problem: problem}
	}
	for _, e := range a.Equivalent {
		if e.File == "" || e.What == "" || e.Why == "" {
			return nil, &AllowError{e.File, e.What, "needs file, what and why"}
		}
	}
	return a, nil
}

// find reports whether a mutant may survive, and why.
func (a *allowed) find(m *Mutant) (why string, ok bool) {
	for _, e := range a.Equivalent {
		if e.File == m.File && e.What == m.What {
			return e.Why, true
		}
	}
	return "", false
}

// unknown refuses entries that are no mutant of the files looked at.
func (a *allowed) unknown(ms []Mutant, files []string) error {
	for _, e := range a.Equivalent {
		if len(files) > 0 && !slices.Contains(files, e.File) {
			continue
		}
		if !slices.ContainsFunc(ms, func(m Mutant) bool { return m.File == e.File && m.What == e.What }) {
			return &AllowError{e.File, e.What, "is no mutant of the pack"}
		}
	}
	return nil
}
