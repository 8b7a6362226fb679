package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
)

// Server is a [Service] that listens on a port of the loopback interface. [Start] returns it. It is safe for concurrent
// use.
type Server struct {
	*Service

	// URL is the base URL of the server, such as http://127.0.0.1:12345.
	URL string

	http   *http.Server
	served chan error
}

// Start starts a server with a new service. The caller must close it. In a test, use package servertest instead. The error
// is an [*OptionError] if an option has an invalid value.
func Start(opts ...Option) (*Server, error) {
	service, err := New(opts...)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("server: %w", err), service.Close())
	}
	srv := &Server{
		Service: service,
		URL:     "http://" + listener.Addr().String(),
		http:    &http.Server{Handler: service, ReadHeaderTimeout: readHeaderTimeout},
		served:  make(chan error, 1),
	}
	go func() { srv.served <- srv.http.Serve(ErrorListener(listener)) }()
	return srv, nil
}

// readHeaderTimeout limits the time for reading request headers.
const readHeaderTimeout = 10 * time.Second

// Close ends requests in flight with a ServiceUnavailableException (503), closes all connections, waits for the server to
// stop and closes the service. It takes at most a few seconds. Closing the server again is a no-op. To wait for requests in
// flight, call [Service.Shutdown] first.
func (s *Server) Close() error {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Shutdown(now) // the error is that of the context
	flushed, cancel := context.WithTimeout(context.Background(), endGrace)
	defer cancel()
	_ = s.http.Shutdown(flushed) // sends the responses; Close closes any other connections
	err := s.http.Close()
	if served, ok := <-s.served; ok {
		close(s.served)
		if !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
	}
	return errors.Join(err, s.Service.Close())
}

// Config returns a configuration for clients of this server. Pass it to [gamesparks.NewFromConfig], or to the constructor
// of another Go client for GameSparks.
func (s *Server) Config() aws.Config {
	return aws.Config{
		BaseEndpoint: aws.String(s.URL),
		Region:       s.region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return s.keys.keys.Load().credentials[0].aws(), nil
		}),
	}
}

// Client returns a new client for this server. The functions in optFns modify its options.
func (s *Server) Client(optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	return gamesparks.NewFromConfig(s.Config(), optFns...)
}
