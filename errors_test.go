package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// modeledError describes one of the seven errors in the API model.
type modeledError struct {
	status int
	fault  smithy.ErrorFault

	// as finds an error of this type in err and returns it with its message.
	as func(err error) (smithy.APIError, *string, bool)

	// is is the predicate for this error, or nil if there is none.
	is func(error) bool
}

var modeledErrors = map[string]modeledError{
	"AccessDeniedException": {403, smithy.FaultClient, func(err error) (smithy.APIError, *string, bool) {
		e, ok := as[*types.AccessDeniedException](err)
		return e, e.Message, ok
	}, gamesparks.IsAccessDenied},
	"ConflictException": {409, smithy.FaultClient, func(err error) (smithy.APIError, *string, bool) {
		e, ok := as[*types.ConflictException](err)
		return e, e.Message, ok
	}, gamesparks.IsConflict},
	"InternalServerException": {500, smithy.FaultServer, func(err error) (smithy.APIError, *string, bool) {
		e, ok := as[*types.InternalServerException](err)
		return e, e.Message, ok
	}, nil},
	"ResourceNotFoundException": {404, smithy.FaultClient, func(err error) (smithy.APIError, *string, bool) {
		e, ok := as[*types.ResourceNotFoundException](err)
		return e, e.Message, ok
	}, gamesparks.IsNotFound},
	"ServiceQuotaExceededException": {402, smithy.FaultClient, func(err error) (smithy.APIError, *string, bool) {
		e, ok := as[*types.ServiceQuotaExceededException](err)
		return e, e.Message, ok
	}, gamesparks.IsQuotaExceeded},
	"ThrottlingException": {429, smithy.FaultClient, func(err error) (smithy.APIError, *string, bool) {
		e, ok := as[*types.ThrottlingException](err)
		return e, e.Message, ok
	}, gamesparks.IsThrottled},
	"ValidationException": {400, smithy.FaultClient, func(err error) (smithy.APIError, *string, bool) {
		e, ok := as[*types.ValidationException](err)
		return e, e.Message, ok
	}, gamesparks.IsValidation},
}

// as is like errors.As, but returns a pointer to a zero error if there is no match.
func as[P interface {
	*E
	error
}, E any](err error) (P, bool) {
	var target P
	if errors.As(err, &target) {
		return target, true
	}
	return new(E), false
}

// predicates maps names to the functions that classify errors.
var predicates = map[string]func(error) bool{
	"IsAccessDenied": gamesparks.IsAccessDenied, "IsConflict": gamesparks.IsConflict, "IsNotFound": gamesparks.IsNotFound,
	"IsPreconditionFailed": gamesparks.IsPreconditionFailed,
	"IsQuotaExceeded":      gamesparks.IsQuotaExceeded, "IsThrottled": gamesparks.IsThrottled, "IsValidation": gamesparks.IsValidation,
}

func once(o *gamesparks.Options) { o.RetryMaxAttempts = 1 }

// TestModeledErrors checks the type, code, message, fault and request ID of every error of every operation.
func TestModeledErrors(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", testModeledErrors)
}

func testModeledErrors(t *testing.T, via func(*gamesparks.Options)) {
	table := exchanges()
	seen := map[string]bool{}
	for name, m := range methods() {
		if len(m.Errors) == 0 {
			t.Errorf("%s has no modeled errors", name)
		}
		for _, schema := range m.Errors {
			code := schema.ID().Name
			seen[code] = true
			want, ok := modeledErrors[code]
			if !ok {
				t.Errorf("%s can return error %s, which is not in the table", name, code)
				continue
			}
			r := &recorder{answers: []answer{{
				status: want.status,
				body:   fmt.Sprintf(`{"Message":"why %s"}`, name),
				header: http.Header{"X-Amzn-Errortype": {code}, "X-Amzn-Requestid": {"request-" + name}},
			}}}
			out, err := m.call(t.Context(), newClient(r, via), table[name].input, once)
			if err == nil {
				t.Errorf("%s: got %+v, want an error", name, out)
				continue
			}
			got, message, ok := want.as(err)
			if !ok {
				t.Errorf("%s: got %v, want a %s", name, err, code)
				continue
			}
			if aws.ToString(message) != "why "+name || got.ErrorMessage() != "why "+name || got.ErrorCode() != code ||
				got.ErrorFault() != want.fault || got.Error() != code+": why "+name {
				t.Errorf("%s: got message %q, code %q, fault %v, text %q", name, got.ErrorMessage(), got.ErrorCode(), got.ErrorFault(), got)
			}
			checkWrapping(t, err, name, want.status, "request-"+name)
			for predicate, is := range predicates {
				if match := want.is != nil && want.is(err) && predicate == predicateOf[code]; is(err) != match {
					t.Errorf("%s: unexpected result: %s(%s) = %t", name, predicate, code, is(err))
				}
			}
		}
	}
	if len(seen) != len(modeledErrors) || len(modeledErrors) != 7 {
		t.Errorf("the operations return the errors %v, want the seven in the table", seen)
	}
}

