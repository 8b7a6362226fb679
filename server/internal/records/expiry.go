package records

import (
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// maxExpiredPerUpdate limits how many expired records an update removes, so that no request is delayed by thousands of
// deletions. It exceeds the number of expiries that a request can schedule, so expired records do not accumulate.
const maxExpiredPerUpdate = 16

// expirySegment begins the keys of expiry records. The rest of the key is the time and the key of the record that
// expires, without the prefix of the owner.
const expirySegment = "expiry"

// expiryTimeFormat has a fixed width, so that expiry keys sort by time.
const expiryTimeFormat = "2006-01-02T15:04:05.000Z"

// expired reports whether a record that expires at the given time has expired. The zero time means never.
func (tx *Tx) expired(at time.Time) bool { return !at.IsZero() && tx.Reached(at) }

// scheduleExpiry schedules the removal of the record with the key. Readers ignore the record from that time on, even if
// it has not been removed yet.
func (tx *Tx) scheduleExpiry(key string, at time.Time) error {
	return tx.writer.Put(tx.expiryKey(key, at), nil)
}

// expiryKey returns the key of the record that schedules the removal of the record with the key.
func (tx *Tx) expiryKey(key string, at time.Time) string {
	return tx.key(expirySegment, at.UTC().Format(expiryTimeFormat), strings.TrimPrefix(key, tx.prefix))
}

// RemoveExpired removes at most limit expired records.
func (tx *Tx) RemoveExpired(limit int) error {
	prefix := tx.key(expirySegment, "")
	var now [len(expiryTimeFormat)]byte
	due := storage.Range{
		Start: prefix,
		End:   prefix + string(tx.now.AppendFormat(now[:0], expiryTimeFormat)) + "0", // '0' follows '/': include records that expire now
		Limit: limit, KeysOnly: true,
	}
	var expiries []string
	for entry, err := range tx.reader.Scan(due) {
		if err != nil {
			return err
		}
		expiries = append(expiries, entry.Key)
	}
	for _, expiry := range expiries {
		_, key, _ := strings.Cut(strings.TrimPrefix(expiry, prefix), "/")
		if err := tx.removeIfExpired(tx.prefix + key); err != nil {
			return err
		}
		if err := tx.writer.Delete(expiry); err != nil {
			return err
		}
	}
	return nil
}

// removeIfExpired deletes the record with the key unless it has been replaced: the name of a game or stage, or an
// idempotency token, may have been reused since.
func (tx *Tx) removeIfExpired(key string) error {
	record, err := load[struct{ ExpiresAt time.Time }](tx, key)
	if err != nil || record == nil || !tx.expired(record.ExpiresAt) {
		return err
	}
	if strings.HasPrefix(key, tx.gameKey("")) {
		if err := tx.addGames(-1); err != nil {
			return err
		}
	}
	return tx.writer.Delete(key)
}
