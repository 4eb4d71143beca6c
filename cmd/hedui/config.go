package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/match/strictyaml"
	"github.com/hedui/hedui/rules"
)

// config is what hedui serve is told by its file. The zero value of a field means its
// default, which withDefaults fills in.
type config struct {
	Centre  string            `yaml:"centre"`
	Data    string            `yaml:"data"`
	KeyFile string            `yaml:"key_file"`
	Schemes map[string]string `yaml:"schemes"` // pack of each
	Listen  string            `yaml:"listen"`
	TLS     struct {
		Certificate string `yaml:"certificate"`
		Key         string `yaml:"key"`
		Clients     string `yaml:"clients"` // authorities whose certificates clients may show
	} `yaml:"tls"`
	Metrics string `yaml:"metrics"`
	Audit   struct {
		Key    string `yaml:"key"`
		Anchor string `yaml:"anchor"`
		Every  string `yaml:"every"`
	} `yaml:"audit"`
	Report struct {
		Key      string `yaml:"key"`
		Days     int    `yaml:"days"`
		Where    string `yaml:"where"`
		Chromium string `yaml:"chromium"` // "off" for none
	} `yaml:"report"`
	Limits struct {
		Body          string `yaml:"body"`
		ChecksAtOnce  int    `yaml:"checks_at_once"`
		ChecksWaiting int    `yaml:"checks_waiting"`
		PerMinute     int    `yaml:"per_minute"`
		Request       string `yaml:"request"`
		Stop          string `yaml:"stop"`
	} `yaml:"limits"`
	OIDC *struct {
		Issuer           string `yaml:"issuer"`
		ClientID         string `yaml:"client_id"`
		ClientSecretFile string `yaml:"client_secret_file"`
		Redirect         string `yaml:"redirect"`

		Groups     map[string][]string `yaml:"groups"` // the roles that each stands for
		Claim      string              `yaml:"claim"`  // in which the groups are
		TwoFactors []string            `yaml:"two_factors"`
	} `yaml:"oidc"`
	Batches batchConfig  `yaml:"batches"`
	Kafka   *kafkaConfig `yaml:"kafka"` // nil for none
	Answers struct {
		Key string `yaml:"key"` // signs what nodes below are answered
	} `yaml:"answers"`
	Dock *dockConfig `yaml:"dock"`

	ContestDays int    `yaml:"contest_days"`
	OfficeHours string `yaml:"office_hours"`
	Calendar    string `yaml:"calendar"`

	// What the texts above come to.
	every, request, stop time.Duration
	body                 int64
	work                 snoop.Plain // office hours and the days that differ from the week
}

// centreZone is where the days of a centre begin. China has one time and no summer time.
func centreZone() *time.Location { return time.FixedZone("CST", 8*60*60) }

// The defaults. What is a limit of time or number here has a line in packaging/hedui.yaml.
const (
	defaultListen  = "127.0.0.1:8443"
	defaultEvery   = 10 * time.Minute
	defaultBody    = 1 << 20
	defaultRequest = 10 * time.Second
	defaultStop    = 20 * time.Second
	defaultContest = 30
	defaultAtOnce  = 64
	defaultWaiting = 256
	defaultMinute  = 600
	defaultHours   = "08:00-18:30"
	minContest     = 10
	maxAnchorEvery = 10 * time.Minute
)

// configError is what is wrong with a configuration file, and where.
type configError struct {
	path, key, problem string
	line, column       int
}

func (e *configError) Error() string {
	at := e.path
	if e.line > 0 {
		at = fmt.Sprintf("%s:%d:%d", e.path, e.line, e.column)
	}
	if e.key != "" {
		return fmt.Sprintf("%s: %s: %s", at, e.key, e.problem)
	}
	return at + ": " + e.problem
}

// loadConfig reads a configuration file.
func loadConfig(path string) (*config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := &config{}
	if _, err := strictyaml.Decode(text, c); err != nil {
		e := &configError{path: path, problem: err.Error()}
		if y, ok := errors.AsType[*strictyaml.Error](err); ok {
			e.problem, e.line, e.column = y.Problem, y.Line, y.Column
		}
		return nil, e
	}
	if key, problem := c.settle(); problem != "" {
		return nil, &configError{path: path, key: key, problem: problem}
	}
	return c, nil
}

// configured reads a configuration file and the packs that it names, by scheme.
func (a *app) configured(path string) (*config, map[string]*rules.Pack, error) {
	c, err := loadConfig(path)
	if err != nil {
		return nil, nil, withHint(err, "packaging/hedui.yaml explains every key")
	}
	if c.KeyFile != "" {
		a.keyFile = c.KeyFile
	}
	packs := map[string]*rules.Pack{}
	for scheme, from := range c.Schemes {
		if packs[scheme], err = loadPack(from); err != nil {
			return nil, nil, fmt.Errorf("%s: schemes.%s: %w", path, scheme, err)
		}
	}
	return c, packs, nil
}

