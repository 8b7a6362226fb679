package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	json2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks/internal/testapi"
	"github.com/gamesparks-go/gamesparks/server/internal/clock"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// WithTestAPI adds requests that tests of any language use to change the service. They are signed like requests to the API,
// and errors have the form of the API. A read-only access key can only use GET.
//
//	GET    /test/faults       list the faults of the caller's account
//	POST   /test/faults       add a fault to the caller's account
//	DELETE /test/faults       remove all faults of the caller's account
//	DELETE /test/faults/{Id}  remove a fault of the caller's account
//	POST   /test/reset        delete everything in the caller's account
//	GET    /test/clock        read the clock of the service
//	POST   /test/clock        move the clock of the service forward
//
// A fault is a JSON object with the members Id, Operation, Probability, Count, LatencySeconds, Code, Status, DropConnection,
// DropResponse, Truncate and Malformed, which have the meaning of the fields of [Fault]. The service assigns the Id. The responses
// have the members Fault or Faults. Faults are not stored, and affect only the service that received the request. An account has at
// most 100. Faults of [Service.Inject] do not count, because the test API neither lists nor removes them.
//
// A reset removes all games of the account in the region of the service, its idempotency tokens and its faults, and disconnects
// the players of its games. The content of the games is removed in the background. If a reset fails, repeat it.
//
// The clock determines all that time changes, for all accounts: see [WithClock]. The body {"AdvanceSeconds": 3600} moves it forward
// by an hour. It cannot be moved back. The responses have the members Time and OffsetSeconds, which is the sum of all moves. The
// offset is stored with the data, so the service keeps it after a restart, also without this option. Services that share a
// database agree on the clock if all of them have this option and none has WithClock.
//
// Never use this option in production: every access key that is not read-only can delete all games of its account.
func WithTestAPI() Option {
	return func(s *settings) error {
		s.testAPI = true
		return nil
	}
}

const (
	faultsURI = "/test/faults"
	faultURI  = "/test/faults/{Id}"
	resetURI  = "/test/reset"
	clockURI  = "/test/clock"
)

// maxFaults limits the number of faults that the test API adds to an account.
const maxFaults = 100

// addTestRoutes adds the routes of the test API.
func addTestRoutes(rt *router) {
	add := func(name, method, uri string, run func(x *exchange, labels []string, body []byte) (any, error)) {
		a := action{name: name, writes: method != http.MethodGet, hasOutput: true}
		rt.add(method, uri, &route{name: name, signed: true, test: true, serve: func(x *exchange, labels []string) error {
			return x.serveSigned(a, func(body []byte) ([]byte, error) {
				output, err := run(x, labels, body)
				if err != nil {
					return nil, err
				}
				return json.Marshal(output)
			})
		}})
	}
	add("TestListFaults", http.MethodGet, faultsURI, (*exchange).listFaults)
	add("TestAddFault", http.MethodPost, faultsURI, (*exchange).addFault)
	add("TestRemoveFaults", http.MethodDelete, faultsURI, (*exchange).removeFaults)
	add("TestRemoveFault", http.MethodDelete, faultURI, (*exchange).removeFault)
	add("TestReset", http.MethodPost, resetURI, (*exchange).reset)
	add("TestGetClock", http.MethodGet, clockURI, (*exchange).getClock)
	add("TestAdvanceClock", http.MethodPost, clockURI, (*exchange).advanceClock)
}

// newFaultDocument returns the JSON form of a fault.
func newFaultDocument(f *injectedFault) testapi.Fault {
	return testapi.Fault{
		ID: f.id, Operation: f.Operation, Probability: f.Probability, Count: f.Count, LatencySeconds: f.Latency.Seconds(), Code: f.Code,
		Status: f.Status, DropConnection: f.DropConnection, DropResponse: f.DropResponse, Truncate: f.Truncate, Malformed: f.Malformed,
	}
}

// newFault returns the fault of an account that the document describes.
func newFault(d testapi.Fault, account string) (Fault, error) {
	if !(d.LatencySeconds >= 0 && d.LatencySeconds <= testapi.MaxLatency.Seconds()) {
		return Fault{}, fmt.Errorf("LatencySeconds %v: must be from 0 to %v", d.LatencySeconds, testapi.MaxLatency.Seconds())
	}
	f := Fault{
		Account: account, Operation: d.Operation, Probability: d.Probability, Count: d.Count,
		Latency: time.Duration(d.LatencySeconds * float64(time.Second)), Code: d.Code, Status: d.Status,
		DropConnection: d.DropConnection, DropResponse: d.DropResponse, Truncate: d.Truncate, Malformed: d.Malformed,
	}
	return f, f.complete()
}

func (x *exchange) listFaults([]string, []byte) (any, error) {
	list := []testapi.Fault{}
	for _, f := range x.faults.of(x.record.Account) {
		list = append(list, newFaultDocument(&f))
	}
	return map[string]any{"Faults": list}, nil
}

