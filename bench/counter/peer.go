package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hedui/hedui/bench/program"
	"github.com/hedui/hedui/bench/visitor"
)

// peer is the same check from PostgreSQL, behind a handler of its own.
type peer struct {
	cmd  *exec.Cmd
	base string
}

// startPeer starts the handler. PostgreSQL runs already.
func (d *driver) startPeer(ctx context.Context) (*peer, error) {
	o := d.o
	if o.peerSocket == "" || o.peerSchema == "" || o.peerSQL == "" {
		return nil, errors.New("-peer-socket, -peer-schema and -peer-sql say where the peer is")
	}
	bin := filepath.Join(d.site.work, "peer")
	// The handler is a module of its own, so that its driver stays out of go.mod.
	if out, err := exec.CommandContext(ctx, "go", "build", "-C", "bench/peers/handler", "-o", bin, ".").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the peer: %w: %s", err, out)
	}
	address, err := program.FreeAddress()
	if err != nil {
		return nil, err
	}
	p := &peer{cmd: exec.Command(bin, "-socket", o.peerSocket, "-schema", o.peerSchema, "-sql", o.peerSQL, "-listen", address,
		"-connections", strconv.Itoa(o.peerConnections)), base: "http://" + address}
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for range 500 {
		if r, err := visitor.New(p.base).Send(ctx, http.MethodGet, "/readyz", nil); err == nil && r.Status == http.StatusOK {
			return p, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("the peer is not ready"), p.stop())
}

func (p *peer) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	return p.cmd.Wait()
}

// cpu is the processor time of the handler and of every process of PostgreSQL.
func (p *peer) cpu() float64 {
	sum := cpuOf(p.cmd.Process.Pid)
	list, err := os.ReadDir("/proc")
	if err != nil {
		return sum
	}
	for _, e := range list {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if name, err := os.ReadFile(filepath.Join("/proc", e.Name(), "comm")); err == nil && strings.TrimSpace(string(name)) == "postgres" {
			sum += cpuOf(pid)
		}
	}
	return sum
}