// settle fills in the defaults and says which key is wrong, and how.
func (c *config) settle() (key, problem string) {
	c.Listen = cmp.Or(c.Listen, defaultListen)
	c.ContestDays = cmp.Or(c.ContestDays, defaultContest)
	c.Limits.ChecksAtOnce = cmp.Or(c.Limits.ChecksAtOnce, defaultAtOnce)
	c.Limits.ChecksWaiting = cmp.Or(c.Limits.ChecksWaiting, defaultWaiting)
	c.Limits.PerMinute = cmp.Or(c.Limits.PerMinute, defaultMinute)
	switch {
	case c.Data == "":
		return "data", "say where the data directory is"
	case len(c.Schemes) == 0:
		return "schemes", "name at least one scheme and its pack, as in dibao: reference"
	case c.ContestDays < minContest:
		return "contest_days", fmt.Sprintf("a family needs time: at least %d", minContest)
	case c.Limits.ChecksAtOnce < 1, c.Limits.ChecksWaiting < 1, c.Limits.PerMinute < 1:
		return "limits", "numbers must be 1 or more"
	case (c.TLS.Certificate == "") != (c.TLS.Key == ""):
		return "tls", "a certificate needs its key and a key its certificate"
	case c.Report.Days < 0 || c.Report.Days > 3660:
		return "report.days", "days that a report is good for, up to 3660; none when it does not say"
	case (c.Audit.Key == "") != (c.Audit.Anchor == ""):
		return "audit", "key and anchor belong together: the key signs what is written to the anchor"
	}
	if p := c.exposed(c.Listen, c.TLS.Certificate != ""); p != "" {
		return "listen", p
	}
	if c.Metrics != "" {
		if p := c.exposed(c.Metrics, false); p != "" {
			return "metrics", p
		}
	}
	if key, problem = c.readTexts(); problem != "" {
		return key, problem
	}
	if key, problem = c.Batches.settle(); problem != "" {
		return key, problem
	}
	if c.Kafka != nil {
		if key, problem = c.Kafka.settle(); problem != "" {
			return key, problem
		}
	}
	if key, problem = c.settleDock(); problem != "" {
		return key, problem
	}
	return c.settleProvider()
}

// readTexts reads durations, sizes and hours.
func (c *config) readTexts() (key, problem string) {
	for _, d := range []struct {
		key, text     string
		into          *time.Duration
		usual, atMost time.Duration
	}{
		{"audit.every", c.Audit.Every, &c.every, defaultEvery, maxAnchorEvery},
		{"limits.request", c.Limits.Request, &c.request, defaultRequest, 5 * time.Minute},
		{"limits.stop", c.Limits.Stop, &c.stop, defaultStop, 5 * time.Minute},
	} {
		*d.into = d.usual
		if d.text == "" {
			continue
		}
		v, err := time.ParseDuration(d.text)
		if err != nil || v <= 0 || v > d.atMost {
			return d.key, fmt.Sprintf("a duration up to %s, as in 10s", d.atMost)
		}
		*d.into = v
	}
	c.body = defaultBody
	if c.Limits.Body != "" {
		var size sizeFlag
		if err := size.Set(c.Limits.Body); err != nil || size.bytes > 64<<20 {
			return "limits.body", "a size up to 64MiB, as in 1MiB"
		}
		c.body = size.bytes
	}
	from, to, ok := strings.Cut(cmp.Or(c.OfficeHours, defaultHours), "-")
	opens, err1 := time.Parse("15:04", from)
	closes, err2 := time.Parse("15:04", to)
	if !ok || err1 != nil || err2 != nil || !opens.Before(closes) {
		return "office_hours", "two times of a day, as in 08:00-18:30"
	}
	c.work = snoop.Plain{From: opens.Hour()*60 + opens.Minute(), To: closes.Hour()*60 + closes.Minute(), Location: centreZone()}
	return "", ""
}

func (c *config) settleProvider() (key, problem string) {
	if c.OIDC == nil {
		return "", ""
	}
	if u, err := url.Parse(c.OIDC.Issuer); err != nil || u.Scheme != "https" || u.Host == "" {
		return "oidc.issuer", "an https address"
	}
	if u, err := url.Parse(c.OIDC.Redirect); err != nil || u.Host == "" {
		return "oidc.redirect", "the address of this service that the provider sends people back to"
	}
	if c.OIDC.ClientID == "" {
		return "oidc.client_id", "say which client of the provider this is"
	}
	if len(c.OIDC.Groups) == 0 {
		return "oidc.groups", "say which roles each group of the provider stands for"
	}
	for group, roles := range c.OIDC.Groups {
		for _, role := range roles {
			if _, ok := access.ParseRole(role); !ok {
				return "oidc.groups." + group, "there is no role " + role
			}
		}
	}
	return "", ""
}

// exposed says why an address can't be listened on: personal data travel in the clear
// only within the machine.
func (c *config) exposed(address string, encrypted bool) string {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		if !filepath.IsAbs(path) {
			return "the path of a socket is absolute, as in unix:/run/hedui/hedui.sock"
		}
		return ""
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "an address and a port, as in 127.0.0.1:8443"
	}
	ip := net.ParseIP(host)
	if !encrypted && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "without TLS only an address of the machine itself, as in 127.0.0.1:8443"
	}
	return ""
}
