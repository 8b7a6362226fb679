package presencetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Bounds are the times that the documentation of the server promises.
type Bounds struct {
	// Notice is the time within which a process that reaches the database closes a connection that must end.
	Notice time.Duration

	// Lease is the time after which a process that cannot renew its lease has closed all connections, and after which its
	// players are not listed.
	Lease time.Duration

	// Takeover is the time within which another process disconnects the players of a stage if the process that deleted it has
	// ended: the lease, the time until the next attempt to take over, and Notice.
	Takeover time.Duration

	// Slack is the time that the check adds to each bound for the machine that runs the test.
	Slack time.Duration
}

// Rule is the rule that a violation breaks.
type Rule string

// The rules of [Check].
const (
	// ServedAfterDeletion means that a player was connected to a deleted stage beyond the bound.
	ServedAfterDeletion Rule = "connected to a deleted stage"

	// ServedAfterDisconnect means that a player was connected beyond the bound after DisconnectPlayer had returned.
	ServedAfterDisconnect Rule = "served after DisconnectPlayer"

	// MissingFromStatus means that responses of GetPlayerConnectionStatus did not list a connected player for longer than
	// the lease.
	MissingFromStatus Rule = "missing from the status"

	// ListedAfterDisconnect means that a call of GetPlayerConnectionStatus lists a connection, although DisconnectPlayer
	// had returned it before the call. There is no tolerance.
	ListedAfterDisconnect Rule = "listed after DisconnectPlayer"

	// ListedAfterEnd means that GetPlayerConnectionStatus listed a connection beyond the bound after it had ended.
	ListedAfterEnd Rule = "listed after the end of the connection"

	// ListedWithoutConnection means that GetPlayerConnectionStatus listed a connection that no client of the player can have.
	ListedWithoutConnection Rule = "listed without a connection"
)

// Violation is an observation that breaks a rule.
type Violation struct {
	// Rule is the broken rule.
	Rule Rule

	// Connection is the connection. It has only the player, the stage and the id if no client has the connection.
	Connection Connection

	// Since is the time from which the bound counts.
	Since time.Duration

	// Bound is the time at which the bound ended.
	Bound time.Duration

	// Observed is the time of the observation that breaks the rule.
	Observed time.Duration
}

// String describes the violation.
func (v Violation) String() string {
	return fmt.Sprintf("%s: player %s, connection %q to %s through %s, opened at %v: since %v, allowed until %v, observed at %v", v.Rule,
		v.Connection.Player, v.Connection.ID, v.Connection.Stage, v.Connection.Process, v.Connection.Opened, v.Since, v.Bound, v.Observed)
}

// Check returns the violations of a history, at most one for each rule and connection.
func Check(h History, b Bounds) []Violation {
	c := newChecker(h, b)
	c.checkDeletions()
	c.checkDisconnects()
	c.checkMissing()
	c.checkListed()
	return c.violations
}

// player identifies a player on a stage.
type player struct{ stage, id string }

// checker is the state of a check.
type checker struct {
	History
	Bounds

	byStage  map[string][]Connection
	byPlayer map[player][]Connection
	byID     map[string]Connection
	statuses map[player][]Status // by the time of the call

	found      map[violationKey]bool
	violations []Violation
}

// violationKey identifies the violations of which the check returns only the first.
type violationKey struct {
	rule   Rule
	player player
	id     string
}

func newChecker(h History, b Bounds) *checker {
	c := &checker{
		History: h, Bounds: b, byStage: map[string][]Connection{}, byPlayer: map[player][]Connection{}, byID: map[string]Connection{},
		statuses: map[player][]Status{}, found: map[violationKey]bool{},
	}
	for _, conn := range h.Connections {
		p := player{conn.Stage, conn.Player}
		c.byStage[conn.Stage] = append(c.byStage[conn.Stage], conn)
		c.byPlayer[p] = append(c.byPlayer[p], conn)
		if conn.ID != "" {
			c.byID[conn.ID] = conn
		}
	}
	for _, s := range h.Statuses {
		p := player{s.Stage, s.Player}
		c.statuses[p] = append(c.statuses[p], s)
	}
	for _, statuses := range c.statuses {
		slices.SortStableFunc(statuses, func(a, b Status) int { return cmp.Compare(a.Called, b.Called) })
	}
	return c
}

