package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// waiterOptions contains the options that do not depend on the waiter's type.
type waiterOptions struct {
	min, max  time.Duration
	onAttempt func(waitAttempt)
}

// waitAttempt is a WaiterAttempt in which the state replaces the output.
type waitAttempt struct {
	Number        int64
	State         string
	Err           error
	Elapsed, Next time.Duration
}

// script returns the state or the error that a waiter receives in attempt n, counted from 1.
type script func(ctx context.Context, n int) (state string, err error)

// answers returns a script that yields the states in order and then repeats the last one.
func answers(states ...string) script {
	return func(_ context.Context, n int) (string, error) {
		switch state := states[min(n, len(states))-1]; state {
		case "not found":
			return "", &types.ResourceNotFoundException{Message: aws.String("the resource does not exist")}
		case "denied":
			return "", &types.AccessDeniedException{}
		default:
			return state, nil
		}
	}
}

// timeout has the fields that the timeout errors of all waiters share.
type timeout struct {
	Attempts int64
	State    string
	Err      error
}

// waiterCase describes one of the four waiters.
type waiterCase struct {
	name          string
	pending, done string
	wait          func(ctx context.Context, s script, maxWait time.Duration, o waiterOptions) (state string, err error)
	// timeout returns the error's fields if it is a WaiterTimeoutError.
	timeout func(error) (timeout, bool)
}

type callFunc[In, Out any] func(context.Context, *In, ...func(*gamesparks.Options)) (*Out, error)

func newWaiterCase[In, Out any](
	name, pending, done string,
	newWaiter func(callFunc[In, Out], ...func(*gamesparks.WaiterOptions[In, Out])) *gamesparks.Waiter[In, Out],
	output func(state string) *Out, state func(*Out) string,
) waiterCase {
	return waiterCase{name, pending, done,
		func(ctx context.Context, s script, maxWait time.Duration, o waiterOptions) (string, error) {
			calls := 0
			call := func(ctx context.Context, _ *In, _ ...func(*gamesparks.Options)) (*Out, error) {
				calls++
				state, err := s(ctx, calls)
				if err != nil {
					return nil, err
				}
				return output(state), nil
			}
			out, err := newWaiter(call).WaitForOutput(ctx, new(In), maxWait, func(wo *gamesparks.WaiterOptions[In, Out]) {
				wo.MinDelay, wo.MaxDelay = o.min, o.max
				if o.onAttempt != nil {
					wo.OnAttempt = func(a gamesparks.WaiterAttempt[Out]) {
						seen := waitAttempt{a.Attempt, "", a.Err, a.Elapsed, a.NextDelay}
						if a.Output != nil {
							seen.State = state(a.Output)
						}
						o.onAttempt(seen)
					}
				}
			})
			if out == nil {
				return "", err
			}
			return state(out), err
		},
		func(err error) (timeout, bool) {
			var e *gamesparks.WaiterTimeoutError[Out]
			if !errors.As(err, &e) {
				return timeout{}, false
			}
			if e.Waiter != name || e.Output != nil && state(e.Output) != e.State {
				return timeout{}, false
			}
			return timeout{e.Attempts, e.State, e.Err}, true
		},
	}
}

type (
	getStageDeployment  callFunc[gamesparks.GetStageDeploymentInput, gamesparks.GetStageDeploymentOutput]
	getGeneratedCodeJob callFunc[gamesparks.GetGeneratedCodeJobInput, gamesparks.GetGeneratedCodeJobOutput]
	getGame             callFunc[gamesparks.GetGameInput, gamesparks.GetGameOutput]
	getStage            callFunc[gamesparks.GetStageInput, gamesparks.GetStageOutput]
)

func (f getStageDeployment) GetStageDeployment(ctx context.Context, in *gamesparks.GetStageDeploymentInput, optFns ...func(*gamesparks.Options)) (*gamesparks.GetStageDeploymentOutput, error) {
	return f(ctx, in, optFns...)
}

