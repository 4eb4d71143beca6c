package stream_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/stream/streamtest"
)

// The contract against the broker in memory. bench/broker tries it on a real one.
func TestContract(t *testing.T) {
	f := streamtest.Fake(t)
	ca, server := authority(t)
	secure := streamtest.Fake(t, streamtest.FakeOptions{TLS: server, Mechanism: "SCRAM-SHA-512", User: "hedui", Password: "口令 1"})
	streamtest.Run(t, streamtest.Target{
		Brokers: f.Addrs,
		Down:    func(testing.TB) { f.Down() },
		Up:      func(testing.TB) { f.Up() },
		Secure: stream.Options{
			Brokers: secure.Addrs, TLS: stream.TLS{CA: ca},
			SASL: stream.SASL{Mechanism: stream.ScramSHA512, User: "hedui", Password: "口令 1"},
		},
	})
}

// authority makes a certificate authority in a file, and what a broker of it shows.
func authority(t *testing.T) (ca string, server *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	self := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, self, self, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return ca, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
