package otelawstest_test

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go/metrics/smithyotelmetrics"
	"github.com/aws/smithy-go/tracing/smithyoteltracing"
	gocmp "github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/gamesparks-go/gamesparks"
)

// newServer starts a server that responds to successive requests with the given statuses, and repeats the last status.
// It appends each request to received.
func newServer(t *testing.T, received *[]*http.Request, statuses ...int) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := statuses[min(len(*received), len(statuses)-1)]
		*received = append(*received, r)
		w.Header().Set("X-Amzn-RequestId", "request-1")
		if status == http.StatusNotFound {
			w.Header().Set("X-Amzn-ErrorType", "ResourceNotFoundException")
		}
		w.WriteHeader(status)
		io.WriteString(w, `{"Game":{"Name":"g"}}`)
	}))
	t.Cleanup(server.Close)
	return server
}

var credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
})

func noBackoff() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

func newClient(server *httptest.Server, optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	return gamesparks.New(gamesparks.Options{
		Region: "us-west-2", BaseEndpoint: &server.URL, Credentials: credentials, HTTPClient: server.Client(), Retryer: noBackoff(),
	}, optFns...)
}

// spanData has the fields of a span that the tests compare.
type spanData struct {
	Name       string
	Parent     string
	Kind       trace.SpanKind
	Status     codes.Code
	Attributes map[attribute.Key]any
}

// spans returns the exported spans in the order in which they started.
func spans(exporter *tracetest.InMemoryExporter) []spanData {
	stubs := exporter.GetSpans()
	slices.SortStableFunc(stubs, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	names := map[trace.SpanID]string{}
	for _, s := range stubs {
		names[s.SpanContext.SpanID()] = s.Name
	}
	var all []spanData
	for _, s := range stubs {
		d := spanData{Name: s.Name, Parent: names[s.Parent.SpanID()], Kind: s.SpanKind, Status: s.Status.Code, Attributes: map[attribute.Key]any{}}
		for _, a := range s.Attributes {
			d.Attributes[a.Key] = a.Value.AsInterface()
		}
		all = append(all, d)
	}
	return all
}

// TestOtelaws checks that otelaws creates a span for each call as a child of the caller's span, and that the requests
// propagate the trace.
func TestOtelaws(t *testing.T) {
	t.Parallel()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	var received []*http.Request
	client := newClient(newServer(t, &received, 503, 200, 404), func(o *gamesparks.Options) {
		otelaws.AppendMiddlewares(&o.APIOptions, otelaws.WithTracerProvider(provider), otelaws.WithTextMapPropagator(propagation.TraceContext{}))
	})

	ctx, parent := provider.Tracer("caller").Start(t.Context(), "caller")
	in := &gamesparks.GetGameInput{GameName: new("g")}
	out, err := client.GetGame(ctx, in)
	if err != nil || aws.ToString(out.Game.Name) != "g" {
		t.Fatalf("GetGame returned %+v, error %v", out, err)
	}
	if _, err := client.GetGame(ctx, in); !gamesparks.IsNotFound(err) {
		t.Fatalf("GetGame: error %v, want a ResourceNotFoundException", err)
	}
	parent.End()

	got := spans(exporter)
	for i := range got {
		delete(got[i].Attributes, "error.type")
	}
	call := func(status codes.Code, httpStatus int64) spanData {
		return spanData{
			Name: "GameSparks.GetGame", Parent: "caller", Kind: trace.SpanKindClient, Status: status,
			Attributes: map[attribute.Key]any{
				"rpc.system.name": "aws-api", "rpc.method": "GameSparks/GetGame", "aws.region": "us-west-2",
				"http.response.status_code": httpStatus, "aws.request_id": "request-1",
			},
		}
	}
	want := []spanData{
		{Name: "caller", Kind: trace.SpanKindInternal, Attributes: map[attribute.Key]any{}}, call(codes.Unset, 200), call(codes.Error, 404),
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	if len(received) != 3 {
		t.Fatalf("%d requests, want 3", len(received))
	}
	for i, r := range received {
		if got, want := r.Header.Get("Traceparent"), parent.SpanContext().TraceID().String(); !strings.Contains(got, want) {
			t.Errorf("request %d: Traceparent is %q, want trace %s", i, got, want)
		}
	}
}

// TestAdapters checks the spans and metrics that the client exports through the adapters of smithy-go.
func TestAdapters(t *testing.T) {
	t.Parallel()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	reader := metric.NewManualReader()
	meters := metric.NewMeterProvider(metric.WithReader(reader))
	var received []*http.Request
	client := newClient(newServer(t, &received, 503, 404), func(o *gamesparks.Options) {
		o.TracerProvider = smithyoteltracing.Adapt(provider)
		o.MeterProvider = smithyotelmetrics.Adapt(meters)
	})
	ctx, parent := provider.Tracer("caller").Start(t.Context(), "caller")
	if _, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("g")}); !gamesparks.IsNotFound(err) {
		t.Fatalf("GetGame: error %v, want a ResourceNotFoundException", err)
	}
	parent.End()

	got := spans(exporter)
	if len(got) < 2 || got[0].Name != "caller" {
		t.Fatalf("got spans %+v, want at least two, beginning with the caller's", got)
	}
	want := spanData{
		Name: "GameSparks.GetGame", Parent: "caller", Kind: trace.SpanKindClient, Status: codes.Error,
		Attributes: map[attribute.Key]any{
			"rpc.system": "aws-api", "rpc.service": "GameSparks", "rpc.method": "GetGame", "error": true,
			"exception.type": "*http.ResponseError", "api.error_code": "ResourceNotFoundException", "api.error_message": "",
			"api.error_fault":   "client",
			"exception.message": "https response error StatusCode: 404, RequestID: request-1, ResourceNotFoundException: ",
		},
	}
	if diff := gocmp.Diff(want, got[1]); diff != "" {
		t.Errorf("call span (-want +got):\n%s", diff)
	}

	var collected metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &collected); err != nil {
		t.Fatal(err)
	}
	attempts := int64(0)
	for _, scope := range collected.ScopeMetrics {
		if scope.Scope.Name != "github.com/gamesparks-go/gamesparks" {
			t.Errorf("unexpected scope %s", scope.Scope.Name)
		}
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == "client.call.attempts" {
				for _, p := range sum.DataPoints {
					method, _ := p.Attributes.Value("rpc.method")
					if method.AsString() != "GetGame" {
						t.Errorf("%s: attributes %v, want rpc.method GetGame", m.Name, p.Attributes)
					}
					attempts += p.Value
				}
			}
		}
	}
	if attempts != 2 {
		t.Errorf("client.call.attempts is %d, want 2", attempts)
	}
}

