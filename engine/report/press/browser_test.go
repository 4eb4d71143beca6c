package press_test

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/report/press"
)

// withBrowser runs what needs Chromium. Without it those tests are left out by name, so that
// none of them passes without having run.
var withBrowser = flag.Bool("press.browser", false, "run what needs Chromium")

func TestMain(m *testing.M) {
	flag.Parse()
	if !*withBrowser && flag.Lookup("test.skip").Value.String() == "" {
		if err := flag.Set("test.skip", "^(Test|Benchmark)Chromium"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// chromium is a pool whose browser keeps what it writes in a folder of the test.
func chromium(t testing.TB) (p *press.Pool, temp string) {
	t.Helper()
	temp, err := os.MkdirTemp("", "pdf") //nolint:usetesting // short: the name of a socket in it may have 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	t.Setenv("TMPDIR", temp)
	p, err = press.NewPool(press.PoolOptions{Patience: 3 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p, temp
}

// of are the processes that know the folder of a browser: all of its.
func of(t testing.TB, temp string) (pids []int) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(lines) == 0 {
		t.Fatalf("processes can't be listed: %v", err)
	}
	for _, path := range lines {
		line, _ := os.ReadFile(path) //nolint:gosec // one that is gone has no words
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && bytes.Contains(line, []byte(temp)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// nothingLeft waits for processes that are dead to be gone, and looks what stays.
func nothingLeft(t *testing.T, temp string) {
	t.Helper()
	var pids []int
	for range 500 {
		if pids = of(t, temp); len(pids) == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(pids) > 0 {
		t.Errorf("processes %v are still there", pids)
	}
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		t.Errorf("%s is left behind", f.Name())
	}
}

// A real PDF keeps its seal and its structure, and nothing of its browser stays.
func TestChromiumPrints(t *testing.T) {
	key, public := keys(t)
	pool, temp := chromium(t)
	p := &press.Press{Signer: key, Pool: pool}
	file, err := p.Print(t.Context(), document(), press.PDF)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := press.Verify(file, public); err != nil || f.Form != press.PDF || f.Code != document().Code() {
		t.Errorf("%+v, %v", f, err)
	}
	for _, want := range []string{"%PDF-", "/StructTreeRoot", "%%EOF\n%hedui-seal 1 HD340104-20261101-AAAAA-BBBBB "} {
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("no %q in the PDF", want)
		}
	}
	for i := 0; i < len(file); i += 1 + len(file)/500 {
		changed := bytes.Clone(file)
		changed[i] ^= 0x20
		if _, err := press.Verify(changed, public); err == nil {
			t.Fatalf("changed at %d of %d it is good", i, len(file))
		}
	}
	if len(of(t, temp)) == 0 {
		t.Error("the browser of the test isn't seen: nothing that stays would be")
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	nothingLeft(t, temp)
}

// A page reaches no other machine, not even this one, by name or by number.
func TestChromiumReachesNothing(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	if r, err := http.Get(server.URL); err != nil || r.Body.Close() != nil || asked.Swap(0) != 1 {
		t.Fatalf("the server doesn't answer: %v", err)
	}
	pool, _ := chromium(t)
	var page strings.Builder
	for _, at := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		page.WriteString(`<img src="` + at + `/img"><link rel="stylesheet" href="` + at + `/css"><iframe src="` + at + `/frame"></iframe>` +
			`<script src="` + at + `/js"></script><p>words</p><script>fetch("` + at + `/fetch")</script>`)
	}
	if _, err := pool.Print(t.Context(), []byte(page.String()), "HD1"); err != nil {
		t.Fatal(err)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("it was asked %d times", n)
	}
}

// One that died, or hangs, is followed by another.
func TestChromiumAgain(t *testing.T) {
	pool, temp := chromium(t)
	one := func(ctx context.Context) error {
		_, err := pool.Print(ctx, []byte("<p>words"), "HD1")
		return err
	}
	if err := one(t.Context()); err != nil {
		t.Fatal(err)
	}
	signal := func(s syscall.Signal) {
		t.Helper()
		n := 0
		for _, pid := range of(t, temp) {
			line, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
			if !bytes.Contains(line, []byte("--type=")) { // the others are its children
				n++
				_ = syscall.Kill(pid, s)
			}
		}
		if n == 0 {
			t.Fatal("there is no browser")
		}
	}
	signal(syscall.SIGKILL)
	if err := one(t.Context()); err != nil {
		t.Errorf("after it died: %v", err)
	}
	signal(syscall.SIGSTOP)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	if err := one(ctx); err == nil {
		t.Error("a stopped browser printed")
	}
	if took := time.Since(began); took > 40*time.Second {
		t.Errorf("who may wait a second for a stopped browser waits %s", took)
	} else {
		t.Logf("left a stopped browser after %s", took)
	}
	if err := one(t.Context()); err != nil {
		t.Errorf("after it was stopped: %v", err)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	nothingLeft(t, temp)
}

// A full report as PDF: by a browser that runs, and by one that is started for it.
func BenchmarkChromium(b *testing.B) {
	content, err := os.ReadFile("../testdata/suspected.zh.full.html")
	if err != nil {
		b.Fatal(err)
	}
	onePage := func(b *testing.B, p *press.Pool) {
		b.Helper()
		if _, err := p.Print(b.Context(), content, "HD1"); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("warm", func(b *testing.B) {
		p, _ := chromium(b)
		onePage(b, p)
		for b.Loop() {
			onePage(b, p)
		}
	})
	b.Run("cold", func(b *testing.B) {
		p, _ := chromium(b)
		for b.Loop() {
			onePage(b, p)
			if err := p.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
