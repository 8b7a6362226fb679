// Package otelawstest holds tests of the client with OpenTelemetry: contrib's otelaws, and smithy-go's adapters. It is
// a module of its own, so that what the tests need is no dependency of the client.
package otelawstest
