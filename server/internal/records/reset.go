package records

import "github.com/gamesparks-go/gamesparks/server/storage"

// RemoveGames removes at most limit games, in the order of their names and beginning after the name after. They cease to exist
// immediately; the collector removes their content. RemoveGames returns the name of the last one, or "" if no game is left.
func (tx *Tx) RemoveGames(after string, limit int) (last string, err error) {
	var games []*Game
	for entry, err := range tx.Games().list(after, limit) {
		if err != nil {
			return "", err
		}
		games = append(games, entry.Record)
	}
	for _, g := range games {
		if err := tx.removeGame(g); err != nil {
			return "", err
		}
	}
	if err := tx.addGames(-len(games)); err != nil || len(games) < limit {
		return "", err
	}
	return games[len(games)-1].Name, nil
}

func (tx *Tx) removeGame(g *Game) error {
	var err error
	if g.isDeleting() { // the removal of the content is scheduled
		err = tx.writer.Delete(tx.expiryKey(tx.gameKey(g.Name), g.ExpiresAt))
	} else {
		err = tx.scheduleRemoval(tx.childKey(g.ID, ""))
	}
	if err != nil {
		return err
	}
	return tx.writer.Delete(tx.gameKey(g.Name))
}

// RemoveTokens removes at most limit idempotency tokens, in the order of their keys and beginning after the key after. It
// returns the key of the last one, or "" if no token is left.
func (tx *Tx) RemoveTokens(after string, limit int) (last string, err error) {
	keys := storage.Prefix(tx.key(tokenSegment, ""))
	keys.Limit = limit
	if after != "" {
		keys.Start = after + "\x00"
	}
	var tokens []string
	for entry, err := range tx.reader.Scan(keys) {
		if err != nil {
			return "", err
		}
		token, err := decode[IdempotencyToken](entry.Key, entry.Value)
		if err != nil {
			return "", err
		}
		tokens = append(tokens, entry.Key, tx.expiryKey(entry.Key, token.ExpiresAt))
		last = entry.Key
	}
	for _, key := range tokens {
		if err := tx.writer.Delete(key); err != nil {
			return "", err
		}
	}
	if len(tokens) < 2*limit {
		return "", nil
	}
	return last, nil
}
