package site

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
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
	client   *http.Client
	program  string
	server   *exec.Cmd
	ended    chan error
	log      *os.File
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
	s := &Site{options: o, client: newClient(), program: o.Program, Data: filepath.Join(o.Dir, "store"), Day: time.Now().In(china()), Families: o.Families, accounts: map[string]*Account{}}
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
	if s.program != "" {
		return nil
	}
	s.program = filepath.Join(s.options.Dir, "hedui")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", s.program, "github.com/hedui/hedui/cmd/hedui").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build hedui: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// Run runs a command of the program to its end and returns what it printed. Status 3,
// that some rows were quarantined, is no failure.
func (s *Site) Run(ctx context.Context, args ...string) ([]byte, error) {
	return s.run(ctx, nil, "", args...)
}

func (s *Site) run(ctx context.Context, env []string, input string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), env...), strings.NewReader(input)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 3 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("hedui %s: %w: %s", args[0], err, bytes.TrimSpace(talk.Bytes()))
	}
	return out.Bytes(), nil
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
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
	if s.log, err = os.OpenFile(filepath.Join(s.options.Dir, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	s.Home = "http://" + address
	s.server = exec.Command(s.program, "serve", "--config", config)
	s.server.Stdout, s.server.Stderr = s.log, s.log
	if err := s.server.Start(); err != nil {
		return err
	}
	s.ended = make(chan error, 1)
	go func(c *exec.Cmd, ended chan error) { ended <- c.Wait() }(s.server, s.ended)
	for end := time.Now().Add(time.Minute); ; {
		if r, err := s.Send(ctx, nil, "GET", "/readyz", nil); err == nil && r.Status == 200 {
			return nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the service ended before it was ready: %w: %s", err, s.tail())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			return errors.New("the service is not ready after a minute: " + s.tail())
		}
	}
}

// Log is what the service has written so far.
func (s *Site) Log() string {
	if s.log == nil {
		return ""
	}
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return ""
	}
	return string(text)
}

func (s *Site) tail() string {
	text := s.Log()
	return strings.TrimSpace(text[max(0, len(text)-600):])
}

// Close stops the service and waits until it has finished.
func (s *Site) Close() error {
	if s.server == nil || s.server.Process == nil {
		return nil
	}
	_ = s.server.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	err := <-s.ended
	s.server = nil
	return errors.Join(err, s.log.Close())
}
