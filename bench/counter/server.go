package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// run runs a command of hedui to its end. Status 3 says that some households were
// refused, which is no failure here.
func (s *site) run(args ...string) ([]byte, error) { return s.runAs("", "", args...) }

// runAs runs a command that acts for the account of a token, "" for nobody's.
func (s *site) runAs(token, input string, args ...string) ([]byte, error) {
	cmd := exec.Command(s.hedui, args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), "HEDUI_TOKEN="+token), strings.NewReader(input)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 3 {
		err = nil
	}
	if err != nil {
		return talk.Bytes(), fmt.Errorf("hedui %s: %w", args[0], err)
	}
	return out.Bytes(), nil
}

// server is one process of hedui serve.
type server struct {
	cmd    *exec.Cmd
	base   string
	ready  time.Duration // from its start until it was ready
	waited chan error
	log    *os.File
}

// start starts a server and waits until it is ready. Its log goes to a file.
func (s *site) start(ctx context.Context, more string) (*server, error) {
	v, err := s.launch(more)
	if err != nil {
		return nil, err
	}
	return v, v.await(ctx)
}

// launch starts a server and waits for nothing.
func (s *site) launch(more string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	config, err := s.configure(port, more)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(s.work, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--config", config}
	if s.profiles != "" {
		args = append(args, "--profiles", s.profiles)
	}
	v := &server{cmd: exec.Command(s.hedui, args...), base: fmt.Sprintf("http://127.0.0.1:%d", port), waited: make(chan error, 1), log: log}
	v.cmd.Stdout, v.cmd.Stderr = log, log
	if err := v.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	go func() { v.waited <- v.cmd.Wait() }()
	return v, nil
}

// await waits until the server is ready.
func (v *server) await(ctx context.Context) error {
	began := time.Now()
	for {
		r, err := visitor.New(v.base).Send(ctx, http.MethodGet, "/readyz", nil)
		if err == nil && r.Status == http.StatusOK {
			v.ready = time.Since(began)
			return nil
		}
		select {
		case err := <-v.waited:
			v.waited <- err
			return fmt.Errorf("the server ended before it was ready: %w; %s", err, v.last())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), v.stop())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(began) > time.Minute {
			return errors.Join(errors.New("the server is not ready after a minute"), v.stop())
		}
	}
}

// last is the end of the server's log.
func (v *server) last() string {
	text, err := os.ReadFile(v.log.Name())
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text[max(0, len(text)-500):]))
}

// stop lets the server finish what it began.
func (v *server) stop() error {
	_ = v.cmd.Process.Signal(syscall.SIGTERM)
	err := <-v.waited
	v.waited <- err
	return errors.Join(err, v.log.Close())
}

// kill ends the server at once, and waits until it is gone.
func (v *server) kill() error {
	_ = v.cmd.Process.Kill()
	err := <-v.waited
	v.waited <- err
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
			return v.log.Close()
		}
	}
	return errors.Join(fmt.Errorf("the server ended by itself: %w; %s", err, v.last()), v.log.Close())
}

// cpu is the processor time that the server has used, in seconds.
func (v *server) cpu() float64 { return cpuOf(v.cmd.Process.Pid) }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it is one of TCP
	return port, l.Close()
}
