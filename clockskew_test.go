package gamesparks_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
)

// skewedService is a service whose clock is ahead of the local clock by offset. It rejects requests whose signing time
// differs from its clock.
type skewedService struct {
	recorder
	t      *testing.T
	offset atomic.Int64
	code   string // the error code for rejected requests
	header http.Header
}

func (s *skewedService) Do(req *http.Request) (*http.Response, error) {
	s.recorder.Do(req)
	now := time.Now().Add(time.Duration(s.offset.Load()))
	a := answer{body: "{}", header: s.header.Clone()}
	if d := signingTime(s.t, s.last(s.t)).Sub(now); d < -5*time.Minute || d > 5*time.Minute {
		a = answer{status: 403, body: `{"message":"Signature expired"}`, header: s.header.Clone()}
		a.header.Set("X-Amzn-Errortype", s.code)
	}
	if a.header.Get("Date") == "" {
		a.header.Set("Date", now.UTC().Format(http.TimeFormat))
	}
	return a.response(req)
}

// TestClockSkew checks that the client uses the Date header of responses to correct the signing time. A request rejected
// because of clock skew is retried with the corrected time, and later calls use the corrected time from the start.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch", "AccessDeniedException", "AuthFailure"} {
		for _, offset := range []time.Duration{5 * time.Hour, -26 * time.Hour} {
			onBothPaths(t, code+" "+offset.String(), func(t *testing.T, via func(*gamesparks.Options)) {
				s := &skewedService{t: t, code: code, header: http.Header{}}
				s.offset.Store(int64(offset))
				client := newClient(s, via)
				call := func(wantAttempts int, wantLast time.Duration) {
					t.Helper()
					before := len(s.all())
					if _, err := client.ListGames(t.Context(), nil); err != nil {
						t.Fatal(err)
					}
					if n := len(s.all()) - before; n != wantAttempts {
						t.Errorf("%d attempts, want %d", n, wantAttempts)
					}
					verifySignature(t, s.last(t), signedAs{at: time.Now().Add(wantLast)})
				}
				call(2, offset)
				verifySignature(t, s.all()[0], signedAs{})
				call(1, offset)
				s.offset.Store(0) // the clocks are synchronized again
				call(2, 0)
				call(1, 0)
			})
		}
	}
}

// TestClockSkewLearned checks that the client measures clock skew from any response.
func TestClockSkewLearned(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", testClockSkewLearned)
}

func testClockSkewLearned(t *testing.T, via func(*gamesparks.Options)) {
	date := http.Header{"Date": {time.Now().Add(3 * time.Hour).UTC().Format(http.TimeFormat)}}
	r := &recorder{answers: []answer{{status: 503, header: date}, {body: "{}", header: date}}}
	client := newClient(r, via)
	for range 2 {
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []time.Duration{0, 3 * time.Hour, 3 * time.Hour} {
		verifySignature(t, r.all()[i], signedAs{at: time.Now().Add(want)})
	}
	if _, err := newClient(r, via).ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	verifySignature(t, r.last(t), signedAs{}) // clients do not share the skew
}

// TestClockSkewIgnored checks the cases in which the client does not correct the signing time.
func TestClockSkewIgnored(t *testing.T) {
	t.Parallel()
	disable := func(o *gamesparks.Options) { o.DisableClockSkewCorrection = true }
	tests := map[string]struct {
		client, call []func(*gamesparks.Options)
		offset       time.Duration
		header       http.Header
		code         string
	}{
		"disabled":              {client: []func(*gamesparks.Options){disable}, offset: time.Hour, code: "RequestTimeTooSkewed"},
		"disabled for the call": {call: []func(*gamesparks.Options){disable}, offset: time.Hour, code: "RequestTimeTooSkewed"},
		"cached response":       {offset: time.Hour, code: "RequestTimeTooSkewed", header: http.Header{"Age": {"3600"}}},
		"invalid date":          {offset: time.Hour, code: "RequestTimeTooSkewed", header: http.Header{"Date": {"yesterday"}}},
		"other error":           {offset: time.Hour, code: "ValidationException"},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			s := &skewedService{t: t, code: test.code, header: test.header}
			if s.header == nil {
				s.header = http.Header{}
			}
			s.offset.Store(int64(test.offset))
			client := newClient(s, with(via, test.client)...)
			if _, err := client.ListGames(t.Context(), nil, test.call...); err == nil {
				t.Error("no error")
			}
			if n := len(s.all()); n != 1 {
				t.Errorf("%d attempts, want 1", n)
			}
			verifySignature(t, s.last(t), signedAs{})
		})
	}
}
