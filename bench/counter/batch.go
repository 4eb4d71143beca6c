package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
)

// batches runs hedui verify over a whole batch on the directory that is served, one
// after the other, until it is stopped.
type batches struct {
	households atomic.Int64
	cpu        atomic.Int64 // nanoseconds
	runs       atomic.Int64
	stop       context.CancelFunc
	done       chan error
}

// beside starts the batches. They ask the server for every authorisation, as any other
// command on the directory does.
func (s *site) beside(ctx context.Context, batch string, many int) *batches {
	ctx, cancel := context.WithCancel(ctx)
	b := &batches{stop: cancel, done: make(chan error, 1)}
	go func() {
		for ctx.Err() == nil {
			out := filepath.Join(s.work, "verdicts.jsonl")
			_ = os.Remove(out)
			cmd := exec.CommandContext(ctx, s.hedui, "verify", "--data", s.data, "--rules", "reference", "--on", s.on.String(),
				"--restart", "--out", out, batch)
			cmd.Env = append(os.Environ(), "HEDUI_TOKEN="+s.people.Machine)
			text, err := cmd.CombinedOutput()
			if s := cmd.ProcessState; s != nil {
				b.cpu.Add(int64(s.UserTime() + s.SystemTime()))
				if err != nil && s.ExitCode() != 3 && ctx.Err() == nil {
					b.done <- fmt.Errorf("the batch: %w: %s", err, text)
					return
				}
			}
			if ctx.Err() == nil {
				b.households.Add(int64(many))
				b.runs.Add(1)
			}
		}
		b.done <- nil
	}()
	return b
}

func (b *batches) end() error {
	b.stop()
	return <-b.done
}
