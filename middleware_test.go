package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// TestMiddlewareIDs checks the middleware in each step of the stack. The IDs are those of aws-sdk-go-v2, because programs
// insert middleware relative to them.
func TestMiddlewareIDs(t *testing.T) {
	t.Parallel()
	var got map[string][]string
	list := func(s *middleware.Stack) error {
		got = map[string][]string{
			"Initialize": s.Initialize.List(), "Serialize": s.Serialize.List(), "Build": s.Build.List(),
			"Finalize": s.Finalize.List(), "Deserialize": s.Deserialize.List(),
		}
		return nil
	}
	if _, err := newClient(&recorder{}, gamesparks.WithAPIOptions(list)).ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"Initialize":  {"OperationInputValidation"},
		"Serialize":   {"ResolveEndpoint", "OperationSerializer"},
		"Build":       {"ClientRequestID", "UserAgent"},
		"Finalize":    {"Retry", "ResolveAuthScheme", "GetIdentity", "ResolveEndpointV2", "ComputePayloadHash", "Signing"},
		"Deserialize": {"AddRawResponseToMetadata", "ResponseErrorWrapper", "RequestIDRetriever", "OperationDeserializer", "RecordResponseTiming", "RequestResponseLogger"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("middleware (-want +got):\n%s", diff)
	}
}

// TestInsertMiddleware checks that middleware can be inserted before and after the client's middleware, and that the context
// contains the service, the operation and the region.
func TestInsertMiddleware(t *testing.T) {
	t.Parallel()
	var ran []string
	record := func(ctx context.Context, id string) {
		ran = append(ran, id)
		if s, o := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx); s != "GameSparks" || o != "GetGame" {
			t.Errorf("context of middleware %s: got operation %s of service %s", id, o, s)
		}
		if s, o := middleware.GetServiceID(ctx), middleware.GetOperationName(ctx); s != "GameSparks" || o != "GetGame" {
			t.Errorf("context of middleware %s: got operation %s of service %s", id, o, s)
		}
		if r := awsmiddleware.GetRegion(ctx); r != testRegion {
			t.Errorf("context of middleware %s: got region %s", id, r)
		}
	}
	insert := func(s *middleware.Stack) error {
		var errs []error
		for i, pos := range []middleware.RelativePosition{middleware.Before, middleware.After} {
			where := []string{"before ", "after "}[i]
			for _, id := range []string{"OperationInputValidation"} {
				id = where + id
				errs = append(errs, s.Initialize.Insert(middleware.InitializeMiddlewareFunc(id, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
					record(ctx, id)
					if in, ok := in.Parameters.(*gamesparks.GetGameInput); !ok || aws.ToString(in.GameName) != "g" {
						t.Errorf("%s received input %+v", id, in)
					}
					return next.HandleInitialize(ctx, in)
				}), strings.TrimPrefix(id, where), pos))
			}
			for _, id := range []string{"ResolveEndpoint", "OperationSerializer"} {
				id = where + id
				errs = append(errs, s.Serialize.Insert(middleware.SerializeMiddlewareFunc(id, func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
					record(ctx, id)
					return next.HandleSerialize(ctx, in)
				}), strings.TrimPrefix(id, where), pos))
			}
			for _, id := range []string{"ClientRequestID", "UserAgent"} {
				id = where + id
				errs = append(errs, s.Build.Insert(middleware.BuildMiddlewareFunc(id, func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
					record(ctx, id)
					return next.HandleBuild(ctx, in)
				}), strings.TrimPrefix(id, where), pos))
			}
			for _, id := range []string{"Retry", "ResolveAuthScheme", "GetIdentity", "ResolveEndpointV2", "ComputePayloadHash", "Signing"} {
				id = where + id
				errs = append(errs, s.Finalize.Insert(middleware.FinalizeMiddlewareFunc(id, func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
					record(ctx, id)
					return next.HandleFinalize(ctx, in)
				}), strings.TrimPrefix(id, where), pos))
			}
			for _, id := range []string{"ResponseErrorWrapper", "RequestIDRetriever", "OperationDeserializer", "RequestResponseLogger"} {
				id = where + id
				errs = append(errs, s.Deserialize.Insert(middleware.DeserializeMiddlewareFunc(id, func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
					out, metadata, err := next.HandleDeserialize(ctx, in)
					record(ctx, id) // after next: responses pass the middleware in reverse order
					deserialized := id != "after OperationDeserializer" && !strings.HasSuffix(id, "RequestResponseLogger")
					if out, ok := out.Result.(*gamesparks.GetGameOutput); ok != deserialized || ok && aws.ToString(out.Game.Name) != "g" {
						t.Errorf("%s received output %+v", id, out)
					}
					return out, metadata, err
				}), strings.TrimPrefix(id, where), pos))
			}
		}
		return errors.Join(errs...)
	}
	r := &recorder{answers: []answer{{body: `{"Game":{"Name":"g"}}`}}}
	_, err := newClient(r).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")}, gamesparks.WithAPIOptions(insert))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"before OperationInputValidation", "after OperationInputValidation",
		"before ResolveEndpoint", "after ResolveEndpoint", "before OperationSerializer", "after OperationSerializer",
		"before ClientRequestID", "after ClientRequestID", "before UserAgent", "after UserAgent", "before Retry", "after Retry",
		"before ResolveAuthScheme", "after ResolveAuthScheme", "before GetIdentity", "after GetIdentity",
		"before ResolveEndpointV2", "after ResolveEndpointV2", "before ComputePayloadHash", "after ComputePayloadHash",
		"before Signing", "after Signing", "after RequestResponseLogger", "before RequestResponseLogger", "after OperationDeserializer", "before OperationDeserializer",
		"after RequestIDRetriever", "before RequestIDRetriever", "after ResponseErrorWrapper", "before ResponseErrorWrapper",
	}
	if diff := cmp.Diff(want, ran); diff != "" {
		t.Errorf("middleware (-want +got):\n%s", diff)
	}
}

