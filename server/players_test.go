package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// dial connects a player to a stage and returns the handshake response.
func (e *env) dial(game, stage, player, key string) (*websocket.Conn, *http.Response, error) {
	query := url.Values{"playerId": {player}, "gameKey": {key}}
	u := "ws" + strings.TrimPrefix(e.srv.URL, "http") + "/runtime/game/" + game + "/stage/" + stage + "/connect?" + query.Encode()
	return websocket.Dial(e.ctx, u, nil)
}

// join connects a player and reads in the background until the connection ends. It returns the connection id and a
// channel that receives the error that ended the connection.
func (e *env) join(stage *types.StageDetails, player string) (id string, ended chan error) {
	e.Helper()
	conn, resp, err := e.dial("chess", *stage.Name, player, *stage.GameKey)
	if err != nil {
		e.Fatal(err)
	}
	ended = make(chan error, 1)
	go func() {
		_, _, err := conn.Read(context.Background())
		ended <- err
	}()
	return resp.Header.Get(server.ConnectionIDHeader), ended
}

func (e *env) connections(stage, player string) []types.Connection {
	e.Helper()
	return ok[*gamesparks.GetPlayerConnectionStatusOutput](e)(e.GetPlayerConnectionStatus(e.ctx, &gamesparks.GetPlayerConnectionStatusInput{
		GameName: aws.String("chess"), StageName: &stage, PlayerId: &player,
	})).Connections
}

// deployed creates a stage, deploys a snapshot to it so that players can connect, and returns it.
func (e *env) deployed(stage string) *types.StageDetails {
	e.Helper()
	details := e.createStage("chess", stage)
	e.deploy("chess", stage, e.createSnapshot("chess").Id)
	return details
}

func closedWith(err error) websocket.StatusCode { return websocket.CloseStatus(err) }

func TestPlayers(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		stage, other := e.deployed("dev"), e.deployed("other")
		if got := e.connections("dev", "ann"); got == nil || len(got) != 0 {
			e.Errorf("got connections %v, want an empty list", got)
		}
		first, firstEnded := e.join(stage, "ann")
		created := e.clock.Now()
		e.clock.Advance(time.Second)
		second, secondEnded := e.join(stage, "ann")
		_, bobEnded := e.join(stage, "bob")
		_, elsewhereEnded := e.join(other, "ann")

		want := []types.Connection{{Id: &first, Created: &created}, {Id: &second, Created: aws.Time(e.clock.Now())}}
		if diff := cmp.Diff(want, e.connections("dev", "ann")); diff != "" {
			e.Errorf("connections (-want +got):\n%s", diff)
		}

		disconnect := func() *gamesparks.DisconnectPlayerOutput {
			return ok[*gamesparks.DisconnectPlayerOutput](e)(e.DisconnectPlayer(e.ctx, &gamesparks.DisconnectPlayerInput{
				GameName: aws.String("chess"), StageName: aws.String("dev"), PlayerId: aws.String("ann"),
			}))
		}
		got := disconnect()
		if diff := cmp.Diff([]string{first, second}, got.DisconnectSuccesses); diff != "" || got.DisconnectFailures == nil || len(got.DisconnectFailures) != 0 {
			e.Errorf("disconnected connections (-want +got):\n%s\nfailures: %v", diff, got.DisconnectFailures)
		}
		if got := e.connections("dev", "ann"); len(got) != 0 {
			e.Errorf("got connections %v after disconnecting, want none", got)
		}
		for _, ended := range []chan error{firstEnded, secondEnded} {
			if err := <-ended; closedWith(err) != websocket.StatusNormalClosure || !strings.Contains(err.Error(), "ann") {
				e.Errorf("unexpected end of the connection: %v", err)
			}
		}
		if got := disconnect(); len(got.DisconnectSuccesses) != 0 {
			e.Errorf("got disconnected connections %v, want none", got.DisconnectSuccesses)
		}

		// Another deployment does not affect connections. Deleting the stage closes them.
		e.deploy("chess", "dev", e.createSnapshot("chess").Id)
		if len(e.connections("dev", "bob")) != 1 || len(e.connections("other", "ann")) != 1 {
			e.Error("a new deployment closed connections")
		}
		ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")}))
		if err := <-bobEnded; closedWith(err) != websocket.StatusNormalClosure {
			e.Errorf("unexpected end of the connection: %v", err)
		}
		if len(e.connections("other", "ann")) != 1 {
			e.Error("deleting a stage closed connections to another stage")
		}
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
		if err := <-elsewhereEnded; closedWith(err) != websocket.StatusNormalClosure {
			e.Errorf("unexpected end of the connection: %v", err)
		}
	})
}

