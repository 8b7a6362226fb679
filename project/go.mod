module github.com/gamesparks-go/gamesparks/project

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/smithy-go v1.28.9
	github.com/gamesparks-go/gamesparks v0.0.0
	github.com/go-json-experiment/json v1.27.2
	github.com/google/go-cmp v0.7.0
	pgregory.net/rapid v1.3.0
)

require github.com/aymanbagabas/go-udiff v0.4.1

replace github.com/gamesparks-go/gamesparks => ..
