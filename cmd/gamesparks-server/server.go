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
	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
	"github.com/gamesparks-go/gamesparks/cmd/internal/socket"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Run runs the server until a signal stops it.
func (c *config) Run(s *streams) error {
	stdout, stderr := s.stdout, s.stderr
	if err := c.check(); err != nil {
		return &exitError{exitUsage, err}
	}
	defer reserveHeap()()
	logger := c.logger(stderr)
	build := buildinfo.Read()
	keys, err := newAccessKeys(c)
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
	seeds, err := readSeeds(c.Seed)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	metrics := newMetrics(build)
	var (
		store   storage.Store
		openErr error
	)
	open := func() (storage.Store, error) {
		logger.Info("starting", "version", build.Version, "commit", build.Commit, "go", build.Go)
		exit := func(err error) {
			// Closing the store could wait forever.
			fmt.Fprintf(stderr, "gamesparks-server: %v\n", c.dataError(err))
			os.Exit(exitData)
		}
		onCommit := func(r storage.CommitRecord) {
			metrics.commit(r)
			if errors.Is(r.Err, storage.ErrVersion) { // a newer server has migrated the database
				exit(r.Err)
			}
		}
		store, openErr = c.openStore(logger, storage.FileOptions{OnCommit: onCommit, OnDamage: exit})
		return store, openErr
	}
	service, err := server.New(c.options(keys.credentials(), extensions, open, metrics, logger)...)
	if openErr != nil {
		return &exitError{exitData, c.dataError(openErr)}
	}
	if err != nil {
		return c.serviceError(err)
	}
	metrics.dataSize(store)
	metrics.watch(service)

	signaled, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := c.applySeeds(signaled, seeds, service, store, logger); err != nil {
		closeErr := service.Close()
		if signaled.Err() != nil {
			return closeErr
		}
		return &exitError{exitData, errors.Join(err, closeErr)}
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return errors.Join(c.listenError(err), service.Close())
	}
	scheme := "http"
	if tlsConfig == nil {
		listener = server.ErrorListener(listener)
	} else {
		scheme = "https"
		listener = server.TLSErrorListener(listener, tlsConfig)
	}
	httpServer := &http.Server{
		Addr:              c.Addr, // the service checks the Host header if this is a loopback address
		Handler:           newHandler(c, keys, service, store, metrics),
		MaxHeaderBytes:    c.MaxHeader,
		ReadHeaderTimeout: c.HeaderTimeout,
		ReadTimeout:       c.ReadTimeout,
		WriteTimeout:      c.WriteTimeout,
		IdleTimeout:       c.IdleTimeout,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	stopAdmin, err := c.startAdmin(signaled, store, logger)
	if err != nil {
		return errors.Join(err, listener.Close(), service.Close())
	}
	closeService := func() error {
		stopAdmin() // closing the store would wait for a backup
		return service.Close()
	}
	printEnvironment(stdout, c, scheme+"://"+dialAddress(listener.Addr()))
	logger.Info("listening", "addr", listener.Addr().String(), "data", c.where(), "region", c.Region, "account", c.Account)
	if tlsConfig == nil && !c.isLoopback() {
		logger.Warn("the server is open to the network without TLS: set --tls-cert and --tls-key, or use a proxy that terminates TLS")
	}

	if c.TestAPI && !c.isLoopback() {
		logger.Warn("THE TEST API IS OPEN TO THE NETWORK: set --addr to a loopback address unless the network is isolated", "addr", c.Addr)
	}

	go keys.watch(signaled, service, metrics, logger)
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }()
	select {
	case err := <-served:
		return errors.Join(err, closeService())
	case <-signaled.Done():
	}
	stop() // a second signal ends the process
	logger.Info("stopping", "shutdown_timeout_ms", c.ShutdownTimeout.Milliseconds())
	return errors.Join(shutdown(httpServer, service, c), closeService())
}

// responseGrace is how long shutdown waits for the responses of requests that it has ended.
const responseGrace = time.Second

// shutdown accepts no more connections, disconnects players, waits for active requests until --shutdown-timeout expires,
// and then ends them.
func shutdown(httpServer *http.Server, service *server.Service, c *config) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.ShutdownTimeout)
	defer cancel()
	flushed, cancel := context.WithTimeout(context.Background(), c.ShutdownTimeout+responseGrace)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- httpServer.Shutdown(flushed) }()
	err := errors.Join(service.Shutdown(ctx), <-stopped)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("canceled active requests after the --shutdown-timeout of %v", c.ShutdownTimeout)
	}
	return errors.Join(err, httpServer.Close())
}

// listenError adds the --addr flag and, where possible, the next step to an error from net.Listen.
func (c *config) listenError(err error) error {
	cause := err
	if op, ok := errors.AsType[*net.OpError](err); ok {
		cause = op.Err
	}
	if socket.IsAddressInUse(err) {
		return fmt.Errorf("--addr %s: the port is in use: stop the other server or choose another port", c.Addr)
	}
	return fmt.Errorf("--addr %s: cannot listen: %w", c.Addr, cause)
}