func (f getGeneratedCodeJob) GetGeneratedCodeJob(ctx context.Context, in *gamesparks.GetGeneratedCodeJobInput, optFns ...func(*gamesparks.Options)) (*gamesparks.GetGeneratedCodeJobOutput, error) {
	return f(ctx, in, optFns...)
}

func (f getGame) GetGame(ctx context.Context, in *gamesparks.GetGameInput, optFns ...func(*gamesparks.Options)) (*gamesparks.GetGameOutput, error) {
	return f(ctx, in, optFns...)
}

func (f getStage) GetStage(ctx context.Context, in *gamesparks.GetStageInput, optFns ...func(*gamesparks.Options)) (*gamesparks.GetStageOutput, error) {
	return f(ctx, in, optFns...)
}

func deploymentIn(state string) *gamesparks.GetStageDeploymentOutput {
	return &gamesparks.GetStageDeploymentOutput{StageDeployment: &types.StageDeploymentDetails{
		DeploymentId: aws.String("d-1"), DeploymentState: types.DeploymentState(state),
	}}
}

func jobIn(state string) *gamesparks.GetGeneratedCodeJobOutput {
	return &gamesparks.GetGeneratedCodeJobOutput{GeneratedCodeJob: &types.GeneratedCodeJobDetails{
		GeneratedCodeJobId: aws.String("j-1"), Status: types.GeneratedCodeJobState(state),
	}}
}

var waiterCases = []waiterCase{
	newWaiterCase("StageDeploymentCompleted", "IN_PROGRESS", "COMPLETED",
		func(call callFunc[gamesparks.GetStageDeploymentInput, gamesparks.GetStageDeploymentOutput], optFns ...func(*gamesparks.StageDeploymentCompletedWaiterOptions)) *gamesparks.StageDeploymentCompletedWaiter {
			return gamesparks.NewStageDeploymentCompletedWaiter(getStageDeployment(call), optFns...)
		},
		deploymentIn,
		func(out *gamesparks.GetStageDeploymentOutput) string {
			return string(out.StageDeployment.DeploymentState)
		}),
	newWaiterCase("GeneratedCodeJobCompleted", "PENDING", "COMPLETED",
		func(call callFunc[gamesparks.GetGeneratedCodeJobInput, gamesparks.GetGeneratedCodeJobOutput], optFns ...func(*gamesparks.GeneratedCodeJobCompletedWaiterOptions)) *gamesparks.GeneratedCodeJobCompletedWaiter {
			return gamesparks.NewGeneratedCodeJobCompletedWaiter(getGeneratedCodeJob(call), optFns...)
		},
		jobIn,
		func(out *gamesparks.GetGeneratedCodeJobOutput) string { return string(out.GeneratedCodeJob.Status) }),
	newWaiterCase("GameDeleted", "DELETING", "not found",
		func(call callFunc[gamesparks.GetGameInput, gamesparks.GetGameOutput], optFns ...func(*gamesparks.GameDeletedWaiterOptions)) *gamesparks.GameDeletedWaiter {
			return gamesparks.NewGameDeletedWaiter(getGame(call), optFns...)
		},
		func(state string) *gamesparks.GetGameOutput {
			return &gamesparks.GetGameOutput{Game: &types.GameDetails{State: types.GameState(state)}}
		},
		func(out *gamesparks.GetGameOutput) string { return string(out.Game.State) }),
	newWaiterCase("StageDeleted", "DELETING", "not found",
		func(call callFunc[gamesparks.GetStageInput, gamesparks.GetStageOutput], optFns ...func(*gamesparks.StageDeletedWaiterOptions)) *gamesparks.StageDeletedWaiter {
			return gamesparks.NewStageDeletedWaiter(getStage(call), optFns...)
		},
		func(state string) *gamesparks.GetStageOutput {
			return &gamesparks.GetStageOutput{Stage: &types.StageDetails{State: types.StageState(state)}}
		},
		func(out *gamesparks.GetStageOutput) string { return string(out.Stage.State) }),
}

// forEachWaiter runs a test for each waiter in a synctest bubble.
func forEachWaiter(t *testing.T, test func(*testing.T, waiterCase)) {
	t.Helper()
	for _, w := range waiterCases {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, w) })
		})
	}
}

