package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/players"
	"github.com/gamesparks-go/gamesparks/server/internal/replica"
)

// connectURI is the URI at which players connect to a stage. Its query parameters are gameKey and playerId.
const connectURI = "/runtime/game/{GameName}/stage/{StageName}/connect"

// ConnectionIDHeader is the response header that carries the id of an accepted player connection.
const ConnectionIDHeader = players.ConnectionIDHeader

// connect accepts a player connection. The request is recorded when the connection has ended.
func (x *exchange) connect(labels []string) error {
	query, err := parseQuery(x.request.URL.RawQuery)
	if err != nil {
		return malformed(err)
	}
	ctx, game, stage, key, player := x.request.Context(), labels[0], labels[1], query.Get("gameKey"), query.Get("playerId")
	ref, err := x.controlPlane.AdmitPlayer(ctx, game, stage, key, player)
	if err != nil {
		return err
	}
	if err := x.applyFault(ref.Account); err != nil {
		return err
	}
	w := &handshakeWriter{ResponseWriter: x.writer}
	x.isRecordedLater, err = x.replica.Serve(w, x.request, replica.Player{
		Stage: ref, ID: player, Ended: x.connectionRecorder(),
		Confirm: func() error {
			_, err := x.controlPlane.AdmitPlayer(ctx, game, stage, key, player)
			return err
		},
	})
	switch {
	case errors.Is(err, players.ErrClosed):
		return x.errBusy("The service is closed.")
	case errors.Is(err, replica.ErrNoLease):
		return x.errBusy("The service cannot reach its database, so it accepts no players.")
	case err != nil:
		return err
	}
	return w.err()
}

// connectionRecorder returns a function that records an accepted player connection when it has ended. The function does not
// refer to the exchange or to the context of the request, since each connection would keep their memory.
func (x *exchange) connectionRecorder() func() {
	s, id, operation, path, start := x.settings, x.record.ID, x.record.Operation, strings.Clone(x.record.Path), x.start
	return func() {
		s.observe(context.Background(), &RequestRecord{
			ID: id, Operation: operation, Method: http.MethodGet, Path: path, Status: http.StatusSwitchingProtocols, Duration: time.Since(start),
		})
	}
}

// handshakeWriter holds back the plain-text error response to an invalid handshake.
type handshakeWriter struct {
	http.ResponseWriter
	status int // of the error; 0 if there is none
	text   []byte
}

// WriteHeader implements http.ResponseWriter.
func (w *handshakeWriter) WriteHeader(status int) {
	if status >= http.StatusBadRequest {
		w.status = status
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *handshakeWriter) Write(p []byte) (int, error) {
	if w.status != 0 {
		w.text = append(w.text, p...)
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController access to the wrapped writer.
func (w *handshakeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// err returns the error that was held back, or nil.
func (w *handshakeWriter) err() error {
	if w.status == 0 {
		return nil
	}
	return &wireError{w.status, statusCode(w.status), strings.TrimSpace(string(w.text))}
}
