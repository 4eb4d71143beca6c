package main

import (
	"bytes"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Off a terminal there is one line per interval, with rate and remaining time.
func TestTrackerLogs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		noTime := func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}
		a := &app{logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: noTime}))}
		w := a.track("verify", "households")
		for i := range 26 {
			w.update(int64(i)*100, 10_000)
			time.Sleep(time.Second)
		}
		w.stop()
		want := "level=INFO msg=verify households=1000 of=10000 per_second=100 remaining=1m30s\n" +
			"level=INFO msg=verify households=2000 of=10000 per_second=100 remaining=1m20s\n"
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

// On a terminal a bar is drawn and taken away again; nothing is logged.
func TestTrackerDraws(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var bar, log bytes.Buffer
		a := &app{terminal: true, stderr: &bar, logger: slog.New(slog.NewTextHandler(&log, nil))}
		w := a.track("verify", "households")
		for i := range 30 {
			w.update(int64(i)*100, 10_000)
			time.Sleep(time.Second)
		}
		w.stop()
		if !bytes.Contains(bar.Bytes(), []byte("households/s")) || !bytes.Contains(bar.Bytes(), []byte("verify")) {
			t.Errorf("no bar with a rate: %q", bar.String())
		}
		if log.Len() > 0 {
			t.Errorf("logged beside the bar: %s", log.String())
		}
	})
}

func TestLocaleLanguage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"nothing set", nil, english},
		{"chinese by LANG", map[string]string{"LANG": "zh_CN.UTF-8"}, chinese},
		{"LC_ALL before LANG", map[string]string{"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, english},
		{"LC_MESSAGES before LANG", map[string]string{"LC_MESSAGES": "zh_CN.GBK", "LANG": "en_US.UTF-8"}, chinese},
		{"an empty variable is not set", map[string]string{"LC_ALL": "", "LANG": "zh_HK"}, chinese},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := localeLanguage(func(name string) string { return tt.env[name] }); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSizeFlag(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want int64 // 0: refused
	}{
		{"16MiB", 16 << 20},
		{"1GiB", 1 << 30},
		{"1024MiB", 1 << 30},
		{"3KiB", 3 << 10},
		{"500B", 500},
		{"16", 0},
		{"0MiB", 0},
		{"-1MiB", 0},
		{"1.5GiB", 0},
		{"9223372036854775807GiB", 0},
		{"", 0},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			var f sizeFlag
			err := f.Set(tt.text)
			if f.bytes != tt.want || (err == nil) != (tt.want > 0) {
				t.Errorf("got %d, %v; want %d", f.bytes, err, tt.want)
			}
		})
	}
}
