module github.com/gamesparks-go/gamesparks/internal/integration

go 1.26.0

require (
	github.com/aws/aws-sdk-go v1.45.28
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/smithy-go v1.28.9
	github.com/gamesparks-go/gamesparks v0.0.0
	github.com/gamesparks-go/gamesparks/project v0.0.0
	github.com/gamesparks-go/gamesparks/server v0.0.0
	github.com/google/go-cmp v0.7.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	go.uber.org/goleak v1.3.0
	pgregory.net/rapid v1.3.0
)

require (
	github.com/aymanbagabas/go-udiff v0.4.1 // indirect
	github.com/coder/websocket v1.8.15 // indirect
	github.com/dop251/goja v0.0.0-20260917113740-793a2a65c13b // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/go-sourcemap/sourcemap v2.1.3+incompatible // indirect
	github.com/jmespath/go-jmespath v0.4.0 // indirect
	github.com/tidwall/btree v1.8.2 // indirect
	go.etcd.io/bbolt v1.5.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.41.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/gamesparks-go/gamesparks => ../..

replace github.com/gamesparks-go/gamesparks/project => ../../project

replace github.com/gamesparks-go/gamesparks/server => ../../server
