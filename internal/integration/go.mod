module github.com/gamesparks-go/gamesparks/internal/integration

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/smithy-go v1.28.9
	github.com/gamesparks-go/gamesparks v0.0.0
	github.com/gamesparks-go/gamesparks/server v0.0.0
	github.com/google/go-cmp v0.7.0
	go.uber.org/goleak v1.3.0
)

require (
	github.com/coder/websocket v1.8.15 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/tidwall/btree v1.8.2 // indirect
	go.etcd.io/bbolt v1.5.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
)

replace github.com/gamesparks-go/gamesparks => ../..

replace github.com/gamesparks-go/gamesparks/server => ../../server
