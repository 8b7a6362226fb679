// Package testapi has what the server and the client of its test API share: the JSON form of faults, and limits.
package testapi

import "time"

const (
	// MaxLatency limits the latency of a fault.
	MaxLatency = time.Hour

	// MaxClockOffset limits the sum of all moves of the clock, so that times keep the format of the API.
	MaxClockOffset = 100 * 365 * 24 * time.Hour
)

// Fault is a fault of the caller's account. Its members have the meaning of the fields of Fault in package server.
type Fault struct {
	// ID identifies the fault. The server assigns it.
	ID string `json:"Id,omitempty"`

	// Operation is the affected operation, or empty for all operations.
	Operation string `json:",omitempty"`

	// Probability is the probability that a matching request is affected. 0 means 1.
	Probability float64 `json:",omitempty"`

	// Count is the number of requests that the fault still affects. 0 means no limit.
	Count int `json:",omitempty"`

	// LatencySeconds delays the request.
	LatencySeconds float64 `json:",omitempty"`

	// Code is the code of the error.
	Code string `json:",omitempty"`

	// Status is the HTTP status of the error.
	Status int `json:",omitempty"`

	// DropConnection drops the connection before the request is handled.
	DropConnection bool `json:",omitempty"`

	// DropResponse drops the connection instead of sending the response.
	DropResponse bool `json:",omitempty"`

	// Truncate drops the connection after half of the response body.
	Truncate bool `json:",omitempty"`

	// Malformed makes the response body invalid JSON.
	Malformed bool `json:",omitempty"`
}
