package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/hedui/hedui/engine/durable"
)

// spread is what command load says of times, in milliseconds.
type spread struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_ms"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p999_ms"`
	Max   float64 `json:"max_ms"`
}

// loaded is what command load measured, and beside it what the processes used.
type loaded struct {
	Name    string           `json:"name"`
	Beside  string           `json:"beside,omitempty"` // what else ran, of ours
	Rate    float64          `json:"rate"`
	Seconds float64          `json:"seconds"`
	Sent    int              `json:"sent"`
	Goodput float64          `json:"ok_per_second"`
	Status  map[string]int64 `json:"status"`
	OK      spread           `json:"ok"`
	Refused spread           `json:"refused"`
	Failed  spread           `json:"failed"`
	Lag     spread           `json:"lag"`
	OwnCPU  float64          `json:"own_cpu_seconds"` // of the sender

	ServerCPU float64 `json:"server_cpu_seconds"`
	BesideCPU float64 `json:"beside_cpu_seconds"`
	// OthersCPU is what neither sender nor server nor batch of ours used: the machine's
	// other work.
	OthersCPU  float64 `json:"others_cpu_seconds"`
	Households int64   `json:"batch_households,omitempty"`
}

// shot is one run of command load.
type shot struct {
	name        string
	url         string
	token       string
	rate        float64
	seconds     int
	warm        int
	connections int
	bodies      string
}

// sender runs command load, which is built beside the driver.
type sender struct {
	bin, work string
	lock      string // file that is locked while something is timed, "" for none
}

func (s *sender) send(ctx context.Context, x shot, cpu func() float64) (*loaded, error) {
	token := filepath.Join(s.work, "token")
	if err := os.WriteFile(token, []byte(x.token), 0o600); err != nil {
		return nil, err
	}
	args := []string{
		"-url", x.url, "-bodies", x.bodies, "-rate", strconv.FormatFloat(x.rate, 'f', -1, 64), "-seconds", strconv.Itoa(x.seconds),
		"-warm-up", strconv.Itoa(x.warm), "-connections", strconv.Itoa(x.connections),
	}
	if x.token != "" {
		args = append(args, "-token-file", token)
	}
	if s.lock != "" {
		lock, err := durable.WaitLock(s.lock)
		if err != nil {
			return nil, err
		}
		defer lock.Unlock()
	}
	before, machine := cpu(), machineCPU()
	cmd := exec.CommandContext(ctx, s.bin, args...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	out := &loaded{Name: x.name}
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	out.ServerCPU = cpu() - before
	out.OthersCPU = machineCPU() - machine - out.ServerCPU - out.OwnCPU
	return out, nil
}

func cpuOf(pid int) float64 {
	u, err := usageOf(pid)
	if err != nil {
		return 0
	}
	return u.CPU
}
