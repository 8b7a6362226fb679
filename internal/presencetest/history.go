// Package presencetest checks what clients observe of the players of several server processes that share a database.
//
// A [Recorder] collects a [History] while clients run, and [Check] compares it with the documented [Bounds]:
//
//   - A player is not connected to a deleted stage.
//   - A disconnected player is not served.
//   - A connected player is not missing from the connection status for longer than the lease.
//   - A player whose connection has ended is not listed for longer than a served player would be served.
//
// Each bound counts from the time at which a client has received the response that makes the promise. A process has the
// bound Notice while it reaches the database. A process that does not reach the database, or that is suspended, has the
// time of its lease, since it can neither receive the order to close a connection nor renew the lease. A suspended process
// serves no player, so its bound ends when it continues. A process that is killed lists its players until its lease ends.
// A process that is killed while it deletes a stage may leave the players connected until another process takes over its
// background work and finds them, which has the bound Takeover.
package presencetest

import (
	"math"
	"time"
)

// Forever is the end of what has not ended in a history.
const Forever = time.Duration(math.MaxInt64)

// History is what clients have observed. Times are the time since the start of the history.
type History struct {
	// Connections are the attempts of players to connect.
	Connections []Connection

	// Statuses are the successful calls of GetPlayerConnectionStatus.
	Statuses []Status

	// Disconnects are the successful calls of DisconnectPlayer.
	Disconnects []Disconnect

	// Deletions are the deletions of stages.
	Deletions []Deletion

	// Outages are the times at which processes could not work.
	Outages []Outage

	// End is the time at which the history ends. The check does not decide about later times.
	End time.Duration
}

// Connection is an attempt of a player to connect to a stage.
type Connection struct {
	// Player is the id of the player.
	Player string

	// Stage is the name of the stage. A name is used for one stage only.
	Stage string

	// Process is the name of the server process.
	Process string

	// ID is the id of the connection. It is empty if the attempt failed, and the process may still have accepted it.
	ID string

	// Dialed is the start of the attempt.
	Dialed time.Duration

	// Opened is the time at which the client received the response, or at which the attempt failed.
	Opened time.Duration

	// Closed is the time at which the client found that the connection had ended, or [Forever].
	Closed time.Duration
}

// Call is the time of a call.
type Call struct {
	// Called is the time before the call.
	Called time.Duration

	// Returned is the time after the response.
	Returned time.Duration
}

// Status is a call of GetPlayerConnectionStatus.
type Status struct {
	Call

	// Player is the id of the player.
	Player string

	// Stage is the name of the stage.
	Stage string

	// IDs are the ids of the connections in the response.
	IDs []string
}

// Disconnect is a call of DisconnectPlayer.
type Disconnect struct {
	Call

	// Player is the id of the player.
	Player string

	// Stage is the name of the stage.
	Stage string

	// IDs are the ids of the connections in the response.
	IDs []string
}

// Deletion is a call of DeleteStage or DeleteGame, or the call that has found the effect of one without response.
type Deletion struct {
	Call

	// Stage is the name of the stage.
	Stage string

	// Unconfirmed means that no call has succeeded, and that another call has found the stage deleted.
	Unconfirmed bool
}

// OutageKind is the reason for which a process cannot work.
type OutageKind int

const (
	// Unreachable means that the process does not reach the database, or that the process has ended.
	Unreachable OutageKind = iota

	// Suspended means that the process does not run.
	Suspended
)

// Outage is a time at which a process cannot work.
type Outage struct {
	// Kind is the reason.
	Kind OutageKind

	// Process is the name of the process. Optional. Empty means all processes.
	Process string

	// From is the start, no later than the fault.
	From time.Duration

	// To is the end, no earlier than the repair, or [Forever].
	To time.Duration
}
