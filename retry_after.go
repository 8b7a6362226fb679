package gamesparks

import (
	"net/http"
	"strconv"
	"time"
)

// heedRetryAfter tells the SDK's retry middleware what the standard header asks for, which proxies and gateways send. The
// middleware knows only the header of AWS, and waits five seconds beyond its own delay at most.
func heedRetryAfter(header http.Header) {
	const name = "X-Amz-Retry-After" // in milliseconds
	value := header.Get("Retry-After")
	if value == "" || header.Get(name) != "" {
		return
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		header.Set(name, strconv.FormatUint(seconds*1000, 10))
		return
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	header.Set(name, strconv.FormatInt(max(0, at.Sub(now).Milliseconds()), 10))
}