// TestPlayerLeaves checks that the service accepts messages and stops listing a connection after the player closes it.
func TestPlayerLeaves(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	stage := e.deployed("dev")
	for name, leave := range map[string]func(*websocket.Conn) error{
		"close":     func(c *websocket.Conn) error { return c.Close(websocket.StatusNormalClosure, "bye") },
		"close now": func(c *websocket.Conn) error { return c.CloseNow() },
	} {
		conn, _, err := e.dial("chess", "dev", "ann", *stage.GameKey)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := conn.Write(e.ctx, websocket.MessageText, []byte(`{"Name":"Move"}`)); err != nil {
				t.Fatal(err)
			}
		}
		if got := e.connections("dev", "ann"); len(got) != 1 {
			t.Errorf("%s: got connections %v, want one", name, got)
		}
		if err := leave(conn); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for len(e.connections("dev", "ann")) > 0 { // wait until the service detects the close
		}
	}
}

// TestPlayerConnectionRecord checks that an open connection counts in the load and is recorded only when it ends, with the
// time that it was open, and that it is not a request in flight.
func TestPlayerConnectionRecord(t *testing.T) {
	t.Parallel()
	seen := make(chan server.RequestRecord, 100)
	e := newEnv(t, server.WithObserver(func(r server.RequestRecord) {
		if r.Operation == "Connect" {
			seen <- r
		}
	}))
	e.createGame("chess")
	stage := e.deployed("dev")
	start := time.Now()
	conn, resp, err := e.dial("chess", "dev", "ann", *stage.GameKey)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(server.Load{PlayerConnections: 1}, e.srv.Load()); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
	if len(seen) != 0 {
		t.Errorf("the open connection was recorded: %+v", <-seen)
	}
	opened := time.Since(start)
	for time.Since(start) < 2*opened { // so that the connection lasts longer than the handshake
		e.connections("dev", "ann")
	}
	open := time.Since(start) - opened
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	got := <-seen
	if got.Duration < open {
		t.Errorf("the duration is %v although the connection was open for %v", got.Duration, open)
	}
	want := server.RequestRecord{
		ID: resp.Header.Get("X-Amzn-RequestId"), Operation: "Connect", Method: "GET",
		Path: "/runtime/game/chess/stage/dev/connect", Status: http.StatusSwitchingProtocols, Duration: got.Duration,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(server.Load{}, e.srv.Load()); diff != "" {
		t.Errorf("load after the connection (-want +got):\n%s", diff)
	}
}

func TestRejectedPlayers(t *testing.T) {
	t.Parallel()
	fail := false
	var mu sync.Mutex
	e := newEnv(t, server.WithDeploymentOutcome(func(server.Deployment) server.Outcome {
		mu.Lock()
		defer mu.Unlock()
		if fail {
			return server.Outcome{Code: types.ResultCodeUnspecifiedFailure}
		}
		return server.Outcome{}
	}))
	e.createGame("chess")
	snapshot := e.createSnapshot("chess")
	stage := e.createStage("chess", "dev")
	rejected := func(what string, status int, code, game, stage, player, key string) {
		t.Helper()
		conn, resp, err := e.dial(game, stage, player, key)
		if err == nil {
			t.Errorf("%s: the connection was accepted", what)
			_ = conn.CloseNow()
			return
		}
		if resp == nil || resp.StatusCode != status || resp.Header.Get("X-Amzn-ErrorType") != code {
			t.Errorf("%s: got response %v, error %v; want %d %s", what, resp, err, status, code)
		}
	}
	rejected("never deployed", 409, "ConflictException", "chess", "dev", "ann", *stage.GameKey)
	rejected("wrong key", 403, "AccessDeniedException", "chess", "dev", "ann", *stage.GameKey+"x")
	rejected("no key", 403, "AccessDeniedException", "chess", "dev", "ann", "")
	rejected("no stage", 403, "AccessDeniedException", "chess", "none", "ann", *stage.GameKey)
	rejected("no game", 403, "AccessDeniedException", "none", "dev", "ann", *stage.GameKey)
	rejected("impossible game", 403, "AccessDeniedException", "a%2Fb", "dev", "ann", *stage.GameKey)
	rejected("no player", 400, "ValidationException", "chess", "dev", "", *stage.GameKey)
	rejected("impossible player", 400, "ValidationException", "chess", "dev", "a b", *stage.GameKey)
	rejected("long player", 400, "ValidationException", "chess", "dev", strings.Repeat("a", 45), *stage.GameKey)

	e.startDeployment("chess", "dev", snapshot.Id)
	rejected("deployment pending", 409, "ConflictException", "chess", "dev", "ann", *stage.GameKey)
	e.clock.Advance(pending)
	rejected("deployment in progress", 409, "ConflictException", "chess", "dev", "ann", *stage.GameKey)
	e.clock.Advance(inProgress)
	_, ended := e.join(stage, "ann")

	// Players can connect while a later deployment is in progress and after it has failed.
	mu.Lock()
	fail = true
	mu.Unlock()
	e.startDeployment("chess", "dev", snapshot.Id)
	e.join(stage, "ann")
	e.clock.Advance(pending + inProgress)
	e.join(stage, "ann")
	if got := e.connections("dev", "ann"); len(got) != 3 {
		t.Errorf("got connections %v, want three", got)
	}
	ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")}))
	if err := <-ended; closedWith(err) != websocket.StatusNormalClosure {
		t.Errorf("unexpected end of the connection: %v", err)
	}
	rejected("stage deleted", 403, "AccessDeniedException", "chess", "dev", "ann", *stage.GameKey)

	resp, err := http.Get(e.srv.URL + "/runtime/game/chess/stage/dev/connect?playerId=ann&gameKey=" + *e.deployed("plain").GameKey)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("plain GET: got status %s, want 403", resp.Status)
	}
}