func TestWaiterSucceeds(t *testing.T) {
	t.Parallel()
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		var seen []waitAttempt
		start := time.Now()
		state, err := w.wait(t.Context(), answers(w.pending, "SOMETHING_NEW", w.pending, w.done), time.Hour, waiterOptions{
			onAttempt: func(a waitAttempt) { seen = append(seen, a) },
		})
		want := w.done
		if want == "not found" {
			want = ""
		}
		if err != nil || state != want {
			t.Fatalf("got state %q and error %v, want state %q", state, err, want)
		}
		if len(seen) != 4 {
			t.Fatalf("%d attempts, want 4", len(seen))
		}
		var elapsed time.Duration
		for i, a := range seen {
			state := []string{w.pending, "SOMETHING_NEW", w.pending, want}[i]
			if a.Number != int64(i+1) || a.State != state || (a.Err == nil) != (state != "") || a.Elapsed != elapsed {
				t.Errorf("attempt %d: got %+v after %v", i+1, a, elapsed)
			}
			if last := i == 3; last != (a.Next == 0) || !last && a.Next < 2*time.Second || a.Next > 2*time.Second<<i {
				t.Errorf("unexpected delay %v after attempt %d", a.Next, i+1)
			}
			elapsed += a.Next
		}
		if got := time.Since(start); got != elapsed {
			t.Errorf("waited for %v, want %v, the sum of the delays", got, elapsed)
		}
	})
}

func TestWaiterSucceedsAtFirstAttempt(t *testing.T) {
	t.Parallel()
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		start := time.Now()
		// A time limit below the delay still allows one attempt.
		if _, err := w.wait(t.Context(), answers(w.done), time.Nanosecond, waiterOptions{}); err != nil || time.Since(start) != 0 {
			t.Errorf("got error %v after %v, want immediate success", err, time.Since(start))
		}
	})
}

func TestWaiterEndsWithErrorOfService(t *testing.T) {
	t.Parallel()
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		var last waitAttempt
		options := waiterOptions{onAttempt: func(a waitAttempt) { last = a }}
		if _, err := w.wait(t.Context(), answers(w.pending, "denied"), time.Hour, options); !gamesparks.IsAccessDenied(err) {
			t.Errorf("error %v", err)
		}
		if last.Number != 2 || !gamesparks.IsAccessDenied(last.Err) || last.State != "" || last.Next != 0 {
			t.Errorf("unexpected last attempt %+v", last)
		}
		if w.done == "not found" {
			return
		}
		if _, err := w.wait(t.Context(), answers(w.pending, "not found"), time.Hour, options); !gamesparks.IsNotFound(err) {
			t.Errorf("error %v", err)
		}
	})
}

func TestDeploymentFails(t *testing.T) {
	t.Parallel()
	tests := map[string]*types.DeploymentResult{
		"deployment d-1 failed":                                              nil,
		"deployment d-1 failed: INVALID_ROLE_FAILURE":                        {ResultCode: types.ResultCodeInvalidRoleFailure},
		"deployment d-1 failed: UNSPECIFIED_FAILURE: the stage is too small": {ResultCode: types.ResultCodeUnspecifiedFailure, Message: aws.String("the stage is too small")},
	}
	for text, result := range tests {
		out := deploymentIn("FAILED")
		out.StageDeployment.DeploymentResult = result
		w := gamesparks.NewStageDeploymentCompletedWaiter(getStageDeployment(func(context.Context, *gamesparks.GetStageDeploymentInput, ...func(*gamesparks.Options)) (*gamesparks.GetStageDeploymentOutput, error) {
			return out, nil
		}))
		got, err := w.WaitForOutput(t.Context(), nil, time.Hour)
		var failed *gamesparks.DeploymentFailedError
		if !errors.As(err, &failed) || failed.Deployment != out.StageDeployment || got != nil {
			t.Fatalf("got output %v and error %v, want a DeploymentFailedError", got, err)
		}
		if diff := cmp.Diff(text, err.Error()); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if err := w.Wait(t.Context(), nil, time.Hour); !errors.As(err, &failed) {
			t.Errorf("Wait returned %v, want a DeploymentFailedError", err)
		}
	}
}

