package controlplane

import (
	"context"
	"errors"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
)

// resetStep limits how many games or idempotency tokens a transaction of Reset removes, because other updates wait for it.
const resetStep = 100

// Reset removes all games and idempotency tokens of an account, and disconnects its players. If it fails, the account may have
// some of its games left, but no partial game.
func (s *Service) Reset(ctx context.Context, account string) error {
	c := &call{Service: s, Caller: Caller{Account: account}, ctx: ctx, now: s.now()}
	removed := c.removeAll((*records.Tx).RemoveGames)
	disconnected := s.Presence.DisconnectStages(ctx, records.OwnerKey(c.owner()), "The account was reset.")
	if err := errors.Join(removed, disconnected); err != nil {
		return err
	}
	return c.removeAll((*records.Tx).RemoveTokens)
}

// removeAll calls remove in one transaction after another until nothing is left. The parameters and results of remove are those of
// [records.Tx.RemoveGames].
func (c *call) removeAll(remove func(tx *records.Tx, after string, limit int) (last string, err error)) error {
	after := ""
	for {
		last := ""
		err := c.update(func(tx *records.Tx) (err error) {
			last, err = remove(tx, after, resetStep)
			return err
		})
		if err != nil || last == "" {
			return err
		}
		after = last
	}
}