// TestPlainRequestToConnect checks that the service rejects a request that is not a WebSocket handshake.
func TestPlainRequestToConnect(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	stage := e.deployed("dev")
	resp, err := http.Get(e.srv.URL + "/runtime/game/chess/stage/dev/connect?playerId=ann&gameKey=" + *stage.GameKey)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body struct{ Message string }
	err = json.NewDecoder(resp.Body).Decode(&body)
	if err != nil || resp.StatusCode != http.StatusUpgradeRequired || resp.Header.Get("X-Amzn-ErrorType") != "UpgradeRequired" ||
		!strings.Contains(body.Message, "WebSocket") || !requestID.MatchString(resp.Header.Get("X-Amzn-RequestId")) {
		t.Errorf("got status %s, header %v, message %q, error %v; want 426 UpgradeRequired with a request id and a JSON body",
			resp.Status, resp.Header, body.Message, err)
	}
	if got := e.connections("dev", "ann"); len(got) != 0 {
		t.Errorf("got connections %v, want none", got)
	}
}

func TestCloseEndsConnections(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	stage := e.deployed("dev")
	var ended []chan error
	for _, player := range []string{"ann", "ann", "bob"} {
		_, end := e.join(stage, player)
		ended = append(ended, end)
	}
	if err := e.srv.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	for _, end := range ended {
		if err := <-end; !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && closedWith(err) == -1 && !strings.Contains(err.Error(), "reset") {
			t.Errorf("unexpected end of the connection: %v", err)
		}
	}
	if _, _, err := e.dial("chess", "dev", "ann", *stage.GameKey); err == nil {
		t.Error("connected to a closed server")
	}
}