func TestGeneratedCodeJobFails(t *testing.T) {
	t.Parallel()
	for text, description := range map[string]*string{
		"code generation job j-1 failed":                     nil,
		"code generation job j-1 failed: for the Unity team": aws.String("for the Unity team"),
	} {
		out := jobIn("FAILED")
		out.GeneratedCodeJob.Description = description
		w := gamesparks.NewGeneratedCodeJobCompletedWaiter(getGeneratedCodeJob(func(context.Context, *gamesparks.GetGeneratedCodeJobInput, ...func(*gamesparks.Options)) (*gamesparks.GetGeneratedCodeJobOutput, error) {
			return out, nil
		}))
		err := w.Wait(t.Context(), nil, time.Hour)
		var failed *gamesparks.GeneratedCodeJobFailedError
		if !errors.As(err, &failed) || failed.Job != out.GeneratedCodeJob {
			t.Fatalf("error %v", err)
		}
		if diff := cmp.Diff(text, err.Error()); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	}
}

func TestWaiterTimesOut(t *testing.T) {
	t.Parallel()
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		var seen []waitAttempt
		start := time.Now()
		_, err := w.wait(t.Context(), answers(w.pending), time.Minute, waiterOptions{onAttempt: func(a waitAttempt) { seen = append(seen, a) }})
		if d := time.Since(start); d > time.Minute || d < time.Minute-4*time.Second {
			t.Errorf("gave up after %v, want just under one minute", d)
		}
		got, ok := w.timeout(err)
		if !ok || !errors.Is(err, context.DeadlineExceeded) || got != (timeout{int64(len(seen)), w.pending, nil}) {
			t.Fatalf("got error %v with fields %+v, want a WaiterTimeoutError", err, got)
		}
		want := fmt.Sprintf("exceeded max wait time for %s waiter after %d attempts, last known state %s", w.name, len(seen), w.pending)
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if last := seen[len(seen)-1]; last.Next != 0 || last.Elapsed != time.Since(start) {
			t.Errorf("unexpected last attempt %+v", last)
		}
	})
}

// TestWaiterInterrupted checks the error returned if the time limit or the context ends during an attempt.
func TestWaiterInterrupted(t *testing.T) {
	t.Parallel()
	hungUp := errors.New("hung up")
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		hang := func(ctx context.Context, n int) (string, error) {
			if n == 1 {
				return w.pending, nil
			}
			<-ctx.Done()
			return "", hungUp
		}
		var last waitAttempt
		options := waiterOptions{onAttempt: func(a waitAttempt) { last = a }}

		start := time.Now()
		_, err := w.wait(t.Context(), hang, time.Minute, options)
		if got, ok := w.timeout(err); !ok || got != (timeout{2, w.pending, nil}) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v with fields %+v, want a WaiterTimeoutError", err, got)
		}
		if last != (waitAttempt{2, "", hungUp, time.Minute, 0}) || time.Since(start) != time.Minute {
			t.Errorf("unexpected last attempt %+v", last)
		}

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err = w.wait(ctx, hang, time.Minute, options)
		if got, ok := w.timeout(err); !ok || got != (timeout{2, w.pending, nil}) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after the caller's deadline: got error %v with fields %+v, want a WaiterTimeoutError", err, got)
		}

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		_, err = w.wait(ctx, hang, time.Minute, options)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, hungUp) || !strings.HasPrefix(err.Error(), "request cancelled while waiting, ") {
			t.Errorf("error %v", err)
		}
		if last != (waitAttempt{2, "", hungUp, 10 * time.Second, 0}) {
			t.Errorf("unexpected last attempt %+v", last)
		}

		// If the client's error already wraps the context's error, the waiter does not repeat it.
		ctx, cancel = context.WithCancel(t.Context())
		_, err = w.wait(ctx, func(ctx context.Context, _ int) (string, error) {
			cancel()
			return "", &smithy.CanceledError{Err: ctx.Err()}
		}, time.Minute, options)
		if want := "request cancelled while waiting, canceled, context canceled"; err.Error() != want {
			t.Errorf("got error %q, want %q", err, want)
		}
	})
}

