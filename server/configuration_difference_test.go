package server_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// logBuffer is a log that is safe for concurrent use.
type logBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// startComparing starts a replica with a short lease, so that it compares its settings often.
func startComparing(t *testing.T, schema string, opts ...server.Option) (*server.Server, *logBuffer) {
	t.Helper()
	store := openSchema(t, schema, func(o *postgres.Options) { o.MaxConns, o.Lease = 4, time.Second })
	log := new(logBuffer)
	return servertest.Start(t, append([]server.Option{
		server.WithStore(store), server.WithLogger(slog.New(slog.NewTextHandler(log, nil))),
	}, opts...)...), log
}

// awaitDifferences waits until all servers report the differences.
func awaitDifferences(t *testing.T, servers []*server.Server, want ...string) {
	t.Helper()
	for _, srv := range servers {
		got := []string{}
		deadline := time.Now().Add(time.Minute)
		await(t, func() bool {
			got = srv.ConfigurationDifferences()
			return cmp.Equal(want, got, cmpopts.EquateEmpty()) || time.Now().After(deadline)
		})
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("differences (-want +got):\n%s", diff)
		}
	}
}

// TestConfigurationDifferences checks which options replicas compare. A replica with another value must be reported by name.
func TestConfigurationDifferences(t *testing.T) {
	t.Parallel()
	credential := func(account string) server.Credential {
		return server.Credential{AccessKeyID: "key" + account, SecretAccessKey: "secret", Account: account}
	}
	for name, test := range map[string]struct {
		option server.Option
		want   []string
	}{
		"same":            {server.WithRegion("us-east-1"), nil},
		"region":          {server.WithRegion("eu-west-1"), []string{"region"}},
		"account":         {server.WithAccount("210987654321"), []string{"account", "accounts"}},
		"accounts":        {server.WithCredentials(credential("210987654321")), []string{"accounts"}},
		"secret":          {server.WithCredentials(server.Credential{AccessKeyID: "local", SecretAccessKey: "other"}), nil},
		"anonymous":       {server.WithAnonymousAccess(), []string{"anonymous"}},
		"deployment time": {server.WithDeploymentTime(time.Hour, time.Minute), []string{"deployment-in-progress", "deployment-pending"}},
		"code generation": {server.WithCodeGenerationTime(time.Hour, time.Minute), []string{"job-in-progress", "job-pending"}},
		"deletion":        {server.WithDeletionTime(time.Minute), []string{"deletion-time"}},
		"extensions":      {server.WithExtensions(server.Extension{Namespace: "Studio", Name: "Chat"}), []string{"extensions"}},
		"body":            {server.WithMaxBodyBytes(1000), []string{"max-body"}},
		"games":           {server.WithMaxGames(7), []string{"max-games"}},
		"URL":             {server.WithPublicURL("https://games.example"), []string{"public-url"}},
		"rate":            {server.WithRateLimit(5, 10), []string{"rate-burst", "rate-limit"}},
		"test API":        {server.WithTestAPI(), []string{"test-api"}},
		"machine":         {server.WithMaxRequests(7), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema := newSchema()
			startComparing(t, schema)
			srv, log := startComparing(t, schema, test.option)
			if test.want == nil { // a known difference shows when the last server has compared the settings
				srv, log = startComparing(t, schema, server.WithMaxGames(99))
				test.want = []string{"max-games"}
			}
			awaitDifferences(t, []*server.Server{srv}, test.want...)
			line := "level=WARN msg=\"the servers on this database have different settings: set the same values on all of them\" settings=" + strings.Join(test.want, ",") + "\n"
			if text := log.String(); !strings.Contains(text, line) {
				t.Errorf("the log does not have the line %q:\n%s", line, text)
			}
			if err := srv.Ready(t.Context()); err != nil {
				t.Errorf("a difference makes the server unready: %v", err)
			}
		})
	}
}

// TestConfigurationDifferencesEnd checks that differences end when the settings become equal, or when a replica stops.
func TestConfigurationDifferencesEnd(t *testing.T) {
	t.Parallel()
	schema := newSchema()
	first, log := startComparing(t, schema)
	second, _ := startComparing(t, schema)
	third, _ := startComparing(t, schema, server.WithMaxGames(3))
	servers := []*server.Server{first, second, third}
	awaitDifferences(t, servers, "max-games")
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	awaitDifferences(t, servers[:2])

	// The keys of a running server can change.
	more := []server.Credential{
		{AccessKeyID: "local", SecretAccessKey: "local"},
		{AccessKeyID: "mine", SecretAccessKey: "hidden-secret", Account: "210987654321"},
	}
	for i, want := range [][]string{{"accounts"}, nil} {
		if err := servers[i].SetCredentials(more...); err != nil {
			t.Fatal(err)
		}
		awaitDifferences(t, servers[:2], want...)
	}
	if text := log.String(); !strings.Contains(text, "level=INFO msg=\"the servers on this database have the same settings\"") || strings.Contains(text, "210987654321") {
		t.Errorf("the log has an account, or does not report the end of a difference:\n%s", text)
	}
	stored := pgtest.Shared(t).Exec(t, "postgres", "select string_agg(configuration, ' ') from "+schema+".replicas")
	for _, secret := range []string{"hidden-secret", "mine", "210987654321", "local"} {
		if strings.Contains(stored, secret) {
			t.Errorf("the database has %q in the configuration: %s", secret, stored)
		}
	}
	if !strings.Contains(stored, "max-games") {
		t.Errorf("the database has the configuration %q", stored)
	}
}
