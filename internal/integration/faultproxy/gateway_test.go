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

// TestClockSkew shows that hours between the clocks cost one attempt, whatever the operation, and only in the first
// call; and that with the correction switched off, the user gets the service's word for it.
func TestClockSkew(t *testing.T) {
	for _, offset := range []time.Duration{-30 * time.Hour, -5 * time.Hour, 5 * time.Hour, 30 * time.Hour} {
		for _, code := range []string{"RequestTimeTooSkewed", "InvalidSignatureException"} {
			onBothPaths(t, fmt.Sprint(offset, " ", code), func(t *testing.T, via func(*gamesparks.Options)) {
				w := newWorld(t, via)
				w.proxy.Always(clockOff(offset, code))

				_, err := w.client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("lighthouse")},
					func(o *gamesparks.Options) { o.DisableClockSkewCorrection = true })
				if !answered(403, code)(err) || w.spy.tried() != 1 {
					t.Errorf("without correction: %d attempts and the error %v", w.spy.tried(), err)
				}
				for i, op := range tokenWrites(nil)[:2] {
					before := w.spy.tried()
					made, err := op.do(t.Context(), w.client)
					if err != nil {
						t.Errorf("%s: %v", op.name, err)
					}
					want := 1
					if i == 0 {
						want = 2
					}
					if n := w.spy.tried() - before; n != want {
						t.Errorf("%s: %d attempts, want %d", op.name, n, want)
					}
					if all, err := op.list(t.Context(), w.client); err != nil || len(all) != 1 || all[0] != made {
						t.Errorf("%s returned %q, but %q were made (%v)", op.name, made, all, err)
					}
				}
				if n := w.lastConnection(); n != 1 {
					t.Errorf("it took %d connections", n)
				}
			})
		}
	}
}

// clockOff is a gateway whose clock is off by offset, and which refuses signatures of another time than its own. What it
// takes, it signs for the service behind it, whose clock is right.
func clockOff(offset time.Duration, code string) faultproxy.Fault {
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
		answer := x.Forward()
		if answer != nil {
			answer.Header.Set("Date", date)
		}
		x.Answer(answer)
	}
}

// TestRotatedCredentials shows that each attempt is signed with the credentials of its time: a key that is taken away
// in the middle of a call is not used again.
func TestRotatedCredentials(t *testing.T) {
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		var current atomic.Pointer[aws.Credentials]
		current.Store(&aws.Credentials{AccessKeyID: "old", SecretAccessKey: "old-secret"})
		w := newWorld(t, via, func(o *gamesparks.Options) {
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return *current.Load(), nil })
		})
		w.proxy.Next(func(x *faultproxy.Exchange) {
			current.Store(&aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}) // the service's
			faultproxy.Respond(503, "")(x)
		})
		if err := w.getGame(t.Context(), t, patience); err != nil || w.spy.tried() != 2 {
			t.Errorf("%d attempts and the error %v", w.spy.tried(), err)
		}

		// A key that the service does not know any more is its last word.
		current.Store(&aws.Credentials{AccessKeyID: "old", SecretAccessKey: "old-secret"})
		before := w.spy.tried()
		if err := w.getGame(t.Context(), t, patience); !answered(403, "UnrecognizedClientException")(err) || w.spy.tried()-before != 1 {
			t.Errorf("%d attempts and the error %v", w.spy.tried()-before, err)
		}
	})
}

// TestExpiredCredentials shows that credentials that expire in the middle of a call are fetched anew for the next
// attempt, and that those the service calls expired are an error at once.
func TestExpiredCredentials(t *testing.T) {
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		var fetched atomic.Int64
		var lifetime atomic.Int64
		w := newWorld(t, via, func(o *gamesparks.Options) {
			o.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				fetched.Add(1)
				return aws.Credentials{
					AccessKeyID: "local", SecretAccessKey: "local",
					CanExpire: true, Expires: time.Now().Add(time.Duration(lifetime.Load())),
				}, nil
			}))
		})
		w.proxy.Next(func(x *faultproxy.Exchange) { // the first ones have expired by now
			lifetime.Store(int64(time.Hour))
			faultproxy.Respond(503, "")(x)
		})
		for range 2 {
			if err := w.getGame(t.Context(), t, patience); err != nil {
				t.Error(err)
			}
		}
		if n := fetched.Load(); n != 2 || w.spy.tried() != 3 {
			t.Errorf("credentials were fetched %d times for %d attempts, want 2 for 3", n, w.spy.tried())
		}

		expired := faultproxy.Respond(403, `{"message":"The security token included in the request is expired"}`, "X-Amzn-Errortype", "ExpiredTokenException")
		w.proxy.Next(expired)
		before := w.spy.tried()
		if err := w.getGame(t.Context(), t, patience); !answered(403, "ExpiredTokenException")(err) || w.spy.tried()-before != 1 {
			t.Errorf("%d attempts and the error %v", w.spy.tried()-before, err)
		}
	})
}