func TestWaiterCancelledBetweenAttempts(t *testing.T) {
	t.Parallel()
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		start := time.Now()
		_, err := w.wait(ctx, answers(w.pending), time.Minute, waiterOptions{})
		if !errors.Is(err, context.Canceled) || time.Since(start) != 500*time.Millisecond {
			t.Errorf("got error %v after %v, want context.Canceled after 500ms", err, time.Since(start))
		}
		if _, ok := w.timeout(err); ok {
			t.Errorf("error %v is a WaiterTimeoutError", err)
		}
	})
}

// TestWaiterAcceptsLateResponse checks that a response received after the time limit still ends the wait successfully.
func TestWaiterAcceptsLateResponse(t *testing.T) {
	t.Parallel()
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		_, err := w.wait(t.Context(), func(ctx context.Context, n int) (string, error) {
			<-ctx.Done()
			return answers(w.done)(ctx, n)
		}, time.Minute, waiterOptions{})
		if err != nil {
			t.Errorf("error %v", err)
		}
	})
}

func TestWaiterInvalidTimes(t *testing.T) {
	t.Parallel()
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		none := func(context.Context, int) (string, error) {
			t.Error("unexpected attempt")
			return w.pending, nil
		}
		for _, maxWait := range []time.Duration{0, -time.Second} {
			if _, err := w.wait(t.Context(), none, maxWait, waiterOptions{}); err == nil || !strings.Contains(err.Error(), "maximum wait time") {
				t.Errorf("got error %v for a maximum wait time of %v", err, maxWait)
			}
		}
		for _, o := range []waiterOptions{{min: 3 * time.Second, max: 2 * time.Second}, {min: 2 * time.Second, max: time.Second}, {min: 3 * time.Minute}} {
			if _, err := w.wait(t.Context(), none, time.Hour, o); err == nil || !strings.Contains(err.Error(), "minimum waiter delay") {
				t.Errorf("got error %v for delays from %v to %v", err, o.min, o.max)
			}
		}
	})
}

// TestWaiterMaxDelayAlone checks that MaxDelay lowers the default MinDelay, but not a MinDelay that is set explicitly.
func TestWaiterMaxDelayAlone(t *testing.T) {
	t.Parallel()
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		var delays []time.Duration
		_, err := w.wait(t.Context(), answers(w.pending, w.pending, w.done), time.Hour, waiterOptions{
			max:       time.Second,
			onAttempt: func(a waitAttempt) { delays = append(delays, a.Next) },
		})
		if diff := cmp.Diff([]time.Duration{time.Second, time.Second, 0}, delays); err != nil || diff != "" {
			t.Errorf("got error %v; delays (-want +got):\n%s", err, diff)
		}
	})
}

func TestWaiterValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		min, max time.Duration
		want     string
	}{
		{0, 0, ""},
		{0, time.Second, ""},
		{-1, time.Nanosecond, ""},
		{time.Second, time.Second, ""},
		{2 * time.Second, time.Second, "minimum waiter delay 2s must not exceed the maximum waiter delay 1s"},
		{3 * time.Minute, 0, "minimum waiter delay 3m0s must not exceed the maximum waiter delay 2m0s"},
	} {
		w := gamesparks.NewGameDeletedWaiter(getGame(nil), func(o *gamesparks.GameDeletedWaiterOptions) {
			if tt.min != 0 {
				o.MinDelay = tt.min
			}
			if tt.max != 0 {
				o.MaxDelay = tt.max
			}
		})
		got := ""
		if err := w.Validate(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("delays from %v to %v: got error %q, want %q", tt.min, tt.max, got, tt.want)
		}
	}
}

