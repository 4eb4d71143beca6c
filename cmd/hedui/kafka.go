package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/hedui/hedui/engine/match/strictyaml"
	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/worker"
)

// kafkaConfig is how brokers are reached, in the configuration of serve and worker.
type kafkaConfig struct {
	Brokers    []string `yaml:"brokers"`
	Requests   string   `yaml:"requests"`
	Verdicts   string   `yaml:"verdicts"`
	DeadLetter string   `yaml:"dead_letter"`
	Group      string   `yaml:"group"`
	TLS        struct {
		On          bool   `yaml:"on"`
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

const defaultGroup = "hedui-workers"

// settle fills in the defaults and says which key is wrong, and how.
func (k *kafkaConfig) settle() (key, problem string) {
	k.Requests, k.Verdicts, k.DeadLetter = cmp.Or(k.Requests, worker.Requests), cmp.Or(k.Verdicts, worker.Verdicts), cmp.Or(k.DeadLetter, worker.DeadLetter)
	k.Group = cmp.Or(k.Group, defaultGroup)
	if len(k.Brokers) == 0 {
		return "kafka.brokers", "name at least one, as in [kafka1:9093]"
	}
	for _, b := range k.Brokers {
		if _, port, err := net.SplitHostPort(b); err != nil || port == "" {
			return "kafka.brokers", "each is a host and a port, as in kafka1:9093"
		}
	}
	switch k.SASL.Mechanism {
	case "":
		if k.SASL.User != "" || k.SASL.PasswordFile != "" {
			return "kafka.sasl.mechanism", "scram-sha-512, scram-sha-256 or plain"
		}
	case "plain", "scram-sha-256", "scram-sha-512":
		if k.SASL.User == "" || k.SASL.PasswordFile == "" {
			return "kafka.sasl", "a user and a file with the password"
		}
	default:
		return "kafka.sasl.mechanism", "scram-sha-512, scram-sha-256 or plain"
	}
	if (k.TLS.Certificate == "") != (k.TLS.Key == "") {
		return "kafka.tls", "a certificate needs its key and a key its certificate"
	}
	if k.Requests == k.Verdicts || k.Requests == k.DeadLetter {
		return "kafka.requests", "answers can't go to the topic that requests come from"
	}
	return "", ""
}

// options are how the broker is opened.
func (k *kafkaConfig) options(a *app) (stream.Options, error) {
	o := stream.Options{Brokers: k.Brokers, Group: k.Group, Insecure: k.Insecure, Logger: a.logger}
	o.TLS = stream.TLS{CA: k.TLS.CA, Certificate: k.TLS.Certificate, Key: k.TLS.Key, On: k.TLS.On}
	o.SASL.Mechanism, o.SASL.User = k.SASL.Mechanism, k.SASL.User
	if k.SASL.PasswordFile != "" {
		password, err := os.ReadFile(k.SASL.PasswordFile)
		if err != nil {
			return o, fmt.Errorf("kafka.sasl.password_file: %w", err)
		}
		o.SASL.Password = stream.Secret(strings.TrimRight(string(password), "\r\n"))
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
