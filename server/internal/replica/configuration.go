package replica

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Configuration has the digests of the settings that should be the same on all replicas, by name.
type Configuration map[string]string

// text returns the form of the configuration in the store.
func (c Configuration) text() string {
	data, _ := json.Marshal(c) // strings have no errors
	return string(data)
}

// compareTimeout limits the statements of a comparison.
const compareTimeout = 10 * time.Second

// compare compares the configurations of all replicas in each lease, until the membership ends. If the configuration of this
// replica has changed, it first writes the new one.
func (r *Replica) compare(m *membership) {
	failed := false
	for {
		err := r.compareOnce(m)
		if err != nil && m.ctx.Err() == nil && !failed {
			r.Logger.Warn("cannot compare the settings of the servers on this database; retrying", "error", err)
		}
		failed = err != nil
		if !r.pause(m.ctx, r.Presence.LeaseDuration()) {
			return
		}
	}
}

func (r *Replica) compareOnce(m *membership) error {
	ctx, cancel := context.WithTimeout(m.ctx, compareTimeout)
	defer cancel()
	if text := r.Configuration().text(); text != m.configuration {
		err := r.Presence.SetConfiguration(ctx, m.id, text)
		if errors.Is(err, storage.ErrLeaseEnded) {
			r.lose(m, err)
		}
		if err != nil {
			return err
		}
		m.configuration = text
	}
	replicas, err := r.Presence.Replicas(ctx)
	if err != nil {
		return err
	}
	r.setDifferences(differences(replicas))
	return nil
}

// differences returns the sorted names of the settings that differ between replicas. A setting that a replica does not have
// is ignored: the replica has another version.
func differences(replicas []storage.Replica) []string {
	values, differ := Configuration{}, map[string]bool{}
	for _, other := range replicas {
		var c Configuration
		if json.Unmarshal([]byte(other.Configuration), &c) != nil {
			continue // of another version
		}
		for name, value := range c {
			if first, ok := values[name]; ok && first != value {
				differ[name] = true
			}
			values[name] = value
		}
	}
	return slices.Sorted(maps.Keys(differ))
}

// setDifferences stores and logs the differences if they have changed.
func (r *Replica) setDifferences(names []string) {
	r.mu.Lock()
	changed := !slices.Equal(r.differences, names)
	r.differences = names
	r.mu.Unlock()
	switch {
	case !changed:
	case len(names) == 0:
		r.Logger.Info("the servers on this database have the same settings")
	default:
		r.Logger.Warn("the servers on this database have different settings: set the same values on all of them", "settings", strings.Join(names, ","))
	}
}

// ConfigurationDifferences returns the sorted names of the settings that differ between the replicas.
func (r *Replica) ConfigurationDifferences() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.differences)
}
