package kraft

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What is pinned is what pom.xml asks for, each once, and with it what it needs.
func TestPinned(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(pinned)), "\n")
	line := regexp.MustCompile(`^[0-9a-f]{64}  [A-Za-z0-9._-]+\.jar$`)
	seen := map[string]bool{}
	for _, l := range lines {
		if !line.MatchString(l) || seen[l[66:]] {
			t.Errorf("%q", l)
		}
		seen[l[66:]] = true
	}
	asked := regexp.MustCompile(`(?s)<dependency>.*?<artifactId>(.*?)</artifactId>\s*<version>(.*?)</version>`).FindAllStringSubmatch(string(pom), -1)
	if len(asked) != 2 || len(lines) < 40 {
		t.Fatalf("%d asked for, %d pinned", len(asked), len(lines))
	}
	for _, a := range asked {
		if !seen[a[1]+"-"+a[2]+".jar"] {
			t.Errorf("%s %s is not pinned", a[1], a[2])
		}
	}
}

// A jar that is changed, missing or too many is not run.
func TestChecked(t *testing.T) {
	dir := t.TempDir()
	if err := checked(dir); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kafka-clients-4.1.2.jar"), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checked(dir); err == nil || !strings.Contains(err.Error(), "is not what jars.sha256 says") {
		t.Errorf("a changed jar: %v", err)
	}
}

func TestCertificates(t *testing.T) {
	ca, broker := filepath.Join(t.TempDir(), "ca.pem"), filepath.Join(t.TempDir(), "broker.pem")
	if err := certificates(ca, broker); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(broker, broker)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: "127.0.0.1"}); err != nil {
		t.Error(err)
	}
}
