package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// probeInterval is the shortest time between two writes of Ready, so that frequent checks cost little.
const probeInterval = time.Second

// readiness shares the writes of concurrent and frequent calls of Ready.
type readiness struct {
	mu    sync.Mutex
	probe *probe // the latest; nil before the first call
}

// probe is a write to the store.
type probe struct {
	done     chan struct{} // closed when the fields below are set
	finished time.Time
	err      error
}

// Ready reports whether the service can handle requests that write: it writes a record to the store and returns the
// error. Calls within a second share the result of one write. If the context ends before the write, Ready returns the
// error of the context.
func (s *Service) Ready(ctx context.Context) error {
	p := s.readiness.next(func() error { return records.Probe(context.Background(), s.store) })
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("server: waiting for the store: %w", ctx.Err())
	}
}

// next returns the running probe, the last one if it is recent, or a new one that calls write.
func (r *readiness) next(write func() error) *probe {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.probe != nil {
		select {
		case <-r.probe.done:
			if time.Since(r.probe.finished) < probeInterval {
				return r.probe
			}
		default:
			return r.probe
		}
	}
	p := &probe{done: make(chan struct{})}
	r.probe = p
	go func() {
		defer close(p.done)
		p.err = write()
		p.finished = time.Now()
	}()
	return p
}

// storeError returns the response for an error of a commit whose reason the client should know, or nil.
func storeError(err error) *wireError {
	switch {
	case errors.Is(err, storage.ErrUnknownOutcome):
		return &wireError{http.StatusServiceUnavailable, "ServiceUnavailableException",
			"The service lost the connection to its database during the commit. The outcome of the request is unknown. Read the resource, or retry the request."}
	case errors.Is(err, storage.ErrFull):
		return &wireError{http.StatusServiceUnavailable, "ServiceUnavailableException",
			"The service cannot store data because its disk is full. The request had no effect. Retry it when space is available."}
	case errors.Is(err, storage.ErrUnavailable):
		return &wireError{http.StatusServiceUnavailable, "ServiceUnavailableException",
			"The service cannot reach its database. The request had no effect. Retry it."}
	}
	return nil
}
