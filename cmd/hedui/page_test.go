package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPageChangingAStandard follows docs/changing-a-standard.md to the letter: it writes
// the files that the page shows, runs its commands and demands the output that stands
// beneath them. "…" on the page stands for any text, on a line of its own for any lines.
// With -update it writes the output into the page.
func TestPageChangingAStandard(t *testing.T) {
	page := filepath.Join("..", "..", "docs", "changing-a-standard.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{t: t, dir: t.TempDir()}
	out := f.follow(strings.Split(string(text), "\n"))
	if f.files < 4 || f.commands < 6 {
		t.Errorf("the page shows %d files and %d commands; is it still read right?", f.files, f.commands)
	}
	if *update {
		if err := os.WriteFile(page, []byte(strings.Join(out, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// follower does what a page says, in a folder of its own.
type follower struct {
	t               *testing.T
	dir             string
	files, commands int
}

// fileName is the line before a block with the content of a file: its path, in bold.
var fileName = regexp.MustCompile("^\\*\\*`([a-z0-9_/.-]+)`\\*\\*")

// follow goes through the lines of a page and returns them with the true output.
func (f *follower) follow(lines []string) []string {
	var out []string
	name := ""
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		out = append(out, line)
		if m := fileName.FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		if !strings.HasPrefix(line, "```") {
			continue
		}
		end := i + 1
		for lines[end] != "```" {
			end++
		}
		block := lines[i+1 : end]
		switch line {
		case "```yaml":
			if name == "" {
				f.t.Fatalf("line %d: a file without its name before it", i+1)
			}
			f.write(name, strings.Join(block, "\n")+"\n")
			name = ""
		case "```console":
			block = f.run(block)
		}
		out = append(append(out, block...), "```")
		i = end
	}
	return out
}

func (f *follower) write(name, content string) {
	f.files++
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// run runs the commands of a block and returns it with their output.
func (f *follower) run(block []string) []string {
	var out []string
	for i := 0; i < len(block); {
		command, is := strings.CutPrefix(block[i], "$ hedui ")
		if !is {
			f.t.Fatalf("not a command of hedui: %q", block[i])
		}
		end := i + 1
		for end < len(block) && !strings.HasPrefix(block[end], "$ ") {
			end++
		}
		f.commands++
		got := f.output(strings.Fields(command))
		want := block[i+1 : end]
		if !asShown(want, got) {
			if !*update {
				f.t.Errorf("$ hedui %s\nthe page shows\n%s\nbut it is\n%s", command, strings.Join(want, "\n"), strings.Join(got, "\n"))
			}
			want = got
		}
		out = append(append(out, block[i]), want...)
		i = end
	}
	return out
}

// output is what a command writes, first to its output, then to its error output.
func (f *follower) output(args []string) []string {
	cmd := exec.CommandContext(f.t.Context(), "hedui", args...)
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), "LC_ALL=zh_CN.UTF-8")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		f.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(stdout.String()+stderr.String(), "\n"), "\n")
}

// asShown reports whether output is what a page shows.
func asShown(shown, got []string) bool {
	var b strings.Builder
	b.WriteString("^")
	for _, line := range shown {
		if strings.TrimSpace(line) == "…" {
			b.WriteString("(?:.*\n)*")
			continue
		}
		for i, part := range strings.Split(line, "…") {
			if i > 0 {
				b.WriteString(".*")
			}
			b.WriteString(regexp.QuoteMeta(part))
		}
		b.WriteString("\n")
	}
	b.WriteString("$")
	return regexp.MustCompile(b.String()).MatchString(strings.Join(got, "\n") + "\n")
}

func TestAsShown(t *testing.T) {
	got := []string{"pack x: 12 rules", "  a", "  b", "end"}
	for _, c := range []struct {
		shown []string
		want  bool
	}{
		{[]string{"pack x: … rules", "…", "end"}, true},
		{[]string{"pack x: … rules", "  a", "  b", "end"}, true},
		{[]string{"pack x: … rules", "  a", "end"}, false},
		{[]string{"…"}, true},
		{[]string{"pack x: 13 rules", "…"}, false},
		{[]string{"pack x: … rules", "…", "  b"}, false},
	} {
		if asShown(c.shown, got) != c.want {
			t.Errorf("%q: want %v", c.shown, c.want)
		}
	}
}
