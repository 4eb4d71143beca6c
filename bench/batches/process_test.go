package batches

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a process of hedui that is started again whenever it ends, as whoever
// supervises it does, until it is let go.
type process struct {
	t    testing.TB
	name string
	path string
	args []string
	env  []string
	log  string
	wait time.Duration // before it is started again

	mu      sync.Mutex
	cmd     *exec.Cmd
	ended   chan struct{} // of the one that runs
	wanted  bool
	killed  bool // by this test
	itself  int  // ends by itself
	started int
	gone    chan struct{} // when it is not wanted any more and has ended
}

// supervise starts a program and keeps it running.
func supervise(t testing.TB, dir, name, path string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, path: path, args: args, log: filepath.Join(dir, name+".log"), wait: time.Second, wanted: true, gone: make(chan struct{})}
	must(t, p.start())
	go p.keep()
	t.Cleanup(p.end)
	return p
}

// start starts it once.
func (p *process) start() error {
	f, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command(p.path, p.args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = f, f, append(os.Environ(), p.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(ended)
	}()
	p.cmd, p.ended, p.killed = cmd, ended, false
	p.started++
	return nil
}

// keep starts it again a moment after it ended.
func (p *process) keep() {
	defer close(p.gone)
	for {
		p.mu.Lock()
		ended := p.ended
		p.mu.Unlock()
		<-ended
		p.mu.Lock()
		if p.wanted && !p.killed {
			p.itself++
		}
		p.mu.Unlock()
		time.Sleep(p.wait)
		p.mu.Lock()
		if !p.wanted {
			p.mu.Unlock()
			return
		}
		err := p.start()
		p.mu.Unlock()
		if err != nil {
			p.t.Errorf("%s can't be started: %v", p.name, err)
			return
		}
	}
}

// kill is kill -9. between runs when it is gone and before it is started anew.
func (p *process) kill(between func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
	if between != nil {
		between()
	}
}

// freeze stops it for a while, as a machine does that swaps.
func (p *process) freeze(d time.Duration) {
	p.mu.Lock()
	cmd := p.cmd
	p.mu.Unlock()
	_ = cmd.Process.Signal(syscall.SIGSTOP) // it may have ended by itself
	time.Sleep(d)
	_ = cmd.Process.Signal(syscall.SIGCONT)
}

// end lets it finish, and does not start it again.
func (p *process) end() {
	p.mu.Lock()
	p.wanted = false
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	ended, cmd := p.ended, p.cmd
	p.mu.Unlock()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		p.t.Errorf("%s does not end", p.name)
		_ = cmd.Process.Kill()
	}
	<-p.gone
}

// pid is the number of the process that runs.
func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

func (p *process) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("%s: started %d times, ended %d times by itself", p.name, p.started, p.itself)
}
