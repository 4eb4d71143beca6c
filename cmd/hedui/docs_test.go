package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

var (
	shownCommand = regexp.MustCompile("(?m)^(?:\\$ )?(?:sudo -u hedui )?hedui ([^\\n#|<>]*)|`(?:sudo -u hedui )?hedui ([^`|<>]*)`")
	word         = regexp.MustCompile(`^[a-z]+$`)
	shownLink    = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
)

// pages are the pages for people, with their text.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	root := filepath.Join("..", "..")
	read := func(name string) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	read(filepath.Join(root, "README.md"))
	read(filepath.Join(root, "README.zh-CN.md"))
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(name string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".md") {
			read(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every command that a page shows exists and knows the flags it is shown with, and what a
// page refers to is there.
func TestPagesAreTrue(t *testing.T) {
	commands, links := 0, 0
	for name, text := range pages(t) {
		for _, m := range shownLink.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s refers to %s, which is not there", name, m[1])
			}
		}
		joined := strings.ReplaceAll(text, "\\\n", " ")
		for _, m := range shownCommand.FindAllStringSubmatch(joined, -1) {
			line := m[1] + m[2]
			commands++
			cmd, rest, err := newRootCommand(testApp()).Find(strings.Fields(line))
			if err != nil {
				t.Errorf("%s shows hedui %s: %v", name, line, err)
				continue
			}
			// Of hedui itself no other word is a mistake: prose begins lines with it, and
			// formats are called `hedui ledger 1`.
			if cmd.HasParent() && cmd.HasSubCommands() && len(rest) > 0 && word.MatchString(rest[0]) {
				t.Errorf("%s shows hedui %s: there is no %s of %s", name, line, rest[0], cmd.Name())
			}
			for text := range strings.FieldsSeq(line) {
				flag, ok := strings.CutPrefix(strings.Trim(text, "[](){},.…"), "--")
				flag, _, _ = strings.Cut(flag, "=")
				if !ok || flag == "" {
					continue
				}
				known := false
				cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { known = known || f.Name == flag })
				if !known && cmd.Flags().Lookup(flag) == nil && flag != "help" {
					t.Errorf("%s shows hedui %s: there is no --%s", name, line, flag)
				}
			}
		}
	}
	if commands < 100 || links < 100 {
		t.Errorf("only %d commands and %d links were found", commands, links)
	}
}
