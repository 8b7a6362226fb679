package storage

// maxDeleteBatch bounds the keys that deleteRange keeps in memory.
const maxDeleteBatch = 1000

// deleter has the methods of a [Writer] that deleteRange uses.
type deleter interface {
	Reader
	Delete(key string) error
}

// deleteRange implements Writer.DeleteRange for stores that delete one key at a time. Since a transaction must not write
// while it scans, it collects keys before it deletes them.
func deleteRange(tx deleter, r Range) (deleted int, err error) {
	r.KeysOnly = true
	limit := r.Limit
	for {
		r.Limit = maxDeleteBatch
		if limit != 0 {
			r.Limit = min(maxDeleteBatch, limit-deleted)
		}
		if r.Limit <= 0 {
			return deleted, nil
		}
		var keys []string
		for entry, err := range tx.Scan(r) {
			if err != nil {
				return deleted, err
			}
			keys = append(keys, entry.Key)
		}
		for _, key := range keys {
			if err := tx.Delete(key); err != nil {
				return deleted, err
			}
			deleted++
		}
		if len(keys) < r.Limit {
			return deleted, nil
		}
	}
}
