// Package processtest suspends child processes in tests. It has functions on Unix only.
package processtest