func (c *checker) report(v Violation) {
	key := violationKey{v.Rule, player{v.Connection.Stage, v.Connection.Player}, v.Connection.ID}
	if !c.found[key] {
		c.found[key] = true
		c.violations = append(c.violations, v)
	}
}

// checkClosed reports a connection that was open after the bound of a length that counts from since.
func (c *checker) checkClosed(rule Rule, conn Connection, since, length time.Duration) {
	bound := c.bound(since, conn.Process, length)
	if observed := min(conn.Closed, c.End); observed > bound {
		c.report(Violation{rule, conn, since, bound, observed})
	}
}

// checkDeletions checks that the connections to a deleted stage end. A connection may open after the deletion, since the
// process checks the stage after it has accepted the connection.
func (c *checker) checkDeletions() {
	for _, d := range c.Deletions {
		length := c.Notice
		if d.Unconfirmed {
			length = c.Takeover
		}
		for _, conn := range c.byStage[d.Stage] {
			if conn.ID != "" {
				c.checkClosed(ServedAfterDeletion, conn, max(d.Returned, conn.Opened), length)
			}
		}
	}
}

// checkDisconnects checks that the connections that were open before the call end, even if the response does not list
// them, and that a later status does not list them.
func (c *checker) checkDisconnects() {
	for _, d := range c.Disconnects {
		p := player{d.Stage, d.Player}
		for _, conn := range c.byPlayer[p] {
			listed := slices.Contains(d.IDs, conn.ID)
			if conn.ID != "" && (listed || conn.Opened <= d.Called) {
				c.checkClosed(ServedAfterDisconnect, conn, max(d.Returned, conn.Opened), c.Notice)
			}
		}
		for _, s := range c.statuses[p] {
			for _, id := range s.IDs {
				if s.Called > d.Returned && slices.Contains(d.IDs, id) {
					c.report(Violation{ListedAfterDisconnect, c.connection(s, id), d.Returned, d.Returned, s.Called})
				}
			}
		}
	}
}

// checkMissing checks that responses list each connection that was open during the whole call. A response without the
// connection is no violation by itself: the process may have lost its lease and not closed the connection yet.
func (c *checker) checkMissing() {
	for _, conn := range c.Connections {
		if conn.ID == "" {
			continue
		}
		const listed = -1
		since := time.Duration(listed)
		for _, s := range c.statuses[player{conn.Stage, conn.Player}] {
			switch {
			case s.Called < conn.Opened || s.Returned > conn.Closed:
			case slices.Contains(s.IDs, conn.ID):
				since = listed
			case since == listed:
				since = s.Returned
			default:
				if bound := c.bound(since, conn.Process, c.Lease); s.Called > bound {
					c.report(Violation{MissingFromStatus, conn, since, bound, s.Called})
				}
			}
		}
	}
}

// checkListed checks that responses list no connection that has ended.
func (c *checker) checkListed() {
	for _, statuses := range c.statuses {
		for _, s := range statuses {
			for _, id := range s.IDs {
				conn, known := c.byID[id]
				switch {
				case known && (conn.Player != s.Player || conn.Stage != s.Stage), !known && !c.mayHaveConnected(s):
					c.report(Violation{ListedWithoutConnection, c.connection(s, id), s.Called, s.Called, s.Called})
				case known:
					if bound := c.bound(conn.Closed, conn.Process, c.Notice); s.Called > bound {
						c.report(Violation{ListedAfterEnd, conn, conn.Closed, bound, s.Called})
					}
				}
			}
		}
	}
}

// mayHaveConnected reports whether the process of a failed attempt may still list the player at the time of the call.
func (c *checker) mayHaveConnected(s Status) bool {
	return slices.ContainsFunc(c.byPlayer[player{s.Stage, s.Player}], func(conn Connection) bool {
		return conn.ID == "" && conn.Dialed <= s.Returned && s.Called <= c.bound(conn.Opened, conn.Process, c.Notice)
	})
}

// connection returns the connection with the id, or one with what the status has.
func (c *checker) connection(s Status, id string) Connection {
	if conn, ok := c.byID[id]; ok {
		return conn
	}
	return Connection{Player: s.Player, Stage: s.Stage, ID: id}
}
