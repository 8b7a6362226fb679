// Package controlplane implements the operations of the GameSparks API on the records of package records. Inputs and
// outputs are types of the SDK. The package knows nothing of HTTP: package server authenticates callers, decodes and
// validates inputs, and turns a [FileRef] into a URL.
//
// The runtime of players belongs beside this package: cloud code would be server/cloudcode. Of it, this package has only
// the check whether a player may connect, [Service.AdmitPlayer].
package controlplane
