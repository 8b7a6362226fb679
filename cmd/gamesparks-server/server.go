package main

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/gamesparks-server/internal/ui"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// serve runs the server until a signal asks it to stop.
func serve(c *config, stdout, stderr io.Writer) error {
	logger := c.logger(stderr)
	credentials, err := c.credentials()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	extensions, err := readList[server.Extension]("--extensions", c.Extensions)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	tlsConfig, err := c.tls()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	metrics := newMetrics()
	var store storage.Store
	open := func() (_ storage.Store, err error) {
		store, err = c.openStore()
		return store, err
	}
	service, err := server.New(c.options(credentials, extensions, open, metrics, logger)...)
	if err != nil {
		return optionError(err)
	}

	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return errors.Join(err, service.Close())
	}
	scheme := "http"
	if tlsConfig != nil {
		scheme = "https"
		listener = tls.NewListener(listener, tlsConfig)
	}
	httpServer := &http.Server{
		Handler:           newHandler(c, credentials, service, store, metrics),
		MaxHeaderBytes:    c.MaxHeader,
		ReadHeaderTimeout: c.HeaderTimeout,
		ReadTimeout:       c.ReadTimeout,
		WriteTimeout:      c.WriteTimeout,
		IdleTimeout:       c.IdleTimeout,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	signaled, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	announce(stdout, c, scheme+"://"+reachable(listener.Addr()))
	logger.Info("listening", "addr", listener.Addr().String(), "data", c.Data, "region", c.Region, "account", c.Account)
	if tlsConfig == nil && !c.isLocal() {
		logger.Warn("the server is open to the network without TLS: set --tls-cert and --tls-key, or have a proxy encrypt")
	}

	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }()
	select {
	case err := <-served:
		return errors.Join(err, service.Close())
	case <-signaled.Done():
	}
	stop() // a second signal is not caught
	logger.Info("stopping", "timeout", c.ShutdownTimeout)
	return errors.Join(shutdown(httpServer, c), service.Close())
}

// shutdown lets the requests finish that are being answered, and cuts them off when they take too long.
func shutdown(server *http.Server, c *config) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.ShutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off after %v: %w", c.ShutdownTimeout, err), server.Close())
	}
	return nil
}

func (c *config) openStore() (storage.Store, error) {
	if c.Data == "" {
		return storage.NewMemory(), nil
	}
	return storage.OpenFile(c.Data)
}

// tls returns nil when HTTPS is not wanted.
func (c *config) tls() (*tls.Config, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	certificate, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}, nil
}

// reachable returns an address by which this machine reaches the listener's, which may be that of all interfaces.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return fmt.Sprintf("localhost:%d", tcp.Port)
}

// announce prints what points SDKs and tools at the server, as lines that a shell can evaluate.
func announce(w io.Writer, c *config, endpoint string) {
	var text strings.Builder
	fmt.Fprintf(&text, "# GameSparks is at %s\n", endpoint)
	export := func(variable, value string) {
		fmt.Fprintf(&text, "export %s='%s'\n", variable, strings.ReplaceAll(value, "'", `'\''`))
	}
	export("AWS_ENDPOINT_URL_GAMESPARKS", endpoint)
	export("AWS_REGION", c.Region)
	export("AWS_DEFAULT_REGION", c.Region)
	export("AWS_ACCESS_KEY_ID", c.AccessKey)
	if c.SecretKey == defaultKey {
		export("AWS_SECRET_ACCESS_KEY", c.SecretKey)
	} else {
		text.WriteString("# and AWS_SECRET_ACCESS_KEY to the secret key that the server was given\n")
	}
	fmt.Fprintf(&text, "# SDKs and tools of before July 2023 do not know AWS_ENDPOINT_URL_GAMESPARKS: give them the endpoint, as in aws --endpoint-url %s\n", endpoint)
	_, _ = io.WriteString(w, text.String()) // the server is of use without
}

// newHandler returns all that the server serves. Paths are compared as they are: [http.ServeMux] would redirect those
// that are not clean, and a client must not be told to sign one path and send another.
func newHandler(c *config, credentials []server.Credential, service *server.Service, store storage.Store, metrics *metrics) http.Handler {
	client := gamesparks.New(gamesparks.Options{
		BaseEndpoint: aws.String("http://localhost"),
		Region:       c.Region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: c.AccessKey, SecretAccessKey: c.SecretKey}, nil
		}),
		HTTPClient: inProcess{service},
		Retryer:    aws.NopRetryer{},
	})
	page, api, metricsHandler := ui.New(client), metrics.track(service), metrics.handler()
	if c.isLocal() {
		page = localOnly(page)
	} else {
		page = withKey(credentials, c.Account, page)
	}
	if c.Anonymous {
		api = localOnly(api)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/healthz":
			health(w, r, store)
		case path == "/metrics":
			metricsHandler.ServeHTTP(w, r)
		case path == strings.TrimSuffix(ui.Path, "/"):
			http.Redirect(w, r, ui.Path, http.StatusMovedPermanently)
		case strings.HasPrefix(path, ui.Path):
			page.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

func health(w http.ResponseWriter, r *http.Request, store storage.Store) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := store.View(r.Context(), readOne); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "the data cannot be read\n")
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// readOne reads one entry, if there is any.
func readOne(tx storage.Reader) error {
	for _, err := range tx.Scan(storage.Range{}) {
		return err
	}
	return nil
}

// localOnly keeps out the pages of other sites that a browser on this machine shows: those whose name has been pointed
// at this machine's address, and those that send requests here.
func localOnly(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if !isLoopback(strings.Trim(host, "[]")) {
			http.Error(w, "this is for localhost only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// withKey lets only those in who have one of the access keys of the account.
func withKey(credentials []server.Credential, account string, next http.Handler) http.Handler {
	var keys []server.Credential
	for _, key := range credentials {
		if key.SessionToken == "" && (key.Account == "" || key.Account == account) {
			keys = append(keys, key)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		for _, key := range keys {
			if !key.Expires.IsZero() && !time.Now().Before(key.Expires) {
				continue
			}
			if user == key.AccessKeyID && subtle.ConstantTimeCompare([]byte(password), []byte(key.SecretAccessKey)) == 1 {
				next.ServeHTTP(w, r)
				return
			}
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="access key id and secret access key", charset="UTF-8"`)
		http.Error(w, "this page takes an access key id and its secret access key", http.StatusUnauthorized)
	})
}
