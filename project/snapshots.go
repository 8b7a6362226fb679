package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
)

// FindOrCreateSnapshot returns the ID of a snapshot with the given sections, which must be the game's current configuration.
// It creates a snapshot only if none has these sections, because snapshots cannot be deleted. If the created snapshot has
// other sections, because the configuration has changed, the error is a [*StaleError].
//
// Snapshots that this package creates have the digest of their sections in the description. FindOrCreateSnapshot does not
// read those with a different digest.
func FindOrCreateSnapshot(ctx context.Context, client Client, game string, sections map[string]json.RawMessage) (id string, created bool, err error) {
	s := snapshots{client: client, game: game}
	return s.findOrCreate(ctx, sections)
}

// snapshots finds and creates snapshots of a game.
type snapshots struct {
	client Client
	game   string

	// digests are the digests of snapshots that were read, by ID.
	digests map[string]string
}

// digest returns the digest of the sections of a snapshot.
func (s *snapshots) digest(ctx context.Context, id string) (string, error) {
	if d, ok := s.digests[id]; ok {
		return d, nil
	}
	sections, err := FetchSnapshot(ctx, s.client, s.game, id)
	if err != nil {
		return "", err
	}
	s.remember(id, digestSections(sections))
	return s.digests[id], nil
}

func (s *snapshots) remember(id, digest string) {
	if s.digests == nil {
		s.digests = map[string]string{}
	}
	s.digests[id] = digest
}

// snapshotDescription precedes the digest in the description of snapshots that this package creates.
const snapshotDescription = "Created by gamesparks for configuration "

var describedDigest = regexp.MustCompile("^" + snapshotDescription + "(sha256:[0-9a-f]{64})$")

// find returns the ID of a snapshot with the given digest of its sections, or "" if there is none. It prefers the newest.
func (s *snapshots) find(ctx context.Context, want string) (string, error) {
	var described, others []string
	list := gamesparks.NewListSnapshotsPaginator(s.client, &gamesparks.ListSnapshotsInput{GameName: &s.game})
	for summary, err := range list.Items(ctx) {
		if err != nil {
			return "", fmt.Errorf("list the snapshots of the game %q: %w", s.game, err)
		}
		switch m := describedDigest.FindStringSubmatch(aws.ToString(summary.Description)); {
		case m == nil:
			others = append(others, aws.ToString(summary.Id))
		case m[1] == want:
			described = append(described, aws.ToString(summary.Id))
		}
	}
	for _, ids := range [][]string{described, others} {
		slices.SortFunc(ids, func(a, b string) int { return strings.Compare(b, a) }) // IDs contain the time
		for _, id := range ids {
			got, err := s.digest(ctx, id)
			if err != nil {
				return "", err
			}
			if got == want {
				return id, nil
			}
		}
	}
	return "", nil
}

func (s *snapshots) findOrCreate(ctx context.Context, sections map[string]json.RawMessage) (id string, created bool, err error) {
	want := digestSections(sections)
	if id, err = s.find(ctx, want); id != "" || err != nil {
		return id, false, err
	}
	// Creating a snapshot is not idempotent: the retry of a call whose response was lost would create a second one.
	out, err := s.client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{
		GameName: &s.game, Description: aws.String(snapshotDescription + want),
	}, retryOnlyThrottling)
	if err == nil && (out.Snapshot == nil || out.Snapshot.Id == nil) {
		err = errors.New("CreateSnapshot returned no snapshot")
	}
	if err != nil {
		if isRefused(err) {
			return "", false, err
		}
		resolveCtx, cancel := outlive(ctx)
		defer cancel()
		id, findErr := s.find(resolveCtx, want)
		switch {
		case findErr != nil:
			return "", false, &unknownOutcomeError{fmt.Errorf("%w (and the outcome could not be read: %w)", err, findErr)}
		case id == "":
			return "", false, err
		}
		return id, true, nil
	}
	got, err := sectionContents(out.Snapshot.Sections)
	if err != nil {
		return "", false, err
	}
	conflicts, err := diffConflicts(sections, got)
	if err != nil {
		return "", false, err
	}
	if conflicts != nil {
		return "", false, &StaleError{Game: s.game, Conflicts: conflicts}
	}
	s.remember(*out.Snapshot.Id, want)
	return *out.Snapshot.Id, true, nil
}

// retryOnlyThrottling is an option for calls that are not idempotent.
func retryOnlyThrottling(o *gamesparks.Options) { o.Retryer = throttlingRetryer{o.Retryer} }

// throttlingRetryer retries only throttled calls, which have no effect.
type throttlingRetryer struct{ aws.Retryer }

func (r throttlingRetryer) IsErrorRetryable(err error) bool {
	return gamesparks.IsThrottled(err) && r.Retryer.IsErrorRetryable(err)
}