// TestWaiterDelays checks the delays between attempts in many waits that time out.
func TestWaiterDelays(t *testing.T) {
	t.Parallel()
	for _, defaults := range []bool{true, false} {
		for seed := range uint64(50) {
			synctest.Test(t, func(t *testing.T) {
				r := newRand(t, seed)
				o := waiterOptions{min: -1, max: -1}
				low, high := 2*time.Second, 2*time.Minute
				if !defaults {
					low = time.Duration(1 + r.Int64N(int64(time.Minute)))
					high = low + time.Duration(r.Int64N(int64(time.Minute)))
					o.min, o.max = low, high
				}
				maxWait := time.Duration(1 + r.Int64N(int64(30*time.Minute)))
				if r.IntN(3) == 0 {
					maxWait = low * time.Duration(1+r.IntN(5)) // so that exactly MinDelay remains
				}
				o.onAttempt = func(a waitAttempt) {
					bound := high
					if a.Number < 20 {
						bound = min(high, low<<(a.Number-1))
					}
					if remaining := maxWait - a.Elapsed; a.Next == 0 && remaining > low {
						t.Errorf("gave up after attempt %d with %v left, more than the minimum delay of %v", a.Number, remaining, low)
					}
					if a.Next != 0 && (a.Next < low || a.Next > max(bound, low)) {
						t.Errorf("delay %v after attempt %d, want %v to %v", a.Next, a.Number, low, bound)
					}
				}
				start := time.Now()
				_, err := waiterCases[0].wait(t.Context(), answers("PENDING"), maxWait, o)
				if _, ok := waiterCases[0].timeout(err); !ok || time.Since(start) > maxWait {
					t.Errorf("got error %v after %v, want a WaiterTimeoutError within %v", err, time.Since(start), maxWait)
				}
			})
		}
	}
}

func TestWaiterPinsLatestDeployment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked, judged []string
		mock := getStageDeployment(func(_ context.Context, in *gamesparks.GetStageDeploymentInput, _ ...func(*gamesparks.Options)) (*gamesparks.GetStageDeploymentOutput, error) {
			asked = append(asked, aws.ToString(in.DeploymentId))
			if len(asked) == 1 {
				return nil, &types.InternalServerException{}
			}
			state := "IN_PROGRESS"
			if len(asked) == 5 {
				state = "COMPLETED"
			}
			id := in.DeploymentId
			if id == nil { // each call returns a new latest deployment
				id = aws.String("d-" + strconv.Itoa(len(asked)))
			}
			out := deploymentIn(state)
			out.StageDeployment.DeploymentId = id
			return out, nil
		})
		var decide func(context.Context, *gamesparks.GetStageDeploymentInput, *gamesparks.GetStageDeploymentOutput, error) (bool, error)
		w := gamesparks.NewStageDeploymentCompletedWaiter(mock, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
			decide = o.Retryable
			o.Retryable = func(ctx context.Context, in *gamesparks.GetStageDeploymentInput, out *gamesparks.GetStageDeploymentOutput, err error) (bool, error) {
				judged = append(judged, aws.ToString(in.DeploymentId))
				if err != nil {
					return true, nil
				}
				return decide(ctx, in, out, err)
			}
		})
		params := &gamesparks.GetStageDeploymentInput{GameName: aws.String("chess"), StageName: aws.String("live")}
		out, err := w.WaitForOutput(t.Context(), params, time.Hour)
		if err != nil || *out.StageDeployment.DeploymentId != "d-2" {
			t.Errorf("got output %v and error %v, want deployment d-2", out, err)
		}
		if diff := cmp.Diff([]string{"", "", "d-2", "d-2", "d-2"}, asked); diff != "" {
			t.Errorf("requested IDs (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(asked, judged); diff != "" {
			t.Errorf("inputs passed to Retryable (-requested +got):\n%s", diff)
		}
		if params.DeploymentId != nil {
			t.Error("the wait changed the caller's input")
		}
	})
}