var predicateOf = map[string]string{
	"AccessDeniedException": "IsAccessDenied", "ConflictException": "IsConflict", "ResourceNotFoundException": "IsNotFound",
	"ServiceQuotaExceededException": "IsQuotaExceeded", "ThrottlingException": "IsThrottled", "ValidationException": "IsValidation",
}

// checkWrapping checks the errors that wrap an API error.
func checkWrapping(t *testing.T, err error, operation string, status int, requestID string) {
	t.Helper()
	var op *smithy.OperationError
	if !errors.As(err, &op) || op.Service() != "GameSparks" || op.Operation() != operation {
		t.Errorf("error %v is not wrapped in an OperationError for %s", err, operation)
	}
	var response *awshttp.ResponseError
	if !errors.As(err, &response) {
		t.Fatalf("error %v is not wrapped in a ResponseError", err)
	}
	if response.HTTPStatusCode() != status || response.ServiceRequestID() != requestID {
		t.Errorf("status %d and request ID %q, want %d and %q", response.HTTPStatusCode(), response.ServiceRequestID(), status, requestID)
	}
	if got := gamesparks.RequestID(err); got != requestID {
		t.Errorf("RequestID = %q, want %q", got, requestID)
	}
	var plain *smithyhttp.ResponseError
	if !errors.As(err, &plain) || plain.Response == nil {
		t.Errorf("error %v has no HTTP response", err)
	}
}

