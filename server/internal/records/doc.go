// Package records defines what the service stores: the records, their keys and their expiry. It maps records to the
// ordered keys of a [storage.Store], whose implementations are in memory and in a file; one in PostgreSQL would be
// server/storage/postgres. Package records knows neither operations nor HTTP.
package records
