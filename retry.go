package gamesparks

import (
	"net/http"
	"strconv"
	"time"
)

// heedRetryAfter tells the SDK's retry middleware what the standard header asks for, which proxies and gateways send.
// The middleware knows only the header of AWS, and waits five seconds beyond its own delay at most.
func heedRetryAfter(resp *http.Response) {
	delay, ok := retryAfter(resp.Header)
	const name = "X-Amz-Retry-After" // in milliseconds
	if !ok || resp.Header.Get(name) != "" {
		return
	}
	resp.Header = resp.Header.Clone() // a fake HTTP client may answer with the same one again
	resp.Header.Set(name, strconv.FormatInt(delay.Milliseconds(), 10))
}

// retryAfter returns the delay that the standard header asks for, in seconds or by a date.
func retryAfter(header http.Header) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now)), true
}