// TestErrorDecoding checks the errors returned for error responses in all formats, including malformed ones.
func TestErrorDecoding(t *testing.T) {
	t.Parallel()
	const (
		client = smithy.FaultClient
		server = smithy.FaultServer
	)
	tests := map[string]struct {
		status  int
		header  string // X-Amzn-ErrorType
		body    string
		reader  func() io.Reader
		code    string
		message string
		fault   smithy.ErrorFault
		generic bool
	}{
		"header":                  {404, "ResourceNotFoundException", `{"message":"m"}`, nil, "ResourceNotFoundException", "m", client, false},
		"header with URL":         {400, "ValidationException:http://internal.amazon.com/coral/com.amazon.coral.validate/", `{"message":"m"}`, nil, "ValidationException", "m", client, false},
		"header with colon":       {409, "ConflictException:", `{"message":"m"}`, nil, "ConflictException", "m", client, false},
		"header with namespace":   {409, "com.amazonaws.gamesparks#ConflictException", `{"message":"m"}`, nil, "ConflictException", "m", client, false},
		"header with both":        {409, "com.amazonaws.gamesparks#ConflictException:http://amazon.com/x#y", `{}`, nil, "ConflictException", "", client, false},
		"header with spaces":      {409, " ConflictException ", `{}`, nil, "ConflictException", "", client, false},
		"header over body":        {409, "ConflictException", `{"code":"ValidationException","__type":"x#ThrottlingException"}`, nil, "ConflictException", "", client, false},
		"code":                    {402, "", `{"code":"ServiceQuotaExceededException","Message":"M"}`, nil, "ServiceQuotaExceededException", "M", client, false},
		"code with namespace":     {402, "", `{"code":"aws#ServiceQuotaExceededException:http://x"}`, nil, "ServiceQuotaExceededException", "", client, false},
		"__type":                  {403, "", `{"__type":"AccessDeniedException","message":"m"}`, nil, "AccessDeniedException", "m", client, false},
		"__type with namespace":   {500, "", `{"__type":"com.amazonaws.gamesparks#InternalServerException"}`, nil, "InternalServerException", "", server, false},
		"code over __type":        {409, "", `{"__type":"ValidationException","code":"ConflictException"}`, nil, "ConflictException", "", client, false},
		"code last":               {409, "", `{"code":"ConflictException","__type":"ValidationException"}`, nil, "ConflictException", "", client, false},
		"message and Message":     {409, "ConflictException", `{"Message":"upper","message":"lower"}`, nil, "ConflictException", "lower", client, false},
		"message first":           {409, "ConflictException", `{"message":"lower","Message":"upper"}`, nil, "ConflictException", "lower", client, false},
		"null message":            {409, "ConflictException", `{"message":null,"Message":"upper"}`, nil, "ConflictException", "upper", client, false},
		"unknown members":         {409, "ConflictException", `{"a":{"code":"x"},"message":"m","b":[1,{"message":"y"}]}`, nil, "ConflictException", "m", client, false},
		"unmodeled code":          {400, "BrandNewException", `{"message":"m"}`, nil, "BrandNewException", "m", client, true},
		"unmodeled, no message":   {418, "BrandNewException", `{}`, nil, "BrandNewException", "418 I'm a teapot", client, true},
		"unmodeled 5xx":           {503, "", `{"code":"BrandNewException","message":"m"}`, nil, "BrandNewException", "m", server, true},
		"no code":                 {400, "", `{"message":"m"}`, nil, "UnknownError", "m", client, true},
		"empty code":              {400, "", `{"code":"","message":"m"}`, nil, "UnknownError", "m", client, true},
		"empty header and body":   {404, "", ``, nil, "UnknownError", "404 Not Found", client, true},
		"header and empty body":   {404, "ResourceNotFoundException", ``, nil, "ResourceNotFoundException", "", client, false},
		"5xx and empty body":      {502, "", ``, nil, "UnknownError", "502 Bad Gateway", server, true},
		"5xx header, no body":     {503, "InternalServerException", ``, nil, "InternalServerException", "", server, false},
		"unknown status":          {599, "", ``, nil, "UnknownError", "599", server, true},
		"redirect":                {307, "", ``, nil, "UnknownError", "307 Temporary Redirect", client, true},
		"HTML":                    {502, "", "<html><body><h1>Bad Gateway</h1></body></html>", nil, "UnknownError", "502 Bad Gateway", server, true},
		"HTML with header":        {403, "AccessDeniedException", "<html></html>", nil, "AccessDeniedException", "", client, false},
		"truncated":               {400, "", `{"message":"m","code":"ValidationExc`, nil, "UnknownError", "m", client, true},
		"truncated after code":    {400, "", `{"code":"ValidationException","mess`, nil, "ValidationException", "", client, false},
		"truncated at the end":    {400, "ValidationException", `{"message":"m"`, nil, "ValidationException", "m", client, false},
		"not an object":           {400, "", `["ValidationException"]`, nil, "UnknownError", "400 Bad Request", client, true},
		"a string":                {400, "", `"ValidationException"`, nil, "UnknownError", "400 Bad Request", client, true},
		"null":                    {400, "", `null`, nil, "UnknownError", "400 Bad Request", client, true},
		"number as code":          {400, "", `{"code":1234,"message":"m"}`, nil, "UnknownError", "m", client, true},
		"number as code, __type":  {400, "", `{"code":1234,"__type":"ValidationException","message":"m"}`, nil, "ValidationException", "m", client, false},
		"object as message":       {400, "ValidationException", `{"message":{"text":"m"}}`, nil, "ValidationException", "", client, false},
		"byte order mark":         {400, "ValidationException", "\ufeff{\"message\":\"m\"}", nil, "ValidationException", "", client, false},
		"invalid UTF-8":           {400, "ValidationException", "\xff\xfe", nil, "ValidationException", "", client, false},
		"capitalized members":     {400, "", `{"Code":"C","Message":"m"}`, nil, "C", "m", client, true},
		"upper case members":      {400, "", `{"CODE":"C","MESSAGE":"m"}`, nil, "C", "m", client, true},
		"capitalized type":        {400, "", `{"__Type":"com.amazonaws#ConflictException","MeSSage":"m"}`, nil, "ConflictException", "m", client, false},
		"bad escape":              {400, "ValidationException", `{"message":"from C:\games","Message":"M"}`, nil, "ValidationException", "M", client, false},
		"line break":              {400, "", "{\"message\":\"a \\\" and\nb\",\"code\":\"C\"}", nil, "C", "400 Bad Request", client, true},
		"malformed number":        {400, "", `{"status":NaN, "code":"C","message":"m"}`, nil, "C", "m", client, true},
		"malformed array":         {400, "", `{"code":"C","trace":[1,{"]":"\"}"},],"message":"m"}`, nil, "C", "m", client, true},
		"too many levels":         {400, "", `{"trace":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `,"status":1,"code":"C"}`, nil, "C", "400 Bad Request", client, true},
		"no value before a comma": {400, "", `{"status":,"code":"C","message":"m"}`, nil, "C", "m", client, true},
		"wrong bracket":           {400, "", `{"code":"C","status":],"message":"m"}`, nil, "C", "400 Bad Request", client, true},
		"no value":                {400, "", `{"code":"C","message":`, nil, "C", "400 Bad Request", client, true},
		"control character":       {400, "ValidationException", "{\"message\":\"a\x01b\"}", nil, "ValidationException", "", client, false},
		"escapes":                 {400, "ValidationException", `{"message":"C:\\games\u00e9"}`, nil, "ValidationException", `C:\gamesé`, client, false},
		"nested deeply":           {400, "ValidationException", strings.Repeat(`{"a":`, 100_000), nil, "ValidationException", "", client, false},
		"huge":                    {400, "ValidationException", `{"message":"` + strings.Repeat("x", 2<<20) + `"}`, nil, "ValidationException", "", client, false},
		"incomplete body": {400, "", "", breaksOff(`{"mess`),
			"UnknownError", "400 Bad Request with an incomplete body: unexpected EOF", client, true},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			a := answer{status: test.status, body: test.body, reader: test.reader, header: http.Header{"X-Amzn-Requestid": {"request-1"}}}
			if test.header != "" {
				a.header.Set("X-Amzn-ErrorType", test.header)
			}
			_, err := newClient(&recorder{answers: []answer{a}}, via, once).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
			var api smithy.APIError
			if !errors.As(err, &api) {
				t.Fatalf("got %v, want a smithy.APIError", err)
			}
			got := []any{api.ErrorCode(), api.ErrorMessage(), api.ErrorFault()}
			if diff := cmp.Diff([]any{test.code, test.message, test.fault}, got); diff != "" {
				t.Errorf("code, message, fault (-want +got):\n%s", diff)
			}
			var generic *smithy.GenericAPIError
			if errors.As(err, &generic) != test.generic {
				t.Errorf("error is a GenericAPIError = %t: %#v", !test.generic, api)
			}
			if !test.generic {
				if _, _, ok := modeledErrors[test.code].as(err); !ok {
					t.Errorf("error %v does not have the type for code %s", err, test.code)
				}
			}
			checkWrapping(t, err, "GetGame", test.status, "request-1")
		})
	}
}

