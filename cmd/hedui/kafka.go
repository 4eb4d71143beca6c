package main

import (
	"errors"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/hedui/hedui/engine/match/strictyaml"
	"github.com/hedui/hedui/engine/stream"
)

// kafkaConfig says how brokers are reached. hedui ingest reads it from a file of its own.
type kafkaConfig struct {
	Brokers []string `yaml:"brokers"`
	TLS     struct {
		CA          string `yaml:"ca"`
		Certificate string `yaml:"certificate"`
		Key         string `yaml:"key"`
	} `yaml:"tls"`
	SASL struct {
		Mechanism    string `yaml:"mechanism"`
		User         string `yaml:"user"`
		PasswordFile string `yaml:"password_file"`
	} `yaml:"sasl"`
	Insecure bool `yaml:"insecure"`
}

// options reads the files that a configuration names.
func (c *kafkaConfig) options() (stream.Options, error) {
	o := stream.Options{
		Brokers: c.Brokers, Insecure: c.Insecure,
		TLS:  stream.TLS{CA: c.TLS.CA, Certificate: c.TLS.Certificate, Key: c.TLS.Key},
		SASL: stream.SASL{Mechanism: c.SASL.Mechanism, User: c.SASL.User},
	}
	if c.SASL.PasswordFile != "" {
		text, err := os.ReadFile(c.SASL.PasswordFile)
		if err != nil {
			return o, err
		}
		o.SASL.Password = stream.Secret(strings.TrimRight(string(text), "\r\n"))
	}
	return o, o.Validate()
}

// loadKafka reads a file with the keys tls, sasl and insecure, and brokers.
func loadKafka(path string) (*kafkaConfig, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := &kafkaConfig{}
	if _, err := strictyaml.Decode(text, c); err != nil {
		e := &configError{path: path, problem: err.Error()}
		if y, ok := errors.AsType[*strictyaml.Error](err); ok {
			e.problem, e.line, e.column = y.Problem, y.Line, y.Column
		}
		return nil, e
	}
	return c, nil
}

// topicFlag is a flag whose value names a topic and, unless a file does, its brokers:
// kafka://host:port,host:port/topic.
type topicFlag struct {
	text    string
	brokers []string
	topic   string
}

var errNotATopic = errors.New("not a topic, want kafka://host:port/topic")

func (f *topicFlag) String() string { return f.text }

func (f *topicFlag) Set(text string) error {
	rest, ok := strings.CutPrefix(text, "kafka://")
	hosts, topic, slash := strings.Cut(rest, "/")
	topic, err := url.PathUnescape(topic)
	if !ok || !slash || err != nil || topic == "" || strings.ContainsAny(topic, "/?#@ ") || strings.Contains(hosts, "@") {
		return errNotATopic
	}
	f.text, f.topic, f.brokers = text, topic, nil
	if hosts == "" {
		return nil
	}
	for host := range strings.SplitSeq(hosts, ",") {
		if name, port, err := net.SplitHostPort(host); err != nil || name == "" || port == "" {
			return errNotATopic
		}
		f.brokers = append(f.brokers, host)
	}
	return nil
}

func (*topicFlag) Type() string { return "topic" }
