package types

import smithy "github.com/aws/smithy-go"

func describe(e smithy.APIError) string { return e.ErrorCode() + ": " + e.ErrorMessage() }

func code(override *string, modeled string) string {
	if override != nil {
		return *override
	}
	return modeled
}

func message(m *string) string {
	if m == nil {
		return ""
	}
	return *m
}

// AccessDeniedException means that the credentials do not allow the operation (status 403).
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/AccessDeniedException
type AccessDeniedException struct {
	// Message is the service's explanation, or nil if the response has none.
	Message *string

	// ErrorCodeOverride is the code that ErrorCode returns. Optional. The default is the name of the type.
	ErrorCodeOverride *string
}

// Error returns the code and the message.
func (e *AccessDeniedException) Error() string { return describe(e) }

// ErrorCode returns AccessDeniedException, or ErrorCodeOverride if it is set.
func (e *AccessDeniedException) ErrorCode() string {
	return code(e.ErrorCodeOverride, "AccessDeniedException")
}

// ErrorMessage returns the service's explanation, or an empty string if the response has none.
func (e *AccessDeniedException) ErrorMessage() string { return message(e.Message) }

// ErrorFault returns smithy.FaultClient.
func (e *AccessDeniedException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// ConflictException means that the state of the resource does not allow the operation, or that the name is in use
// (status 409).
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ConflictException
type ConflictException struct {
	// Message is the service's explanation, or nil if the response has none.
	Message *string

	// ErrorCodeOverride is the code that ErrorCode returns. Optional. The default is the name of the type.
	ErrorCodeOverride *string
}

// Error returns the code and the message.
func (e *ConflictException) Error() string { return describe(e) }

// ErrorCode returns ConflictException, or ErrorCodeOverride if it is set.
func (e *ConflictException) ErrorCode() string { return code(e.ErrorCodeOverride, "ConflictException") }

// ErrorMessage returns the service's explanation, or an empty string if the response has none.
func (e *ConflictException) ErrorMessage() string { return message(e.Message) }

// ErrorFault returns smithy.FaultClient.
func (e *ConflictException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// InternalServerException means that the service failed (status 500); the client retries the request.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/InternalServerException
type InternalServerException struct {
	// Message is the service's explanation, or nil if the response has none.
	Message *string

	// ErrorCodeOverride is the code that ErrorCode returns. Optional. The default is the name of the type.
	ErrorCodeOverride *string
}

// Error returns the code and the message.
func (e *InternalServerException) Error() string { return describe(e) }

// ErrorCode returns InternalServerException, or ErrorCodeOverride if it is set.
func (e *InternalServerException) ErrorCode() string {
	return code(e.ErrorCodeOverride, "InternalServerException")
}

// ErrorMessage returns the service's explanation, or an empty string if the response has none.
func (e *InternalServerException) ErrorMessage() string { return message(e.Message) }

// ErrorFault returns smithy.FaultServer.
func (e *InternalServerException) ErrorFault() smithy.ErrorFault { return smithy.FaultServer }

// PreconditionFailedException means that the configuration does not match the entity tag in the request (status 412), for
// example because another writer has changed it. The request has not changed it. Read the configuration again.
//
// It is an extension of the API. The service returns it only for a request with an If-Match header.
type PreconditionFailedException struct {
	// Message is the service's explanation, or nil if the response has none.
	Message *string

	// ErrorCodeOverride is the code that ErrorCode returns. Optional. The default is the name of the type.
	ErrorCodeOverride *string
}

// Error returns the code and the message.
func (e *PreconditionFailedException) Error() string { return describe(e) }

// ErrorCode returns PreconditionFailedException, or ErrorCodeOverride if it is set.
func (e *PreconditionFailedException) ErrorCode() string {
	return code(e.ErrorCodeOverride, "PreconditionFailedException")
}

// ErrorMessage returns the service's explanation, or an empty string if the response has none.
func (e *PreconditionFailedException) ErrorMessage() string { return message(e.Message) }

// ErrorFault returns smithy.FaultClient.
func (e *PreconditionFailedException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// ResourceNotFoundException means that the resource named in the request does not exist (status 404).
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ResourceNotFoundException
type ResourceNotFoundException struct {
	// Message is the service's explanation, or nil if the response has none.
	Message *string

	// ErrorCodeOverride is the code that ErrorCode returns. Optional. The default is the name of the type.
	ErrorCodeOverride *string
}

// Error returns the code and the message.
func (e *ResourceNotFoundException) Error() string { return describe(e) }

// ErrorCode returns ResourceNotFoundException, or ErrorCodeOverride if it is set.
func (e *ResourceNotFoundException) ErrorCode() string {
	return code(e.ErrorCodeOverride, "ResourceNotFoundException")
}

// ErrorMessage returns the service's explanation, or an empty string if the response has none.
func (e *ResourceNotFoundException) ErrorMessage() string { return message(e.Message) }

// ErrorFault returns smithy.FaultClient.
func (e *ResourceNotFoundException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// ServiceQuotaExceededException means that the operation would exceed an account quota (status 402).
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ServiceQuotaExceededException
type ServiceQuotaExceededException struct {
	// Message is the service's explanation, or nil if the response has none.
	Message *string

	// ErrorCodeOverride is the code that ErrorCode returns. Optional. The default is the name of the type.
	ErrorCodeOverride *string
}

// Error returns the code and the message.
func (e *ServiceQuotaExceededException) Error() string { return describe(e) }

// ErrorCode returns ServiceQuotaExceededException, or ErrorCodeOverride if it is set.
func (e *ServiceQuotaExceededException) ErrorCode() string {
	return code(e.ErrorCodeOverride, "ServiceQuotaExceededException")
}

// ErrorMessage returns the service's explanation, or an empty string if the response has none.
func (e *ServiceQuotaExceededException) ErrorMessage() string { return message(e.Message) }

// ErrorFault returns smithy.FaultClient.
func (e *ServiceQuotaExceededException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// ThrottlingException means that the request rate is too high (status 429); the client retries the request.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ThrottlingException
type ThrottlingException struct {
	// Message is the service's explanation, or nil if the response has none.
	Message *string

	// ErrorCodeOverride is the code that ErrorCode returns. Optional. The default is the name of the type.
	ErrorCodeOverride *string
}

// Error returns the code and the message.
func (e *ThrottlingException) Error() string { return describe(e) }

// ErrorCode returns ThrottlingException, or ErrorCodeOverride if it is set.
func (e *ThrottlingException) ErrorCode() string {
	return code(e.ErrorCodeOverride, "ThrottlingException")
}

// ErrorMessage returns the service's explanation, or an empty string if the response has none.
func (e *ThrottlingException) ErrorMessage() string { return message(e.Message) }

// ErrorFault returns smithy.FaultClient.
func (e *ThrottlingException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// ValidationException means that a parameter violates a constraint of the service (status 400).
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ValidationException
type ValidationException struct {
	// Message is the service's explanation, or nil if the response has none.
	Message *string

	// ErrorCodeOverride is the code that ErrorCode returns. Optional. The default is the name of the type.
	ErrorCodeOverride *string
}

// Error returns the code and the message.
func (e *ValidationException) Error() string { return describe(e) }

// ErrorCode returns ValidationException, or ErrorCodeOverride if it is set.
func (e *ValidationException) ErrorCode() string {
	return code(e.ErrorCodeOverride, "ValidationException")
}

// ErrorMessage returns the service's explanation, or an empty string if the response has none.
func (e *ValidationException) ErrorMessage() string { return message(e.Message) }

// ErrorFault returns smithy.FaultClient.
func (e *ValidationException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }
