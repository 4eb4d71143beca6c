package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// plan is what is to be sent.
type plan struct {
	address     string
	head        []byte
	bodies      [][]byte
	rate        float64
	warm        int // requests that are not counted
	measured    int
	connections int
	timeout     time.Duration
}

// due is a request that is to be sent.
type due struct {
	n  int
	at time.Time
}

// tally is what one connection has seen.
type tally struct {
	ok, refused, failed, lag histogram
	status                   map[int]int64
}

// result is what was measured.
type result struct {
	Rate    float64          `json:"rate"`
	Seconds float64          `json:"seconds"`
	Sent    int              `json:"sent"`
	Goodput float64          `json:"ok_per_second"`
	Status  map[string]int64 `json:"status"`
	OK      spread           `json:"ok"`
	Refused spread           `json:"refused"`
	Failed  spread           `json:"failed"`
	Lag     spread           `json:"lag"`
	Seen    int64            `json:"answers"`
	CPUTime float64          `json:"own_cpu_seconds"`
}

// run sends everything that is due when it is due.
func (p *plan) run() (*result, error) {
	// As many may be due and unsent as there are at all: those that wait for a
	// connection must not hold up the clock.
	queue := make(chan due, p.warm+p.measured)
	tallies := make([]*tally, p.connections)
	var wg sync.WaitGroup
	for i := range tallies {
		tallies[i] = &tally{status: map[int]int64{}}
		wg.Go(func() { p.connection(queue, tallies[i]) })
	}
	began := time.Now()
	p.clock(queue, began)
	close(queue)
	wg.Wait()

	var all tally
	out := &result{Rate: p.rate, Seconds: float64(p.measured) / p.rate, Sent: p.measured, Status: map[string]int64{}}
	for _, t := range tallies {
		all.ok.merge(&t.ok)
		all.refused.merge(&t.refused)
		all.failed.merge(&t.failed)
		all.lag.merge(&t.lag)
		for s, n := range t.status {
			name := strconv.Itoa(s)
			if s == 0 {
				name = "no answer"
			}
			out.Status[name] += n
		}
	}
	out.OK, out.Refused, out.Failed, out.Lag = all.ok.spread(), all.refused.spread(), all.failed.spread(), all.lag.spread()
	out.Seen = all.ok.count + all.refused.count
	out.Goodput = float64(all.ok.count) / out.Seconds
	if out.Seen == 0 {
		return nil, errors.New("nothing was answered")
	}
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err == nil {
		out.CPUTime = time.Duration(use.Utime.Nano() + use.Stime.Nano()).Seconds()
	}
	return out, nil
}

// clock puts requests into the queue when they are due. The timers of the runtime
// are as coarse as a millisecond when nothing else happens, so it sleeps by itself, on
// a thread of its own.
func (p *plan) clock(queue chan<- due, began time.Time) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for n := range p.warm + p.measured {
		at := began.Add(time.Duration(float64(n) / p.rate * float64(time.Second)))
		for {
			left := time.Until(at)
			if left <= 0 {
				break
			}
			ts := syscall.NsecToTimespec(left.Nanoseconds())
			_ = syscall.Nanosleep(&ts, nil) // woken early it sleeps again
		}
		queue <- due{n: n, at: at}
	}
}

// connection sends what is due, one after the other, and opens itself again when it
// was closed.
func (p *plan) connection(queue <-chan due, t *tally) {
	var conn net.Conn
	var in *bufio.Reader
	var out []byte
	defer func() {
		if conn != nil {
			_ = conn.Close()
		}
	}()
	for d := range queue {
		if conn == nil {
			var err error
			if conn, err = net.DialTimeout("tcp", p.address, p.timeout); err != nil {
				conn = nil
				t.count(p, d, 0, time.Now())
				continue
			}
			in = bufio.NewReaderSize(conn, 16<<10)
		}
		out = append(out[:0], p.head...)
		if p.bodies != nil {
			body := p.bodies[d.n%len(p.bodies)]
			out = strconv.AppendInt(out, int64(len(body)), 10)
			out = append(out, "\r\n\r\n"...)
			out = append(out, body...)
		}
		sent := time.Now()
		_ = conn.SetDeadline(sent.Add(p.timeout))
		status, keep := 0, false
		if _, err := conn.Write(out); err == nil {
			status, keep = answer(in)
		}
		t.count(p, d, status, sent)
		if !keep {
			_ = conn.Close()
			conn = nil
		}
	}
}

func (t *tally) count(p *plan, d due, status int, sent time.Time) {
	if d.n < p.warm {
		return
	}
	took := time.Since(d.at)
	t.status[status]++
	t.lag.add(sent.Sub(d.at))
	switch {
	case status >= 200 && status < 300:
		t.ok.add(took)
	case status == 429 || status == 503:
		t.refused.add(took)
	default:
		t.failed.add(took)
	}
}

// answer reads one answer and throws it away. It needs a length; what this sends to
// says one.
func answer(in *bufio.Reader) (status int, keep bool) {
	line, err := in.ReadSlice('\n')
	if err != nil || len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, false
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, false
	}
	length := -1
	keep = true
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, false
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, false
			}
		case bytes.EqualFold(name, []byte("Connection")) && bytes.EqualFold(value, []byte("close")):
			keep = false
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			return status, drain(in)
		}
	}
	if length < 0 {
		return status, false
	}
	if _, err := in.Discard(length); err != nil {
		return 0, false
	}
	return status, keep
}

// drain reads the rest of an answer in chunks: the headers that are left, and every
// chunk.
func drain(in *bufio.Reader) bool {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return false
		}
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return false
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return false
		}
		if _, err := io.CopyN(io.Discard, in, n+2); err != nil {
			return false
		}
		if n == 0 {
			return true
		}
	}
}
