// Package records defines the data model of the service: its records, their keys and their expiry. It maps records to the
// ordered keys of a [storage.Store]. It depends neither on the operations of the API nor on HTTP.
package records
