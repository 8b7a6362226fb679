module github.com/gamesparks-go/gamesparks/project

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/smithy-go v1.28.9
	github.com/aymanbagabas/go-udiff v0.4.1
	github.com/dop251/goja v0.0.0-20260917113740-793a2a65c13b
	github.com/gamesparks-go/gamesparks v0.0.0
	github.com/go-json-experiment/json v1.27.2
	github.com/google/go-cmp v0.7.0
	pgregory.net/rapid v1.3.0
)

require (
	github.com/go-sourcemap/sourcemap v2.1.3+incompatible // indirect
	golang.org/x/text v0.3.8 // indirect
)

replace github.com/gamesparks-go/gamesparks => ..
