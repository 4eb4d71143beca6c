package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// A file goes on byte for byte, whatever it is called and whatever it is.
func TestBatchFileGoesOnAsItCame(t *testing.T) {
	s := open(t, func(o *api.Options) { o.Limits.File = 1 << 20 })
	for _, kind := range []string{"", "application/x-ndjson", "application/x-www-form-urlencoded", "text/csv; charset=gb18030"} {
		for _, body := range []string{"{\"a\":1}\n{\"a\":1}", "\xff\xfe\x00", strings.Repeat("x", 1<<20), strings.Repeat("y", 70<<10)} {
			w := s.ask("centre", "POST", "/api/v1/batches?scheme=dibao&name=%E5%8D%81%E4%B8%80%E6%9C%88", body, header("Content-Type", kind))
			if w.Code != http.StatusAccepted || s.desk.sent != body || !strings.Contains(w.Body.String(), `"name":"十一月"`) {
				t.Errorf("%q: status %d, %d bytes of %d: %s", kind, w.Code, len(s.desk.sent), len(body), w.Body)
			}
		}
	}
	for name, change := range map[string]func(*http.Request){
		"its length says so": func(*http.Request) {},
		"it comes in pieces": func(r *http.Request) { r.ContentLength = -1 },
	} {
		s.desk.calls = nil
		w := s.ask("centre", "POST", "/api/v1/batches?scheme=dibao", strings.Repeat("x", 1<<20+1), change)
		if w.Code != http.StatusRequestEntityTooLarge || len(s.desk.calls) > 0 || w.Header().Get("Connection") != "close" {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	if w := s.ask("centre", "POST", "/api/v1/batches", "{}", header("Idempotency-Key", strings.Repeat("k", 201))); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a key of any length: status %d", w.Code)
	}
}

// Files take turns: what is not let in yet has sent nothing that is held.
func TestBatchFilesTakeTurns(t *testing.T) {
	r := run(t, api.Listen{}, func(o *api.Options) {
		o.Limits.BulkSlots, o.Limits.BulkQueue, o.Limits.BulkWait = 1, 1, time.Minute
	})
	defer r.stop()
	post := func(body io.Reader) (int, error) {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.addr+"/api/v1/batches?scheme=dibao", body)
		if err != nil {
			return 0, err
		}
		q.Header.Set("Authorization", "Bearer t-centre")
		w, err := http.DefaultClient.Do(q)
		if err != nil {
			return 0, err
		}
		return w.StatusCode, w.Body.Close()
	}
	slow, hold := io.Pipe()
	var g sync.WaitGroup
	codes := make([]int, 2)
	begin := func(i int, body io.Reader) {
		g.Go(func() {
			var err error
			if codes[i], err = post(body); err != nil {
				t.Error(err)
			}
		})
	}
	begin(0, slow)
	running := func() string {
		return r.ask("metrics", "GET", "/metrics", "").Body.String()
	}
	await(t, func() bool { return strings.Contains(running(), `hedui_lane_running{lane="bulk"} 1`) })
	begin(1, strings.NewReader("{}\n"))
	await(t, func() bool { return strings.Contains(running(), `hedui_lane_waiting{lane="bulk"} 1`) })
	if code, err := post(strings.NewReader("{}\n")); err != nil || code != http.StatusServiceUnavailable {
		t.Errorf("one too many: status %d, %v", code, err)
	}
	// The counter does not wait for files.
	if w := r.ask("verifier", "POST", "/api/v1/checks", request); w.Code != http.StatusOK {
		t.Errorf("a check meanwhile: status %d", w.Code)
	}
	_, _ = io.WriteString(hold, "{}\n")
	_ = hold.Close()
	g.Wait()
	if codes[0] != http.StatusAccepted || codes[1] != http.StatusAccepted {
		t.Errorf("status %v", codes)
	}
	http.DefaultClient.CloseIdleConnections()
	r.stop()
	if err := r.wait(t); err != nil {
		t.Error(err)
	}
}

func await(t *testing.T, what func() bool) {
	t.Helper()
	for range 500 {
		if what() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not come to that")
}

// What is refused before a byte of a file has left is refused like everything else; a file
// that breaks off is seen to.
func TestBatchResultsThatBreakOff(t *testing.T) {
	r := run(t, api.Listen{})
	defer r.stop()
	get := func(format string) (int, string, string, error) {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.addr+"/api/v1/batches/b-1/results"+format, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer t-centre")
		w, err := http.DefaultClient.Do(q)
		if err != nil {
			return 0, "", "", err
		}
		body, err := io.ReadAll(w.Body)
		return w.StatusCode, w.Header.Get("Content-Disposition"), string(body), errors.Join(err, w.Body.Close())
	}
	if code, name, body, err := get("?format=csv"); err != nil || code != 200 || body != "rows\n" || !strings.Contains(name, "b.csv") {
		t.Errorf("%d %s %q %v", code, name, body, err)
	}
	if code, _, _, _ := get("?format=pdf"); code != http.StatusUnprocessableEntity {
		t.Errorf("a form that there is none of: status %d", code)
	}
	r.desk.fetch = func(context.Context, func(wire.BatchFile) io.Writer) error { return wire.Refuse(wire.NotFound) }
	if code, _, body, err := get(""); err != nil || code != http.StatusNotFound || !strings.Contains(body, `"not_found"`) {
		t.Errorf("%d %q %v", code, body, err)
	}
	r.desk.fetch = func(_ context.Context, begin func(wire.BatchFile) io.Writer) error {
		_, _ = io.WriteString(begin(wire.BatchFile{Name: "b", Type: "text/csv"}), strings.Repeat("row\n", 100_000))
		return errors.New("the ledger is gone")
	}
	if code, _, body, err := get(""); err == nil {
		t.Errorf("status %d, %d bytes, and nobody sees that more should come", code, len(body))
	}
	if log := r.log.String(); !strings.Contains(log, "the ledger is gone") || !strings.Contains(log, "status=200 code=internal") {
		t.Errorf("the log does not say what happened: %s", log)
	}
	http.DefaultClient.CloseIdleConnections()
	r.stop()
	if err := r.wait(t); err != nil {
		t.Error(err)
	}
}

// dripping is a client that takes what is written slowly.
type dripping struct {
	*httptest.ResponseRecorder

	taken int64
}

func (d *dripping) Write(p []byte) (int, error) {
	d.taken += int64(len(p))
	return len(p), nil
}

// Results are handed on as they are made, and not collected.
func TestBatchResultsAreFlat(t *testing.T) {
	s := open(t)
	const rows, each = 2000, 16 << 10
	var m runtime.MemStats
	var before, most uint64
	s.desk.fetch = func(_ context.Context, begin func(wire.BatchFile) io.Writer) error {
		w := begin(wire.BatchFile{Name: "b", Type: "application/x-ndjson"})
		line := []byte(strings.Repeat("x", each))
		runtime.GC()
		runtime.ReadMemStats(&m)
		before = m.HeapAlloc
		for i := range rows {
			if _, err := w.Write(line); err != nil {
				return err
			}
			if i%500 == 499 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc-min(before, m.HeapAlloc))
			}
		}
		return nil
	}
	r := httptest.NewRequest(http.MethodGet, "/api/v1/batches/b-1/results", nil)
	r.Header.Set("Authorization", "Bearer t-centre")
	w := &dripping{ResponseRecorder: httptest.NewRecorder()}
	s.ServeHTTP(w, r)
	if w.taken != rows*each || most > 1<<20 {
		t.Errorf("%d bytes of %s were written, and %d held", w.taken, strconv.Itoa(rows*each), most)
	}
}