// breaksOff returns a body that yields the beginning and then fails with io.ErrUnexpectedEOF.
func breaksOff(beginning string) func() io.Reader {
	return func() io.Reader {
		return io.MultiReader(strings.NewReader(beginning), iotest.ErrReader(io.ErrUnexpectedEOF))
	}
}

// TestErrorPredicates checks the predicates on errors that have no response or are not in the API model.
func TestErrorPredicates(t *testing.T) {
	t.Parallel()
	_, invalid := newClient(&recorder{}).GetGame(t.Context(), nil)
	_, slowDown := newClient(&recorder{answers: []answer{{status: 503, body: `{"code":"SlowDown"}`}}}, once).ListGames(t.Context(), nil)
	_, tooMany := newClient(&recorder{answers: []answer{{status: 429}}}, once).ListGames(t.Context(), nil)
	tests := map[string]struct {
		err  error
		want []string
	}{
		"nil":                   {nil, nil},
		"other":                 {errors.New("other"), nil},
		"invalid input":         {invalid, []string{"IsValidation"}},
		"code of throttling":    {slowDown, []string{"IsThrottled"}},
		"status of throttling":  {tooMany, []string{"IsThrottled"}},
		"bare":                  {&types.ConflictException{}, []string{"IsConflict"}},
		"wrapped":               {fmt.Errorf("create: %w", &types.ResourceNotFoundException{}), []string{"IsNotFound"}},
		"joined":                {errors.Join(errors.New("x"), &types.AccessDeniedException{}), []string{"IsAccessDenied"}},
		"name only":             {&smithy.GenericAPIError{Code: "ConflictExceptionToo"}, nil},
		"throttling as generic": {&smithy.GenericAPIError{Code: "TooManyRequestsException"}, []string{"IsThrottled"}},
	}
	for name, test := range tests {
		want := map[string]bool{}
		for _, predicate := range test.want {
			want[predicate] = true
		}
		for predicate, is := range predicates {
			if got := is(test.err); got != want[predicate] {
				t.Errorf("%s: %s = %t", name, predicate, got)
			}
		}
		if id := gamesparks.RequestID(test.err); id != "" {
			t.Errorf("%s: RequestID = %q, want an empty string", name, id)
		}
	}
}

