//go:build linux || darwin || freebsd

package audit_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// limitFiles has every write of this process that goes beyond a length fail.
func limitFiles(n uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
}

// When there is no room, nobody looks; what was acknowledged before is there, the log is
// whole, and goes on when there is room again.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"2000", "2047", "3333", "4000"} {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-audit.write="+dir, "-audit.limit="+limit)
		var out, talk bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &talk
		if err := cmd.Run(); err == nil || !strings.Contains(talk.String(), "file too large") {
			t.Fatalf("%s bytes: %v, %s", limit, err, talk.String())
		}
		var text []byte
		for _, name := range segments(t, dir) {
			part, err := os.ReadFile(name)
			must(t, err)
			text = append(text, part...)
		}
		if out.Len() == 0 {
			t.Errorf("%s bytes: nothing was acknowledged", limit)
		}
		for line := range strings.Lines(out.String()) {
			if !strings.Contains(string(text), `"`+strings.TrimSpace(line)+`"`) {
				t.Errorf("%s bytes: acknowledged and lost: %s", limit, line)
			}
		}
		before := check(t, dir)
		record(t, open(t, dir), "340104-1")
		if r := check(t, dir); !before.OK() || !r.OK() || r.Entries < before.Entries+2 {
			t.Errorf("%s bytes: %+v, then %+v", limit, before, r)
		}
	}
}
