// Package controlplane implements the operations of the GameSparks API on top of package records. Inputs and outputs have
// the types of the SDK. The package does not depend on HTTP: package server authenticates callers, decodes and validates
// inputs, and converts a [FileRef] to a URL.
//
// The runtime that players use is not part of this package; cloud code would belong in package server/cloudcode. The only
// exception is [Service.AdmitPlayer], which checks whether a player may connect.
package controlplane
