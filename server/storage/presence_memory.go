package storage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// memoryPresence is a [Presence] in memory. Its replicas are parts of the same process, so their leases do not end.
type memoryPresence struct {
	mu          sync.Mutex
	replicas    map[string]Replica
	leases      map[string]string // the replica that holds a named lease
	connections map[string]*Connection
	players     map[stagePlayer][]*Connection
	stages      map[string]int               // number of connections
	orders      map[string]map[string]string // reasons by replica and connection
	watchers    map[string][]chan struct{}   // by replica
}

type stagePlayer struct{ stage, player string }

// NewPresence returns an empty presence in memory. Leases do not end.
func NewPresence() Presence {
	return &memoryPresence{
		replicas: map[string]Replica{}, leases: map[string]string{}, connections: map[string]*Connection{},
		players: map[stagePlayer][]*Connection{}, stages: map[string]int{},
		orders: map[string]map[string]string{}, watchers: map[string][]chan struct{}{},
	}
}

// LeaseDuration implements [Presence].
func (p *memoryPresence) LeaseDuration() time.Duration { return 0 }

// lock locks the presence unless the context has ended. The caller must call unlock if the error is nil.
func (p *memoryPresence) lock(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	return p.mu.Unlock, nil
}

// Join implements [Presence].
func (p *memoryPresence) Join(ctx context.Context, replica Replica) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if _, exists := p.replicas[replica.ID]; exists {
		return fmt.Errorf("storage: replica id %q is in use: join under a new id", replica.ID)
	}
	p.replicas[replica.ID] = replica
	return nil
}

// Renew implements [Presence].
func (p *memoryPresence) Renew(ctx context.Context, replica string) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return p.checkJoined(replica)
}

func (p *memoryPresence) checkJoined(replica string) error {
	if _, joined := p.replicas[replica]; !joined {
		return ErrLeaseEnded
	}
	return nil
}

// SetConfiguration implements [Presence].
func (p *memoryPresence) SetConfiguration(ctx context.Context, replica, configuration string) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if _, joined := p.replicas[replica]; !joined {
		return ErrLeaseEnded
	}
	p.replicas[replica] = Replica{ID: replica, Configuration: configuration}
	return nil
}

// Leave implements [Presence].
func (p *memoryPresence) Leave(ctx context.Context, replica string) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	delete(p.replicas, replica)
	delete(p.orders, replica)
	maps.DeleteFunc(p.leases, func(_, holder string) bool { return holder == replica })
	for id, connection := range p.connections {
		if connection.Replica == replica {
			p.remove(id)
		}
	}
	return nil
}

// Replicas implements [Presence].
func (p *memoryPresence) Replicas(ctx context.Context) ([]Replica, error) {
	unlock, err := p.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return slices.SortedFunc(maps.Values(p.replicas), func(a, b Replica) int { return cmp.Compare(a.ID, b.ID) }), nil
}

// RemoveEnded implements [Presence].
func (p *memoryPresence) RemoveEnded(ctx context.Context) error { return ctx.Err() }

// AcquireLease implements [Presence].
func (p *memoryPresence) AcquireLease(ctx context.Context, name, replica string) (held bool, err error) {
	unlock, err := p.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := p.checkJoined(replica); err != nil {
		return false, err
	}
	if p.leases[name] == "" {
		p.leases[name] = replica
	}
	return p.leases[name] == replica, nil
}

// Connect implements [Presence].
func (p *memoryPresence) Connect(ctx context.Context, connection Connection) (created time.Time, err error) {
	unlock, err := p.lock(ctx)
	if err != nil {
		return time.Time{}, err
	}
	defer unlock()
	if err := p.checkJoined(connection.Replica); err != nil {
		return time.Time{}, err
	}
	if existing, exists := p.connections[connection.ID]; exists {
		return existing.Created, nil
	}
	if connection.Created.IsZero() {
		connection.Created = time.Now().UTC().Truncate(time.Millisecond)
	}
	key := stagePlayer{connection.Stage, connection.Player}
	p.players[key] = append(p.players[key], &connection)
	p.stages[connection.Stage]++
	p.connections[connection.ID] = &connection
	return connection.Created, nil
}

