package pgtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TCP describes how clients reach a server of [StartTCP].
type TCP struct {
	// Host is the address in the server's certificate.
	Host string

	// OtherHost is an address of the server that is not in its certificate.
	OtherHost string

	// CA is the file with the certificate of the authority that issued the server's certificate.
	CA string
}

// URL returns the connection string of the database postgres for one of the addresses, without the password. The
// parameters begin with sslmode.
func (c TCP) URL(host, parameters string) string {
	return "postgres://postgres@" + host + "/postgres?" + parameters
}

// StartTCP starts a server for the test that listens on two loopback addresses of its own, with and without TLS. It
// requires a password and accepts only scram-sha-256.
func StartTCP(t testing.TB, password string) (*Server, TCP) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all loopback addresses of 127.0.0.0/8")
	}
	network := fmt.Sprintf("127.%d.%d.", 1+mathrand.IntN(254), mathrand.IntN(256))
	tcp := TCP{Host: network + "1", OtherHost: network + "2", CA: filepath.Join(t.TempDir(), "ca.pem")}
	s := Start(t, "listen_addresses="+tcp.Host+","+tcp.OtherHost)
	s.SetPassword(t, password)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	ca, certificate, key := issue(t, tcp.Host)
	for name, content := range map[string][]byte{
		tcp.CA:                                 ca,
		filepath.Join(s.dir, "server.pem"):     certificate,
		filepath.Join(s.dir, "server.key"):     key,
		filepath.Join(s.data(), "pg_hba.conf"): []byte("local all all scram-sha-256\nhost all all 127.0.0.0/8 scram-sha-256\n"),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if name == tcp.CA {
			continue
		}
		if err := own(name); err != nil {
			t.Fatal(err)
		}
	}
	s.settings = append(s.settings, "ssl=on", "ssl_cert_file="+filepath.Join(s.dir, "server.pem"), "ssl_key_file="+filepath.Join(s.dir, "server.key"))
	s.Restart(t)
	return s, tcp
}

// issue returns the PEM texts of a new certificate authority, and of a certificate for an address with its key.
func issue(t testing.TB, host string) (ca, certificate, key []byte) {
	t.Helper()
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	create := func(template, parent *x509.Certificate, public *ecdsa.PublicKey, signer *ecdsa.PrivateKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	start, end := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: start, NotAfter: end,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: start, NotAfter: end,
		IPAddresses: []net.IP{net.ParseIP(host)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	authorityKey, leafKey := newKey(), newKey()
	der, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	return create(authority, authority, &authorityKey.PublicKey, authorityKey),
		create(leaf, authority, &leafKey.PublicKey, authorityKey),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
