package gamesparks

import (
	"fmt"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/conditional"
	"github.com/gamesparks-go/gamesparks/types"
)

// WithIfMatch returns a functional option for a call of UpdateGameConfiguration or ImportGameConfiguration. The service
// writes the configuration only if etag is its current entity tag, which [ConfigurationETag] returns. Otherwise the call
// fails with a [types.PreconditionFailedException], and the configuration is unchanged. The value may also be a list of
// entity tags separated by commas, or * to match any configuration. A malformed or empty value, or an operation that does
// not support the option, fails the call before a request is sent.
//
// If a call with this option fails and the service may have applied the write, for example because its response was lost,
// the error is an [UnknownOutcomeError].
//
// Conditional writes are an extension of the API: gamesparks-server supports them. Other servers may ignore the condition,
// and return no entity tag.
func WithIfMatch(etag string) func(*Options) { return func(o *Options) { o.ifMatch = &etag } }

// ConfigurationETag returns the entity tag of a game's whole configuration from the ResultMetadata of
// GetGameConfiguration, UpdateGameConfiguration or ImportGameConfiguration. Two configurations have the same entity tag
// if and only if they have the same sections. The result is empty if the response has no entity tag. Pass it to
// [WithIfMatch] to write the configuration only if it has not changed since. Entity tags are an extension of the API.
func ConfigurationETag(metadata middleware.Metadata) string {
	resp, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response)
	if !ok || resp.Response == nil {
		return ""
	}
	return resp.Header.Get(conditional.ETag)
}

// IsPreconditionFailed reports whether err means that the configuration has changed since the entity tag passed to
// [WithIfMatch] was read. The call has not written the configuration.
func IsPreconditionFailed(err error) bool { return is[*types.PreconditionFailedException](err) }

// UnknownOutcomeError is the error of a call with [WithIfMatch] that may have taken effect. For example, the response to an
// attempt was lost, and the retry failed because the configuration no longer matches: either the first attempt or another
// writer has changed it. Read the configuration again to determine whether it has the intended sections.
//
// The error never wraps a [types.PreconditionFailedException], so that programs that repeat a write after that error do not
// apply the write twice.
type UnknownOutcomeError struct {
	// Err is the error of the last attempt.
	Err error
}

// Error returns a message with the error of the last attempt and the next step.
func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("the write may have taken effect: read the configuration again to determine its outcome: %v", e.Err)
}

// Unwrap returns Err.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// rejectedRetryError replaces a PreconditionFailedException if an earlier attempt may have written the configuration.
type rejectedRetryError struct{ rejection error }

func (e *rejectedRetryError) Error() string {
	return fmt.Sprintf("an attempt received no conclusive response, and its retry was rejected: %v", e.rejection)
}

// outcome tracks whether the attempts of a call may have taken effect.
type outcome struct {
	sent    bool // the current attempt was sent, and no response rejected it
	unknown bool // an earlier attempt was sent, and no response rejected it
}

func (o *outcome) beginAttempt() { o.unknown, o.sent = o.mayHaveEffect(), true }

// rejected records that the current attempt has had no effect.
func (o *outcome) rejected() { o.sent = false }

func (o *outcome) mayHaveEffect() bool { return o.unknown || o.sent }

// checkIfMatch returns an error if the value passed to WithIfMatch is malformed, or if the operation does not support it.
func (c *call) checkIfMatch() error {
	if c.options.ifMatch == nil {
		return nil
	}
	if !conditional.Supports(c.op) {
		return fmt.Errorf("WithIfMatch: %w", conditional.Unsupported(c.op))
	}
	if _, err := conditional.Parse(*c.options.ifMatch); err != nil {
		return fmt.Errorf("WithIfMatch: %w", err)
	}
	return nil
}

// preconditionError returns the error for a response with a PreconditionFailedException.
func (c *call) preconditionError(rejection error) error {
	if c.outcome.unknown {
		return &rejectedRetryError{rejection}
	}
	return rejection
}

// conditionalError returns the error of a call, which failed with err.
func (c *call) conditionalError(err error) error {
	if c.options.ifMatch != nil && c.outcome.mayHaveEffect() {
		return &UnknownOutcomeError{err}
	}
	return err
}
