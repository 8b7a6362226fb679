package records

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// IdempotencyToken is the record of a used ClientToken.
type IdempotencyToken struct {
	// RequestDigest is the digest of the request's parameters.
	RequestDigest string

	// ExpiresAt is when the token expires. From then on, it can be reused.
	ExpiresAt time.Time

	// Resource is the resource that the request created. Once the resource is deleted, the token can be reused.
	Resource ResourceRef
}

// ResourceRef refers to a game, a stage or a deployment. Names find the resource, and ids distinguish it from later
// resources with its name.
type ResourceRef struct {
	Game       string // name of the game
	GameID     string // id of the game
	Stage      string `json:",omitempty"` // Stage is the name of the stage. Optional.
	StageID    string `json:",omitempty"` // StageID is the id of the stage. Optional.
	Deployment string `json:",omitempty"` // Deployment is the id of the deployment. Optional.
}

// Ref returns the reference to the game.
func (g *Game) Ref() ResourceRef { return ResourceRef{Game: g.Name, GameID: g.ID} }

// Ref returns the reference to the stage.
func (s *Stage) Ref() ResourceRef {
	return ResourceRef{Game: s.Game, GameID: s.GameID, Stage: s.Name, StageID: s.ID}
}

// Ref returns the reference to the deployment to the stage.
func (d *Deployment) Ref(s *Stage) ResourceRef {
	ref := s.Ref()
	ref.Deployment = d.ID
	return ref
}

// isActive reports whether the resource exists and is not being deleted.
func (tx *Tx) isActive(ref ResourceRef) (bool, error) {
	game, err := tx.Game(ref.Game)
	if err != nil || game == nil || game.ID != ref.GameID || game.isDeleting() {
		return false, err
	}
	if ref.Stage == "" {
		return true, nil
	}
	stage, err := tx.Stage(game, ref.Stage)
	if err != nil || stage == nil || stage.ID != ref.StageID || stage.isDeleting() {
		return false, err
	}
	if ref.Deployment == "" {
		return true, nil
	}
	return tx.exists(tx.deploymentKey(stage, ref.Deployment))
}

const tokenSegment = "token"

// tokenKey returns the key of an idempotency token. It hashes the token, because the token may contain slashes.
func (tx *Tx) tokenKey(operation, token string) string {
	sum := sha256.Sum256([]byte(token))
	return tx.key(tokenSegment, operation+"/"+hex.EncodeToString(sum[:]))
}

// IdempotencyToken returns the record of a token used with an operation. It is nil if the token was not used, or if it can
// be reused.
func (tx *Tx) IdempotencyToken(operation, token string) (*IdempotencyToken, error) {
	record, err := load[IdempotencyToken](tx, tx.tokenKey(operation, token))
	if err != nil || record == nil || tx.expired(record.ExpiresAt) {
		return nil, err
	}
	active, err := tx.isActive(record.Resource)
	if err != nil || !active {
		return nil, err
	}
	return record, nil
}

// PutIdempotencyToken writes the record of a token used with an operation, and schedules its removal.
func (tx *Tx) PutIdempotencyToken(operation, token string, record *IdempotencyToken) error {
	return tx.putToken(tx.tokenKey(operation, token), record)
}

// PutHashedToken is like PutIdempotencyToken for a token whose SHA-256 is known. The key is the operation and the SHA-256
// in hexadecimal, separated by a slash.
func (tx *Tx) PutHashedToken(key string, record *IdempotencyToken) error {
	return tx.putToken(tx.key(tokenSegment, key), record)
}

func (tx *Tx) putToken(key string, record *IdempotencyToken) error {
	if err := tx.scheduleExpiry(key, record.ExpiresAt); err != nil {
		return err
	}
	return save(tx, key, record)
}
