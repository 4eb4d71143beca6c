package console

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestWords tells whether every word that a page or the code asks for is in the
// catalogue, in both languages.
func TestWords(t *testing.T) {
	words, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`\.(?:V\.)?T "([^"]+)"`)
	n := 0
	err = fs.WalkDir(templateFiles, "templates", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := templateFiles.ReadFile(p)
		for _, m := range asked.FindAllStringSubmatch(string(content), -1) {
			n++
			if _, known := words[m[1]]; !known {
				t.Errorf("%s: no word %q", p, m[1])
			}
		}
		return err
	})
	if err != nil || n < 20 {
		t.Errorf("%d words asked for, %v", n, err)
	}
	for key, w := range words {
		if strings.TrimSpace(w.zh) == "" || strings.TrimSpace(w.en) == "" {
			t.Errorf("%q is not said in both languages", key)
		}
		if strings.Count(w.zh, "%") != strings.Count(w.en, "%") {
			t.Errorf("%q takes other values in English than in Chinese", key)
		}
	}
	for _, g := range menu {
		for _, i := range g.items {
			for _, key := range []string{"nav." + i.key, "nav." + i.key + ".help"} {
				if _, known := words[key]; !known {
					t.Errorf("no word %q", key)
				}
			}
		}
	}
}

// TestPagesStandAlone tells whether a template has a script, a style or an event in it,
// which the policy of content forbids, or says that text is safe which is not made here.
func TestPagesStandAlone(t *testing.T) {
	bad := regexp.MustCompile(`(?i)<style|style=|<script(?:>| [^>]*>[^<])|\son[a-z]+=|javascript:|https?://|hx-on|hx-vals|hx-headers`)
	err := fs.WalkDir(templateFiles, "templates", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := templateFiles.ReadFile(p)
		for _, m := range bad.FindAllString(string(content), -1) {
			t.Errorf("%s: %q", p, m)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInside(t *testing.T) {
	for to, want := range map[string]string{
		"/console/home": "/console/home", "/console/cases?state=proposed": "/console/cases?state=proposed", "/console": "/console",
		"//host/console": prefix, "https://host/console/home": prefix, "/console/../api": prefix, "/consolex": prefix, `/\host`: prefix,
		`/console/\host`: prefix, "": prefix, "javascript:alert(1)": prefix, "/console//host": prefix, "\x00": prefix,
	} {
		if got := inside(to); got != want {
			t.Errorf("inside(%q) = %q, want %q", to, got, want)
		}
	}
}

func TestNew(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("a console without a desk")
	}
	if _, err := New(Options{Desk: struct{ Desk }{}, Now: time.Now}); err != nil {
		t.Error(err)
	}
}
