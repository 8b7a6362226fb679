package server

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/gamesparks-go/gamesparks/types"
)

// WithRateLimit limits the rate of API requests of each access key: perSecond requests per second on average, and bursts of
// up to burst requests. The unsigned requests of [WithAnonymousAccess] share one limit. Downloads and player connections do
// not count. A request over the limit fails with a ThrottlingException, whose Retry-After header is the time in seconds until
// the next request succeeds. Requests with an invalid signature do not count, so a client needs the secret of a key
// to use up its rate. By default, the rate is not limited.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(s *settings) error {
		if !(perSecond > 0) || math.IsInf(perSecond, 1) || burst <= 0 {
			return badOption("WithRateLimit", "rate %v and burst %d: must be positive", perSecond, burst)
		}
		s.rates = &rates{perSecond: rate.Limit(perSecond), burst: burst, limiters: map[string]*rate.Limiter{}}
		return nil
	}
}

// rates limits the rate of each access key. A nil *rates has no limit.
type rates struct {
	perSecond rate.Limit
	burst     int

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

// wait counts a request of an access key. It returns how long the client has to wait, or 0 if the request is within the
// rate.
func (r *rates) wait(accessKeyID string) time.Duration {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	limiter := r.limiters[accessKeyID]
	if limiter == nil {
		limiter = rate.NewLimiter(r.perSecond, r.burst)
		r.limiters[accessKeyID] = limiter
	}
	r.mu.Unlock()
	reservation := limiter.Reserve()
	delay := reservation.Delay()
	if delay > 0 {
		reservation.Cancel() // a refused request does not count
	}
	return delay
}

// keep drops the limiters of access keys that no longer exist.
func (r *rates) keep(credentials []Credential) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := map[string]*rate.Limiter{"": r.limiters[""]}
	for _, c := range credentials {
		kept[c.AccessKeyID] = r.limiters[c.AccessKeyID]
	}
	r.limiters = kept
}

// throttle returns an error if the access key has exceeded its rate.
func (x *exchange) throttle(accessKeyID string) error {
	delay := x.rates.wait(accessKeyID)
	if delay == 0 {
		return nil
	}
	seconds := strconv.Itoa(int(math.Ceil(delay.Seconds())))
	x.writer.Header().Set("Retry-After", seconds)
	text := fmt.Sprintf("The access key exceeds its rate of %v requests per second. Retry after %s seconds.", float64(x.rates.perSecond), seconds)
	return &types.ThrottlingException{Message: &text}
}
