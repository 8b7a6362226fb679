package postgres

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"
)

// The keepalive settings of both ends of a connection. A connection whose peer has disappeared ends after 25 seconds.
const (
	keepAliveIdle     = 10 * time.Second
	keepAliveInterval = 5 * time.Second
	keepAliveCount    = 3
)

// newDialer returns the dialer of the connections.
func newDialer() *net.Dialer {
	return &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount,
	}}
}

// adviseOnCertificate adds the next step to an error about the certificate of the database.
func adviseOnCertificate(err error) error {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		advice   string
	)
	switch {
	case errors.As(err, &unknown):
		advice = "set sslrootcert in the connection string to the file with the certificate of the authority that issued the database's certificate"
	case errors.As(err, &hostname):
		advice = "use a host name that the certificate contains, or issue a certificate for this host name"
	case errors.As(err, &invalid):
		advice = "replace the certificate of the database"
	default:
		return err
	}
	return &CertificateError{fmt.Errorf("%w: %s", err, advice)}
}

// CertificateError means that the certificate of the database is not valid for the connection string. Its message
// contains the next step.
type CertificateError struct{ err error }

// Error implements error.
func (e *CertificateError) Error() string { return e.err.Error() }

// Unwrap returns the error of the connection attempt.
func (e *CertificateError) Unwrap() error { return e.err }
