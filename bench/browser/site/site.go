package site

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hedui/hedui/bench/program"
	"github.com/hedui/hedui/bench/visitor"
)

// Options say what to make.
type Options struct {
	// Dir is where the program, the province and the data directory go. It must be empty.
	Dir string
	// Program is the program to run; it is built when empty.
	Program string
	// People of the province, 2,000 when 0.
	People int
	// Families that are added to it; Families() when nil.
	Families []*Family
	// Centre is the name of the centre; some name when empty.
	Centre string
}

// Site is a centre that serves.
type Site struct {
	// Home is where it is reached, as in http://127.0.0.1:12345.
	Home string
	// Data is the data directory.
	Data string
	// Day is the day of the checks.
	Day time.Time
	// Families are the added ones, as they stand after what was done with them.
	Families []*Family
	// Ordinary are requests of the province's own households, a line each, whose
	// authorisation is good.
	Ordinary [][]byte
	// Refused are hostile names that the program did not take.
	Refused []string

	options  Options
	hedui    program.Hedui
	server   *program.Server
	nobody   *visitor.Client
	accounts map[string]*Account
	province province
}

// province is what hedui gen says of the files that it wrote.
type province struct {
	dir    string
	AsOf   string `json:"as_of"`
	Covers string `json:"covers"`
}

// china has one time.
func china() *time.Location { return time.FixedZone("CST", 8*60*60) }

// Open makes a centre and starts it. It ends by Close.
func Open(ctx context.Context, o Options) (_ *Site, err error) {
	o.People = cmp.Or(o.People, 2000)
	o.Centre = cmp.Or(o.Centre, "安宁市居民家庭经济状况核对中心")
	if o.Families == nil {
		o.Families = Families()
	}
	s := &Site{options: o, hedui: program.Hedui{Path: o.Program}, Data: filepath.Join(o.Dir, "store"), Day: time.Now().In(china()), Families: o.Families, accounts: map[string]*Account{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	steps := []func(context.Context) error{s.build, s.makeProvince, s.takeIn, s.serve, s.hire, s.registerAll}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Site) build(ctx context.Context) error {
	if s.hedui.Path != "" {
		return nil
	}
	s.hedui.Path = filepath.Join(s.options.Dir, "hedui")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", s.hedui.Path, "github.com/hedui/hedui/cmd/hedui").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build hedui: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// Run runs a command of the program to its end and returns what it printed. That some rows
// were quarantined is no failure.
func (s *Site) Run(ctx context.Context, args ...string) ([]byte, error) {
	return s.hedui.Run(ctx, "", args...)
}

// makeProvince writes the province's files and adds what departments hold of the families.
func (s *Site) makeProvince(ctx context.Context) error {
	s.province.dir = filepath.Join(s.options.Dir, "province")
	first := time.Date(s.Day.Year(), s.Day.Month(), 1, 0, 0, 0, 0, china()).Format(time.DateOnly)
	text, err := s.Run(ctx, "gen", "--people", strconv.Itoa(s.options.People), "--seed", "7", "--on", first, "--dirty", "20", "--out", s.province.dir, "--json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &s.province); err != nil {
		return fmt.Errorf("hedui gen: %w", err)
	}
	return s.addRecords()
}

// takeIn takes the files in and publishes them.
func (s *Site) takeIn(ctx context.Context) error {
	for _, source := range sources {
		args := []string{"ingest", "--data", s.Data, "--source", source, "--as-of", s.province.AsOf}
		if source == "tax" || source == "insurance" {
			args = append(args, "--covers", s.province.Covers)
		}
		if _, err := s.Run(ctx, append(args, filepath.Join(s.province.dir, source+".csv"))...); err != nil {
			return err
		}
	}
	_, err := s.Run(ctx, "publish", "--data", s.Data)
	return err
}

// serve writes a configuration and starts the service.
func (s *Site) serve(ctx context.Context) error {
	first, err := s.Run(ctx, "users", "bootstrap", "--data", s.Data, "--account", security, "--person", "P0001", "--display", "安全管理员", "--division", "34")
	if err != nil {
		return err
	}
	s.accounts[security] = &Account{Name: security, Role: "security_admin", first: strings.TrimSpace(string(first))}
	return s.Start(ctx)
}

// Start starts the service, on a port that is free.
func (s *Site) Start(ctx context.Context) error {
	address, err := program.FreeAddress()
	if err != nil {
		return err
	}
	config := filepath.Join(s.options.Dir, "hedui.yaml")
	key, anchor := filepath.Join(s.options.Dir, "audit.key"), filepath.Join(s.options.Dir, "anchor")
	if _, err := os.Stat(key); err != nil {
		if _, err := s.Run(ctx, "audit", "keygen", "--private", key, "--public", key+".pub"); err != nil {
			return err
		}
		if err := os.MkdirAll(anchor, 0o700); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("centre: %s\ndata: %s\nschemes:\n  dibao: reference\nlisten: %s\naudit:\n  key: %s\n  anchor: %s\nreport:\n  key: %s\n  where: 安宁市民政局社会救助科\nlimits:\n  per_minute: 600000\n",
		s.options.Centre, s.Data, address, key, anchor, key)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	server, err := s.hedui.Serve(address, filepath.Join(s.options.Dir, "serve.log"), "--config", config)
	if err != nil {
		return err
	}
	if err := server.Await(ctx); err != nil {
		return err
	}
	s.server, s.Home, s.nobody = server, server.Base, visitor.New(server.Base)
	return nil
}

// Log is what the service has written so far.
func (s *Site) Log() string {
	if s.server == nil {
		return ""
	}
	return s.server.Log()
}

// Close stops the service and waits until it has finished.
func (s *Site) Close() error {
	if s.server == nil {
		return nil
	}
	err := s.server.Stop()
	s.server = nil
	return err
}
