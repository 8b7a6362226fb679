package server

import (
	"github.com/gamesparks-go/gamesparks/server/internal/players"
)

// connectURI is the URI at which players connect to a stage. Its query parameters are gameKey and playerId.
const connectURI = "/runtime/game/{GameName}/stage/{StageName}/connect"

// ConnectionIDHeader is the response header that carries the id of an accepted player connection.
const ConnectionIDHeader = players.ConnectionIDHeader

// connect accepts a player connection and returns when the connection has ended.
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
	x.players.Serve(x.writer, x.request, ref, player, func() error {
		_, err := x.controlPlane.AdmitPlayer(ctx, game, stage, key, player)
		return err
	})
	return nil
}