// telemetry describes the spans and metrics of a call, with the keys of their attributes but without the values.
type telemetry struct{ Spans, Metrics []string }

func record(t *testing.T, call func(*sdktrace.TracerProvider, *metric.MeterProvider)) telemetry {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	reader := metric.NewManualReader()
	call(sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)), metric.NewMeterProvider(metric.WithReader(reader)))

	var recorded telemetry
	for _, s := range spans(exporter) {
		recorded.Spans = append(recorded.Spans, strings.Join([]string{
			generalName(s.Parent), generalName(s.Name), s.Kind.String(), s.Status.String(), strings.Join(sortedKeys(s.Attributes), ","),
		}, " | "))
	}
	var collected metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &collected); err != nil {
		t.Fatal(err)
	}
	for _, scope := range collected.ScopeMetrics {
		for _, m := range scope.Metrics {
			attributes := map[attribute.Key]any{}
			add := func(set attribute.Set) {
				for _, a := range set.ToSlice() {
					attributes[a.Key] = true
				}
			}
			points := 0
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					points++
					add(p.Attributes)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					points += int(p.Count)
					add(p.Attributes)
				}
			default:
				t.Errorf("metric %s has unexpected data of type %T", m.Name, m.Data)
			}
			if strings.HasPrefix(m.Name, "client.http.connections.") {
				points = 0 // The number depends on the open connections.
			}
			recorded.Metrics = append(recorded.Metrics, strings.Join([]string{
				m.Name, m.Unit, strings.Repeat("*", points), strings.Join(sortedKeys(attributes), ","),
			}, " | "))
		}
	}
	slices.Sort(recorded.Metrics)
	return recorded
}

// generalName replaces the service and operation in a span name with a placeholder.
func generalName(name string) string {
	if strings.HasPrefix(name, "Lambda.") || strings.HasPrefix(name, "GameSparks.") {
		return "Service.Operation"
	}
	return name
}

func sortedKeys(m map[attribute.Key]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, string(k))
	}
	slices.SortFunc(keys, cmp.Compare)
	return keys
}

// TestSameAsLambda compares spans and metrics with those of the Lambda client, a current aws-sdk-go-v2 client that uses
// the same protocol.
func TestSameAsLambda(t *testing.T) {
	t.Parallel()
	for name, statuses := range map[string][]int{"success": {200}, "retry": {503, 200}, "error": {404}, "attempts exhausted": {503}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := record(t, func(tracers *sdktrace.TracerProvider, meters *metric.MeterProvider) {
				var received []*http.Request
				server := newServer(t, &received, statuses...)
				client := lambda.New(lambda.Options{
					Region: "us-west-2", BaseEndpoint: &server.URL, Credentials: credentials, HTTPClient: server.Client(), Retryer: noBackoff(),
					TracerProvider: smithyoteltracing.Adapt(tracers), MeterProvider: smithyotelmetrics.Adapt(meters),
				})
				client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: new("f")})
			})
			got := record(t, func(tracers *sdktrace.TracerProvider, meters *metric.MeterProvider) {
				var received []*http.Request
				client := newClient(newServer(t, &received, statuses...), func(o *gamesparks.Options) {
					o.TracerProvider = smithyoteltracing.Adapt(tracers)
					o.MeterProvider = smithyotelmetrics.Adapt(meters)
				})
				client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("g")})
			})
			if len(want.Spans) < 5 || len(want.Metrics) < 8 {
				t.Fatalf("Lambda telemetry = %+v, want at least 5 spans and 8 metrics", want)
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("telemetry (-lambda +gamesparks):\n%s", diff)
			}
		})
	}
}
