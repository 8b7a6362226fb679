package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// TestTCP connects over TCP with a password, with and without TLS. Errors about certificates must contain the next step.
func TestTCP(t *testing.T) {
	t.Parallel()
	const password = "secret-of-the-test"
	_, tcp := pgtest.StartTCP(t, password)
	ca := "&sslrootcert=" + tcp.CA
	tests := map[string]struct {
		host, parameters, password string
		wants                      []string // in the error
	}{
		"plain":                             {tcp.Host, "sslmode=disable", password, nil},
		"verified":                          {tcp.Host, "sslmode=verify-full" + ca, password, nil},
		"authority verified":                {tcp.OtherHost, "sslmode=verify-ca" + ca, password, nil},
		"wrong password":                    {tcp.Host, "sslmode=disable", "another", []string{"password authentication failed"}},
		"unknown authority":                 {tcp.Host, "sslmode=verify-full", password, []string{"unknown authority", "set sslrootcert"}},
		"unknown authority, without a name": {tcp.Host, "sslmode=verify-ca", password, []string{"unknown authority", "set sslrootcert"}},
		"name that the certificate does not have": {tcp.OtherHost, "sslmode=verify-full" + ca, password, []string{tcp.OtherHost, "use a host name that the certificate contains"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := postgres.Open(t.Context(), tcp.URL(test.host, test.parameters), inSchema(newSchema()), withPassword(test.password))
			if err == nil {
				defer s.Close()
				err = put(t.Context(), s, "a", "1")
			}
			if (err == nil) != (test.wants == nil) {
				t.Fatalf("got error %v", err)
			}
			for _, want := range test.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want one with %q", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

// TestSessionSettings reads the settings of a session over TCP.
func TestSessionSettings(t *testing.T) {
	t.Parallel()
	_, tcp := pgtest.StartTCP(t, "secret")
	s := open(t, tcp.URL(tcp.Host, "sslmode=disable"), withPassword("secret"), func(o *postgres.Options) { o.IdleTimeout = 7 * time.Second })
	defer s.Close()
	want := map[string]string{
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3", "tcp_user_timeout": "7000",
		"statement_timeout": "30000", "idle_in_transaction_session_timeout": "7000", "synchronous_commit": "on",
	}
	got, err := s.Settings(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings of a session (-want +got):\n%s", diff)
	}
}
