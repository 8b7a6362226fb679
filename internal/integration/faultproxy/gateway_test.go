package faultproxy_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
)

// TestClockSkew checks that hours of clock skew cost one attempt of the first call only, and that the call fails with
// the service's error if skew correction is disabled.
func TestClockSkew(t *testing.T) {
	for _, offset := range []time.Duration{-30 * time.Hour, -5 * time.Hour, 5 * time.Hour, 30 * time.Hour} {
		for _, code := range []string{"RequestTimeTooSkewed", "InvalidSignatureException"} {
			withBothExecutors(t, fmt.Sprint(offset, " ", code), func(t *testing.T, executor func(*gamesparks.Options)) {
				f := newFixture(t, executor)
				f.proxy.Always(skewedGateway(offset, code))

				_, err := f.client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("lighthouse")},
					func(o *gamesparks.Options) { o.DisableClockSkewCorrection = true })
				if !isResponseError(403, code)(err) || f.recorder.attemptCount() != 1 {
					t.Errorf("without correction: %d attempts, error %v; want 1 attempt and code %s", f.recorder.attemptCount(), err, code)
				}
				for i, op := range tokenWrites(nil)[:2] {
					before := f.recorder.attemptCount()
					created, err := op.do(t.Context(), f.client)
					if err != nil {
						t.Errorf("%s: %v", op.name, err)
					}
					want := 1
					if i == 0 {
						want = 2
					}
					if n := f.recorder.attemptCount() - before; n != want {
						t.Errorf("%s: %d attempts, want %d", op.name, n, want)
					}
					if all, err := op.list(t.Context(), f.client); err != nil || len(all) != 1 || all[0] != created {
						t.Errorf("%s returned %q; listing returned %q, error %v", op.name, created, all, err)
					}
				}
				if n := f.lastConnection(); n != 1 {
					t.Errorf("%d connections, want 1", n)
				}
			})
		}
	}
}

// skewedGateway acts as a gateway whose clock is off by offset. It rejects requests signed more than five minutes
// before or after its current time. It re-signs all other requests with the correct time and forwards them.
func skewedGateway(offset time.Duration, code string) faultproxy.Fault {
	return func(x *faultproxy.Exchange) {
		now := time.Now().Add(offset)
		date := now.UTC().Format(http.TimeFormat)
		r := x.Request
		signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err != nil || now.Sub(signed).Abs() > 5*time.Minute {
			faultproxy.Respond(403, `{"message":"Signature expired"}`, "X-Amzn-Errortype", code, "Date", date)(x)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			x.Reset()
			return
		}
		if len(body) > 0 {
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		hash := sha256.Sum256(body)
		key := aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
		if err := v4.NewSigner().SignHTTP(r.Context(), key, r, hex.EncodeToString(hash[:]), "gamesparks", "us-east-1", time.Now()); err != nil {
			x.Reset()
			return
		}
		response := x.Forward()
		if response != nil {
			response.Header.Set("Date", date)
		}
		x.Respond(response)
	}
}

// TestRotatedCredentials checks that each attempt retrieves the credentials, so that a call succeeds even if a key is
// rotated between two attempts.
func TestRotatedCredentials(t *testing.T) {
	withBothExecutors(t, "", func(t *testing.T, executor func(*gamesparks.Options)) {
		var current atomic.Pointer[aws.Credentials]
		current.Store(&aws.Credentials{AccessKeyID: "old", SecretAccessKey: "old-secret"})
		f := newFixture(t, executor, func(o *gamesparks.Options) {
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return *current.Load(), nil })
		})
		f.proxy.Next(func(x *faultproxy.Exchange) {
			current.Store(&aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"})
			faultproxy.Respond(503, "")(x)
		})
		if err := f.getGame(t.Context(), t, callLimit); err != nil || f.recorder.attemptCount() != 2 {
			t.Errorf("%d attempts, error %v; want 2 attempts and no error", f.recorder.attemptCount(), err)
		}

		// An unknown key is not retried.
		current.Store(&aws.Credentials{AccessKeyID: "old", SecretAccessKey: "old-secret"})
		before := f.recorder.attemptCount()
		if err := f.getGame(t.Context(), t, callLimit); !isResponseError(403, "UnrecognizedClientException")(err) || f.recorder.attemptCount()-before != 1 {
			t.Errorf("%d attempts, error %v; want 1 attempt and status 403", f.recorder.attemptCount()-before, err)
		}
	})
}

// TestExpiredCredentials checks that a retry refreshes credentials that expired during the call, and that the client
// does not retry an ExpiredTokenException from the service.
func TestExpiredCredentials(t *testing.T) {
	withBothExecutors(t, "", func(t *testing.T, executor func(*gamesparks.Options)) {
		var retrievals atomic.Int64
		var lifetime atomic.Int64
		f := newFixture(t, executor, func(o *gamesparks.Options) {
			o.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				retrievals.Add(1)
				return aws.Credentials{
					AccessKeyID: "local", SecretAccessKey: "local",
					CanExpire: true, Expires: time.Now().Add(time.Duration(lifetime.Load())),
				}, nil
			}))
		})
		f.proxy.Next(func(x *faultproxy.Exchange) { // The first credentials have expired, since their lifetime is 0.
			lifetime.Store(int64(time.Hour))
			faultproxy.Respond(503, "")(x)
		})
		for range 2 {
			if err := f.getGame(t.Context(), t, callLimit); err != nil {
				t.Error(err)
			}
		}
		if n := retrievals.Load(); n != 2 || f.recorder.attemptCount() != 3 {
			t.Errorf("retrieved credentials %d times in %d attempts, want 2 times in 3 attempts", n, f.recorder.attemptCount())
		}

		expired := faultproxy.Respond(403, `{"message":"The security token included in the request is expired"}`, "X-Amzn-Errortype", "ExpiredTokenException")
		f.proxy.Next(expired)
		before := f.recorder.attemptCount()
		if err := f.getGame(t.Context(), t, callLimit); !isResponseError(403, "ExpiredTokenException")(err) || f.recorder.attemptCount()-before != 1 {
			t.Errorf("%d attempts, error %v; want 1 attempt and status 403", f.recorder.attemptCount()-before, err)
		}
	})
}
