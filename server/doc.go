// Package local is the GameSparks service on your own machine: what answers the API now that AWS has closed the hosted
// service. Unchanged clients of any AWS SDK work with it.
//
// A test gets a server of its own, and a client of it, in two lines:
//
//	srv := servertest.Start(t)
//	client := srv.Client()
//
// [Serve] starts one outside of a test, and [New] returns the service as an [http.Handler] to be served in any way.
// README.md in this package's directory tells, operation by operation, what is faithful to the hosted service, what
// was chosen where its reference is silent, and what differs.
package server
