package server

import (
	"encoding/json"
	"errors"
	"net/http"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/types"
)

// wireError is an error that any AWS service may return although the API's model does not define it.
type wireError struct {
	status  int
	code    string
	message string
}

func (e *wireError) Error() string                 { return e.code + ": " + e.message }
func (e *wireError) ErrorCode() string             { return e.code }
func (e *wireError) ErrorMessage() string          { return e.message }
func (e *wireError) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

func malformed(err error) error {
	return &wireError{http.StatusBadRequest, "SerializationException", err.Error()}
}

// statuses maps the error codes in the model and the extensions of the API to HTTP statuses.
var statuses = func() map[string]int {
	statuses := map[string]int{(&types.PreconditionFailedException{}).ErrorCode(): http.StatusPreconditionFailed}
	for _, op := range schemas.Operations() {
		for _, e := range op.Errors {
			if t, ok := smithy.SchemaTrait[*traits.HTTPError](e); ok {
				statuses[e.ID().Name] = t.Code
			}
		}
	}
	return statuses
}()

func statusOf(err smithy.APIError) int {
	var wire *wireError
	var signature *sigv4.Error
	switch {
	case errors.As(err, &wire):
		return wire.status
	case errors.As(err, &signature):
		return signature.Status
	}
	return statuses[err.ErrorCode()]
}

// errorBody is the JSON body of an error response.
type errorBody struct{ Message string }

// WriteError responds to a request with an error in the format of the API, and logs the request as the service does. Use
// it in other handlers on the listener of the service.
func (s *Service) WriteError(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	s.refuse(w, r, &wireError{status, code, message})
}

func (s *Service) refuse(w http.ResponseWriter, r *http.Request, err error) {
	x := s.newExchange(w, r)
	defer x.observe()
	x.writeError(err)
}

// writeError writes an error response. If the error is not part of the API, it logs the error and responds with an
// InternalServerException, so that no internal details are disclosed.
func (x *exchange) writeError(err error) {
	err = x.endedByShutdown(err)
	var api smithy.APIError
	if !errors.As(err, &api) {
		x.logger.ErrorContext(x.request.Context(), "request failed", "request_id", x.record.ID, "error", err)
		text := "The service failed to handle the request."
		api = &types.InternalServerException{Message: &text}
		if unavailable := storeError(err); unavailable != nil {
			api = unavailable
		}
	}
	x.record.ErrorCode = api.ErrorCode()
	if wire, ok := api.(*wireError); ok && x.record.Operation == downloadOperation {
		x.rejectDownload(&sigv4.Error{Code: wire.code, Status: wire.status, Message: wire.message})
		return
	}
	x.writer.Header().Set("X-Amzn-ErrorType", api.ErrorCode())
	body, _ := json.Marshal(errorBody{api.ErrorMessage()}) // encoding a string never fails
	x.respond(statusOf(api), body)
}
