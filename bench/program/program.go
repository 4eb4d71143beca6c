// Package program runs the built hedui for the measurements and demonstrations of bench: a
// command to its end, or the service until it is stopped.
//
// Main types: Hedui, the built program; Server, one process of hedui serve.
//
// What it does not do: build the program, write a configuration, or ask a server anything
// but whether it is ready.
package program

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Hedui is the built program.
type Hedui struct {
	Path string
	// Env is set for it beside what this process has.
	Env []string
	// Apart keeps what the terminal sends from a service: whoever started it stops it.
	Apart bool
}

// partial is the status of a command that is done and has set rows or households aside.
const partial = 3

// Run runs a command to its end, with input, and returns what it printed. That rows or
// households were set aside is no failure. The error holds what the program said.
func (h Hedui) Run(ctx context.Context, input string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, h.Path, args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), h.Env...), strings.NewReader(input)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == partial {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("hedui %s: %w: %s", strings.Join(args[:min(2, len(args))], " "), err, bytes.TrimSpace(talk.Bytes()))
	}
	return out.Bytes(), nil
}
