package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/hedui/hedui/bench/program"
)

// run runs a command of hedui to its end.
func (s *site) run(ctx context.Context, args ...string) ([]byte, error) {
	return s.runAs(ctx, "", "", args...)
}

// runAs runs a command that acts for the account of a token, "" for nobody's.
func (s *site) runAs(ctx context.Context, token, input string, args ...string) ([]byte, error) {
	return program.Hedui{Path: s.hedui, Env: []string{"HEDUI_TOKEN=" + token}}.Run(ctx, input, args...)
}

// server is one process of hedui serve.
type server struct {
	*program.Server

	ready time.Duration // from its start until it was ready
}

// start starts a server and waits until it is ready. Its log goes to a file.
func (s *site) start(ctx context.Context, more string) (*server, error) {
	v, err := s.launch(ctx, more)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	err = v.Await(ctx)
	return &server{v, time.Since(began)}, err
}

// launch starts a server and waits for nothing.
func (s *site) launch(ctx context.Context, more string) (*program.Server, error) {
	address, err := program.FreeAddress()
	if err != nil {
		return nil, err
	}
	config, err := s.configure(ctx, address, more)
	if err != nil {
		return nil, err
	}
	args := []string{"--config", config}
	if s.profiles != "" {
		args = append(args, "--profiles", s.profiles)
	}
	return program.Hedui{Path: s.hedui}.Serve(address, filepath.Join(s.work, "serve.log"), args...)
}

// cpu is the processor time that the server has used, in seconds.
func (v *server) cpu() float64 { return cpuOf(v.Pid()) }