// TestMiddlewareReplaces checks that middleware can return an output without sending a request, and that it receives a copy
// of the input with the ClientToken set.
func TestMiddlewareReplaces(t *testing.T) {
	t.Parallel()
	var seen *gamesparks.CreateGameInput
	in := &gamesparks.CreateGameInput{GameName: aws.String("g")}
	r := &recorder{}
	out, err := newClient(r).CreateGame(t.Context(), in, gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Serialize.Add(middleware.SerializeMiddlewareFunc("see", func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
			seen, _ = in.Parameters.(*gamesparks.CreateGameInput)
			return next.HandleSerialize(ctx, in)
		}), middleware.Before)
	}, func(s *middleware.Stack) error {
		return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("answer", func(context.Context, middleware.FinalizeInput, middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			return middleware.FinalizeOutput{Result: &gamesparks.CreateGameOutput{Game: game()}}, middleware.Metadata{}, nil
		}), middleware.Before)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if seen == nil || seen.ClientToken == nil || in.ClientToken != nil {
		t.Errorf("the middleware received %+v, want a copy of the input with a ClientToken; the caller's input is %+v", seen, in)
	}
	if diff := cmp.Diff(&gamesparks.CreateGameOutput{Game: game()}, out, values); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if len(r.all()) != 0 {
		t.Error("a request was sent")
	}
}

// TestMiddlewareReturnsWrongType checks that a call fails if middleware returns a result that is not an output of the
// operation.
func TestMiddlewareReturnsWrongType(t *testing.T) {
	t.Parallel()
	for _, result := range []any{nil, "text", gamesparks.ListGamesOutput{}, (*gamesparks.ListGamesOutput)(nil), &gamesparks.ListStagesOutput{}} {
		out, err := newClient(&recorder{}).ListGames(t.Context(), nil, gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
			return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("answer", func(context.Context, middleware.FinalizeInput, middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				return middleware.FinalizeOutput{Result: result}, middleware.Metadata{}, nil
			}), middleware.Before)
		}))
		var op *smithy.OperationError
		if out != nil || !errors.As(err, &op) || !strings.Contains(err.Error(), fmt.Sprintf("%T", result)) {
			t.Errorf("%T: got %+v and error %v, want an OperationError that names the type", result, out, err)
		}
	}
}

// TestAPIOptionFails checks that if an API option returns an error, the call returns that error and sends no request.
func TestAPIOptionFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	r := &recorder{}
	_, err := newClient(r, gamesparks.WithAPIOptions(func(*middleware.Stack) error { return broken })).ListGames(t.Context(), nil)
	if !errors.Is(err, broken) || len(r.all()) != 0 {
		t.Errorf("got error %v after %d requests, want the API option's error and no requests", err, len(r.all()))
	}
}

// interceptors implements every kind of interceptor. It records the calls and returns an error from the interceptor named by
// fail.
type interceptors struct {
	ran  []string
	fail string
	t    *testing.T
}

var errIntercepted = errors.New("intercepted")

func (i *interceptors) record(name string, ok bool) error {
	if !ok && i.fail == "" { // after a failure, the context may be incomplete
		i.t.Errorf("the context of %s is incomplete", name)
	}
	i.ran = append(i.ran, name)
	if name == i.fail {
		return errIntercepted
	}
	return nil
}

