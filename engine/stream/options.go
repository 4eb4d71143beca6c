package stream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// The mechanisms by which brokers are told who asks.
const (
	ScramSHA512 = "scram-sha-512"
	ScramSHA256 = "scram-sha-256"
	Plain       = "plain"
)

// TLS names the files of a connection that is encrypted. Any of them turns it on.
type TLS struct {
	// CA is a file of certificates that sign the brokers'; without it the system's count.
	CA string
	// Certificate and Key are who this is, where the brokers ask for it.
	Certificate, Key string
	// On turns it on without any file.
	On bool
}

// SASL says who asks. The password is handed in, so that nobody has to write it into
// a configuration.
type SASL struct {
	Mechanism string
	User      string
	Password  Secret
}

// Secret is a text that is never written.
type Secret string

// String returns no secret.
func (Secret) String() string { return "***" }

// GoString returns no secret.
func (Secret) GoString() string { return "***" }

// LogValue returns no secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalText returns no secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Options say how to reach brokers. What is 0 is the default that stands beside it.
type Options struct {
	// Brokers are addresses host:port, of which one that answers is enough.
	Brokers []string
	// Client is the name the brokers see; "" is hedui.
	Client string
	// Group is the group that Join enters.
	Group string
	TLS   TLS
	SASL  SASL
	// Insecure allows connections in the clear to other machines.
	Insecure bool

	// Session is after how long without a sign of life a member has left (10 s),
	// Heartbeat how often it gives one (3 s), Rebalance how long the others wait for a
	// member at a distribution (30 s), Drain how long a member that must hand over waits
	// for Release (5 s, less than Session).
	Session, Heartbeat, Rebalance, Drain time.Duration

	// MaxMessage is the largest record handed out (1 MiB), Fetch how much is asked for at
	// once (1 MiB), MaxBatch the largest batch of records that is held in memory, also
	// after it is unpacked (16 MiB).
	MaxMessage, Fetch, MaxBatch int
	// Wait is how long a broker may wait for something to come (500 ms), Timeout how long
	// one answer may take (10 s).
	Wait, Timeout time.Duration
	// Stall is how long a broker may hold messages back (10 s) before the connection is
	// opened anew, Reopens how often that is done in a row (5) before ErrStalled.
	Stall   time.Duration
	Reopens int
	// Patience is how long Produce and Membership.Next go on against brokers that can't
	// be reached (30 s), and a reader against a topic that is not there.
	Patience time.Duration

	// Logger hears of connections that were lost; nil is quiet.
	Logger *slog.Logger
}

func (o Options) filled() Options {
	o.Client = or(o.Client, "hedui")
	o.Session = or(o.Session, 10*time.Second)
	o.Heartbeat = or(o.Heartbeat, 3*time.Second)
	o.Rebalance = or(o.Rebalance, 30*time.Second)
	o.Drain = or(o.Drain, o.Session/2)
	o.MaxMessage = or(o.MaxMessage, 1<<20)
	o.Fetch = or(o.Fetch, 1<<20)
	o.MaxBatch = or(o.MaxBatch, 16<<20)
	o.Wait = or(o.Wait, 500*time.Millisecond)
	o.Timeout = or(o.Timeout, 10*time.Second)
	o.Stall = or(o.Stall, 10*time.Second)
	o.Reopens = or(o.Reopens, 5)
	o.Patience = or(o.Patience, 30*time.Second)
	o.Logger = or(o.Logger, slog.New(slog.DiscardHandler))
	return o
}

func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// Validate returns everything that is wrong with options.
func (o Options) Validate() error {
	var errs []error
	say := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(o.Brokers) == 0 {
		say("brokers: at least one address host:port")
	}
	for _, b := range o.Brokers {
		if host, port, err := net.SplitHostPort(b); err != nil || host == "" || port == "" {
			say("brokers: %q is not host:port", b)
		}
	}
	if (o.TLS.Certificate == "") != (o.TLS.Key == "") {
		say("tls: certificate and key go together")
	}
	known := []string{ScramSHA512, ScramSHA256, Plain}
	switch {
	case o.SASL == SASL{}:
	case !slices.Contains(known, o.SASL.Mechanism):
		say("sasl: mechanism is one of %s", strings.Join(known, ", "))
	case o.SASL.User == "" || o.SASL.Password == "":
		say("sasl: user and password go together")
	}
	f := o.filled()
	if f.Heartbeat*3 > f.Session {
		say("heartbeat: at most a third of the session, which is %v", f.Session)
	}
	if f.Drain >= f.Session {
		say("drain: less than the session, which is %v", f.Session)
	}
	for name, n := range map[string]int64{
		"session": int64(f.Session), "heartbeat": int64(f.Heartbeat), "rebalance": int64(f.Rebalance), "drain": int64(f.Drain),
		"largest message": int64(f.MaxMessage), "fetch": int64(f.Fetch), "largest batch": int64(f.MaxBatch),
		"wait": int64(f.Wait), "timeout": int64(f.Timeout), "stall": int64(f.Stall), "reopens": int64(f.Reopens), "patience": int64(f.Patience),
	} {
		if n < 0 {
			say("%s: must not be negative", name)
		}
	}
	if f.MaxMessage > f.MaxBatch {
		say("largest message: at most the largest batch, which is %d bytes", f.MaxBatch)
	}
	if f.Wait >= f.Timeout {
		say("wait: less than the timeout, which is %v", f.Timeout)
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// tls returns the configuration of encrypted connections, nil for none.
func (t TLS) config() (*tls.Config, error) {
	if t == (TLS{}) {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls: no certificate in %s", t.CA)
		}
	}
	if t.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(t.Certificate, t.Key)
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func (s SASL) mechanism() (sasl.Mechanism, error) {
	switch s.Mechanism {
	case "":
		return nil, nil
	case Plain:
		return plain.Mechanism{Username: s.User, Password: string(s.Password)}, nil
	case ScramSHA256:
		return scram.Mechanism(scram.SHA256, s.User, string(s.Password))
	}
	return scram.Mechanism(scram.SHA512, s.User, string(s.Password))
}
