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

// TestCancel ends the context at each stage of a call. The call ends with it, without another attempt.
func TestCancel(t *testing.T) {
	type stage struct {
		// prepare makes cancel be called at the stage. It returns an option for the call.
		prepare func(w *world, cancel func()) func(*gamesparks.Options)
		input   *gamesparks.ImportGameConfigurationInput // what is sent in place of GetGame
		// attempts and requests are how many the HTTP client and the proxy get to see.
		attempts, requests int
	}
	options := func(fn func(o *gamesparks.Options, cancel func())) func(*world, func()) func(*gamesparks.Options) {
		return func(_ *world, cancel func()) func(*gamesparks.Options) {
			return func(o *gamesparks.Options) { fn(o, cancel) }
		}
	}
	inProxy := func(fn func(x *faultproxy.Exchange, cancel func())) func(*world, func()) func(*gamesparks.Options) {
		return func(w *world, cancel func()) func(*gamesparks.Options) {
			w.proxy.Next(func(x *faultproxy.Exchange) { fn(x, cancel) })
			return func(*gamesparks.Options) {}
		}
	}
	stages := map[string]stage{
		"before the call": {prepare: options(func(_ *gamesparks.Options, cancel func()) { cancel() })},
		"while credentials are fetched": {prepare: options(func(o *gamesparks.Options, cancel func()) {
			o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
				cancel()
				<-ctx.Done()
				return aws.Credentials{}, ctx.Err()
			})
		})},
		"while a token for the attempt is waited for": {prepare: options(func(o *gamesparks.Options, cancel func()) {
			o.Retryer = tokenless{noBackoff(), cancel}
		})},
		"while the connection is made": {prepare: func(w *world, cancel func()) func(*gamesparks.Options) {
			w.transport().DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				cancel()
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return func(*gamesparks.Options) {}
		}, attempts: 1},
		"while the request is sent": {
			prepare: inProxy(func(x *faultproxy.Exchange, cancel func()) {
				cancel() // the body is larger than what the system holds for a connection
				x.Wait()
			}),
			input: &gamesparks.ImportGameConfigurationInput{
				GameName: aws.String("lighthouse"), ImportSource: &types.ImportGameConfigurationSource{File: make([]byte, 32<<20)},
			},
			attempts: 1, requests: 1,
		},
		"before the response": {prepare: inProxy(func(x *faultproxy.Exchange, cancel func()) {
			cancel()
			faultproxy.Stall(x)
		}), attempts: 1, requests: 1},
		"in the response's head": {prepare: inProxy(func(x *faultproxy.Exchange, cancel func()) {
			x.Write([]byte("HTTP/1.1 200 OK\r\nContent-"))
			cancel()
			x.Wait()
		}), attempts: 1, requests: 1},
		"in the response's body": {prepare: func(w *world, cancel func()) func(*gamesparks.Options) {
			w.proxy.Next(faultproxy.StallInBody)
			w.spy.onBody = cancel
			return func(*gamesparks.Options) {}
		}, attempts: 1, requests: 1},
		"in the body of an error": {prepare: func(w *world, cancel func()) func(*gamesparks.Options) {
			w.proxy.Next(func(x *faultproxy.Exchange) {
				x.Write([]byte("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\n{"))
				x.Wait()
			})
			w.spy.onBody = cancel
			return func(*gamesparks.Options) {}
		}, attempts: 1, requests: 1},
		"before the next attempt": {prepare: func(w *world, cancel func()) func(*gamesparks.Options) {
			w.proxy.Next(faultproxy.Respond(503, ""))
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
			return d, d.pass
		}, context.DeadlineExceeded},
	}
	for name, stage := range stages {
		for how, end := range ends {
			onBothPaths(t, name+", "+how, func(t *testing.T, via func(*gamesparks.Options)) {
				w := newWorld(t, via)
				ctx, cancel := end.end(t.Context())
				option := stage.prepare(w, cancel)
				var err error
				if stage.input != nil {
					_, err = w.client.ImportGameConfiguration(ctx, stage.input, option)
				} else {
					err = w.getGame(ctx, t, patience, option)
				}
				if !stopped(end.cause)(err) {
					t.Errorf("got the error %v, want %v", err, end.cause)
				}
				if n := w.spy.tried(); n != stage.attempts {
					t.Errorf("%d attempts, want %d", n, stage.attempts)
				}
				if n := len(w.proxy.Requests()); n != stage.requests {
					t.Errorf("%d requests, want %d", n, stage.requests)
				}
				var canceled interface{ CanceledError() bool }
				if stage.attempts > 0 && !errors.As(err, &canceled) {
					t.Errorf("%v is no CanceledError", err)
				}
				if stage.requests > 0 {
					if err := w.getGame(t.Context(), t, patience); err != nil {
						t.Errorf("the next call fails: %v", err)
					}
				}
			})
		}
	}
}

// tokenless is a retryer that has no token for an attempt until the context ends.
type tokenless struct {
	aws.Retryer
	cancel func()
}

func (r tokenless) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	r.cancel()
	<-ctx.Done()
	return nil, ctx.Err()
}

// deadline is a context whose deadline passes when it is told to.
type deadline struct {
	context.Context
	done chan struct{}
	pass func()
}

func newDeadline(ctx context.Context) *deadline {
	d := &deadline{Context: ctx, done: make(chan struct{})}
	d.pass = sync.OnceFunc(func() { close(d.done) })
	return d
}

func (d *deadline) Done() <-chan struct{} { return d.done }

func (d *deadline) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
