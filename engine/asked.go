package engine

import (
	"bytes"
	"encoding/json"
	"slices"
)

// asked is what a request says for questions about several schemes at once.
type asked struct {
	purposes       []string // that the consent names beside its purpose
	receiving      []string
	receivingGiven bool
}

// alsoAsked reads it off the line. A line without these words costs a look for them
// and nothing else.
func alsoAsked(line []byte) asked {
	if !bytes.Contains(line, []byte(`"purposes"`)) && !bytes.Contains(line, []byte(`"receiving"`)) {
		return asked{}
	}
	var x struct {
		Receiving     *[]string `json:"receiving"`
		Authorization struct {
			Purposes []string `json:"purposes"`
		} `json:"authorization"`
	}
	if json.Unmarshal(line, &x) != nil {
		return asked{} // consent that can't be read is none
	}
	out := asked{purposes: x.Authorization.Purposes}
	if x.Receiving != nil {
		out.receiving, out.receivingGiven = *x.Receiving, true
	}
	return out
}

// consents reports whether the consent covers a scheme. own is the scheme that the
// request itself asks for, which is what a consent is for that names no purpose.
func (x *asked) consents(purpose, own, scheme string) bool {
	switch {
	case slices.Contains(x.purposes, scheme):
		return true
	case purpose != "":
		return purpose == scheme
	}
	return len(x.purposes) == 0 && own == scheme
}

// Receiving is the schemes that the household receives support of, and whether the
// request says so at all: an empty list that is given says that it receives none.
func (p *Plan) Receiving() (schemes []string, given bool) {
	return p.asked.receiving, p.asked.receivingGiven
}