func TestWaiterRetryable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		w := gamesparks.NewStageDeletedWaiter(getStage(func(ctx context.Context, _ *gamesparks.GetStageInput, _ ...func(*gamesparks.Options)) (*gamesparks.GetStageOutput, error) {
			calls++
			if _, err := answers("denied", "not found", "ACTIVE")(ctx, calls); err != nil {
				return nil, err
			}
			return &gamesparks.GetStageOutput{Stage: &types.StageDetails{State: types.StageStateActive}}, nil
		}), func(o *gamesparks.StageDeletedWaiterOptions) {
			o.Retryable = nil // means the default
		})
		if err := w.Wait(t.Context(), nil, time.Hour); !gamesparks.IsAccessDenied(err) || calls != 1 {
			t.Errorf("got error %v after %d calls, want access denied after 1 call", err, calls)
		}

		calls = 0
		out, err := w.WaitForOutput(t.Context(), nil, time.Hour, func(o *gamesparks.StageDeletedWaiterOptions) {
			o.Retryable = func(_ context.Context, _ *gamesparks.GetStageInput, _ *gamesparks.GetStageOutput, err error) (bool, error) {
				return err != nil, nil
			}
		})
		if err != nil || out.Stage.State != types.StageStateActive || calls != 3 {
			t.Errorf("got output %v and error %v after %d calls, want an active stage after 3 calls", out, err, calls)
		}

		calls = 0
		err = w.Wait(t.Context(), nil, 3*time.Second, func(o *gamesparks.StageDeletedWaiterOptions) {
			o.Retryable = func(context.Context, *gamesparks.GetStageInput, *gamesparks.GetStageOutput, error) (bool, error) {
				return true, nil
			}
		})
		if !gamesparks.IsNotFound(err) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want a timeout that wraps the last error", err)
		}
	})
}

// TestWaiterOptionsOfOneWait checks that two nested waits do not append to the same option slices.
func TestWaiterOptionsOfOneWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := getGame(func(_ context.Context, _ *gamesparks.GetGameInput, optFns ...func(*gamesparks.Options)) (*gamesparks.GetGameOutput, error) {
			var o gamesparks.Options
			for _, fn := range optFns {
				fn(&o)
			}
			return nil, errors.New(o.AppID + " of " + o.Region)
		})
		w := gamesparks.NewGameDeletedWaiter(mock, func(o *gamesparks.GameDeletedWaiterOptions) {
			o.ClientOptions = append(slices.Grow(o.ClientOptions, 5), func(o *gamesparks.Options) { o.Region = "everyone" })
			o.Retryable = func(context.Context, *gamesparks.GetGameInput, *gamesparks.GetGameOutput, error) (bool, error) {
				return true, nil
			}
		})
		wait := func(app string, maxWait time.Duration, onAttempt func(gamesparks.WaiterAttempt[gamesparks.GetGameOutput])) {
			w.Wait(t.Context(), nil, maxWait, func(o *gamesparks.GameDeletedWaiterOptions) {
				o.ClientOptions = append(o.ClientOptions, func(o *gamesparks.Options) { o.AppID = app })
				o.OnAttempt = onAttempt
			})
		}
		var got []string
		wait("outer", time.Minute, func(a gamesparks.WaiterAttempt[gamesparks.GetGameOutput]) {
			got = append(got, a.Err.Error())
			if a.Attempt == 1 {
				wait("inner", time.Second, nil)
			}
		})
		if len(got) < 2 || slices.ContainsFunc(got, func(s string) bool { return s != "outer of everyone" }) {
			t.Errorf("options of the outer wait changed: %q", got)
		}
	})
}

func (nothing) GetStage(context.Context, *gamesparks.GetStageInput, ...func(*gamesparks.Options)) (*gamesparks.GetStageOutput, error) {
	return nil, nil
}

func (nothing) GetStageDeployment(context.Context, *gamesparks.GetStageDeploymentInput, ...func(*gamesparks.Options)) (*gamesparks.GetStageDeploymentOutput, error) {
	return nil, nil
}

