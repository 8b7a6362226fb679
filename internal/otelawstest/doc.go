// Package otelawstest tests the client with OpenTelemetry: otelaws from opentelemetry-go-contrib and the adapters
// from smithy-go. It is a separate module, so that the dependencies of these tests are not dependencies of the client.
package otelawstest
