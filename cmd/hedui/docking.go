package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/dock/upper"
	"github.com/hedui/hedui/engine/household"
)

// dockConfig says which node is asked for the sources that this one lacks, and how.
type dockConfig struct {
	Upper       string   `yaml:"upper"` // https://host:port
	Node        string   `yaml:"node"`  // its name in verdicts
	CA          string   `yaml:"ca"`
	Certificate string   `yaml:"certificate"`
	Key         string   `yaml:"key"`
	TokenFile   string   `yaml:"token_file"`
	Signer      string   `yaml:"signer"` // its public key
	Sources     []string `yaml:"sources"`
	Wait        string   `yaml:"wait"`

	wait time.Duration
	set  [household.NumChecked]bool
}

const (
	defaultDockWait = 2 * time.Second
	maxDockWait     = 8 * time.Second // a request is answered within ten seconds
)

func (c *config) settleDock() (key, problem string) {
	if c.TLS.Clients != "" && c.TLS.Certificate == "" {
		return "tls.clients", "clients show certificates over TLS only: certificate and key are needed"
	}
	if c.Answers.Key != "" && c.TLS.Clients == "" {
		return "answers", "nodes below show a certificate: say in tls.clients whose are taken"
	}
	d := c.Dock
	if d == nil {
		return "", ""
	}
	u, err := url.Parse(d.Upper)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return "dock.upper", "the https address of the upper node, without a path"
	}
	if d.Node == "" {
		d.Node = u.Hostname()
	}
	if len(d.Node) > 64 || strings.ContainsFunc(d.Node, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "dock.node", "a name without spaces, up to 64 bytes"
	}
	for _, need := range []struct{ key, value string }{
		{"certificate", d.Certificate}, {"key", d.Key}, {"token_file", d.TokenFile}, {"signer", d.Signer},
	} {
		if need.value == "" {
			return "dock." + need.key, "is needed: docs/docking.md says what it is"
		}
	}
	if len(d.Sources) == 0 {
		return "dock.sources", "say which sources the upper node is asked for, as in [bank, insurance]"
	}
	for _, name := range d.Sources {
		s, ok := household.ParseSource(name)
		if !ok || s >= household.NumChecked {
			return "dock.sources", "there is no source " + name
		}
		d.set[s] = true
	}
	d.wait = defaultDockWait
	if d.Wait != "" {
		if d.wait, err = time.ParseDuration(d.Wait); err != nil || d.wait <= 0 || d.wait > maxDockWait {
			return "dock.wait", fmt.Sprintf("a duration up to %s, as in 2s", maxDockWait)
		}
	}
	return "", ""
}

// open reads the keys and certificates and makes the node that is asked.
func (d *dockConfig) open() (*upper.Node, error) {
	cert, err := tls.LoadX509KeyPair(d.Certificate, d.Key)
	if err != nil {
		return nil, fmt.Errorf("dock.certificate: %w", err)
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	if d.CA != "" {
		text, err := os.ReadFile(d.CA)
		if err != nil {
			return nil, fmt.Errorf("dock.ca: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(text) {
			return nil, errors.New("dock.ca: holds no certificate of an authority")
		}
	}
	text, err := os.ReadFile(d.Signer)
	if err != nil {
		return nil, fmt.Errorf("dock.signer: %w", err)
	}
	key, err := audit.ParsePublicKey(text)
	if err != nil {
		return nil, fmt.Errorf("dock.signer: %w", err)
	}
	if _, err := readToken(d.TokenFile); err != nil {
		return nil, fmt.Errorf("dock.token_file: %w", err)
	}
	return upper.New(upper.Options{
		URL: d.Upper, Node: d.Node, TLS: t, Key: key, Sources: d.set, Wait: d.wait, Now: time.Now,
		Token: func() (string, error) { return readToken(d.TokenFile) },
	})
}

// dock joins the desk with the node above and those below, as the configuration says.
func (s *service) dock(c *config, o *desk.Options) error {
	if c.Answers.Key != "" {
		key, err := readPrivateKey(c.Answers.Key)
		if err != nil {
			return fmt.Errorf("answers.key: %w", err)
		}
		o.Answers = key
	}
	if c.Dock == nil {
		return nil
	}
	var err error
	if s.upper, err = c.Dock.open(); err != nil {
		return err
	}
	o.Upper = s.upper
	return nil
}

// How often the service looks after what the upper node has to answer.
const (
	dockEvery      = 3 * time.Second // whether it is somebody's turn to be asked about again
	catalogueEvery = time.Minute     // what the upper node holds
)

// keepDocked asks the upper node what it holds, and again about the households that wait
// for it, until ctx ends. That it can't be reached is logged once.
func (s *service) keepDocked(ctx context.Context) {
	due := time.NewTicker(dockEvery)
	defer due.Stop()
	var refreshed time.Time
	said := ""
	for {
		var err error
		if now := time.Now(); now.Sub(refreshed) >= catalogueEvery {
			if err = s.desk.RefreshUpper(ctx); err == nil {
				refreshed = now
			}
		}
		if err == nil {
			err = s.askAgain(ctx)
		}
		if text := failureText(err); text != said {
			if said = text; err != nil {
				s.log.Error("the upper node does not answer; what was asked of it is pending", slog.String("code", text))
			} else {
				s.log.Info("the upper node answers")
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-due.C:
		}
	}
}

func (s *service) askAgain(ctx context.Context) error {
	n, err := s.desk.AskAgain(ctx)
	if n.Asked > 0 {
		s.log.Info("asked the upper node again", slog.Int("households", n.Asked), slog.Int("answered", n.Answered), slog.Int("ended", n.Ended), slog.Int("waiting", n.Waiting))
	}
	return err
}

// failureText is why the upper node does not answer, without what changes from try to try.
func failureText(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*dock.Failure](err); ok {
		return strings.TrimSuffix(f.Code+"."+f.Detail, ".")
	}
	return err.Error()
}
