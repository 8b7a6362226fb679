// Package server is a self-hosted GameSparks service. AWS has closed the hosted service; this one implements its API for
// unmodified clients of any AWS SDK.
//
// [Start] starts a server on the loopback interface. This program creates a game on it:
//
//	func main() {
//		srv, err := server.Start(server.WithRegion("eu-west-1"))
//		if err != nil {
//			log.Fatal(err)
//		}
//		defer srv.Close()
//
//		created, err := srv.Client().CreateGame(context.Background(), &gamesparks.CreateGameInput{GameName: new("chess")})
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println(*created.Game.Arn) // arn:aws:gamesparks:eu-west-1:123456789012:game/chess
//	}
//
// In a test, use [github.com/gamesparks-go/gamesparks/server/servertest]. To serve on another address, use [New], which
// returns the service as an [http.Handler], and pass the listener to [ErrorListener]. With the default access key, the
// service accepts only requests to loopback hosts: see [WithAllowedHosts]. By default, the service keeps its data in
// memory. To keep it in a file, use [WithStoreFunc] with package storage.
//
// The page docs/fidelity.md of the repository describes each operation: where it follows the reference of the hosted
// service, which choices fill gaps in that reference, and where it differs.
//
// This package implements the options, the HTTP layer and logging. The layers below it are:
//
//   - internal/controlplane: the 33 operations, without HTTP. Support for cloud code, which runs game scripts, would belong
//     in package server/cloudcode;
//   - internal/records: the stored records, their keys and their expiry;
//   - storage: stores in memory and in a file. Package storage/postgres adds a store in a PostgreSQL database.
//
// Each package imports only packages from lower layers.
package server
