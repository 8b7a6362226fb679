package gamesparks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	smithydocument "github.com/aws/smithy-go/document"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

// IsNotFound reports whether err says that a resource does not exist.
func IsNotFound(err error) bool { return is[*types.ResourceNotFoundException](err) }

// IsConflict reports whether err says that a name is taken, or that a resource is in a state that does not allow the
// operation.
func IsConflict(err error) bool { return is[*types.ConflictException](err) }

// IsValidation reports whether err says that the input is not valid: the service's ValidationException, or the
// smithy.InvalidParamsError with which the client refuses an input before it sends anything.
func IsValidation(err error) bool {
	return is[*types.ValidationException](err) || is[smithy.InvalidParamsError](err)
}

// IsAccessDenied reports whether err says that the credentials do not allow the operation.
func IsAccessDenied(err error) bool { return is[*types.AccessDeniedException](err) }

// IsQuotaExceeded reports whether err says that the operation would exceed a quota of the account.
func IsQuotaExceeded(err error) bool { return is[*types.ServiceQuotaExceededException](err) }

// IsThrottled reports whether err says that requests come too fast. The client has retried by then, as far as its
// retryer goes.
func IsThrottled(err error) bool {
	var api smithy.APIError
	if errors.As(err, &api) {
		if _, ok := retry.DefaultThrottleErrorCodes[api.ErrorCode()]; ok {
			return true
		}
	}
	var resp *smithyhttp.ResponseError
	return errors.As(err, &resp) && resp.HTTPStatusCode() == http.StatusTooManyRequests
}

// RequestID returns the id that the service gave to the request which err is about, empty when there was no response
// or it had none.
func RequestID(err error) string {
	var resp *awshttp.ResponseError
	if errors.As(err, &resp) {
		return resp.ServiceRequestID()
	}
	return ""
}

// responseRequestID returns the id that the service gave to the request, empty when it has none.
func responseRequestID(resp *smithyhttp.Response) string {
	if id := resp.Header.Get("X-Amzn-Requestid"); id != "" {
		return id
	}
	return resp.Header.Get("X-Amz-Requestid")
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// modeledErrors makes the types of the errors that the API's model has, by their codes.
var modeledErrors = map[string]func(message *string) error{
	schemas.AccessDeniedException.ID().Name: func(m *string) error { return &types.AccessDeniedException{Message: m} },
	schemas.ConflictException.ID().Name:     func(m *string) error { return &types.ConflictException{Message: m} },
	schemas.InternalServerException.ID().Name: func(m *string) error {
		return &types.InternalServerException{Message: m}
	},
	schemas.ResourceNotFoundException.ID().Name: func(m *string) error {
		return &types.ResourceNotFoundException{Message: m}
	},
	schemas.ServiceQuotaExceededException.ID().Name: func(m *string) error {
		return &types.ServiceQuotaExceededException{Message: m}
	},
	schemas.ThrottlingException.ID().Name: func(m *string) error { return &types.ThrottlingException{Message: m} },
	schemas.ValidationException.ID().Name: func(m *string) error { return &types.ValidationException{Message: m} },
}

const (
	// maxErrorBody limits how much of an error response is read. Those of the service have a few hundred bytes.
	maxErrorBody = 1 << 20

	unknownCode = "UnknownError"
)

// responseError returns the error that a response with another status than 2xx stands for. It always returns one: a
// body that cannot be understood, a proxy's HTML page for example, only means that code and message stay unknown.
func responseError(ctx context.Context, resp *smithyhttp.Response) error {
	body, readErr := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	var envelope errorEnvelope
	if err := envelope.read(ctx, body); err != nil {
		envelope = errorEnvelope{}
	}

	code := sanitizeCode(resp.Header.Get("X-Amzn-ErrorType"))
	if code == "" {
		code = sanitizeCode(envelope.code)
	}
	if modeled, ok := modeledErrors[code]; ok {
		return modeled(envelope.message)
	}
	err := &smithy.GenericAPIError{Code: code, Fault: smithy.FaultClient}
	if code == "" {
		err.Code = unknownCode
	}
	if resp.StatusCode >= 500 {
		err.Fault = smithy.FaultServer
	}
	switch {
	case envelope.message != nil:
		err.Message = *envelope.message
	case readErr != nil:
		err.Message = fmt.Sprintf("%s, whose body broke off: %v", resp.Status, readErr)
	default:
		err.Message = strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
	}
	return err
}

// sanitizeCode strips the namespace before a code and the URL behind it.
func sanitizeCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return strings.TrimSpace(code[strings.LastIndex(code, "#")+1:])
}

// errorEnvelope is the body of an error response, in all its spellings.
type errorEnvelope struct {
	code    string
	message *string
}

var (
	envelopeSchema = smithy.NewSchema(smithy.ShapeID{Name: "ErrorEnvelope"}, smithy.ShapeTypeStructure, 5)
	anyValue       = smithy.NewSchema(smithy.ShapeID{Name: "AnyValue"}, smithy.ShapeTypeDocument, 0)

	envelopeCode         = envelopeSchema.AddMember("code", anyValue)
	envelopeType         = envelopeSchema.AddMember("__type", anyValue)
	envelopeMessage      = envelopeSchema.AddMember("message", anyValue)
	envelopeUpperMessage = envelopeSchema.AddMember("Message", anyValue)

	envelopeOperation = smithy.NewOperationSchema(envelopeSchema, nil, envelopeSchema)
)

func (e *errorEnvelope) read(ctx context.Context, body []byte) error {
	return protocol.DeserializeResponse(ctx, envelopeOperation, nil, &smithyhttp.Response{Response: &http.Response{
		StatusCode: http.StatusOK,
		Body:       io.NopCloser(bytes.NewReader(body)),
	}}, e)
}

// Deserialize reads the members that are strings; numbers and other oddities in their place are passed over.
func (e *errorEnvelope) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, envelopeSchema, func(member *smithy.Schema) error {
		var value smithydocument.Value
		if err := d.ReadDocument(member, &value); err != nil {
			return err
		}
		opaque, _ := value.(smithydocument.Opaque)
		text, ok := opaque.Value.(string)
		switch {
		case !ok:
		case member == envelopeCode, member == envelopeType && e.code == "":
			e.code = text
		case member == envelopeMessage, member == envelopeUpperMessage && e.message == nil:
			e.message = &text
		}
		return nil
	})
}
