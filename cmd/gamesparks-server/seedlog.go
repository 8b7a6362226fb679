package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/gamesparks-go/gamesparks/server"
)

// quietKey is the key of the context of requests whose log records have a lower level.
type quietKey struct{}

// quiet returns a handler whose requests the service logs at the level debug instead of info.
func quiet(service *server.Service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), quietKey{}, true)))
	})
}

// quietHandler lowers the level of records from info to debug if their context has quietKey.
type quietHandler struct{ slog.Handler }

func quietLevel(ctx context.Context, level slog.Level) slog.Level {
	if level == slog.LevelInfo && ctx.Value(quietKey{}) != nil {
		return slog.LevelDebug
	}
	return level
}

func (h quietHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.Handler.Enabled(ctx, quietLevel(ctx, level))
}

func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = quietLevel(ctx, r.Level)
	return h.Handler.Handle(ctx, r)
}

func (h quietHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quietHandler{h.Handler.WithAttrs(attrs)}
}

func (h quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{h.Handler.WithGroup(name)}
}
