package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

// TestMain lets the scripts run this very program as "hedui".
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hedui": main})
}

// TestScript runs testdata/script/*.txtar, one command line after the other, with
// the real main, its exit statuses and both of its streams.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LC_ALL", "C")
			e.Setenv("LANG", "")
			e.Setenv("LC_MESSAGES", "")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":  status,
			"gb18030": gb18030,
			"line":    line,
			"within":  within,
			"beside":  beside,
			"enrol":   registerAll,
			"richer":  richer,
			"batchid": batchID,
		},
	})
}

// status runs hedui and demands one exit status: "status 3 hedui ingest …". The
// streams are those of the last command, as with exec.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command args…")
	}
	got := exitDone
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{8}){3}`)

// batchID sets BATCH to the first id that the last command printed: "batchid".
func batchID(ts *testscript.TestScript, neg bool, args []string) {
	id := anyID.FindString(ts.ReadFile("stdout"))
	if neg || len(args) > 0 || id == "" {
		ts.Fatalf("no id was printed, or usage: batchid")
	}
	ts.Setenv("BATCH", id)
}

// gb18030 writes a file again in that encoding: "gb18030 from to".
func gb18030(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: gb18030 from to")
	}
	text, err := simplifiedchinese.GB18030.NewEncoder().String(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// line writes one line of a file into another: "line 3 from to".
func line(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: line N from to")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	lines := strings.SplitAfter(ts.ReadFile(args[1]), "\n")
	if n < 1 || n > len(lines) {
		ts.Fatalf("%s has %d lines", args[1], len(lines))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(lines[n-1]), 0o600))
}

// within demands that the text of one file stands in another: "within whole part".
func within(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: within whole part")
	}
	if part := strings.TrimSpace(ts.ReadFile(args[1])); strings.Contains(ts.ReadFile(args[0]), part) == neg {
		ts.Fatalf("%s in %s: %v", args[1], args[0], !neg)
	}
}
