package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// usage is what a process has used and holds now.
type usage struct {
	CPU     float64 `json:"cpu_seconds"`
	RSS     int64   `json:"rss_bytes"`
	Own     int64   `json:"own_bytes"` // of RSS, without pages of files, which the kernel takes back
	Files   int     `json:"open_files"`
	Threads int     `json:"threads"`
	Written int64   `json:"bytes_written"`
}

// usageOf reads what the kernel knows of a process.
func usageOf(pid int) (usage, error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return usage{}, err
	}
	// The name of the program, in brackets, may hold anything.
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(f) < 22 {
		return usage{}, fmt.Errorf("process %d: its state can't be read", pid)
	}
	number := func(s string) int64 {
		n, _ := strconv.ParseInt(s, 10, 64) // the kernel writes numbers
		return n
	}
	u := usage{
		CPU:     float64(number(f[11])+number(f[12])) / 100, // USER_HZ
		Threads: int(number(f[17])),
		RSS:     number(f[21]) * int64(os.Getpagesize()),
	}
	pages, err := os.ReadFile(filepath.Join(dir, "statm"))
	if err != nil {
		return usage{}, err
	}
	if p := strings.Fields(string(pages)); len(p) > 2 { // size, resident, shared
		u.Own = (number(p[1]) - number(p[2])) * int64(os.Getpagesize())
	}
	open, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		return usage{}, err
	}
	u.Files = len(open)
	if io, err := os.ReadFile(filepath.Join(dir, "io")); err == nil {
		for line := range strings.Lines(string(io)) {
			if n, ok := strings.CutPrefix(line, "write_bytes: "); ok {
				u.Written = number(strings.TrimSpace(n))
			}
		}
	}
	return u, nil
}

// machineCPU is the processor time that the whole machine has used, in seconds, so that
// a result can say how much of it was somebody else's.
func machineCPU() float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var busy float64
	for i, s := range strings.Fields(line) {
		if i == 0 || i == 4 || i == 5 || i > 8 { // name, idle, waiting, guests
			continue
		}
		n, _ := strconv.ParseFloat(s, 64)
		busy += n
	}
	return busy / 100
}

// size is how many bytes lie under a directory.
func size(dir string) (int64, error) {
	var n int64
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, os.ErrNotExist) {
				return nil // it was removed meanwhile
			}
			return err
		}
		if info, err := d.Info(); err == nil && d.Type().IsRegular() {
			// What has blocks: logs are mapped far beyond their end.
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				n += st.Blocks * 512
			}
		}
		return nil
	})
	return n, err
}
