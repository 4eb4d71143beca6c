package main

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

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
