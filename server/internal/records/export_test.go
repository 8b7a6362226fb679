package records

import (
	"context"
	"fmt"
)

// NumberedNames returns n names of sections.
func NumberedNames(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("GameSparks.Section%06d", i))
	}
	return names
}

// NamesThatEndNodes returns n names of sections that all end a leaf of a list, or that all do not.
func NamesThatEndNodes(end bool, n int) (names []string) {
	for i := 0; len(names) < n; i++ {
		if name := fmt.Sprintf("Adversary%06d", i); endsNode(name, 0) == end {
			names = append(names, name)
		}
	}
	return names
}

// CollectStep runs a step of the collector, and reports whether there was work.
func (db *DB) CollectStep(ctx context.Context, owner Owner) (bool, error) {
	return db.collectStep(ctx, owner, fastPace.maxRemoved)
}

// CollectSlowStep runs a step of the collector at the pace that applies while there are other updates.
func (db *DB) CollectSlowStep(ctx context.Context, owner Owner) (bool, error) {
	return db.collectStep(ctx, owner, slowPace.maxRemoved)
}
