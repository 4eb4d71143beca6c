package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var atRestPeople = flag.Int("atrest.people", 1500, "people of the province whose data are looked for on the disk")

// TestNothingInTheClear kills ingest while it spills and publish while it builds, then
// lets both end, and looks after each for what the departments delivered, in every byte
// of the encrypted directory and in many forms. The same on a directory that is not
// encrypted must find it every time, or the test sees nothing.
func TestNothingInTheClear(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	province := filepath.Join(top, "province")
	run(t, "gen", "--people", strconv.Itoa(*atRestPeople), "--seed", "3", "--out", province, "--dirty", "3", "--register")
	wanted := canaries(t, province)
	if len(wanted.texts) < *atRestPeople {
		t.Fatalf("only %d texts to look for", len(wanted.texts))
	}
	key := filepath.Join(top, "master.key")
	for _, c := range []struct{ name, keyFile string }{{"clear", ""}, {"sealed", key}} {
		t.Run(c.name, func(t *testing.T) {
			data := filepath.Join(top, c.name)
			flags := []string{"--data", data}
			if c.keyFile != "" {
				flags = append(flags, "--key-file", c.keyFile)
				run(t, append([]string{"keys", "init"}, flags...)...)
			}
			look := func(when string, least int) {
				t.Helper()
				found, size := wanted.in(t, data)
				t.Logf("%s: %d hits in %d bytes", when, len(found), size)
				if c.keyFile == "" && len(found) < least {
					t.Errorf("%s: self-check: only %d hits where nothing is encrypted", when, len(found))
				}
				if c.keyFile != "" && len(found) > 0 {
					t.Errorf("%s: %d hits, such as %s", when, len(found), found[0])
				}
			}
			bank := append([]string{"ingest", "--source", "bank", "--as-of", "2026-10-31", "--memory", "1KiB"}, flags...)
			killed(t, filepath.Join(data, "tmp", "spill-*"), append(bank, filepath.Join(province, "bank.csv"))...)
			look("ingest killed", 100)
			for _, source := range []string{"bank", "tax", "vehicle", "property", "insurance", "register"} {
				args := append([]string{"ingest", "--source", source, "--as-of", "2026-10-31", "--memory", "1KiB"}, flags...)
				if source == "tax" || source == "insurance" {
					args = append(args, "--covers", "2025-01..2026-10")
				}
				run(t, append(args, filepath.Join(province, source+".csv"))...)
			}
			look("ingested", *atRestPeople)
			killed(t, filepath.Join(data, "generations", ".building-*", "*.sst"), append([]string{"publish"}, flags...)...)
			look("publish killed", *atRestPeople)
			run(t, append([]string{"publish"}, flags...)...)
			out := filepath.Join(top, c.name+".jsonl")
			run(t, append([]string{"verify", "--rules", "reference", "--on", "2026-11-01", "--out", out, filepath.Join(province, "batch.jsonl")}, flags...)...)
			look("published", *atRestPeople)
		})
	}
	a, err := os.ReadFile(filepath.Join(top, "clear.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(top, "sealed.jsonl"))
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("the verdicts differ: %d and %d bytes, %v", len(a), len(b), err)
	}
}

// started is a command line of the program, whatever the environment names.
func started(t *testing.T, args []string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "hedui", args...)
	cmd.Env = append(os.Environ(), "HEDUI_KEY_FILE=")
	return cmd
}

// run runs the program; quarantined rows and refused requests are no failure.
func run(t *testing.T, args ...string) {
	t.Helper()
	out, err := started(t, args).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == exitPartial {
		err = nil
	}
	if err != nil {
		t.Fatalf("hedui %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// killed runs the program and kills it when a file of a pattern has something in it.
func killed(t *testing.T, pattern string, args ...string) {
	t.Helper()
	for range 50 {
		cmd := started(t, args)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = cmd.Wait()
		}()
		for over := false; !over; {
			select {
			case <-done:
				over = true
			case <-time.After(time.Millisecond):
				if written(pattern) {
					_ = cmd.Process.Kill()
					<-done
					over = true
				}
			}
		}
		if written(pattern) {
			return
		}
	}
	t.Fatalf("hedui %s was never killed with a %s", args[0], pattern)
}

func written(pattern string) bool {
	names, _ := filepath.Glob(pattern)
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Size() > 4096 {
			return true
		}
	}
	return false
}

// canary is what is looked for: texts that are personal, and patterns of at least six
// bytes that tell one, by their first six.
type canary struct {
	texts    map[string]bool
	patterns map[[6]byte][][]byte
}

// canaries takes what the departments deliver of people.
func canaries(t *testing.T, province string) *canary {
	t.Helper()
	c := &canary{map[string]bool{}, map[[6]byte][][]byte{}}
	for file, columns := range map[string][]string{
		"bank.csv": {"name", "id_number", "account"}, "tax.csv": {"name", "id_number"},
		"vehicle.csv": {"vin"}, "insurance.csv": {"id_number"}, "property.csv": {"certificate"},
	} {
		c.read(t, filepath.Join(province, file), columns)
	}
	return c
}

func (c *canary) read(t *testing.T, name string, columns []string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	var at []int
	for i, h := range head {
		for _, want := range columns {
			if strings.Contains(strings.TrimPrefix(h, "\ufeff"), want) {
				at = append(at, i)
			}
		}
	}
	if len(at) == 0 {
		t.Fatalf("%s: no column of %v in %v", name, columns, head)
	}
	for n := 0; n < *atRestPeople/4; n++ {
		row, err := r.Read()
		if err != nil {
			break
		}
		for _, i := range at {
			if i < len(row) {
				c.add(strings.TrimSpace(row[i]))
			}
		}
	}
}

// add adds the forms of a text. Short ones stand anywhere by chance.
func (c *canary) add(text string) {
	if len(text) < 9 || c.texts[text] || !utf8.ValidString(text) {
		return
	}
	c.texts[text] = true
	c.pattern([]byte(text))
	c.pattern([]byte(hex.EncodeToString([]byte(text))))
	c.pattern([]byte(strings.ToUpper(hex.EncodeToString([]byte(text)))))
	for shift := range 3 { // within a longer text
		whole := base64.StdEncoding.EncodeToString(append(make([]byte, shift), text...))
		from, to := (shift*8+5)/6, (shift+len(text))*8/6
		c.pattern([]byte(whole[from:to]))
	}
	if gbk, err := simplifiedchinese.GB18030.NewEncoder().String(text); err == nil {
		c.pattern([]byte(gbk))
	}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
	}
	c.pattern(little)
	c.pattern(big)
	if len(text) == 18 { // the number of the key of a person
		if n, err := strconv.ParseUint(text[:17], 10, 64); err == nil {
			c.pattern(binary.LittleEndian.AppendUint64(nil, n))
			c.pattern(binary.BigEndian.AppendUint64(nil, n))
		}
	}
}

func (c *canary) pattern(b []byte) {
	if len(b) < 6 {
		return
	}
	k := [6]byte(b)
	for _, p := range c.patterns[k] {
		if bytes.Equal(p, b) {
			return
		}
	}
	c.patterns[k] = append(c.patterns[k], b)
}

// in looks through every file below a directory.
func (c *canary) in(t *testing.T, dir string) (found []string, size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		size += int64(len(b))
		for i := 0; i+6 <= len(b); i++ {
			for _, p := range c.patterns[[6]byte(b[i:])] {
				if bytes.HasPrefix(b[i:], p) {
					found = append(found, filepath.Base(name)+" at "+strconv.Itoa(i))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, size
}
