package main

import (
	"context"
	"errors"

	"github.com/hedui/hedui/engine/ledger"
)

// priorityFlag says whether a long command stands back for what else the machine does.
type priorityFlag string

// What may be asked for.
const (
	priorityAuto   priorityFlag = "auto" // stand back when somebody serves the directory
	priorityNormal priorityFlag = "normal"
	priorityLow    priorityFlag = "low"
)

var errNotAPriority = errors.New("not a priority, want auto, normal or low")

func (f *priorityFlag) String() string { return string(*f) }

func (f *priorityFlag) Set(text string) error {
	switch p := priorityFlag(text); p {
	case priorityAuto, priorityNormal, priorityLow:
		*f = p
		return nil
	}
	return errNotAPriority
}

func (*priorityFlag) Type() string { return "priority" }

// yield lowers the priority of the whole process when it should stand back. A server
// answers somebody at the counter; a batch waits for nobody. Where the system can't do it
// nothing changes.
func (f priorityFlag) yield(ctx context.Context, data string) {
	if f == priorityLow || f == priorityAuto && served(ctx, data) {
		lowerPriority()
	}
}

// served reports whether a process serves the directory.
func served(ctx context.Context, data string) bool {
	c, err := ledger.Connect(ctx, data, ledger.Options{})
	if err != nil {
		return false
	}
	_ = c.Close() // nothing was asked of it
	return true
}