// tls returns the TLS configuration, or nil if --tls-cert is not set.
func (c *config) tls() (*tls.Config, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	certificate, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s, --tls-key %s: %s", c.TLSCert, c.TLSKey, strings.TrimPrefix(err.Error(), "tls: "))
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}, nil
}

// dialAddress returns an address at which this machine can reach the listener. It replaces an unspecified IP address
// with localhost.
func dialAddress(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return fmt.Sprintf("localhost:%d", tcp.Port)
}

// printEnvironment prints shell commands that configure AWS SDKs and tools to use the server.
func printEnvironment(w io.Writer, c *config, endpoint string) {
	var text strings.Builder
	fmt.Fprintf(&text, "# GameSparks API endpoint: %s\n", endpoint)
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
		text.WriteString("# Set AWS_SECRET_ACCESS_KEY to the value of --secret-key.\n")
	}
	fmt.Fprintf(&text, "# SDKs and tools from before July 2023 ignore AWS_ENDPOINT_URL_GAMESPARKS. Set their endpoint, as in aws --endpoint-url %s\n", endpoint)
	_, _ = io.WriteString(w, text.String()) // best effort
}

// newHandler returns the handler for all paths of the server. It does not use [http.ServeMux], which would redirect a
// path that is not clean and so invalidate the client's signature.
func newHandler(c *config, keys *accessKeys, service *server.Service, store storage.Store, metrics *metrics) http.Handler {
	client := c.newClient(service, func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} })
	page, api, metricsHandler := ui.New(client), metrics.track(service), metrics.handler()
	if !c.isLoopback() {
		page = requireKey(service, keys, c.Account, page)
	}
	return service.HostCheck(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/healthz":
			health(w, r, service, store)
		case path == "/readyz":
			ready(w, r, service)
		case path == "/metrics":
			metricsHandler.ServeHTTP(w, r)
		case path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			http.Redirect(w, r, ui.Path, http.StatusFound)
		case path == strings.TrimSuffix(ui.Path, "/"):
			http.Redirect(w, r, ui.Path, http.StatusMovedPermanently)
		case strings.HasPrefix(path, ui.Path):
			page.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	}))
}

func health(w http.ResponseWriter, r *http.Request, service *server.Service, store storage.Store) {
	reportHealth(w, r, service, store.View(r.Context(), readFirst), "The server cannot read its data. Check the data file or the database.")
}

// readyTimeout bounds the time that a request to /readyz waits for the store.
const readyTimeout = 10 * time.Second

func ready(w http.ResponseWriter, r *http.Request, service *server.Service) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	err := service.Ready(ctx)
	problem := "The server cannot write its data. Check the data file or the database."
	if errors.Is(err, storage.ErrFull) {
		problem = "The server cannot write its data because its disk is full. Free space on the disk."
	}
	reportHealth(w, r, service, err, problem, describeDifferences(service)...)
}

// describeDifferences returns a line for the response of /readyz if the settings of the servers on the database differ. The
// server stays ready: a rolling change of a setting must not take out all servers.
func describeDifferences(service *server.Service) []string {
	names := service.ConfigurationDifferences()
	if len(names) == 0 {
		return nil
	}
	return []string{"The settings of the servers on this database differ: " + strings.Join(names, ", ") + "."}
}

// reportHealth responds with the problem if err is not nil. Otherwise, it responds with ok and the notes, one a line.
func reportHealth(w http.ResponseWriter, r *http.Request, service *server.Service, err error, problem string, notes ...string) {
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		service.WriteError(w, r, http.StatusServiceUnavailable, "ServiceUnavailableException", problem)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, strings.Join(append([]string{"ok"}, notes...), "\n")+"\n")
}

// readFirst reads only the first entry of the store.
func readFirst(tx storage.Reader) error {
	for _, err := range tx.Scan(storage.Range{Limit: 1}) {
		return err
	}
	return nil
}

// requireKey requires HTTP basic authentication with an access key of the account.
func requireKey(service *server.Service, keys *accessKeys, account string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		for _, key := range keys.credentials() {
			if key.Disabled || key.SessionToken != "" || key.Account != "" && key.Account != account {
				continue
			}
			if !key.Expires.IsZero() && !time.Now().Before(key.Expires) {
				continue
			}
			if user == key.AccessKeyID && subtle.ConstantTimeCompare([]byte(password), []byte(key.SecretAccessKey)) == 1 {
				next.ServeHTTP(w, r)
				return
			}
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="access key ID and secret access key", charset="UTF-8"`)
		service.WriteError(w, r, http.StatusUnauthorized, "UnauthorizedException",
			"Sign in with an access key ID as the user name and its secret as the password.")
	})
}
