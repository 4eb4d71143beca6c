package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// measured is one process: wall time, processor time and peak memory, with those of
// the children it waited for.
type measured struct {
	Seconds, CPU float64
	RSS          int64
	stdout       []byte
}

var errTimeout = errors.New("did not end in time")

// runnerArg makes this program the runner of one process.
const runnerArg = "-run-one"

// measure runs a process. A status of 3 means rows were refused or quarantined,
// which is no fault here. After the timeout its whole group is killed.
//
// The process is started by a small runner, this program again: the kernel counts the
// memory of the process that starts another as that other's peak, and this one can
// be large.
func measure(ctx context.Context, timeout time.Duration, c command) (m measured, err error) {
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return m, err
	}
	defer r.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, append([]string{runnerArg}, c...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.ExtraFiles = []*os.File{w}
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	err = cmd.Start()
	w.Close()
	if err != nil {
		return m, err
	}
	report, readErr := io.ReadAll(r)
	err = cmd.Wait()
	if ctx.Err() != nil {
		return m, context.Cause(ctx)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 {
		err = nil
	}
	if err == nil {
		err = errors.Join(readErr, json.Unmarshal(report, &m))
	}
	if err != nil {
		return m, fmt.Errorf("%s %s: %w\n%s", filepath.Base(c[0]), strings.Join(c[1:], " "), err, talk.Bytes())
	}
	m.stdout = out.Bytes()
	return m, nil
}

// runner runs one process, writes what it took to file descriptor 3 and returns its
// exit status.
func runner(c command) int {
	report := os.NewFile(3, "report")
	syscall.CloseOnExec(3)
	cmd := exec.Command(c[0], c[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	m := measured{Seconds: time.Since(start).Seconds()}
	if cmd.ProcessState == nil {
		log.Print(err)
		return 1
	}
	m.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.RSS = u.Maxrss << 10
	}
	if err := json.NewEncoder(report).Encode(m); err != nil {
		log.Print(err)
		return 1
	}
	if code := cmd.ProcessState.ExitCode(); code >= 0 {
		return code
	}
	log.Print(err) // by a signal
	return 1
}
