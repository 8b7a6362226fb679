package local

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/coder/websocket"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/local/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// connectURI is where players connect to a stage, with the parameters gameKey and playerId.
const connectURI = "/runtime/game/{GameName}/stage/{StageName}/connect"

// ConnectionIDHeader is the header that tells a player, when the connection is accepted, its id.
const ConnectionIDHeader = "X-GameSparks-Connection-Id"

// stageID names a stage among those of all accounts.
type stageID struct{ account, game, stage string }

// players are the players that are connected. They belong to the process, not to the store.
type players struct {
	mu      sync.Mutex
	stages  map[stageID]map[*connection]struct{}
	closed  bool
	serving sync.WaitGroup
}

// connection counts from before its handshake, so that a player who is in is seen.
type connection struct {
	id      string
	player  string
	created time.Time

	opened chan struct{}   // closed when the handshake is over
	socket *websocket.Conn // from then on; nil if the handshake failed
}

func newPlayers() *players { return &players{stages: map[stageID]map[*connection]struct{}{}} }

// add returns false when the service is closed.
func (p *players) add(stage stageID, c *connection) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	if p.stages[stage] == nil {
		p.stages[stage] = map[*connection]struct{}{}
	}
	p.stages[stage][c] = struct{}{}
	p.serving.Add(1)
	return true
}

func (p *players) remove(stage stageID, c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.stages[stage], c)
	if len(p.stages[stage]) == 0 {
		delete(p.stages, stage)
	}
}

// of returns the connections of a player, oldest first.
func (p *players) of(stage stageID, player string) []*connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []*connection
	for c := range p.stages[stage] {
		if c.player == player {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *connection) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id, b.id))
	})
	return found
}

// disconnect closes connections. The closing handshake goes on after it returns, but they do not count any more.
func (p *players) disconnect(stage stageID, connections []*connection, reason string) {
	for _, c := range connections {
		p.remove(stage, c)
		go c.end(func(socket *websocket.Conn) error { return socket.Close(websocket.StatusNormalClosure, reason) })
	}
}

// end closes the connection's socket when there is one. It does not matter if that fails: then it has ended already.
func (c *connection) end(how func(*websocket.Conn) error) {
	<-c.opened
	if c.socket != nil {
		_ = how(c.socket)
	}
}

// closeStages closes all connections to the stages of a game, or to one stage unless its name is empty.
func (p *players) closeStages(account, game, stage string) {
	p.mu.Lock()
	ending := map[stageID][]*connection{}
	for id, connections := range p.stages {
		if id.account == account && id.game == game && (stage == "" || id.stage == stage) {
			for c := range connections {
				ending[id] = append(ending[id], c)
			}
		}
	}
	p.mu.Unlock()
	for id, connections := range ending {
		p.disconnect(id, connections, "The stage is deleted.")
	}
}

// close ends all connections at once and waits until they are.
func (p *players) close() {
	p.mu.Lock()
	p.closed = true
	for _, connections := range p.stages {
		for c := range connections {
			go c.end((*websocket.Conn).CloseNow)
		}
	}
	p.mu.Unlock()
	p.serving.Wait()
}

// connect lets a player in and returns when the connection has ended. What the player sends is read and dropped.
func (s *Service) connect(w http.ResponseWriter, r *http.Request, labels []string) error {
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return malformed(err)
	}
	player := query.Get("playerId")
	if rule := checkConstraints(schemas.PlayerId, player); rule != "" {
		return invalid("playerId: %s.", rule)
	}
	stage, err := s.enter(r.Context(), labels[0], labels[1], query.Get("gameKey"))
	if err != nil {
		return err
	}
	conn := &connection{id: newID(), player: player, created: s.now(), opened: make(chan struct{})}
	if !s.players.add(stage, conn) {
		return errors.New("the service is closed")
	}
	defer s.players.serving.Done()
	defer s.players.remove(stage, conn)
	w.Header().Set(ConnectionIDHeader, conn.id)
	// Games in a browser come from any site. The game key lets them in, and the browser has no credentials to abuse.
	conn.socket, err = websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: []string{"*"}})
	close(conn.opened)
	if err != nil {
		return nil // Accept has answered
	}
	if _, err := s.enter(r.Context(), stage.game, stage.stage, query.Get("gameKey")); err != nil {
		// The stage was deleted before the connection was there to be closed with it.
		conn.end(func(socket *websocket.Conn) error {
			return socket.Close(websocket.StatusPolicyViolation, "The stage is deleted.")
		})
		return nil
	}
	for {
		// The context of the request does not end with a connection that has been taken over.
		_, message, err := conn.socket.Reader(context.WithoutCancel(r.Context()))
		if err == nil {
			_, err = io.Copy(io.Discard, message)
		}
		if err != nil {
			conn.end((*websocket.Conn).CloseNow)
			return nil
		}
	}
}