func TestManyPlayers(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	stage := e.deployed("dev")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			conn, _, err := e.dial("chess", "dev", "ann", *stage.GameKey)
			if err != nil {
				t.Error(err)
				return
			}
			_, _, _ = conn.Read(context.Background())
		})
		wg.Go(func() {
			_, err := e.DisconnectPlayer(e.ctx, &gamesparks.DisconnectPlayerInput{GameName: aws.String("chess"), StageName: aws.String("dev"), PlayerId: aws.String("ann")})
			if err != nil {
				t.Error(err)
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		wg.Wait()
		close(ended)
	}()
	for open := true; open; {
		select {
		case <-ended:
			open = false
		default:
			_, err := e.DisconnectPlayer(e.ctx, &gamesparks.DisconnectPlayerInput{GameName: aws.String("chess"), StageName: aws.String("dev"), PlayerId: aws.String("ann")})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := e.connections("dev", "ann"); len(got) != 0 {
		t.Errorf("got connections %v, want none", got)
	}
}

// TestDisconnectPlayerIsAWrite checks that DisconnectPlayer closes connections only after its transaction has committed.
func TestDisconnectPlayerIsAWrite(t *testing.T) {
	t.Parallel()
	store := &failingUpdates{Store: storage.NewMemory()}
	e := newEnv(t, server.WithStore(store))
	e.createGame("chess")
	_, ended := e.join(e.deployed("dev"), "ann")
	disconnect := func() (*gamesparks.DisconnectPlayerOutput, error) {
		return e.DisconnectPlayer(e.ctx, &gamesparks.DisconnectPlayerInput{
			GameName: aws.String("chess"), StageName: aws.String("dev"), PlayerId: aws.String("ann"),
		})
	}

	store.fail.Store(true)
	_, err := disconnect()
	wantError[*types.InternalServerException](e, err)
	if got := e.connections("dev", "ann"); len(got) != 1 {
		t.Errorf("got connections %v after a failed transaction, want one", got)
	}

	store.fail.Store(false)
	if got := ok[*gamesparks.DisconnectPlayerOutput](e)(disconnect()); len(got.DisconnectSuccesses) != 1 {
		t.Errorf("got disconnected connections %v, want one", got.DisconnectSuccesses)
	}
	if err := <-ended; closedWith(err) != websocket.StatusNormalClosure {
		t.Errorf("unexpected end of the connection: %v", err)
	}
}

// TestDeletionsDisconnectAfterCommit checks that players stay connected if deleting their stage or game fails.
func TestDeletionsDisconnectAfterCommit(t *testing.T) {
	t.Parallel()
	store := &failingUpdates{Store: storage.NewMemory()}
	e := newEnv(t, server.WithStore(store))
	e.createGame("chess")
	_, ended := e.join(e.deployed("dev"), "ann")
	deletions := map[string]func() error{
		"DeleteStage": func() error {
			_, err := e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")})
			return err
		},
		"DeleteGame": func() error {
			_, err := e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")})
			return err
		},
	}
	store.fail.Store(true)
	for name, remove := range deletions {
		wantError[*types.InternalServerException](e, remove())
		if got := e.connections("dev", "ann"); len(got) != 1 {
			t.Fatalf("got connections %v after a failed %s, want one", got, name)
		}
	}
	select {
	case err := <-ended:
		t.Fatalf("the connection ended: %v", err)
	default:
	}
	store.fail.Store(false)
	if err := deletions["DeleteGame"](); err != nil {
		t.Error(err)
	}
	if err := <-ended; closedWith(err) != websocket.StatusNormalClosure {
		t.Errorf("unexpected end of the connection: %v", err)
	}
}

// failingUpdates is a store whose updates run but fail to commit while fail is set.
type failingUpdates struct {
	storage.Store
	fail atomic.Bool
}

func (s *failingUpdates) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return s.Store.Update(ctx, func(w storage.Writer) error {
		if err := fn(w); err != nil {
			return err
		}
		if s.fail.Load() {
			return errBroken
		}
		return nil
	})
}
