package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// command is one process of a step, its arguments and the streams that matter.
type command []string

// step is a piece of work that is timed, of one or several processes in a row.
type step struct {
	Engine string `json:"engine"`
	Form   string `json:"form,omitempty"`
	Work   string `json:"work"`            // load, prepare, flatten, flat, batch, check, single
	Batch  string `json:"batch,omitempty"` // of which batch
	Cold   bool   `json:"cold,omitempty"`  // the files were out of the page cache

	Seconds []float64   `json:"seconds"`
	CPU     []float64   `json:"cpu_seconds"`
	Inside  []float64   `json:"inside_seconds,omitempty"` // as the peer counts, without the start of its interpreter
	Parts   [][]float64 `json:"parts,omitempty"`          // seconds of every process, by round
	RSS     int64       `json:"peak_rss_bytes"`
	Disk    int64       `json:"disk_bytes,omitempty"`
	Told    told        `json:"told"`             // what the process says of itself
	Failed  string      `json:"failed,omitempty"` // why there is no result

	rounds   int
	commands []command
	before   func() error // not timed
	reads    []string     // files and folders put out of the cache before a cold run
	makes    string       // whose size is the disk
	answers  string       // file of answers to compare, and with what
	expected string
}

// told is what a peer prints.
type told struct {
	Seconds   float64 `json:"seconds,omitempty"`
	Version   string  `json:"version,omitempty"`
	ServerRSS int64   `json:"server_rss,omitempty"`
	P50       float64 `json:"p50_us,omitempty"`
	P99       float64 `json:"p99_us,omitempty"`
}

func (s *step) name() string {
	parts := []string{s.Engine, s.Form, s.Work, s.Batch}
	if s.Cold {
		parts = append(parts, "cold")
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}

// run measures one round.
func (s *step) run(ctx context.Context, timeout time.Duration) error {
	if s.before != nil {
		if err := s.before(); err != nil {
			return err
		}
	}
	if s.Cold {
		for _, path := range s.reads {
			if err := dropCache(path); err != nil {
				return err
			}
		}
	}
	var seconds, cpu float64
	var parts []float64
	for _, c := range s.commands {
		m, err := measure(ctx, timeout, c)
		if err != nil {
			return err
		}
		seconds, cpu, parts = seconds+m.Seconds, cpu+m.CPU, append(parts, m.Seconds)
		s.RSS = max(s.RSS, m.RSS)
		if s.Engine != "hedui" {
			if err := json.Unmarshal(m.stdout, &s.Told); err != nil {
				return fmt.Errorf("%s: what it printed is no JSON: %w", s.name(), err)
			}
		}
	}
	s.Seconds, s.CPU, s.RSS = append(s.Seconds, seconds), append(s.CPU, cpu), max(s.RSS, s.Told.ServerRSS)
	if s.Told.Seconds > 0 {
		s.Inside = append(s.Inside, s.Told.Seconds)
	}
	if len(parts) > 1 {
		s.Parts = append(s.Parts, parts)
	}
	if s.makes != "" {
		s.Disk = size(s.makes)
	}
	return nil
}

// size is what a file or folder takes on disk.
func size(path string) (n int64) {
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}

// dropCache puts a file or every file of a folder out of the page cache.
func dropCache(path string) error {
	return filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		// Only clean pages can be dropped.
		if err := f.Sync(); err != nil {
			return err
		}
		return dontNeed(f)
	})
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