// TestTransportErrors checks the errors returned by calls that receive no response.
func TestTransportErrors(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", testTransportErrors)
}

func testTransportErrors(t *testing.T, via func(*gamesparks.Options)) {
	reset := errors.New("connection reset by peer")
	r := &recorder{answers: []answer{{err: reset}}}
	_, err := newClient(r, via).ListGames(t.Context(), nil)
	var op *smithy.OperationError
	var send *smithyhttp.RequestSendError
	if !errors.Is(err, reset) || !errors.As(err, &op) || !errors.As(err, &send) {
		t.Errorf("got %v", err)
	}
	if gamesparks.RequestID(err) != "" {
		t.Errorf("RequestID = %q without a response, want an empty string", gamesparks.RequestID(err))
	}

	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
		cancel()
		return nil, r.Context().Err()
	}), via)
	_, err = client.ListGames(ctx, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	var canceled interface{ CanceledError() bool }
	if !errors.As(err, &canceled) || !canceled.CanceledError() {
		t.Errorf("got %v, want a CanceledError", err)
	}
}

// TestResponseDecodingErrors checks that the errors for malformed responses contain the status and the request ID.
func TestResponseDecodingErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]answer{
		"HTML":              {body: "<html></html>"},
		"truncated":         {body: `{"Game":{"Name":"g`},
		"wrong type":        {body: `{"Game":{"Name":1}}`},
		"structure in list": {body: `{"Game":[]}`},
		"timestamp":         {body: `{"Game":{"Created":"yesterday"}}`},
		"number for time":   {body: `{"Game":{"Created":{}}}`},
		"number for tag":    {body: `{"Game":{"Tags":{"a":1}}}`},
		"incomplete body":   {reader: breaksOff(`{"Game"`)},
		"nested deeply":     {body: `{"x":` + strings.Repeat(`[`, 100_000)},
	}
	for name, a := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			a := a
			a.header = http.Header{"X-Amzn-Requestid": {"request-1"}}
			out, err := newClient(&recorder{answers: []answer{a}}, via, once).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
			var decoding *smithy.DeserializationError
			if !errors.As(err, &decoding) {
				t.Fatalf("got %+v and error %v, want a DeserializationError", out, err)
			}
			checkWrapping(t, err, "GetGame", 200, "request-1")
		})
	}
}

// TestErrorCodeOverride checks the ErrorCodeOverride field of each error type.
func TestErrorCodeOverride(t *testing.T) {
	t.Parallel()
	code := aws.String("Other")
	for _, err := range []smithy.APIError{
		&types.AccessDeniedException{ErrorCodeOverride: code}, &types.ConflictException{ErrorCodeOverride: code},
		&types.InternalServerException{ErrorCodeOverride: code}, &types.ResourceNotFoundException{ErrorCodeOverride: code},
		&types.ServiceQuotaExceededException{ErrorCodeOverride: code}, &types.ThrottlingException{ErrorCodeOverride: code},
		&types.ValidationException{ErrorCodeOverride: code},
	} {
		if err.ErrorCode() != "Other" || err.Error() != "Other: " {
			t.Errorf("%T has code %q and text %q, want the overridden code", err, err.ErrorCode(), err)
		}
	}
}
