// Command load sends requests at a constant rate and says how long their answers
// took.
//
// The rate does not depend on the answers: a server that stalls is asked all the same,
// and the time of a request counts from the moment at which it was to be sent, not
// from when a connection was free for it. So a stall of a second shows in every
// request that was due in that second. HTTP/1.1 with connections that are kept.
//
//	load -url http://127.0.0.1:8080/api/v1/checks -bodies batch.jsonl -token-file token \
//	     -rate 1000 -seconds 60 -connections 256
//
// Every line of the file of bodies is one request; after the last comes the first
// again. The result is one JSON object on standard output. Its lag is how late
// requests were sent: when its p99 is not far below what is measured, the machine that
// sends is the bottleneck.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	address := flags.String("url", "", "where to send to, http only")
	bodies := flags.String("bodies", "", "`file` with one request body a line; without it GET is sent")
	tokenFile := flags.String("token-file", "", "`file` with the bearer token")
	var p plan
	flags.Float64Var(&p.rate, "rate", 1000, "requests a second")
	seconds := flags.Float64("seconds", 10, "how long to measure")
	warm := flags.Float64("warm-up", 1, "seconds at the same rate before, that are not counted")
	flags.IntVar(&p.connections, "connections", 256, "at most so many requests under way")
	flags.DurationVar(&p.timeout, "timeout", 10*time.Second, "of one answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if p.rate <= 0 || *seconds <= 0 || p.connections <= 0 {
		return fmt.Errorf("rate, seconds and connections must be above 0")
	}
	u, err := url.Parse(*address)
	if err != nil || u.Scheme != "http" || u.Port() == "" {
		return fmt.Errorf("-url must be http with a port")
	}
	token := ""
	if *tokenFile != "" {
		text, err := os.ReadFile(*tokenFile)
		if err != nil {
			return err
		}
		token = strings.TrimSpace(string(text))
	}
	var lines [][]byte
	if *bodies != "" {
		text, err := os.ReadFile(*bodies)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(text) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				lines = append(lines, line)
			}
		}
		if len(lines) == 0 {
			return fmt.Errorf("%s has no requests", *bodies)
		}
	}
	p.address = u.Host
	p.head, p.bodies = head(u, token, lines != nil), lines
	p.warm, p.measured = int(p.rate**warm), int(p.rate**seconds)
	out, err := p.run()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(text))
	return err
}

// head is what all requests begin with.
func head(u *url.URL, token string, body bool) []byte {
	var b bytes.Buffer
	method := "GET"
	if body {
		method = "POST"
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, u.RequestURI(), u.Host)
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	if body {
		b.WriteString("Content-Type: application/json\r\nContent-Length: ")
	} else {
		b.WriteString("\r\n")
	}
	return b.Bytes()
}