// TestWaiterWithoutOutput checks that a wait fails if the client returns neither an output nor an error.
func TestWaiterWithoutOutput(t *testing.T) {
	t.Parallel()
	if err := gamesparks.NewStageDeletedWaiter(nothing{}).Wait(t.Context(), nil, time.Minute); err == nil {
		t.Error("StageDeletedWaiter returned no error")
	}
	if err := gamesparks.NewGameDeletedWaiter(nothing{}).Wait(t.Context(), nil, time.Minute); err == nil {
		t.Error("GameDeletedWaiter returned no error")
	}
	if err := gamesparks.NewStageDeploymentCompletedWaiter(nothing{}).Wait(t.Context(), nil, time.Minute); err == nil {
		t.Error("StageDeploymentCompletedWaiter returned no error")
	}
	if err := gamesparks.NewGeneratedCodeJobCompletedWaiter(nothing{}).Wait(t.Context(), nil, time.Minute); err == nil {
		t.Error("GeneratedCodeJobCompletedWaiter returned no error")
	}
}

func (nothing) GetGame(context.Context, *gamesparks.GetGameInput, ...func(*gamesparks.Options)) (*gamesparks.GetGameOutput, error) {
	return nil, nil
}

func (nothing) GetGeneratedCodeJob(context.Context, *gamesparks.GetGeneratedCodeJobInput, ...func(*gamesparks.Options)) (*gamesparks.GetGeneratedCodeJobOutput, error) {
	return nil, nil
}

func TestWaiterOfNilClient(t *testing.T) {
	t.Parallel()
	for _, client := range []gamesparks.GetGameAPIClient{nil, (*gamesparks.Client)(nil)} {
		w := gamesparks.NewGameDeletedWaiter(client)
		const want = "GameDeleted waiter: client is nil: create one with gamesparks.New or gamesparks.NewFromConfig"
		if err := w.Wait(t.Context(), nil, time.Minute); err == nil || err.Error() != want {
			t.Errorf("%T: Wait returned error %v, want %q", client, err, want)
		}
		if err := w.Validate(); err == nil || err.Error() != want {
			t.Errorf("%T: Validate returned error %v, want %q", client, err, want)
		}
	}
}

// TestWaiterKeepsCause checks that the error wraps the context's cause if the context ends between attempts or during one.
func TestWaiterKeepsCause(t *testing.T) {
	t.Parallel()
	shutdown, hungUp := errors.New("shutdown"), errors.New("hung up")
	forEachWaiter(t, func(t *testing.T, w waiterCase) {
		attempts := map[string]script{
			"between attempts": answers(w.pending),
			"during an attempt": func(ctx context.Context, n int) (string, error) {
				if n == 1 {
					return w.pending, nil
				}
				<-ctx.Done()
				return "", hungUp
			},
			"during an attempt of the client": func(ctx context.Context, _ int) (string, error) {
				<-ctx.Done()
				return "", &smithy.CanceledError{Err: ctx.Err()}
			},
		}
		for name, attempt := range attempts {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(shutdown) })
			_, err := w.wait(ctx, attempt, time.Minute, waiterOptions{})
			if !errors.Is(err, context.Canceled) || !errors.Is(err, shutdown) || !strings.HasSuffix(err.Error(), ": shutdown") {
				t.Errorf("%s: after cancellation: unexpected error %v", name, err)
			}

			ctx, stop := context.WithTimeoutCause(t.Context(), time.Second, shutdown)
			_, err = w.wait(ctx, attempt, time.Minute, waiterOptions{})
			stop()
			if _, ok := w.timeout(err); !ok || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, shutdown) || !strings.HasSuffix(err.Error(), ", cause: shutdown") {
				t.Errorf("%s: after the deadline: unexpected error %v", name, err)
			}

			// Reaching the waiter's time limit adds no cause, even if the context has one.
			ctx, cancel = context.WithCancelCause(t.Context())
			_, err = w.wait(ctx, attempt, time.Second, waiterOptions{})
			cancel(shutdown)
			if _, ok := w.timeout(err); !ok || errors.Is(err, shutdown) || strings.Contains(err.Error(), "cause") {
				t.Errorf("%s: after the time limit: unexpected error %v", name, err)
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(nil)
		_, err := w.wait(ctx, answers(w.pending), time.Minute, waiterOptions{})
		if want := "request cancelled while waiting, context canceled"; err.Error() != want {
			t.Errorf("without a cause: got error %q, want %q", err, want)
		}
	})
}