func (i *interceptors) BeforeExecution(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("BeforeExecution", in.Input != nil)
}

func (i *interceptors) BeforeSerialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("BeforeSerialization", in.Input != nil)
}

func (i *interceptors) AfterSerialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("AfterSerialization", in.Request != nil && in.Request.Method == "GET")
}

func (i *interceptors) BeforeRetryLoop(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("BeforeRetryLoop", in.Request != nil)
}

func (i *interceptors) BeforeAttempt(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("BeforeAttempt", in.Request != nil)
}

func (i *interceptors) BeforeSigning(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("BeforeSigning", in.Request != nil)
}

func (i *interceptors) AfterSigning(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("AfterSigning", in.Request != nil)
}

func (i *interceptors) BeforeTransmit(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("BeforeTransmit", in.Request != nil)
}

func (i *interceptors) AfterTransmit(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("AfterTransmit", in.Response != nil)
}

func (i *interceptors) BeforeDeserialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("BeforeDeserialization", in.Response != nil)
}

func (i *interceptors) AfterDeserialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("AfterDeserialization", in.Response != nil && (in.Output != nil || in.Response.StatusCode != 200))
}

func (i *interceptors) AfterAttempt(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("AfterAttempt", true)
}

func (i *interceptors) AfterExecution(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return i.record("AfterExecution", in.Input != nil)
}

func (i *interceptors) register(o *gamesparks.Options) {
	r := &o.Interceptors
	r.BeforeExecution = append(r.BeforeExecution, i)
	r.BeforeSerialization = append(r.BeforeSerialization, i)
	r.AfterSerialization = append(r.AfterSerialization, i)
	r.BeforeRetryLoop = append(r.BeforeRetryLoop, i)
	r.BeforeAttempt = append(r.BeforeAttempt, i)
	r.BeforeSigning = append(r.BeforeSigning, i)
	r.AfterSigning = append(r.AfterSigning, i)
	r.BeforeTransmit = append(r.BeforeTransmit, i)
	r.AfterTransmit = append(r.AfterTransmit, i)
	r.BeforeDeserialization = append(r.BeforeDeserialization, i)
	r.AfterDeserialization = append(r.AfterDeserialization, i)
	r.AfterAttempt = append(r.AfterAttempt, i)
	r.AfterExecution = append(r.AfterExecution, i)
}

var (
	beforeAttempts = []string{"BeforeExecution", "BeforeSerialization", "AfterSerialization", "BeforeRetryLoop"}
	oneAttempt     = []string{
		"BeforeAttempt", "BeforeSigning", "AfterSigning", "BeforeTransmit", "AfterTransmit", "BeforeDeserialization",
		"AfterDeserialization", "AfterAttempt",
	}
)

// TestInterceptors checks the order in which the interceptors of the client and of the call run.
func TestInterceptors(t *testing.T) {
	t.Parallel()
	ofClient, ofCall := &interceptors{t: t}, &interceptors{t: t}
	r := &recorder{answers: []answer{{status: 503}, success, success}}
	client := newClient(r, ofClient.register)
	if _, err := client.ListGames(t.Context(), nil, ofCall.register); err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(beforeAttempts, oneAttempt, oneAttempt, []string{"AfterExecution"})
	if diff := cmp.Diff(want, ofCall.ran); diff != "" {
		t.Errorf("interceptors (-want +got):\n%s", diff)
	}
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, ofCall.ran); diff != "" {
		t.Errorf("the call's interceptors after a second call without them (-want +got):\n%s", diff)
	}
	want = slices.Concat(want, beforeAttempts, oneAttempt, []string{"AfterExecution"})
	if diff := cmp.Diff(want, ofClient.ran); diff != "" {
		t.Errorf("the client's interceptors (-want +got):\n%s", diff)
	}
}

// TestInterceptorFails checks that, if any interceptor returns an error, the call returns that error and closes the response
// body.
func TestInterceptorFails(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Concat(beforeAttempts, oneAttempt, []string{"AfterExecution"}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := &interceptors{t: t, fail: name}
			closed := 0
			client := newClient(doFunc(func(req *http.Request) (*http.Response, error) {
				resp, err := success.response(req)
				resp.Body = countingBody{resp.Body, &closed}
				return resp, err
			}), i.register)
			_, err := client.ListGames(t.Context(), nil)
			if !errors.Is(err, errIntercepted) {
				t.Errorf("got %v", err)
			}
			sent := slices.Contains(i.ran, "AfterTransmit")
			if sent != (closed > 0) {
				t.Errorf("response received = %t, but its body was closed %d times", sent, closed)
			}
		})
	}
}

