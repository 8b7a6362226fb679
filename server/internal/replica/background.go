package replica

import (
	"context"
	"errors"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

const (
	// backgroundLease is the name of the lease for background work.
	backgroundLease = "background"

	// workInterval is the time between two rounds of background work if leases do not end. Otherwise, a round follows each
	// renewal.
	workInterval = 5 * time.Second

	// workTimeout limits the statements of a round.
	workTimeout = 30 * time.Second

	// maxStagesPerRound is the largest number of stages that a round checks.
	maxStagesPerRound = 100
)

// work acquires the lease for background work, and does the work while the replica holds it, until the membership ends.
func (r *Replica) work(m *membership) {
	interval := workInterval
	if lease := r.Presence.LeaseDuration(); lease > 0 {
		interval = lease / renewalsPerLease
	}
	failed := false
	for {
		err := r.workOnce(m)
		if err != nil && m.ctx.Err() == nil && !failed {
			r.Logger.Warn("cannot do background work; retrying", "error", err)
		}
		failed = err != nil
		if !r.pause(m.ctx, interval) {
			m.background.Store(false)
			return
		}
	}
}

// workOnce does a round of background work if the replica holds the lease for it.
func (r *Replica) workOnce(m *membership) error {
	ctx, cancel := context.WithTimeout(m.ctx, workTimeout)
	defer cancel()
	held, err := r.Presence.AcquireLease(ctx, backgroundLease, m.id)
	switch {
	case errors.Is(err, storage.ErrLeaseEnded):
		r.lose(m, err)
		return err
	case err != nil:
		return err // a lease that the replica holds remains until the membership ends
	}
	m.background.Store(held)
	if !held {
		return nil
	}
	r.background.Wake()
	if err := r.Presence.RemoveEnded(ctx); err != nil {
		return err
	}
	return r.disconnectInactive(ctx)
}

// disconnectInactive disconnects the players of some stages that were deleted by a process that ended between the deletion
// and the removal of their connections.
func (r *Replica) disconnectInactive(ctx context.Context) error {
	stages, err := r.Presence.Stages(ctx, r.stage, maxStagesPerRound)
	if err != nil {
		return err
	}
	r.stage = ""
	for _, stage := range stages {
		active, err := r.background.IsActive(ctx, stage)
		if err == nil && !active {
			err = r.DisconnectStages(ctx, stage, "The stage was deleted.")
		}
		if err != nil {
			return err
		}
	}
	if len(stages) == maxStagesPerRound {
		r.stage = stages[len(stages)-1]
	}
	return nil
}
