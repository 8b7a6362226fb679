package gamesparks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithytime "github.com/aws/smithy-go/time"
	smithywaiter "github.com/aws/smithy-go/waiter"
)

// WaiterOptions configures a [Waiter]. The zero value of each field is the default.
type WaiterOptions[In, Out any] struct {
	// APIOptions change the middleware stack of each call.
	APIOptions []func(*middleware.Stack) error

	// ClientOptions change the client's options for each call.
	ClientOptions []func(*Options)

	// MinDelay is the minimum time between two attempts. It must not exceed MaxDelay. Optional; 0 or less means 2
	// seconds, or MaxDelay if that is shorter.
	MinDelay time.Duration

	// MaxDelay is the maximum time between two attempts. The time doubles, with jitter, from MinDelay to MaxDelay.
	// Optional; 0 or less means 2 minutes.
	MaxDelay time.Duration

	// LogWaitAttempts enables logging of each attempt to the client's logger.
	LogWaitAttempts bool

	// OnAttempt is called after each attempt, for example to update a progress bar. This includes an attempt that was
	// interrupted because the context was done or the time limit was reached. It is called in the goroutine that waits:
	// calls for one wait do not overlap, but waits in several goroutines call it concurrently. Optional.
	OnAttempt func(WaiterAttempt[Out])

	// Retryable decides after each attempt, given the input and the output or error: true continues the wait, false
	// ends it successfully, and an error ends it with that error. Optional; the default is the condition of the waiter.
	Retryable func(context.Context, *In, *Out, error) (bool, error)
}

// WaiterAttempt describes an attempt of a waiter.
type WaiterAttempt[Out any] struct {
	// Attempt counts the attempts from 1.
	Attempt int64

	// Output is the output of the call, or nil if the call failed.
	Output *Out

	// Err is the error of the call, or nil if the call succeeded.
	Err error

	// Elapsed is the time since the start of the wait.
	Elapsed time.Duration

	// NextDelay is the time until the next attempt, or 0 if this attempt was the last.
	NextDelay time.Duration
}

// WaiterTimeoutError means that a wait exceeded its time limit or the deadline of its context. It wraps
// context.DeadlineExceeded, Err and Cause.
type WaiterTimeoutError[Out any] struct {
	// Waiter is the name of the waiter.
	Waiter string

	// Attempts is the number of attempts.
	Attempts int64

	// State is the last known state, for example DELETING. It is empty if Output is nil.
	State string

	// Output is the output of the last successful call, or nil if no call succeeded.
	Output *Out

	// Err is the error of the last attempt, or nil if that attempt succeeded or was interrupted.
	Err error

	// Cause is the cause of the context's deadline, for example set with context.WithTimeoutCause. It is nil if no
	// cause was set, or if the wait exceeded its own time limit.
	Cause error
}

// Error names the waiter, the state and the errors.
func (e *WaiterTimeoutError[Out]) Error() string {
	text := fmt.Sprintf("exceeded max wait time for %s waiter after %d attempts", e.Waiter, e.Attempts)
	if e.State != "" {
		text += ", last known state " + e.State
	}
	if e.Err != nil {
		text += ", last error: " + e.Err.Error()
	}
	if e.Cause != nil {
		text += ", cause: " + e.Cause.Error()
	}
	return text
}

