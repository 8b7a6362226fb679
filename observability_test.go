package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

const scope = "github.com/gamesparks-go/gamesparks"

// spanRecorder is a tracer provider that records spans.
type spanRecorder struct {
	mu    sync.Mutex
	spans []*recordedSpan
}

type recordedSpan struct {
	recorder   *spanRecorder
	scope      string
	name       string
	parent     *recordedSpan
	kind       tracing.SpanKind
	properties map[string]any
	status     tracing.SpanStatus
	ends       int
}

func (r *spanRecorder) Tracer(scope string, _ ...tracing.TracerOption) tracing.Tracer {
	return recordingTracer{r, scope}
}

type recordingTracer struct {
	*spanRecorder
	scope string
}

func (r recordingTracer) StartSpan(ctx context.Context, name string, opts ...tracing.SpanOption) (context.Context, tracing.Span) {
	var options tracing.SpanOptions
	for _, fn := range opts {
		fn(&options)
	}
	span := &recordedSpan{recorder: r.spanRecorder, scope: r.scope, name: name, kind: options.Kind, properties: map[string]any{}}
	for k, v := range options.Properties.Values() {
		span.properties[fmt.Sprint(k)] = v
	}
	if parent, ok := tracing.GetSpan(ctx); ok {
		span.parent, _ = parent.(*recordedSpan)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spans = append(r.spans, span)
	return tracing.WithSpan(ctx, span), span
}

func (s *recordedSpan) Name() string                            { return s.name }
func (s *recordedSpan) Context() tracing.SpanContext            { return tracing.SpanContext{} }
func (s *recordedSpan) AddEvent(string, ...tracing.EventOption) {}
func (s *recordedSpan) SetStatus(status tracing.SpanStatus)     { s.status = status }
func (s *recordedSpan) SetProperty(k, v any)                    { s.properties[fmt.Sprint(k)] = v }
func (s *recordedSpan) End()                                    { s.ends++ }

// tree returns the names of the spans in start order, indented by depth.
func (r *spanRecorder) tree() []string {
	var lines []string
	for _, s := range r.spans {
		depth := 0
		for p := s.parent; p != nil; p = p.parent {
			depth++
		}
		lines = append(lines, strings.Repeat("  ", depth)+s.name)
	}
	return lines
}

// attempt lists the spans of one attempt.
var attempt = []string{
	"    Attempt",
	"      ResolveAuthScheme", "      GetIdentity", "      ResolveEndpoint", "      ComputePayloadSHA256", "      SignRequest",
	"      DoHTTPRequest", "      OperationDeserializer",
}

// TestTracing checks the spans of a call. They match those of current SDK clients.
func TestTracing(t *testing.T) {
	t.Parallel()
	spans := &spanRecorder{}
	r := &recorder{answers: []answer{failure(503, "InternalServerException"), {body: "{}"}}}
	client := newClient(r, func(o *gamesparks.Options) { o.TracerProvider = spans })
	if _, err := client.UpdateGame(t.Context(), &gamesparks.UpdateGameInput{GameName: aws.String("g"), Description: aws.String("abc")}); err != nil {
		t.Fatal(err)
	}
	want := slices.Concat([]string{"GameSparks.UpdateGame", "  OperationSerializer", "  RetryLoop"}, attempt, attempt)
	if diff := cmp.Diff(want, spans.tree()); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	properties := map[string][]map[string]any{}
	for _, s := range spans.spans {
		if s.ends == 0 {
			t.Errorf("span %s has not ended", s.name)
		}
		if s.scope != scope {
			t.Errorf("span %s has scope %s", s.name, s.scope)
		}
		if len(s.properties) > 0 {
			properties[s.name] = append(properties[s.name], s.properties)
		}
	}
	root := spans.spans[0]
	if root.kind != tracing.SpanKindClient || root.status != tracing.SpanStatusOK || root.parent != nil {
		t.Errorf("root span has kind %v and status %v, want a client span with status OK and no parent", root.kind, root.status)
	}
	request := func(status int) map[string]any {
		return map[string]any{
			"http.method": "PATCH", "http.request_content_length": int64(len(`{"Description":"abc"}`)), "http.status_code": status,
			"http.response_content_length": int64(-1), "net.protocol.version": "0.0",
		}
	}
	scheme := map[string]any{"auth.scheme_id": "aws.auth#sigv4"}
	endpoint := map[string]any{"client.call.resolved_endpoint": testEndpoint}
	wantProperties := map[string][]map[string]any{
		"GameSparks.UpdateGame": {{"rpc.system": "aws-api", "rpc.method": "UpdateGame", "rpc.service": "GameSparks", "error": false}},
		"Attempt":               {{"operation.attempt": 1}, {"operation.attempt": 2}},
		"ResolveAuthScheme":     {scheme, scheme},
		"ResolveEndpoint":       {endpoint, endpoint},
		"DoHTTPRequest":         {request(503), request(200)},
	}
	if diff := cmp.Diff(wantProperties, properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}

// TestTracingPanic checks that the span of a call that panics has the error status.
func TestTracingPanic(t *testing.T) {
	t.Parallel()
	spans := &spanRecorder{}
	client := newClient(doFunc(func(*http.Request) (*http.Response, error) { panic("in the HTTP client") }),
		func(o *gamesparks.Options) { o.TracerProvider = spans })
	func() {
		defer func() {
			if p := recover(); p != "in the HTTP client" {
				t.Errorf("got panic value %v, want that of the HTTP client", p)
			}
		}()
		client.ListGames(t.Context(), nil)
	}()
	root := spans.spans[0]
	if root.status != tracing.SpanStatusError || root.properties["exception.message"] != "panic" || root.ends != 1 {
		t.Errorf("root span has status %v and properties %v and ended %d times", root.status, root.properties, root.ends)
	}
}

// TestTracingErrors checks the span properties that describe an error. They describe the underlying error, not the
// OperationError.
func TestTracingErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := map[string]struct {
		answer answer
		input  *gamesparks.GetGameInput
		want   map[string]any
	}{
		"modeled": {
			failure(404, "ResourceNotFoundException"), &gamesparks.GetGameInput{GameName: aws.String("g")},
			map[string]any{
				"exception.type":    "*http.ResponseError",
				"exception.message": "https response error StatusCode: 404, RequestID: , ResourceNotFoundException: m",
				"api.error_code":    "ResourceNotFoundException", "api.error_message": "m", "api.error_fault": "client",
			},
		},
		"unmodeled": {
			failure(400, "NewException"), &gamesparks.GetGameInput{GameName: aws.String("g")},
			map[string]any{
				"exception.type":    "*http.ResponseError",
				"exception.message": "https response error StatusCode: 400, RequestID: , api error NewException: m",
				"api.error_code":    "NewException", "api.error_message": "m", "api.error_fault": "client",
			},
		},
		"transport": {
			answer{err: broken}, &gamesparks.GetGameInput{GameName: aws.String("g")},
			map[string]any{
				"exception.type": "*retry.MaxAttemptsError",
				"exception.message": "exceeded maximum number of attempts, 1, https response error StatusCode: 0, RequestID: , " +
					"request send failed, broken",
			},
		},
		"validation": {
			success, &gamesparks.GetGameInput{},
			map[string]any{
				"exception.type":    "smithy.InvalidParamsError",
				"exception.message": "1 validation error(s) found.\n- missing required field, GetGameInput.GameName.\n",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans := &spanRecorder{}
			client := newClient(&recorder{answers: []answer{test.answer}}, once, func(o *gamesparks.Options) { o.TracerProvider = spans })
			if _, err := client.GetGame(t.Context(), test.input); err == nil {
				t.Fatal("no error")
			}
			root := spans.spans[0]
			if root.status != tracing.SpanStatusError {
				t.Errorf("status %v", root.status)
			}
			test.want["rpc.system"], test.want["rpc.method"], test.want["rpc.service"] = "aws-api", "GetGame", "GameSparks"
			test.want["error"] = true
			if diff := cmp.Diff(test.want, root.properties); diff != "" {
				t.Errorf("properties (-want +got):\n%s", diff)
			}
			for _, s := range spans.spans {
				if s.ends == 0 {
					t.Errorf("span %s has not ended", s.name)
				}
			}
		})
	}
}

// meterRecorder is a meter provider that records measurements.
type meterRecorder struct {
	mu      sync.Mutex
	scopes  map[string]bool
	units   map[string]string
	records map[string][]map[string]any // properties by instrument
	values  map[string][]float64
	broken  string // the instrument that cannot be created
}

func newMeterRecorder() *meterRecorder {
	return &meterRecorder{
		scopes: map[string]bool{}, units: map[string]string{}, records: map[string][]map[string]any{}, values: map[string][]float64{},
	}
}

func (m *meterRecorder) Meter(scope string, _ ...metrics.MeterOption) metrics.Meter {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.scopes[scope] = true
	return recordingMeter{metrics.NopMeterProvider{}.Meter(""), m}
}

type recordingMeter struct {
	metrics.Meter // creates the kinds of instruments that clients do not use
	recorder      *meterRecorder
}

func (m recordingMeter) instrument(name string, opts []metrics.InstrumentOption) (instrument, error) {
	var options metrics.InstrumentOptions
	for _, fn := range opts {
		fn(&options)
	}
	m.recorder.mu.Lock()
	defer m.recorder.mu.Unlock()
	if name == m.recorder.broken {
		return instrument{}, errors.New("no such instrument: " + name)
	}
	if options.Description == "" {
		return instrument{}, errors.New("no description of " + name)
	}
	m.recorder.units[name] = options.UnitLabel
	return instrument{m.recorder, name}, nil
}

func (m recordingMeter) Float64Histogram(name string, opts ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	return m.instrument(name, opts)
}

func (m recordingMeter) Int64Counter(name string, opts ...metrics.InstrumentOption) (metrics.Int64Counter, error) {
	i, err := m.instrument(name, opts)
	return counter{i}, err
}

func (m recordingMeter) Int64UpDownCounter(name string, opts ...metrics.InstrumentOption) (metrics.Int64UpDownCounter, error) {
	i, err := m.instrument(name, opts)
	return counter{i}, err
}

type instrument struct {
	recorder *meterRecorder
	name     string
}

func (i instrument) Record(_ context.Context, v float64, opts ...metrics.RecordMetricOption) {
	var options metrics.RecordMetricOptions
	for _, fn := range opts {
		fn(&options)
	}
	properties := map[string]any{}
	for k, v := range options.Properties.Values() {
		properties[fmt.Sprint(k)] = v
	}
	i.recorder.mu.Lock()
	defer i.recorder.mu.Unlock()
	i.recorder.records[i.name] = append(i.recorder.records[i.name], properties)
	i.recorder.values[i.name] = append(i.recorder.values[i.name], v)
}

type counter struct{ instrument }

func (c counter) Add(ctx context.Context, v int64, opts ...metrics.RecordMetricOption) {
	c.Record(ctx, float64(v), opts...)
}

// TestMetrics checks the metrics of a call over HTTP. They match those of current SDK clients.
func TestMetrics(t *testing.T) {
	t.Parallel()
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("{}"))
	}))
	defer server.Close()
	m := newMeterRecorder()
	client := newClient(server.Client(), func(o *gamesparks.Options) {
		o.MeterProvider = m
		o.BaseEndpoint = &server.URL
	})
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}

	m.mu.Lock()
	defer m.mu.Unlock()
	rpc := map[string]any{"rpc.service": "GameSparks", "rpc.method": "ListGames"}
	with := func(k string, v any) map[string]any {
		m := maps.Clone(rpc)
		m[k] = v
		return m
	}
	scheme := with("auth.scheme_id", "aws.auth#sigv4")
	want := map[string][]map[string]any{
		"client.call.duration":                       {rpc},
		"client.call.serialization_duration":         {rpc},
		"client.call.auth.resolve_identity_duration": {scheme, scheme},
		"client.call.resolve_endpoint_duration":      {rpc, rpc},
		"client.call.auth.signing_duration":          {scheme, scheme},
		"client.call.deserialization_duration":       {rpc, rpc},
		"client.call.attempts":                       {rpc, rpc},
		"client.call.attempt_duration":               {rpc, rpc},
	}
	got := maps.Clone(m.records)
	for name := range got {
		if strings.HasPrefix(name, "client.http.") {
			delete(got, name)
		}
	}
	if errs := got["client.call.errors"]; len(errs) != 1 || errs[0]["rpc.method"] != "ListGames" || errs[0]["exception.type"] == nil {
		t.Errorf("client.call.errors: unexpected measurements %v", errs)
	}
	delete(got, "client.call.errors")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	for name, unit := range map[string]string{
		"client.call.duration": "s", "client.call.attempts": "{attempt}", "client.call.errors": "{error}",
		"client.http.connections.acquire_duration": "s", "client.http.connections.usage": "{connection}",
		"client.http.do_request_duration": "s", "client.http.time_to_first_byte": "s",
		"client.http.connections.dns_lookup_duration": "s", "client.http.connections.tls_handshake_duration": "s",
	} {
		if m.units[name] != unit {
			t.Errorf("%s has unit %q, want %q", name, m.units[name], unit)
		}
	}
	for _, name := range []string{"client.http.do_request_duration", "client.http.time_to_first_byte", "client.http.connections.usage"} {
		if len(m.records[name]) == 0 {
			t.Errorf("%s has no measurements", name)
		}
	}
	if diff := cmp.Diff(map[string]bool{scope: true}, m.scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	whole := m.values["client.call.duration"][0]
	for name, values := range m.values {
		for _, v := range values {
			if strings.HasPrefix(name, "client.call") && strings.HasSuffix(name, "duration") && (v < 0 || v > whole) {
				t.Errorf("%s = %v s, want between 0 and the call duration of %v s", name, v, whole)
			}
		}
	}
}

// TestMeterFails checks that a call returns an error, and does not panic, if a meter cannot create an instrument.
func TestMeterFails(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"client.call.duration", "client.call.serialization_duration", "client.call.auth.resolve_identity_duration",
		"client.call.resolve_endpoint_duration", "client.call.auth.signing_duration", "client.call.deserialization_duration",
		"client.call.attempts", "client.http.do_request_duration",
	} {
		m := newMeterRecorder()
		m.broken = name
		_, err := newClient(&recorder{}, func(o *gamesparks.Options) { o.MeterProvider = m }).ListGames(t.Context(), nil)
		var op *smithy.OperationError
		if err == nil || !strings.Contains(err.Error(), "no such instrument: "+name) || !errors.As(err, &op) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