func (x *exchange) addFault(_ []string, body []byte) (any, error) {
	var in testapi.Fault
	if err := decodeDocument(body, &in); err != nil {
		return nil, err
	}
	if in.ID != "" {
		return nil, invalidInput("Id must not be set: the service assigns it.")
	}
	f, err := newFault(in, x.record.Account)
	if err != nil {
		return nil, invalidInput("The fault is not valid: %v.", err)
	}
	if !f.hasEffect() {
		return nil, invalidInput("The fault has no effect: set LatencySeconds, Code, DropConnection, DropResponse, Truncate or Malformed.")
	}
	added := &injectedFault{Fault: f, id: records.NewID()}
	out := newFaultDocument(added)
	if !x.faults.addLimited(added, maxFaults) {
		text := fmt.Sprintf("The account has the maximum of %d faults. Remove some of them.", maxFaults)
		return nil, &types.ServiceQuotaExceededException{Message: &text}
	}
	return map[string]any{"Fault": out}, nil
}

func (x *exchange) removeFaults([]string, []byte) (any, error) {
	x.faults.remove(x.ownsFault)
	return struct{}{}, nil
}

func (x *exchange) removeFault(labels []string, _ []byte) (any, error) {
	removed := x.faults.remove(func(f *injectedFault) bool { return x.ownsFault(f) && f.id == labels[0] })
	if removed == 0 {
		text := fmt.Sprintf("The account has no fault with the ID %.100q. It may have reached its count.", labels[0])
		return nil, &types.ResourceNotFoundException{Message: &text}
	}
	return struct{}{}, nil
}

// ownsFault reports whether the test API has added the fault to the caller's account.
func (x *exchange) ownsFault(f *injectedFault) bool {
	return f.isOf(x.record.Account)
}

func (x *exchange) reset([]string, []byte) (any, error) {
	x.faults.remove(x.ownsFault)
	return struct{}{}, x.controlPlane.Reset(x.request.Context(), x.record.Account)
}

// clockDocument is the JSON form of the time of the service.
type clockDocument struct {
	Time          string
	OffsetSeconds float64
}

func newClockDocument(r clock.Reading) clockDocument {
	return clockDocument{Time: r.Now.UTC().Format("2006-01-02T15:04:05.000Z"), OffsetSeconds: r.Offset.Seconds()}
}

func (x *exchange) getClock([]string, []byte) (any, error) {
	reading, err := x.clockControl.Read(x.request.Context())
	if err != nil {
		return nil, err
	}
	return newClockDocument(reading), nil
}

func (x *exchange) advanceClock(_ []string, body []byte) (any, error) {
	var in struct{ AdvanceSeconds float64 }
	if err := decodeDocument(body, &in); err != nil {
		return nil, err
	}
	d := time.Duration(0)
	if in.AdvanceSeconds <= testapi.MaxClockOffset.Seconds() { // larger values overflow
		d = time.Duration(in.AdvanceSeconds * float64(time.Second))
	}
	if d <= 0 {
		return nil, invalidInput("AdvanceSeconds %v: must be greater than 0 and at most %v. The clock cannot be moved back.",
			in.AdvanceSeconds, int(testapi.MaxClockOffset.Seconds()))
	}
	reading, err := x.clockControl.Advance(x.request.Context(), d)
	switch {
	case errors.Is(err, clock.ErrMaxOffset):
		return nil, invalidInput("AdvanceSeconds %v: the sum of all moves must be at most %v. Use a new store to start again.",
			in.AdvanceSeconds, int(testapi.MaxClockOffset.Seconds()))
	case err != nil:
		return nil, err
	}
	x.logger.InfoContext(x.request.Context(), "the test API moved the clock forward", "request_id", x.record.ID,
		"advance_ms", d.Milliseconds(), "offset_ms", reading.Offset.Milliseconds())
	return newClockDocument(reading), nil
}

// decodeDocument decodes the JSON body of a request.
func decodeDocument(body []byte, target any) error {
	err := json2.Unmarshal(body, target, json2.RejectUnknownMembers(true))
	var semantic *json2.SemanticError
	switch {
	case err == nil:
		return nil
	case len(body) == 0:
		return unreadable("The request has no body. Send a JSON object.")
	case !errors.As(err, &semantic):
		return unreadable("The body is not valid JSON: %s.", strings.TrimPrefix(err.Error(), "jsontext: "))
	case errors.Is(err, json2.ErrUnknownName):
		return unreadable("The member %.100s is unknown.", semantic.JSONPointer)
	case semantic.JSONPointer == "":
		return unreadable("The body must be a JSON object, but is a JSON %s.", kindName(semantic.JSONKind))
	case semantic.JSONValue != nil:
		return unreadable("The member %.100s must not be %.100s.", semantic.JSONPointer, semantic.JSONValue)
	}
	return unreadable("The member %.100s must not be a JSON %s.", semantic.JSONPointer, kindName(semantic.JSONKind))
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return kind.String()
}

func unreadable(format string, args ...any) error {
	return &wireError{http.StatusBadRequest, "SerializationException", fmt.Sprintf(format, args...)}
}

func invalidInput(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return &types.ValidationException{Message: &text}
}