// remove removes a connection and returns it, or nil if it does not exist. The caller must hold mu.
func (p *memoryPresence) remove(id string) *Connection {
	removed := p.connections[id]
	if removed == nil {
		return nil
	}
	delete(p.connections, id)
	key := stagePlayer{removed.Stage, removed.Player}
	rest := slices.DeleteFunc(p.players[key], func(c *Connection) bool { return c == removed })
	p.players[key] = rest
	if len(rest) == 0 {
		delete(p.players, key)
	}
	if p.stages[removed.Stage]--; p.stages[removed.Stage] == 0 {
		delete(p.stages, removed.Stage)
	}
	return removed
}

// Remove implements [Presence].
func (p *memoryPresence) Remove(ctx context.Context, ids []string) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for _, id := range ids {
		p.remove(id)
	}
	return nil
}

// Connections implements [Presence].
func (p *memoryPresence) Connections(ctx context.Context, stage, player string) (found []Connection, err error) {
	unlock, err := p.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	for _, connection := range p.players[stagePlayer{stage, player}] {
		found = append(found, *connection)
	}
	slices.SortFunc(found, func(a, b Connection) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}

// Stages implements [Presence].
func (p *memoryPresence) Stages(ctx context.Context, after string, limit int) (found []string, err error) {
	unlock, err := p.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	for stage := range p.stages {
		if stage > after {
			found = append(found, stage)
		}
	}
	slices.Sort(found)
	return found[:min(len(found), limit)], nil
}

// Disconnect implements [Presence].
func (p *memoryPresence) Disconnect(ctx context.Context, ids []string, reason string) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for _, id := range ids {
		p.disconnect(id, reason)
	}
	return nil
}

// disconnect removes a connection and leaves an order. The caller must hold mu.
func (p *memoryPresence) disconnect(id, reason string) {
	removed := p.remove(id)
	if removed == nil {
		return
	}
	if p.orders[removed.Replica] == nil {
		p.orders[removed.Replica] = map[string]string{}
	}
	p.orders[removed.Replica][id] = reason
	for _, watcher := range p.watchers[removed.Replica] {
		select {
		case watcher <- struct{}{}:
		default: // it has an element
		}
	}
}

// DisconnectStages implements [Presence].
func (p *memoryPresence) DisconnectStages(ctx context.Context, prefix, reason string) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for id, connection := range p.connections {
		if strings.HasPrefix(connection.Stage, prefix) {
			p.disconnect(id, reason)
		}
	}
	return nil
}

// Orders implements [Presence].
func (p *memoryPresence) Orders(ctx context.Context, replica string) (orders []DisconnectOrder, err error) {
	unlock, err := p.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	for connection, reason := range p.orders[replica] {
		orders = append(orders, DisconnectOrder{Connection: connection, Reason: reason})
	}
	slices.SortFunc(orders, func(a, b DisconnectOrder) int { return cmp.Compare(a.Connection, b.Connection) })
	return orders, nil
}

// RemoveOrders implements [Presence].
func (p *memoryPresence) RemoveOrders(ctx context.Context, ids []string) error {
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for replica, orders := range p.orders {
		for _, id := range ids {
			delete(orders, id)
		}
		if len(orders) == 0 {
			delete(p.orders, replica)
		}
	}
	return nil
}

// WatchOrders implements [Presence].
func (p *memoryPresence) WatchOrders(replica string) (changed <-chan struct{}, stop func()) {
	watcher := make(chan struct{}, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchers[replica] = append(p.watchers[replica], watcher)
	return watcher, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.watchers[replica] = slices.DeleteFunc(p.watchers[replica], func(c chan struct{}) bool { return c == watcher })
		if len(p.watchers[replica]) == 0 {
			delete(p.watchers, replica)
		}
	}
}
