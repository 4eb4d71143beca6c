package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "d"))
		up := top(cell(d))
		if up < d.Truncate(time.Microsecond) || float64(up) > float64(d)*65/64+2*float64(time.Microsecond) {
			t.Fatalf("%v is counted as %v", d, up)
		}
	})
}

func planned(t *testing.T, h http.HandlerFunc, p plan) *result {
	t.Helper()
	s := httptest.NewServer(h)
	defer s.Close()
	u, err := url.Parse(s.URL + "/x")
	if err != nil {
		t.Fatal(err)
	}
	p.address, p.timeout = u.Host, 5*time.Second
	p.head = head(u, "token", p.bodies != nil)
	out, err := p.run()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryRequestIsSentOnce(t *testing.T) {
	var seen [3]atomic.Int64
	out := planned(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != "Bearer token" || len(body) == 0 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		seen[body[0]-'0'].Add(1)
		switch body[0] {
		case '1':
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusServiceUnavailable)
		case '2':
			w.(http.Flusher).Flush() // in chunks
			_, _ = io.WriteString(w, "some text")
		}
	}, plan{rate: 1000, warm: 30, measured: 300, connections: 16, bodies: [][]byte{[]byte("0"), []byte("1"), []byte("2")}})
	for i := range seen {
		if n := seen[i].Load(); n != 110 {
			t.Errorf("body %d was sent %d times", i, n)
		}
	}
	if out.OK.Count != 200 || out.Refused.Count != 100 || out.Failed.Count != 0 || out.Status["503"] != 100 {
		t.Errorf("%+v", out)
	}
}

// TestAStallShows: a server that answers nothing for a while is slow for every request
// that was due meanwhile, though only a few were under way.
func TestAStallShows(t *testing.T) {
	began := time.Now()
	out := planned(t, func(http.ResponseWriter, *http.Request) {
		if since := time.Since(began); since > 100*time.Millisecond && since < 400*time.Millisecond {
			time.Sleep(400*time.Millisecond - since)
		}
	}, plan{rate: 500, measured: 500, connections: 2})
	// 300 ms of 1,000 were a stall, so of ten requests three waited, half of them longer
	// than 150 ms.
	if out.OK.P90 < 100 {
		t.Errorf("p90 %v ms", out.OK.P90)
	}
}
