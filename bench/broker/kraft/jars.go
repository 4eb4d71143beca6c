package kraft

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed pom.xml
var pom []byte

//go:embed jars.sha256
var pinned []byte

// Jars returns the folder with the jars, after it has checked them all. Where they are
// not, Maven fetches them.
func Jars(ctx context.Context, cache string) (string, error) {
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(user, "hedui-kafka")
	}
	// Another pin is another folder, so that two versions don't meet.
	sum := sha256.Sum256(pinned)
	dir := filepath.Join(cache, hex.EncodeToString(sum[:6]))
	if checked(dir) == nil {
		return dir, nil
	}
	if err := fetch(ctx, dir); err != nil {
		return "", err
	}
	return dir, checked(dir)
}

// fetch has Maven put the jars into a folder, which appears as a whole.
func fetch(ctx context.Context, dir string) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("kafka's jars are not in the cache and there is no mvn to fetch them: install maven, or name a running broker in KAFKA_BROKERS")
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom, 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, mvn, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars", "-DincludeScope=runtime")
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("mvn: %w: %s", err, bytes.TrimSpace(out[max(0, len(out)-2000):]))
	}
	if err := checked(filepath.Join(work, "jars")); err != nil {
		return err
	}
	os.RemoveAll(dir)
	if err := os.Rename(filepath.Join(work, "jars"), dir); err != nil && checked(dir) != nil {
		return err
	}
	return nil
}

// checked compares a folder of jars with what is pinned: all of it, and nothing else.
func checked(dir string) error {
	want := make(map[string]string)
	for line := range strings.Lines(string(pinned)) {
		if f := strings.Fields(line); len(f) == 2 {
			want[f[1]] = f[0]
		}
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range found {
		sum, err := digest(filepath.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		if want[f.Name()] != sum {
			return fmt.Errorf("%s is not what jars.sha256 says: %s", f.Name(), sum)
		}
		delete(want, f.Name())
	}
	for name := range want {
		return fmt.Errorf("%s is missing among the jars of kafka", name)
	}
	return nil
}

func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, bufio.NewReader(f)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Pin returns jars.sha256 as Maven resolves pom.xml now.
func Pin(ctx context.Context) ([]byte, error) {
	work, err := os.MkdirTemp("", "hedui-kafka-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars", "-DincludeScope=runtime")
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mvn: %w: %s", err, out)
	}
	found, err := os.ReadDir(filepath.Join(work, "jars"))
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for _, f := range found {
		sum, err := digest(filepath.Join(work, "jars", f.Name()))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&text, "%s  %s\n", sum, f.Name())
	}
	return text.Bytes(), nil
}
