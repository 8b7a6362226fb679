package replica

import (
	"context"
	"time"
)

const (
	// pollInterval is the time between two reads of the orders of a replica. Notifications only make them faster.
	pollInterval = time.Second

	// pollTimeout limits a read of the orders, so that the next one can use another connection.
	pollTimeout = 3 * time.Second
)

// obey closes the connections that other replicas disconnect, until the membership ends.
func (r *Replica) obey(m *membership) {
	changed, stop := r.Presence.WatchOrders(m.id)
	defer stop()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	failed := false
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-changed:
		case <-r.local:
		case <-poll.C:
			r.removal.repeatUncertain()
		}
		err := r.obeyOnce(m)
		if err != nil && m.ctx.Err() == nil && !failed {
			r.Logger.Warn("cannot read which players to disconnect; retrying every second", "error", err)
		}
		failed = err != nil
	}
}

// obeyOnce closes the connections of all orders. It removes the orders afterwards, so that none is lost.
func (r *Replica) obeyOnce(m *membership) error {
	ctx, cancel := context.WithTimeout(m.ctx, pollTimeout)
	defer cancel()
	orders, err := r.Presence.Orders(ctx, m.id)
	if err != nil || len(orders) == 0 {
		return err
	}
	byReason := map[string][]string{}
	ids := make([]string, 0, len(orders))
	for _, order := range orders {
		byReason[order.Reason] = append(byReason[order.Reason], order.Connection)
		ids = append(ids, order.Connection)
	}
	for reason, ids := range byReason {
		r.sockets.Disconnect(ids, reason)
	}
	return r.Presence.RemoveOrders(ctx, ids)
}
