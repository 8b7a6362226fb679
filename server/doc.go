// Package server is a self-hosted GameSparks service. AWS has closed the hosted service; this one answers its API to
// unchanged clients of any AWS SDK.
//
// In a test, use package servertest:
//
//	srv := servertest.Start(t)
//	client := srv.Client()
//
// [Start] starts a server in a program, and [New] returns the service as an [http.Handler]. README.md in the directory of
// this package states for each operation what is faithful to the hosted service, what was chosen where its reference is
// silent, and what differs.
//
// The package has options, HTTP and observation. Below it, with imports that go down only, are
//
//   - internal/controlplane: the 33 operations, without HTTP. Cloud code, which runs the scripts of games, belongs beside
//     it in package server/cloudcode;
//   - internal/records: what is stored, its keys and its expiry;
//   - storage: the stores, in memory and in a file. A store in PostgreSQL belongs in package server/storage/postgres.
package server
