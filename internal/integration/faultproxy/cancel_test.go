package faultproxy_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestCancel ends the context at each stage of a call, and checks that the call returns without another attempt.
func TestCancel(t *testing.T) {
	type stage struct {
		// prepare arranges for cancel to be called at the stage. It returns an option for the call.
		prepare func(f *fixture, cancel func()) func(*gamesparks.Options)
		// input is the input of ImportGameConfiguration. If it is nil, the test calls GetGame instead.
		input *gamesparks.ImportGameConfigurationInput
		// attempts is the number of requests that the HTTP client sends, and requests is the number that the proxy
		// receives.
		attempts, requests int
	}
	options := func(fn func(o *gamesparks.Options, cancel func())) func(*fixture, func()) func(*gamesparks.Options) {
		return func(_ *fixture, cancel func()) func(*gamesparks.Options) {
			return func(o *gamesparks.Options) { fn(o, cancel) }
		}
	}
	inProxy := func(fn func(x *faultproxy.Exchange, cancel func())) func(*fixture, func()) func(*gamesparks.Options) {
		return func(f *fixture, cancel func()) func(*gamesparks.Options) {
			f.proxy.Next(func(x *faultproxy.Exchange) { fn(x, cancel) })
			return func(*gamesparks.Options) {}
		}
	}
	stages := map[string]stage{
		"before the call": {prepare: options(func(_ *gamesparks.Options, cancel func()) { cancel() })},
		"while retrieving credentials": {prepare: options(func(o *gamesparks.Options, cancel func()) {
			o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
				cancel()
				<-ctx.Done()
				return aws.Credentials{}, ctx.Err()
			})
		})},
		"while waiting for an attempt token": {prepare: options(func(o *gamesparks.Options, cancel func()) {
			o.Retryer = blockedRetryer{noBackoff(), cancel}
		})},
		"while connecting": {prepare: func(f *fixture, cancel func()) func(*gamesparks.Options) {
			f.transport().DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				cancel()
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return func(*gamesparks.Options) {}
		}, attempts: 1},
		"while sending the request": {
			prepare: inProxy(func(x *faultproxy.Exchange, cancel func()) {
				cancel() // The body is larger than the buffers of a connection, so the client is still sending.
				x.Wait()
			}),
			input: &gamesparks.ImportGameConfigurationInput{
				GameName: new("lighthouse"), ImportSource: &types.ImportGameConfigurationSource{File: make([]byte, 32<<20)},
			},
			attempts: 1, requests: 1,
		},
		"before the response": {prepare: inProxy(func(x *faultproxy.Exchange, cancel func()) {
			cancel()
			faultproxy.Stall(x)
		}), attempts: 1, requests: 1},
		"in the response header": {prepare: inProxy(func(x *faultproxy.Exchange, cancel func()) {
			x.Write([]byte("HTTP/1.1 200 OK\r\nContent-"))
			cancel()
			x.Wait()
		}), attempts: 1, requests: 1},
		"in the response body": {prepare: func(f *fixture, cancel func()) func(*gamesparks.Options) {
			f.proxy.Next(faultproxy.StallInBody)
			f.recorder.onFirstRead = cancel
			return func(*gamesparks.Options) {}
		}, attempts: 1, requests: 1},
		"in the body of an error response": {prepare: func(f *fixture, cancel func()) func(*gamesparks.Options) {
			f.proxy.Next(func(x *faultproxy.Exchange) {
				x.Write([]byte("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\n{"))
				x.Wait()
			})
			f.recorder.onFirstRead = cancel
			return func(*gamesparks.Options) {}
		}, attempts: 1, requests: 1},
		"before the next attempt": {prepare: func(f *fixture, cancel func()) func(*gamesparks.Options) {
			f.proxy.Next(faultproxy.Respond(503, ""))
			return func(o *gamesparks.Options) {
				o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
					o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
						cancel()
						return time.Hour, nil
					})
				})
			}
		}, attempts: 1, requests: 1},
	}
	ends := map[string]struct {
		end   func(context.Context) (context.Context, func())
		cause error
	}{
		"canceled": {func(ctx context.Context) (context.Context, func()) {
			return context.WithCancel(ctx)
		}, context.Canceled},
		"deadline": {func(ctx context.Context) (context.Context, func()) {
			d := newDeadline(ctx)
			return d, d.expire
		}, context.DeadlineExceeded},
	}
	for name, stage := range stages {
		for how, end := range ends {
			withBothExecutors(t, name+", "+how, func(t *testing.T, executor func(*gamesparks.Options)) {
				f := newFixture(t, executor)
				ctx, cancel := end.end(t.Context())
				option := stage.prepare(f, cancel)
				var err error
				if stage.input != nil {
					_, err = f.client.ImportGameConfiguration(ctx, stage.input, option)
				} else {
					err = f.getGame(ctx, t, callLimit, option)
				}
				if !isCausedBy(end.cause)(err) {
					t.Errorf("error %v, want %v", err, end.cause)
				}
				if n := f.recorder.attemptCount(); n != stage.attempts {
					t.Errorf("%d attempts, want %d", n, stage.attempts)
				}
				if n := len(f.proxy.Requests()); n != stage.requests {
					t.Errorf("%d requests, want %d", n, stage.requests)
				}
				var canceled interface{ CanceledError() bool }
				if stage.attempts > 0 && !errors.As(err, &canceled) {
					t.Errorf("error %v has no CanceledError method", err)
				}
				if stage.requests > 0 {
					if err := f.getGame(t.Context(), t, callLimit); err != nil {
						t.Errorf("next call: %v", err)
					}
				}
			})
		}
	}
}

// blockedRetryer calls cancel and then blocks in GetAttemptToken until the context ends.
type blockedRetryer struct {
	aws.Retryer
	cancel func()
}

func (r blockedRetryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	r.cancel()
	<-ctx.Done()
	return nil, ctx.Err()
}

// manualDeadline is a context whose deadline expires when its expire function is called.
type manualDeadline struct {
	context.Context
	done   chan struct{}
	expire func()
}

func newDeadline(ctx context.Context) *manualDeadline {
	d := &manualDeadline{Context: ctx, done: make(chan struct{})}
	d.expire = sync.OnceFunc(func() { close(d.done) })
	return d
}

func (d *manualDeadline) Done() <-chan struct{} { return d.done }

func (d *manualDeadline) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