// Unwrap returns context.DeadlineExceeded, the error of the last attempt and the cause.
func (e *WaiterTimeoutError[Out]) Unwrap() []error {
	errs := []error{context.DeadlineExceeded}
	for _, err := range []error{e.Err, e.Cause} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// Waiter repeats a call until a resource reaches a state. It is safe for concurrent use. These functions return one:
//
//   - [NewStageDeploymentCompletedWaiter], whose error for a FAILED deployment is a *[DeploymentFailedError];
//   - [NewGeneratedCodeJobCompletedWaiter], whose error for a FAILED job is a *[GeneratedCodeJobFailedError];
//   - [NewGameDeletedWaiter] and [NewStageDeletedWaiter].
type Waiter[In, Out any] struct {
	condition condition[In, Out]
	options   WaiterOptions[In, Out]
	err       error // error of the constructor
}

// condition describes the condition that a waiter waits for.
type condition[In, Out any] struct {
	name string
	call func(context.Context, *In, ...func(*Options)) (*Out, error)
	// retryable is the default of WaiterOptions.Retryable.
	retryable func(context.Context, *In, *Out, error) (bool, error)
	// state returns the resource's state in an output.
	state func(*Out) string
	// pin returns the input to use once an attempt has returned an output. If pin is nil, the input does not change.
	pin func(*In, *Out) *In
}

const (
	defaultMinDelay = 2 * time.Second
	defaultMaxDelay = 2 * time.Minute
)

func newWaiter[C, In, Out any](
	client C, call func(C, context.Context, *In, ...func(*Options)) (*Out, error),
	c condition[In, Out], optFns []func(*WaiterOptions[In, Out]),
) *Waiter[In, Out] {
	c.call = func(ctx context.Context, in *In, optFns ...func(*Options)) (*Out, error) {
		return call(client, ctx, in, optFns...)
	}
	w := &Waiter[In, Out]{condition: c, options: WaiterOptions[In, Out]{Retryable: c.retryable}}
	for _, fn := range optFns {
		fn(&w.options)
	}
	if isNilClient(client) {
		w.err = fmt.Errorf("%s waiter: client is nil: create one with gamesparks.New or gamesparks.NewFromConfig", c.name)
	}
	return w
}

// untilNotFound is the default of Retryable for a deletion.
func untilNotFound[In, Out any](_ context.Context, _ *In, _ *Out, err error) (bool, error) {
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// Validate returns the error that Wait would return for a nil client or invalid options. Call it before starting an
// operation that must not run unless its completion can be awaited.
func (w *Waiter[In, Out]) Validate() error {
	if w.err != nil {
		return w.err
	}
	options := w.options
	return options.resolve()
}

// resolve sets the default delays.
func (o *WaiterOptions[In, Out]) resolve() error {
	if o.MaxDelay <= 0 {
		o.MaxDelay = defaultMaxDelay
	}
	if o.MinDelay <= 0 {
		o.MinDelay = min(defaultMinDelay, o.MaxDelay)
	}
	if o.MinDelay > o.MaxDelay {
		return fmt.Errorf("minimum waiter delay %v must not exceed the maximum waiter delay %v", o.MinDelay, o.MaxDelay)
	}
	return nil
}

// Wait waits for at most maxWaitDur, which must be positive. See [Waiter.WaitForOutput] for its errors.
func (w *Waiter[In, Out]) Wait(ctx context.Context, params *In, maxWaitDur time.Duration, optFns ...func(*WaiterOptions[In, Out])) error {
	_, err := w.WaitForOutput(ctx, params, maxWaitDur, optFns...)
	return err
}

// WaitForOutput waits for at most maxWaitDur, which must be positive, and returns the output that ended the wait. The
// output is nil if the error is not nil. For deletion waiters, it is always nil.
//
// If the wait exceeds maxWaitDur or the deadline of ctx, the error is a *[WaiterTimeoutError] with the last known
// state. If ctx is cancelled, the error wraps context.Canceled. Both wrap the [context.Cause] of ctx. If a deployment
// or a job is FAILED, the error is a *[DeploymentFailedError] or a *[GeneratedCodeJobFailedError]. Any other error
// returned by the call also ends the wait, as does a call that returns neither an output nor an error, which a mock may
// do.
func (w *Waiter[In, Out]) WaitForOutput(ctx context.Context, params *In, maxWaitDur time.Duration, optFns ...func(*WaiterOptions[In, Out])) (*Out, error) {
	if w.err != nil {
		return nil, w.err
	}
	if maxWaitDur <= 0 {
		return nil, errors.New("maximum wait time for waiter must be greater than zero")
	}
	options := w.options
	options.APIOptions = slices.Clip(options.APIOptions)
	options.ClientOptions = slices.Clip(options.ClientOptions)
	for _, fn := range optFns {
		fn(&options)
	}
	if err := options.resolve(); err != nil {
		return nil, err
	}
	if options.Retryable == nil {
		options.Retryable = w.condition.retryable
	}
	if params == nil {
		params = new(In)
	}
	run := waiting[In, Out]{Waiter: w, options: options, params: params, start: time.Now(), limit: maxWaitDur}
	return run.wait(ctx)
}

// waiting is the state of one wait.
type waiting[In, Out any] struct {
	*Waiter[In, Out]
	options WaiterOptions[In, Out]
	params  *In
	start   time.Time
	limit   time.Duration

	attempt int64
	last    *Out
	lastErr error
}

func (w *waiting[In, Out]) wait(parent context.Context) (*Out, error) {
	ctx, cancel := context.WithTimeout(parent, w.limit)
	defer cancel()
	for {
		w.attempt++
		out, err := w.condition.call(ctx, w.params, w.callOptions)
		if out == nil && err == nil { // a mock can return neither
			err = fmt.Errorf("the call made by the %s waiter returned neither an output nor an error", w.condition.name)
		}
		if err != nil && ctx.Err() != nil && !is[smithy.APIError](err) { // a service response takes precedence even if it arrives late
			w.report(out, err, 0)
			return nil, w.ended(parent, err)
		}
		w.lastErr = err
		if err == nil {
			w.last = out
		}
		retry, failure := w.options.Retryable(ctx, w.params, out, err)
		if failure != nil || !retry {
			w.report(out, err, 0)
			if failure != nil {
				return nil, failure
			}
			return out, nil
		}
		if pin := w.condition.pin; pin != nil && err == nil {
			w.params = pin(w.params, out)
		}

		remaining := w.limit - time.Since(w.start)
		if remaining <= w.options.MinDelay {
			w.report(out, err, 0)
			return nil, w.timeout()
		}
		delay, delayErr := smithywaiter.ComputeDelay(w.attempt, w.options.MinDelay, w.options.MaxDelay, remaining)
		if delayErr != nil {
			return nil, fmt.Errorf("compute waiter delay: %w", delayErr)
		}
		delay = max(delay, w.options.MinDelay) // ComputeDelay shortens the last delay, possibly to 0
		w.report(out, err, delay)
		if err := smithytime.SleepWithContext(ctx, delay); err != nil {
			return nil, w.ended(parent, err)
		}
	}
}

// ended returns the error for a wait whose context is done: either the caller's context or the one with the time limit.
func (w *waiting[In, Out]) ended(parent context.Context, err error) error {
	ended, cause := parent.Err(), context.Cause(parent)
	if errors.Is(ended, cause) { // the caller set no cause
		cause = nil
	}
	if !errors.Is(ended, context.Canceled) {
		timeout := w.timeout()
		timeout.Cause = cause
		return timeout
	}
	if !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	if cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return fmt.Errorf("request cancelled while waiting, %w", err)
}

func (w *waiting[In, Out]) timeout() *WaiterTimeoutError[Out] {
	e := &WaiterTimeoutError[Out]{Waiter: w.condition.name, Attempts: w.attempt, Output: w.last, Err: w.lastErr}
	if w.last != nil {
		e.State = w.condition.state(w.last)
	}
	return e
}

func (w *waiting[In, Out]) callOptions(o *Options) {
	o.APIOptions = append(o.APIOptions, w.options.APIOptions...)
	if w.options.LogWaitAttempts {
		o.APIOptions = append(o.APIOptions, smithywaiter.Logger{Attempt: w.attempt}.AddLogger)
	}
	withFeature(awsmiddleware.UserAgentFeatureWaiter)(o)
	for _, fn := range w.options.ClientOptions {
		fn(o)
	}
}

func (w *waiting[In, Out]) report(out *Out, err error, next time.Duration) {
	if w.options.OnAttempt != nil {
		w.options.OnAttempt(WaiterAttempt[Out]{
			Attempt: w.attempt, Output: out, Err: err, Elapsed: time.Since(w.start), NextDelay: next,
		})
	}
}
