package gamesparks

import (
	"context"
	"errors"
	"fmt"
	"time"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
)

// scope is the instrumentation scope of spans and metrics.
const scope = "github.com/gamesparks-go/gamesparks"

// duration is a duration metric of a call, in seconds.
type duration struct{ name, description string }

var (
	callDuration            = duration{"client.call.duration", "Duration of the call, including retries and reading the response body"}
	serializeDuration       = duration{"client.call.serialization_duration", "Duration of request serialization"}
	resolveIdentityDuration = duration{"client.call.auth.resolve_identity_duration", "Duration of identity resolution"}
	resolveEndpointDuration = duration{"client.call.resolve_endpoint_duration", "Duration of endpoint resolution, excluding DNS"}
	signingDuration         = duration{"client.call.auth.signing_duration", "Duration of request signing"}
	deserializeDuration     = duration{"client.call.deserialization_duration", "Duration of response deserialization"}
)

type callMeterKey struct{}

// callMeter records the metrics of one call.
type callMeter struct {
	meter     metrics.Meter
	operation string
}

func withCallMeter(ctx context.Context, p metrics.MeterProvider, operation string) context.Context {
	if _, nop := p.(metrics.NopMeterProvider); nop {
		return ctx
	}
	return context.WithValue(ctx, callMeterKey{}, &callMeter{p.Meter(scope), operation})
}

// timer records a duration. The zero value records nothing.
type timer struct {
	histogram metrics.Float64Histogram
	operation string
	start     time.Time
}

// startTimer starts a timer for the call in ctx. It returns the zero timer if the duration is nil or the call records
// no metrics.
func startTimer(ctx context.Context, d *duration) (timer, error) {
	m, _ := ctx.Value(callMeterKey{}).(*callMeter)
	if m == nil || d == nil {
		return timer{}, nil
	}
	histogram, err := m.meter.Float64Histogram(d.name, func(o *metrics.InstrumentOptions) {
		o.UnitLabel = "s"
		o.Description = d.description
	})
	return timer{histogram, m.operation, time.Now()}, err
}

// record records the time since the timer was started.
func (t timer) record(ctx context.Context, opts ...metrics.RecordMetricOption) {
	if t.histogram == nil {
		return
	}
	t.histogram.Record(ctx, time.Since(t.start).Seconds(), append(opts, func(o *metrics.RecordMetricOptions) {
		o.Properties.Set("rpc.service", ServiceID)
		o.Properties.Set("rpc.method", t.operation)
	})...)
}

// timed calls fn and records its duration. If d is nil, it records nothing.
func timed(ctx context.Context, d *duration, fn func() error, opts ...metrics.RecordMetricOption) error {
	t, err := startTimer(ctx, d)
	if err != nil {
		return err
	}
	err = fn()
	t.record(ctx, opts...)
	return err
}

// startCallSpan starts the root span of a call.
func startCallSpan(ctx context.Context, p tracing.TracerProvider, operation string) (context.Context, tracing.Span) {
	tracer := p.Tracer(scope)
	ctx = tracing.WithOperationTracer(ctx, tracer)
	return tracer.StartSpan(ctx, ServiceID+"."+operation, func(o *tracing.SpanOptions) {
		o.Kind = tracing.SpanKindClient
		o.Properties.Set("rpc.system", "aws-api")
		o.Properties.Set("rpc.method", operation)
		o.Properties.Set("rpc.service", ServiceID)
	})
}

func endCallSpan(span tracing.Span, err error) {
	span.SetProperty("error", err != nil)
	if err == nil {
		span.SetStatus(tracing.SpanStatusOK)
		span.End()
		return
	}
	span.SetProperty("exception.type", fmt.Sprintf("%T", err))
	span.SetProperty("exception.message", err.Error())
	var api smithy.APIError
	if errors.As(err, &api) {
		span.SetProperty("api.error_code", api.ErrorCode())
		span.SetProperty("api.error_message", api.ErrorMessage())
		span.SetProperty("api.error_fault", api.ErrorFault().String())
	}
	span.SetStatus(tracing.SpanStatusError)
	span.End()
}