// enter returns the stage that a game key opens. A player learns no more than that: a stage that is not there and a
// wrong key are the same.
func (s *Service) enter(ctx context.Context, game, stage, key string) (stageID, error) {
	var found *stageID
	err := s.store.View(ctx, func(tx storage.Reader) error {
		if checkConstraints(schemas.GameName, game) != "" || checkConstraints(schemas.StageName, stage) != "" {
			return nil
		}
		for account := range s.accounts {
			c := &call{Service: s, account: account, now: s.now(), tx: tx}
			candidate, err := c.findStage(game, stage)
			if err != nil {
				return err
			}
			if candidate == nil || candidate.state() != types.StageStateActive ||
				subtle.ConstantTimeCompare([]byte(candidate.GameKey), []byte(key)) == 0 {
				continue
			}
			found = &stageID{account, game, stage}
			return c.checkDeployed(candidate)
		}
		return nil
	})
	switch {
	case err != nil:
		return stageID{}, err
	case found == nil:
		return stageID{}, accessDenied("There is no such stage, or the game key is not the stage's.")
	}
	return *found, nil
}

// checkDeployed returns a conflict unless a deployment of the stage was completed: a later one that is under way or has
// failed leaves its runtime as it is.
func (c *call) checkDeployed(stage *stageRecord) error {
	deployments := storage.Prefix(c.deploymentKey(stage.Game, stage.Name, ""))
	deployments.Reverse = true
	for entry, err := range c.tx.Scan(deployments) {
		if err != nil {
			return err
		}
		deployment, err := decode[deploymentRecord](entry.Key, entry.Value)
		if err != nil {
			return err
		}
		if state, _, _ := deployment.progress(c.now); state == types.DeploymentStateCompleted {
			return nil
		}
	}
	return conflict("No deployment of stage %q has completed.", stage.Name)
}

func (c *call) connections(game, stage, player *string) (stageID, []*connection, error) {
	found, err := c.stage(game, stage)
	if err != nil {
		return stageID{}, nil, err
	}
	id := stageID{c.account, found.Game, found.Name}
	return id, c.players.of(id, *player), nil
}

func (c *call) getPlayerConnectionStatus(in *gamesparks.GetPlayerConnectionStatusInput) (*gamesparks.GetPlayerConnectionStatusOutput, error) {
	_, connections, err := c.connections(in.GameName, in.StageName, in.PlayerId)
	out := &gamesparks.GetPlayerConnectionStatusOutput{Connections: []types.Connection{}}
	for _, conn := range connections {
		out.Connections = append(out.Connections, types.Connection{Created: &conn.created, Id: aws.String(conn.id)})
	}
	return out, err
}

func (c *call) disconnectPlayer(in *gamesparks.DisconnectPlayerInput) (*gamesparks.DisconnectPlayerOutput, error) {
	stage, connections, err := c.connections(in.GameName, in.StageName, in.PlayerId)
	out := &gamesparks.DisconnectPlayerOutput{DisconnectFailures: []string{}, DisconnectSuccesses: []string{}}
	for _, conn := range connections {
		out.DisconnectSuccesses = append(out.DisconnectSuccesses, conn.id)
	}
	c.players.disconnect(stage, connections, fmt.Sprintf("The player %s is disconnected.", *in.PlayerId))
	return out, err
}

// checkConstraints returns the rule of the model that a text breaks, or "".
func checkConstraints(s *smithy.Schema, text string) string {
	if l, ok := smithy.SchemaTrait[*schemas.Length](s); ok {
		if rule := l.Check(len([]rune(text))); rule != "" {
			return rule
		}
	}
	if p, ok := smithy.SchemaTrait[*schemas.Pattern](s); ok {
		return p.Check(text)
	}
	return ""
}
