package program

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// Server is one process of hedui serve.
type Server struct {
	Base string // http://host:port

	cmd   *exec.Cmd
	ended chan error
	log   *os.File
}

// Serve starts the service and waits for nothing. address is what its configuration has
// it listen at; what it says is appended to the file log.
func (h Hedui) Serve(address, log string, args ...string) (*Server, error) {
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	s := &Server{Base: "http://" + address, cmd: exec.Command(h.Path, append([]string{"serve"}, args...)...), ended: make(chan error, 1), log: f}
	s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = append(os.Environ(), h.Env...), f, f
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: h.Apart}
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s, nil
}

// Await waits until the service is ready, a minute at most. It is stopped when it does not
// become so.
func (s *Server) Await(ctx context.Context) error {
	nobody := visitor.New(s.Base)
	defer nobody.Close()
	return s.AwaitBy(ctx, nobody)
}

// AwaitBy is Await for a service that speaks TLS, which nobody knows how to speak to.
func (s *Server) AwaitBy(ctx context.Context, nobody *visitor.Client) error {
	for end := time.Now().Add(time.Minute); ; {
		if r, err := nobody.Send(ctx, http.MethodGet, "/readyz", nil); err == nil && r.Status == http.StatusOK {
			return nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return errors.Join(errors.New("the service ended before it was ready: "+s.Last()), err, s.log.Close())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), s.Stop())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(end) {
			return errors.Join(errors.New("the service is not ready after a minute: "+s.Last()), s.Stop())
		}
	}
}

// Pid is the number of its process.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// Log is what it has written so far.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return ""
	}
	return string(text)
}

// Last is the end of its log.
func (s *Server) Last() string {
	text := s.Log()
	return strings.TrimSpace(text[max(0, len(text)-600):])
}

// Wait waits until it has ended by itself, or until ctx is done, and reports which.
func (s *Server) Wait(ctx context.Context) (ended bool) {
	select {
	case err := <-s.ended:
		s.ended <- err
		return true
	case <-ctx.Done():
		return false
	}
}

// Stop lets it finish what it began. Its error is that of the process.
func (s *Server) Stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	err := <-s.ended
	s.ended <- err
	return errors.Join(err, s.log.Close())
}

// Kill ends it at once and waits until it is gone. That it was gone already is an error.
func (s *Server) Kill() error {
	_ = s.cmd.Process.Kill()
	err := <-s.ended
	s.ended <- err
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
			return s.log.Close()
		}
	}
	return errors.Join(fmt.Errorf("the service ended by itself: %w; %s", err, s.Last()), s.log.Close())
}

// FreeAddress is an address of this machine at which nobody listens.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