// countingBody counts how many times a body is closed.
type countingBody struct {
	io.ReadCloser
	closed *int
}

func (b countingBody) Close() error {
	*b.closed++
	return b.ReadCloser.Close()
}

// TestBodiesAreClosed checks that every response body is closed, so that its connection can be reused.
func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", testBodiesAreClosed)
}

func testBodiesAreClosed(t *testing.T, via func(*gamesparks.Options)) {
	for name, a := range map[string]answer{
		"success": success, "error": failure(404, "ResourceNotFoundException"), "malformed": {body: "<html>"}, "server error": {status: 503},
	} {
		received, closed := 0, 0
		client := newClient(doFunc(func(req *http.Request) (*http.Response, error) {
			received++
			resp, err := a.response(req)
			resp.Body = countingBody{resp.Body, &closed}
			return resp, err
		}), via)
		client.ListGames(t.Context(), nil)
		if received == 0 || closed < received {
			t.Errorf("%s: closed %d of %d bodies", name, closed, received)
		}
	}
}

// TestRecursionDetection checks that the trace ID from the environment is sent only inside a Lambda function.
func TestRecursionDetection(t *testing.T) {
	const trace = "Root=1-5759e988-bd862e3fe1be46a994272793"
	t.Setenv("_X_AMZN_TRACE_ID", trace)
	for _, test := range []struct{ function, want string }{{"", ""}, {"my-function", trace}} {
		if test.function != "" {
			t.Setenv("AWS_LAMBDA_FUNCTION_NAME", test.function)
		}
		for path, via := range paths {
			r := &recorder{}
			if _, err := newClient(r, via).ListGames(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if got := r.last(t).Header.Get("X-Amzn-Trace-Id"); got != test.want {
				t.Errorf("function %q, %s: trace ID %q, want %q", test.function, path, got, test.want)
			}
		}
	}
}

// TestUserAgent checks the components of the User-Agent header.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	client := newClient(r, func(o *gamesparks.Options) { o.AppID = "my tool/1" })
	_, err := client.ListGames(t.Context(), nil, gamesparks.WithAPIOptions(awsmiddleware.AddUserAgentKeyValue("caller", "2.0")))
	if err != nil {
		t.Fatal(err)
	}
	agent := r.last(t).Header.Get("User-Agent")
	system := runtime.GOOS
	if system == "darwin" {
		system = "macos"
	}
	for _, part := range []string{
		"aws-sdk-go-v2/" + aws.SDKVersion, " os/" + system, " lang/go#", " api/gamesparks#0.1.0", " app/my-tool-1", " m/E", " caller/2.0",
	} {
		if !strings.Contains(agent, part) {
			t.Errorf("User-Agent %q does not contain %s", agent, part)
		}
	}
}

// TestParametersOfMiddleware checks that middleware can replace the input before validation or serialization, and that an
// input of the wrong type is an error.
func TestParametersOfMiddleware(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		params any
		want   string // error, or else path
	}{
		"another input":          {&gamesparks.GetGameInput{GameName: aws.String("other")}, "/game/other"},
		"another operation":      {&gamesparks.DeleteGameInput{GameName: aws.String("g")}, "middleware set an input of type *gamesparks.DeleteGameInput, want a non-nil *GetGameInput"},
		"nil pointer":            {(*gamesparks.GetGameInput)(nil), "middleware set an input of type *gamesparks.GetGameInput, want a non-nil *GetGameInput"},
		"nil":                    {nil, "middleware set an input of type <nil>, want a non-nil *GetGameInput"},
		"structure by its value": {gamesparks.GetGameInput{}, "middleware set an input of type gamesparks.GetGameInput, want a non-nil *GetGameInput"},
	} {
		for step, add := range map[string]func(*middleware.Stack) error{
			"initialize": func(s *middleware.Stack) error {
				return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Replace", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
					in.Parameters = tt.params
					return next.HandleInitialize(ctx, in)
				}), middleware.Before)
			},
			"serialize": func(s *middleware.Stack) error {
				return s.Serialize.Add(middleware.SerializeMiddlewareFunc("Replace", func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
					in.Parameters = tt.params
					return next.HandleSerialize(ctx, in)
				}), middleware.Before)
			},
		} {
			r := &recorder{answers: []answer{{body: `{"Game":{"Name":"g"}}`}}}
			_, err := newClient(r, func(o *gamesparks.Options) { o.APIOptions = append(o.APIOptions, add) }).
				GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = r.last(t).URL.Path
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("%s, %s: got %s, want %s", name, step, got, tt.want)
			}
		}
	}
}
