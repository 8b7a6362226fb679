package records

import (
	"context"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

const (
	// probeKey is the key of the record that Probe writes.
	probeKey = "service/probe"

	// probeSize is larger than most records, since small ones may still fit into free pages of a file that cannot grow.
	probeSize = 32 << 10
)

// Probe checks that the store can be written, by writing a record that begins with the time.
func Probe(ctx context.Context, store storage.Store) error {
	return store.Update(ctx, func(w storage.Writer) error {
		value := time.Now().UTC().AppendFormat(make([]byte, 0, probeSize), time.RFC3339Nano)
		return w.Put(probeKey, value[:probeSize])
	})
}
